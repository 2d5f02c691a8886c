import fc from 'fast-check';
import { STAGES } from '@rapport/contracts';
import { describeProjection } from '@rapport/testing';
import type { Stage } from '@rapport/contracts';
import { contextAt, CustomerEvents, foldAll, readerOf } from '../_parts/customer-events.builder.js';
import { relationshipFunnel } from './relationship-funnel.projection.js';
import type { RelationshipFunnelDocument } from './relationship-funnel.model.js';
import { byStage, cohorts, funnel } from './relationship-funnel.queries.js';
import { madeMove, moveName, moveSetOf } from './stage-moves.js';

const customerNumber = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

const registered = (
  n: number,
  at: string,
  groupCode: 'consumer' | 'corporation' = 'consumer',
): CustomerEvents =>
  new CustomerEvents(customerNumber(n)).record(
    'CustomerRegistered',
    {
      roles: ['customer'],
      identifiers: [{ type: 'customerNo', value: 'pv1.x' }],
      acquisitionChannel: 'web',
      groupCode,
    },
    { at },
  );

const moved = (customer: CustomerEvents, from: Stage, to: Stage, at: string): CustomerEvents =>
  customer.record(
    'RelationshipStageMoved',
    {
      from,
      to,
      trigger: 'fact',
      reasonCode: 'r',
      evidence: [],
      ruleBookVersion: 'default-1',
      daysInStage: 0,
    },
    { at },
  );

const overridden = (customer: CustomerEvents, from: Stage, to: Stage, at: string): CustomerEvents =>
  customer.record(
    'RelationshipStageOverridden',
    {
      from,
      to,
      reasonCode: 'override',
      note: 'n',
      evidence: [],
      ruleBookVersion: 'default-1',
      daysInStage: 0,
      holdUntil: '2026-04-01T00:00:00.000Z',
    },
    { at },
  );

const documentsOf = (...customers: CustomerEvents[]): Map<string, RelationshipFunnelDocument> =>
  foldAll<RelationshipFunnelDocument>(
    relationshipFunnel,
    customers.flatMap((customer) => customer.events),
  );

const FOUR = [
  registered(1, '2026-01-01T00:00:00.000Z'),
  moved(registered(2, '2026-01-05T00:00:00.000Z'), 'contact', 'involvement', '2026-01-11T00:00:00.000Z'),
  moved(
    moved(
      registered(3, '2026-02-01T00:00:00.000Z', 'corporation'),
      'contact',
      'involvement',
      '2026-02-03T00:00:00.000Z',
    ),
    'involvement',
    'deterioration',
    '2026-02-10T00:00:00.000Z',
  ),
  overridden(registered(4, '2026-02-01T00:00:00.000Z'), 'contact', 'intimacy', '2026-02-05T00:00:00.000Z'),
];
const AT = contextAt('2026-02-11T00:00:00.000Z');

