@S9
Feature: Traits that carry a relationship
  Adaptation, trust, commitment, communication, cooperation, conflict resolution, interdependence, past satisfaction and
  the balance of power are recorded for either side.

  Scenario Outline: <trait> of the customer is known
    Given Ada registers 90 days ago
    When we record a relation trait for Ada 10 days ago:
      | trait  | <trait>  |
      | side   | customer |
      | score  | 70       |
      | method | survey   |
    Then Ada's record shows:
      | relationship.traits[trait=<trait>].score | 70 |

    Examples:
      | trait              |
      | adaptation         |
      | trust              |
      | commitment         |
      | communication      |
      | cooperation        |
      | conflictResolution |
      | interdependence    |
      | pastSatisfaction   |
      | powerBalance       |

  Scenario: Trust that falls by 20 points is damage
    Given Ada registers 200 days ago
    And Ada buys "machine" for 300.00 EUR 100 days ago
    And we record a relation trait for Ada 60 days ago:
      | trait  | trust    |
      | side   | customer |
      | score  | 80       |
      | method | survey   |
    When we record a relation trait for Ada 10 days ago:
      | trait  | trust    |
      | side   | customer |
      | score  | 55       |
      | method | survey   |
    Then Ada's record shows:
      | relationship.stage | deterioration |

  Scenario: A score lies between 0 and 100
    Given Ada registers 90 days ago
    When we record a relation trait for Ada:
      | trait  | trust    |
      | side   | customer |
      | score  | 101      |
      | method | survey   |
    Then it is refused with INVALID_VALUE

  Scenario: Commitment has components, and ours is told apart from theirs
    Given Ada registers 90 days ago
    And we record a relation trait for Ada 20 days ago:
      | trait     | commitment |
      | side      | customer   |
      | component | affective  |
      | score     | 70         |
      | method    | survey     |
    When we record a relation trait for Ada 10 days ago:
      | trait  | commitment |
      | side   | firm       |
      | score  | 40         |
      | method | observed   |
    Then Ada's record lists under "relationship.traits":
      | trait      | side     | component | score |
      | commitment | customer | affective | 70    |
      | commitment | firm     | none      | 40    |
    When we record a relation trait for Ada 5 days ago:
      | trait     | trust     |
      | side      | customer  |
      | component | affective |
      | score     | 70        |
      | method    | survey    |
    Then it is refused with TRAIT_HAS_NO_COMPONENTS

  Scenario: A promise of ours that is broken costs the relationship
    Given Ada registers 200 days ago
    And Ada buys "machine" for 300.00 EUR 100 days ago
    And we make a promise for Ada 30 days ago:
      | promiseId | p-1         |
      | by        | firm        |
      | what      | delivery    |
      | dueAt     | 20 days ago |
      | ownerId   | <Mia>       |
    When we ask promises/due:
      | ownerId | <Mia> |
    Then the answer lists:
      | customerId | promiseId | overdue |
      | <Ada>      | p-1       | true    |
    When we review the relationship for Ada
    Then Ada's history lists:
      | type          | details.reasonCode | details.promiseId |
      | PromiseBroken | overdue            | p-1               |
    And Ada's record shows:
      | relationship.stage                                | deterioration |
      | relationship.history[from=involvement].reasonCode | promiseBroken |
    When we ask promises/customer about Ada
    Then the answer lists:
      | promiseId | status |
      | p-1       | broken |
