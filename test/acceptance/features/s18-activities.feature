@S18
Feature: The activities of managing customers
  Targeting, enquiries, welcoming, getting to know, development, problems and winning back are carried out, and each is
  measured.

  Scenario: Somebody new is welcomed by a person within two days
    Given we start the process:
      | processId | welcome |
      | ownerId   | <Mia>   |
    When Ada registers
    And we ask agenda/my-day:
      | ownerId | <Mia>     |
      | until   | in 3 days |
    Then the answer lists:
      | customerId | kind | activityId |
      | <Ada>      | call | welcome    |
    When we stop the process:
      | processId  | welcome |
      | reasonCode | tested  |
    Then it is recorded

  Scenario: A process that was not started does nothing
    When Ada registers
    And we ask agenda/customer about Ada
    Then the answer shows:
      | rows.length | 0 |

  Scenario: What is planned is done, moved or called off, and everybody sees their day
    Given Ada registers 40 days ago
    And we plan an activity for Ada 10 days ago:
      | activityId | a-1        |
      | kind       | visit      |
      | dueAt      | 5 days ago |
      | ownerId    | <Mia>      |
    And we plan an activity for Ada 10 days ago:
      | activityId | a-2        |
      | kind       | call       |
      | dueAt      | 5 days ago |
      | ownerId    | <Mia>      |
    And we plan an activity for Ada 10 days ago:
      | activityId | a-3        |
      | kind       | meeting    |
      | dueAt      | 5 days ago |
      | ownerId    | <Mia>      |
    And we complete the activity for Ada 6 days ago:
      | activityId | a-1  |
      | outcome    | done |
    And we cancel the activity for Ada 6 days ago:
      | activityId | a-2    |
      | reasonCode | onHoliday |
    When we ask agenda/my-day:
      | ownerId | <Mia> |
    Then the answer lists:
      | activityId | overdue |
      | a-3        | true    |
    And the answer does not list:
      | activityId |
      | a-1        |
      | a-2        |
    When we ask agenda/load:
      | ownerId | <Mia> |
    Then the answer shows:
      | owners[0].doneInTime | 1 |
      | owners[0].overdue    | 1 |
      | owners[0].cancelled  | 1 |

  Scenario: A severe complaint of a valuable customer gets a repair plan by itself
    Given we start the process:
      | processId | problem-management |
      | ownerId   | <Mia>              |
    And Ada registers 200 days ago
    And we assign an account manager for Ada 190 days ago:
      | managerId | <Tom>        |
      | fromDate  | 190 days ago |
      | basis     | manual       |
    And Ada is brought to intimacy
    And Ada complains 5 days ago:
      | caseId   | broken |
      | severity | 1      |
    When we ask agenda/customer about Ada
    Then the answer lists:
      | activityId     | ownerId |
      | problem-broken | <Tom>   |
    When we review the relationship for Ada
    Then Ada's record shows:
      | relationship.stage          | repair |
      | relationship.repair.ownerId | <Tom>  |
    When we stop the process:
      | processId  | problem-management |
      | reasonCode | tested             |
    Then it is recorded

  Scenario: A lead that is not worth it says why
    Given Ada registers 40 days ago
    And we identify a lead for Ada 30 days ago:
      | leadId | l-1  |
      | source | fair |
    When we disqualify the lead for Ada 20 days ago:
      | leadId     | l-1      |
      | reasonCode | noBudget |
    Then it is recorded
    When we qualify the lead for Ada 10 days ago:
      | leadId | l-1 |
    Then it is refused with LEAD_STATE_FORBIDS

  Scenario: What came of each process is measured
    When we ask process-results/results
    Then the answer lists under "processes":
      | process            |
      | welcome            |
      | enquiry-follow-up  |
      | problem-management |
      | win-back           |

  Scenario: An enquiry that nobody answered becomes somebody's task, an answered one does not
    Given we start the process:
      | processId | enquiry-follow-up |
      | ownerId   | <Mia>             |
    And Bob registers 40 days ago
    And we open a case for Bob 4 days ago:
      | caseId   | q-2      |
      | kind     | question |
      | severity | 3        |
    And we reply to case for Bob 4 days ago:
      | caseId    | q-2     |
      | handlerId | agent-1 |
      | text      | yes     |
    And Ada registers 40 days ago
    And we open a case for Ada 4 days ago:
      | caseId   | q-1      |
      | kind     | question |
      | severity | 3        |
    When we ask agenda/my-day:
      | ownerId | <Mia>     |
      | until   | in 3 days |
    Then the answer lists:
      | customerId | activityId  | kind | caseId |
      | <Ada>      | enquiry-q-1 | call | q-1    |
    And the answer does not list:
      | customerId |
      | <Bob>      |

  Scenario: A lead that nobody follows becomes somebody's task
    Given we start the process:
      | processId | enquiry-follow-up |
      | ownerId   | <Mia>             |
    And Ada registers 40 days ago
    When we identify a lead for Ada 3 days ago:
      | leadId | l-1  |
      | source | fair |
    And we ask agenda/customer about Ada
    Then the answer lists:
      | activityId  | ownerId |
      | enquiry-l-1 | <Mia>   |

  Scenario: A welcome is planned once, however often somebody is heard of
    Given we start the process:
      | processId | welcome |
      | ownerId   | <Mia>   |
    And Ada registers
    When we ask agenda/customer about Ada
    Then the answer shows:
      | rows.length | 1 |
    Given Ada buys "beans" for 20.00 EUR today
    And we complete the activity for Ada today:
      | activityId | welcome |
      | outcome    | done    |
    When we ask process-results/customers:
      | process | welcome |
    Then the answer lists:
      | customerId | acted |
      | <Ada>      | 1     |
    When we ask agenda/customer about Ada
    Then the answer shows:
      | rows.length     | 1         |
      | rows[0].status  | done      |

  Scenario: The problem of somebody who is not valuable is solved without an alert
    Given we start the process:
      | processId | problem-management |
      | ownerId   | <Mia>              |
    And Bob registers 20 days ago
    And Bob complains 5 days ago:
      | caseId   | late |
      | severity | 1    |
    And Ada registers 200 days ago
    And Ada is brought to intimacy
    And Ada complains 5 days ago:
      | caseId   | broken |
      | severity | 1      |
    When we ask agenda/my-day:
      | ownerId | <Mia>     |
      | until   | in 3 days |
    Then the answer lists:
      | customerId | activityId     |
      | <Ada>      | problem-broken |
    And the answer does not list:
      | customerId |
      | <Bob>      |

  Scenario: Winning somebody back ends, one way or the other
    Given Ada registers 200 days ago
    And Ada consents to marketing by email 200 days ago
    And Ada is brought to intimacy
    And we record a goodbye for Ada 60 days ago:
      | reasonCode | customerLeft |
    And we start a win back for Ada 20 days ago:
      | winBackId | w-1       |
      | channel   | email     |
      | reason    | new blend |
    When we conclude the win back for Ada 5 days ago:
      | winBackId  | w-1        |
      | outcome    | lost       |
      | reasonCode | notWanted  |
    Then it is recorded
    And Ada's record shows:
      | relationship.stage   | dissolution |
      | relationship.winBack | none        |

  Scenario: What is moved to another day and another person is seen there
    Given Ada registers 40 days ago
    And we plan an activity for Ada 10 days ago:
      | activityId | a-1        |
      | kind       | visit      |
      | dueAt      | 5 days ago |
      | ownerId    | <Mia>      |
    When we reschedule the activity for Ada 6 days ago:
      | activityId | a-1          |
      | dueAt      | in 10 days   |
      | ownerId    | <Tom>        |
      | reasonCode | customerAway |
    And we ask agenda/planned:
      | ownerId | <Tom> |
    Then the answer lists:
      | activityId | rescheduled | overdue |
      | a-1        | 1           | false   |
    When we ask agenda/planned:
      | ownerId | <Mia> |
    Then the answer does not list:
      | activityId |
      | a-1        |

  Scenario: The measures a goal may name are told by the history
    Given Ada registers
    When we ask crm-goals/metrics for this month
    Then the answer lists under "metrics":
      | metric       | unit  | value      |
      | newCustomers | count | at least 1 |

  Scenario: A visit that was made is a contact of the history
    Given Ada registers 40 days ago
    And we plan an activity for Ada 10 days ago:
      | activityId | a-1        |
      | kind       | visit      |
      | dueAt      | 5 days ago |
      | ownerId    | <Mia>      |
    When we complete the activity for Ada 5 days ago:
      | activityId | a-1  |
      | outcome    | done |
      | channel    | fieldSales |
      | touch      | {"direction": "out", "kind": "visit", "subject": "showed the grinder"} |
    Then Ada's history lists:
      | type               | details.subject    |
      | TouchPointRecorded | showed the grinder |
    And Ada's record shows:
      | contact.contacts | 1 |
