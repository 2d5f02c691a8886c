import { describeProjection, eventBuilder } from '@rapport/testing';
import { contextAt, foldAll, readerOf } from '../_parts/customer-events.builder.js';
import type { PortfolioHandOversDocument } from './portfolio-hand-overs.model.js';
import { portfolioHandOvers } from './portfolio-hand-overs.projection.js';
import { handOvers } from './portfolio-hand-overs.queries.js';

const AT = contextAt('2026-06-01T00:00:00.000Z');

describe('Hand-overs of portfolios', () => {
  it('are listed, the latest first, running ones apart', async () => {
    const events = eventBuilder()
      .stream('accountManager-am-1')
      .at('2026-01-01T00:00:00.000Z')
      .type('PortfolioHandedOver', { handOverId: 'ho-1' })
      .at('2026-01-02T00:00:00.000Z')
      .type('PortfolioHandOverCompleted', { handOverId: 'ho-1' })
      .stream('accountManager-am-2')
      .at('2026-02-01T00:00:00.000Z')
      .type('PortfolioHandedOver', { handOverId: 'ho-1', toManagerId: 'am-3' })
      .build();
    const reader = await readerOf(portfolioHandOvers, foldAll<PortfolioHandOversDocument>(portfolioHandOvers, events)); // prettier-ignore
    const all = await handOvers.run(reader, {}, AT);
    expect(all.rows.map((row) => [row.managerId, row.status])).toEqual([
      ['am-2', 'running'],
      ['am-1', 'completed'],
    ]);
    expect(all.rows[1]).toMatchObject({ completedAt: '2026-01-02T00:00:00.000Z', customersMoved: 180, customersLeft: 1 }); // prettier-ignore
    expect((await handOvers.run(reader, { status: 'running' }, AT)).rows).toHaveLength(1);
    expect((await handOvers.run(reader, { toManagerId: 'am-9' }, AT)).rows).toMatchObject([{ managerId: 'am-1' }]); // prettier-ignore
  });
});

describeProjection(portfolioHandOvers, [
  {
    it: 'keeps the hand-overs of a manager apart',
    given: (history) =>
      history
        .stream('accountManager-am-1')
        .type('PortfolioHandedOver', { handOverId: 'ho-1' })
        .type('PortfolioHandOverCompleted', { handOverId: 'ho-1' })
        .type('PortfolioHandedOver', { handOverId: 'ho-2' }),
    then: (documents) => {
      expect(Object.keys(documents).sort()).toEqual(['am-1/ho-1', 'am-1/ho-2']);
      expect(documents['am-1/ho-2']).toMatchObject({ completedAtMs: null });
    },
  },
]);
