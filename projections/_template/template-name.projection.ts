import { epochMsOf } from '@rapport/contracts';
import type { ProjectionDefinition } from '@rapport/projection-engine';
import { ownerKeys } from '../_parts/owner.js';
import type { TemplateNameDocument } from './template-name.model.js';
import { customer } from './template-name.queries.js';

/** Only these reach `keys` and `evolve`: the fewer, the faster. */
const EVENTS = ['PurchaseRecorded'] as const;

/** How often did this customer buy, and when last? */
export const templateName: ProjectionDefinition<TemplateNameDocument, (typeof EVENTS)[number]> = {
  name: 'template-name',
  version: 1,
  question: 'How often did this customer buy, and when last?',
  events: EVENTS,
  keys: ownerKeys,
  initial: () => ({ purchases: 0, lastPurchaseMs: null }),
  evolve: (document, event) => {
    const atMs = epochMsOf(event.metadata.occurredAt);
    document.purchases += 1;
    // Facts may arrive late: the latest by business time counts, not the last recorded.
    document.lastPurchaseMs = Math.max(atMs, document.lastPurchaseMs ?? atMs);
    return document;
  },
  // Whatever else stands here and no list is sorted by is left out of `sortedBy`: an order of its own makes writes dearer.
  sortedBy: ['lastPurchaseMs'],
  indexes: { lastPurchaseMs: (document) => document.lastPurchaseMs },
  combine: (documents) => ({
    purchases: documents.reduce((sum, document) => sum + document.purchases, 0),
    lastPurchaseMs: documents.reduce<number | null>(
      (latest, { lastPurchaseMs }) =>
        lastPurchaseMs === null ? latest : Math.max(lastPurchaseMs, latest ?? lastPurchaseMs),
      null,
    ),
  }),
  queries: [customer],
};
