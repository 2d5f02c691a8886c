@S3
Feature: Operational work in sales, marketing and service
  Sales go from a prospect to a won deal, campaigns reach the people they are meant for, and service leads every request
  and complaint to its resolution.

  Scenario: From a prospect to a won deal
    Given Ada registers 90 days ago
    And we identify a lead for Ada 80 days ago:
      | leadId | l-1      |
      | source | fair     |
      | score  | 60       |
    And we qualify the lead for Ada 75 days ago:
      | leadId | l-1        |
      | score  | 80         |
      | budget | 900.00 EUR |
    And we open an opportunity for Ada 70 days ago:
      | opportunityId  | op-1       |
      | kind           | new        |
      | initiative     | customer   |
      | expected       | 900.00 EUR |
      | probabilityPct | 40         |
      | leadId         | l-1        |
    And we advance the opportunity for Ada 60 days ago:
      | opportunityId | op-1      |
      | to            | qualified |
    And we advance the opportunity for Ada 55 days ago:
      | opportunityId | op-1     |
      | to            | proposed |
    And we revise the opportunity for Ada 50 days ago:
      | opportunityId  | op-1         |
      | expected       | 1000.00 EUR  |
      | probabilityPct | 70           |
    When we win the opportunity for Ada 40 days ago:
      | opportunityId | op-1        |
      | amount        | 1000.00 EUR |
    Then it is recorded
    And Ada's record shows:
      | relationship.stage   | involvement |
      | opportunities.length | 0           |

  Scenario: A won deal has an amount, and only what is open can be won
    Given Ada registers 90 days ago
    And we open an opportunity for Ada 70 days ago:
      | opportunityId  | op-1       |
      | kind           | new        |
      | initiative     | customer   |
      | expected       | 900.00 EUR |
      | probabilityPct | 40         |
    When we win the opportunity for Ada 40 days ago:
      | opportunityId | op-1 |
    Then it is refused with INVALID_VALUE
    When we lose the opportunity for Ada 30 days ago:
      | opportunityId  | op-1  |
      | lossReasonCode | price |
    Then it is recorded
    When we win the opportunity for Ada 20 days ago:
      | opportunityId | op-1       |
      | amount        | 900.00 EUR |
    Then it is refused with OPPORTUNITY_STATE_FORBIDS
    When we win the opportunity for Ada 20 days ago:
      | opportunityId | op-2       |
      | amount        | 900.00 EUR |
    Then it is refused with UNKNOWN_OPPORTUNITY

  Scenario: Only a lost opportunity is reopened
    Given Ada registers 90 days ago
    And we open an opportunity for Ada 70 days ago:
      | opportunityId  | op-1       |
      | kind           | new        |
      | initiative     | customer   |
      | expected       | 900.00 EUR |
      | probabilityPct | 40         |
    When we reopen the opportunity for Ada 60 days ago:
      | opportunityId | op-1   |
      | initiative    | customer |
    Then it is refused with OPPORTUNITY_STATE_FORBIDS
    When we lose the opportunity for Ada 50 days ago:
      | opportunityId  | op-1  |
      | lossReasonCode | price |
    And we reopen the opportunity for Ada 40 days ago:
      | opportunityId | op-1     |
      | initiative    | customer |
    Then it is recorded

  Scenario: A complaint goes from its first word to the customer's acceptance
    Given Ada registers 90 days ago
    And Ada complains 5 days ago:
      | caseId     | late        |
      | severity   | 3           |
      | reasonCode | lateDelivery |
      | wanted     | the parcel  |
    And we acknowledge the case for Ada 5 days ago:
      | caseId    | late    |
      | handlerId | agent-1 |
    And we add a case note for Ada 4 days ago:
      | caseId   | late              |
      | authorId | agent-1           |
      | text     | parcel is in Lille |
    And we reply to case for Ada 4 days ago:
      | caseId    | late               |
      | handlerId | agent-1            |
      | text      | it arrives tomorrow |
    And we resolve the case for Ada 3 days ago:
      | caseId         | late      |
      | resolutionCode | delivered |
    Then Ada's record shows:
      | openCases[caseId=late].status | resolved |
    When we accept the resolution for Ada 2 days ago:
      | caseId       | late |
      | satisfaction | 4    |
    Then Ada's record does not list under "openCases":
      | caseId |
      | late   |
    And Ada's history lists:
      | type               |
      | ComplaintRaised    |
      | CaseReplied        |
      | ResolutionAccepted |

  Scenario: A complaint says what it is about, and a case is taken step by step
    Given Ada registers 90 days ago
    When we raise a complaint for Ada 5 days ago:
      | caseId   | late |
      | severity | 3    |
    Then it is refused with INVALID_VALUE
    Given Ada complains 5 days ago:
      | caseId   | late |
      | severity | 3    |
    When we accept the resolution for Ada 4 days ago:
      | caseId | late |
    Then it is refused with CASE_STATE_FORBIDS
    When we resolve the case for Ada 4 days ago:
      | caseId         | other     |
      | resolutionCode | delivered |
    Then it is refused with UNKNOWN_CASE
