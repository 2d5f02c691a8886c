import { AnalyticsInputError } from './analytics-input.error.js';

/** The unit a fit measures time in. A month is a twelfth of 365.25 days. */
export type TimeUnit = 'day' | 'week' | 'month' | 'year';

/** Length of each unit in days. */
export const DAYS_PER_UNIT: Readonly<Record<TimeUnit, number>> = {
  day: 1,
  week: 7,
  month: 365.25 / 12,
  year: 365.25,
};

declare const unit: unique symbol;

/** A length of time whose unit is part of its type: `Duration<'week'>` does not fit where days are wanted. */
export type Duration<U extends TimeUnit> = number & { readonly [unit]: U };
export type Days = Duration<'day'>;
export type Weeks = Duration<'week'>;

/** A length of time that carries its unit as data, so it can be converted to the unit of any fit. */
export interface TimeSpan {
  readonly amount: number;
  readonly unit: TimeUnit;
}

/** Marks a number as a duration in `unit`. Throws `ANALYTICS_BAD_TIME_SPAN` when negative or not finite. */
export function duration<U extends TimeUnit>(amount: number, unit: U): Duration<U> {
  if (!Object.hasOwn(DAYS_PER_UNIT, unit))
    throw new AnalyticsInputError('ANALYTICS_BAD_TIME_SPAN', `unknown time unit ${String(unit)}`);
  if (!(amount >= 0) || amount === Infinity)
    throw new AnalyticsInputError(
      'ANALYTICS_BAD_TIME_SPAN',
      `a duration is finite and not negative, not ${amount}`,
    );
  return amount as Duration<U>;
}

/** The same span in another unit. Throws `ANALYTICS_BAD_TIME_SPAN`. */
export function spanIn<U extends TimeUnit>(span: TimeSpan, unit: U): Duration<U> {
  const amount = duration(span.amount, span.unit);
  if (span.unit === unit) return amount as unknown as Duration<U>;
  return duration((amount * DAYS_PER_UNIT[span.unit]) / DAYS_PER_UNIT[unit], unit);
}

/** Refuses to mix figures measured in different units: `ANALYTICS_TIME_UNIT_MISMATCH`. */
export function assertSameTimeUnit(fitted: TimeUnit, given: TimeUnit): void {
  if (fitted !== given)
    throw new AnalyticsInputError(
      'ANALYTICS_TIME_UNIT_MISMATCH',
      `the model measures time in ${fitted}s, the customer figures in ${given}s`,
    );
}
