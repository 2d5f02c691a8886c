@S10
Feature: Classes of customers
  Customers are classified by what they are worth and by the grade of service they want.

  Scenario: What serving a customer costs counts against what they bring
    Given Ada registers 200 days ago
    And Ada buys "machine" for 300.00 EUR 100 days ago
    When we record a service cost for Ada 50 days ago:
      | amount   | 25.00 EUR |
      | activity | visit     |
    Then Ada's record shows:
      | money[0].purchasedMinor   | 30000 |
      | money[0].serviceCostMinor | 2500  |
