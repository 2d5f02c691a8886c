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

  Scenario Outline: <value> a year, wanting a <grade> grade, with <potential> to come
    Given Ada registers 200 days ago
    When we classify the customer for Ada:
      | value              | <value>     |
      | potentialValue     | <potential> |
      | serviceGradeWanted | <grade>     |
    And we ask customer-classes/customer about Ada
    Then the answer shows:
      | class | <class> |

    Examples:
      | value        | potential    | grade | class        |
      | 1.00 EUR     | 1.00 EUR     | high  | 1            |
      | 1.00 EUR     | 90000.00 EUR | low   | 2            |
      | 1.00 EUR     | 90000.00 EUR | high  | 2            |
      | 90000.00 EUR | 1.00 EUR     | high  | 3            |
      | 90000.00 EUR | 1.00 EUR     | low   | 4            |
      | 1.00 EUR     | 1.00 EUR     | low   | unclassified |

  Scenario: A class follows from the trade of a year, and what a person says stands against it
    Given Ada registers 200 days ago
    When Ada buys "machine" for 9000.00 EUR 100 days ago
    And we ask customer-classes/customer about Ada
    Then the answer shows:
      | class | 4     |
      | basis | rules |
    When we classify the customer for Ada 50 days ago:
      | value              | 1.00 EUR |
      | potentialValue     | 1.00 EUR |
      | serviceGradeWanted | high     |
    And Ada buys "machine" for 9000.00 EUR 40 days ago
    And we ask customer-classes/customer about Ada
    Then the answer shows:
      | class | 1      |
      | basis | stated |
    When we release the classification for Ada 30 days ago:
      | reasonCode | valueIsKnown |
    And we ask customer-classes/customer about Ada
    Then the answer shows:
      | class | 3     |
      | basis | rules |

  Scenario: The level of service says how fast a case is resolved
    Given Ada registers 200 days ago
    And we set a service level for Ada 10 days ago:
      | level    | gold   |
      | slaHours | 4      |
      | reason   | manual |
    When Ada complains 2 days ago:
      | caseId   | slow |
      | severity | 3    |
    Then Ada's record shows:
      | openCases[caseId=slow].beyondSla | true |

  Scenario: The class brings its level of service, and says what another class would take
    Given Ada registers 200 days ago
    When we classify the customer for Ada:
      | value              | 90000.00 EUR |
      | potentialValue     | 1.00 EUR     |
      | serviceGradeWanted | high         |
    And we ask customer-classes/customer about Ada
    Then the answer shows:
      | class                 | 3       |
      | serviceLevel.level    | premium |
      | serviceLevel.slaHours | 24      |
      | serviceLevel.reason   | class   |
    And the answer lists under "whatItWouldTake":
      | class | serviceGradeWanted |
      | 4     | low                |

  Scenario: How many customers are in each class, and who
    Given Ada registers 200 days ago:
      | groupCode | smallBusiness |
    And we classify the customer for Ada:
      | value              | 80000.00 EUR |
      | potentialValue     | 1.00 EUR     |
      | serviceGradeWanted | low          |
    When we ask customer-classes/classes:
      | groupCode | smallBusiness |
    Then the answer lists under "classes":
      | class | customers  |
      | 4     | at least 1 |
    When we ask customer-classes/members:
      | class     | 4             |
      | groupCode | smallBusiness |
    Then the answer lists:
      | customerId | value        |
      | <Ada>      | 80000.00 EUR |

  Scenario: Nothing is classified by money we have no threshold for
    Given Ada registers 200 days ago
    When we classify the customer for Ada:
      | value              | 1.00 NOK |
      | potentialValue     | 1.00 NOK |
      | serviceGradeWanted | low      |
    Then it is refused with NO_VALUE_THRESHOLDS
