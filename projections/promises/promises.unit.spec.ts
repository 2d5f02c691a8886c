import { describeProjection, eventBuilder, testCustomerId } from '@rapport/testing';
import type { EventBuilder } from '@rapport/testing';
import { contextAt, foldAll, readerOf } from '../_parts/customer-events.builder.js';
import type { PromiseRow } from './promises.model.js';
import { promises } from './promises.projection.js';
import { customer, due, keptRate } from './promises.queries.js';

const NOW = contextAt('2026-01-20T00:00:00.000Z');

const made = (history: EventBuilder, promiseId: string, dueAt: string, more: object = {}): EventBuilder =>
  history
    .at('2026-01-05T09:00:00.000Z')
    .type('PromiseMade', { promiseId, dueAt, by: 'firm', ownerId: 'am-7', ...more });

const history = (): EventBuilder => {
  const told = eventBuilder().customer('ada');
  made(told, 'in-time', '2026-01-06T12:00:00.000Z');
  told.at('2026-01-06T12:00:00.000Z').type('PromiseKept', { promiseId: 'in-time' });
  made(told, 'late', '2026-01-06T12:00:00.000Z');
  told.at('2026-01-06T12:00:00.001Z').type('PromiseKept', { promiseId: 'late' });
  made(told, 'made-good', '2026-01-06T12:00:00.000Z');
  told.at('2026-01-07T12:00:00.000Z').type('PromiseBroken', { promiseId: 'made-good' });
  told.at('2026-01-08T12:00:00.000Z').type('PromiseKept', { promiseId: 'made-good' });
  made(told, 'broken', '2026-01-06T12:00:00.000Z');
  told.at('2026-01-07T12:00:00.000Z').type('PromiseBroken', { promiseId: 'broken', reasonCode: 'forgotten' });
  made(told, 'overdue', '2026-01-19T12:00:00.000Z');
  made(told.customer('bob'), 'pending', '2026-01-30T12:00:00.000Z');
  made(told, 'theirs', '2026-01-06T12:00:00.000Z', { by: 'customer', ownerId: undefined });
  return told.at('2026-01-06T11:00:00.000Z').type('PromiseKept', { promiseId: 'theirs' });
};
const reader = () => readerOf(promises, foldAll<PromiseRow>(promises, history().build()));

describe('Promises', () => {
  it('tell by manager and side what share is kept in time; overdue ones count against it', async () => {
    expect(await keptRate.run(await reader(), {}, NOW)).toEqual({
      asOf: '2026-01-20T00:00:00.000Z',
      rates: [
        { ownerId: 'am-7', by: 'firm', made: 6, pending: 1, keptInTime: 1, keptLate: 2, broken: 1, overdue: 1, keptRate: 0.2 },
        { ownerId: null, by: 'customer', made: 1, pending: 0, keptInTime: 1, keptLate: 0, broken: 0, overdue: 0, keptRate: 1 },
      ],
    }); // prettier-ignore
  });

  it('have no rate while none was due', async () => {
    const told = made(eventBuilder(), 'p', '2026-01-30T00:00:00.000Z').build();
    const { rates } = await keptRate.run(
      await readerOf(promises, foldAll<PromiseRow>(promises, told)),
      {},
      NOW,
    );
    expect(rates).toMatchObject([{ made: 1, pending: 1, overdue: 0, keptRate: null }]);
  });

  it('that are open are listed, what is due first', async () => {
    const { rows } = await due.run(await reader(), { ownerId: 'am-7' }, NOW);
    expect(rows.map((row) => [row.promiseId, row.overdue])).toEqual([
      ['overdue', true],
      ['pending', false],
    ]);
  });

  it('of one customer are listed with what became of them', async () => {
    const { rows } = await customer.run(await reader(), { customerId: testCustomerId('ada') }, NOW);
    const statusOf = (promiseId: string) => rows.find((row) => row.promiseId === promiseId);
    expect(rows).toHaveLength(5);
    expect(statusOf('made-good')).toMatchObject({
      status: 'kept',
      settledAt: '2026-01-08T12:00:00.000Z',
    });
    expect(statusOf('broken')).toMatchObject({ status: 'broken', reasonCode: 'forgotten' });
  });

  it('that were kept in time count so however late that was recorded, after the calendar called them broken too', () => {
    const told = made(eventBuilder(), 'p', '2026-01-06T12:00:00.000Z')
      .at('2026-01-07T12:00:00.000Z')
      .type('PromiseBroken', { promiseId: 'p', reasonCode: 'overdue' })
      .at('2026-01-06T11:00:00.000Z')
      .type('PromiseKept', { promiseId: 'p' });
    const [row] = foldAll<PromiseRow>(promises, told.build()).values();
    expect(row).toMatchObject({ status: 'kept', keptInTime: 1, keptLate: 0, broken: 0, reasonCode: null });
  });

  it('under an id used again are all counted', () => {
    const told = made(eventBuilder(), 'p', '2026-01-06T12:00:00.000Z').type('PromiseKept', {
      promiseId: 'p',
    });
    made(told, 'p', '2026-01-07T12:00:00.000Z').type('PromiseBroken', { promiseId: 'p' });
    const [row] = foldAll<PromiseRow>(promises, told.build()).values();
    expect(row).toMatchObject({ status: 'broken', made: 2, keptInTime: 1, broken: 1 });
  });

  it('of merged customers are counted once each, in any order', () => {
    const rows = [...foldAll<PromiseRow>(promises, history().build()).values()];
    const combined = promises.combine!(rows);
    expect(combined).toMatchObject({ made: 7, keptInTime: 2, keptLate: 2, broken: 1 });
    expect(promises.combine!([...rows].reverse())).toMatchObject({ made: 7, keptInTime: 2 });
  });
});

describeProjection(promises, [
  {
    it: 'makes no row of the end of a promise nobody made',
    given: (told) => told.type('PromiseKept').type('PromiseBroken'),
    then: (rows) => expect(rows).toEqual({}),
  },
]);
