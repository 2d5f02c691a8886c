import type { AnyRecordedEvent, EventType } from '@rapport/contracts';
import type { ProjectionDefinition } from '@rapport/projection-engine';
import { ownerOf } from '../_parts/owner.js';
import type {
  NextBestActionDocument,
  NextBestActionFunctions,
  OfferOutcome,
} from './next-best-action.model.js';
import { acceptance, ofCustomerWith } from './next-best-action.queries.js';

const OFFERS: ReadonlySet<string> = new Set(['OfferMade', 'OfferAccepted', 'OfferDeclined']);

/**
 * What is best done for this customer now, why, and what holds other things back? (S7, S14, S15, S16)
 * Built from the rules that the app hands in, so that it advises exactly what a command would be permitted.
 */
export const nextBestActionProjection = <State>(
  functions: NextBestActionFunctions<State>,
): ProjectionDefinition<NextBestActionDocument<State>, EventType> => ({
  name: 'next-best-action',
  get version() {
    return functions.version;
  },
  question: 'What is best done for this customer now, why, and what holds other things back?',
  events: '*',
  keys: (event) => {
    const owner = ownerOf(event);
    return OFFERS.has(event.type)
      ? [owner, `${owner}/${(event.data as { readonly offerId: string }).offerId}`]
      : [owner];
  },
  initial: (key) => (key.includes('/') ? { offer: null } : { state: functions.initial() }),
  evolve: (document, event, key) => {
    if (key.includes('/')) document.offer = outcomeAfter(document.offer ?? null, event);
    else document.state = functions.evolve(document.state!, event);
    return document;
  },
  sortedBy: ['answered'],
  indexes: {
    kind: ({ offer }) => offer?.kind ?? null,
    stage: ({ offer }) => offer?.stage ?? null,
    channel: ({ offer }) => offer?.channel ?? null,
    answered: ({ offer }) => (offer ? Number(offer.answer !== 'open') : null),
    accepted: ({ offer }) => (offer ? Number(offer.answer === 'accepted') : null),
  },
  /** Offers of merged customers keep their keys; of two under one key the first is meant. */
  combine: (documents) =>
    documents[0]!.state === undefined
      ? documents[0]!
      : { state: functions.join(documents.map(({ state }) => state!)) },
  queries: [ofCustomerWith(functions), acceptance],
});

/** Offers the customer asked for teach nothing about our own; an answer without an offer neither. */
function outcomeAfter(known: OfferOutcome | null, event: AnyRecordedEvent): OfferOutcome | null {
  switch (event.type) {
    case 'OfferMade': {
      const { kind, stage, channel, initiative } = event.data;
      return initiative === 'firm' ? { kind, stage: stage ?? 'unknown', channel, answer: 'open' } : null;
    }
    case 'OfferAccepted':
      return known && { ...known, answer: 'accepted' };
    case 'OfferDeclined':
      return known && { ...known, answer: 'declined' };
    default:
      return known;
  }
}

/** `next-best-action` from what the app injects: its entry in the registry. */
export const nextBestActionFrom = (dependencies: {
  readonly nextBestAction: NextBestActionFunctions<unknown>;
}) => nextBestActionProjection(dependencies.nextBestAction);
