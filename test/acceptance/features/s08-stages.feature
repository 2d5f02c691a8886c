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

  Scenario: Contacts we began are no involvement
    Given Ada registers 30 days ago
    And we call Ada 20 days ago
    When we call Ada 10 days ago
    Then Ada's record shows:
      | relationship.stage | contact |

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
    And Ada's history does not list:
      | type                    |
      | RelationshipStageChosen |
      | RelationshipStageMoved  |

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

  Scenario: A dry run of any initiative says what stands against it, and what would permit it
    Given Ada registers 200 days ago
    And Ada is brought to deterioration
    When a dry run asks to open an opportunity for Ada:
      | opportunityId  | op-1       |
      | kind           | crossSell  |
      | initiative     | firm       |
      | expected       | 900.00 EUR |
      | probabilityPct | 40         |
    Then it is refused with STAGE_FORBIDS_CROSS_SELL
    And the way out says "repair"
    When a dry run asks to start a repair for Ada:
      | repairId | r-1    |
      | ownerId  | <Mia>  |
      | caseIds  | damage |
      | plan     | call and replace |
      | dueAt    | in 10 days |
    Then it would be recorded
    When a dry run asks to conclude the repair for Ada:
      | repairId   | r-1       |
      | outcome    | recovered |
      | reasonCode | replaced  |
    Then it is refused with NO_REPAIR_RUNNING
    When a dry run asks to start a win back for Ada:
      | winBackId | w-1   |
      | channel   | email |
      | reason    | new   |
    Then it is refused with STAGE_FORBIDS_INITIATIVE
    And Ada's record shows:
      | relationship.stage  | deterioration |
      | relationship.repair | none          |

  Scenario: What the customer asks for is not refused by a stage
    Given Ada registers 200 days ago
    And Ada is brought to deterioration
    When we open an opportunity for Ada:
      | opportunityId  | op-1       |
      | kind           | crossSell  |
      | initiative     | customer   |
      | expected       | 900.00 EUR |
      | probabilityPct | 40         |
    Then it is recorded

  Scenario: After a repair nothing else is sold for thirty days, and the day is named
    Given Ada registers 200 days ago
    And Ada consents to marketing by any 200 days ago
    And Ada is brought to repair
    And we resolve the case for Ada 10 days ago:
      | caseId         | damage   |
      | resolutionCode | replaced |
    And we accept the resolution for Ada 8 days ago:
      | caseId       | damage |
      | satisfaction | 5      |
    And we define a product:
      | productId | <Boiler>   |
      | name      | Boiler     |
      | family    | <Boilers>  |
      | tier      | 1          |
      | kind      | durable    |
      | listPrice | 300.00 EUR |
    When we offer a product for Ada:
      | offerId    | of-1     |
      | productId  | <Boiler> |
      | channel    | email    |
      | initiative | firm     |
    Then it is refused with OFFER_NOT_PERMITTED
    And the answer explains "repaired less than 30 days ago"
    And it may be asked again from 22 days on

  Scenario Outline: What damages a relationship: <damage>
    Given Ada registers 200 days ago
    And Ada buys "machine" for 300.00 EUR 100 days ago
    And we issue an invoice for Ada 100 days ago:
      | invoiceId | i-1         |
      | amount    | 300.00 EUR  |
      | dueDate   | 70 days ago |
    When we <damage> for Ada 10 days ago:
      | <field>  | <value>  |
      | <field2> | <value2> |
    Then Ada's record shows:
      | relationship.stage              | deterioration |
      | relationship.history[from=involvement].reasonCode | <reason> |

    Examples:
      | damage              | field     | value           | field2 | value2     | reason          |
      | declare a default   | invoiceId | i-1             | amount | 300.00 EUR | paymentDefault  |
      | record an advocacy  | kind      | publicComplaint | channel | social    | publicComplaint |

  Scenario: A second complaint within three months damages the relationship
    Given Ada registers 200 days ago
    And Ada buys "machine" for 300.00 EUR 100 days ago
    And Ada complains 60 days ago:
      | caseId   | first |
      | severity | 4     |
    Then Ada's record shows:
      | relationship.stage | involvement |
    When Ada complains 10 days ago:
      | caseId   | second |
      | severity | 4      |
    Then Ada's record shows:
      | relationship.stage | deterioration |

  Scenario: Notice on a contract is damage, and its end ends the relationship after a time of grace
    Given Ada registers 300 days ago
    And we sign a contract for Ada 290 days ago:
      | contractId   | k-1          |
      | productId    | care         |
      | startDate    | 290 days ago |
      | periodMonths | 12           |
      | autoRenew    | false        |
      | noticeDays   | 30           |
    Then Ada's record shows:
      | relationship.stage | involvement |
    When we cancel the contract for Ada 150 days ago:
      | contractId    | k-1          |
      | effectiveDate | 120 days ago |
      | reasonCode    | tooExpensive |
      | byCustomer    | true         |
    Then Ada's record shows:
      | relationship.stage | deterioration |
    When we review the relationship for Ada
    Then Ada's record shows:
      | relationship.stage                                  | dissolution   |
      | relationship.history[from=deterioration].reasonCode | contractEnded |

  Scenario: A contract is taken up, changed, prolonged and ended at once, each in its turn
    Given Ada registers 300 days ago
    And we sign a contract for Ada 200 days ago:
      | contractId       | k-1          |
      | productId        | <Care>       |
      | startDate        | 200 days ago |
      | endDate          | in 30 days   |
      | periodMonths     | 12           |
      | recurring        | 120.00 EUR   |
      | autoRenew        | false        |
      | noticeDays       | 30           |
      | awaitsActivation | true         |
    And we activate the contract for Ada 195 days ago:
      | contractId | k-1          |
      | activeFrom | 195 days ago |
    And we amend the contract for Ada 100 days ago:
      | contractId    | k-1             |
      | effectiveDate | 90 days ago     |
      | recurring     | 99.00 EUR       |
      | reasonCode    | loyaltyDiscount |
    When we ask contract-book/ending:
      | productId  | <Care> |
      | withinDays | 40     |
    Then the answer lists:
      | customerId | contractId | state   | annual    |
      | <Ada>      | k-1        | running | 99.00 EUR |
    Given we renew the contract for Ada 5 days ago:
      | contractId | k-1         |
      | newEndDate | in 395 days |
    When we ask contract-book/book:
      | productId | <Care> |
    Then the answer lists under "lines":
      | running | annualMinor | renewals | renewalRate |
      | 1       | 9900        | 1        | 1           |
    When we expire the contract for Ada:
      | contractId | k-1 |
    Then it is refused with CONTRACT_STATE_FORBIDS
    When we terminate the contract for Ada:
      | contractId    | k-1      |
      | effectiveDate | today    |
      | reasonCode    | breach   |
      | byCustomer    | false    |
    And we ask contract-book/customer about Ada
    Then the answer lists:
      | contractId | state | endedBy    |
      | k-1        | ended | terminated |

  Scenario Outline: A <role> becomes involved in a way of their own
    Given Ada registers 100 days ago:
      | roles | <role> |
    And we record a touch point for Ada 50 days ago:
      | channel   | fieldSales |
      | direction | in         |
      | kind      | meeting    |
      | actor     | {"kind": "employee", "id": "agent-1"} |
    Then Ada's record shows:
      | relationship.stage | contact |
    When we record a touch point for Ada 40 days ago:
      | channel   | fieldSales |
      | direction | in         |
      | kind      | meeting    |
      | actor     | {"kind": "employee", "id": "agent-1"} |
    Then Ada's record shows:
      | relationship.stage                 | involvement |
      | relationship.history[1].reasonCode | <reason>    |

    Examples:
      | role        | reason         |
      | customer    | inboundTouches |
      | partner     | jointActivity  |
      | stakeholder | inboundTouches |
      | employee    | jointActivity  |

  Scenario: A model may say that somebody fell silent, and only together with another bad sign it is damage
    Given Ada registers 200 days ago
    And Ada buys "machine" for 300.00 EUR 100 days ago
    When we note the model evidence for Ada 20 days ago:
      | pAlive       | 0.2     |
      | modelRunId   | mbgNbd-1 |
      | asOf         | 20 days ago |
    Then Ada's record shows:
      | relationship.stage | involvement |
    When we record a touch point for Ada 10 days ago:
      | channel   | callCentre |
      | direction | in         |
      | kind      | call       |
      | sentiment | -60        |
    Then Ada's record shows:
      | relationship.stage                                | deterioration |
      | relationship.history[from=involvement].reasonCode | silence       |

  Scenario: How long relationships stay at a stage, how far each year's customers came, and how often rules were overruled
    Given Ada registers 30 days ago
    And we override the stage for Ada:
      | to        | involvement                 |
      | note      | the board knows the founder |
      | holdUntil | in 60 days                  |
    When we ask relationship-funnel/funnel
    Then the answer lists under "stages":
      | stage       | customers  | meanDaysInStage |
      | involvement | at least 1 | at least 0      |
    And the answer shows:
      | overrides.customers | at least 1 |
    When we ask relationship-funnel/cohorts
    Then the answer shows:
      | cohorts[0].customers | at least 1 |

  Scenario: A long silence without anything bad is a step back, not damage
    Given Ada registers 300 days ago
    And Ada buys "machine" for 300.00 EUR 290 days ago
    Then Ada's record shows:
      | relationship.stage | involvement |
    When we review the relationship for Ada
    Then Ada's record shows:
      | relationship.stage | contact |

  Scenario: A prospect of whom nothing is heard for a year is no longer one
    Given Ada registers 400 days ago
    When we review the relationship for Ada
    Then Ada's record shows:
      | relationship.stage                            | dissolution    |
      | relationship.history[from=contact].reasonCode | lapsedProspect |

  Scenario: When an override is over the rules decide again
    Given Ada registers 100 days ago
    And we override the stage for Ada 90 days ago:
      | to        | intimacy        |
      | note      | an old friend   |
      | holdUntil | 20 days ago     |
    And we record a goodbye for Ada 50 days ago:
      | reasonCode | customerLeft |
    Then Ada's record of 30 days ago shows:
      | relationship.stage     | intimacy |
      | relationship.heldUntil | some     |
    When we review the relationship for Ada
    Then Ada's record shows:
      | relationship.stage     | dissolution |
      | relationship.heldUntil | none        |

  Scenario Outline: Nobody is asked back after <reason>
    Given Ada registers 200 days ago
    And Ada consents to marketing by any 200 days ago
    And Ada is brought to involvement
    And we record a goodbye for Ada 40 days ago:
      | reasonCode | <reason> |
    When we start a win back for Ada:
      | winBackId | w-1       |
      | channel   | email     |
      | reason    | new blend |
    Then it is refused with STAGE_GUARD_NOT_MET

    Examples:
      | reason |
      | death  |
      | fraud  |

  Scenario Outline: At <stage> we may offer to <what>
    Given Ada registers 200 days ago
    And Ada consents to marketing by any 200 days ago
    And Ada is brought to <stage>
    And we define a product:
      | productId | <Boiler>   |
      | name      | Boiler     |
      | family    | <Boilers>  |
      | tier      | 1          |
      | kind      | durable    |
      | listPrice | 300.00 EUR |
    When a dry run asks to offer a product for Ada <when>:
      | offerId    | of-1     |
      | productId  | <Boiler> |
      | channel    | email    |
      | initiative | firm     |
      | <as>       | <what>   |
    Then it would be recorded

    Examples:
      | stage         | when         | as      | what            |
      | contact       | today        | reason  | begin with us   |
      | involvement   | 185 days ago | reason  | buy another one |
      | involvement   | 185 days ago | purpose | retain          |
      | intimacy      | 70 days ago  | reason  | buy another one |
      | intimacy      | 70 days ago  | purpose | retain          |
      | deterioration | today        | purpose | retain          |
      | repair        | today        | purpose | retain          |
      | dissolution   | today        | purpose | winBack         |

  Scenario Outline: At <stage> we may not offer to <what>
    Given Ada registers 200 days ago
    And Ada consents to marketing by any 200 days ago
    And Ada is brought to <stage>
    And we define a product:
      | productId | <Boiler>   |
      | name      | Boiler     |
      | family    | <Boilers>  |
      | tier      | 1          |
      | kind      | durable    |
      | listPrice | 300.00 EUR |
    When a dry run asks to offer a product for Ada <when>:
      | offerId    | of-1     |
      | productId  | <Boiler> |
      | channel    | email    |
      | initiative | firm     |
      | <as>       | <what>   |
    Then it is refused with <code>

    Examples:
      | stage         | when         | as      | what            | code                     |
      | contact       | today        | purpose | retain          | STAGE_FORBIDS_RETENTION  |
      | contact       | today        | purpose | winBack         | STAGE_FORBIDS_INITIATIVE |
      | intimacy      | 70 days ago  | purpose | winBack         | STAGE_FORBIDS_INITIATIVE |
      | deterioration | today        | reason  | buy another one | STAGE_FORBIDS_CROSS_SELL |
      | repair        | today        | reason  | buy another one | STAGE_FORBIDS_CROSS_SELL |
      | dissolution   | today        | reason  | buy another one | STAGE_FORBIDS_CROSS_SELL |
      | dissolution   | today        | purpose | retain          | STAGE_FORBIDS_RETENTION  |
