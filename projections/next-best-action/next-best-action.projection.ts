import type { EventFor, ProjectionDefinition } from '@rapport/projection-engine';
import { ownerOf } from '../_parts/owner.js';
import type { ActionsAt, OfferOutcome, OfferRow } from './next-best-action.model.js';
import { acceptance, ofCustomerWith } from './next-best-action.queries.js';

const EVENTS = ['OfferMade', 'OfferAccepted', 'OfferDeclined'] as const;
type OfferEvent = EventFor<(typeof EVENTS)[number]>;

/**
 * What is best done for this customer now, why, and what holds other things back? (S7, S14, S15, S16)
 * It keeps what became of our offers; what the rules know of the customer it reads from `due-reviews`. Built from the
 * rules that the app hands in, so that it advises exactly what a command would be permitted.
 */
export const nextBestActionProjection = (
  actionsAt: ActionsAt,
): ProjectionDefinition<OfferRow, (typeof EVENTS)[number]> => ({
  name: 'next-best-action',
  version: 3,
  question: 'What is best done for this customer now, why, and what holds other things back?',
  events: EVENTS,
  keys: (event) => [`${ownerOf(event)}/${event.data.offerId}`],
  initial: () => ({ offer: null }),
  evolve: ({ offer }, event) => ({ offer: outcomeAfter(offer, event) }),
  sortedBy: [],
  indexes: {
    kind: ({ offer }) => offer?.kind ?? null,
    stage: ({ offer }) => offer?.stage ?? null,
    channel: ({ offer }) => offer?.channel ?? null,
    answered: ({ offer }) => (offer ? Number(offer.answer !== 'open') : null),
    accepted: ({ offer }) => (offer ? Number(offer.answer === 'accepted') : null),
  },
  /** Offers of merged customers keep their keys; of two under one key the first is meant. */
  combine: (rows) => rows[0]!,
  queries: [ofCustomerWith(actionsAt), acceptance],
});

/** Offers the customer asked for teach nothing about our own; an answer without an offer neither. */
function outcomeAfter(known: OfferOutcome | null, event: OfferEvent): OfferOutcome | null {
  switch (event.type) {
    case 'OfferMade': {
      const { kind, stage, channel, initiative } = event.data;
      return initiative === 'firm' ? { kind, stage: stage ?? 'unknown', channel, answer: 'open' } : null;
    }
    case 'OfferAccepted':
      return known && { ...known, answer: 'accepted' };
    case 'OfferDeclined':
      return known && { ...known, answer: 'declined' };
  }
}

/** `next-best-action` from what the app injects: its entry in the registry. */
export const nextBestActionFrom = (dependencies: { readonly actionsAt: ActionsAt<unknown> }) =>
  nextBestActionProjection(dependencies.actionsAt);
