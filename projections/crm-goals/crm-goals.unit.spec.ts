import { describeProjection, eventBuilder, type EventBuilder } from '@rapport/testing';
import { contextAt, foldAll, readerOf } from '../_parts/customer-events.builder.js';
import type { CrmGoalsDocument } from './crm-goals.model.js';
import { crmGoals } from './crm-goals.projection.js';
import { goals, metrics } from './crm-goals.queries.js';

const eur = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });
const year = { scope: 'company', startDate: '2026-01-01', dueDate: '2026-12-31' };

describeProjection(crmGoals, [
  {
    it: 'counts what each customer did in each month, amounts by currency',
    given: (history) =>
      history
        .at('2026-01-10T00:00:00.000Z')
        .type('PurchaseRecorded', { orderId: 'o-1', total: eur(1_000) })
        .type('PurchaseRecorded', { orderId: 'o-2', total: { amountMinor: 700, currency: 'USD' } })
        .type('ReturnRecorded', { orderId: 'o-1', refund: eur(300) })
        .type('SurveyResponded', { instrument: 'NPS', score: 9 })
        .type('SurveyResponded', { instrument: 'NPS', score: 6 })
        .at('2026-02-01T00:00:00.000Z')
        .type('ComplaintRaised'),
    then: {
      'ada/2026-01/purchases': { value: 2 },
      'ada/2026-01/npsAnswers': { value: 2 },
      'ada/2026-01/npsPromoters': { value: 1 },
      'ada/2026-01/npsDetractors': { value: 1 },
      'ada/2026-01/revenueMinor/EUR': { value: 700 },
      'ada/2026-01/revenueMinor/USD': { value: 700 },
      'ada/2026-02/complaints': { value: 1 },
    },
  },
  {
    it: 'keeps each goal as it was set last, with the latest that was told of it',
    given: (history) =>
      history
        .stream('crmGoals-company')
        .type('GoalSet', { ...year, goalId: 'g', metric: 'brandAwareness', baseline: 10, target: 20 })
        .type('GoalMeasured', { scope: 'company', goalId: 'g', value: 14, asOf: '2026-06-30', cost: eur(500) })
        .type('GoalMeasured', { scope: 'company', goalId: 'g', value: 12, asOf: '2026-03-31' })
        .type('GoalSet', { ...year, goalId: 'g', metric: 'brandAwareness', baseline: 10, target: 25 })
        .type('BenchmarkRecorded', { scope: 'company', metric: 'brandAwareness', source: 'survey', value: 30, asOf: '2025-01-01' }),
    then: (documents) =>
      expect(documents['company']).toMatchObject({
        goals: [{ goalId: 'g', target: 25, told: { value: 14, asOf: '2026-06-30' }, cost: { amountMinor: 500 } }],
        benchmarks: [{ source: 'survey', value: 30 }],
      }),
  }, // prettier-ignore
]);

