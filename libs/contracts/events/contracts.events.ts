import { Type } from '@sinclair/typebox';
import { defineEvent } from './event-contract.js';
import { code, integer, isoDate, money, object, oneOf } from './schema.js';

const contractId = code('id of the contract within the customer');
const base = { category: 'customer', area: 'contracts' } as const;

export const ContractSigned = defineEvent({
  ...base,
  type: 'ContractSigned',
  kind: 'fact',
  meaning:
    'The customer signed a contract; it runs from its start date, or from its activation where it awaits one.',
  rows: ['S11'],
  emittedBy: ['SignContract'],
  schema: object({
    contractId,
    productId: code('product under contract'),
    productFamily: Type.Optional(code('family of the product in the catalogue')),
    productTier: Type.Optional(integer('how far up its family the product stands', 0, 1000)),
    startDate: isoDate('first day'),
    endDate: Type.Optional(isoDate('last day; absent = open-ended')),
    periodMonths: integer('billing period in months', 1, 120),
    recurring: Type.Optional(money('amount of one billing period')),
    autoRenew: Type.Boolean({ description: 'renews itself at the end' }),
    noticeDays: integer('days of notice', 0, 3650),
    awaitsActivation: Type.Optional(
      Type.Boolean({
        description: 'true when it does not run before it is activated (a delivery, a deposit, a check)',
      }),
    ),
  }),
  example: {
    contractId: 'k-1',
    productId: 'maintenance',
    startDate: '2026-01-01',
    endDate: '2026-12-31',
    periodMonths: 12,
    recurring: { amountMinor: 12000, currency: 'EUR' },
    autoRenew: false,
    noticeDays: 30,
  },
});

export const ContractActivated = defineEvent({
  ...base,
  type: 'ContractActivated',
  kind: 'fact',
  meaning: 'A signed contract began to run.',
  rows: ['S11'],
  emittedBy: ['ActivateContract'],
  schema: object({ contractId, activeFrom: isoDate('first day it runs') }),
  example: { contractId: 'k-1', activeFrom: '2026-01-05' },
});

export const ContractAmended = defineEvent({
  ...base,
  type: 'ContractAmended',
  kind: 'fact',
  meaning: 'Terms of a running contract were changed by both sides; terms not named stay as they are.',
  rows: ['S11'],
  emittedBy: ['AmendContract'],
  schema: object({
    contractId,
    effectiveDate: isoDate('first day of the new terms'),
    productId: Type.Optional(code('product under contract from now on')),
    productFamily: Type.Optional(code('family of that product in the catalogue')),
    productTier: Type.Optional(integer('how far up its family that product stands', 0, 1000)),
    endDate: Type.Optional(isoDate('new last day')),
    periodMonths: Type.Optional(integer('billing period in months', 1, 120)),
    recurring: Type.Optional(money('new amount of one billing period')),
    autoRenew: Type.Optional(Type.Boolean({ description: 'renews itself at the end' })),
    noticeDays: Type.Optional(integer('days of notice', 0, 3650)),
    reasonCode: code('why the terms changed, in a code of your own'),
  }),
  example: {
    contractId: 'k-1',
    effectiveDate: '2026-07-01',
    recurring: { amountMinor: 9900, currency: 'EUR' },
    reasonCode: 'loyaltyDiscount',
  },
});

export const ContractRenewed = defineEvent({
  ...base,
  type: 'ContractRenewed',
  kind: 'fact',
  meaning: 'The customer prolonged a contract.',
  rows: ['S11'],
  emittedBy: ['RenewContract', 'due review at the end date of a contract that renews itself'],
  schema: object({
    contractId,
    newEndDate: isoDate('new last day'),
    automatic: Type.Optional(
      Type.Boolean({ description: 'true when the contract renewed itself: no sign of satisfaction' }),
    ),
  }),
  example: { contractId: 'k-1', newEndDate: '2027-12-31' },
});

export const ContractCancelled = defineEvent({
  ...base,
  type: 'ContractCancelled',
  kind: 'fact',
  meaning: 'Notice was given: the contract ends on its effective date.',
  rows: ['S8'],
  emittedBy: ['CancelContract'],
  schema: object({
    contractId,
    effectiveDate: isoDate('last day after notice'),
    reasonCode: code('why notice was given, in a code of your own: price, moved …'),
    byCustomer: Type.Boolean({ description: 'the customer gave notice' }),
  }),
  example: { contractId: 'k-1', effectiveDate: '2026-12-31', reasonCode: 'tooExpensive', byCustomer: true },
});

export const ContractExpired = defineEvent({
  ...base,
  type: 'ContractExpired',
  kind: 'fact',
  meaning: 'The contract reached its end.',
  rows: ['S8'],
  emittedBy: ['ExpireContract', 'due review at the end date or the end of notice'],
  schema: object({
    contractId,
    effectiveDate: isoDate('last day'),
    cause: oneOf(['endDate', 'notice'], 'why it ended'),
  }),
  example: { contractId: 'k-1', effectiveDate: '2026-12-31', cause: 'endDate' },
});

export const ContractTerminated = defineEvent({
  ...base,
  type: 'ContractTerminated',
  kind: 'fact',
  meaning: 'The contract ended at once, before its end and without notice: withdrawal, breach, agreement.',
  rows: ['S8'],
  emittedBy: ['TerminateContract'],
  schema: object({
    contractId,
    effectiveDate: isoDate('last day'),
    reasonCode: code('why it ended before its time, in a code of your own'),
    byCustomer: Type.Boolean({ description: 'the customer ended it' }),
  }),
  example: { contractId: 'k-1', effectiveDate: '2026-03-14', reasonCode: 'withdrawal', byCustomer: true },
});
