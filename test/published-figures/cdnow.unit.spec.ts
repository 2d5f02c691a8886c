import {
  CDNOW_CALIBRATION_END,
  CDNOW_HOLDOUT_END,
  dayNumber,
  missingData,
  readCdnowMaster,
  readCdnowSample,
  readCdnowSummary,
} from '../fixtures/cdnow.data.js';
import type { PurchasesByCustomer } from '../fixtures/cdnow.data.js';
import {
  annualDiscountRateFromMonthly,
  expectedMeanSpendMinor,
  expectedPurchases,
  expectedPurchasesOfNewCustomer,
  fitBgNbd,
  fitGammaGamma,
  fitMbgNbd,
  lifetimeValue,
  MONTH_OF_4_345_WEEKS,
  purchaseDays,
  purchaseSummary,
  scoreMany,
  spendCorrelation,
  summarisePurchases,
  tabulateSummaries,
} from '@rapport/analytics';
import type { PurchaseFit } from '@rapport/analytics';

const missing = ['CDNOW_sample.txt', 'CDNOW_master.txt', 'cdnow_customers_summary_with_transactions.csv']
  .map(missingData)
  .filter((sentence) => sentence !== null);
if (missing.length > 0) console.warn(missing.join('\n'));
const describeWithData = missing.length > 0 ? describe.skip : describe;

const summariesAt = (purchases: PurchasesByCustomer, asOf: number) =>
  [...purchases.values()].map((transactions) => summarisePurchases(transactions, asOf, 'week')!);
const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0);
const weeks = (amount: number) => ({ amount, unit: 'week' as const });

/** Every parameter within `tolerance` of its published value, as a share of it. */
function expectWithin<P extends object>(parameters: P, published: P, tolerance: number): void {
  for (const name of Object.keys(published) as (keyof P)[])
    expect(Math.abs(Number(parameters[name]) / Number(published[name]) - 1)).toBeLessThan(tolerance);
}

