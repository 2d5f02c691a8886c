@S20
Feature: What somebody likes and how they live
  Preferences, taste, lifestyle, age, education and culture belong to the profile.

  Scenario Outline: The profile holds a fact about <category>
    Given Ada registers 90 days ago
    When we record a profile fact for Ada 10 days ago:
      | category      | <category> |
      | key           | <key>      |
      | value         | <value>    |
      | source        | interview  |
      | confidencePct | 80         |
    Then Ada's record lists under "profileFacts":
      | category   | key   | value   | confidencePct |
      | <category> | <key> | <value> | 80            |

    Examples:
      | category  | key        | value     |
      | taste     | coffee     | espresso  |
      | lifestyle | household  | family    |
      | age       | group      | 40 to 49  |
      | education | degree     | master    |
      | culture   | festival   | carnival  |
      | language  | spoken     | Dutch     |
      | occasion  | birthday   | May       |
      | behaviour | buys       | on Sunday |

  Scenario Outline: A preference about <kind> is kept
    Given Ada registers 90 days ago
    When we record a preference for Ada 10 days ago:
      | kind   | <kind>  |
      | key    | contact |
      | value  | <value> |
      | source | quiz    |
    Then Ada's record lists under "preferences":
      | kind   | value   |
      | <kind> | <value> |

    Examples:
      | kind      | value    |
      | channel   | email    |
      | time      | evening  |
      | product   | arabica  |
      | frequency | monthly  |

  Scenario: What somebody likes is forgotten with them
    Given Ada registers 90 days ago
    And we record a profile fact for Ada 10 days ago:
      | category      | taste    |
      | key           | coffee   |
      | value         | espresso |
      | source        | quiz     |
      | confidencePct | 80       |
    When we erase the customer for Ada:
      | basis | request |
    Then Ada's record shows:
      | erased                | true |
      | displayName           | none |
      | profileFacts[0].value | none |

  Scenario: Sensitive facts need an explicit consent
    Given Ada registers 90 days ago
    When we record a profile fact for Ada 10 days ago:
      | category      | physical |
      | key           | allergy  |
      | value         | nuts     |
      | source        | interview |
      | confidencePct | 80       |
    Then it is refused with EXPLICIT_CONSENT_MISSING
    And the way out says "explicit consent"
    Given we grant a consent for Ada 9 days ago:
      | purpose      | specialCategories |
      | channelScope | any               |
      | legalBasis   | consent           |
      | textVersion  | 1                 |
      | explicit     | true              |
    When we record a profile fact for Ada 8 days ago:
      | category      | physical  |
      | key           | allergy   |
      | value         | nuts      |
      | source        | interview |
      | confidencePct | 80        |
    Then it is recorded

  Scenario: What was true for a time is no longer shown after it
    Given Ada registers 90 days ago
    And we record a profile fact for Ada 60 days ago:
      | category      | lifestyle   |
      | key           | diet        |
      | value         | fasting     |
      | source        | interview   |
      | confidencePct | 80          |
      | validFrom     | 60 days ago |
      | validTo       | 20 days ago |
    Then Ada's record does not list under "profileFacts":
      | key  |
      | diet |
    And Ada's record of 40 days ago shows:
      | profileFacts[0].value | fasting |
