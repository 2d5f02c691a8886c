import { dropoutLogOddsAt, expectedIfAliveAt } from './beta-geometric/scores.js';
import { assertScorable } from './beta-geometric/purchase-model.js';
import type { PurchaseModel } from './beta-geometric/purchase-model.js';
import { AnalyticsInputError } from './analytics-input.error.js';
import { assertTable } from './summary-table.js';
import type { SummaryTable } from './summary-table.js';
import { assertSameTimeUnit, spanIn } from './time-unit.js';
import type { TimeSpan, TimeUnit } from './time-unit.js';

/** Scores as columns: row i belongs to row i of the table. */
export interface ScoreColumns {
  /** 0 to 1. */
  readonly pAlive: Float64Array;
  /** Purchase days expected within the horizon. */
  readonly expectedPurchases: Float64Array;
}

/**
 * P(alive) and expected purchases within `horizon` of every customer in the table: the figures of `probabilityAlive`
 * and `expectedPurchases`, bit for bit. Pass `into` (columns of at least the table's length) to score chunk after
 * chunk without allocating anything. Throws as those, and `ANALYTICS_BAD_SUMMARY` when `into` is too short.
 */
export function scoreMany<U extends TimeUnit>(
  model: PurchaseModel<U>,
  table: SummaryTable<NoInfer<U>>,
  horizon: TimeSpan,
  into?: ScoreColumns,
): ScoreColumns {
  assertScorable(model);
  assertSameTimeUnit(model.timeUnit, table.timeUnit);
  assertTable(table);
  const { x, tX, T } = table;
  const columns = into ?? {
    pAlive: new Float64Array(x.length),
    expectedPurchases: new Float64Array(x.length),
  };
  if (columns.pAlive.length < x.length || columns.expectedPurchases.length < x.length)
    throw new AnalyticsInputError(
      'ANALYTICS_BAD_SUMMARY',
      `the score columns are shorter than the ${x.length} rows`,
    );
  const t = spanIn(horizon, model.timeUnit);
  const { model: name, parameters } = model;
  for (let row = 0; row < x.length; row += 1) {
    const alive = 1 / (1 + Math.exp(dropoutLogOddsAt(name, parameters, x[row]!, tX[row]!, T[row]!)));
    columns.pAlive[row] = alive;
    columns.expectedPurchases[row] = alive * expectedIfAliveAt(name, parameters, x[row]!, T[row]!, t);
  }
  return columns;
}
