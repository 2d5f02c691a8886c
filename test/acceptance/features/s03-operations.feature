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

  Scenario: What is in the pipeline, what each month may bring, and what is late
    Given Ada registers 90 days ago
    And we open an opportunity for Ada 60 days ago:
      | opportunityId     | op-1        |
      | kind              | new         |
      | initiative        | customer    |
      | expected          | 1000.00 EUR |
      | probabilityPct    | 40          |
      | expectedCloseDate | in 100 days |
      | ownerId           | <Mia>       |
    And we open an opportunity for Ada 60 days ago:
      | opportunityId     | op-2        |
      | kind              | new         |
      | initiative        | customer    |
      | expected          | 500.00 EUR  |
      | probabilityPct    | 80          |
      | expectedCloseDate | 40 days ago |
      | ownerId           | <Mia>       |
    And we open an opportunity for Ada 60 days ago:
      | opportunityId     | op-3        |
      | kind              | new         |
      | initiative        | customer    |
      | expected          | 800.00 EUR  |
      | probabilityPct    | 50          |
      | ownerId           | <Mia>       |
    And we win the opportunity for Ada today:
      | opportunityId | op-3       |
      | amount        | 700.00 EUR |
      | margin        | 200.00 EUR |
    When we ask sales-pipeline/pipeline:
      | ownerId | <Mia> |
    Then the answer shows:
      | totals[0].opportunities | 2           |
      | totals[0].expected      | 1500.00 EUR |
      | totals[0].weighted      | 800.00 EUR  |
    When we ask sales-pipeline/forecast:
      | ownerId | <Mia> |
    Then the answer lists under "months":
      | open | expected    | weighted   | won | wonAmount  |
      | 1    | 1000.00 EUR | 400.00 EUR | 0   | 0.00 EUR   |
      | 1    | 500.00 EUR  | 400.00 EUR | 0   | 0.00 EUR   |
      | 0    | 0.00 EUR    | 0.00 EUR   | 1   | 700.00 EUR |
    And the answer shows:
      | overdue[0].opportunities | 1          |
      | overdue[0].expected      | 500.00 EUR |
    When we ask sales-pipeline/opportunities:
      | ownerId | <Mia> |
    Then the answer lists:
      | opportunityId | overdue | daysInStage |
      | op-1          | false   | 60          |
      | op-2          | true    | 60          |
    And the answer does not list:
      | opportunityId |
      | op-3          |

  Scenario: How much of what was decided was won, and why the rest was lost
    Given Ada registers 90 days ago
    And we open an opportunity for Ada 60 days ago:
      | opportunityId  | op-1        |
      | kind           | new         |
      | initiative     | customer    |
      | expected       | 1000.00 EUR |
      | probabilityPct | 40          |
      | ownerId        | <Mia>       |
    And we open an opportunity for Ada 60 days ago:
      | opportunityId  | op-2       |
      | kind           | new        |
      | initiative     | customer   |
      | expected       | 500.00 EUR |
      | probabilityPct | 80         |
      | ownerId        | <Mia>      |
    And we win the opportunity for Ada 40 days ago:
      | opportunityId | op-1       |
      | amount        | 900.00 EUR |
    And we lose the opportunity for Ada 30 days ago:
      | opportunityId  | op-2    |
      | lossReasonCode | price   |
      | competitor     | BeanCo  |
    When we ask sales-pipeline/win-rate:
      | ownerId | <Mia> |
    Then the answer shows:
      | all.winRate                   | 0.5        |
      | all.medianDaysToWin           | 20         |
      | won[0].amount                 | 900.00 EUR |
      | lossReasons[0].lossReasonCode | price      |
      | lossReasons[0].share          | 1          |
      | competitors[0].competitor     | BeanCo     |

  Scenario: Which sources bring leads that become something
    Given Ada registers 90 days ago
    And we identify a lead for Ada 80 days ago:
      | leadId  | l-1   |
      | source  | fair  |
      | ownerId | <Mia> |
    And we qualify the lead for Ada 75 days ago:
      | leadId | l-1 |
    And we open an opportunity for Ada 70 days ago:
      | opportunityId  | op-1       |
      | kind           | new        |
      | initiative     | customer   |
      | expected       | 900.00 EUR |
      | probabilityPct | 40         |
      | leadId         | l-1        |
    And we identify a lead for Ada 20 days ago:
      | leadId  | l-2   |
      | source  | fair  |
      | ownerId | <Mia> |
    When we ask sales-pipeline/lead-sources:
      | ownerId | <Mia> |
    Then the answer lists under "sources":
      | source | leads | opened | conversionRate |
      | fair   | 2     | 1      | 0.5            |
    When we ask sales-pipeline/leads:
      | ownerId | <Mia> |
    Then the answer lists:
      | leadId | daysWaiting |
      | l-2    | 20          |

  Scenario: A lead has to be worth it before it becomes an opportunity, and no step is left out
    Given Ada registers 90 days ago
    And we identify a lead for Ada 80 days ago:
      | leadId | l-1  |
      | source | fair |
    When we open an opportunity for Ada 70 days ago:
      | opportunityId  | op-1       |
      | kind           | new        |
      | initiative     | customer   |
      | expected       | 900.00 EUR |
      | probabilityPct | 40         |
      | leadId         | l-1        |
    Then it is refused with LEAD_STATE_FORBIDS
    Given we qualify the lead for Ada 65 days ago:
      | leadId | l-1 |
    And we open an opportunity for Ada 60 days ago:
      | opportunityId  | op-1       |
      | kind           | new        |
      | initiative     | customer   |
      | expected       | 900.00 EUR |
      | probabilityPct | 40         |
      | leadId         | l-1        |
    When we advance the opportunity for Ada 50 days ago:
      | opportunityId | op-1       |
      | to            | negotiated |
    Then it is refused with OPPORTUNITY_STATE_FORBIDS

  Scenario: A campaign reaches those who allow it, and only while it runs
    Given Ada registers 60 days ago
    And we plan a campaign:
      | campaignId | <Spring>             |
      | name       | Spring               |
      | objective  | acquire              |
      | targetRule | everybody on our list |
      | budget     | 500.00 EUR           |
      | controlPct | 0                    |
    When we contact for campaign for Ada 10 days ago:
      | campaignId | <Spring> |
      | contactId  | cc-1     |
      | channel    | email    |
    Then it is refused with CAMPAIGN_NOT_RUNNING
    And the way out says "Launch the campaign"
    Given we launch the campaign:
      | campaignId | <Spring> |
    When we contact for campaign for Ada 10 days ago:
      | campaignId | <Spring> |
      | contactId  | cc-1     |
      | channel    | email    |
    Then it is refused with CONSENT_MISSING
    And nothing is recorded
    Given Ada consents to marketing by email 9 days ago
    When we contact for campaign for Ada 8 days ago:
      | campaignId | <Spring> |
      | contactId  | cc-1     |
      | channel    | email    |
    Then it is recorded
    When we contact for campaign for Ada 8 days ago:
      | campaignId | <Spring>   |
      | contactId  | cc-2       |
      | channel    | callCentre |
    Then it is refused with CONSENT_MISSING
    When we record a campaign response for Ada 7 days ago:
      | campaignId   | <Spring> |
      | outcome      | responded |
      | responseKind | enquiry  |
    And we ask campaign-results/members:
      | campaignId | <Spring> |
    Then the answer lists:
      | customerId | group     | contacts | responses |
      | <Ada>      | contacted | 1        | 1         |
    Given we close the campaign:
      | campaignId | <Spring> |
    When we contact for campaign for Ada today:
      | campaignId | <Spring> |
      | contactId  | cc-3     |
      | channel    | email    |
    Then it is refused with CAMPAIGN_NOT_RUNNING

  Scenario: Who wants no more of a campaign hears nothing more
    Given Ada registers 60 days ago
    And Ada consents to marketing by email 50 days ago
    And we plan a campaign:
      | campaignId | <Spring>             |
      | name       | Spring               |
      | objective  | acquire              |
      | targetRule | everybody on our list |
      | budget     | 500.00 EUR           |
      | controlPct | 0                    |
    And we launch the campaign:
      | campaignId | <Spring> |
    And we contact for campaign for Ada 10 days ago:
      | campaignId | <Spring> |
      | contactId  | cc-1     |
      | channel    | email    |
    When we record a campaign response for Ada 9 days ago:
      | campaignId | <Spring> |
      | outcome    | optedOut |
    Then Ada's record lists under "consents":
      | purpose   | channelScope | status  |
      | marketing | email        | revoked |
    When we contact for campaign for Ada 8 days ago:
      | campaignId | <Spring> |
      | contactId  | cc-2     |
      | channel    | email    |
    Then it is refused with CONSENT_MISSING
    When we ask campaign-results/customer about Ada
    Then the answer lists:
      | campaignId | optedOut |
      | <Spring>   | true     |

  Scenario: A case that nobody settles goes up, and one that comes back is opened again
    Given Ada registers 90 days ago
    And we open a case for Ada 9 days ago:
      | caseId   | hot     |
      | kind     | fault   |
      | severity | 2       |
    And we escalate the case for Ada 8 days ago:
      | caseId      | hot            |
      | toHandlerId | <Mia>          |
      | reason      | no spare parts |
    Then Ada's record shows:
      | openCases[caseId=hot].status    | escalated |
      | openCases[caseId=hot].beyondSla | true      |
    When we ask service-quality/open-cases:
      | limit | 200 |
    Then the answer lists:
      | customerId | caseId |
      | <Ada>      | hot    |
    Given we resolve the case for Ada 5 days ago:
      | caseId         | hot      |
      | resolutionCode | repaired |
    And we reopen the case for Ada 4 days ago:
      | caseId     | hot       |
      | reasonCode | sameAgain |
    Then Ada's record shows:
      | openCases[caseId=hot].status | reopened |
    Given we resolve the case for Ada 3 days ago:
      | caseId         | hot      |
      | resolutionCode | replaced |
    And we close the case for Ada 1 day ago:
      | caseId | hot |
    Then Ada's record does not list under "openCases":
      | caseId |
      | hot    |
