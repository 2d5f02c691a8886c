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

  Scenario: What an agency outside tells us is in the history, with its licence
    Given Ada registers 30 days ago
    When we receive the external data for Ada 5 days ago:
      | agency  | creditBureau    |
      | dataset | solvency        |
      | asOf    | 10 days ago     |
      | facts   | [{"key": "solvencyClass", "value": "B"}] |
      | licence | contract-2026-4 |
      | channel | external        |
    Then Ada's history lists:
      | type                 | details.agency | details.licence |
      | ExternalDataReceived | creditBureau   | contract-2026-4 |

  Scenario: Our people find the history of a period
    Given Ada registers 90 days ago
    And Ada calls us 60 days ago:
      | subject | asked for beans |
    And Ada calls us 10 days ago:
      | subject | asked for a grinder |
    When we ask contact-history/history about Ada:
      | from | 20 days ago |
    Then the answer lists:
      | details.subject     |
      | asked for a grinder |
    And the answer does not list:
      | details.subject |
      | asked for beans |

  Scenario: The latest word about a channel counts, and a denied one closes it
    Given Ada registers 30 days ago
    And Ada consents to marketing by email 20 days ago
    When we revoke the consent for Ada 10 days ago:
      | purpose      | marketing |
      | channelScope | email     |
    Then Ada's record lists under "consents":
      | purpose   | channelScope | status  |
      | marketing | email        | revoked |
    When we deny the consent for Ada 5 days ago:
      | purpose      | marketing  |
      | channelScope | callCentre |
      | textVersion  | 1          |
    Then Ada's record lists under "consents":
      | purpose   | channelScope | status |
      | marketing | callCentre   | denied |

  Scenario: Somebody who asks to be forgotten waits no longer than the law allows
    Given Ada registers 90 days ago
    When we request the erasure for Ada 40 days ago:
      | requestId | er-1             |
      | basis     | consentWithdrawn |
    And we ask privacy-requests/waiting:
      | limit | 200 |
    Then the answer lists:
      | customerId | open[0].requestId | open[0].overdue |
      | <Ada>      | er-1              | true            |
    When we close the erasure request for Ada today:
      | requestId  | er-1        |
      | outcome    | declined    |
      | reasonCode | legalClaims |
    And we ask privacy-requests/customer about Ada
    Then the answer shows:
      | rows[0].open.length | 0     |
      | rows[0].erased      | false |
    When we ask privacy-requests/figures
    Then the answer shows:
      | declined     | at least 1 |
      | answeredLate | at least 1 |

  Scenario: While processing is restricted nothing is offered, and what happens is recorded
    Given Ada registers 90 days ago
    And Ada consents to marketing by any 90 days ago
    And Ada buys "machine" for 300.00 EUR 80 days ago
    And we define a product:
      | productId | <Boiler>   |
      | name      | Boiler     |
      | family    | boilers    |
      | tier      | 1          |
      | kind      | durable    |
      | listPrice | 300.00 EUR |
    And we restrict processing for Ada 10 days ago:
      | scope | marketing        |
      | basis | objectionPending |
    When a dry run asks to offer a product for Ada:
      | offerId    | of-1     |
      | productId  | <Boiler> |
      | channel    | email    |
      | initiative | firm     |
    Then it is refused with PROCESSING_RESTRICTED
    When Ada calls us 5 days ago
    Then it is recorded
    Given we lift the restriction for Ada 4 days ago:
      | scope      | marketing         |
      | reasonCode | objectionRejected |
    When a dry run asks to offer a product for Ada:
      | offerId    | of-1     |
      | productId  | <Boiler> |
      | channel    | email    |
      | initiative | firm     |
    Then it would be recorded

  Scenario: A person gets all that is kept about them
    Given Ada registers 90 days ago
    And Ada calls us 10 days ago
    When we export the customer data for Ada:
      | exportId | ex-1   |
      | basis    | access |
    Then it is recorded
    When we ask privacy-requests/customer about Ada
    Then the answer shows:
      | rows[0].exports | 1 |

  Scenario: A consent ends on its day
    Given Ada registers 60 days ago
    And we grant a consent for Ada 50 days ago:
      | purpose      | marketing  |
      | channelScope | email      |
      | legalBasis   | consent    |
      | textVersion  | 1          |
      | expiresAt    | 5 days ago |
    And we define a product:
      | productId | <Boiler>   |
      | name      | Boiler     |
      | family    | <Boilers>  |
      | tier      | 1          |
      | kind      | durable    |
      | listPrice | 300.00 EUR |
    When we offer a product for Ada 10 days ago:
      | offerId    | of-1     |
      | productId  | <Boiler> |
      | channel    | email    |
      | initiative | firm     |
    Then it is recorded
    When we offer a product for Ada:
      | offerId    | of-2     |
      | productId  | <Boiler> |
      | channel    | email    |
      | initiative | firm     |
    Then it is refused with CONSENT_MISSING
    And Ada's record lists under "consents":
      | purpose   | status  |
      | marketing | expired |
