@S19
Feature: What makes customer systems fail is avoided
  Mandatory fields, duplicates, data without an owner, measures without a goal and rules that cannot be changed make such
  systems fail.

  Scenario Outline: Nothing but one identifier, one role and the channel is mandatory, and <field> is
    When Ada registers:
      | <field> | <nothing> |
    Then it is refused with INVALID_VALUE

    Examples:
      | field       | nothing |
      | roles       |         |
      | identifiers | []      |

  Scenario: The same import twice makes no second record
    Given Ada registers 30 days ago:
      | sourceSystem  | import |
      | sourceEventId | <Row>  |
    When Ada registers 30 days ago:
      | sourceSystem  | import |
      | sourceEventId | <Row>  |
    Then the answer to the write shows:
      | replayed | true |

  Scenario: The rules are the business's own, and take effect on a date
    When the rules are published with:
      | version             | <Strict>    |
      | objective           | shorter overrides |
      | overrideMaxHoldDays | 30          |
      | effectiveFrom       | in 400 days |
    Then it is recorded
    When the rules are published with:
      | version       | <Strict>    |
      | objective     | the same again |
      | effectiveFrom | in 500 days |
    Then it is refused with RULE_BOOK_VERSION_TAKEN

  Scenario: A wrong rule says where and why it is wrong
    When the rules are published with:
      | version             | <Broken>    |
      | overrideMaxHoldDays | many        |
      | effectiveFrom       | in 400 days |
    Then it is refused with RULE_BOOK_INVALID
    And the answer explains "overrideMaxHoldDays"

  Scenario: A decision names the rules it was made by
    Given Ada registers 30 days ago
    And Ada buys "machine" for 300.00 EUR 20 days ago
    Then Ada's history lists:
      | type                   | details.ruleBookVersion |
      | RelationshipStageMoved | default-1               |

  Scenario: New rules decide from their date on, and what was decided before keeps its reasons
    Given Ada registers 30 days ago
    And Ada calls us 20 days ago
    And Ada calls us 10 days ago
    And Bob registers 30 days ago
    And Bob calls us 10 days ago
    And rules <Strict> ask for contacts on 3 days before somebody is involved
    When Bob calls us today
    Then Bob's record shows:
      | relationship.stage | contact |
    And Ada's record shows:
      | relationship.stage | involvement |
    When we move stage for Bob:
      | to         | involvement |
      | reasonCode | feelsReady  |
    Then it is refused with STAGE_GUARD_NOT_MET
    When we ask why Ada's relationship moved to involvement
    Then the answer shows:
      | decision.reasonCode  | inboundTouches |
      | ruleBook.version     | contains default |
      | rules[0].answer.met  | true           |
    And the answer lists under "rules":
      | name | sentence |
      | G1   | contains two inbound touches on two days |
    When we ask for the rules of every version
    Then the answer lists under "":
      | version  | inForce |
      | <Strict> | true    |

  Scenario: Rules are tried before they are published
    When a dry run asks to publish the rule book:
      | rules | {"version": "incomplete"} |
    Then it is refused with RULE_BOOK_INVALID

  Scenario: A goal has a measure, a target, a cost, and somebody to compare with
    Given we set a goal:
      | scope     | <Company>      |
      | goalId    | known          |
      | metric    | brandAwareness |
      | objective | Known in town  |
      | baseline  | 20             |
      | target    | 40             |
      | startDate | 90 days ago    |
      | dueDate   | in 90 days     |
      | budget    | 1000.00 EUR    |
    And we record a benchmark:
      | scope  | <Company>      |
      | metric | brandAwareness |
      | source | town survey    |
      | value  | 45             |
      | asOf   | 10 days ago    |
    When we ask crm-goals/goals:
      | scope | <Company> |
    Then the answer shows:
      | goals[0].status | unknown |
      | goals[0].actual | none    |
    When we measure the goal:
      | scope  | <Company>  |
      | goalId | known      |
      | value  | 35         |
      | asOf   | today      |
      | cost   | 400.00 EUR |
    And we ask crm-goals/goals:
      | scope | <Company> |
    Then the answer shows:
      | goals[0].actual              | 35         |
      | goals[0].measured            | told       |
      | goals[0].progressPct         | 75         |
      | goals[0].status              | onTrack    |
      | goals[0].cost                | 400.00 EUR |
      | goals[0].benchmarks[0].value | 45         |
      | goals[0].benchmarks[0].gap   | -10        |

  Scenario: A goal the history can measure is measured by it, with its return
    Given we set a goal:
      | scope     | <Company>   |
      | goalId    | sales       |
      | metric    | revenue     |
      | baseline  | 100000      |
      | target    | 500000      |
      | currency  | NOK         |
      | startDate | 40 days ago |
      | dueDate   | in 30 days  |
    And Ada registers 40 days ago
    And Ada buys "machine" for 3000.00 NOK 1 day ago
    And we measure the goal:
      | scope  | <Company>  |
      | goalId | sales      |
      | asOf   | today      |
      | cost   | 100.00 NOK |
    When we ask crm-goals/goals:
      | scope | <Company> |
    Then the answer shows:
      | goals[0].actual             | 300000   |
      | goals[0].measured           | computed |
      | goals[0].progressPct        | 60       |
      | goals[0].returnOnInvestment | 5        |

  Scenario: Nothing is measured that was never a goal
    When we measure the goal:
      | scope  | <Company> |
      | goalId | none      |
      | value  | 35        |
      | asOf   | today     |
    Then it is refused with UNKNOWN_GOAL

  Scenario: Every decision says which version of the rules made it, and how much each version decided
    Given Ada registers 30 days ago
    And Ada buys "espresso-1kg" for 20.00 EUR 20 days ago
    When we ask decisions/customer about Ada
    Then the answer lists:
      | type                   | outcome.to  |
      | RelationshipStageMoved | involvement |
    When we ask decisions/books
    Then the answer shows:
      | books[0].decisions | at least 1 |
