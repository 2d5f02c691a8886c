import { Type } from '@sinclair/typebox';
import { dayNumberOfIsoDate, isoOf } from '@rapport/contracts';
import type { GroupRow, NamedQuery, ProjectionReader } from '@rapport/projection-engine';
import type {
  CrmGoalsDocument,
  GoalAnswer,
  GoalOnFile,
  GoalsAnswer,
  GoalStatus,
  MetricsAnswer,
  ScopeDocument,
} from './crm-goals.model.js';
import { COUNTERS, CRM_METRICS, type Counter, type Counts } from './crm-metrics.table.js';

const monthParam = (description: string) => Type.String({ pattern: '^\\d{4}-(0[1-9]|1[0-2])$', description });
const DEFAULT_CURRENCY = 'EUR';

/** Counts of every month and currency, added up over all customers: one question, whatever the number of goals. */
const countedMonths = (reader: ProjectionReader<CrmGoalsDocument>, from: string, to: string) =>
  reader.group({
    groupBy: ['month', 'counter', 'currency'],
    where: [
      { index: 'type', op: '=', value: 'month' },
      { index: 'month', op: '>=', value: from },
      { index: 'month', op: '<=', value: to },
    ],
    sum: ['value'],
  });

/** Counts from month to month; amounts in one currency. */
function countsWithin(rows: readonly GroupRow[], from: string, to: string, currency: string): Counts {
  const own = rows.filter(({ group }) => {
    const month = String(group['month']);
    return month >= from && month <= to && (group['currency'] === null || group['currency'] === currency);
  });
  const counts = Object.fromEntries(COUNTERS.map((counter) => [counter, 0])) as Record<Counter, number>;
  for (const { group, sums } of own) counts[group['counter'] as Counter] += sums['value'] ?? 0;
  return counts;
}

const GoalsParams = Type.Object(
  {
    scope: Type.String({
      pattern: '^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$',
      description: 'whose goals: the company, a region, a team',
    }),
  },
  { additionalProperties: false },
);

/** Where does each goal of this scope stand, and what did it cost? Null where no goal was ever set. */
export const goals: NamedQuery<CrmGoalsDocument, typeof GoalsParams, GoalsAnswer | null> = {
  name: 'goals',
  question: 'Where does each goal of this scope stand against target and benchmarks, and what did it cost?',
  scope: 'figures',
  params: GoalsParams,
  run: async (reader, params, { asOfMs, valueTerms }) => {
    const stored = await reader.get(params.scope);
    if (stored?.document.type !== 'scope') return null;
    const document = stored.document;
    const first = document.goals.map(({ startDate }) => startDate.slice(0, 7)).sort()[0];
    const today = isoOf(asOfMs).slice(0, 10);
    const rows = first === undefined ? [] : await countedMonths(reader, first, today.slice(0, 7));
    return {
      asOf: isoOf(asOfMs),
      scope: document.scope,
      margin: valueTerms.margin,
      goals: document.goals.map((goal) => goalAnswer(document, goal, rows, today, valueTerms.margin)),
    };
  },
};

function actualOf(
  goal: GoalOnFile,
  rows: readonly GroupRow[],
  today: string,
): Pick<GoalAnswer, 'actual' | 'measured' | 'actualAsOf'> {
  const metric = CRM_METRICS[goal.metric];
  if (metric === undefined)
    return goal.told === null
      ? { actual: null, measured: null, actualAsOf: null }
      : { actual: goal.told.value, measured: 'told', actualAsOf: goal.told.asOf };
  if (today < goal.startDate) return { actual: null, measured: null, actualAsOf: null };
  const until = today < goal.dueDate ? today : goal.dueDate;
  const counts = countsWithin(
    rows,
    goal.startDate.slice(0, 7),
    until.slice(0, 7),
    goal.currency ?? DEFAULT_CURRENCY,
  );
  const actual = metric.valueOf(counts);
  return {
    actual,
    measured: actual === null ? null : 'computed',
    actualAsOf: actual === null ? null : until,
  };
}

