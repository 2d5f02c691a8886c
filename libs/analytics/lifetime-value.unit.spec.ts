import {
  annualDiscountRate,
  annualDiscountRateFromMonthly,
  cadence,
  customerValueFields,
  expectedMeanSpendMinor,
  expectedPurchases,
  lifetimeValue,
  MONTH_OF_4_345_WEEKS,
  MONTHLY,
  NEXT_365_DAYS,
  nextOrderByCadence,
  nextOrderByModel,
  probabilityAlive,
  purchaseSummary,
  summarisePurchases,
  WEEKLY,
  YEARLY,
} from './index.js';
import type { LifetimeValueSettings, PurchaseModel, SpendModel } from './index.js';

/** lifetimes documentation, CDNOW summary file: BG/NBD and Gamma-Gamma as its Quickstart fits them. */
const purchases: PurchaseModel<'week'> = {
  model: 'bgNbd',
  timeUnit: 'week',
  parameters: { r: 0.242593, alpha: 4.413532, a: 0.792886, b: 2.425752 },
};
const spend: SpendModel = {
  model: 'gammaGamma',
  minorUnitsPerMajor: 100,
  parameters: { p: 6.2488, q: 3.744588, gamma: 15.44775 },
};
const customer = (x: number, tX: number, T: number, meanRepeatSpendMinor: number | null) => ({
  ...purchaseSummary('week', { x, tX, T }),
  meanRepeatSpendMinor,
});
const first = customer(2, 30.43, 38.86, 2235);
const sixth = customer(7, 29.43, 38.86, 7374);
const quickstart: LifetimeValueSettings = {
  horizon: { periods: 12, period: MONTH_OF_4_345_WEEKS },
  annualDiscountRate: annualDiscountRateFromMonthly(0.01),
  margin: 1,
};

describe('Lifetime value', () => {
  it('counts a month as 4.345 weeks: 36.28 and 283.52 for the customers of the lifetimes Quickstart', () => {
    expect(lifetimeValue(purchases, spend, first, quickstart).valueMinor / 100).toBeCloseTo(36.28, 2);
    expect(lifetimeValue(purchases, spend, sixth, quickstart).valueMinor / 100).toBeCloseTo(283.52, 2);
  });

  it('cannot make the mistake of the Quickstart, whose 140.096 and 1003.868 take a month for thirty weeks', () => {
    const thirtyWeeks = { name: 'month', days: 210, perYear: 12 };
    const mistaken = { ...quickstart, horizon: { periods: 12, period: thirtyWeeks } };
    expect(() => lifetimeValue(purchases, spend, first, mistaken)).toThrow(
      expect.objectContaining({ code: 'ANALYTICS_BAD_HORIZON' }),
    );
    // The printed figures are this sum, 360 weeks called twelve months.
    const printed = (who: typeof first) => {
      let sum = 0;
      for (let k = 1, before = 0; k <= 12; k += 1) {
        const made = expectedPurchases(purchases, who, { amount: 30 * k, unit: 'week' });
        sum += (made - before) / 1.01 ** k;
        before = made;
      }
      return (sum * expectedMeanSpendMinor(spend, who)) / 100;
    };
    expect(printed(first)).toBeCloseTo(140.096, 2);
    expect(printed(sixth)).toBeCloseTo(1003.868, 1);
  });

  it('prints beside the figure what it rests on', () => {
    expect(lifetimeValue(purchases, spend, first, { ...quickstart, margin: 0.4 })).toMatchObject({
      purchaseModel: 'bgNbd',
      spendModel: 'gammaGamma',
      timeUnit: 'week',
      margin: 0.4,
      horizon: { periods: 12, period: { name: 'month of 4.345 weeks', perYear: 12 }, days: 12 * 4.345 * 7 },
      annualDiscountRate: expect.closeTo(0.126825, 6),
      discountRatePerPeriod: expect.closeTo(0.01, 12),
    });
  });

  it('is expected purchases times mean spend when nothing is discounted, whatever the period', () => {
    const plain = (period: typeof WEEKLY, periods: number) =>
      lifetimeValue(purchases, spend, sixth, {
        horizon: { periods, period },
        annualDiscountRate: annualDiscountRate(0),
        margin: 1,
      });
    const yearly = plain(YEARLY, 2);
    expect(yearly.valueMinor).toBeCloseTo(yearly.expectedPurchases * yearly.meanSpendMinor, 8);
    expect(plain(MONTHLY, 24).valueMinor).toBeCloseTo(yearly.valueMinor, 6);
    expect(yearly.expectedPurchases).toBeCloseTo(
      expectedPurchases(purchases, sixth, { amount: 2, unit: 'year' }),
      10,
    );
  });

  it('does not depend on the unit of the fit', () => {
    const inDays: PurchaseModel<'day'> = {
      ...purchases,
      timeUnit: 'day',
      parameters: { ...purchases.parameters, alpha: purchases.parameters.alpha * 7 },
    };
    const days = {
      ...purchaseSummary('day', { x: 7, tX: 29.43 * 7, T: 38.86 * 7 }),
      meanRepeatSpendMinor: 7374,
    };
    expect(lifetimeValue(inDays, spend, days, quickstart).valueMinor).toBeCloseTo(
      lifetimeValue(purchases, spend, sixth, quickstart).valueMinor,
      6,
    );
  });

  it('falls with the discount, rises with the horizon, and is proportional to the margin', () => {
    const value = (change: Partial<LifetimeValueSettings>) =>
      lifetimeValue(purchases, spend, sixth, { ...quickstart, ...change }).valueMinor;
    expect(value({ annualDiscountRate: annualDiscountRate(0.3) })).toBeLessThan(value({}));
    expect(value({ horizon: { periods: 13, period: MONTH_OF_4_345_WEEKS } })).toBeGreaterThan(value({}));
    expect(value({ margin: 0.25 })).toBeCloseTo(value({}) / 4, 8);
  });

  it.each([
    ['half a period', { horizon: { periods: 1.5, period: MONTHLY } }, 'ANALYTICS_BAD_HORIZON'],
    ['no period', { horizon: { periods: 0, period: MONTHLY } }, 'ANALYTICS_BAD_HORIZON'],
    ['a margin in per cent', { margin: 40 }, 'ANALYTICS_BAD_MARGIN'],
    ['a discount that is not a number', { annualDiscountRate: NaN as never }, 'ANALYTICS_BAD_DISCOUNT'],
  ])('refuses %s with a code', (_, change, code) => {
    expect(() => lifetimeValue(purchases, spend, first, { ...quickstart, ...change })).toThrow(
      expect.objectContaining({ code }),
    );
  });

  it('refuses a plain number as a discount rate at compile time, and days for a model in weeks', () => {
    // @ts-expect-error a rate says that it is annual
    const settings: LifetimeValueSettings = { ...quickstart, annualDiscountRate: 0.1 };
    expect(settings.annualDiscountRate).toBe(0.1);
    const days = { ...purchaseSummary('day', { x: 7, tX: 206, T: 272 }), meanRepeatSpendMinor: 7374 };
    // @ts-expect-error a summary in days does not fit a model in weeks
    expect(() => lifetimeValue(purchases, spend, days, quickstart)).toThrow(
      expect.objectContaining({ code: 'ANALYTICS_TIME_UNIT_MISMATCH' }),
    );
  });
});