describeWithData('The CDNOW sample, from its transactions', () => {
  let sample: PurchasesByCustomer;
  let summaries: ReturnType<typeof summariesAt>;
  let bg: PurchaseFit<'week'>;
  let mbg: PurchaseFit<'week'>;
  let repeatsInHoldout: number[];

  beforeAll(() => {
    sample = readCdnowSample();
    summaries = summariesAt(sample, CDNOW_CALIBRATION_END);
    const table = tabulateSummaries('week', summaries);
    bg = fitBgNbd(table);
    mbg = fitMbgNbd(table);
    const untilEnd = summariesAt(sample, CDNOW_HOLDOUT_END);
    repeatsInHoldout = untilEnd.map((summary, i) => summary.x - summaries[i]!.x);
  });

  it('holds 2,357 customers, 2,457 repeat days, 1,411 without one, and 1,882 repeats in the holdout (Fader & Hardie)', () => {
    expect(summaries).toHaveLength(2357);
    expect(sum(summaries.map((summary) => summary.x))).toBe(2457);
    expect(summaries.filter((summary) => summary.x === 0)).toHaveLength(1411);
    expect(sum(repeatsInHoldout)).toBe(1882);
  });

  it('fits BG/NBD to Fader, Hardie & Lee 2005 and the CLVTools test', () => {
    expect(bg).toMatchObject({ status: 'converged', timeUnit: 'week', customers: 2357, repeaters: 946 });
    expectWithin(bg.parameters, { r: 0.2425945, alpha: 4.4136019, a: 0.7929199, b: 2.4258881 }, 0.005);
    expect(Math.abs(bg.logLikelihood - -9582.429)).toBeLessThan(0.01);
  });

  it('fits MBG/NBD to BTYDplus', () => {
    expect(mbg.status).toBe('converged');
    expectWithin(mbg.parameters, { r: 0.525, alpha: 6.183, a: 0.891, b: 1.614 }, 0.005);
    expect(Math.abs(mbg.logLikelihood - -9582.1357)).toBeLessThan(0.01);
  });

  it('fits Gamma-Gamma to note 025 and CLVTools', () => {
    const spend = fitGammaGamma(summaries);
    expect(spend).toMatchObject({ status: 'converged', customers: 946 });
    expectWithin(spend.parameters, { p: 6.25, q: 3.74, gamma: 15.44 }, 0.01);
    expect(Math.abs(spend.logLikelihood - -4055.9177)).toBeLessThan(0.01);
  });

  it('foretells the holdout as other implementations do: BG 1,653.4 and MBG 1,576.7 of 1,882; MAE .7855 and .7648', () => {
    const table = tabulateSummaries('week', summaries);
    const errors = [bg, mbg].map((fit) => {
      const { expectedPurchases: expected, pAlive } = scoreMany(fit, table, weeks(39));
      const misses = repeatsInHoldout.map((made, i) => Math.abs(expected[i]! - made));
      return { total: sum(expected), mae: sum(misses) / misses.length, alive: sum(pAlive) / pAlive.length };
    });
    expect(errors[0]!.total).toBeCloseTo(1653.4, 1);
    expect(errors[1]!.total).toBeCloseTo(1576.7, 1);
    expect(errors[0]!.mae).toBeCloseTo(0.7855, 4);
    expect(errors[1]!.mae).toBeCloseTo(0.7648, 4);
    expect(errors[0]!.alive).toBeCloseTo(0.8134, 4);
    expect(errors[1]!.alive).toBeCloseTo(0.4487, 4);
  });

  it('tracks cumulative repeats of weeks 40 to 78 within 2.6 % (BG) and 4.1 % (MBG) on average', () => {
    const repeatDays = [...sample.values()].flatMap((transactions) =>
      purchaseDays(transactions, CDNOW_HOLDOUT_END)
        .slice(1)
        .map((day) => day.dayNumber),
    );
    const starts = new Map<number, number>();
    for (const { firstDayNumber } of summaries)
      starts.set(firstDayNumber, (starts.get(firstDayNumber) ?? 0) + 1);
    const meanError = (fit: PurchaseFit<'week'>) => {
      let total = 0;
      for (let week = 40; week <= 78; week += 1) {
        const end = dayNumber('19970101') + 7 * week - 1;
        const made = repeatDays.filter((day) => day <= end).length;
        let expected = 0;
        for (const [start, customers] of starts)
          expected += customers * expectedPurchasesOfNewCustomer(fit, { amount: end - start, unit: 'day' });
        total += Math.abs(expected / made - 1);
      }
      return total / 39;
    };
    expect(meanError(bg)).toBeCloseTo(0.026, 3);
    expect(meanError(mbg)).toBeCloseTo(0.041, 3);
  });
});

