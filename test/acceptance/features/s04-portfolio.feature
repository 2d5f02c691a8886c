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
