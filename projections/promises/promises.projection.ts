import { epochMsOf } from '@rapport/contracts';
import type { ProjectionDefinition } from '@rapport/projection-engine';
import { occurredAtMsOf } from '../_parts/business-order.js';
import { ownerOf } from '../_parts/owner.js';
import type { PromiseRow } from './promises.model.js';
import { customer, due, keptRate } from './promises.queries.js';

const EVENTS = ['PromiseMade', 'PromiseKept', 'PromiseBroken'] as const;

/** Who keeps their word: which manager, and which side? (S9, S17) */
export const promises: ProjectionDefinition<PromiseRow, (typeof EVENTS)[number]> = {
  name: 'promises',
  version: 2,
  question: 'Who keeps their word: which manager of ours, and which side?',
  events: EVENTS,
  keys: (event) => [`${ownerOf(event)}/${event.data.promiseId}`],
  initial: () => ({
    status: 'open',
    by: 'firm',
    what: 'other',
    ownerId: null,
    dueAtMs: 0,
    madeAtMs: 0,
    settledAtMs: null,
    reasonCode: null,
    made: 0,
    keptInTime: 0,
    keptLate: 0,
    broken: 0,
  }),
  evolve: (row, event) => {
    const atMs = occurredAtMsOf(event);
    if (event.type === 'PromiseMade') {
      const { by, what, dueAt, ownerId } = event.data;
      return {
        ...row,
        status: 'open',
        by,
        what,
        ownerId: ownerId ?? null,
        dueAtMs: epochMsOf(dueAt),
        madeAtMs: atMs,
        settledAtMs: null,
        reasonCode: null,
        made: row.made + 1,
      };
    }
    // Nothing is known of a promise before it is made.
    if (row.made === 0) return null;
    if (event.type === 'PromiseKept') {
      if (row.status === 'kept') return row;
      if (row.status === 'broken') row.broken -= 1;
      // What was kept before it was called broken never was: we came to know of it late.
      if (atMs <= row.dueAtMs && (row.settledAtMs === null || atMs <= row.settledAtMs)) {
        row.keptInTime += 1;
        row.reasonCode = null;
      } else row.keptLate += 1;
      row.status = 'kept';
    } else {
      if (row.status !== 'open') return row;
      row.broken += 1;
      row.status = 'broken';
      row.reasonCode = event.data.reasonCode ?? null;
    }
    row.settledAtMs = atMs;
    return row;
  },
  sortedBy: ['ownerId', 'dueAtMs'],
  indexes: {
    status: (row) => row.status,
    by: (row) => row.by,
    what: (row) => row.what,
    ownerId: (row) => row.ownerId,
    dueAtMs: (row) => row.dueAtMs,
    made: (row) => row.made,
    keptInTime: (row) => row.keptInTime,
    keptLate: (row) => row.keptLate,
    broken: (row) => row.broken,
  },
  /** The rows of merged customers keep their keys; under one key the promise made later is shown and all are counted. */
  combine: (rows) =>
    rows.reduce((a, b) => {
      const shown =
        b.madeAtMs > a.madeAtMs ||
        (b.madeAtMs === a.madeAtMs && (b.settledAtMs ?? -1) > (a.settledAtMs ?? -1))
          ? b
          : a;
      return {
        ...shown,
        made: a.made + b.made,
        keptInTime: a.keptInTime + b.keptInTime,
        keptLate: a.keptLate + b.keptLate,
        broken: a.broken + b.broken,
      };
    }),
  queries: [keptRate, due, customer],
};
