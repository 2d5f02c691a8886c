@S1
Feature: One unified record of a customer
  Everything we know about a customer is one record, in whatever role they meet us: customer, partner, agent, third
  party, employee or stakeholder.

  Scenario: Three things are enough to register somebody
    When Ada registers:
      | channel | branch |
    Then it is recorded
    And Ada's record shows:
      | acquisitionChannel | branch   |
      | roles              | customer |
      | relationship.stage | contact  |

  Scenario Outline: A record is kept for a <role>
    When Ada registers:
      | roles | <role> |
    Then Ada's record shows:
      | roles | <role> |

    Examples:
      | role        |
      | customer    |
      | partner     |
      | agent       |
      | thirdParty  |
      | employee    |
      | stakeholder |

  Scenario: The record brings together what every department knows
    Given Ada registers 200 days ago:
      | groupCode | consumer |
      | country   | NL       |
    And we assign an account manager for Ada 190 days ago:
      | managerId | <Mia>        |
      | fromDate  | 190 days ago |
      | basis     | manual       |
    And Ada buys "espresso-1kg" for 24.00 EUR 180 days ago
    And Ada calls us 100 days ago
    And we record a preference for Ada 90 days ago:
      | kind   | channel |
      | key    | contact |
      | value  | email   |
      | source | quiz    |
    And Ada consents to marketing by email 80 days ago
    And Ada complains 1 day ago
    Then Ada's record shows:
      | groupCode                 | consumer           |
      | country                   | NL                 |
      | manager.managerId         | <Mia>              |
      | money[0].purchasedMinor   | 2400               |
      | contact.contacts          | at least 2         |
      | preferences[0].value      | email              |
      | consents[0].status        | granted            |
      | openCases[0].reasonCode   | lateDelivery       |
      | relationship.stage        | involvement        |

  Scenario: The same person does not become two records
    Given Ada registers
    When Ada registers
    Then it is refused with ALREADY_REGISTERED
    And nothing is recorded

  Scenario: Somebody known by another identifier is the same record
    Given Ada registers
    And we add an identifier for Ada:
      | identifierType | email                   |
      | value          | <ada>@acceptance.example |
    When customers are looked for:
      | identifier | email:<ada>@acceptance.example |
    Then the answer lists:
      | customerId |
      | <Ada>      |

  Scenario: The last identifier stays
    Given Ada registers
    When we remove an identifier for Ada:
      | identifierType | customerNo     |
      | value          | <number of Ada> |
      | sourceSystem   | acceptance     |
      | reason         | no longer used |
    Then it is refused with LAST_IDENTIFIER

  Scenario: A fact about somebody unknown makes their record
    When Ada buys "grinder" for 90.00 EUR 3 days ago
    Then it is recorded
    And Ada's record shows:
      | relationship.stage      | involvement |
      | money[0].purchasedMinor | 9000        |

  Scenario: A wrong detail is corrected and the record of an earlier day stays as it was
    Given Ada registers 30 days ago
    And we correct customer details for Ada 10 days ago:
      | changes | [{"field": "displayName", "value": "Ada Lovelace", "source": "callCentre", "confidencePct": 100}] |
    Then Ada's record shows:
      | displayName | Ada Lovelace |
    And Ada's record of 20 days ago shows:
      | displayName | Ada |

  Scenario: A company knows who belongs to it
    Given Bob registers
    And Acme registers:
      | groupCode | corporation |
    When we link a party for Acme:
      | otherCustomerId | <Bob>         |
      | role            | decisionMaker |
      | fromDate        | today         |
    Then Acme's record lists under "parties":
      | otherCustomerId | role          |
      | <Bob>           | decisionMaker |

  Scenario: Roles are taken on and given up, and at least one stays
    Given Ada registers 30 days ago
    When we change the roles for Ada 10 days ago:
      | added  | partner      |
      | reason | sells for us |
    Then Ada's record shows:
      | roles.length | 2 |
    When we change the roles for Ada 5 days ago:
      | removed | customer     |
      | reason  | sold her cafe |
    Then Ada's record shows:
      | roles | partner |

  Scenario: Somebody leaves a company
    Given Bob registers 30 days ago
    And Acme registers 30 days ago:
      | groupCode | corporation |
    And we link a party for Acme 20 days ago:
      | otherCustomerId | <Bob>         |
      | role            | decisionMaker |
      | fromDate        | 20 days ago   |
    When we unlink the party for Acme:
      | otherCustomerId | <Bob>         |
      | role            | decisionMaker |
      | toDate          | today         |
    Then it is recorded

  Scenario: Somebody cannot be nothing to us
    Given Ada registers
    When we change the roles for Ada:
      | removed | customer |
      | reason  | mistaken |
    Then it is refused with LAST_ROLE

  Scenario: Two records of one person are found by what they have in common
    Given Ada registers
    And Bob registers
    And Cyd registers
    And we add an identifier for Ada:
      | identifierType | email                    |
      | value          | <shared>@acceptance.example |
    And we add an identifier for Bob:
      | identifierType | email                     |
      | value          | <shared>@ACCEPTANCE.example |
    When we ask who may be one and the same customer
    Then the answer names Ada and Bob
    And the answer does not name Ada and Cyd

  Scenario: Two records of one person are found by name and postal code, however they are written
    Given Ada registers
    And Bob registers
    And Cyd registers
    And we correct customer details for Ada:
      | changes | [{"field": "displayName", "value": "Zoë Müller", "source": "till", "confidencePct": 90}, {"field": "postalCode", "value": "<home> AB", "source": "till", "confidencePct": 90}] |
    And we correct customer details for Bob:
      | changes | [{"field": "displayName", "value": "MUELLER, zoe", "source": "till", "confidencePct": 90}, {"field": "postalCode", "value": "<home>ab", "source": "till", "confidencePct": 90}] |
    And we correct customer details for Cyd:
      | changes | [{"field": "displayName", "value": "Jan Müller", "source": "till", "confidencePct": 90}, {"field": "postalCode", "value": "<home> AB", "source": "till", "confidencePct": 90}] |
    When we ask who may be one and the same customer
    Then the answer names Ada and Bob
    And the answer does not name Ada and Cyd
    When Ada and Bob are found to be two customers
    And we ask who may be one and the same customer
    Then the answer does not name Ada and Bob

  Scenario: Nobody is a party of their own
    Given Ada registers
    When we link a party for Ada:
      | otherCustomerId | <Ada>     |
      | role            | household |
      | fromDate        | today     |
    Then it is refused with SAME_CUSTOMER
    And the way out says "Name another customer"

  Scenario: Who was found to be two is not proposed again
    Given Ada registers
    And Bob registers
    And Ada and Bob are proposed as one customer
    When we ask identity/matches
    Then the answer names Ada and Bob
    When Ada and Bob are found to be two customers
    And we ask identity/matches
    Then the answer does not name Ada and Bob
    When Ada and Bob are proposed as one customer
    Then it is refused with MATCH_REJECTED

  Scenario: Before a merge everybody sees what it would do
    Given Ada registers 60 days ago
    And Bob registers 50 days ago
    And Ada buys "machine" for 300.00 EUR 40 days ago
    And Bob buys "grinder" for 90.00 EUR 30 days ago
    And Bob complains 2 days ago
    When we ask what merging Bob into Ada would do
    Then the answer shows:
      | possible               | true  |
      | survivorId             | <Ada> |
      | memberIds              | <Bob> |
      | conflicts[0].field     | displayName |
      | conflicts[0].unlessChosen | <Bob> |
    And the answer lists under "joined":
      | customerId | touches | openCases | purchasedMinor.EUR |
      | <Ada>      | 1       | 0         | 30000              |
      | <Bob>      | 2       | 1         | 9000               |
    When a dry run asks to merge Bob into Ada
    Then it would be recorded
    And Bob's record shows:
      | customerId  | <Bob> |
      | displayName | Bob   |

  Scenario: Two records become one customer without losing or doubling anything
    Given Ada registers 60 days ago
    And Bob registers 50 days ago
    And Ada buys "machine" for 300.00 EUR 40 days ago
    And Bob buys "grinder" for 90.00 EUR 30 days ago
    And Bob calls us 20 days ago:
      | subject | asked for beans |
    When we merge Bob into Ada:
      | displayName | <Ada> |
    Then it is recorded
    And Ada's record shows:
      | members[0].customerId   | <Bob> |
      | members.length          | 1     |
      | displayName             | Ada   |
      | money[0].purchasedMinor | 39000 |
      | money[0].purchases      | 2     |
      | holdings.length         | 2     |
    And Ada's history lists:
      | type             | details.subject |
      | TouchPointRecorded | asked for beans |
    And Bob's record shows:
      | customerId | <Ada> |
    And Ada's record of 10 days ago shows:
      | money[0].purchasedMinor | 30000 |
    When we ask lifetime-value/value about Ada
    Then the answer shows:
      | currencies.length                  | 1     |
      | currencies[0].numberOfOrders       | 2     |
      | currencies[0].historicRevenueMinor | 39000 |
    When we ask identity/merges
    Then the answer lists:
      | survivorId | merges[0].mergedIds | merges[0].status |
      | <Ada>      | <Bob>               | merged           |

  Scenario: After a merge whoever is meant by either record is the same customer
    Given Ada registers 60 days ago
    And Bob registers 50 days ago
    And we merge Bob into Ada
    When Bob buys "grinder" for 90.00 EUR today
    Then it is recorded
    And Ada's record shows:
      | money[0].purchasedMinor | 9000        |
      | relationship.stage      | involvement |
    When we ask identity/open-merges
    Then the answer does not list:
      | survivorId |
      | <Ada>      |

  Scenario: What either of them was promised, owes or complained about counts for the merged customer
    Given Ada registers 200 days ago
    And Ada consents to marketing by any 200 days ago
    And Ada buys "machine" for 300.00 EUR 190 days ago
    And Bob registers 200 days ago
    And Bob buys "grinder" for 90.00 EUR 100 days ago
    And we issue an invoice for Bob 90 days ago:
      | invoiceId | i-1        |
      | amount    | 90.00 EUR  |
      | dueDate   | 60 days ago |
    And we declare a default for Bob 30 days ago:
      | invoiceId | i-1       |
      | amount    | 90.00 EUR |
    And we define a product:
      | productId | <Boiler>  |
      | name      | Boiler    |
      | family    | boilers   |
      | tier      | 1         |
      | kind      | durable   |
      | listPrice | 99.00 EUR |
    And we merge Bob into Ada
    When a dry run asks to offer a product for Ada:
      | offerId    | of-1     |
      | productId  | <Boiler> |
      | channel    | email    |
      | initiative | firm     |
    Then it is refused with STAGE_FORBIDS_CROSS_SELL

  Scenario: A merge is taken back, and both are as they would have been
    Given Ada registers 60 days ago
    And Bob registers 50 days ago
    And Ada buys "machine" for 300.00 EUR 40 days ago
    And Bob buys "grinder" for 90.00 EUR 30 days ago
    And we merge Bob into Ada
    And Ada buys "beans" for 20.00 EUR today
    When we ask what taking the latest merge of Ada back would do
    Then the answer shows:
      | possible                | true  |
      | memberIds               | <Bob> |
    And the answer lists under "staysWithSurvivor.latest":
      | type             |
      | PurchaseRecorded |
    When we take the latest merge of Ada back
    Then Ada's record shows:
      | members.length          | 0     |
      | displayName             | Ada   |
      | money[0].purchasedMinor | 32000 |
    And Bob's record shows:
      | customerId              | <Bob> |
      | displayName             | Bob   |
      | money[0].purchasedMinor | 9000  |
      | relationship.stage      | involvement |
    When we take the latest merge of Ada back
    Then it is refused with UNKNOWN_MERGE

  Scenario: Merges are taken back in the order of the latest first
    Given Ada registers 60 days ago
    And Bob registers 50 days ago
    And Cyd registers 40 days ago
    And Ada buys "machine" for 300.00 EUR 30 days ago
    And we merge Ada into Bob
    And we merge Bob into Cyd
    Then Ada's record shows:
      | customerId              | <Cyd> |
      | money[0].purchasedMinor | 30000 |
    When we take the latest merge of Bob back
    Then it is refused with CUSTOMER_MERGED
    When we take the latest merge of Cyd back
    And we take the latest merge of Bob back
    Then Ada's record shows:
      | customerId              | <Ada> |
      | money[0].purchasedMinor | 30000 |

  Scenario: Nobody is merged with themselves or with somebody forgotten
    Given Ada registers 60 days ago
    And Bob registers 50 days ago
    When we merge Ada into Ada
    Then it is refused with SAME_CUSTOMER
    Given we erase the customer for Bob:
      | basis | request |
    When we merge Bob into Ada
    Then it is refused with CUSTOMER_ERASED

  Scenario: An organisation is seen as a whole, each of its people counted once
    Given Acme registers 60 days ago:
      | groupCode | corporation |
    And Bob registers 50 days ago
    And we link a party for Acme 40 days ago:
      | otherCustomerId | <Bob>         |
      | role            | decisionMaker |
      | fromDate        | 40 days ago   |
    And we link a party for Acme 40 days ago:
      | otherCustomerId | <Bob>       |
      | role            | user        |
      | fromDate        | 40 days ago |
    And Acme buys "machine" for 300.00 EUR 30 days ago
    And Bob buys "beans" for 20.00 EUR 20 days ago
    When we ask customer-360/organisation about Acme
    Then the answer shows:
      | members.length          | 2     |
      | money[0].purchasedMinor | 32000 |
    And the answer lists under "members":
      | customerId | distance | roles               |
      | <Acme>     | 0        |                     |
      | <Bob>      | 1        | decisionMaker, user |

  Scenario: After a merge every list names the one customer there is
    Given Ada registers 60 days ago
    And Bob registers 50 days ago
    And Bob complains 20 days ago:
      | caseId      | hurt     |
      | severity    | 3        |
      | valuePillar | respect  |
      | productId   | <Boiler> |
    And Bob buys "<Boiler>" for 90.00 EUR 30 days ago
    When we merge Bob into Ada
    And we ask value-pillars/hurting:
      | pillar    | respect  |
      | productId | <Boiler> |
    Then the answer lists:
      | customerId | source          |
      | <Ada>      | ComplaintRaised |
    When we ask service-quality/open-cases:
      | productId | <Boiler> |
    Then the answer lists:
      | customerId | caseId |
      | <Ada>      | hurt   |
    When we ask relationship-funnel/by-stage:
      | stage | involvement |
      | limit | 200         |
    Then the answer does not list:
      | customerId |
      | <Bob>      |

  Scenario: What one of two merged customers refused counts for both
    Given Ada registers 60 days ago
    And Ada consents to marketing by email 50 days ago
    And Bob registers 60 days ago
    And we revoke the consent for Bob 40 days ago:
      | purpose      | marketing |
      | channelScope | email     |
    And we define a product:
      | productId | <Boiler>   |
      | name      | Boiler     |
      | family    | <Boilers>  |
      | tier      | 1          |
      | kind      | durable    |
      | listPrice | 300.00 EUR |
    When a dry run asks to offer a product for Ada:
      | offerId    | of-1     |
      | productId  | <Boiler> |
      | channel    | email    |
      | initiative | firm     |
    Then it would be recorded
    Given we merge Bob into Ada
    When a dry run asks to offer a product for Ada:
      | offerId    | of-1     |
      | productId  | <Boiler> |
      | channel    | email    |
      | initiative | firm     |
    Then it is refused with CONSENT_MISSING

  Scenario: A visitor nobody knew is joined with whom they turn out to be
    When we record a touch point for Visitor 20 days ago:
      | channel   | web       |
      | direction | in        |
      | kind      | pageView  |
      | productId | <Grinder> |
      | actor     | {"kind": "customer", "id": "self"} |
    Then it is recorded
    Given Ada registers 10 days ago
    And Ada buys "<Grinder>" for 90.00 EUR 5 days ago:
      | channel | branch |
    When we merge Visitor into Ada
    Then Ada's history lists:
      | type               | channel |
      | TouchPointRecorded | web     |
      | PurchaseRecorded   | branch  |
    When we ask journeys/customer about Ada
    Then the answer lists:
      | productId | selectChannel | buyChannel | daysToBuy |
      | <Grinder> | web           | branch     | 15        |
