@S13
Feature: Questions to the history
  What happened to a service in a period, how customers took it and why, whether their present needs are met, and how
  much of what they spend is spent with us.

  Scenario: What happened to a product in a period, and why customers were unhappy
    Given Ada registers 40 days ago
    And Ada buys "grinder" for 90.00 EUR 30 days ago:
      | lines | [{"productId": "<Grinder>", "qty": 2, "unitPrice": "45.00 EUR"}] |
    And we record a touch point for Ada 20 days ago:
      | channel    | callCentre |
      | direction  | in         |
      | kind       | call       |
      | productId  | <Grinder>  |
      | sentiment  | -60        |
      | reasonCode | tooLoud    |
    And Ada complains 10 days ago:
      | caseId     | loud      |
      | severity   | 3         |
      | productId  | <Grinder> |
      | reasonCode | tooLoud   |
    When we ask service-quality/quality:
      | productId | <Grinder> |
    Then the answer shows:
      | rows[0].sold                          | 2          |
      | rows[0].reactions.negative            | at least 1 |
      | rows[0].reactions.positive            | 0          |
      | rows[0].negativeReasons[0].reasonCode | tooLoud    |
      | rows[0].cases.complaints              | 1          |
      | rows[0].cases.open                    | 1          |
    When we ask service-quality/reasons:
      | productId | <Grinder> |
    Then the answer shows:
      | reasons[0].reasonCode | tooLoud |

  Scenario: Whether the present needs of a customer are met, and what is missing
    Given Ada registers 40 days ago
    And we record a need for Ada 30 days ago:
      | needId   | n-1          |
      | needCode | quietGrinder |
      | basis    | stated       |
      | source   | conversation |
    And we record a need for Ada 30 days ago:
      | needId   | n-2          |
      | needCode | freshCoffee  |
      | basis    | inferred     |
      | source   | model        |
    And we close the need for Ada 20 days ago:
      | needId  | n-1                |
      | outcome | unmet              |
      | gapCode | noQuietModel       |
      | bridge  | newProduct         |
    And we close the need for Ada 20 days ago:
      | needId  | n-2 |
      | outcome | met |
    When we ask needs/customer about Ada
    Then the answer lists:
      | needId | status | gap.gapCode  |
      | n-1    | unmet  | noQuietModel |
      | n-2    | met    | none         |
    When we ask needs/gaps
    Then the answer lists under "gaps":
      | gapCode      |
      | noQuietModel |

  Scenario: Everything an institution did with us, in order
    Given Acme registers 100 days ago:
      | groupCode | corporation |
    And Acme buys "machine" for 4000.00 EUR 90 days ago
    And we issue an invoice for Acme 80 days ago:
      | invoiceId | i-1         |
      | amount    | 4000.00 EUR |
      | dueDate   | 50 days ago |
    And we record a payment for Acme 60 days ago:
      | invoiceId | i-1         |
      | amount    | 4000.00 EUR |
    Then Acme's history lists:
      | type             |
      | PurchaseRecorded |
      | InvoiceIssued    |
      | PaymentReceived  |
    And Acme's record shows:
      | money[0].outstandingMinor | 0 |
      | holdings[0].pieces        | 1 |

  Scenario: What share of their spending we have, and what is spent elsewhere
    Given Ada registers 90 days ago
    And we report the wallet share for Ada 10 days ago:
      | category   | <Coffee>   |
      | ownSpend   | 240.00 EUR |
      | totalSpend | 600.00 EUR |
      | source     | survey     |
    And Bob registers 90 days ago
    And we report the wallet share for Bob 10 days ago:
      | category   | <Coffee>   |
      | ownSpend   | 60.00 EUR  |
      | totalSpend | 1000.00 EUR |
      | source     | survey     |
    When we ask share-of-wallet/customer about Ada
    Then the answer lists:
      | category | share | gapMinorPerYear |
      | <Coffee> | 0.4   | 36000           |
    When we ask share-of-wallet/by-category:
      | category | <Coffee> |
    Then the answer shows:
      | categories[0].customers       | 2      |
      | categories[0].ownMinorPerYear | 30000  |
      | categories[0].share           | 0.1875 |
    When we ask share-of-wallet/gaps:
      | category | <Coffee> |
      | currency | EUR      |
    Then the answer shows:
      | rows[0].customerId | <Bob> |
      | rows[1].customerId | <Ada> |
    When we report the wallet share for Ada:
      | category   | <Coffee>   |
      | ownSpend   | 700.00 EUR |
      | totalSpend | 600.00 EUR |
      | source     | survey     |
    Then it is refused with WALLET_SHARE_INCONSISTENT

  Scenario: The transactions of institutions, one by one
    Given Acme registers 100 days ago:
      | groupCode | corporation |
    And Acme buys "machine" for 4000.00 EUR 90 days ago
    And we issue an invoice for Acme 80 days ago:
      | invoiceId | i-1         |
      | amount    | 4000.00 EUR |
      | dueDate   | 50 days ago |
    And we record a payment for Acme 60 days ago:
      | invoiceId | i-1         |
      | amount    | 4000.00 EUR |
    When we ask transaction-history/history about Acme
    Then the answer shows:
      | rows[0].what   | payment     |
      | rows[1].what   | invoice     |
      | rows[2].what   | purchase    |
      | rows[2].amount | 4000.00 EUR |
    When we ask transaction-history/clients:
      | groupCode | corporation |
      | limit     | 200         |
    Then the answer lists:
      | customerId | transactions | currencies[0].paidMinor |
      | <Acme>     | 3            | 400000                  |

  Scenario: Which needs are met over all customers, and who has the gap
    Given Ada registers 40 days ago
    And we record a need for Ada 30 days ago:
      | needId   | n-1     |
      | needCode | <Quiet> |
      | basis    | stated  |
      | source   | conversation |
    And we close the need for Ada 20 days ago:
      | needId  | n-1        |
      | outcome | unmet      |
      | gapCode | noQuietModel |
      | bridge  | newProduct |
    When we ask needs/list:
      | needCode | <Quiet> |
      | status   | unmet   |
    Then the answer lists:
      | customerId | needId |
      | <Ada>      | n-1    |
    When we ask needs/overview
    Then the answer lists under "needs":
      | needCode | unmet |
      | <Quiet>  | 1     |

  Scenario: The reaction was positive
    Given Ada registers 40 days ago
    And Ada buys "<Grinder>" for 90.00 EUR 30 days ago
    When we record a touch point for Ada 20 days ago:
      | channel   | email     |
      | direction | in        |
      | kind      | message   |
      | productId | <Grinder> |
      | sentiment | 80        |
    And we ask service-quality/quality:
      | productId | <Grinder> |
    Then the answer shows:
      | rows[0].reactions.positive | 1 |
      | rows[0].reactions.negative | 0 |
