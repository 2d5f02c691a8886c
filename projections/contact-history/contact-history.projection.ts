import type { EventType } from '@rapport/contracts';
import type { EventFor, ProjectionDefinition } from '@rapport/projection-engine';
import { occurredAtMsOf } from '../_parts/business-order.js';
import { ownerOf } from '../_parts/owner.js';
import { directionOf, TOUCH_TYPES } from '../_parts/touch-types.js';
import type { TouchType } from '../_parts/touch-types.js';
import type { ContactHistoryRow, Detail } from './contact-history.model.js';
import { history } from './contact-history.queries.js';
import { timelinePlace } from './timeline-place.js';

const EVENTS = [...(Object.keys(TOUCH_TYPES) as TouchType[]), 'TouchPointCorrected'] as const;
type HistoryEventType = (typeof EVENTS)[number];

/** Corrections of a touch are capped: beyond this the oldest go, their events stay in the log. */
const MAX_CORRECTIONS = 20;

/** Belongs to the profile, not to the contact: the history would only repeat it. */
const LEFT_OUT: Partial<Record<EventType, readonly string[]>> = {
  CustomerRegistered: ['identifiers', 'displayName'],
};

/** What happened between this customer and us, touch by touch, newest first? (S2, S12, S13) */
export const contactHistory: ProjectionDefinition<ContactHistoryRow, HistoryEventType> = {
  name: 'contact-history',
  version: 2,
  question: 'What happened between this customer and us, touch by touch?',
  events: EVENTS,
  keys: (event) => [
    `${ownerOf(event)}/${event.type === 'TouchPointCorrected' ? event.data.targetEventId : event.eventId}`,
  ],
  begins: (event) => event.type !== 'TouchPointCorrected',
  initial: (key) => ({
    type: null,
    customerId: key.slice(0, key.indexOf('/')),
    occurredAtMs: 0,
    sourceSeq: 0,
    recordedAt: '',
    channel: 'external',
    actor: { kind: 'system', id: '' },
    direction: 'internal',
    details: {},
  }),
  evolve: (row, event) => {
    if (event.type === 'TouchPointCorrected') {
      // A correction of something that is no line of this customer's history corrects nothing here.
      if (row.type === null) return null;
      const corrections = (row.corrections ??= []);
      corrections.push({
        eventId: event.eventId,
        atMs: occurredAtMsOf(event),
        reason: event.data.reason,
        changes: copyOf(event.data.changes) as Record<string, Detail>,
      });
      if (corrections.length > MAX_CORRECTIONS) corrections.shift();
      return row;
    }
    return rowOf(event);
  },
  // One index serves every page of every customer, however long the history; the key ends with the event id and breaks ties.
  indexes: { timeline: (row) => timelinePlace(row.customerId, row.occurredAtMs, row.sourceSeq, row.type) },
  /** The rows of merged customers keep their own keys; two documents under one key are the same touch. */
  combine: (rows) =>
    rows.reduce((a, b) => {
      const corrections = [...(a.corrections ?? []), ...(b.corrections ?? [])]
        .filter((one, i, all) => all.findIndex((other) => other.eventId === one.eventId) === i)
        .sort((x, y) => x.atMs - y.atMs || (x.eventId < y.eventId ? -1 : 1))
        .slice(-MAX_CORRECTIONS);
      return corrections.length > 0 ? { ...a, corrections } : a;
    }),
  queries: [history],
};

function rowOf(event: EventFor<TouchType>): ContactHistoryRow {
  const { metadata } = event;
  const details: Record<string, Detail> = {};
  const leftOut = LEFT_OUT[event.type];
  const data = event.data as Readonly<Record<string, unknown>>;
  for (const name in data) {
    const value = data[name];
    if (value === undefined || leftOut?.includes(name)) continue;
    details[name] = typeof value === 'object' ? copyOf(value) : (value as Detail);
  }
  const row: ContactHistoryRow = {
    type: event.type,
    customerId: ownerOf(event),
    occurredAtMs: occurredAtMsOf(event),
    sourceSeq: metadata.sourceSeq ?? 0,
    recordedAt: metadata.recordedAt,
    channel: metadata.channel,
    actor: { kind: metadata.actor.kind, id: metadata.actor.id },
    direction: directionOf(event),
    details,
  };
  if (metadata.late) row.late = true;
  return row;
}

/** A copy that shares nothing with the event. */
function copyOf(value: unknown): Detail {
  if (typeof value !== 'object' || value === null) return value as Detail;
  if (Array.isArray(value)) return value.map(copyOf);
  const copy: Record<string, Detail> = {};
  for (const name of Object.keys(value)) {
    const inner = (value as Record<string, unknown>)[name];
    if (inner !== undefined) copy[name] = copyOf(inner);
  }
  return copy;
}
