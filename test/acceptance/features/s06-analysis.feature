@S6
Feature: Analysis of customers
  What customers are worth, who is about to leave and what may be sold to whom are answered from the history, for any day.

  Scenario: The value of a customer so far
    Given Ada registers 200 days ago
    And Ada buys "machine" for 300.00 EUR 190 days ago
    And Ada buys "espresso-1kg" for 20.00 EUR 100 days ago
    And we record a return for Ada 95 days ago:
      | orderId    | <order of Ada> |
      | refund     | 20.00 EUR      |
      | reasonCode | stale          |
    When we ask lifetime-value/value about Ada
    Then the answer shows:
      | currencies.length                  | 1      |
      | currencies[0].currency             | EUR    |
      | currencies[0].historicRevenueMinor | 30000  |
      | currencies[0].historicClvMinor     | 9000   |
      | currencies[0].numberOfOrders       | 2      |

  Scenario: Who is at risk, and why
    Given Ada registers 400 days ago
    And Ada buys "machine" for 300.00 EUR 390 days ago
    And Ada buys "espresso-1kg" for 20.00 EUR 360 days ago
    And Ada buys "espresso-1kg" for 20.00 EUR 330 days ago
    And Ada complains 10 days ago
    When we ask churn-risk/risk about Ada
    Then the answer shows:
      | score.drivers[name=openComplaint].explanation | contains severity 2 |
      | score.band                                    | some                |

  Scenario: What a campaign brought is told against those who were left alone
    Given we plan a campaign:
      | campaignId      | <Spring>               |
      | name            | A grinder for everyone |
      | objective       | acquire                |
      | targetRule      | everybody on our list  |
      | budget          | 100.00 EUR             |
      | controlPct      | 40                     |
      | attributionDays | 30                     |
    And we launch the campaign:
      | campaignId | <Spring> |
    And for <Spring> 4 customers are contacted by email and 2 are held out 20 days ago
    And everybody contacted for <Spring> buys "grinder" for 100.00 EUR 15 days ago
    And 1 of those held out for <Spring> buys "grinder" for 100.00 EUR 15 days ago
    And we close the campaign:
      | campaignId | <Spring>  |
      | cost       | 30.00 EUR |
    When we ask campaign-results/results:
      | campaignId | <Spring> |
    Then the answer shows:
      | contacted.customers        | 4          |
      | contacted.conversionRate   | 1          |
      | contacted.revenue          | 400.00 EUR |
      | heldOut.customers          | 2          |
      | heldOut.conversionRate     | 0.5        |
      | cost                       | 30.00 EUR  |
      | budgetUsedPct              | 30         |
      | effect.lift                | 0.5        |
      | effect.incrementalRevenue  | 200.00 EUR |
      | effect.incrementalMargin   | 60.00 EUR  |
      | effect.returnOnInvestment  | 1          |
    When we ask campaign-results/campaigns:
      | status | closed |
    Then the answer lists:
      | campaignId | controlPct |
      | <Spring>   | 40         |

  Scenario: Without somebody to compare with no effect is claimed
    Given we plan a campaign:
      | campaignId | <Spring>              |
      | name       | Spring                |
      | objective  | acquire               |
      | targetRule | everybody on our list |
      | budget     | 100.00 EUR            |
      | controlPct | 0                     |
    And we launch the campaign:
      | campaignId | <Spring> |
    And for <Spring> 2 customers are contacted by email and 0 are held out 20 days ago
    And everybody contacted for <Spring> buys "grinder" for 100.00 EUR 15 days ago
    When we ask campaign-results/results:
      | campaignId | <Spring> |
    Then the answer shows:
      | contacted.converted | 2    |
      | effect              | none |

  Scenario: What comes after the attribution time is not the campaign's
    Given we plan a campaign:
      | campaignId      | <Spring>              |
      | name            | Spring                |
      | objective       | acquire               |
      | targetRule      | everybody on our list |
      | budget          | 100.00 EUR            |
      | controlPct      | 0                     |
      | attributionDays | 7                     |
    And we launch the campaign:
      | campaignId | <Spring> |
    And for <Spring> 2 customers are contacted by email and 0 are held out 20 days ago
    And everybody contacted for <Spring> buys "grinder" for 100.00 EUR 5 days ago
    When we ask campaign-results/results:
      | campaignId | <Spring> |
    Then the answer shows:
      | contacted.customers | 2 |
      | contacted.converted | 0 |

  Scenario: Cross-selling campaigns leave damaged relationships alone
    Given Ada registers 200 days ago
    And Ada consents to marketing by any 200 days ago
    And Ada is brought to deterioration
    And we plan a campaign:
      | campaignId | <Spring>                     |
      | name       | Spring                       |
      | objective  | crossSell                    |
      | targetRule | has a machine and no grinder |
      | budget     | 100.00 EUR                   |
      | controlPct | 0                            |
    And we launch the campaign:
      | campaignId | <Spring> |
    When a dry run asks to contact for campaign for Ada:
      | campaignId | <Spring> |
      | contactId  | cc-1     |
      | channel    | email    |
    Then it is refused with STAGE_FORBIDS_CROSS_SELL
    And nothing is recorded

  Scenario Outline: What an offer is follows from what the customer holds: <family>, tier <tier>
    Given Ada registers 200 days ago
    And Ada consents to marketing by any 200 days ago
    And we define a product:
      | productId | <Held>           |
      | name      | Machine          |
      | family    | <Coffeemachines> |
      | tier      | 2                |
      | kind      | durable          |
      | listPrice | 300.00 EUR       |
    And Ada buys "<Held>" for 300.00 EUR 60 days ago
    And we define a product:
      | productId | <Offered>  |
      | name      | Offered    |
      | family    | <family>   |
      | tier      | <tier>     |
      | kind      | durable    |
      | listPrice | 400.00 EUR |
    When we offer a product for Ada:
      | offerId    | of-1      |
      | productId  | <Offered> |
      | channel    | email     |
      | initiative | firm      |
    Then Ada's record lists under "openOffers":
      | offerId | kind   |
      | of-1    | <kind> |

    Examples:
      | family           | tier | kind      |
      | <Coffeemachines> | 3    | upSell    |
      | <Coffeemachines> | 2    | retain    |
      | <Coffeemachines> | 1    | retain    |
      | <Grinders>       | 1    | crossSell |

  Scenario: To somebody who has nothing of ours an offer is a first sale
    Given Ada registers 20 days ago
    And Ada consents to marketing by any 20 days ago
    And we define a product:
      | productId | <Machine>        |
      | name      | Machine          |
      | family    | <Coffeemachines> |
      | tier      | 2                |
      | kind      | durable          |
      | listPrice | 300.00 EUR       |
    When we offer a product for Ada:
      | offerId    | of-1      |
      | productId  | <Machine> |
      | channel    | email     |
      | initiative | firm      |
    Then Ada's record lists under "openOffers":
      | offerId | kind      |
      | of-1    | firstSale |

  Scenario: Nothing is offered that is not in the catalogue
    Given Ada registers 20 days ago
    And Ada consents to marketing by any 20 days ago
    When we offer a product for Ada:
      | offerId    | of-1      |
      | productId  | <Machine> |
      | channel    | email     |
      | initiative | firm      |
    Then it is refused with UNKNOWN_PRODUCT
    When Ada buys "<Machine>" for 300.00 EUR today
    Then it is recorded

  Scenario: A revised price list changes no earlier decision
    Given we define a product:
      | productId | <Machine>        |
      | name      | Machine          |
      | family    | <Coffeemachines> |
      | tier      | 2                |
      | kind      | durable          |
      | listPrice | 300.00 EUR       |
    And we define a product:
      | productId | <Boiler>         |
      | name      | Boiler           |
      | family    | <Coffeemachines> |
      | tier      | 3                |
      | kind      | durable          |
      | listPrice | 500.00 EUR       |
    And Ada registers 200 days ago
    And Ada consents to marketing by any 200 days ago
    And Ada buys "<Machine>" for 300.00 EUR 60 days ago
    And we offer a product for Ada 5 days ago:
      | offerId    | of-1     |
      | productId  | <Boiler> |
      | channel    | email    |
      | initiative | firm     |
    When we revise the product:
      | productId | <Boiler>   |
      | family    | <Boilers>  |
      | listPrice | 450.00 EUR |
    And we ask product-holdings/products:
      | family | <Boilers> |
    Then the answer lists:
      | productId | listPrice  | tier |
      | <Boiler>  | 450.00 EUR | 3    |
    And Ada's record lists under "openOffers":
      | offerId | kind   |
      | of-1    | upSell |

  Scenario: What the business earns by product, customer, discount and region
    Given Ada registers 60 days ago
    And we assign the customer group for Ada 50 days ago:
      | groupCode  | smallBusiness |
      | regionCode | <North>       |
    And we record a purchase for Ada 40 days ago:
      | orderId  | o-1        |
      | total    | 90.00 EUR  |
      | discount | 10.00 EUR  |
      | lines    | [{"productId": "<Grinder>", "qty": 1, "unitPrice": "100.00 EUR", "unitCost": "40.00 EUR"}] |
    And we record a service cost for Ada 30 days ago:
      | amount    | 15.00 EUR |
      | activity  | visit     |
      | productId | <Grinder> |
    When we ask profitability/customer about Ada
    Then the answer shows:
      | currencies[0].netRevenueMinor   | 9000  |
      | currencies[0].discountMinor     | 1000  |
      | currencies[0].costOfGoodsMinor  | 4000  |
      | currencies[0].grossMarginMinor  | 5000  |
      | currencies[0].costToServeMinor  | 1500  |
      | currencies[0].contributionMinor | 3500  |
    When we ask profitability/by-product:
      | productId | <Grinder> |
    Then the answer lists under "products":
      | productId | pieces | contributionMinor |
      | <Grinder> | 1      | 3500              |
    When we ask profitability/by-discount-band:
      | productId | <Grinder> |
    Then the answer lists under "bands":
      | discountBand | discountMinor |
      | upTo10       | 1000          |
    When we ask profitability/by-region:
      | groupCode | smallBusiness |
    Then the answer lists under "regions":
      | region  | customers | contributionMinor |
      | <North> | 1         | 3500              |

  Scenario: Whoever does not pay is a risk that is seen, and nothing is offered to a suspected fraud
    Given Ada registers 90 days ago
    And Ada consents to marketing by any 90 days ago
    And Ada buys "machine" for 300.00 EUR 80 days ago
    And we issue an invoice for Ada 79 days ago:
      | invoiceId | i-1         |
      | amount    | 300.00 EUR  |
      | dueDate   | 50 days ago |
    And we record a payment failure for Ada 49 days ago:
      | invoiceId  | i-1               |
      | reasonCode | insufficientFunds |
    And we declare a default for Ada 20 days ago:
      | invoiceId | i-1        |
      | amount    | 300.00 EUR |
    When we ask risk-and-fraud/customer about Ada
    Then the answer shows:
      | exposures[0].overdueMinor | 30000      |
      | payment.failures          | 1          |
      | defaults.open             | i-1        |
      | reasons                   | contains defaultOpen |
    Given we record a payment for Ada 15 days ago:
      | invoiceId | i-1        |
      | amount    | 300.00 EUR |
    When we cure the default for Ada 15 days ago:
      | invoiceId | i-1 |
    Then it is refused with NOTHING_TO_DO
    Given we record a fraud signal for Ada 10 days ago:
      | signalId | f-1    |
      | ruleId   | <Rule> |
      | score    | 80     |
    When a dry run asks to offer a product for Ada:
      | offerId    | of-1     |
      | productId  | <Nobody> |
      | purpose    | retain   |
      | channel    | email    |
      | initiative | customer |
    Then it is refused with UNKNOWN_PRODUCT
    Given we define a product:
      | productId | <Boiler>   |
      | name      | Boiler     |
      | family    | boilers    |
      | tier      | 1          |
      | kind      | durable    |
      | listPrice | 300.00 EUR |
    When a dry run asks to offer a product for Ada:
      | offerId    | of-1     |
      | productId  | <Boiler> |
      | purpose    | retain   |
      | channel    | email    |
      | initiative | customer |
    Then it is refused with OFFER_NOT_PERMITTED
    When we confirm the fraud signal for Ada 5 days ago:
      | signalId | f-1       |
      | loss     | 50.00 EUR |
    And we ask risk-and-fraud/signals-by-rule
    Then the answer lists under "rules":
      | ruleId | raised | confirmed | precision |
      | <Rule> | 1      | 1         | 1         |

  Scenario: With enough repeat buyers the value to come is predicted, and a list says who is about to leave
    Given 200 customers have bought again and again over two years
    And Ada registers 700 days ago
    And Ada buys "beans" for 20.00 EUR 690 days ago
    And Ada buys "beans" for 20.00 EUR 660 days ago
    And Ada buys "beans" for 20.00 EUR 640 days ago
    And Ada buys "beans" for 20.00 EUR 620 days ago
    When the model of purchases is fitted
    And we ask lifetime-value/value about Ada
    Then the answer shows:
      | status                            | modelled |
      | terms.purchaseModel.model         | mbgNbd   |
      | churnProbability                  | at least 0.5 |
      | predictedNumberOfOrders           | some     |
    When everybody is scored
    And we ask for the list by risk:
      | band  | high |
      | limit | 200  |
    Then the answer lists:
      | customerId |
      | <Ada>      |

  Scenario: What all customers were worth, by group
    Given Acme registers 90 days ago:
      | groupCode | corporation |
    And Acme buys "machine" for 4000.00 SEK 80 days ago
    When we ask lifetime-value/totals
    Then the answer lists under "totals":
      | currency | groupCode   | customers | historicRevenueMinor | historicClvMinor |
      | SEK      | corporation | 1         | 400000               | 120000           |

  Scenario: What is given up as a loss is told, and a false suspicion is taken back
    Given Ada registers 90 days ago
    And we issue an invoice for Ada 79 days ago:
      | invoiceId | i-1         |
      | amount    | 300.00 EUR  |
      | dueDate   | 50 days ago |
    When we write off for Ada 10 days ago:
      | invoiceId  | i-1        |
      | amount     | 400.00 EUR |
      | reasonCode | insolvency |
    Then it is refused with WRITE_OFF_EXCEEDS_INVOICE
    Given we write off for Ada 10 days ago:
      | invoiceId  | i-1        |
      | amount     | 300.00 EUR |
      | reasonCode | insolvency |
    And we record a fraud signal for Ada 9 days ago:
      | signalId | f-1    |
      | ruleId   | <Rule> |
      | score    | 80     |
    And we clear the fraud signal for Ada 8 days ago:
      | signalId | f-1 |
    When we ask risk-and-fraud/customer about Ada
    Then the answer shows:
      | exposures[0].exposureMinor   | 0     |
      | exposures[0].writtenOffMinor | 30000 |
      | fraud.open.length            | 0     |
      | fraud.cleared                | 1     |
    When we ask risk-and-fraud/exposure
    Then the answer shows:
      | totals.length | at least 1 |

  Scenario: Who owes most in the highest band of risk stands on top
    Given Ada registers 90 days ago
    And we issue an invoice for Ada 79 days ago:
      | invoiceId | i-1          |
      | amount    | 99000.00 EUR |
      | dueDate   | 50 days ago  |
    And we declare a default for Ada 20 days ago:
      | invoiceId | i-1          |
      | amount    | 99000.00 EUR |
    When we ask risk-and-fraud/customer about Ada
    Then the answer shows:
      | band | critical |
    When we ask risk-and-fraud/by-band:
      | band | critical |
    Then the answer shows:
      | rows[0].customerId | <Ada> |

  Scenario: Which customers bring most
    Given Acme registers 90 days ago
    And Acme buys "machine" for 7000.00 DKK 80 days ago
    And Ada registers 90 days ago
    And Ada buys "machine" for 70.00 DKK 80 days ago
    When we ask profitability/customers:
      | currency | DKK |
    Then the answer shows:
      | rows.length        | 2      |
      | rows[0].customerId | <Acme> |
      | rows[1].customerId | <Ada>  |

  Scenario: How many products customers hold, and which
    Given we define a product:
      | productId | <Machine>        |
      | name      | Machine          |
      | family    | <Coffeemachines> |
      | tier      | 2                |
      | kind      | durable          |
      | listPrice | 300.00 EUR       |
    And we define a product:
      | productId | <Beans>   |
      | name      | Beans     |
      | family    | <Coffee>  |
      | tier      | 1         |
      | kind      | consumable |
      | listPrice | 20.00 EUR |
    And Ada registers 90 days ago
    And Ada buys "<Machine>" for 300.00 EUR 80 days ago
    And Ada buys "<Beans>" for 20.00 EUR 80 days ago
    When we ask product-holdings/customer about Ada
    Then the answer shows:
      | productsHeld      | 1         |
      | held[0].productId | <Machine> |
      | held[0].pieces    | 1         |
    When we ask product-holdings/product:
      | productId | <Beans> |
    Then the answer shows:
      | sales[0].customers | 1         |
      | sales[0].revenue   | 20.00 EUR |
    When we ask product-holdings/distribution
    Then the answer shows:
      | customers | at least 1 |

  Scenario: People who do not buy have no customer value
    Given Ada registers 60 days ago:
      | roles | partner |
    When we ask lifetime-value/value about Ada
    Then the answer shows:
      | status | notApplicable |
