import { describeProjection, eventBuilder, testCustomerId } from '@rapport/testing';
import { contextAt, foldAll, readerOf } from '../_parts/customer-events.builder.js';
import type { NeedRow } from './needs.model.js';
import { needs } from './needs.projection.js';
import { customer, gaps, list, overview } from './needs.queries.js';

const NOW = contextAt('2026-02-10T00:00:00.000Z');

const history = () =>
  eventBuilder('2026-01-01T00:00:00.000Z')
    .customer('ada')
    .type('NeedRecorded', { needId: 'n-1', needCode: 'quiet', basis: 'stated' })
    .type('NeedRecorded', { needId: 'n-2', needCode: 'quiet', basis: 'inferred' })
    .type('NeedRecorded', { needId: 'n-3', needCode: 'cheap', basis: 'stated' })
    .type('NeedMet', { needId: 'n-1', productIds: ['grinder-2'] })
    .type('NeedUnmet', { needId: 'n-2', gapCode: 'noQuietModel', bridge: 'newProduct' })
    .customer('bob')
    .type('NeedRecorded', { needId: 'n-1', needCode: 'quiet', basis: 'stated' })
    .type('NeedUnmet', { needId: 'n-1', gapCode: 'noQuietModel', bridge: 'newProduct' })
    .type('NeedMet', { needId: 'n-1', productIds: ['grinder-3'] })
    .build();
const reader = () => readerOf(needs, foldAll<NeedRow>(needs, history()));

describe('Needs', () => {
  it('are counted by kind, and the share we meet is of those answered', async () => {
    expect(await overview.run(await reader(), {}, NOW)).toEqual({
      needs: [
        { needCode: 'cheap', needs: 1, open: 1, met: 0, unmet: 0, metShare: null, stated: 1 },
        { needCode: 'quiet', needs: 3, open: 0, met: 2, unmet: 1, metShare: 2 / 3, stated: 2 },
      ],
    });
    const later = { from: '2026-01-02T00:00:00.000Z' };
    expect((await overview.run(await reader(), later, NOW)).needs).toEqual([]);
  });

  it('show what is missing, also when it was bridged later', async () => {
    expect(await gaps.run(await reader(), {}, NOW)).toEqual({
      gaps: [{ gapCode: 'noQuietModel', bridge: 'newProduct', unmet: 1, bridged: 1 }],
    });
  });

  it('are listed for one customer, the newest first', async () => {
    const { rows } = await customer.run(await reader(), { customerId: testCustomerId('ada') }, NOW);
    expect(rows.map((row) => [row.needId, row.status, row.unservedDays, row.gap, row.metBy])).toEqual([
      ['n-3', 'open', 39, null, []],
      ['n-2', 'unmet', 39, { gapCode: 'noQuietModel', bridge: 'newProduct' }, []],
      ['n-1', 'met', null, null, ['grinder-2']],
    ]);
  });

  it('find the customers with a gap', async () => {
    const asked = { gapCode: 'noQuietModel', status: 'unmet' } as const;
    const { rows } = await list.run(await reader(), asked, NOW);
    expect(rows.map((row) => row.customerId)).toEqual([testCustomerId('ada')]);
  });
});

describeProjection(needs, [
  {
    it: 'makes no row of the end of a need nobody recorded',
    given: (given) => given.type('NeedMet').type('NeedUnmet'),
    then: (rows) => expect(rows).toEqual({}),
  },
  {
    it: 'keeps the gap when it is bridged',
    given: (given) =>
      given
        .type('NeedRecorded', { needId: 'n' })
        .type('NeedUnmet', { needId: 'n', gapCode: 'g', bridge: 'price' })
        .type('NeedMet', { needId: 'n' }),
    then: { 'ada/n': { status: 'met', gapCode: 'g', bridge: 'price' } },
  },
]);