describe('The relationship funnel', () => {
  it('counts the customers of each stage and how long they have been there', async () => {
    const answer = await funnel.run(await readerOf(relationshipFunnel, documentsOf(...FOUR)), {}, AT);
    expect(answer.customers).toBe(4);
    expect(
      answer.stages.map(({ stage, customers, meanDaysInStage, medianDaysInStage }) => [
        stage,
        customers,
        meanDaysInStage,
        medianDaysInStage,
      ]),
    ).toEqual([
      ['contact', 1, 41, 41],
      ['involvement', 1, 31, 31],
      ['intimacy', 1, 6, 6],
      ['deterioration', 1, 1, 1],
      ['repair', 0, null, null],
      ['dissolution', 0, null, null],
    ]);
  });

  it('takes the middle of an even number of customers between the two', async () => {
    const contacts = ['01', '02', '05', '20'].map((day, n) => registered(n, `2026-01-${day}T00:00:00.000Z`));
    const answer = await funnel.run(
      await readerOf(relationshipFunnel, documentsOf(...contacts)),
      {},
      contextAt('2026-01-21T00:00:00.000Z'),
    );
    expect(answer.stages[0]).toMatchObject({ medianDaysInStage: 17.5, meanDaysInStage: 14 });
  });

  it('tells which share ever moved on, and the overrides apart', async () => {
    const answer = await funnel.run(await readerOf(relationshipFunnel, documentsOf(...FOUR)), {}, AT);
    expect(answer.conversions).toEqual([
      { from: 'contact', to: 'involvement', customersEverInFrom: 4, customersMoved: 2, rate: 0.5 },
      { from: 'contact', to: 'intimacy', customersEverInFrom: 4, customersMoved: 1, rate: 0.25 },
      { from: 'involvement', to: 'deterioration', customersEverInFrom: 2, customersMoved: 1, rate: 0.5 },
    ]);
    expect(answer.overrides).toEqual({ total: 1, customers: 1 });
  });

  it('can be asked for one group or one month', async () => {
    const reader = await readerOf(relationshipFunnel, documentsOf(...FOUR));
    expect((await funnel.run(reader, { groupCode: 'corporation' }, AT)).customers).toBe(1);
    expect((await funnel.run(reader, { cohortMonth: '2026-01' }, AT)).customers).toBe(2);
  });

  it('lists the customers of a stage, longest first, page by page', async () => {
    const reader = await readerOf(
      relationshipFunnel,
      documentsOf(...[3, 1, 2].map((n) => registered(n, `2026-01-0${n}T00:00:00.000Z`))),
    );
    const first = await byStage.run(reader, { stage: 'contact', limit: 2 }, AT);
    expect(first.rows.map((row) => row.customerId)).toEqual([customerNumber(1), customerNumber(2)]);
    expect(first.rows[0]).toMatchObject({ since: '2026-01-01T00:00:00.000Z', daysInStage: 41 });
    const second = await byStage.run(reader, { stage: 'contact', limit: 2, after: first.next! }, AT);
    expect(second.rows.map((row) => row.customerId)).toEqual([customerNumber(3)]);
    expect(second.next).toBeUndefined();
  });

  it('says how far the customers of each month came', async () => {
    const answer = await cohorts.run(await readerOf(relationshipFunnel, documentsOf(...FOUR)), {}, AT);
    expect(answer.cohorts.map(({ cohortMonth, customers }) => [cohortMonth, customers])).toEqual([
      ['2026-01', 2],
      ['2026-02', 2],
    ]);
    expect(answer.cohorts[1]!.now).toMatchObject({ deterioration: 1, intimacy: 1, involvement: 0 });
    expect(answer.cohorts[1]!.everReached).toMatchObject({
      contact: 2,
      involvement: 1,
      intimacy: 1,
      deterioration: 1,
    });
  });

  it('adds up the time spent in stages that were left and holds an override until it ends', () => {
    const customer = overridden(
      moved(registered(1, '2026-01-01T00:00:00.000Z'), 'contact', 'involvement', '2026-01-03T00:00:00.000Z'),
      'involvement',
      'contact',
      '2026-01-04T00:00:00.000Z',
    );
    const [document] = documentsOf(customer).values();
    expect(document).toMatchObject({
      stage: 'contact',
      timeInStageMs: { contact: 2 * 86_400_000, involvement: 86_400_000 },
      heldUntilMs: Date.parse('2026-04-01T00:00:00.000Z'),
      overrides: 1,
    });
  });

  it('combines documents of merged customers in any order', () => {
    const documents = [...documentsOf(...FOUR).values()];
    const combined = relationshipFunnel.combine!(documents);
    expect(combined).toMatchObject({
      stage: 'deterioration',
      overrides: 1,
      registeredMs: Date.parse('2026-01-01'),
    });
    expect(relationshipFunnel.combine!([...documents].reverse())).toEqual(combined);
  });
});

describe('A set of moves', () => {
  it('remembers every move as one safe whole number', () => {
    const move = fc.tuple(fc.constantFrom(...STAGES), fc.constantFrom(...STAGES));
    fc.assert(
      fc.property(fc.array(move), (moves) => {
        const set = moveSetOf(Object.fromEntries(moves.map(([from, to]) => [moveName(from, to), 1])));
        expect(Number.isSafeInteger(set)).toBe(true);
        for (const from of STAGES)
          for (const to of STAGES)
            expect(madeMove(set, from, to)).toBe(moves.some(([f, t]) => f === from && t === to));
      }),
    );
  });
});

describeProjection(relationshipFunnel, [
  {
    it: 'follows the stage',
    given: (history) =>
      history
        .at('2026-01-05T09:00:00.000Z')
        .type('CustomerRegistered')
        .at('2026-01-07T09:00:00.000Z')
        .type('RelationshipStageMoved'),
    then: {
      ada: {
        stage: 'involvement',
        timeInStageMs: { contact: 2 * 86_400_000 },
        moves: { 'contact>involvement': 1 },
      },
    },
  },
]);
