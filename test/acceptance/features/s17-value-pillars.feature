@S17
Feature: Five pillars of value
  Customers value solutions, respect, emotional connection, fair prices and convenience. The weakest pillar counts, not
  the mean of them.

  Scenario Outline: A complaint says that it hurts <pillar>
    Given Ada registers 40 days ago
    When Ada complains 5 days ago:
      | caseId      | hurt     |
      | severity    | 3        |
      | valuePillar | <pillar> |
    Then Ada's history lists:
      | type            | details.valuePillar |
      | ComplaintRaised | <pillar>            |

    Examples:
      | pillar      |
      | solution    |
      | respect     |
      | emotion     |
      | price       |
      | convenience |

  Scenario: A survey asks about each pillar
    Given Ada registers 40 days ago
    When Ada answers CSAT with 4 5 days ago:
      | pillarScores | {"solution": 5, "respect": 2} |
    Then it is recorded

  Scenario: Whether we keep our promises is known
    Given Ada registers 40 days ago
    And we make a promise for Ada 30 days ago:
      | promiseId | p-1         |
      | by        | firm        |
      | what      | delivery    |
      | dueAt     | 20 days ago |
      | ownerId   | <Mia>       |
    And we make a promise for Ada 30 days ago:
      | promiseId | p-2         |
      | by        | firm        |
      | what      | callback    |
      | dueAt     | 20 days ago |
      | ownerId   | <Mia>       |
    And we keep the promise for Ada 25 days ago:
      | promiseId | p-1 |
    And we break the promise for Ada 20 days ago:
      | promiseId  | p-2       |
    When we ask promises/kept-rate:
      | ownerId | <Mia> |
    Then the answer shows:
      | rates[0].keptInTime | 1   |
      | rates[0].broken     | 1   |
      | rates[0].keptRate   | 0.5 |

  Scenario: A promise of ours that nobody kept is broken by itself, with its consequence
    Given Ada registers 40 days ago
    And Ada buys "espresso-1kg" for 20.00 EUR 39 days ago
    And we make a promise for Ada 30 days ago:
      | promiseId | p-1         |
      | by        | firm        |
      | what      | callback    |
      | dueAt     | 20 days ago |
      | ownerId   | <Mia>       |
    When Ada calls us 5 days ago
    And we ask promises/customer about Ada
    Then the answer shows:
      | rows[0].status     | broken  |
      | rows[0].reasonCode | overdue |
    And Ada's record shows:
      | relationship.stage | deterioration |

  Scenario: The weakest pillar counts, not the mean
    Given Ada registers 40 days ago
    And Ada answers CSAT with 4 5 days ago:
      | pillarScores | {"solution": 5, "respect": 1, "price": 5} |
    When we ask value-pillars/customer about Ada
    Then the answer shows:
      | weakest.pillar | respect |

  Scenario: What hurt a pillar with a product, and which pillar is the weakest for how many
    Given Ada registers 40 days ago
    When Ada complains 5 days ago:
      | caseId      | hurt      |
      | severity    | 3         |
      | valuePillar | price     |
      | productId   | <Grinder> |
      | reasonCode  | tooExpensive |
    And we ask value-pillars/hurting:
      | pillar    | price     |
      | productId | <Grinder> |
    Then the answer lists:
      | customerId | reasonCode   |
      | <Ada>      | tooExpensive |
    When we ask value-pillars/pillars:
      | productId | <Grinder> |
    Then the answer shows:
      | weakest.pillar                | price |
      | pillars[pillar=price].hurting | 1     |
      | pillars[pillar=respect].score | none  |
    When we ask value-pillars/weakest-by-customer
    Then the answer lists under "weakest":
      | pillar | customers  |
      | price  | at least 1 |
