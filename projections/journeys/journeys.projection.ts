import type { EventFor, ProjectionDefinition } from '@rapport/projection-engine';
import { occurredAtMsOf } from '../_parts/business-order.js';
import { ownerOf } from '../_parts/owner.js';
import { journeyOf, withMoment } from './journey-steps.js';
import type { JourneyDocument, Moment } from './journeys.model.js';
import { abandoned, customer, paths } from './journeys.queries.js';

const EVENTS = [
  'TouchPointRecorded', 'OfferMade', 'CaseOpened', 'ComplaintRaised', 'PurchaseRecorded', 'ReturnRecorded',
] as const; // prettier-ignore
type JourneyEvent = EventFor<(typeof EVENTS)[number]>;

/** How do customers come from selecting a product to using it, over which channels, and where do they give up? (S2, S6) */
export const journeys: ProjectionDefinition<JourneyDocument, (typeof EVENTS)[number]> = {
  name: 'journeys',
  version: 1,
  question:
    'How do customers come from selecting a product to using it, over which channels, and where do they give up?',
  events: EVENTS,
  keys: (event) => productsOf(event).map((productId) => `${ownerOf(event)}/${productId}`),
  initial: () => ({ contacts: [], purchases: [], returnedAtMs: null, journey: journeyOf([], []) }),
  evolve: (document, event) => {
    const atMs = occurredAtMsOf(event);
    const moment: Moment = [atMs, event.metadata.channel, event.eventId];
    if (event.type === 'ReturnRecorded') {
      // Without a contact or a purchase there is no journey to return from.
      if (document.contacts.length + document.purchases.length === 0) return null;
      document.returnedAtMs = Math.max(atMs, document.returnedAtMs ?? atMs);
      return document;
    }
    if (event.type === 'PurchaseRecorded') document.purchases = withMoment(document.purchases, moment);
    else document.contacts = withMoment(document.contacts, moment);
    document.journey = journeyOf(document.contacts, document.purchases);
    return document;
  },
  sortedBy: ['lastAtMs'],
  indexes: {
    reached: ({ journey }) => journey.reached,
    startedAtMs: ({ journey }) => journey.startedAtMs,
    lastAtMs: ({ journey }) => journey.lastAtMs,
    selectChannel: ({ journey }) => journey.selectChannel,
    buyChannel: ({ journey }) => journey.buyChannel,
    useChannel: ({ journey }) => journey.useChannel,
    daysToBuy: ({ journey }) => journey.daysToBuy,
    daysKnown: ({ journey }) => (journey.daysToBuy === null ? 0 : 1),
  },
  /** The way of a merged customer with a product is what both did with it, each moment once. */
  combine: (documents) =>
    documents.reduce((a, b) => {
      const contacts = b.contacts.reduce(withMoment, a.contacts);
      const purchases = b.purchases.reduce(withMoment, a.purchases);
      const returned = [a.returnedAtMs, b.returnedAtMs].filter((atMs) => atMs !== null);
      return {
        contacts,
        purchases,
        returnedAtMs: returned.length === 0 ? null : Math.max(...returned),
        journey: journeyOf(contacts, purchases),
      };
    }),
  queries: [paths, abandoned, customer],
};

/** Products an event is about; ids are codes and never hold the slash of a key. */
function productsOf(event: JourneyEvent): readonly string[] {
  if (event.type === 'PurchaseRecorded' || event.type === 'ReturnRecorded')
    return [...new Set((event.data.lines ?? []).map(({ productId }) => productId))];
  return event.data.productId === undefined ? [] : [event.data.productId];
}
