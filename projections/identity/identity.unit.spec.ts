import { describeProjection, eventBuilder } from '@rapport/testing';
import { contextAt, foldAll, readerOf } from '../_parts/customer-events.builder.js';
import type { IdentityDocument } from './identity.model.js';
import { identity } from './identity.projection.js';
import { matchQueue, merges, openMerges } from './identity.queries.js';

const history = () => eventBuilder().stream('identity-ada').type('CustomersMerged', { mergeId: 'm-1' });

describeProjection(identity, [
  {
    it: 'tells how far a merge is',
    given: history().type('MergeCompleted', { mergeId: 'm-1' }).build(),
    then: (documents) => expect(documents['ada']).toMatchObject({ merges: [{ mergeId: 'm-1', status: 'merged', endedAtMs: null }] }), // prettier-ignore
  },
  {
    it: 'keeps a merge that was taken back, with the reason',
    given: history()
      .type('MergeCompleted', { mergeId: 'm-1' })
      .type('CustomersUnmerged', { mergeId: 'm-1', reasonCode: 'twoPersons' })
      .type('UnmergeCompleted', { mergeId: 'm-1' })
      .build(),
    then: (documents) => expect(documents['ada']).toMatchObject({ merges: [{ status: 'unmerged', endReasonCode: 'twoPersons' }] }), // prettier-ignore
  },
]);

describe('identity', () => {
  const open = history().build();
  const asked = contextAt('2026-02-01T00:00:00.000Z');
  it('lists merges under way, and all of them', async () => {
    const done = history().type('MergeCompleted', { mergeId: 'm-1' }).build();
    const rowsOf = async (events: typeof open) => {
      const reader = await readerOf(identity, foldAll<IdentityDocument>(identity, events));
      return [
        (await openMerges.run(reader, {}, asked)).rows.length,
        (await merges.run(reader, {}, asked)).rows.length,
      ];
    };
    expect(await rowsOf(open)).toEqual([1, 1]);
    expect(await rowsOf(done)).toEqual([0, 1]);
  });

  it('lists proposed matches, the surest first, until somebody decides', async () => {
    const events = eventBuilder()
      .stream('identity-one').type('MatchProposed', { scorePct: 40 })
      .stream('identity-two').type('MatchProposed', { scorePct: 90 })
      .stream('identity-three').type('MatchProposed', { scorePct: 95 }).type('MatchRejected', { reasonCode: 'siblings' })
      .build(); // prettier-ignore
    const reader = await readerOf(identity, foldAll<IdentityDocument>(identity, events));
    const idsOf = async (status?: 'rejected') => (await matchQueue.run(reader, { ...(status ? { status } : {}) }, asked)).rows.map(({ matchId }) => matchId); // prettier-ignore
    expect(await idsOf()).toEqual(['two', 'one']);
    expect(await idsOf('rejected')).toEqual(['three']);
  });
});
