import { AnalyticsInputError } from './analytics-input.error.js';
import type { TimeUnit } from './time-unit.js';
import { DAYS_PER_UNIT } from './time-unit.js';

declare const perYear: unique symbol;

/** The share by which a year's delay lowers the worth of money: 0.10 = 10 % a year. Made by `annualDiscountRate`. */
export type AnnualDiscountRate = number & { readonly [perYear]: true };

/** Marks a rate as yearly; every other period's rate is derived from it. Throws `ANALYTICS_BAD_DISCOUNT`. */
export function annualDiscountRate(rate: number): AnnualDiscountRate {
  if (!(rate >= 0 && rate <= 10))
    throw new AnalyticsInputError(
      'ANALYTICS_BAD_DISCOUNT',
      `an annual discount rate is a share such as 0.10 for 10 % a year (0 to 10), not ${rate}`,
    );
  return rate as AnnualDiscountRate;
}

/** The yearly rate that compounds from a monthly one: 0.01 a month is 0.1268 a year. Throws `ANALYTICS_BAD_DISCOUNT`. */
export function annualDiscountRateFromMonthly(monthlyRate: number): AnnualDiscountRate {
  return annualDiscountRate(Math.expm1(12 * Math.log1p(monthlyRate)));
}

/** The continuous rate per `unit` (delta of Fader, Hardie & Lee 2005, JMR 42): ln(1 + annual) over units in a year. */
export function continuousDiscountRate(annual: AnnualDiscountRate, unit: TimeUnit): number {
  return (Math.log1p(annual) * DAYS_PER_UNIT[unit]) / DAYS_PER_UNIT.year;
}
