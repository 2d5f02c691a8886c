@S16
Feature: Good service encounters
  An encounter finishes strong, its bad parts come early and together, its pleasant parts apart; customers are given a
  choice, and rituals are kept.

  Scenario: The steps of an encounter are kept in order, with what was pleasant and what was not
    Given Ada registers 40 days ago
    And we record a touch point for Ada 3 days ago:
      | channel       | branch   |
      | direction     | in       |
      | kind          | visit    |
      | encounterId   | repair-1 |
      | stepIndex     | 1        |
      | unpleasant    | true     |
      | sentiment     | -30      |
    When we record a touch point for Ada 3 days ago:
      | channel       | branch   |
      | direction     | out      |
      | kind          | visit    |
      | encounterId   | repair-1 |
      | stepIndex     | 2        |
      | pleasant      | true     |
      | choiceOffered | true     |
      | sentiment     | 80       |
    Then Ada's history lists:
      | details.encounterId | details.stepIndex | details.unpleasant | details.choiceOffered |
      | repair-1            | 1                 | true               | none                  |
      | repair-1            | 2                 | none               | true                  |

  Scenario: A compensation is offered as a choice
    Given Ada registers 40 days ago
    And Ada complains 5 days ago:
      | caseId   | late |
      | severity | 3    |
    When we offer a compensation for Ada 4 days ago:
      | compensationId | comp-1 |
      | caseId         | late   |
      | remedy         | voucher |
      | alternatives   | replacement, discount |
    Then it is recorded

  Scenario: An encounter is judged by its peak, its end and the order of its steps
    Given Ada registers 40 days ago
    And we record a touch point for Ada 3 days ago:
      | channel     | branch   |
      | direction   | in       |
      | kind        | visit    |
      | encounterId | repair-1 |
      | stepIndex   | 1        |
      | unpleasant  | true     |
      | sentiment   | -30      |
    And we record a touch point for Ada 3 days ago:
      | channel       | branch   |
      | direction     | in       |
      | kind          | visit    |
      | encounterId   | repair-1 |
      | stepIndex     | 2        |
      | pleasant      | true     |
      | choiceOffered | true     |
      | sentiment     | 80       |
    When we ask encounter-quality/customer about Ada
    Then the answer lists:
      | encounterId | stepCount | quality.peak | quality.end |
      | repair-1    | 2         | 80           | 80          |

  Scenario: Whether encounters keep the rules is seen, and which will be remembered worst
    Given Ada registers 40 days ago
    And we record a touch point for Ada 3 days ago:
      | channel     | ivr      |
      | direction   | in       |
      | kind        | visit    |
      | encounterId | <Visit>  |
      | stepIndex   | 1        |
      | pleasant    | true     |
      | sentiment   | 60       |
      | ritualId    | espresso |
    And we record a touch point for Ada 3 days ago:
      | channel     | ivr     |
      | direction   | in      |
      | kind        | visit   |
      | encounterId | <Visit> |
      | stepIndex   | 2       |
      | unpleasant  | true    |
      | sentiment   | -100    |
    When we ask encounter-quality/customer about Ada
    Then the answer lists:
      | encounterId | quality.finishStrong | quality.badEarly | quality.rituals |
      | <Visit>     | false                | false            | espresso        |
    When we ask encounter-quality/weakest:
      | channel | ivr          |
      | broken  | finishStrong |
    Then the answer shows:
      | rows[0].encounterId | <Visit> |
    When we ask encounter-quality/quality:
      | channel | ivr |
    Then the answer lists under "rules":
      | rule         | broken | kept |
      | finishStrong | 1      | 0    |
    And the answer shows:
      | withRitual | 1 |
