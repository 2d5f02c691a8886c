import { annualDiscountRate, annualDiscountRateFromMonthly, continuousDiscountRate } from './index.js';
import {
  duration,
  expectedPurchases,
  probabilityAlive,
  purchaseSummary,
  scoreMany,
  spanIn,
  tabulateSummaries,
} from './index.js';
import type { Days, PurchaseModel, Weeks } from './index.js';

const inWeeks: PurchaseModel<'week'> = {
  model: 'mbgNbd',
  timeUnit: 'week',
  parameters: { r: 0.525, alpha: 6.183, a: 0.891, b: 1.614 },
};
const weekSummary = purchaseSummary('week', { x: 2, tX: 20, T: 39 });
const daySummary = purchaseSummary('day', { x: 2, tX: 140, T: 273 });

describe('Units of time', () => {
  // The directives below fail the type check as soon as the mistake compiles.
  it('refuse days where a fit in weeks is scored: at compile time, and with a code at run time', () => {
    const mismatch = expect.objectContaining({ code: 'ANALYTICS_TIME_UNIT_MISMATCH' });
    // @ts-expect-error a summary in days does not fit a model in weeks
    expect(() => probabilityAlive(inWeeks, daySummary)).toThrow(mismatch);
    // @ts-expect-error nor does an expectation
    expect(() => expectedPurchases(inWeeks, daySummary, { amount: 1, unit: 'week' })).toThrow(mismatch);
    const dayTable = tabulateSummaries('day', [daySummary]);
    // @ts-expect-error nor a table of them
    expect(() => scoreMany(inWeeks, dayTable, { amount: 1, unit: 'week' })).toThrow(mismatch);
    // @ts-expect-error a table has one unit
    expect(() => tabulateSummaries('week', [weekSummary, daySummary])).toThrow(mismatch);
  });

  it('keep durations of different units apart', () => {
    const seven: Days = duration(7, 'day');
    // @ts-expect-error seven days are not seven weeks
    const weeks: Weeks = seven;
    expect(weeks).toBe(7);
  });

  it('convert a horizon to the unit of the fit, so its unit cannot matter', () => {
    expect(spanIn({ amount: 14, unit: 'day' }, 'week')).toBe(2);
    expect(spanIn({ amount: 1, unit: 'year' }, 'month')).toBeCloseTo(12, 12);
    expect(expectedPurchases(inWeeks, weekSummary, { amount: 273, unit: 'day' })).toBeCloseTo(
      expectedPurchases(inWeeks, weekSummary, { amount: 39, unit: 'week' }),
      12,
    );
  });

  it.each([-1, NaN, Infinity])('refuse a duration of %d', (amount) => {
    expect(() => duration(amount, 'week')).toThrow(
      expect.objectContaining({ code: 'ANALYTICS_BAD_TIME_SPAN' }),
    );
  });
});

describe('Discount', () => {
  it('is asked for by the year: 10 % a year is ln(1.1)/52.18 a week, not .1 (the CLVTools README takes .1 a week)', () => {
    expect(continuousDiscountRate(annualDiscountRate(0.1), 'week')).toBeCloseTo(Math.log(1.1) / 52.18, 6);
  });

  it('compounds 1 % a month to 12.68 % a year', () => {
    expect(annualDiscountRateFromMonthly(0.01)).toBeCloseTo(0.126825, 6);
  });

  it.each([-0.1, NaN, 11, 12.68])('refuses %d a year', (rate) => {
    expect(() => annualDiscountRate(rate)).toThrow(
      expect.objectContaining({ code: 'ANALYTICS_BAD_DISCOUNT' }),
    );
  });
});
