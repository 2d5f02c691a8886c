import { isoOf } from '@rapport/contracts';
import { identityDecider, type ClusterState, type IdentityCommand } from './identity.decider.js';

const [ada, bob, cyd] = ['3f2b8a34-7c35-5c4e-9b52-2a43c9f0d111', '7d0f4c1e-53a8-5c0b-8f3e-9a55b6c4e222', '5c0b4c1e-53a8-5c0b-8f3e-9a55b6c4e333'] as const; // prettier-ignore

/** The state after some commands; fails on a refusal. */
const after = (...commands: readonly IdentityCommand[]): ClusterState =>
  commands.reduce<ClusterState>((state, command, i) => {
    const decision = identityDecider.decide(state, command);
    if (decision.kind === 'refused') throw new Error(`${command.type}: ${decision.refusal.code}`);
    return decision.events.reduce(
      (folded, event) =>
        identityDecider.evolve(folded, {
          ...event,
          eventId: `e-${i}`,
          schemaVersion: 1,
          streamId: `identity-${ada}`,
          revision: BigInt(i),
          metadata: { occurredAt: isoOf(i), recordedAt: isoOf(i), sourceSystem: 's', channel: 'external', actor: { kind: 'employee', id: 'am-1' }, correlationId: 'c', causationId: 'c', commandKey: 'k' }, // prettier-ignore
        }),
      state,
    );
  }, identityDecider.initialState());

const asked = (state: ClusterState, command: IdentityCommand): string => {
  const decision = identityDecider.decide(state, command);
  return decision.kind === 'refused' ? decision.refusal.code : decision.events[0]!.type;
};

const merge = (mergeId: string, ...mergedIds: string[]): IdentityCommand => ({
  type: 'MergeCustomers',
  mergeId,
  survivorId: ada,
  mergedIds,
  matchRule: 'sameEmail',
});
const complete = (mergeId: string): IdentityCommand => ({ type: 'CompleteMerge', mergeId });
const unmerge = (mergeId?: string): IdentityCommand => ({
  type: 'UnmergeCustomers',
  reasonCode: 'twoPersons',
  ...(mergeId === undefined ? {} : { mergeId }),
});
const propose = (...rules: ('sameEmail' | 'samePhone')[]): IdentityCommand => ({
  type: 'ProposeMatch',
  customerIds: [ada, bob],
  rules,
  scorePct: 80,
});

describe('The merges of a survivor', () => {
  it('refuse to take in the survivor, somebody twice, or somebody taken in already', () => {
    const start = identityDecider.initialState();
    expect(asked(start, merge('m-1', ada))).toBe('SAME_CUSTOMER');
    expect(asked(start, merge('m-1', bob, bob))).toBe('SAME_CUSTOMER');
    expect(asked(after(merge('m-1', bob), complete('m-1')), merge('m-2', bob))).toBe('SAME_CUSTOMER');
    expect(asked(start, merge('m-1', bob, cyd))).toBe('CustomersMerged');
  });

  it('come one after the other', () => {
    const merging = after(merge('m-1', bob));
    expect(asked(merging, merge('m-2', cyd))).toBe('MERGE_IN_PROGRESS');
    expect(asked(merging, unmerge())).toBe('MERGE_IN_PROGRESS');
    expect(asked(after(merge('m-1', bob), complete('m-1')), merge('m-2', cyd))).toBe('CustomersMerged');
  });

  it('are taken back the latest first', () => {
    const both = after(merge('m-1', bob), complete('m-1'), merge('m-2', cyd), complete('m-2'));
    expect(asked(both, unmerge('m-1'))).toBe('NOT_LATEST_MERGE');
    expect(asked(both, unmerge('m-9'))).toBe('UNKNOWN_MERGE');
    expect(asked(identityDecider.initialState(), unmerge())).toBe('UNKNOWN_MERGE');
    const one = after(
      merge('m-1', bob), complete('m-1'), merge('m-2', cyd), complete('m-2'), unmerge('m-2'),
      { type: 'CompleteUnmerge', mergeId: 'm-2' },
    ); // prettier-ignore
    expect(asked(one, unmerge('m-1'))).toBe('CustomersUnmerged');
  });

  it('may be given up before they are complete, not afterwards', () => {
    const abandon: IdentityCommand = { type: 'AbandonMerge', mergeId: 'm-1', reasonCode: 'CUSTOMER_ERASED' };
    expect(asked(after(merge('m-1', bob)), abandon)).toBe('MergeAbandoned');
    expect(asked(after(merge('m-1', bob), complete('m-1')), abandon)).toBe('NOTHING_TO_DO');
    const gone = after(merge('m-1', bob), abandon, { type: 'CompleteUnmerge', mergeId: 'm-1' });
    expect(gone.merges).toEqual([]);
  });

  it('stand when taking them back was given up', () => {
    const state = after(merge('m-1', bob), complete('m-1'), unmerge(), { type: 'AbandonUnmerge', mergeId: 'm-1', reasonCode: 'CUSTOMER_MERGED' }); // prettier-ignore
    expect(state.merges).toMatchObject([{ mergeId: 'm-1', status: 'merged' }]);
  });
});

describe('A match of two customers', () => {
  it('is proposed once for a reason, and after a rejection only for another one', () => {
    expect(asked(after(propose('sameEmail')), propose('sameEmail'))).toBe('NOTHING_TO_DO');
    const rejected = after(propose('sameEmail'), { type: 'RejectMatch', customerIds: [ada, bob], reasonCode: 'fatherAndSon' }); // prettier-ignore
    expect(asked(rejected, propose('sameEmail'))).toBe('MATCH_REJECTED');
    expect(asked(rejected, propose('sameEmail', 'samePhone'))).toBe('MatchProposed');
  });

  it('that was rejected without a proposal is proposed for no reason', () => {
    const rejected = after({ type: 'RejectMatch', customerIds: [ada, bob], reasonCode: 'fatherAndSon' });
    expect(asked(rejected, propose('sameEmail'))).toBe('MATCH_REJECTED');
  });

  it('is of two', () => {
    const self: IdentityCommand = { type: 'ProposeMatch', customerIds: [ada, ada], rules: ['sameEmail'], scorePct: 1 }; // prettier-ignore
    expect(asked(identityDecider.initialState(), self)).toBe('SAME_CUSTOMER');
    expect(asked(identityDecider.initialState(), { type: 'RejectMatch', customerIds: [ada, ada], reasonCode: 'x' })).toBe('SAME_CUSTOMER'); // prettier-ignore
  });
});