describe('The goals of a scope', () => {
  const set = (
    history: EventBuilder,
    goalId: string,
    metric: string,
    baseline: number,
    target: number,
    more = {},
  ) => history.type('GoalSet', { ...year, goalId, metric, baseline, target, ...more });
  const history = (): EventBuilder => {
    const events = eventBuilder().at('2026-01-01T00:00:00.000Z').stream('crmGoals-company');
    set(events, 'nps', 'netPromoterScore', 0, 50);
    set(events, 'revenue', 'revenue', 100_000, 120_000, { currency: 'EUR', budget: eur(2_000) });
    set(events, 'fewer-complaints', 'complaints', 20, 10);
    set(events, 'awareness', 'brandAwareness', 10, 20);
    events
      .type('GoalMeasured', { scope: 'company', goalId: 'revenue', asOf: '2026-06-01', cost: eur(1_500) })
      .type('BenchmarkRecorded', { scope: 'company', metric: 'netPromoterScore', source: 'survey', value: 40, asOf: '2025-12-31' });
    for (const [customer, score] of [['ada', 10], ['bob', 9], ['cyd', 7], ['dan', 3]] as const)
      events.customer(customer).at('2026-04-01T00:00:00.000Z').type('SurveyResponded', { instrument: 'NPS', score });
    events.customer('ada').type('PurchaseRecorded', { orderId: 'o-1', total: eur(70_000) });
    events.customer('bob').type('ComplaintRaised', { caseId: 'c-1' });
    events.at('2026-11-01T00:00:00.000Z').type('PurchaseRecorded', { orderId: 'o-2', total: eur(40_000) });
    return events;
  }; // prettier-ignore
  const ask = async (day: string, events = history().build()) => {
    const until = events.filter(({ metadata }) => metadata.occurredAt <= day);
    const reader = await readerOf(crmGoals, foldAll<CrmGoalsDocument>(crmGoals, until));
    const answer = (await goals.run(reader, { scope: 'company' }, contextAt(day)))!;
    return new Map(answer.goals.map((goal) => [goal.goalId, goal]));
  };

  it('are computed from the log where it can tell, and compared with the benchmark', async () => {
    const answer = await ask('2026-07-02T00:00:00.000Z');
    // Two promoters and a detractor of four.
    expect(answer.get('nps')).toMatchObject({ actual: 25, measured: 'computed', progressPct: 50, status: 'behind', benchmarks: [{ value: 40, gap: -15 }] }); // prettier-ignore
    expect(answer.get('revenue')).toMatchObject({ actual: 70_000, status: 'onTrack', cost: eur(1_500), budget: eur(2_000) }); // prettier-ignore
    expect(answer.get('revenue')!.expected).toBeCloseTo((120_000 * 183) / 365, 6);
  });

  it('that are to stay low are reached when the time is over, missed as soon as they are too high', async () => {
    expect((await ask('2026-07-02T00:00:00.000Z')).get('fewer-complaints')).toMatchObject({ actual: 1, status: 'onTrack' }); // prettier-ignore
    expect((await ask('2027-01-02T00:00:00.000Z')).get('fewer-complaints')!.status).toBe('reached');
    const bad = history();
    bad.at('2026-05-01T00:00:00.000Z').times(10, 'ComplaintRaised');
    expect((await ask('2026-07-02T00:00:00.000Z', bad.build())).get('fewer-complaints')!.status).toBe('missed'); // prettier-ignore
  });

  it('tell the return of what was spent on revenue, with the margin as a term', async () => {
    const answer = await ask('2027-01-02T00:00:00.000Z');
    // 110,000 less 100,000, of which 30 % are margin, against 1,500.
    expect(answer.get('revenue')).toMatchObject({ actual: 110_000, status: 'missed', returnOnInvestment: 1 });
  });

  it('of a metric nobody told say that nothing is known', async () => {
    expect((await ask('2026-07-02T00:00:00.000Z')).get('awareness')).toMatchObject({ actual: null, measured: null, progressPct: null, status: 'unknown' }); // prettier-ignore
    const told = history();
    told.stream('crmGoals-company').at('2026-06-30T00:00:00.000Z').type('GoalMeasured', { scope: 'company', goalId: 'awareness', value: 18, asOf: '2026-06-30' }); // prettier-ignore
    expect((await ask('2026-07-02T00:00:00.000Z', told.build())).get('awareness')).toMatchObject({ actual: 18, measured: 'told', progressPct: 80, status: 'onTrack' }); // prettier-ignore
  });

  it('are nothing where none was set; metrics can be asked for any months', async () => {
    const reader = await readerOf(crmGoals, foldAll<CrmGoalsDocument>(crmGoals, history().build()));
    const at = contextAt('2027-01-01T00:00:00.000Z');
    expect(await goals.run(reader, { scope: 'elsewhere' }, at)).toBeNull();
    const { metrics: all } = await metrics.run(reader, { from: '2026-10', to: '2026-12' }, at);
    const value = (name: string) => all.find(({ metric }) => metric === name)!.value;
    expect([value('revenue'), value('purchases'), value('netPromoterScore')]).toEqual([40_000, 1, null]);
  });
});