function goalAnswer(
  document: ScopeDocument,
  goal: GoalOnFile,
  rows: readonly GroupRow[],
  today: string,
  margin: number,
): GoalAnswer {
  const { goalId, metric, baseline, target, startDate, dueDate } = goal;
  const measured = actualOf(goal, rows, today);
  const { actual } = measured;
  const time = shareOfTime(startDate, dueDate, today);
  const isFlow = FLOWS.has(CRM_METRICS[metric]?.unit);
  const expected = isFlow ? target * time : baseline + (target - baseline) * time;
  const cost = goal.cost && { amountMinor: goal.cost.amountMinor, currency: goal.cost.currency };
  const currency = goal.currency ?? null;
  const isReturnKnown =
    metric === 'revenue' &&
    actual !== null &&
    cost !== null &&
    cost.amountMinor > 0 &&
    cost.currency === currency;
  return {
    goalId,
    metric,
    unit: CRM_METRICS[metric]?.unit ?? null,
    objective: goal.objective ?? null,
    baseline,
    target,
    ...measured,
    expected,
    progressPct: progressOf(actual, baseline, target, isFlow),
    timePct: time * 100,
    status: statusOf(actual, baseline, target, expected, isFlow, today > dueDate),
    startDate,
    dueDate,
    currency,
    budget: goal.budget ?? null,
    cost,
    returnOnInvestment: isReturnKnown
      ? ((actual - baseline) * margin - cost.amountMinor) / cost.amountMinor
      : null,
    benchmarks: document.benchmarks
      .filter((one) => one.metric === metric)
      .map(({ source, value, asOf }) => ({
        source,
        value,
        asOf,
        gap: actual === null ? null : actual - value,
      })),
  };
}

/** Metrics that add up over the period; the others, and those that are told, are levels. */
const FLOWS: ReadonlySet<string | undefined> = new Set(['count', 'amountMinor']);

/** Of a flow: how much of the target has come; of a level: how much of the way from baseline to target. Percent. */
function progressOf(actual: number | null, baseline: number, target: number, isFlow: boolean): number | null {
  if (actual === null) return null;
  if (!isFlow) return ((actual - baseline) * 100) / (target - baseline);
  return target === 0 ? null : (actual * 100) / target;
}

function statusOf(
  actual: number | null,
  baseline: number,
  target: number,
  expected: number,
  isFlow: boolean,
  isOver: boolean,
): GoalStatus {
  if (actual === null) return 'unknown';
  const isUp = target > baseline;
  const isThere = isUp ? actual >= target : actual <= target;
  // Few complaints by June are no promise for December: a flow to be kept low is reached when the time is over.
  if (isThere && (isUp || !isFlow || isOver)) return 'reached';
  if (isOver || (isFlow && !isUp && !isThere)) return 'missed';
  return (isUp ? actual >= expected : actual <= expected) ? 'onTrack' : 'behind';
}

/** Part of the time from the first to the last day that is over, the day itself included; 0 to 1. */
function shareOfTime(startDate: string, dueDate: string, today: string): number {
  const [start, due, now] = [startDate, dueDate, today].map(dayNumberOfIsoDate) as [number, number, number];
  return Math.min(1, Math.max(0, (now - start + 1) / (due - start + 1)));
}

const MetricsParams = Type.Object(
  {
    from: monthParam('first month counted, yyyy-mm'),
    to: monthParam('last month counted, yyyy-mm'),
    currency: Type.Optional(
      Type.String({ pattern: '^[A-Z]{3}$', description: 'of amounts, ISO 4217; default EUR' }),
    ),
  },
  { additionalProperties: false },
);

/** What does the log say of each metric a goal may name, for these months? A baseline is found here. */
export const metrics: NamedQuery<CrmGoalsDocument, typeof MetricsParams, MetricsAnswer> = {
  name: 'metrics',
  question: 'What does the log say of each metric a goal may name, for these months?',
  scope: 'figures',
  params: MetricsParams,
  run: async (reader, { from, to, currency = DEFAULT_CURRENCY }, { asOfMs }) => {
    const counts = countsWithin(await countedMonths(reader, from, to), from, to, currency);
    return {
      asOf: isoOf(asOfMs),
      from,
      to,
      currency,
      metrics: Object.entries(CRM_METRICS).map(([metric, { meaning, unit, valueOf }]) => ({
        metric,
        meaning,
        unit,
        value: valueOf(counts),
      })),
    };
  },
};
