import type { EventFor, ProjectionDefinition } from '@rapport/projection-engine';
import { epochMsOfRecorded, occurredAtMsOf } from '../_parts/business-order.js';
import { ownerOf } from '../_parts/owner.js';
import { journeyOf, withMoment } from './journey-steps.js';
import type { JourneyDocument, Moment } from './journeys.model.js';
import { abandoned, customer, paths } from './journeys.queries.js';

const EVENTS = [
  'TouchPointRecorded', 'TouchPointCorrected', 'OfferMade', 'CaseOpened', 'ComplaintRaised', 'PurchaseRecorded', 'ReturnRecorded',
] as const; // prettier-ignore
type JourneyEvent = EventFor<(typeof EVENTS)[number]>;

/** How do customers come from selecting a product to using it, over which channels, and where do they give up? (S2, S6) */
export const journeys: ProjectionDefinition<JourneyDocument, (typeof EVENTS)[number]> = {
  name: 'journeys',
  version: 2,
  question:
    'How do customers come from selecting a product to using it, over which channels, and where do they give up?',
  events: EVENTS,
  keys: (event) => productsOf(event).map((productId) => `${ownerOf(event)}/${productId}`),
  initial: () => ({ contacts: [], purchases: [], returnedAtMs: null, journey: journeyOf([], []) }),
  evolve: (document, event, key) => {
    if (event.type === 'TouchPointCorrected') return corrected(document, event, key);
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
  if (event.type === 'TouchPointCorrected') {
    const { changes, productIds = [], original } = event.data;
    return changes.productId === undefined || original === undefined
      ? []
      : [...new Set([...productIds, changes.productId])];
  }
  return event.data.productId === undefined ? [] : [event.data.productId];
}

/** A touch that was about another product is a moment of that product's journey and of no other. */
function corrected(
  document: JourneyDocument,
  event: EventFor<'TouchPointCorrected'>,
  key: string,
): JourneyDocument | null {
  const { targetEventId, original, changes } = event.data;
  const others = document.contacts.filter(([, , eventId]) => eventId !== targetEventId);
  const { occurredAt, channel } = original!;
  document.contacts = key.endsWith(`/${changes.productId}`)
    ? withMoment(others, [epochMsOfRecorded(occurredAt), channel, targetEventId])
    : others;
  if (document.contacts.length + document.purchases.length === 0) return null;
  document.journey = journeyOf(document.contacts, document.purchases);
  return document;
}
