import { cadence } from './cadence.js';
import { lifetimeValue } from './lifetime-value.js';
import type { LifetimeValue, LifetimeValueSettings } from './lifetime-value.js';
import { nextOrderByCadence, nextOrderByModel } from './next-order.js';
import type { NextOrder } from './next-order.js';
import { purchaseDays, summarisePurchases } from './purchase-summary.js';
import type { Transaction } from './purchase-summary.js';
import type { PurchaseModel } from './beta-geometric/purchase-model.js';
import type { SpendModel } from './gamma-gamma.js';
import type { TimeUnit } from './time-unit.js';

/** Settings of the predicted fields of Klaviyo's schema: what is spent, undiscounted, in the next 365 days. */
export const NEXT_365_DAYS = {
  periods: 1,
  period: { name: '365 days', days: 365, perYear: 365.25 / 365 },
} as const;

/** The two models that predict, and how value is counted. */
export interface ValueModels<U extends TimeUnit> {
  readonly purchases: PurchaseModel<U>;
  readonly spend: SpendModel;
  readonly settings: LifetimeValueSettings;
}

/**
 * The value fields people know from Klaviyo's predictive-analytics schema (historic_clv, predicted_clv, total_clv,
 * historic/predicted_number_of_orders, average_days_between_orders, average_order_value, churn_probability,
 * expected_date_of_next_order), each amount in minor units; plus `prediction`, which says what the predictions rest on.
 * Predicted fields are null where no model speaks. An order is a purchase day.
 */
export interface CustomerValueFields {
  readonly asOfDayNumber: number;
  readonly historicClvMinor: number;
  readonly predictedClvMinor: number | null;
  readonly totalClvMinor: number | null;
  readonly historicNumberOfOrders: number;
  readonly predictedNumberOfOrders: number | null;
  readonly averageDaysBetweenOrders: number | null;
  readonly averageOrderValueMinor: number;
  readonly churnProbability: number | null;
  readonly expectedNextOrder: NextOrder | null;
  readonly prediction: LifetimeValue | null;
}

/**
 * What is known and expected of a customer's orders on `asOfDayNumber`? Null when nothing was bought by then. Without
 * `models` the historic fields are given and the next order follows the customer's own rhythm.
 * Throws as `summarisePurchases`, `lifetimeValue`.
 */
export function customerValueFields<U extends TimeUnit>(
  transactions: readonly Transaction[],
  asOfDayNumber: number,
  models: ValueModels<U> | null,
): CustomerValueFields | null {
  const days = purchaseDays(transactions, asOfDayNumber);
  const rhythm = cadence(
    days.map((day) => day.dayNumber),
    asOfDayNumber,
  );
  const summary = summarisePurchases<TimeUnit>(
    transactions,
    asOfDayNumber,
    models?.purchases.timeUnit ?? 'day',
  );
  if (!rhythm || !summary) return null;
  const prediction =
    models && lifetimeValue<TimeUnit>(models.purchases, models.spend, summary, models.settings);
  return {
    asOfDayNumber,
    historicClvMinor: summary.netValueMinor,
    predictedClvMinor: prediction && prediction.valueMinor,
    totalClvMinor: prediction && summary.netValueMinor + prediction.valueMinor,
    historicNumberOfOrders: days.length,
    predictedNumberOfOrders: prediction && prediction.expectedPurchases,
    averageDaysBetweenOrders: rhythm.averageGapDays,
    averageOrderValueMinor: summary.netValueMinor / days.length,
    churnProbability: prediction && 1 - prediction.pAlive,
    expectedNextOrder: models
      ? nextOrderByModel<TimeUnit>(models.purchases, summary)
      : nextOrderByCadence(rhythm, asOfDayNumber),
    prediction,
  };
}
