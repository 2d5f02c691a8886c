import { Type } from '@sinclair/typebox';
import { PRODUCT_KINDS } from '../references.js';
import { defineEvent } from './event-contract.js';
import { code, integer, isoDate, money, object, oneOf, percent, personalText } from './schema.js';

export const OrderLine = object({
  productId: code('product bought'),
  qty: integer('pieces', 1, 1_000_000),
  unitPrice: money('price of one piece'),
  unitCost: Type.Optional(money('what one piece cost us')),
  productFamily: Type.Optional(code('family of the product; from the catalogue where it knows the product')),
  productTier: Type.Optional(integer('how far up its family the product stands', 0, 1000)),
  productKind: Type.Optional(
    oneOf(PRODUCT_KINDS, 'a consumable is used up, a durable owned, a service received'),
  ),
});

export const PurchaseRecorded = defineEvent({
  type: 'PurchaseRecorded',
  kind: 'fact',
  category: 'customer',
  area: 'ledger',
  meaning: 'The customer bought something.',
  rows: ['S6', 'S13'],
  emittedBy: ['RecordPurchase'],
  schema: object({
    orderId: code('id of the order'),
    lines: Type.Optional(Type.Array(OrderLine, { maxItems: 100, description: 'what was bought' })),
    total: money('what the customer pays: tax included, discount taken off'),
    tax: Type.Optional(money('tax that is part of the total')),
    discount: Type.Optional(money('reduction of the whole order that the total has taken off already')),
    occasion: Type.Optional(code('what it was bought for, in a code of your own: birthday, harvest …')),
    opportunityId: Type.Optional(code('won opportunity that is the same sale')),
  }),
  example: {
    orderId: 'o-1',
    lines: [{ productId: 'espresso-machine', qty: 1, unitPrice: { amountMinor: 24900, currency: 'EUR' } }],
    total: { amountMinor: 24900, currency: 'EUR' },
  },
});

export const ReturnRecorded = defineEvent({
  type: 'ReturnRecorded',
  kind: 'fact',
  category: 'customer',
  area: 'ledger',
  meaning: 'The customer gave something back and was refunded.',
  rows: ['S13'],
  emittedBy: ['RecordReturn'],
  schema: object({
    orderId: code('order it was bought in'),
    refund: money('what the customer gets back in all'),
    reasonCode: code('why it came back, in a code of your own: defect, wrongSize …'),
    goods: Type.Optional(
      oneOf(
        ['restocked', 'writtenOff'],
        'what becomes of what came back; absent = restocked: it can be sold again',
      ),
    ),
    lines: Type.Optional(
      Type.Array(
        object({
          productId: code('product returned'),
          qty: integer('pieces', 1, 1_000_000),
          refund: Type.Optional(money('part of the refund that is for this product')),
          costBack: Type.Optional(
            money(
              'what the pieces are worth to us that can be sold again: said, else what they cost in the order',
            ),
          ),
        }),
        { maxItems: 100, description: 'what was returned; with its share of the refund where it is known' },
      ),
    ),
  }),
  example: { orderId: 'o-1', refund: { amountMinor: 24900, currency: 'EUR' }, reasonCode: 'broken' },
});

export const InvoiceIssued = defineEvent({
  type: 'InvoiceIssued',
  kind: 'fact',
  category: 'customer',
  area: 'ledger',
  meaning: 'We asked the customer to pay.',
  rows: ['S6'],
  emittedBy: ['IssueInvoice'],
  schema: object({
    invoiceId: code('id of the invoice'),
    amount: money('what has to be paid'),
    dueDate: isoDate('payable until'),
  }),
  example: { invoiceId: 'i-1', amount: { amountMinor: 24900, currency: 'EUR' }, dueDate: '2026-02-01' },
});

export const PaymentReceived = defineEvent({
  type: 'PaymentReceived',
  kind: 'fact',
  category: 'customer',
  area: 'ledger',
  meaning: 'The customer paid.',
  rows: ['S6'],
  emittedBy: ['RecordPayment'],
  schema: object({
    invoiceId: code('invoice paid'),
    amount: money('what came in'),
    daysLate: Type.Optional(integer('days after the due date', 0, 100_000)),
  }),
  example: { invoiceId: 'i-1', amount: { amountMinor: 24900, currency: 'EUR' } },
});

export const PaymentFailed = defineEvent({
  type: 'PaymentFailed',
  kind: 'fact',
  category: 'customer',
  area: 'ledger',
  meaning: 'A payment did not go through.',
  rows: ['S6'],
  emittedBy: ['RecordPaymentFailure'],
  schema: object({
    invoiceId: code('invoice concerned'),
    reasonCode: code('why the payment failed, as the bank or carrier says'),
  }),
  example: { invoiceId: 'i-1', reasonCode: 'insufficientFunds' },
});

