@S8
Feature: Stages of a relationship
  A relationship passes contact, involvement, intimacy, deterioration, repair and dissolution, and can end at any of
  them. Knowing the stage tells what may be sold; selling more fits only some stages.

  Scenario: A new customer is at contact and the first purchase begins the involvement
    Given Ada registers 30 days ago
    Then Ada's record shows:
      | relationship.stage | contact |
    When Ada buys "espresso-1kg" for 20.00 EUR 20 days ago
    Then Ada's record shows:
      | relationship.stage                 | involvement   |
      | relationship.history[1].reasonCode | firstPurchase |

  Scenario: Two contacts of the customer's own on two days are involvement too
    Given Ada registers 30 days ago
    And Ada calls us 20 days ago
    Then Ada's record shows:
      | relationship.stage | contact |
    When Ada calls us 10 days ago
    Then Ada's record shows:
      | relationship.stage | involvement |

  Scenario: Repeated purchases and satisfaction make intimacy, after some time
    Given Ada registers 200 days ago
    And Ada buys "machine" for 300.00 EUR 190 days ago
    And Ada buys "espresso-1kg" for 20.00 EUR 150 days ago
    And Ada buys "espresso-1kg" for 20.00 EUR 120 days ago
    And Ada answers NPS with 10 80 days ago
    Then Ada's record shows:
      | relationship.stage | intimacy |

  Scenario: Nobody skips a stage
    Given Ada registers 30 days ago
    When we move stage for Ada:
      | to         | intimacy    |
      | reasonCode | feelsLikeIt |
    Then it is refused with STAGE_MOVE_NOT_ALLOWED
    And nothing is recorded
    And Ada's record shows:
      | relationship.stage | contact |

  Scenario: A move without evidence says what is missing, and works once it is there
    Given Ada registers 30 days ago
    When we move stage for Ada:
      | to         | involvement |
      | reasonCode | feelsReady  |
    Then it is refused with STAGE_GUARD_NOT_MET
    And the way out says "purchase"
    When Ada buys "espresso-1kg" for 20.00 EUR today
    Then Ada's record shows:
      | relationship.stage | involvement |

  Scenario: A severe complaint beyond its time damages the relationship, a repair plan heals it
    Given Ada registers 200 days ago
    And Ada buys "machine" for 300.00 EUR 190 days ago
    And Ada complains 20 days ago:
      | caseId   | broken-machine |
      | severity | 1              |
    When we review the relationship for Ada 15 days ago
    Then Ada's record shows:
      | relationship.stage | deterioration |
    When we start a repair for Ada 14 days ago:
      | repairId | r-1              |
      | ownerId  | <Mia>            |
      | caseIds  | broken-machine   |
      | plan     | call and replace |
      | dueAt    | in 10 days       |
    Then Ada's record shows:
      | relationship.stage           | repair |
      | relationship.repair.ownerId  | <Mia>  |
    Given we resolve the case for Ada 10 days ago:
      | caseId         | broken-machine |
      | resolutionCode | replaced       |
    When we conclude the repair for Ada 9 days ago:
      | repairId   | r-1       |
      | outcome    | recovered |
      | reasonCode | replaced  |
    Then it is refused with STAGE_GUARD_NOT_MET
    Given we accept the resolution for Ada 8 days ago:
      | caseId       | broken-machine |
      | satisfaction | 5              |
    When we conclude the repair for Ada 7 days ago:
      | repairId   | r-1                |
      | outcome    | recovered          |
      | reasonCode | resolutionAccepted |
    Then Ada's record shows:
      | relationship.stage | involvement |

  Scenario: Nothing else is sold while the relationship is damaged
    Given Ada registers 200 days ago
    And Ada consents to marketing by any 200 days ago
    And Ada buys "machine" for 300.00 EUR 190 days ago
    And Ada complains 20 days ago:
      | severity | 1 |
    And we define a product:
      | productId | grinder   |
      | name      | Grinder   |
      | family    | grinders  |
      | tier      | 1         |
      | kind      | durable   |
      | listPrice | 99.00 EUR |
    When we offer a product for Ada:
      | offerId    | of-1    |
      | productId  | grinder |
      | channel    | email   |
      | initiative | firm    |
    Then it is refused with STAGE_FORBIDS_CROSS_SELL
    And the suppressed offer is recorded

  Scenario: Nothing more is sold while the relationship is being repaired
    Given Ada registers 200 days ago
    And Ada consents to marketing by any 200 days ago
    And Ada is brought to repair
    And we define a product:
      | productId | s08-8-grinder |
      | name      | s08-8-grinder |
      | family    | grinders      |
      | tier      | 1             |
      | kind      | durable       |
      | listPrice | 99.00 EUR     |
    When we offer a product for Ada:
      | offerId    | of-1          |
      | productId  | s08-8-grinder |
      | channel    | email         |
      | initiative | firm          |
    Then it is refused with STAGE_FORBIDS_CROSS_SELL
    And the suppressed offer is recorded

  Scenario: A dry run says the same and records nothing
    Given Ada registers 30 days ago
    When a dry run asks to move stage for Ada:
      | to         | involvement |
      | reasonCode | feelsReady  |
    Then it is refused with STAGE_GUARD_NOT_MET
    And nothing is recorded

  Scenario Outline: A relationship can end at <stage>
    Given Ada registers 200 days ago
    And Ada is brought to <stage>
    When we record a goodbye for Ada:
      | reasonCode | customerLeft |
    Then Ada's record shows:
      | relationship.stage              | dissolution  |
      | relationship.goodbye.reasonCode | customerLeft |

    Examples:
      | stage         |
      | contact       |
      | involvement   |
      | intimacy      |
      | deterioration |
      | repair        |

  Scenario: Facts are never refused by a stage
    Given Ada registers 200 days ago
    And Ada is brought to deterioration
    When Ada buys "espresso-1kg" for 20.00 EUR today
    Then it is recorded

  Scenario: A customer who returns by themselves is welcome at once
    Given Ada registers 200 days ago
    And Ada is brought to intimacy
    And we record a goodbye for Ada 40 days ago:
      | reasonCode | customerLeft |
    When Ada buys "espresso-1kg" for 20.00 EUR 10 days ago
    Then Ada's record shows:
      | relationship.history[from=dissolution].stage | contact |

  Scenario: We may try to win somebody back only with consent and after a while
    Given Ada registers 200 days ago
    And Ada is brought to intimacy
    And we record a goodbye for Ada 40 days ago:
      | reasonCode | customerLeft |
    When we start a win back for Ada:
      | winBackId | w-1         |
      | channel   | email       |
      | reason    | new blend   |
    Then it is refused with CONSENT_MISSING
    Given Ada consents to marketing by email today
    When we start a win back for Ada:
      | winBackId | w-1         |
      | channel   | email       |
      | reason    | new blend   |
    Then it is recorded

  Scenario: An override holds for a limited time
    Given Ada registers 30 days ago
    When we override the stage for Ada:
      | to        | involvement                 |
      | note      | the board knows the founder |
      | holdUntil | in 91 days                  |
    Then it is refused with OVERRIDE_NOT_ALLOWED
    When we override the stage for Ada:
      | to        | involvement                 |
      | note      | the board knows the founder |
      | holdUntil | in 60 days                  |
    Then Ada's record shows:
      | relationship.stage     | involvement |
      | relationship.heldUntil | some        |

  Scenario: The funnel says who stands where and since when
    Given Ada registers 200 days ago
    And Ada is brought to deterioration
    When we ask relationship-funnel/by-stage:
      | stage | deterioration |
      | limit | 200           |
    Then the answer lists:
      | customerId |
      | <Ada>      |
