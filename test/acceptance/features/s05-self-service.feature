@S5
Feature: Contacts without any of our people
  Customers serve themselves on the web, by e-mail and by voice menu. Such contacts are seen as what they are, channel by
  channel.

  Scenario: The record says how much of the contact was self-service
    Given Ada registers 30 days ago
    And we record a touch point for Ada 6 days ago:
      | channel   | web      |
      | direction | in       |
      | kind      | pageView |
      | actor     | {"kind": "customer", "id": "self"} |
    And we record a touch point for Ada 5 days ago:
      | channel   | ivr     |
      | direction | in      |
      | kind      | ivrPath |
      | actor     | {"kind": "customer", "id": "self"} |
    And Ada calls us 4 days ago
    And Ada calls us 3 days ago
    Then Ada's record shows:
      | contact.selfServiceShare                         | 0.5 |
      | contact.byChannel[channel=callCentre].contacts    | 2   |
      | contact.byChannel[channel=callCentre].selfService | 0   |
      | contact.byChannel[channel=web].selfService        | 1   |
      | contact.byChannel[channel=ivr].selfService        | 1   |

  Scenario: A contact handled by one of us is no self-service
    Given Ada registers 30 days ago
    When we record a touch point for Ada 5 days ago:
      | channel   | web     |
      | direction | in      |
      | kind      | message |
      | actor     | {"kind": "employee", "id": "agent-1"} |
    Then Ada's record shows:
      | contact.selfServiceShare | 0 |

  Scenario: What a customer does on each channel is seen month by month
    Given Ada registers 3 days ago
    And we record a touch point for Ada 2 days ago:
      | channel   | web      |
      | direction | in       |
      | kind      | pageView |
      | actor     | {"kind": "customer", "id": "self"} |
    And Ada calls us 1 day ago
    When we ask channel-activity/customer about Ada
    Then the answer lists:
      | channel    | contacts | selfService |
      | web        | 1        | 1           |
      | callCentre | 1        | 0           |

  Scenario: The company sees each channel and how much of it needs none of our people
    Given Ada registers 3 days ago
    And we record a touch point for Ada 2 days ago:
      | channel   | ivr     |
      | direction | in      |
      | kind      | ivrPath |
      | actor     | {"kind": "customer", "id": "self"} |
    When we ask channel-activity/by-period:
      | channel | ivr |
    Then the answer shows:
      | total.contacts               | at least 1 |
      | periods[0].channels[0].channel | ivr      |

  Scenario: A journey goes from choosing to buying to using, across channels
    Given Ada registers 40 days ago
    And we record a touch point for Ada 30 days ago:
      | channel   | web       |
      | direction | in        |
      | kind      | pageView  |
      | productId | <Grinder> |
      | actor     | {"kind": "customer", "id": "self"} |
    And Ada buys "<Grinder>" for 90.00 EUR 20 days ago:
      | channel | branch |
    And we record a touch point for Ada 10 days ago:
      | channel   | mobileApp |
      | direction | in        |
      | kind      | appUse    |
      | productId | <Grinder> |
      | actor     | {"kind": "customer", "id": "self"} |
    When we ask journeys/customer about Ada
    Then the answer lists:
      | productId | reached | startChannel | buyChannel | useChannel | daysToBuy |
      | <Grinder> | use     | web          | branch     | mobileApp  | 10        |
    When we ask journeys/paths
    Then the answer lists under "paths":
      | select | buy    | use       | journeys   |
      | web    | branch | mobileApp | at least 1 |

  Scenario: Where a journey is given up is seen
    Given Ada registers 90 days ago
    When we record a touch point for Ada 80 days ago:
      | channel   | web       |
      | direction | in        |
      | kind      | pageView  |
      | productId | <Grinder> |
      | actor     | {"kind": "customer", "id": "self"} |
    And we ask journeys/abandoned:
      | step               | select |
      | channel            | web    |
      | abandonedAfterDays | 60     |
      | limit              | 200    |
    Then the answer lists:
      | customerId | productId | quietDays |
      | <Ada>      | <Grinder> | 80        |
