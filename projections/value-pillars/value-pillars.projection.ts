import { dayNumberOf } from '@rapport/contracts';
import type { EventFor, ProjectionDefinition } from '@rapport/projection-engine';
import { occurredAtMsOf } from '../_parts/business-order.js';
import { ownerOf } from '../_parts/owner.js';
import { EVIDENCE_TYPES, evidenceOf, MIDDLE, touchEvidence } from './pillar-evidence.js';
import type { PillarEvidence } from './value-pillars.model.js';
import { customer, hurting, pillars, weakestByCustomer } from './value-pillars.queries.js';

const EVENTS = [
  ...EVIDENCE_TYPES,
  'TouchPointCorrected',
  'PromiseMade',
  'PromiseKept',
  'PromiseBroken',
] as const;
type PillarEvent = EventFor<(typeof EVENTS)[number]>;

/** Which pillar of value is the weakest, of everybody and of one customer, and what hurt it? (S17) */
export const valuePillars: ProjectionDefinition<PillarEvidence, (typeof EVENTS)[number]> = {
  name: 'value-pillars',
  version: 1,
  question: 'Which pillar of value is the weakest, of everybody and of one customer, and what hurt it?',
  events: EVENTS,
  keys: (event) => {
    const owner = ownerOf(event);
    switch (event.type) {
      case 'PromiseMade':
      case 'PromiseKept':
      case 'PromiseBroken':
        return [`${owner}/promise:${event.data.promiseId}`];
      case 'TouchPointCorrected':
        return event.data.changes.sentiment === undefined
          ? []
          : [`${owner}/${event.data.targetEventId}/emotion`];
      default:
        return evidenceOf(event).map(({ pillar }) => `${owner}/${event.eventId}/${pillar}`);
    }
  },
  begins: ({ type }) =>
    type !== 'PromiseMade' &&
    type !== 'PromiseKept' &&
    type !== 'PromiseBroken' &&
    type !== 'TouchPointCorrected',
  initial: (key) => ({
    customerId: key.slice(0, key.indexOf('/')),
    pillar: null,
    score: null,
    dayNumber: 0,
    source: '',
    productId: null,
    reasonCode: null,
  }),
  evolve: (row, event, key) => evolve(row, event, key),
  sortedBy: ['day'],
  indexes: {
    customerId: (row) => row.customerId,
    pillar: (row) => (row.score === null ? null : row.pillar),
    score: (row) => (row.pillar === null ? null : row.score),
    hurts: (row) => (row.pillar !== null && row.score !== null && row.score < MIDDLE ? 1 : 0),
    day: (row) => row.dayNumber,
    productId: (row) => row.productId,
  },
  /** Rows of merged customers keep their own keys; two documents under one key are the same fact. */
  combine: (rows) => rows[0]!,
  queries: [pillars, customer, weakestByCustomer, hurting],
};

function evolve(row: PillarEvidence, event: PillarEvent, key: string): PillarEvidence {
  const dayNumber = dayNumberOf(occurredAtMsOf(event));
  switch (event.type) {
    case 'PromiseMade':
      // What the customer promised says nothing about the value we give.
      row.pillar = event.data.by !== 'firm' ? null : event.data.what === 'price' ? 'price' : 'respect';
      return row;
    case 'PromiseKept':
    case 'PromiseBroken':
      row.score = event.type === 'PromiseKept' ? 100 : 0;
      row.source = event.type;
      row.dayNumber = dayNumber;
      return row;
    case 'TouchPointCorrected': {
      const [evidence] = touchEvidence(event.data.changes);
      const known = row.pillar !== null;
      row.pillar = 'emotion';
      row.score = evidence!.score;
      row.productId = event.data.changes.productId ?? row.productId;
      row.reasonCode = event.data.changes.reasonCode ?? row.reasonCode;
      // A touch that said nothing before counts on the day of the correction.
      if (!known) Object.assign(row, { dayNumber, source: event.type });
      return row;
    }
    default: {
      const evidence = evidenceOf(event).find(({ pillar }) => key.endsWith(`/${pillar}`))!;
      return {
        ...row,
        pillar: evidence.pillar,
        score: evidence.score,
        dayNumber,
        source: event.type,
        productId: evidence.productId ?? null,
        reasonCode: evidence.reasonCode ?? null,
      };
    }
  }
}
