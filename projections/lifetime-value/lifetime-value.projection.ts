import { dayNumberOf } from '@rapport/contracts';
import type { ProjectionDefinition } from '@rapport/projection-engine';
import { occurredAtMsOf } from '../_parts/business-order.js';
import { ownerKeys } from '../_parts/owner.js';
import { addPurchase, addRefund, combineLedgers, netMinorOf } from '../_parts/purchase-days.js';
import type { LifetimeValueDocument } from './lifetime-value.model.js';
import { MIXED, summaries, totals, value } from './lifetime-value.queries.js';

const EVENTS = [
  'CustomerRegistered',
  'CustomerGrouped',
  'PurchaseRecorded',
  'ReturnRecorded',
  'CustomerErased',
] as const;

/** What has each customer been worth, and what will they be? (S6, S15) */
export const lifetimeValue: ProjectionDefinition<LifetimeValueDocument, (typeof EVENTS)[number]> = {
  name: 'lifetime-value',
  version: 1,
  question: 'What has each customer been worth, and what will they be?',
  events: EVENTS,
  keys: ownerKeys,
  initial: () => ({ roles: [], groupCode: null, ledger: {}, erased: false }),
  evolve: (document, event) => {
    switch (event.type) {
      case 'PurchaseRecorded': {
        const { currency, amountMinor } = event.data.total;
        addPurchase(document.ledger, currency, dayNumberOf(occurredAtMsOf(event)), amountMinor);
        return document;
      }
      case 'ReturnRecorded': {
        const { currency, amountMinor } = event.data.refund;
        addRefund(document.ledger, currency, dayNumberOf(occurredAtMsOf(event)), amountMinor);
        return document;
      }
      case 'CustomerRegistered':
        document.roles = [...event.data.roles];
        document.groupCode = event.data.groupCode ?? null;
        return document;
      case 'CustomerGrouped':
        document.groupCode = event.data.groupCode;
        return document;
      case 'CustomerErased':
        document.erased = true;
        return document;
    }
  },
  sortedBy: ['currency'],
  indexes: {
    currency: (document) => currencyOf(document),
    groupCode: (document) => document.groupCode,
    /** Of customers with one currency; the others are added up one by one. */
    netMinor: (document) => {
      const currency = currencyOf(document);
      return currency === null || currency === MIXED
        ? 0
        : netMinorOf(document.ledger[currency]!, Number.MAX_SAFE_INTEGER);
    },
    orders: (document) => {
      const currency = currencyOf(document);
      return currency === null || currency === MIXED ? 0 : document.ledger[currency]!.bought.length / 2;
    },
  },
  combine: (documents) => ({
    roles: [...new Set(documents.flatMap((document) => document.roles))].sort(),
    groupCode: documents.map((document) => document.groupCode).find((code) => code !== null) ?? null,
    ledger: combineLedgers(documents.map((document) => document.ledger)),
    erased: documents.some((document) => document.erased),
  }),
  queries: [value, summaries, totals],
};

/** The customer's currency: null before the first purchase, `mixed` when there are several. */
function currencyOf(document: LifetimeValueDocument): string | null {
  let found: string | null = null;
  for (const currency in document.ledger) {
    if (found !== null) return MIXED;
    found = currency;
  }
  return found;
}
