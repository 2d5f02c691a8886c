import { defineEvent } from './event-contract.js';
import { code, integer, isoDate, object } from './schema.js';

/** Events of `accountManager-<managerId>`. */
const base = { category: 'accountManager', area: 'portfolio', rows: ['S4'] } as const;

export const PortfolioHandedOver = defineEvent({
  ...base,
  type: 'PortfolioHandedOver',
  kind: 'manualDecision',
  meaning: 'All customers of an account manager go to a successor; each is assigned one by one from now on.',
  emittedBy: ['HandOverPortfolio'],
  schema: object({
    handOverId: code('id of the hand-over within the account manager'),
    toManagerId: code('the successor'),
    fromDate: isoDate('the successor is responsible from'),
    reasonCode: code('why it is handed over, in a code of your own: leaves, reorganised …'),
  }),
  example: { handOverId: 'ho-1', toManagerId: 'am-9', fromDate: '2026-04-01', reasonCode: 'retired' },
});

export const PortfolioHandOverCompleted = defineEvent({
  ...base,
  type: 'PortfolioHandOverCompleted',
  kind: 'fact',
  meaning: 'Every customer of the hand-over was looked at: moved to the successor, or left alone.',
  emittedBy: ['CompleteHandOver'],
  schema: object({
    handOverId: code('id of the hand-over within the account manager'),
    toManagerId: code('the successor'),
    customersMoved: integer('customers the successor has by this hand-over', 0, 100_000_000),
    customersLeft: integer('customers that stayed because nothing may be recorded of them', 0, 100_000_000),
  }),
  example: { handOverId: 'ho-1', toManagerId: 'am-9', customersMoved: 180, customersLeft: 1 },
});
