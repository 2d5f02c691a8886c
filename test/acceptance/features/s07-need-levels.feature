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
