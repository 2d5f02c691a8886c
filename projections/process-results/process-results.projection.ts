import { epochMsOf } from '@rapport/contracts';
import type { EventFor, ProjectionDefinition } from '@rapport/projection-engine';
import { occurredAtMsOf } from '../_parts/business-order.js';
import { ownerOf } from '../_parts/owner.js';
import { PROCESS_METRICS } from './process-results.model.js';
import type { ProcessName, ProcessResultsDocument } from './process-results.model.js';
import { customersOf, results } from './process-results.queries.js';

const EVENTS = [
  'ActivityPlanned', 'ActivityRescheduled', 'ActivityCompleted', 'ActivityCancelled', 'RepairStarted', 'RepairConcluded',
  'RelationshipStageMoved', 'RelationshipStageChosen', 'RelationshipStageOverridden', 'WinBackStarted', 'WinBackConcluded',
] as const; // prettier-ignore
type ResultEvent = EventFor<(typeof EVENTS)[number]>;

const NAMES = Object.keys(PROCESS_METRICS) as ProcessName[];
const ACTOR_PREFIX = 'process-';
/** More open activities of one process with one customer than anybody would leave. */
const MAX_OPEN = 20;

/** The process that asked for an event; undefined when a person or another system did. */
function processOf({ metadata }: ResultEvent): ProcessName | undefined {
  const { kind, id } = metadata.actor;
  if (kind !== 'system' || !id.startsWith(ACTOR_PREFIX)) return undefined;
  return NAMES.find((name) => name === id.slice(ACTOR_PREFIX.length));
}

/** What came of what the processes did, with the metric of each? (S18, S19) */
export const processResults: ProjectionDefinition<ProcessResultsDocument, (typeof EVENTS)[number]> = {
  name: 'process-results',
  version: 1,
  question: 'What came of what the processes did, with the metric of each?',
  events: EVENTS,
  keys: (event) => {
    const owner = ownerOf(event);
    switch (event.type) {
      case 'ActivityPlanned':
      case 'RepairStarted':
      case 'WinBackStarted': {
        const process = processOf(event);
        return process === undefined ? [] : [`${owner}/${process}`];
      }
      // Who does what was planned is a person: the document that knows the activity takes it.
      case 'ActivityRescheduled':
      case 'ActivityCompleted':
      case 'ActivityCancelled':
        return NAMES.map((process) => `${owner}/${process}`);
      case 'RepairConcluded':
        return [`${owner}/problem-management`];
      case 'WinBackConcluded':
        return [`${owner}/win-back`];
      default:
        return event.data.from === 'repair' ? [`${owner}/problem-management`] : [];
    }
  },
  initial: () => ({
    process: null,
    acted: 0,
    open: [],
    doneInTime: 0,
    doneLate: 0,
    cancelled: 0,
    running: null,
    succeeded: 0,
    failed: 0,
  }),
  evolve: (document, event, key) => {
    const next = evolve(document, event, key);
    return next.acted === 0 ? null : next;
  },
  sortedBy: ['process', 'nextDueMs'],
  indexes: {
    process: (document) => document.process,
    acted: (document) => document.acted,
    doneInTime: (document) => document.doneInTime,
    doneLate: (document) => document.doneLate,
    cancelled: (document) => document.cancelled,
    open: (document) => document.open.length,
    nextDueMs: (document) =>
      document.open.length === 0 ? null : Math.min(...document.open.map(({ dueAtMs }) => dueAtMs)),
    running: (document) => (document.running === null ? 0 : 1),
    succeeded: (document) => document.succeeded,
    failed: (document) => document.failed,
  },
  combine: (documents) =>
    documents.reduce((a, b) => ({
      process: a.process,
      acted: a.acted + b.acted,
      open: [...a.open, ...b.open].slice(-MAX_OPEN),
      doneInTime: a.doneInTime + b.doneInTime,
      doneLate: a.doneLate + b.doneLate,
      cancelled: a.cancelled + b.cancelled,
      running: a.running ?? b.running,
      succeeded: a.succeeded + b.succeeded,
      failed: a.failed + b.failed,
    })),
  queries: [results, customersOf],
};

function evolve(document: ProcessResultsDocument, event: ResultEvent, key: string): ProcessResultsDocument {
  switch (event.type) {
    case 'ActivityPlanned':
      begun(document, key);
      document.open.push({ activityId: event.data.activityId, dueAtMs: epochMsOf(event.data.dueAt) });
      if (document.open.length > MAX_OPEN) document.open.shift();
      return document;
    case 'ActivityRescheduled': {
      const known = document.open.find(({ activityId }) => activityId === event.data.activityId);
      if (known) known.dueAtMs = epochMsOf(event.data.dueAt);
      return document;
    }
    case 'ActivityCompleted':
    case 'ActivityCancelled': {
      const known = document.open.find(({ activityId }) => activityId === event.data.activityId);
      if (!known) return document;
      document.open = document.open.filter((one) => one !== known);
      if (event.type === 'ActivityCancelled') document.cancelled += 1;
      else if (occurredAtMsOf(event) <= known.dueAtMs) document.doneInTime += 1;
      else document.doneLate += 1;
      return document;
    }
    case 'RepairStarted':
      begun(document, key);
      document.running = event.data.repairId;
      return document;
    case 'WinBackStarted':
      begun(document, key);
      document.running = event.data.winBackId;
      return document;
    case 'RepairConcluded':
      if (document.running === event.data.repairId) concluded(document, event.data.outcome === 'recovered');
      return document;
    case 'WinBackConcluded':
      if (document.running === event.data.winBackId) concluded(document, event.data.outcome === 'won');
      return document;
    default:
      // The rules may end a repair by moving the relationship, without a word about the plan.
      if (document.running !== null)
        concluded(document, event.data.to !== 'deterioration' && event.data.to !== 'dissolution');
      return document;
  }
}

function begun(document: ProcessResultsDocument, key: string): void {
  document.process = key.slice(key.indexOf('/') + 1) as ProcessName;
  document.acted += 1;
}

function concluded(document: ProcessResultsDocument, isGood: boolean): void {
  document.running = null;
  if (isGood) document.succeeded += 1;
  else document.failed += 1;
}
