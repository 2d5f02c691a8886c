import fc from 'fast-check';
import type { Channel } from '@rapport/contracts';
import { describeProjection } from '@rapport/testing';
import { contextAt, CustomerEvents, foldAll, readerOf } from '../_parts/customer-events.builder.js';
import { MOMENTS_KEPT } from './journey-steps.js';
import type { JourneyDocument } from './journeys.model.js';
import { journeys } from './journeys.projection.js';
import { abandoned, customer, paths } from './journeys.queries.js';

const NOW = contextAt('2026-04-01T00:00:00.000Z');
const customerNumber = (n: number): string => `00000000-0000-4000-8000-00000000000${n}`;

const touch = (events: CustomerEvents, day: string, channel: Channel, productId = 'grinder') =>
  events.record(
    'TouchPointRecorded',
    { direction: 'in', kind: 'pageView', productId },
    { at: `2026-${day}T10:00:00.000Z`, channel },
  );
const buy = (events: CustomerEvents, day: string, channel: Channel, productId = 'grinder') => {
  const price = { amountMinor: 100, currency: 'EUR' };
  return events.record(
    'PurchaseRecorded',
    { orderId: `o-${day}`, total: price, lines: [{ productId, qty: 1, unitPrice: price }] },
    { at: `2026-${day}T12:00:00.000Z`, channel },
  );
};

const whole = new CustomerEvents(customerNumber(1));
touch(whole, '01-01', 'web');
touch(whole, '01-05', 'callCentre');
buy(whole, '01-11', 'branch');
touch(whole, '01-20', 'mobileApp');
const unused = buy(touch(new CustomerEvents(customerNumber(2)), '02-01', 'web'), '02-02', 'web');
const gaveUp = touch(touch(new CustomerEvents(customerNumber(3)), '02-01', 'branch'), '02-20', 'web');
const choosing = touch(new CustomerEvents(customerNumber(4)), '03-25', 'web');
const direct = buy(new CustomerEvents(customerNumber(5)), '03-30', 'branch');
const all = [whole, unused, gaveUp, choosing, direct].flatMap(({ events }) => events);
const reader = () => readerOf(journeys, foldAll<JourneyDocument>(journeys, all));