describeWithData('The CDNOW sample, from the published summary file', () => {
  const rows = missing.length > 0 ? [] : readCdnowSummary();
  const customers = rows.map((row) => ({
    ...purchaseSummary('week', row),
    meanRepeatSpendMinor: row.meanRepeatSpendMinor,
    id: row.id,
  }));
  const table = tabulateSummaries('week', customers);
  const bg = customers.length > 0 ? fitBgNbd(table) : undefined;
  const spend = customers.length > 0 ? fitGammaGamma(customers) : undefined;

  it('fits BG/NBD with the standard errors of the lifetimes documentation', () => {
    expectWithin(bg!.parameters, { r: 0.242593, alpha: 4.413532, a: 0.792886, b: 2.425752 }, 0.005);
    expectWithin(bg!.standardErrors!, { r: 0.0126, alpha: 0.3782, a: 0.1857, b: 0.7053 }, 0.005);
    expect(Math.abs(bg!.logLikelihood - -9582.4256)).toBeLessThan(0.01);
  });

  it('names the five best customers of the next week (lifetimes documentation)', () => {
    const best = customers
      .map((customer) => ({ id: customer.id, expected: expectedPurchases(bg!, customer, weeks(1)) }))
      .sort((left, right) => right.expected - left.expected)
      .slice(0, 5);
    expect(best.map(({ id }) => id)).toEqual([1516, 157, 1981, 841, 509]);
    [0.710623, 0.662396, 0.486526, 0.474738, 0.424877].forEach((published, i) =>
      expect(best[i]!.expected).toBeCloseTo(published, 5),
    );
  });

  it('gives the mean spends and the correlation of the lifetimes documentation: 35.253, 35.079 and .1139', () => {
    const expected = customers.map((customer) => expectedMeanSpendMinor(spend!, customer));
    expect(sum(expected) / expected.length / 100).toBeCloseTo(35.25296, 3);
    const repeaters = customers.filter((customer) => customer.x > 0);
    expect(sum(repeaters.map((c) => c.meanRepeatSpendMinor!)) / repeaters.length / 100).toBeCloseTo(
      35.07855,
      5,
    );
    expect(spendCorrelation(customers)).toBeCloseTo(0.113884, 6);
  });

  it('values the cohort for 12 months at 1 % a month: BG 71,509.90, mean 30.34; MBG 67,775.64', () => {
    const settings = {
      horizon: { periods: 12, period: MONTH_OF_4_345_WEEKS },
      annualDiscountRate: annualDiscountRateFromMonthly(0.01),
      margin: 1,
    };
    const values = (fit: PurchaseFit<'week'>) =>
      customers.map((customer) => lifetimeValue(fit, spend!, customer, settings).valueMinor / 100);
    const byBg = values(bg!);
    expect(byBg[0]).toBeCloseTo(36.28, 2);
    expect(byBg[5]).toBeCloseTo(283.52, 2);
    expect(Math.abs(sum(byBg) - 71_509.9)).toBeLessThan(0.1);
    expect(sum(byBg) / byBg.length).toBeCloseTo(30.34, 2);
    const byMbg = values(fitMbgNbd(table));
    expect(byMbg[0]).toBeCloseTo(37.19, 2);
    expect(byMbg[5]).toBeCloseTo(267.75, 2);
    expect(Math.abs(sum(byMbg) - 67_775.64)).toBeLessThan(0.1);
  });
});

describeWithData('The CDNOW cohort of 23,570', () => {
  it('fits as other implementations do and foretells the holdout with 16,873.7 (BG) and 15,933.6 (MBG) of 19,684', () => {
    const master = readCdnowMaster();
    const summaries = summariesAt(master, CDNOW_CALIBRATION_END);
    expect(summaries).toHaveLength(23_570);
    const table = tabulateSummaries('week', summaries);
    const bg = fitBgNbd(table);
    const mbg = fitMbgNbd(table);
    const spend = fitGammaGamma(summaries);
    expectWithin(bg.parameters, { r: 0.25162, alpha: 4.78894, a: 0.72343, b: 2.16109 }, 0.005);
    expectWithin(mbg.parameters, { r: 0.63714, alpha: 7.31029, a: 0.80747, b: 1.22839 }, 0.005);
    expectWithin(spend.parameters, { p: 6.2754, q: 3.6245, gamma: 14.984 }, 0.01);
    expect(Math.abs(bg.logLikelihood - -95_368.44)).toBeLessThan(0.01);
    expect(Math.abs(mbg.logLikelihood - -95_336.96)).toBeLessThan(0.01);
    expect(Math.abs(spend.logLikelihood - -40_763.48)).toBeLessThan(0.01);
    expect(spend.customers).toBe(9450);
    expect(sum(scoreMany(bg, table, weeks(39)).expectedPurchases)).toBeCloseTo(16_873.7, 1);
    expect(sum(scoreMany(mbg, table, weeks(39)).expectedPurchases)).toBeCloseTo(15_933.6, 1);
    const untilEnd = summariesAt(master, CDNOW_HOLDOUT_END);
    expect(sum(untilEnd.map((s) => s.x)) - sum(summaries.map((s) => s.x))).toBe(19_684);
  });
});
