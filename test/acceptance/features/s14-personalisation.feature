@S14
Feature: Personalisation on data of known quality
  What we say to a customer follows from what we learned in every interaction, and we know how good our data are.

  Scenario: A preference of the customer is kept, and the latest one counts
    Given Ada registers 90 days ago
    And we record a preference for Ada 80 days ago:
      | kind   | channel |
      | key    | contact |
      | value  | mail    |
      | source | quiz    |
    When we record a preference for Ada 10 days ago:
      | kind   | channel |
      | key    | contact |
      | value  | email   |
      | source | quiz    |
    Then Ada's record shows:
      | preferences.length   | 1     |
      | preferences[0].value | email |

  Scenario: How good the data of a customer are, and who answers for them
    Given Ada registers 90 days ago
    And we appoint a data steward for Ada 80 days ago:
      | stewardId | <Eve> |
    And we assess the data quality for Ada 70 days ago:
      | completenessPct | 60 |
      | validityPct     | 90 |
      | uniquenessPct   | 95 |
      | timelinessDays  | 30 |
    When we ask data-quality/customer about Ada
    Then the answer shows:
      | stewardId | <Eve> |
    When we ask data-quality/worklist:
      | problem   | incomplete |
      | stewardId | <Eve>      |
    Then the answer lists:
      | customerId |
      | <Ada>      |
