@S2
Feature: Every touch point of every channel
  Contacts at the counter, by phone, in the field, on the web, by e-mail, by voice menu and from agencies are appended to
  the contact history, and our people can read it at any time.

  Scenario Outline: A contact by <channel> is in the history
    Given Ada registers 30 days ago
    When we record a touch point for Ada 5 days ago:
      | channel   | <channel>   |
      | direction | in          |
      | kind      | <kind>      |
    Then Ada's history lists:
      | type               | channel   | direction |
      | TouchPointRecorded | <channel> | in        |

    Examples:
      | channel       | kind      |
      | branch        | visit     |
      | callCentre    | call      |
      | fieldSales    | meeting   |
      | web           | pageView  |
      | mobileApp     | appUse    |
      | email         | message   |
      | ivr           | ivrPath   |
      | chat          | message   |
      | social        | message   |
      | mail          | message   |
      | partnerAgency | statement |
      | external      | statement |

  Scenario: A contact that becomes known late stands where it happened
    Given Ada registers 30 days ago
    And Ada calls us 5 days ago
    When Ada calls us 20 days ago:
      | subject | asked for the catalogue |
    Then Ada's history lists:
      | details.subject         | late |
      | asked for the catalogue | true |

  Scenario: A wrong entry is corrected and the original stays
    Given Ada registers 30 days ago
    And Ada calls us 5 days ago:
      | sentiment | 60 |
    When we correct the touch point of Ada:
      | sentiment | -20 |
    Then it is recorded
    And Ada's history lists:
      | type               | details.sentiment | corrections.length |
      | TouchPointRecorded | -20               | 1                  |

  Scenario: The same contact sent twice is one contact
    Given Ada registers 30 days ago
    And Ada calls us 5 days ago:
      | sourceSystem  | telephony |
      | sourceEventId | call-77   |
    When Ada calls us 5 days ago:
      | sourceSystem  | telephony |
      | sourceEventId | call-77   |
    Then the answer to the write shows:
      | replayed | true |
    And Ada's record shows:
      | contact.contacts | 1 |

  Scenario: A contact in the future is not a contact
    Given Ada registers 30 days ago
    When we record a touch point for Ada:
      | direction  | in         |
      | kind       | call       |
      | occurredAt | in 2 hours |
    Then it is refused with OCCURRED_IN_FUTURE
