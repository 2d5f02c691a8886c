@S6
Feature: Analysis of customers
  What customers are worth, who is about to leave and what may be sold to whom are answered from the history, for any day.

  Scenario: The value of a customer so far
    Given Ada registers 200 days ago
    And Ada buys "machine" for 300.00 EUR 190 days ago
    And Ada buys "espresso-1kg" for 20.00 EUR 100 days ago
    And we record a return for Ada 95 days ago:
      | orderId    | <order of Ada> |
      | refund     | 20.00 EUR      |
      | reasonCode | stale          |
    When we ask lifetime-value/value about Ada
    Then the answer shows:
      | currencies.length             | 1   |

  Scenario: Who is at risk, and why
    Given Ada registers 400 days ago
    And Ada buys "machine" for 300.00 EUR 390 days ago
    And Ada buys "espresso-1kg" for 20.00 EUR 360 days ago
    And Ada buys "espresso-1kg" for 20.00 EUR 330 days ago
    And Ada complains 10 days ago
    When we ask churn-risk/risk about Ada
    Then the answer shows:
      | score.drivers[name=openComplaint].explanation | contains severity 2 |
      | score.band                                    | some                |
