import { Type } from '@sinclair/typebox';
import { Money } from '../money.js';
import { defineEvent } from './event-contract.js';
import { code, integer, isoDate, object } from './schema.js';

export const OrderLine = object({
  productId: code('product bought'),
  qty: integer('pieces', 1, 1_000_000),
  unitPrice: Money,
  unitCost: Type.Optional(Money),
  productFamily: Type.Optional(code("family of the product in the seller's catalogue")),
  productTier: Type.Optional(integer('how far up its family the product stands', 0, 1000)),
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
    total: Money,
    tax: Type.Optional(Money),
    discount: Type.Optional(Money),
    occasion: Type.Optional(code('occasion')),
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
    refund: Money,
    reasonCode: code('why'),
    lines: Type.Optional(
      Type.Array(object({ productId: code('product returned'), qty: integer('pieces', 1, 1_000_000) }), {
        maxItems: 100,
        description: 'what was returned',
      }),
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
  schema: object({ invoiceId: code('id of the invoice'), amount: Money, dueDate: isoDate('payable until') }),
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
    amount: Money,
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
  schema: object({ invoiceId: code('invoice concerned'), reasonCode: code('why') }),
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
  schema: object({ invoiceId: code('invoice in default'), amount: Money }),
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

export const ServiceCostRecorded = defineEvent({
  type: 'ServiceCostRecorded',
  kind: 'fact',
  category: 'customer',
  area: 'ledger',
  meaning: 'Serving the customer cost us something.',
  rows: ['S6', 'S10'],
  emittedBy: ['RecordServiceCost'],
  schema: object({
    amount: Money,
    activity: code('what was done'),
    caseId: Type.Optional(code('case it belongs to')),
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
  }),
  example: { signalId: 'f-1', ruleId: 'velocity', score: 80 },
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
