import { Type } from '@sinclair/typebox';
import { defineEvent } from './event-contract.js';
import { code, isoDate, money, object, text } from './schema.js';

const base = { category: 'crmGoals', area: 'goals', kind: 'fact', rows: ['S18', 'S19'] } as const;
const scope = code('whose goals: the company, a region, a team');
const goalId = code('id of the goal within the scope');
const metric = code(
  'what is measured: one of the metrics computed from the log, or an own one that is measured and told',
);
const value = (description: string) =>
  Type.Number({
    minimum: -Number.MAX_SAFE_INTEGER,
    maximum: Number.MAX_SAFE_INTEGER,
    description: `${description}, in the unit of the metric (money in minor units)`,
  });

export const GoalSet = defineEvent({
  ...base,
  type: 'GoalSet',
  meaning: 'A goal was set, or set anew: what is measured, from where to where, until when, for how much.',
  emittedBy: ['SetGoal'],
  schema: object({
    scope,
    goalId,
    metric,
    objective: Type.Optional(text('why, in words', 500)),
    baseline: value('where it stands at the start'),
    target: value('where it should stand'),
    startDate: isoDate('first day; months are counted whole'),
    dueDate: isoDate('last day'),
    budget: Type.Optional(money('what may be spent on it in all')),
    currency: Type.Optional(
      Type.String({ pattern: '^[A-Z]{3}$', description: 'of a metric that is an amount, ISO 4217' }),
    ),
  }),
  example: {
    scope: 'company',
    goalId: 'nps-2026',
    metric: 'netPromoterScore',
    objective: 'Fewer customers who leave without a word.',
    baseline: 22,
    target: 35,
    startDate: '2026-01-01',
    dueDate: '2026-12-31',
    budget: { amountMinor: 4000000, currency: 'EUR' },
  },
});

export const BenchmarkRecorded = defineEvent({
  ...base,
  type: 'BenchmarkRecorded',
  meaning: "Somebody else's value of a metric became known: what good looks like elsewhere.",
  emittedBy: ['RecordBenchmark'],
  schema: object({
    scope,
    metric,
    source: text('where it comes from', 200),
    value: value('the value'),
    asOf: isoDate('day it is of'),
  }),
  example: {
    scope: 'company',
    metric: 'netPromoterScore',
    source: 'industry survey 2025',
    value: 31,
    asOf: '2025-12-31',
  },
});

export const GoalMeasured = defineEvent({
  ...base,
  type: 'GoalMeasured',
  meaning: 'Where a goal stands, for metrics the log cannot tell, and what has been spent on it so far.',
  emittedBy: ['MeasureGoal'],
  schema: object({
    scope,
    goalId,
    value: Type.Optional(value('the value')),
    asOf: isoDate('day it is of'),
    cost: Type.Optional(money('what was spent on it up to this day')),
  }),
  example: {
    scope: 'company',
    goalId: 'nps-2026',
    value: 27,
    asOf: '2026-06-30',
    cost: { amountMinor: 1200000, currency: 'EUR' },
  },
});
