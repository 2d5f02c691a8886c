import fc from 'fast-check';
import { expectedMeanSpendMinor, fitGammaGamma, spendCorrelation } from './index.js';
import type { SpendModel } from './index.js';

/** Fader & Hardie, note 025, on 946 repeat buyers of the CDNOW sample. */
const PUBLISHED: SpendModel = {
  model: 'gammaGamma',
  minorUnitsPerMajor: 100,
  parameters: { p: 6.25, q: 3.74, gamma: 15.44 },
};
const cents = (x: number, dollars: number | null) => ({
  x,
  meanRepeatSpendMinor: dollars === null ? null : dollars * 100,
});

describe('Gamma-Gamma', () => {
  // Ids 1 to 10 of cdnow_customers_summary_with_transactions.csv.
  it.each([
    [1, cents(2, 22.35), 24.65],
    [2, cents(1, 11.77), 18.91],
    [3, cents(0, null), 35.17],
    [4, cents(0, null), 35.17],
    [5, cents(0, null), 35.17],
    [6, cents(7, 73.74), 71.46],
    [7, cents(1, 11.77), 18.91],
    [8, cents(0, null), 35.17],
    [9, cents(2, 25.55), 27.28],
    [10, cents(0, null), 35.17],
  ])('expects customer %d to spend what note 025 prints (lifetimes test)', (_, customer, dollars) => {
    expect(Math.abs(expectedMeanSpendMinor(PUBLISHED, customer) / 100 - dollars)).toBeLessThan(0.1);
  });

  it('lies between the own mean and that of all, closer to the own the more is known', () => {
    const everybody = expectedMeanSpendMinor(PUBLISHED, cents(0, null));
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500 }),
        fc.double({ min: 1, max: 500, noNaN: true }),
        (x, own) => {
          const one = expectedMeanSpendMinor(PUBLISHED, cents(x, own));
          const more = expectedMeanSpendMinor(PUBLISHED, cents(x + 1, own));
          const rounding = 1e-9 * everybody;
          expect(one).toBeGreaterThanOrEqual(Math.min(own * 100, everybody) - rounding);
          expect(one).toBeLessThanOrEqual(Math.max(own * 100, everybody) + rounding);
          expect(Math.abs(more - own * 100)).toBeLessThanOrEqual(Math.abs(one - own * 100) + rounding);
        },
      ),
    );
  });

  it('answers in minor units whatever the major unit of the fit', () => {
    const inCents: SpendModel = {
      ...PUBLISHED,
      minorUnitsPerMajor: 1,
      parameters: { p: 6.25, q: 3.74, gamma: 1544 },
    };
    expect(expectedMeanSpendMinor(inCents, cents(2, 22.35))).toBeCloseTo(
      expectedMeanSpendMinor(PUBLISHED, cents(2, 22.35)),
      9,
    );
  });

  it('refuses a mean that does not exist: q <= 1 and no repeat', () => {
    const heavy: SpendModel = { ...PUBLISHED, parameters: { p: 6.25, q: 0.9, gamma: 15.44 } };
    expect(() => expectedMeanSpendMinor(heavy, cents(0, null))).toThrow(
      expect.objectContaining({ code: 'ANALYTICS_MEAN_SPEND_UNDEFINED' }),
    );
    expect(expectedMeanSpendMinor(heavy, cents(1, 20))).toBeGreaterThan(0);
  });

  it('leaves customers without a positive repeat amount out of fit and correlation', () => {
    const spenders = Array.from({ length: 200 }, (_, i) => cents(1 + (i % 7), 5 + ((i * 37) % 83)));
    const others = [cents(0, null), cents(3, 0), cents(2, -4), cents(1, null)];
    const fit = fitGammaGamma([...others, ...spenders]);
    expect(fit.customers).toBe(200);
    expect(fit.logLikelihood).toBe(fitGammaGamma(spenders).logLikelihood);
    expect(fit.correlation).toBeCloseTo(spendCorrelation([...spenders, ...others])!, 12);
    expect(spendCorrelation(others)).toBeNull();
  });

  it('says when amounts do not determine the parameters', () => {
    const alike = Array.from({ length: 50 }, (_, i) => cents(1 + (i % 5), 20));
    expect(fitGammaGamma(alike).status).not.toBe('converged');
  });

  it.each([
    ['nobody who spends', () => fitGammaGamma([cents(0, null)]), 'ANALYTICS_NO_CUSTOMERS'],
    ['a fractional x', () => fitGammaGamma([cents(1.5, 3)]), 'ANALYTICS_BAD_SPEND'],
    [
      'a mean that is not a number',
      () => expectedMeanSpendMinor(PUBLISHED, cents(1, NaN)),
      'ANALYTICS_BAD_SPEND',
    ],
    ['half a cent a dollar', () => fitGammaGamma([cents(1, 3)], 0.5), 'ANALYTICS_MONEY_UNIT_MISMATCH'],
    [
      'parameters that are not positive',
      () => expectedMeanSpendMinor({ ...PUBLISHED, parameters: { p: 1, q: 2, gamma: -1 } }, cents(1, 3)),
      'ANALYTICS_BAD_PARAMETERS',
    ],
    [
      'a fit that did not converge',
      () => expectedMeanSpendMinor({ ...PUBLISHED, status: 'notConverged' } as SpendModel, cents(1, 3)),
      'ANALYTICS_FIT_NOT_CONVERGED',
    ],
  ])('refuses %s with a code', (_, act, code) => {
    expect(act).toThrow(expect.objectContaining({ name: 'AnalyticsInputError', code }));
  });
});
