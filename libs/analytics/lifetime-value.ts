import { AnalyticsInputError } from './analytics-input.error.js';
import { dropoutLogOddsAt, expectedIfAliveAt } from './beta-geometric/scores.js';
import { assertScorable } from './beta-geometric/purchase-model.js';
import type { PurchaseModel, PurchaseModelName } from './beta-geometric/purchase-model.js';
import type { AnnualDiscountRate } from './discount.js';
import { annualDiscountRate } from './discount.js';
import { assertSpendModel, expectedMeanSpendMinor } from './gamma-gamma.js';
import type { SpendModel } from './gamma-gamma.js';
import { assertSummary } from './purchase-summary.js';
import type { PurchaseSummary } from './purchase-summary.js';
import { DAYS_PER_UNIT } from './time-unit.js';
import type { TimeUnit } from './time-unit.js';

/** A whole period of discounting: how long it is, and how many make a year for the interest. */
export interface Period {
  readonly name: string;
  readonly days: number;
  readonly perYear: number;
}

export const WEEKLY: Period = { name: 'week', days: 7, perYear: DAYS_PER_UNIT.year / 7 };
export const MONTHLY: Period = { name: 'month', days: DAYS_PER_UNIT.month, perYear: 12 };
export const YEARLY: Period = { name: 'year', days: DAYS_PER_UNIT.year, perYear: 1 };
/** 4.345 weeks a month, twelve months a year: the month of the lifetimes package, for comparison with its figures. */
export const MONTH_OF_4_345_WEEKS: Period = { name: 'month of 4.345 weeks', days: 4.345 * 7, perYear: 12 };

/** How far ahead value is counted, in whole periods; purchases of a period are discounted to its end. */
export interface Horizon {
  readonly periods: number;
  readonly period: Period;
}

/** What a figure rests on; none of it has a default, because a wrong one goes unseen. */
export interface LifetimeValueSettings {
  readonly horizon: Horizon;
  readonly annualDiscountRate: AnnualDiscountRate;
  /** Share of revenue that is profit, 0 to 1; 1 values revenue. */
  readonly margin: number;
}

/** A customer's discounted future value, with everything needed to read or repeat it. */
export interface LifetimeValue {
  /** Present value of the margin on purchases within the horizon, in minor units, not rounded. */
  readonly valueMinor: number;
  /** Purchase days expected within the horizon, not discounted. */
  readonly expectedPurchases: number;
  readonly meanSpendMinor: number;
  readonly pAlive: number;
  readonly purchaseModel: PurchaseModelName;
  readonly spendModel: SpendModel['model'];
  /** Unit of time of the purchase model. */
  readonly timeUnit: TimeUnit;
  readonly horizon: Horizon & { readonly days: number };
  readonly annualDiscountRate: AnnualDiscountRate;
  /** Derived from the annual rate. */
  readonly discountRatePerPeriod: number;
  readonly margin: number;
}

/**
 * What are this customer's future purchases worth today, within the horizon?
 *
 *   margin x E[spend] x sum over k of (CET(k) - CET(k-1)) / (1 + annual)^(k / periods a year)
 *
 * CET(k) is the conditional expectation of purchases in k periods, E[spend] the Gamma-Gamma mean; Fader, Hardie & Lee
 * 2005, JMR 42. Every length is converted to the purchase model's unit here, so weeks cannot pass for days.
 * Throws `ANALYTICS_BAD_HORIZON`, `ANALYTICS_BAD_DISCOUNT`, `ANALYTICS_BAD_MARGIN`, and as `expectedPurchases` and
 * `expectedMeanSpendMinor`.
 */
export function lifetimeValue<U extends TimeUnit>(
  purchases: PurchaseModel<U>,
  spend: SpendModel,
  customer: PurchaseSummary<NoInfer<U>> & { readonly meanRepeatSpendMinor: number | null },
  settings: LifetimeValueSettings,
): LifetimeValue {
  assertScorable(purchases);
  assertSpendModel(spend);
  assertSummary(customer, purchases.timeUnit);
  assertSettings(settings);
  const { horizon, annualDiscountRate: annual, margin } = settings;
  const { periods, period } = horizon;
  const { model, parameters, timeUnit } = purchases;
  const { x, tX, T } = customer;
  const pAlive = 1 / (1 + Math.exp(dropoutLogOddsAt(model, parameters, x, tX, T)));
  const length = period.days / DAYS_PER_UNIT[timeUnit];
  const discountRatePerPeriod = Math.expm1(Math.log1p(annual) / period.perYear);
  let counted = 0;
  let discounted = 0;
  for (let k = 1; k <= periods; k += 1) {
    const made = expectedIfAliveAt(model, parameters, x, T, k * length);
    discounted += (made - counted) * Math.exp((-k * Math.log1p(annual)) / period.perYear);
    counted = made;
  }
  const meanSpendMinor = expectedMeanSpendMinor(spend, customer);
  return {
    valueMinor: margin * meanSpendMinor * pAlive * discounted,
    expectedPurchases: pAlive * counted,
    meanSpendMinor,
    pAlive,
    purchaseModel: model,
    spendModel: spend.model,
    timeUnit,
    horizon: { ...horizon, days: periods * period.days },
    annualDiscountRate: annual,
    discountRatePerPeriod,
    margin,
  };
}

function assertSettings({ horizon, annualDiscountRate: annual, margin }: LifetimeValueSettings): void {
  const { periods, period } = horizon;
  if (!(Number.isInteger(periods) && periods >= 1 && periods <= 5200))
    throw new AnalyticsInputError(
      'ANALYTICS_BAD_HORIZON',
      `a horizon is 1 to 5200 whole periods, not ${periods}`,
    );
  if (!(period.days > 0 && period.days < Infinity && period.perYear > 0 && period.perYear < Infinity))
    throw new AnalyticsInputError(
      'ANALYTICS_BAD_HORIZON',
      `the period ${period.name} has no positive length`,
    );
  // A period whose two descriptions differ by more than rounding conventions has been given in the wrong unit.
  if (Math.abs((period.days * period.perYear) / DAYS_PER_UNIT.year - 1) > 0.02)
    throw new AnalyticsInputError(
      'ANALYTICS_BAD_HORIZON',
      `${period.perYear} periods of ${period.days} days do not make a year`,
    );
  annualDiscountRate(annual);
  if (!(margin >= 0 && margin <= 1))
    throw new AnalyticsInputError('ANALYTICS_BAD_MARGIN', `a margin is a share from 0 to 1, not ${margin}`);
}
