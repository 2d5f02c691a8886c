import { contractOf } from '@rapport/contracts';
import { defineProjection, type AnyProjection } from '@rapport/projection-engine';

/** Small projections for specs of the engine itself. */
export interface Purchases {
  count: number;
  totalMinor: number;
  lastOrderId: string | null;
}

const ownerOf = (event: { readonly streamId: string }): string => event.streamId.slice('customer-'.length);

const purchases = defineProjection({
  name: 'purchases',
  version: 1,
  question: 'How much has the customer bought?',
  events: ['PurchaseRecorded', 'ReturnRecorded'],
  keys: (event) => [ownerOf(event)],
  initial: (): Purchases => ({ count: 0, totalMinor: 0, lastOrderId: null }),
  evolve: (document, event) => {
    if (event.type === 'ReturnRecorded') {
      document.totalMinor -= event.data.refund.amountMinor;
      return document.totalMinor > 0 ? document : null;
    }
    document.count++;
    document.totalMinor += event.data.total.amountMinor;
    document.lastOrderId = event.data.orderId;
    return document;
  },
  indexes: { totalMinor: (document) => document.totalMinor, count: (document) => document.count },
});

export interface Touch {
  kind: string;
  corrected: boolean;
}

const touches = defineProjection({
  name: 'touches',
  version: 1,
  question: 'What happened, one by one?',
  events: '*',
  keys: (event) => (contractOf(event.type) ? [`${ownerOf(event)}/${event.revision}`] : []),
  initial: (): Touch => ({ kind: '', corrected: false }),
  evolve: (_document, event) => ({ kind: event.type, corrected: event.type === 'TouchPointCorrected' }),
  indexes: { kind: (document) => document.kind },
});

/** One document a customer; a return of everything deletes it. */
export const purchasesProjection: AnyProjection = purchases;
/** One row per event, of any type. */
export const touchesProjection: AnyProjection = touches;
