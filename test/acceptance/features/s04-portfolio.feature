@S4
Feature: Account managers and their customers
  Customers are grouped by activity, place and size, and assigned to account managers.

  Scenario Outline: A customer belongs to the group <group>
    Given Ada registers 40 days ago
    When we assign the customer group for Ada 30 days ago:
      | groupCode    | <group>    |
      | activityType | hospitality |
      | regionCode   | north      |
    Then Ada's record shows:
      | groupCode    | <group>     |
      | activityType | hospitality |
      | regionCode   | north       |

    Examples:
      | group         |
      | consumer      |
      | smallBusiness |
      | corporation   |

  Scenario: There is one account manager at a time
    Given Ada registers 40 days ago
    And we assign an account manager for Ada 30 days ago:
      | managerId | <Mia>       |
      | fromDate  | 30 days ago |
      | basis     | rule        |
    When we assign an account manager for Ada 10 days ago:
      | managerId | <Tom>       |
      | fromDate  | 10 days ago |
      | basis     | manual      |
    Then Ada's record shows:
      | manager.managerId | <Tom> |
    And Ada's record of 20 days ago shows:
      | manager.managerId | <Mia> |

  Scenario: Only the manager who is responsible can be released
    Given Ada registers 40 days ago
    And we assign an account manager for Ada 30 days ago:
      | managerId | <Mia>       |
      | fromDate  | 30 days ago |
      | basis     | manual      |
    When we release the account manager for Ada:
      | managerId | <Tom> |
      | reason    | moved |
    Then it is refused with NOTHING_TO_DO
    When we release the account manager for Ada:
      | managerId | <Mia> |
      | reason    | moved |
    Then Ada's record shows:
      | manager | none |

  Scenario: Each manager's portfolio is seen by group, place and activity
    Given Acme registers 40 days ago
    And we assign the customer group for Acme 30 days ago:
      | groupCode    | corporation |
      | activityType | hospitality |
      | regionCode   | north       |
    And we assign an account manager for Acme 30 days ago:
      | managerId | <Mia>       |
      | fromDate  | 30 days ago |
      | basis     | manual      |
    And Ada registers 40 days ago
    And we assign an account manager for Ada 30 days ago:
      | managerId | <Mia>       |
      | fromDate  | 30 days ago |
      | basis     | manual      |
    When we ask account-portfolio/customers:
      | managerId | <Mia> |
    Then the answer lists:
      | customerId | groupCode   | activityType | regionCode |
      | <Acme>     | corporation | hospitality  | north      |
      | <Ada>      | none        | none         | none       |
    When we ask account-portfolio/portfolios:
      | managerId | <Mia>      |
      | by        | regionCode |
    Then the answer shows:
      | managers[0].customers                        | 2 |
      | managers[0].groups[value=north].customers    | 1 |

  Scenario: A portfolio is handed over in one command
    Given Ada registers 40 days ago
    And Bob registers 40 days ago
    And we assign an account manager for Ada 30 days ago:
      | managerId | <Mia>       |
      | fromDate  | 30 days ago |
      | basis     | manual      |
    And we assign an account manager for Bob 30 days ago:
      | managerId | <Mia>       |
      | fromDate  | 30 days ago |
      | basis     | manual      |
    When we ask account-portfolio/customers:
      | managerId | <Mia> |
    Then the answer lists:
      | customerId |
      | <Ada>      |
      | <Bob>      |
    When a dry run asks to hand over the portfolio:
      | managerId   | <Mia> |
      | toManagerId | <Tom> |
      | fromDate    | today |
      | reasonCode  | moved |
    Then it would be recorded
    And the answer to the write shows:
      | preview.data.rows.length | 2 |
    When we hand over the portfolio:
      | managerId   | <Mia>  |
      | toManagerId | <Tom>  |
      | fromDate    | today  |
      | reasonCode  | moved  |
      | handOverId  | <Move> |
    And we ask account-portfolio/customers:
      | managerId | <Tom> |
    Then the answer lists:
      | customerId | basis      |
      | <Ada>      | succession |
      | <Bob>      | succession |

  Scenario: A hand-over says how far it is, and leaves alone whom it does not concern
    Given Ada registers 40 days ago
    And Bob registers 40 days ago
    And we assign an account manager for Ada 30 days ago:
      | managerId | <Mia>       |
      | fromDate  | 30 days ago |
      | basis     | manual      |
    And we assign an account manager for Bob 30 days ago:
      | managerId | <Eve>       |
      | fromDate  | 30 days ago |
      | basis     | manual      |
    When we hand over the portfolio:
      | managerId   | <Mia>  |
      | toManagerId | <Tom>  |
      | fromDate    | today  |
      | reasonCode  | moved  |
      | handOverId  | <Move> |
    And we ask account-portfolio/hand-over:
      | managerId  | <Mia>  |
      | handOverId | <Move> |
    Then the answer shows:
      | customersMoved     | 1 |
      | customersRemaining | 0 |
    When we ask portfolio-hand-overs/hand-overs:
      | limit | 200 |
    Then the answer lists:
      | handOverId | toManagerId | status    | customersMoved |
      | <Move>     | <Tom>       | completed | 1              |
    And Bob's record shows:
      | manager.managerId | <Eve> |
    And Ada's record of 20 days ago shows:
      | manager.managerId | <Mia> |

  Scenario: Nobody hands over to themselves
    When we hand over the portfolio:
      | managerId   | <Mia> |
      | toManagerId | <Mia> |
      | fromDate    | today |
      | reasonCode  | moved |
    Then it is refused with NOTHING_TO_DO
