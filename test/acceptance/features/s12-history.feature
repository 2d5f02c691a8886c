@S12
Feature: A history that is never overwritten
  What we know is kept by subject, from every department, with the time it became true and the time we came to know it.
  Nothing is overwritten.

  Scenario: The record of any earlier day can be seen
    Given Ada registers 200 days ago
    And Ada buys "machine" for 300.00 EUR 190 days ago
    And Ada buys "espresso-1kg" for 20.00 EUR 50 days ago
    Then Ada's record shows:
      | money[0].purchasedMinor | 32000 |
    And Ada's record of 100 days ago shows:
      | money[0].purchasedMinor | 30000 |

  Scenario: A fact that comes late takes its place in the past
    Given Ada registers 200 days ago
    And Ada buys "machine" for 300.00 EUR 50 days ago
    When Ada buys "grinder" for 90.00 EUR 150 days ago
    Then Ada's record of 100 days ago shows:
      | money[0].purchasedMinor | 9000 |
    And Ada's record shows:
      | money[0].purchasedMinor | 39000 |

  Scenario: A correction is one more entry
    Given Ada registers 200 days ago
    And Ada calls us 50 days ago:
      | sentiment | 50 |
    When we correct the touch point of Ada:
      | sentiment | -50 |
    Then Ada's history lists:
      | details.sentiment | corrections.length |
      | -50               | 1                  |

  Scenario: What a past move of the relationship rested on stays explained
    Given Ada registers 200 days ago
    And Ada buys "machine" for 300.00 EUR 190 days ago
    Then Ada's history lists:
      | type                   | details.from | details.to  | details.ruleBookVersion |
      | RelationshipStageMoved | contact      | involvement | some                    |

  Scenario: What was true on a day is told apart from what we knew on it
    Given Ada registers 60 days ago
    And Ada buys "machine" for 300.00 EUR 50 days ago
    Then Ada's record of 10 days ago shows:
      | money[0].purchasedMinor | 30000 |
    And Ada's record as it was known 10 days ago does not exist

  Scenario: Facts that come in any order give the same record
    Given Ada registers 200 days ago
    And Ada buys "espresso-1kg" for 20.00 EUR 100 days ago
    And Ada buys "machine" for 300.00 EUR 190 days ago
    And Bob registers 200 days ago
    And Bob buys "machine" for 300.00 EUR 190 days ago
    And Bob buys "espresso-1kg" for 20.00 EUR 100 days ago
    Then Ada's record of 150 days ago shows:
      | money[0].purchasedMinor | 30000 |
    And Bob's record of 150 days ago shows:
      | money[0].purchasedMinor | 30000 |
