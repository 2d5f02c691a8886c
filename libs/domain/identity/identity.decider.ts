import { epochMsOf } from '@rapport/contracts';
import type {
  CustomersMerged, DataOf, EventOfType, EventType, MatchAccepted, MatchProposed, MatchRejected, MergeAbandoned, NewEvent,
  Refusal, StreamEvent, UnmergeAbandoned,
} from '@rapport/contracts'; // prettier-ignore
import { refuse } from '../customer/refuse.js';

// Stream: `identity-<survivorId>` for the merges of one survivor, `identity-<matchId>` for what was found of two customers.
// Events: MatchProposed, MatchRejected, MatchAccepted, CustomersMerged, MergeCompleted, MergeAbandoned, CustomersUnmerged,
// UnmergeCompleted, UnmergeAbandoned.

export type IdentityCommand =
  | ({ readonly type: 'ProposeMatch' } & DataOf<typeof MatchProposed>)
  | ({ readonly type: 'RejectMatch' } & DataOf<typeof MatchRejected>)
  | ({ readonly type: 'AcceptMatch' } & DataOf<typeof MatchAccepted>)
  | ({ readonly type: 'MergeCustomers' } & DataOf<typeof CustomersMerged>)
  | { readonly type: 'CompleteMerge'; readonly mergeId: string }
  | ({ readonly type: 'AbandonMerge' } & DataOf<typeof MergeAbandoned>)
  /** `mergeId` says which merge the caller means; without it the latest. */
  | { readonly type: 'UnmergeCustomers'; readonly mergeId?: string; readonly reasonCode: string }
  | { readonly type: 'CompleteUnmerge'; readonly mergeId: string }
  | ({ readonly type: 'AbandonUnmerge' } & DataOf<typeof UnmergeAbandoned>);

export type MergeStatus =
  /** Decided; its customers are being sealed and taken in. */
  | 'merging'
  | 'merged'
  /** Given up before it was complete; its steps are being taken back. */
  | 'abandoned'
  /** Taken back by decision; its customers are being let go. */
  | 'unmerging';

export interface MergeState extends DataOf<typeof CustomersMerged> {
  readonly status: MergeStatus;
  readonly eventId: string;
}

/** What deciding about identity needs to know: the merges in effect, and what was found of a pair. */
export interface ClusterState {
  /** In the order they were decided; one that is taken back leaves the list. */
  readonly merges: readonly MergeState[];
  /** Latest business time, epoch ms. */
  readonly businessClockMs: number;
  readonly match: {
    readonly status: 'proposed' | 'rejected' | 'accepted';
    /** Rules proposed so far: after a rejection only another one is news. */
    readonly rules: readonly string[];
  } | null;
}

type Evolve<T extends EventType> = (state: ClusterState, data: EventOfType<T>['data'], event: StreamEvent) => ClusterState; // prettier-ignore

const withStatus = (state: ClusterState, mergeId: string, status: MergeStatus): ClusterState => ({
  ...state,
  merges: state.merges.map((merge) => (merge.mergeId === mergeId ? { ...merge, status } : merge)),
});

const evolvers: { readonly [T in EventType]?: Evolve<T> } = {
  MatchProposed: (state, { rules }) => ({
    ...state,
    match: { status: 'proposed', rules: [...new Set([...(state.match?.rules ?? []), ...rules])] },
  }),
  MatchRejected: (state) => ({ ...state, match: { status: 'rejected', rules: state.match?.rules ?? [] } }),
  MatchAccepted: (state) => ({ ...state, match: { status: 'accepted', rules: state.match?.rules ?? [] } }),
  CustomersMerged: (state, data, { eventId }) => ({
    ...state,
    merges: [...state.merges, { ...data, status: 'merging', eventId }],
  }),
  MergeCompleted: (state, { mergeId }) => withStatus(state, mergeId, 'merged'),
  MergeAbandoned: (state, { mergeId }) => withStatus(state, mergeId, 'abandoned'),
  CustomersUnmerged: (state, { mergeId }) => withStatus(state, mergeId, 'unmerging'),
  UnmergeAbandoned: (state, { mergeId }) => withStatus(state, mergeId, 'merged'),
  UnmergeCompleted: (state, { mergeId }) => ({
    ...state,
    merges: state.merges.filter((merge) => merge.mergeId !== mergeId),
  }),
};

function evolve(state: ClusterState, event: StreamEvent): ClusterState {
  const evolveType = evolvers[event.type as EventType] as Evolve<EventType> | undefined;
  const atMs = epochMsOf(event.metadata.occurredAt);
  const next = evolveType ? evolveType(state, event.data as never, event) : state;
  return { ...next, businessClockMs: Math.max(next.businessClockMs, atMs) };
}

