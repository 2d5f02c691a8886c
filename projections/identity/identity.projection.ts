import type { ProjectionDefinition } from '@rapport/projection-engine';
import { occurredAtMsOf } from '../_parts/business-order.js';
import type { IdentityDocument, MergeOnFile } from './identity.model.js';
import { matchQueue, merges, openMerges } from './identity.queries.js';

const EVENTS = [
  'MatchProposed', 'MatchRejected', 'MatchAccepted', 'CustomersMerged', 'MergeCompleted', 'MergeAbandoned', 'CustomersUnmerged',
  'UnmergeCompleted', 'UnmergeAbandoned',
] as const; // prettier-ignore

const MERGES_KEPT = 100;

/** Which customers were merged, which merges are under way, and who may be one and the same? (S1, S19) */
export const identity: ProjectionDefinition<IdentityDocument, (typeof EVENTS)[number]> = {
  name: 'identity',
  version: 1,
  question: 'Which customers were merged, which merges are under way, and who may be one and the same?',
  events: EVENTS,
  keys: (event) => [event.streamId.slice(event.streamId.indexOf('-') + 1)],
  initial: () => ({ merges: [], match: null }),
  evolve: (document, event) => {
    const atMs = occurredAtMsOf(event);
    const change = (mergeId: string, fields: Partial<MergeOnFile>): IdentityDocument => {
      const merge = document.merges.findLast((known) => known.mergeId === mergeId);
      if (merge) Object.assign(merge, fields);
      return document;
    };
    switch (event.type) {
      case 'MatchProposed':
        document.match = { customerIds: [...event.data.customerIds], rules: [...event.data.rules], scorePct: event.data.scorePct, status: 'proposed', atMs, reasonCode: null }; // prettier-ignore
        return document;
      case 'MatchRejected':
      case 'MatchAccepted':
        document.match = {
          customerIds: [...event.data.customerIds],
          rules: document.match?.rules ?? [],
          scorePct: document.match?.scorePct ?? 0,
          status: event.type === 'MatchRejected' ? 'rejected' : 'accepted',
          atMs,
          reasonCode: event.type === 'MatchRejected' ? event.data.reasonCode : null,
        };
        return document;
      case 'CustomersMerged': {
        const { mergeId, survivorId, mergedIds, matchRule } = event.data;
        document.merges.push({ mergeId, survivorId, mergedIds: [...mergedIds], matchRule, status: 'merging', decidedAtMs: atMs, endedAtMs: null, endReasonCode: null }); // prettier-ignore
        if (document.merges.length > MERGES_KEPT) document.merges.shift();
        return document;
      }
      case 'MergeCompleted':
        return change(event.data.mergeId, { status: 'merged' });
      case 'MergeAbandoned':
        return change(event.data.mergeId, { status: 'abandoned', endedAtMs: atMs, endReasonCode: event.data.reasonCode }); // prettier-ignore
      case 'CustomersUnmerged':
        return change(event.data.mergeId, { status: 'unmerging', endedAtMs: atMs, endReasonCode: event.data.reasonCode }); // prettier-ignore
      case 'UnmergeAbandoned':
        return change(event.data.mergeId, { status: 'merged', endedAtMs: null, endReasonCode: null });
      case 'UnmergeCompleted':
        return change(event.data.mergeId, { status: 'unmerged' });
      default:
        return event satisfies never;
    }
  },
  sortedBy: ['isOpen', 'lastDecidedMs', 'matchScorePct'],
  indexes: {
    isOpen: ({ merges: all }) => (all.some(({ status }) => OPEN.has(status)) ? 1 : 0),
    lastDecidedMs: ({ merges: all }) => all.at(-1)?.decidedAtMs ?? null,
    matchStatus: ({ match }) => match?.status ?? null,
    matchScorePct: ({ match }) => match?.scorePct ?? null,
  },
  queries: [merges, openMerges, matchQueue],
};

/** Steps are left to carry out. An abandoned one is open until what it had sealed is unsealed. */
const OPEN: ReadonlySet<string> = new Set(['merging', 'abandoned', 'unmerging']);
