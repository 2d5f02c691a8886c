import { epochMsOf } from '@rapport/contracts';
import type { EventFor, ProjectionDefinition } from '@rapport/projection-engine';
import { occurredAtMsOf } from '../_parts/business-order.js';
import { ownerKeys } from '../_parts/owner.js';
import type { PrivacyDocument } from './privacy-requests.model.js';
import { customer, figures, waiting } from './privacy-requests.queries.js';

const EVENTS = [
  'ErasureRequested',
  'ErasureRequestClosed',
  'ProcessingRestricted',
  'RestrictionLifted',
  'CustomerDataExported',
  'CustomerErased',
] as const;

const MAX_OPEN = 10;

/** Who waits to be forgotten and until when, whose processing is restricted, and what was handed out? (S2, S20) */
export const privacyRequests: ProjectionDefinition<PrivacyDocument, (typeof EVENTS)[number]> = {
  name: 'privacy-requests',
  version: 1,
  question:
    'Who waits to be forgotten and until when, whose processing is restricted, and what was handed out?',
  events: EVENTS,
  keys: ownerKeys,
  initial: () => ({
    open: [],
    restrictions: [],
    requests: 0,
    answered: { erased: 0, withdrawn: 0, declined: 0 },
    answeredLate: 0,
    exports: 0,
    lastExportAtMs: null,
    erased: false,
  }),
  evolve: (document, event) => {
    apply(document, event);
    return document;
  },
  sortedBy: ['isWaiting', 'dueAtMs'],
  indexes: {
    /** Earliest due; null = nobody waits. */
    dueAtMs: ({ open }) => open[0]?.dueAtMs ?? null,
    isWaiting: ({ open }) => (open.length > 0 ? 1 : 0),
    isRestricted: ({ restrictions }) => (restrictions.length > 0 ? 1 : 0),
    requests: (document) => document.requests,
    erased: ({ answered }) => answered.erased,
    withdrawn: ({ answered }) => answered.withdrawn,
    declined: ({ answered }) => answered.declined,
    answeredLate: (document) => document.answeredLate,
    exports: (document) => document.exports,
  },
  combine: (documents) => documents.reduce(joined),
  queries: [customer, waiting, figures],
};

function apply(document: PrivacyDocument, event: EventFor<(typeof EVENTS)[number]>): void {
  const atMs = occurredAtMsOf(event);
  switch (event.type) {
    case 'ErasureRequested': {
      const { requestId, basis, dueAt } = event.data;
      document.requests += 1;
      const request = { requestId, basis, requestedAtMs: atMs, dueAtMs: epochMsOf(dueAt) };
      document.open = earliestDue([...document.open, request]);
      return;
    }
    case 'ErasureRequestClosed': {
      const request = document.open.find((known) => known.requestId === event.data.requestId);
      if (!request) return;
      document.answered[event.data.outcome] += 1;
      if (atMs > request.dueAtMs) document.answeredLate += 1;
      document.open = document.open.filter((known) => known !== request);
      return;
    }
    case 'CustomerErased':
      document.erased = true;
      document.answered.erased += document.open.length;
      document.answeredLate += document.open.filter((request) => atMs > request.dueAtMs).length;
      document.open = [];
      return;
    case 'ProcessingRestricted': {
      const { scope, basis } = event.data;
      document.restrictions = document.restrictions.filter((known) => known.scope !== scope);
      document.restrictions.push({ scope, basis, sinceMs: atMs });
      return;
    }
    case 'RestrictionLifted':
      document.restrictions = document.restrictions.filter((known) => known.scope !== event.data.scope);
      return;
    case 'CustomerDataExported':
      document.exports += 1;
      document.lastExportAtMs = Math.max(document.lastExportAtMs ?? atMs, atMs);
      return;
  }
}

const earliestDue = (open: PrivacyDocument['open']): PrivacyDocument['open'] =>
  [...open]
    .sort(
      (a, b) => a.dueAtMs - b.dueAtMs || (a.requestId < b.requestId ? -1 : a.requestId > b.requestId ? 1 : 0),
    )
    .slice(0, MAX_OPEN);

function joined(a: PrivacyDocument, b: PrivacyDocument): PrivacyDocument {
  const restrictions = [...a.restrictions];
  for (const one of b.restrictions) {
    const at = restrictions.findIndex((known) => known.scope === one.scope);
    if (at < 0) restrictions.push(one);
    else if (one.sinceMs < restrictions[at]!.sinceMs) restrictions[at] = one;
  }
  return {
    open: earliestDue([...a.open, ...b.open]),
    restrictions: restrictions.sort((x, y) => (x.scope < y.scope ? -1 : 1)),
    requests: a.requests + b.requests,
    answered: {
      erased: a.answered.erased + b.answered.erased,
      withdrawn: a.answered.withdrawn + b.answered.withdrawn,
      declined: a.answered.declined + b.answered.declined,
    },
    answeredLate: a.answeredLate + b.answeredLate,
    exports: a.exports + b.exports,
    lastExportAtMs:
      a.lastExportAtMs === null || b.lastExportAtMs === null
        ? (a.lastExportAtMs ?? b.lastExportAtMs)
        : Math.max(a.lastExportAtMs, b.lastExportAtMs),
    erased: a.erased || b.erased,
  };
}
