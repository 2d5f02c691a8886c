@S14
Feature: Personalisation on data of known quality
  What we say to a customer follows from what we learned in every interaction, and we know how good our data are.

  Scenario: A preference of the customer is kept, and the latest one counts
    Given Ada registers 90 days ago
    And we record a preference for Ada 80 days ago:
      | kind   | channel |
      | key    | contact |
      | value  | mail    |
      | source | quiz    |
    When we record a preference for Ada 10 days ago:
      | kind   | channel |
      | key    | contact |
      | value  | email   |
      | source | quiz    |
    Then Ada's record shows:
      | preferences.length   | 1     |
      | preferences[0].value | email |

  Scenario: How good the data of a customer are, and who answers for them
    Given Ada registers 90 days ago
    And we appoint a data steward for Ada 80 days ago:
      | stewardId | <Eve> |
    And we assess the data quality for Ada 70 days ago:
      | completenessPct | 60 |
      | validityPct     | 90 |
      | uniquenessPct   | 95 |
      | timelinessDays  | 30 |
    When we ask data-quality/customer about Ada
    Then the answer shows:
      | stewardId | <Eve> |
    When we ask data-quality/worklist:
      | problem   | incomplete |
      | stewardId | <Eve>      |
    Then the answer lists:
      | customerId |
      | <Ada>      |

  Scenario: What to do next comes with its reasons, and with what holds the rest back
    Given Ada registers 200 days ago
    And Ada consents to marketing by any 200 days ago
    And Ada is brought to deterioration
    When we ask next-best-action/of-customer about Ada
    Then the answer shows:
      | stage                     | deterioration   |
      | actions[0].action         | resolveComplaint |
      | actions[0].because[0].rule | complaintOpen  |
      | actions[0].because[0].evidence.length | at least 1 |
      | actions[1].action         | startRepair     |
      | ruleBookVersion           | some            |
    And the answer lists under "suppressed":
      | action         | suppressedBy | wayOut.length |
      | offerCrossSell | stage        | at least 1    |
      | offerUpSell    | stage        | at least 1    |
    And the answer does not list under "actions":
      | action         |
      | offerCrossSell |
      | offerUpSell    |

  Scenario: The right channel is one the customer allows
    Given Ada registers 20 days ago
    And Ada consents to marketing by email 20 days ago
    When we ask next-best-action/of-customer about Ada
    Then the answer shows:
      | actions[action=offerFirstSale].offer.channels | email |
    When we ask next-best-action/of-customer about Ada:
      | channel | callCentre |
    Then the answer lists under "suppressed":
      | action         | suppressedBy |
      | offerFirstSale | consent      |

  Scenario: Whoever gave no consent is asked for it instead of being sold to
    Given Ada registers 20 days ago
    When we ask next-best-action/of-customer about Ada
    Then the answer lists under "actions":
      | action        |
      | welcome       |
      | askForConsent |
    And the answer lists under "suppressed":
      | action         | suppressedBy | wayOut[0].fact.eventType |
      | offerFirstSale | consent      | ConsentGranted           |

  Scenario: A promise that is due comes before any sale
    Given Ada registers 200 days ago
    And Ada is brought to involvement
    And we make a promise for Ada 5 days ago:
      | promiseId | p-1      |
      | by        | firm     |
      | what      | callback |
      | dueAt     | in 1 day |
    When we ask next-best-action/of-customer about Ada
    Then the answer shows:
      | actions[0].action | keepPromise |

  Scenario: Every answer to an offer teaches what to offer next
    Given Ada registers 200 days ago
    And Ada consents to marketing by any 200 days ago
    And Ada buys "beans" for 20.00 EUR 60 days ago
    And we define a product:
      | productId | <Grinder>  |
      | name      | Grinder    |
      | family    | <Grinders> |
      | tier      | 1          |
      | kind      | durable    |
      | listPrice | 99.00 EUR  |
    And we offer a product for Ada 5 days ago:
      | offerId    | of-1      |
      | productId  | <Grinder> |
      | channel    | email     |
      | initiative | firm      |
    When we record an offer answer for Ada 4 days ago:
      | offerId | of-1     |
      | answer  | accepted |
    And we ask next-best-action/acceptance
    Then the answer lists under "byStage":
      | kind      | stage       | answered   | accepted   |
      | crossSell | involvement | at least 1 | at least 1 |
    And the answer lists under "byChannel":
      | kind      | channel | accepted   |
      | crossSell | email   | at least 1 |
    Given Bob registers 200 days ago
    And Bob buys "beans" for 20.00 EUR 20 days ago
    When we ask next-best-action/of-customer about Bob
    Then the answer shows:
      | actions[action=offerCrossSell].offer.answered | at least 1 |

  Scenario: Whoever declined a product is not offered it again for a while
    Given Ada registers 200 days ago
    And Ada consents to marketing by any 200 days ago
    And Ada buys "beans" for 20.00 EUR 60 days ago
    And we define a product:
      | productId | <Grinder>  |
      | name      | Grinder    |
      | family    | <Grinders> |
      | tier      | 1          |
      | kind      | durable    |
      | listPrice | 99.00 EUR  |
    And we offer a product for Ada 10 days ago:
      | offerId    | of-1      |
      | productId  | <Grinder> |
      | channel    | email     |
      | initiative | firm      |
    And we record an offer answer for Ada 9 days ago:
      | offerId    | of-1     |
      | answer     | declined |
      | reasonCode | notNow   |
    When we offer a product for Ada:
      | offerId    | of-2      |
      | productId  | <Grinder> |
      | channel    | email     |
      | initiative | firm      |
    Then it is refused with OFFER_NOT_PERMITTED
    And it may be asked again from 51 days on
    And the suppressed offer is recorded
    When we ask why an offer to Ada was held back
    Then the answer shows:
      | decision.suppressedBy | coolingOff |

  Scenario: How good the data are over all customers, by who answers for them
    Given Ada registers 90 days ago
    And we appoint a data steward for Ada 80 days ago:
      | stewardId | <Eve> |
    And Bob registers 90 days ago
    And we appoint a data steward for Bob 80 days ago:
      | stewardId | <Eve> |
    When we ask data-quality/quality
    Then the answer lists under "stewards":
      | stewardId | customers |
      | <Eve>     | 2         |
