import type { BenchmarkRecorded, DataOf, GoalSet, Money } from '@rapport/contracts';
import type { Counter, CrmMetric } from './crm-metrics.table.js';

export interface GoalOnFile extends DataOf<typeof GoalSet> {
  /** Business time it was set first, epoch ms. */
  setMs: number;
  /** Latest value that was told, and the day it is of (yyyy-mm-dd). */
  told: { value: number; asOf: string } | null;
  /** Latest cost that was told, and the day it is of. */
  cost: { amountMinor: number; currency: string; asOf: string } | null;
}

/** The goals and benchmarks of one scope. Key: `<scope>`. */
export interface ScopeDocument {
  type: 'scope';
  scope: string;
  /** At most 200, the latest set last. */
  goals: GoalOnFile[];
  /** The latest of each metric and source, at most 200. */
  benchmarks: DataOf<typeof BenchmarkRecorded>[];
}

/**
 * One count of one customer in one month. Key: `<customerId>/<yyyy-mm>/<counter>`, with `/<currency>` behind it for an
 * amount. A row a count, because a store keeps an index for every column that is added up.
 */
export interface MonthDocument {
  type: 'month';
  /** yyyy-mm (UTC). */
  month: string;
  counter: Counter;
  /** Of an amount; null for a number of things. */
  currency: string | null;
  value: number;
}

export type CrmGoalsDocument = ScopeDocument | MonthDocument;

/** `unknown`: nothing is known of the metric yet. `missed`: due and not reached. */
export type GoalStatus = 'reached' | 'onTrack' | 'behind' | 'missed' | 'unknown';

export interface GoalAnswer {
  readonly goalId: string;
  readonly metric: string;
  readonly unit: CrmMetric['unit'] | null;
  readonly objective: string | null;
  readonly baseline: number;
  readonly target: number;
  /** Where it stands; null while nothing is known. */
  readonly actual: number | null;
  /** Whether the log tells it or somebody did, on the day named. */
  readonly measured: 'computed' | 'told' | null;
  readonly actualAsOf: string | null;
  /** Where it should stand by now, were the way even. */
  readonly expected: number;
  /** Of a metric that adds up: part of the target that has come; of a level: part of the way from the baseline. Percent. */
  readonly progressPct: number | null;
  /** Time from start to due day that is behind us, 0 to 100. */
  readonly timePct: number;
  readonly status: GoalStatus;
  readonly startDate: string;
  readonly dueDate: string;
  readonly currency: string | null;
  readonly budget: Money | null;
  readonly cost: Money | null;
  /** Of a revenue goal: margin on what lies above the baseline, less cost, over cost; null without both. */
  readonly returnOnInvestment: number | null;
  readonly benchmarks: readonly {
    readonly source: string;
    readonly value: number;
    readonly asOf: string;
    /** Actual less benchmark. */
    readonly gap: number | null;
  }[];
}

export interface GoalsAnswer {
  /** ISO-8601 UTC. */
  readonly asOf: string;
  readonly scope: string;
  /** Share of revenue that is margin: a term of the return. */
  readonly margin: number;
  readonly goals: readonly GoalAnswer[];
}

export interface MetricsAnswer {
  readonly asOf: string;
  /** First and last month counted, yyyy-mm. */
  readonly from: string;
  readonly to: string;
  readonly currency: string;
  readonly metrics: readonly {
    readonly metric: string;
    readonly meaning: string;
    readonly unit: CrmMetric['unit'];
    readonly value: number | null;
  }[];
}
