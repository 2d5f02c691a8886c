import type { ProjectionDefinition } from '@rapport/projection-engine';
import { occurredAtMsOf } from '../_parts/business-order.js';
import { ownerOf } from '../_parts/owner.js';
import type { NeedRow } from './needs.model.js';
import { customer, gaps, list, overview } from './needs.queries.js';

const EVENTS = ['NeedRecorded', 'NeedMet', 'NeedUnmet'] as const;

/** What do customers need, do we meet it, and what is missing where we do not? (S13, S14) */
export const needs: ProjectionDefinition<NeedRow, (typeof EVENTS)[number]> = {
  name: 'needs',
  version: 1,
  question: 'What do customers need, do we meet it, and what is missing where we do not?',
  events: EVENTS,
  keys: (event) => [`${ownerOf(event)}/${event.data.needId}`],
  initial: () => ({
    needCode: null,
    status: 'open',
    basis: 'inferred',
    source: '',
    confidencePct: null,
    productIds: [],
    description: null,
    recordedAtMs: 0,
    answeredAtMs: null,
    metBy: [],
    gapCode: null,
    bridge: null,
    note: null,
  }),
  evolve: (row, event) => {
    if (event.type === 'NeedRecorded') {
      const { needCode, basis, source, confidencePct, productIds, description } = event.data;
      return {
        needCode,
        status: 'open',
        basis,
        source,
        confidencePct: confidencePct ?? null,
        productIds: [...(productIds ?? [])],
        description: description ?? null,
        recordedAtMs: occurredAtMsOf(event),
        answeredAtMs: null,
        metBy: [],
        gapCode: null,
        bridge: null,
        note: null,
      };
    }
    // Nothing is known of a need before it is recorded.
    if (row.needCode === null) return null;
    row.answeredAtMs = occurredAtMsOf(event);
    row.note = event.data.note ?? null;
    if (event.type === 'NeedMet') {
      row.status = 'met';
      row.metBy = [...(event.data.productIds ?? [])];
    } else {
      row.status = 'unmet';
      row.gapCode = event.data.gapCode;
      row.bridge = event.data.bridge;
    }
    return row;
  },
  sortedBy: ['recordedAtMs'],
  indexes: {
    status: (row) => row.status,
    needCode: (row) => row.needCode,
    gapCode: (row) => row.gapCode,
    bridge: (row) => row.bridge,
    recordedAtMs: (row) => row.recordedAtMs,
    stated: (row) => (row.basis === 'stated' ? 1 : 0),
  },
  /** The rows of merged customers keep their keys; of two under one key the need recorded later is meant. */
  combine: (rows) =>
    rows.reduce((a, b) =>
      b.recordedAtMs > a.recordedAtMs ||
      (b.recordedAtMs === a.recordedAtMs && (b.answeredAtMs ?? -1) > (a.answeredAtMs ?? -1))
        ? b
        : a,
    ),
  queries: [customer, list, overview, gaps],
};
