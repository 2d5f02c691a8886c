@S7
Feature: Levels of need
  Needs go from utility through convenience, comfort, personal recognition and self-expression to co-creation. Strategic
  importance grows with the level and not with what a customer spends.

  Scenario Outline: Need level <level> is assessed
    Given Ada registers 90 days ago
    When we set a need level for Ada 10 days ago:
      | level  | <level>           |
      | reason | what was observed |
    Then Ada's record shows:
      | needLevel.level | <level> |

    Examples:
      | level |
      | 1     |
      | 2     |
      | 3     |
      | 4     |
      | 5     |
      | 6     |

  Scenario: There is no level beyond co-creation
    Given Ada registers 90 days ago
    When we set a need level for Ada:
      | level  | 7                 |
      | reason | what was observed |
    Then it is refused with INVALID_VALUE

  Scenario: A strategic account is one that makes something together with us, whatever it spends
    Given Acme registers 90 days ago
    And we set a need level for Acme 80 days ago:
      | level  | 6                     |
      | reason | wants to develop with us |
    When we designate a strategic account for Acme 70 days ago:
      | standing  | strategic |
      | sponsorId | <Mia>     |
      | reason    | our partner |
    Then it is refused with STRATEGIC_EVIDENCE_MISSING
    When we designate a strategic account for Acme 60 days ago:
      | standing        | strategic    |
      | sponsorId       | <Mia>        |
      | reason          | our partner  |
      | jointInvestment | 20000.00 EUR |
    Then it is recorded
    When we ask strategic-accounts/accounts:
      | sponsorId | <Mia> |
    Then the answer lists:
      | customerId | standing  | needLevel |
      | <Acme>     | strategic | 6         |

  Scenario: Revenue alone makes nobody strategic
    Given Acme registers 90 days ago
    And Acme buys "machine" for 90000.00 EUR 80 days ago
    And we set a need level for Acme 70 days ago:
      | level  | 3            |
      | reason | buys comfort |
    When we designate a strategic account for Acme 60 days ago:
      | standing        | strategic    |
      | sponsorId       | <Mia>        |
      | reason          | buys a lot   |
      | jointInvestment | 20000.00 EUR |
    Then it is refused with NEED_LEVEL_TOO_LOW

  Scenario: What is made together, and what the customer has from it
    Given Acme registers 90 days ago
    And we start a co-creation for Acme 80 days ago:
      | projectId | blend      |
      | role      | coDesigner |
    And we record a contribution for Acme 60 days ago:
      | projectId | blend |
      | kind      | idea  |
      | hours     | 12    |
    And we end the co-creation for Acme 20 days ago:
      | projectId      | blend      |
      | outcome        | launched   |
      | customerReturn | 500.00 EUR |
    When we ask strategic-accounts/customer about Acme
    Then the answer shows:
      | projects[projectId=blend].status        | ended    |
      | projects[projectId=blend].contributions | 1        |
      | projects[projectId=blend].outcome       | launched |

  Scenario: Whoever has the needs of a strategic account and no standing yet is seen
    Given Acme registers 90 days ago
    When we set a need level for Acme 80 days ago:
      | level  | 5                   |
      | reason | shapes our products |
    And we ask strategic-accounts/prospects:
      | limit | 200 |
    Then the answer lists:
      | customerId | needLevel |
      | <Acme>     | 5         |
    When we designate a strategic account for Acme 70 days ago:
      | standing  | candidate   |
      | sponsorId | <Mia>       |
      | reason    | may be one  |
    Then it is recorded
    When we designate a strategic account for Acme 60 days ago:
      | standing        | strategic    |
      | sponsorId       | <Mia>        |
      | reason          | we wish      |
      | jointInvestment | 20000.00 EUR |
    Then it is refused with NEED_LEVEL_TOO_LOW

  Scenario: A strategic account in danger alerts its sponsor and stays one
    Given Acme registers 200 days ago
    And we set a need level for Acme 190 days ago:
      | level  | 6                        |
      | reason | wants to develop with us |
    And we designate a strategic account for Acme 180 days ago:
      | standing        | strategic    |
      | sponsorId       | <Mia>        |
      | reason          | our partner  |
      | jointInvestment | 20000.00 EUR |
    And Acme is brought to deterioration
    When we ask strategic-accounts/alerts:
      | sponsorId | <Mia> |
    Then the answer lists:
      | customerId | standing  | alert.stage   |
      | <Acme>     | strategic | deterioration |
    When we ask strategic-accounts/figures
    Then the answer lists under "sponsors":
      | sponsorId | accounts | withAlert |
      | <Mia>     | 1        | 1         |
    When we withdraw the strategic account for Acme:
      | reason | joint programme ended |
    Then it is recorded
    When we ask strategic-accounts/accounts:
      | sponsorId | <Mia> |
    Then the answer does not list:
      | customerId |
      | <Acme>     |
