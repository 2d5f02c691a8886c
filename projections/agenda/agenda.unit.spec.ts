import { describeProjection, eventBuilder, testCustomerId } from '@rapport/testing';
import type { EventBuilder } from '@rapport/testing';
import { contextAt, foldAll, readerOf } from '../_parts/customer-events.builder.js';
import type { AgendaRow } from './agenda.model.js';
import { agenda } from './agenda.projection.js';
import { customer, load, myDay, planned } from './agenda.queries.js';

const NOON = contextAt('2026-01-10T12:00:00.000Z');

const plan = (history: EventBuilder, activityId: string, dueAt: string, ownerId = 'am-7'): EventBuilder =>
  history.type('ActivityPlanned', { activityId, dueAt, ownerId });

const tenthOfJanuary = (): EventBuilder => {
  const history = eventBuilder('2026-01-05T09:00:00.000Z');
  plan(history.customer('ada'), 'yesterday', '2026-01-09T11:00:00.000Z');
  plan(history.customer('bob'), 'this-morning', '2026-01-10T08:30:00.000Z');
  plan(history.customer('ada'), 'tonight', '2026-01-10T18:00:00.000Z');
  plan(history.customer('ada'), 'tomorrow', '2026-01-11T00:00:00.000Z');
  plan(history.customer('bob'), 'for-another', '2026-01-10T09:00:00.000Z', 'am-8');
  plan(history.customer('ada'), 'given-up', '2026-01-09T09:00:00.000Z');
  history.type('ActivityCancelled', { activityId: 'given-up', reasonCode: 'noLongerNeeded' });
  plan(history.customer('ada'), 'done-in-time', '2026-01-09T09:00:00.000Z');
  history.at('2026-01-09T09:00:00.000Z').type('ActivityCompleted', { activityId: 'done-in-time' });
  plan(history.customer('ada'), 'done-late', '2026-01-09T09:00:00.000Z');
  return history.at('2026-01-09T09:00:00.001Z').type('ActivityCompleted', { activityId: 'done-late' });
};

const reader = () => readerOf(agenda, foldAll<AgendaRow>(agenda, tenthOfJanuary().build()));

describe('My day', () => {
  it('is what is overdue and what is due until midnight, in that order', async () => {
    const { rows } = await myDay.run(await reader(), { ownerId: 'am-7' }, NOON);
    expect(rows.map((row) => [row.activityId, row.overdue, row.overdueHours])).toEqual([
      ['yesterday', true, 25],
      ['this-morning', true, 3.5],
      ['tonight', false, 0],
    ]);
    expect(rows[1]).toMatchObject({ customerId: testCustomerId('bob'), dueAt: '2026-01-10T08:30:00.000Z' });
  });

  it('ends when the day of the owner ends', async () => {
    const until = '2026-01-11T01:00:00.000Z';
    const { rows } = await myDay.run(await reader(), { ownerId: 'am-7', until }, NOON);
    expect(rows.map((row) => row.activityId)).toContain('tomorrow');
  });

  it('is of the day asked for', async () => {
    const { rows } = await myDay.run(
      await reader(),
      { ownerId: 'am-7' },
      contextAt('2026-01-09T08:00:00.000Z'),
    );
    expect(rows.map((row) => [row.activityId, row.overdue])).toEqual([['yesterday', false]]);
  });

  it('goes on page by page', async () => {
    const first = await myDay.run(await reader(), { ownerId: 'am-7', limit: 2 }, NOON);
    const second = await myDay.run(await reader(), { ownerId: 'am-7', limit: 2, after: first.next! }, NOON);
    expect([...first.rows, ...second.rows].map((row) => row.activityId)).toEqual([
      'yesterday',
      'this-morning',
      'tonight',
    ]);
  });
});

describe('What is planned', () => {
  it('can be asked for by time, kind and person', async () => {
    const asked = { from: '2026-01-10T08:30:00.000Z', to: '2026-01-10T18:00:00.000Z' };
    const of = async (params: object): Promise<string[]> =>
      (await planned.run(await reader(), { ...asked, ...params }, NOON)).rows.map((row) => row.activityId);
    expect(await of({})).toEqual(['this-morning', 'for-another', 'tonight']);
    expect(await of({ ownerId: 'am-8' })).toEqual(['for-another']);
    expect(await of({ kind: 'visit' })).toEqual([]);
  });

  it('is listed for one customer with what became of it', async () => {
    const { rows } = await customer.run(await reader(), { customerId: testCustomerId('ada') }, NOON);
    expect(rows.map((row) => [row.activityId, row.status])).toEqual([
      ['tomorrow', 'planned'],
      ['tonight', 'planned'],
      ['yesterday', 'planned'],
      ['given-up', 'cancelled'],
      ['done-late', 'done'],
      ['done-in-time', 'done'],
    ]);
  });
});

describe('The load', () => {
  it('tells who has what before them and who did it in time', async () => {
    expect(await load.run(await reader(), {}, NOON)).toEqual({
      asOf: '2026-01-10T12:00:00.000Z',
      owners: [
        { ownerId: 'am-7', later: 1, dueToday: 1, overdue: 2, done: 2, doneInTime: 1, doneInTimeShare: 0.5, cancelled: 1 },
        { ownerId: 'am-8', later: 0, dueToday: 0, overdue: 1, done: 0, doneInTime: 0, doneInTimeShare: null, cancelled: 0 },
      ],
    }); // prettier-ignore
  });
});

describeProjection(agenda, [
  {
    it: 'moves an activity to another time and person',
    given: (history) =>
      plan(history, 'act-1', '2026-01-08T09:00:00.000Z').type('ActivityRescheduled', {
        activityId: 'act-1',
        dueAt: '2026-01-09T09:00:00.000Z',
        ownerId: 'am-9',
      }),
    then: {
      'ada/act-1': {
        ownerId: 'am-9',
        dueAtMs: Date.parse('2026-01-09T09:00:00.000Z'),
        rescheduled: 1,
        status: 'planned',
      },
    },
  },
  {
    it: 'makes no row of an activity nobody planned',
    given: (history) => history.type('ActivityCompleted'),
    then: (rows) => expect(rows).toEqual({}),
  },
  {
    it: 'begins anew when an id is planned again',
    given: (history) =>
      plan(history, 'act-1', '2026-01-08T09:00:00.000Z')
        .type('ActivityCompleted', { activityId: 'act-1' })
        .type('ActivityPlanned', { activityId: 'act-1' }),
    then: { 'ada/act-1': { status: 'planned', closedAtMs: null } },
  },
]);

it('Of two rows under one key the activity that was planned later is meant, in any order', () => {
  const rows = [...foldAll<AgendaRow>(agenda, tenthOfJanuary().build()).values()];
  expect(agenda.combine!([...rows].reverse())).toEqual(agenda.combine!(rows));
});