export const DefaultDeclared = defineEvent({
  type: 'DefaultDeclared',
  kind: 'manualDecision',
  category: 'customer',
  area: 'ledger',
  meaning: 'The customer failed to pay and was declared in default.',
  rows: ['S6'],
  emittedBy: ['DeclareDefault'],
  schema: object({ invoiceId: code('invoice in default'), amount: money('what is owed and was not paid') }),
  example: { invoiceId: 'i-1', amount: { amountMinor: 24900, currency: 'EUR' } },
});

export const DefaultCured = defineEvent({
  type: 'DefaultCured',
  kind: 'fact',
  category: 'customer',
  area: 'ledger',
  meaning: 'A default was made good.',
  rows: ['S6'],
  emittedBy: ['CureDefault'],
  schema: object({ invoiceId: code('invoice in default') }),
  example: { invoiceId: 'i-1' },
});

export const WrittenOff = defineEvent({
  type: 'WrittenOff',
  kind: 'manualDecision',
  category: 'customer',
  area: 'ledger',
  meaning:
    'We gave up collecting what is open on an invoice: a loss in our books; the customer still owes it.',
  rows: ['S6'],
  emittedBy: ['WriteOff'],
  schema: object({
    invoiceId: code('invoice concerned'),
    amount: money('what is given up of it'),
    reasonCode: code('why nothing more is expected, in a code of your own: insolvency, barred …'),
  }),
  example: { invoiceId: 'i-1', amount: { amountMinor: 4900, currency: 'EUR' }, reasonCode: 'insolvency' },
});

export const WalletShareReported = defineEvent({
  type: 'WalletShareReported',
  kind: 'fact',
  category: 'customer',
  area: 'ledger',
  meaning: 'How much the customer spends in a category became known, with us and with everybody.',
  rows: ['S13'],
  emittedBy: ['ReportWalletShare'],
  schema: object({
    category: code('category of spending'),
    ownSpend: money('what the customer spent with us in the period'),
    totalSpend: money('what the customer spent in this category with everybody, us included'),
    source: code('survey, open banking, panel, estimate …'),
    periodMonths: Type.Optional(integer('months the amounts are for; absent = 12', 1, 120)),
    asOfDate: Type.Optional(isoDate('last day the amounts are for; absent = the day it was reported')),
    confidencePct: Type.Optional(percent('how sure we are')),
  }),
  example: {
    category: 'coffee',
    ownSpend: { amountMinor: 24000, currency: 'EUR' },
    totalSpend: { amountMinor: 60000, currency: 'EUR' },
    source: 'survey',
    asOfDate: '2026-06-30',
  },
});

export const ServiceCostRecorded = defineEvent({
  type: 'ServiceCostRecorded',
  kind: 'fact',
  category: 'customer',
  area: 'ledger',
  meaning: 'Serving the customer cost us something.',
  rows: ['S6', 'S10'],
  emittedBy: ['RecordServiceCost'],
  schema: object({
    amount: money('what it cost us'),
    activity: code('what was done for the customer, in a code of your own: visit, hotline …'),
    caseId: Type.Optional(code('case it belongs to')),
    productId: Type.Optional(code('product it was about')),
    durationS: Type.Optional(integer('time spent in seconds', 0, 31_536_000)),
  }),
  example: { amount: { amountMinor: 1500, currency: 'EUR' }, activity: 'visit' },
});

export const FraudSignalRaised = defineEvent({
  type: 'FraudSignalRaised',
  kind: 'fact',
  category: 'customer',
  area: 'ledger',
  meaning: 'A rule of the payment systems suspects fraud.',
  rows: ['S6'],
  emittedBy: ['RecordFraudSignal'],
  schema: object({
    signalId: code('id of the signal'),
    ruleId: code('rule that fired'),
    score: integer('0 harmless … 100 certain', 0, 100),
    transactionRef: Type.Optional(code('order, invoice or payment it is about')),
  }),
  example: { signalId: 'f-1', ruleId: 'velocity', score: 80, transactionRef: 'o-1' },
});

export const FraudSignalConfirmed = defineEvent({
  type: 'FraudSignalConfirmed',
  kind: 'manualDecision',
  category: 'customer',
  area: 'ledger',
  meaning: 'An investigation found that a fraud signal was right.',
  rows: ['S6'],
  emittedBy: ['ConfirmFraudSignal'],
  schema: object({
    signalId: code('id of the signal'),
    loss: Type.Optional(money('what was lost by it')),
    reason: Type.Optional(personalText('what was found (personal)')),
  }),
  personal: [{ path: 'reason', fieldId: 'fraud.finding' }],
  example: { signalId: 'f-1', loss: { amountMinor: 24900, currency: 'EUR' } },
});

export const FraudSignalCleared = defineEvent({
  type: 'FraudSignalCleared',
  kind: 'fact',
  category: 'customer',
  area: 'ledger',
  meaning: 'A fraud signal turned out to be harmless.',
  rows: ['S6'],
  emittedBy: ['ClearFraudSignal'],
  schema: object({ signalId: code('id of the signal') }),
  example: { signalId: 'f-1' },
});
