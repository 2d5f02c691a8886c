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
