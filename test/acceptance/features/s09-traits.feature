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
