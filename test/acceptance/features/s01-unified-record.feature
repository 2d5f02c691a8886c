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
