import { describeProjection } from '@rapport/testing';
import type { Channel } from '@rapport/contracts';
import { contextAt, CustomerEvents, foldAll, readerOf } from '../_parts/customer-events.builder.js';
import type { ChannelActivityRow } from './channel-activity.model.js';
import { channelActivity } from './channel-activity.projection.js';
import { byPeriod, customer } from './channel-activity.queries.js';

const NOW = contextAt('2026-06-01T00:00:00.000Z');
const ADA = '00000000-0000-4000-8000-000000000001';
const BOB = '00000000-0000-4000-8000-000000000002';

const touch = (
  events: CustomerEvents,
  at: string,
  channel: Channel,
  actor: 'customer' | 'employee' | 'system',
  data: { direction?: 'in' | 'out'; durationS?: number; sentiment?: number } = {},
): CustomerEvents =>
  events.record('TouchPointRecorded', { direction: 'in', kind: 'call', ...data }, { at, channel, actor });

const ada = touch(new CustomerEvents(ADA), '2026-01-31T23:59:59.999Z', 'web', 'customer', { sentiment: 40 });
touch(ada, '2026-01-10T00:00:00.000Z', 'callCentre', 'employee', { durationS: 300, sentiment: -20 });
touch(ada, '2026-01-11T00:00:00.000Z', 'ivr', 'customer', { durationS: 60 });
touch(ada, '2026-02-01T00:00:00.000Z', 'email', 'system', { direction: 'out' });
ada
  .record('CaseClosed', { caseId: 'c-1' }, { at: '2026-02-02T00:00:00.000Z' })
  .purchase(1_000, '2026-04-03T00:00:00.000Z');
const bob = touch(new CustomerEvents(BOB), '2026-01-20T00:00:00.000Z', 'web', 'customer');
const reader = () =>
  readerOf(channelActivity, foldAll<ChannelActivityRow>(channelActivity, [...ada.events, ...bob.events]));

describe('Channel activity', () => {
  it('tells by month and channel who began, and what went without our people', async () => {
    const { total, periods } = await byPeriod.run(await reader(), {}, NOW);
    expect(total).toMatchObject({ contacts: 6, inbound: 5, outbound: 1, selfService: 4, selfServiceShare: 0.8 });
    expect(periods.map(({ period, contacts }) => [period, contacts])).toEqual([
      ['2026-01', 4],
      ['2026-02', 1],
      ['2026-04', 1],
    ]);
    expect(periods[0]!.channels).toEqual([
      { channel: 'web', contacts: 2, inbound: 2, outbound: 0, selfService: 2, selfServiceShare: 1, meanDurationS: null, meanSentiment: 40, shareOfContacts: 0.5 },
      { channel: 'callCentre', contacts: 1, inbound: 1, outbound: 0, selfService: 0, selfServiceShare: 0, meanDurationS: 300, meanSentiment: -20, shareOfContacts: 0.25 },
      { channel: 'ivr', contacts: 1, inbound: 1, outbound: 0, selfService: 1, selfServiceShare: 1, meanDurationS: 60, meanSentiment: null, shareOfContacts: 0.25 },
    ]);
  }); // prettier-ignore

  it('takes what we sent by machine for no self-service', async () => {
    const { periods } = await byPeriod.run(await reader(), { from: '2026-02', to: '2026-02' }, NOW);
    expect(periods).toMatchObject([{ outbound: 1, selfService: 0, selfServiceShare: null }]);
  });

  it('counts a corrected touch as what is known of it now, however often it is corrected', async () => {
    const events = new CustomerEvents(ADA);
    touch(events, '2026-01-10T00:00:00.000Z', 'callCentre', 'customer', { durationS: 300, sentiment: -20 });
    touch(events, '2026-01-11T00:00:00.000Z', 'callCentre', 'employee', { sentiment: 10 });
    const [target] = events.events;
    const correct = (changes: object) =>
      events.record(
        'TouchPointCorrected',
        {
          targetEventId: target!.eventId,
          original: { occurredAt: '2026-01-10T00:00:00.000Z', channel: 'callCentre', direction: 'in', kind: 'call', actorKind: 'customer', durationS: 300, sentiment: -20 },
          changes,
          reason: 'pv1.x',
        } as never,
        { at: '2026-03-01T00:00:00.000Z', channel: 'web' },
      ); // prettier-ignore
    const figures = async () => {
      const folded = foldAll<ChannelActivityRow>(channelActivity, events.events);
      return (await byPeriod.run(await readerOf(channelActivity, folded), {}, NOW)).periods;
    };
    correct({ sentiment: 40, direction: 'out' });
    expect(await figures()).toMatchObject([
      { period: '2026-01', contacts: 2, inbound: 1, outbound: 1, selfService: 0, meanDurationS: 300, meanSentiment: 25 },
    ]); // prettier-ignore
    correct({ direction: 'in', durationS: 60 });
    expect(await figures()).toMatchObject([
      { period: '2026-01', contacts: 2, inbound: 2, outbound: 0, selfService: 1, meanDurationS: 60, meanSentiment: 25 },
    ]); // prettier-ignore
  });

  it('can be asked for by quarter, year and channel', async () => {
    const of = async (params: object): Promise<[string, number][]> =>
      (await byPeriod.run(await reader(), params, NOW)).periods.map(({ period, contacts }) => [period, contacts]);
    expect(await of({ period: 'quarter' })).toEqual([
      ['2026-Q1', 5],
      ['2026-Q2', 1],
    ]);
    expect(await of({ period: 'year' })).toEqual([['2026', 6]]);
    expect(await of({ period: 'year', channel: 'ivr' })).toEqual([['2026', 1]]);
  }); // prettier-ignore

  it('shows the channels of one customer, the latest month first', async () => {
    const { rows } = await customer.run(await reader(), { customerId: BOB }, NOW);
    expect(rows).toMatchObject([{ month: '2026-01', channel: 'web', contacts: 1 }]);
    const first = await customer.run(await reader(), { customerId: ADA, limit: 1 }, NOW);
    expect(first.rows[0]!.month).toBe('2026-04');
    expect(first.next).toBeDefined();
  });

  it('adds up the months of customers who are one', () => {
    const rows = [...foldAll<ChannelActivityRow>(channelActivity, [...ada.events, ...bob.events]).values()];
    const web = rows.filter(({ month, channel }) => month === '2026-01' && channel === 'web');
    expect(channelActivity.combine!(web)).toMatchObject({ inbound: 2, selfService: 2, judged: 1 });
  });
});

describeProjection(channelActivity, [
  {
    it: 'counts a late contact in the month in which it happened',
    given: (history) =>
      history
        .at('2026-03-01T00:00:00.000Z')
        .type('TouchPointRecorded')
        .at('2026-01-01T00:00:00.000Z')
        .type('TouchPointRecorded'),
    then: { 'ada/2026-01/web': { inbound: 1 }, 'ada/2026-03/web': { inbound: 1 } },
  },
  {
    it: 'counts no step of ours the customer had no part in',
    given: (history) => history.type('CaseClosed').type('ActivityPlanned').type('PromiseKept'),
    then: (rows) => expect(rows).toEqual({}),
  },
]);
