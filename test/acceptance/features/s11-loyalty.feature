@S11
Feature: Active and passive loyalty
  Who buys again over a long time is loyal actively; who only stays is not. Silence is never taken for satisfaction, and
  referrals count.

  Scenario: A recommendation counts, and more so when somebody came of it
    Given Ada registers 40 days ago
    When we record a referral for Ada 20 days ago:
      | referralId | ref-1 |
    Then Ada's record shows:
      | referrals | 1 |

  Scenario: A contract that renews itself is no sign of satisfaction
    Given Ada registers 300 days ago
    And we sign a contract for Ada 290 days ago:
      | contractId   | k-1          |
      | productId    | care         |
      | startDate    | 290 days ago |
      | endDate      | 110 days ago |
      | periodMonths | 6            |
      | autoRenew    | true         |
      | noticeDays   | 30           |
    When we review the relationship for Ada
    Then Ada's history lists:
      | type            | details.automatic |
      | ContractRenewed | true              |
    And Ada's record shows:
      | relationship.stage | involvement |

  Scenario: Silence is no proof of anything
    Given Ada registers 170 days ago
    And Ada buys "espresso-1kg" for 20.00 EUR 160 days ago
    And Ada buys "espresso-1kg" for 20.00 EUR 158 days ago
    And Ada buys "espresso-1kg" for 20.00 EUR 156 days ago
    And Ada buys "espresso-1kg" for 20.00 EUR 154 days ago
    When we review the relationship for Ada 10 days ago
    Then Ada's record shows:
      | relationship.stage  | involvement |
      | satisfaction.length | 0           |

  Scenario: Who buys again and again and is satisfied is loyal actively
    Given Ada registers 200 days ago
    And Ada is brought to intimacy
    And Ada buys "espresso-1kg" for 20.00 EUR 10 days ago
    When we ask loyalty/customer about Ada
    Then the answer shows:
      | mode         | active    |
      | satisfaction | positive  |

  Scenario: Who has been silent for long is not called satisfied
    Given Ada registers 900 days ago
    And Ada buys "espresso-1kg" for 20.00 EUR 890 days ago
    And Ada buys "espresso-1kg" for 20.00 EUR 860 days ago
    And Ada buys "espresso-1kg" for 20.00 EUR 830 days ago
    When we ask loyalty/customer about Ada
    Then the answer shows:
      | mode         | dormant |
      | satisfaction | unknown |

  Scenario: Who brings new customers stands at the top of the ladder
    Given Bob registers 30 days ago
    And Ada registers 200 days ago
    And Ada is brought to intimacy
    And we record a referral for Ada 20 days ago:
      | referralId | ref-1 |
    And we convert the referral for Ada 10 days ago:
      | referralId         | ref-1      |
      | referredCustomerId | <Bob>      |
      | value              | 300.00 EUR |
    When we ask loyalty/customer about Ada
    Then the answer shows:
      | rung               | advertiser |
      | referralsConverted | 1          |

  Scenario: Who is bound and shows no satisfaction is captive, not loyal
    Given Ada registers 500 days ago
    And we sign a contract for Ada 490 days ago:
      | contractId   | k-1          |
      | productId    | care         |
      | startDate    | 490 days ago |
      | endDate      | in 90 days   |
      | periodMonths | 12           |
      | autoRenew    | true         |
      | noticeDays   | 30           |
    When we ask loyalty/customer about Ada
    Then the answer shows:
      | mode         | passiveCaptive |
      | bound        | true           |
      | satisfaction | unknown        |
    When we ask loyalty/by-mode:
      | mode  | passiveCaptive |
      | limit | 200            |
    Then the answer lists:
      | customerId |
      | <Ada>      |
    When we ask loyalty/modes
    Then the answer lists under "modes":
      | mode           | customers  |
      | passiveCaptive | at least 1 |

  Scenario: Who still calls and no longer buys is silent, not lost and not satisfied
    Given Ada registers 900 days ago
    And Ada buys "espresso-1kg" for 20.00 EUR 890 days ago
    And Ada buys "espresso-1kg" for 20.00 EUR 860 days ago
    And Ada buys "espresso-1kg" for 20.00 EUR 830 days ago
    And Ada calls us 20 days ago
    When we ask loyalty/customer about Ada
    Then the answer shows:
      | mode         | passiveSilent |
      | satisfaction | unknown       |

  Scenario: Somebody who praises us in public is an advocate, until they speak against us
    Given Ada registers 200 days ago
    And Ada buys "machine" for 300.00 EUR 100 days ago
    And we record an advocacy for Ada 20 days ago:
      | kind    | review |
      | channel | social |
    When we ask loyalty/by-rung:
      | rung  | advocate |
      | limit | 200      |
    Then the answer lists:
      | customerId | advocacies |
      | <Ada>      | 1          |
    When we ask loyalty/ladder
    Then the answer lists under "rungs":
      | rung     | customers  |
      | advocate | at least 1 |
    Given we record an advocacy for Ada 10 days ago:
      | kind    | publicComplaint |
      | channel | social          |
    When we ask loyalty/customer about Ada
    Then the answer shows:
      | rung             | customer |
      | publicComplaints | 1        |
      | satisfaction     | negative |