describe('Journeys', () => {
  it('show how far customers come and over which channels', async () => {
    const answer = await paths.run(await reader(), {}, NOW);
    expect(answer).toMatchObject({
      abandonedAfterDays: 30,
      journeys: 5,
      reached: { select: 2, buy: 2, use: 1 },
      boughtShare: 0.6,
      channelSwitchShare: 0.5,
      meanDaysToBuy: 5.5,
    });
    expect(answer.paths).toEqual([
      { select: 'web', buy: null, use: null, journeys: 2 },
      { select: null, buy: 'branch', use: null, journeys: 1 },
      { select: 'callCentre', buy: 'branch', use: 'mobileApp', journeys: 1 },
      { select: 'web', buy: 'web', use: null, journeys: 1 },
    ]);
  });

  it('follow a touch to the product it was really about, however often that is corrected', async () => {
    const told = touch(touch(new CustomerEvents(customerNumber(6)), '02-01', 'web'), '02-03', 'branch');
    const { eventId: targetEventId } = told.events[0]!;
    const original = { occurredAt: '2026-02-01T10:00:00.000Z', channel: 'web', direction: 'in', kind: 'pageView', actorKind: 'customer' }; // prettier-ignore
    const correct = (productId: string, productIds: string[]) =>
      told.record('TouchPointCorrected', { targetEventId, original, productIds, changes: { productId }, reason: 'pv1.x' } as never); // prettier-ignore
    const of = async () =>
      Object.fromEntries(
        [...foldAll<JourneyDocument>(journeys, told.events)].map(([key, { contacts }]) => [
          key.split('/')[1],
          contacts.map(([, channel]) => channel),
        ]),
      );
    correct('mill', ['grinder']);
    expect(await of()).toEqual({ grinder: ['branch'], mill: ['web'] });
    correct('beans', ['grinder', 'mill']);
    expect(await of()).toEqual({ grinder: ['branch'], beans: ['web'] });
  });

  it('are abandoned where nothing more happened for long enough, and only then', async () => {
    const of = async (params: object) => (await paths.run(await reader(), params, NOW)).abandoned;
    expect(await of({})).toEqual([
      { step: 'select', channel: 'web', journeys: 1, share: 1 / 3 },
      { step: 'buy', channel: 'web', journeys: 1, share: 1 },
    ]);
    expect((await of({ abandonedAfterDays: 1 })).map(({ step, channel, journeys: n }) => [step, channel, n])).toEqual([
      ['select', 'web', 2],
      ['buy', 'branch', 1],
      ['buy', 'web', 1],
    ]);
    expect(await of({ abandonedAfterDays: 365 })).toEqual([]);
  }); // prettier-ignore

  it('that were abandoned are listed by step and channel', async () => {
    const of = async (params: object) =>
      (await abandoned.run(await reader(), params, NOW)).rows.map((row) => [row.customerId, row.quietDays]);
    expect(await of({})).toEqual([[customerNumber(3), 39]]);
    expect(await of({ step: 'buy' })).toEqual([[customerNumber(2), 57]]);
    expect(await of({ channel: 'branch' })).toEqual([]);
  });

  it('of one customer are shown with their product', async () => {
    const { rows } = await customer.run(await reader(), { customerId: customerNumber(1) }, NOW);
    expect(rows).toEqual([
      {
        customerId: customerNumber(1),
        productId: 'grinder',
        reached: 'use',
        abandoned: false,
        startedAt: '2026-01-01T10:00:00.000Z',
        lastAt: '2026-01-20T10:00:00.000Z',
        quietDays: 70,
        startChannel: 'web',
        selectChannel: 'callCentre',
        buyChannel: 'branch',
        useChannel: 'mobileApp',
        daysToBuy: 10,
        purchases: 1,
        returnedAt: null,
      },
    ]);
  });

  it('are the same however late their events are recorded', () => {
    const [expected] = foldAll<JourneyDocument>(journeys, whole.events).values();
    fc.assert(
      fc.property(fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }), (order) => {
        const [document] = foldAll<JourneyDocument>(journeys, order.map((i) => whole.events[i]!)).values();
        expect(document).toEqual(expected);
      }),
    );
  }); // prettier-ignore

  it('keep the first and the latest of very many contacts', () => {
    const events = new CustomerEvents(customerNumber(6));
    for (let n = 0; n < 100; n += 1)
      events.record(
        'TouchPointRecorded',
        { direction: 'in', kind: 'pageView', productId: 'p' },
        { at: Date.parse('2026-01-01T00:00:00.000Z') + n, channel: n === 0 ? 'branch' : 'web' },
      );
    const [document] = foldAll<JourneyDocument>(journeys, events.events).values();
    expect(document!.contacts).toHaveLength(MOMENTS_KEPT);
    expect(document!.journey).toMatchObject({ startChannel: 'branch', selectChannel: 'web' });
  });

  it('of merged customers are one, each moment once, in any order', () => {
    const documents = [...foldAll<JourneyDocument>(journeys, all).values()];
    const combined = journeys.combine!(documents);
    expect(combined.journey).toMatchObject({ reached: 'use', startChannel: 'web', buyChannel: 'branch' });
    expect(journeys.combine!([...documents].reverse())).toEqual(combined);
    expect(journeys.combine!([documents[0]!, documents[0]!])).toEqual(documents[0]);
  });
});

describeProjection(journeys, [
  {
    it: 'follows each product of an order apart and notes what came back',
    given: (history) =>
      history
        .type('PurchaseRecorded', {
          lines: ['a', 'b'].map((productId) => ({
            productId,
            qty: 1,
            unitPrice: { amountMinor: 1, currency: 'EUR' },
          })),
        })
        .at('2026-02-01T00:00:00.000Z')
        .type('ReturnRecorded', { lines: [{ productId: 'b', qty: 1 }] }),
    then: {
      'ada/a': { journey: { reached: 'buy' }, returnedAtMs: null },
      'ada/b': { returnedAtMs: Date.parse('2026-02-01T00:00:00.000Z') },
    },
  },
  {
    it: 'makes nothing of events that name no product',
    given: (history) =>
      history
        .type('TouchPointRecorded', { productId: undefined })
        .type('PurchaseRecorded', { lines: undefined }),
    then: (documents) => expect(documents).toEqual({}),
  },
]);
