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
