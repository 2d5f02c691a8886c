import { epochMsOf } from '@rapport/contracts';
import type { ProjectionDefinition } from '@rapport/projection-engine';
import { occurredAtMsOf } from '../_parts/business-order.js';
import { ownerOf } from '../_parts/owner.js';
import type { AgendaRow } from './agenda.model.js';
import { customer, load, myDay, planned } from './agenda.queries.js';

const EVENTS = ['ActivityPlanned', 'ActivityRescheduled', 'ActivityCompleted', 'ActivityCancelled'] as const;

/** What has who to do for which customer, and what became of it? (S3, S18) */
export const agenda: ProjectionDefinition<AgendaRow, (typeof EVENTS)[number]> = {
  name: 'agenda',
  version: 1,
  question: 'What has who to do for which customer, and what became of it?',
  events: EVENTS,
  keys: (event) => [`${ownerOf(event)}/${event.data.activityId}`],
  initial: () => ({
    status: 'planned',
    kind: 'call',
    ownerId: '',
    dueAtMs: 0,
    plannedAtMs: 0,
    rescheduled: 0,
    subject: null,
    opportunityId: null,
    caseId: null,
    closedAtMs: null,
    outcome: null,
    touchEventId: null,
  }),
  evolve: (row, event) => {
    const atMs = occurredAtMsOf(event);
    if (event.type === 'ActivityPlanned') {
      const { kind, ownerId, dueAt, subject, opportunityId, caseId } = event.data;
      return {
        status: 'planned',
        kind,
        ownerId,
        dueAtMs: epochMsOf(dueAt),
        plannedAtMs: atMs,
        rescheduled: 0,
        subject: subject ?? null,
        opportunityId: opportunityId ?? null,
        caseId: caseId ?? null,
        closedAtMs: null,
        outcome: null,
        touchEventId: null,
      };
    }
    // Nothing is known of an activity before it is planned.
    if (row.ownerId === '') return null;
    switch (event.type) {
      case 'ActivityRescheduled':
        row.ownerId = event.data.ownerId;
        row.dueAtMs = epochMsOf(event.data.dueAt);
        row.rescheduled += 1;
        return row;
      case 'ActivityCompleted':
        row.status = 'done';
        row.closedAtMs = atMs;
        row.outcome = event.data.outcome ?? null;
        row.touchEventId = event.data.touchEventId ?? null;
        return row;
      case 'ActivityCancelled':
        row.status = 'cancelled';
        row.closedAtMs = atMs;
        row.outcome = event.data.reasonCode;
        return row;
    }
  },
  sortedBy: ['ownerId', 'dueAtMs'],
  indexes: {
    status: (row) => row.status,
    ownerId: (row) => row.ownerId,
    kind: (row) => row.kind,
    dueAtMs: (row) => row.dueAtMs,
    doneInTime: (row) => (row.status === 'done' && (row.closedAtMs ?? 0) <= row.dueAtMs ? 1 : 0),
  },
  /** The rows of merged customers keep their keys; of two under one key the one that was planned later is meant. */
  combine: (rows) =>
    rows.reduce((a, b) =>
      b.plannedAtMs > a.plannedAtMs ||
      (b.plannedAtMs === a.plannedAtMs && (b.closedAtMs ?? -1) > (a.closedAtMs ?? -1))
        ? b
        : a,
    ),
  queries: [myDay, planned, customer, load],
};
