import fc from 'fast-check';
import { AnalyticsInputError, purchaseDays, purchaseSummary, summarisePurchases } from './index.js';

const bought = (dayNumber: number, amountMinor = 1000) => ({ dayNumber, amountMinor });

describe('A purchase summary', () => {
  it('counts purchases of one day once and adds their amounts', () => {
    const summary = summarisePurchases([bought(100, 500), bought(107, 300), bought(107, 200)], 121, 'week');
    expect(summary).toMatchObject({ x: 1, tX: 1, T: 3, meanRepeatSpendMinor: 500, netValueMinor: 1000 });
  });

  it('measures T to the as-of day and tX to the last purchase, in the unit asked for', () => {
    const purchases = [bought(10), bought(24)];
    expect(summarisePurchases(purchases, 38, 'week')).toMatchObject({ timeUnit: 'week', tX: 2, T: 4 });
    expect(summarisePurchases(purchases, 38, 'day')).toMatchObject({ timeUnit: 'day', tX: 14, T: 28 });
  });

  it('takes the mean spend over repeat days only', () => {
    const summary = summarisePurchases([bought(1, 9900), bought(8, 100), bought(15, 300)], 20, 'week');
    expect(summary?.meanRepeatSpendMinor).toBe(200);
  });

  it('lets a return reduce value without being a transaction', () => {
    const summary = summarisePurchases([bought(1, 1000), bought(8, 500), bought(20, -200)], 30, 'day');
    expect(summary).toMatchObject({ x: 1, tX: 7, meanRepeatSpendMinor: 300, netValueMinor: 1300 });
  });

  it('takes a return off the purchase day it follows, so that of the first day leaves repeat spend alone', () => {
    const summary = summarisePurchases([bought(1, 1000), bought(3, -400), bought(8, 500)], 30, 'day');
    expect(summary).toMatchObject({ meanRepeatSpendMinor: 500, netValueMinor: 1100 });
  });

  it('ignores what happened after the as-of day, so any past day can be asked for', () => {
    const purchases = [bought(1), bought(8), bought(50)];
    expect(summarisePurchases(purchases, 10, 'day')).toEqual(
      summarisePurchases(purchases.slice(0, 2), 10, 'day'),
    );
    expect(summarisePurchases(purchases, 0, 'day')).toBeNull();
  });

  it('counts a purchase of nothing as a purchase', () => {
    expect(summarisePurchases([bought(1), bought(2, 0)], 5, 'day')).toMatchObject({
      x: 1,
      meanRepeatSpendMinor: 0,
    });
  });

  const purchase = fc.record({
    dayNumber: fc.integer({ min: 0, max: 60 }),
    amountMinor: fc.integer({ min: -500, max: 5000 }),
  });

  it('does not depend on the order of arrival', () => {
    fc.assert(
      fc.property(
        fc.array(purchase, { maxLength: 30 }),
        fc.integer({ min: 0, max: 70 }),
        (purchases, asOf) => {
          expect(summarisePurchases([...purchases].reverse(), asOf, 'week')).toEqual(
            summarisePurchases(purchases, asOf, 'week'),
          );
        },
      ),
    );
  });

  it('always has 0 <= tX <= T, and tX = 0 exactly without a repeat', () => {
    fc.assert(
      fc.property(
        fc.array(purchase, { maxLength: 30 }),
        fc.integer({ min: 0, max: 70 }),
        (purchases, asOf) => {
          const summary = summarisePurchases(purchases, asOf, 'week');
          if (!summary) return;
          expect(summary.tX).toBeGreaterThanOrEqual(0);
          expect(summary.tX).toBeLessThanOrEqual(summary.T);
          expect(summary.tX === 0).toBe(summary.x === 0);
          expect(summary.x).toBe(purchaseDays(purchases, asOf).length - 1);
        },
      ),
    );
  });

  it.each([
    ['a fractional day', () => purchaseDays([bought(1.5)], 3), 'ANALYTICS_BAD_TRANSACTION'],
    ['an amount that is not a number', () => purchaseDays([bought(1, NaN)], 3), 'ANALYTICS_BAD_TRANSACTION'],
    ['a fractional as-of day', () => purchaseDays([], 3.2), 'ANALYTICS_BAD_TRANSACTION'],
    ['tX beyond T', () => purchaseSummary('week', { x: 1, tX: 5, T: 4 }), 'ANALYTICS_BAD_SUMMARY'],
    ['a repeat on day 0', () => purchaseSummary('week', { x: 1, tX: 0, T: 4 }), 'ANALYTICS_BAD_SUMMARY'],
    ['no repeat but a tX', () => purchaseSummary('week', { x: 0, tX: 1, T: 4 }), 'ANALYTICS_BAD_SUMMARY'],
    ['a negative x', () => purchaseSummary('week', { x: -1, tX: 1, T: 4 }), 'ANALYTICS_BAD_SUMMARY'],
    ['an infinite T', () => purchaseSummary('week', { x: 1, tX: 1, T: Infinity }), 'ANALYTICS_BAD_SUMMARY'],
    ['an x nobody can have', () => purchaseSummary('week', { x: 1e9, tX: 1, T: 2 }), 'ANALYTICS_BAD_SUMMARY'],
  ])('refuses %s with a code', (_, act, code) => {
    expect(act).toThrow(AnalyticsInputError);
    expect(act).toThrow(expect.objectContaining({ code }));
  });
});
