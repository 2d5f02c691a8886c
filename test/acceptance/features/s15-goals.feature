@S15
Feature: What managing customers is for
  Lifetime value grows, the most valuable stay, those at risk are found in time, and the right thing is offered at the
  right time.

  Scenario: An offer is derived from what the customer holds
    Given Ada registers 200 days ago
    And Ada consents to marketing by any 200 days ago
    And we define a product:
      | productId | s15-machine-1 |
      | name      | s15-machine-1 |
      | family    | machines      |
      | tier      | 1             |
      | kind      | durable       |
      | listPrice | 99.00 EUR     |
    And Ada buys "s15-machine-1" for 300.00 EUR 60 days ago
    And we define a product:
      | productId | s15-1-machine-2 |
      | name      | s15-1-machine-2 |
      | family    | machines        |
      | tier      | 2               |
      | kind      | durable         |
      | listPrice | 99.00 EUR       |
    When we offer a product for Ada:
      | offerId    | of-1            |
      | productId  | s15-1-machine-2 |
      | channel    | email           |
      | initiative | firm            |
    Then it is recorded
    And Ada's record lists under "openOffers":
      | offerId | kind   |
      | of-1    | upSell |

  Scenario: Nothing is offered without consent, and the way out says so
    Given Ada registers 20 days ago
    And we define a product:
      | productId | s15-2-grinder-1 |
      | name      | s15-2-grinder-1 |
      | family    | grinders        |
      | tier      | 1               |
      | kind      | durable         |
      | listPrice | 99.00 EUR       |
    When we offer a product for Ada:
      | offerId    | of-1            |
      | productId  | s15-2-grinder-1 |
      | channel    | email           |
      | initiative | firm            |
    Then it is refused with CONSENT_MISSING
    And the suppressed offer is recorded
    Given Ada consents to marketing by email today
    When we offer a product for Ada:
      | offerId    | of-2            |
      | productId  | s15-2-grinder-1 |
      | channel    | email           |
      | initiative | firm            |
    Then it is recorded

  Scenario: A customer about to leave may be kept, and not be sold to
    Given Ada registers 200 days ago
    And Ada consents to marketing by any 200 days ago
    And Ada is brought to deterioration
    And we define a product:
      | productId | s15-3-grinder-1 |
      | name      | s15-3-grinder-1 |
      | family    | grinders        |
      | tier      | 1               |
      | kind      | durable         |
      | listPrice | 99.00 EUR       |
    When we offer a product for Ada:
      | offerId    | of-1            |
      | productId  | s15-3-grinder-1 |
      | channel    | email           |
      | initiative | firm            |
    Then it is refused with STAGE_FORBIDS_CROSS_SELL
    And we define a product:
      | productId | s15-3-espresso-1kg |
      | name      | s15-3-espresso-1kg |
      | family    | coffee             |
      | tier      | 1                  |
      | kind      | durable            |
      | listPrice | 99.00 EUR          |
    When a dry run asks to offer a product for Ada:
      | offerId    | of-2               |
      | productId  | s15-3-espresso-1kg |
      | purpose    | retain             |
      | channel    | callCentre         |
      | initiative | firm               |
    Then it would be recorded

  Scenario: What a customer is worth and may still be worth is said with its terms
    Given Ada registers 200 days ago
    And Ada buys "machine-1" for 300.00 EUR 60 days ago
    When we ask lifetime-value/value about Ada
    Then the answer shows:
      | currencies[0].currency | EUR  |

  Scenario: Who is about to leave is known with the reasons
    Given Ada registers 200 days ago
    And Ada buys "machine-1" for 300.00 EUR 100 days ago
    And Ada complains 5 days ago
    When we ask churn-risk/risk about Ada
    Then the answer shows:
      | score.drivers.length | at least 1 |

  Scenario: A lost customer who may be asked is asked back by itself, and whoever may not is left alone
    Given we start the process:
      | processId  | win-back |
      | ownerId    | <Mia>    |
      | maxAgeDays | 60       |
    And Bob registers 200 days ago
    And Bob is brought to intimacy
    And we record a goodbye for Bob 40 days ago:
      | reasonCode | customerLeft |
    And Ada registers 200 days ago
    And Ada consents to marketing by email 200 days ago
    And Ada is brought to intimacy
    When we record a goodbye for Ada 40 days ago:
      | reasonCode | customerLeft |
    Then Ada's record shows:
      | relationship.stage           | dissolution |
      | relationship.winBack.channel | email       |
    When we ask process-results/customers:
      | process | win-back |
    Then the answer lists:
      | customerId | acted |
      | <Ada>      | 1     |
    And the answer does not list:
      | customerId |
      | <Bob>      |
    When Ada buys "espresso-1kg" for 20.00 EUR today
    And we ask process-results/customers:
      | process | win-back |
    Then the answer lists:
      | customerId | succeeded | running |
      | <Ada>      | 1         | none    |

  Scenario: Those at risk come with what is at stake and with what to do
    Given Ada registers 200 days ago
    And Ada is brought to intimacy
    And Ada complains 6 days ago:
      | severity | 1 |
    When we ask churn-risk/risk about Ada
    Then the answer shows:
      | score.band                                 | some |
      | score.drivers[name=openComplaint].explanation | some |
    When we ask next-best-action/of-customer about Ada
    Then the answer shows:
      | actions[0].action | resolveComplaint |

  Scenario: Customers at risk get a better service, and the reason stays known
    Given Ada registers 200 days ago
    And Ada is brought to intimacy
    And we set a service level for Ada 10 days ago:
      | level  | premium |
      | reason | risk    |
    When Ada complains 2 days ago:
      | caseId   | slow |
      | severity | 4    |
    Then Ada's record shows:
      | openCases[caseId=slow].beyondSla | true |
    When we ask customer-classes/customer about Ada
    Then the answer shows:
      | serviceLevel.level    | premium |
      | serviceLevel.slaHours | 24      |
      | serviceLevel.reason   | risk    |