type Outcome = { readonly type: EventType; readonly data: unknown } | Refusal;

/** SAME_CUSTOMER, MERGE_IN_PROGRESS, UNKNOWN_MERGE, NOT_LATEST_MERGE, MATCH_REJECTED, NOTHING_TO_DO. */
function outcomeOf(state: ClusterState, command: IdentityCommand): Outcome {
  const { type, ...data } = command;
  const latest = state.merges.at(-1);
  const isIn = (status: MergeStatus, mergeId: string): boolean =>
    latest?.mergeId === mergeId && latest.status === status;
  switch (type) {
    case 'ProposeMatch': {
      if (command.customerIds[0] === command.customerIds[1]) return sameCustomer();
      // Who rejected two without a proposal looked at all they have in common.
      const isFinal = state.match?.status === 'rejected' && state.match.rules.length === 0;
      const isNews = !isFinal && command.rules.some((rule) => !state.match?.rules.includes(rule));
      if (state.match !== null && !isNews)
        return state.match.status === 'rejected'
          ? refuse('MATCH_REJECTED', 'The two customers were found to be two for these reasons already.')
          : refuse('NOTHING_TO_DO', 'The match is proposed already.');
      return { type: 'MatchProposed', data };
    }
    case 'RejectMatch':
      if (command.customerIds[0] === command.customerIds[1]) return sameCustomer();
      if (state.match?.status === 'rejected')
        return refuse('NOTHING_TO_DO', 'The match is rejected already.');
      return { type: 'MatchRejected', data };
    case 'AcceptMatch':
      return state.match?.status === 'accepted'
        ? refuse('NOTHING_TO_DO', 'The match is accepted already.')
        : { type: 'MatchAccepted', data };
    case 'MergeCustomers': {
      const taken = [command.survivorId, ...state.merges.flatMap(({ mergedIds }) => mergedIds)];
      const named = new Set(command.mergedIds);
      if (named.size < command.mergedIds.length || taken.some((id) => named.has(id))) return sameCustomer();
      if (latest !== undefined && latest.status !== 'merged') return inProgress();
      return { type: 'CustomersMerged', data };
    }
    case 'UnmergeCustomers': {
      if (latest === undefined) return refuse('UNKNOWN_MERGE', 'The customer has survived no merge.');
      if (command.mergeId !== undefined && command.mergeId !== latest.mergeId)
        return state.merges.some(({ mergeId }) => mergeId === command.mergeId)
          ? refuse('NOT_LATEST_MERGE', 'A later merge of the same survivor must be taken back first.')
          : refuse('UNKNOWN_MERGE', 'The customer has not survived this merge.');
      if (latest.status !== 'merged') return inProgress();
      const { mergeId, survivorId, mergedIds } = latest;
      return {
        type: 'CustomersUnmerged',
        data: { mergeId, survivorId, mergedIds, reasonCode: command.reasonCode },
      };
    }
    case 'CompleteMerge':
      return isIn('merging', command.mergeId) ? { type: 'MergeCompleted', data } : notNow();
    case 'AbandonMerge':
      return isIn('merging', command.mergeId) ? { type: 'MergeAbandoned', data } : notNow();
    case 'AbandonUnmerge':
      return isIn('unmerging', command.mergeId) ? { type: 'UnmergeAbandoned', data } : notNow();
    case 'CompleteUnmerge':
      return isIn('unmerging', command.mergeId) || isIn('abandoned', command.mergeId)
        ? { type: 'UnmergeCompleted', data }
        : notNow();
    default:
      return type satisfies never;
  }
}

const sameCustomer = (): Refusal => refuse('SAME_CUSTOMER', 'The customers are one and the same already.');
const inProgress = (): Refusal =>
  refuse('MERGE_IN_PROGRESS', 'Another merge of the survivor is not completed yet.');
const notNow = (): Refusal => refuse('NOTHING_TO_DO', 'The merge is not at this step.');

/** Who is who: merges of one survivor, or what was found of a pair, as three pure functions over `identity-<id>`. */
export const identityDecider = {
  category: 'identity',
  stateSchemaVersion: 1,
  initialState: (): ClusterState => ({ merges: [], businessClockMs: -8_640_000_000_000_000, match: null }),
  evolve,
  decide: (
    state: ClusterState,
    command: IdentityCommand,
  ):
    | { readonly kind: 'accepted'; readonly events: readonly NewEvent[] }
    | { readonly kind: 'refused'; readonly refusal: Refusal } => {
    const outcome = outcomeOf(state, command);
    return 'code' in outcome
      ? { kind: 'refused', refusal: outcome }
      : { kind: 'accepted', events: [outcome] };
  },
} as const;