describe('The next order', () => {
  const orders = [0, 10, 20, 60].map((dayNumber) => ({ dayNumber, amountMinor: 1000 }));

  it('is expected by the model after the median wait of a living customer', () => {
    const summary = summarisePurchases(orders, 80, 'week')!;
    const { r, alpha } = purchases.parameters;
    const waitDays = (alpha + 80 / 7) * (2 ** (1 / (r + 3)) - 1) * 7;
    expect(nextOrderByModel(purchases, summary)).toEqual({
      dayNumber: 80 + Math.ceil(waitDays),
      basis: 'model',
      overdue: false,
      pAlive: probabilityAlive(purchases, summary),
    });
  });

  it('is expected by own rhythm a median gap after the last, and may be overdue', () => {
    expect(
      nextOrderByCadence(
        cadence(
          orders.map((o) => o.dayNumber),
          65,
        )!,
        65,
      ),
    ).toMatchObject({ dayNumber: 70, overdue: false });
    expect(
      nextOrderByCadence(
        cadence(
          orders.map((o) => o.dayNumber),
          80,
        )!,
        80,
      ),
    ).toMatchObject({ dayNumber: 70, overdue: true });
    expect(nextOrderByCadence(cadence([0, 5], 80)!, 80)).toBeNull();
  });
});

describe('The customer value fields', () => {
  const orders = [0, 10, 20, 60].map((dayNumber) => ({ dayNumber, amountMinor: 1000 }));
  const settings: LifetimeValueSettings = {
    horizon: NEXT_365_DAYS,
    annualDiscountRate: annualDiscountRate(0),
    margin: 1,
  };

  it('hold history and prediction, which add up', () => {
    const fields = customerValueFields(orders, 80, { purchases, spend, settings })!;
    expect(fields).toMatchObject({
      historicClvMinor: 4000,
      historicNumberOfOrders: 4,
      averageDaysBetweenOrders: 20,
      averageOrderValueMinor: 1000,
    });
    expect(fields.totalClvMinor).toBeCloseTo(4000 + fields.predictedClvMinor!, 9);
    expect(fields.predictedNumberOfOrders).toBeCloseTo(
      expectedPurchases(purchases, summarisePurchases(orders, 80, 'week')!, { amount: 365, unit: 'day' }),
      10,
    );
    expect(fields.churnProbability).toBeCloseTo(1 - fields.prediction!.pAlive, 14);
    expect(fields.expectedNextOrder?.basis).toBe('model');
  });

  it('predict nothing without a model', () => {
    expect(customerValueFields(orders, 80, null)).toMatchObject({
      historicClvMinor: 4000,
      predictedClvMinor: null,
      totalClvMinor: null,
      churnProbability: null,
      expectedNextOrder: { basis: 'ownCadence', dayNumber: 70, overdue: true },
    });
    expect(customerValueFields([], 80, null)).toBeNull();
  });
});
