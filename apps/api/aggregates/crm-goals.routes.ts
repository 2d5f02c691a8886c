import { BenchmarkRecorded, GoalMeasured, GoalSet } from '@rapport/contracts';
import { CATALOGUE } from '../customer/customer.access.js';
import { fieldsOf } from '../http/command-route.js';
import type { AggregateArea } from './aggregate.routes.js';

export const CRM_GOALS_AREA: AggregateArea = {
  category: 'crmGoals',
  collection: 'crm-goals',
  area: 'goals',
  routes: [
    { path: ':scope/goals', command: 'SetGoal', fields: fieldsOf(GoalSet), access: CATALOGUE, summary: 'Set a goal with its metric, or set it anew' },
    { path: ':scope/benchmarks', command: 'RecordBenchmark', fields: fieldsOf(BenchmarkRecorded), access: CATALOGUE, summary: 'Record what a metric is elsewhere' },
    { path: ':scope/measurements', command: 'MeasureGoal', fields: fieldsOf(GoalMeasured), access: CATALOGUE, summary: 'Tell where a goal stands, or what it has cost' },
  ],
}; // prettier-ignore
