import fc from 'fast-check';
import {
  dropoutLogOdds,
  expectedPurchases,
  expectedPurchasesOfNewCustomer,
  logLikelihood,
  probabilityAlive,
  probabilityOfPurchases,
  purchaseSummary,
} from './index.js';
import type { PurchaseModel } from './index.js';

const bgNbd = (r: number, alpha: number, a: number, b: number): PurchaseModel<'week'> => ({
  model: 'bgNbd',
  timeUnit: 'week',
  parameters: { r, alpha, a, b },
});
/** Fader, Hardie & Lee 2005, table 2, as rounded there and used by the BTYD manual. */
const PUBLISHED = bgNbd(0.243, 4.414, 0.793, 2.426);
/** The same maximum to five digits (CLVTools test_correctness_bgnbd: .2425945, 4.4136019, .7929199, 2.4258881). */
const EXACT = bgNbd(0.2425945, 4.4136019, 0.7929199, 2.4258881);
const weeks = (amount: number) => ({ amount, unit: 'week' as const });
const customer = (x: number, tX: number, T: number) => purchaseSummary('week', { x, tX, T });

describe('BG/NBD', () => {
  describe('against published numbers', () => {
    it.each([
      [0.1429, 0.0078],
      [1, 0.0532],
      [3, 0.1506],
      [31.8571, 1.0405],
      [32, 1.0437],
      [78, 1.8576],
    ])(
      'expects of a new customer within %d weeks %d purchases (Hardie spreadsheet; lifetimes test)',
      (t, published) => {
        expect(Math.abs(expectedPurchasesOfNewCustomer(EXACT, weeks(t)) - published)).toBeLessThan(0.001);
      },
    );

    it('expects 1.226 purchases of (2, 30.43, 38.86) in 39 weeks (Hardie spreadsheet; lifetimes test)', () => {
      expect(expectedPurchases(EXACT, customer(2, 30.43, 38.86), weeks(39))).toBeCloseTo(1.2259, 4);
      expect(expectedPurchases(PUBLISHED, customer(2, 30.43, 38.86), weeks(39))).toBeCloseTo(1.226, 4);
    });

    it('takes (2, 30.43, 38.86) for alive with .7266 (Hardie, note 021)', () => {
      expect(probabilityAlive(EXACT, customer(2, 30.43, 38.86))).toBeCloseTo(0.7266, 4);
    });

    it('gives P(X(39) = 0) = .5737864 and P(X(2) = 10) = 1.07869e-7 (BTYD manual)', () => {
      expect(probabilityOfPurchases(PUBLISHED, 0, weeks(39))).toBeCloseTo(0.5737864, 7);
      expect(probabilityOfPurchases(PUBLISHED, 10, weeks(2)) / 1.07869e-7).toBeCloseTo(1, 5);
    });

    it.each([
      [11, 0.0019995],
      [12, 0.001517],
      [13, 0.0011633],
      [14, 0.0009003],
      [15, 0.0007024],
      [16, 0.0005518],
      [17, 0.0004362],
      [18, 0.0003467],
      [19, 0.000277],
      [20, 0.0002222],
    ])('gives P(X(30) = %d) = %d (BTYD manual)', (n, published) => {
      expect(probabilityOfPurchases(PUBLISHED, n, weeks(30))).toBeCloseTo(published, 7);
    });

    it('takes (23, 39, 39) for alive with .96856 (BTYD manual, example)', () => {
      expect(probabilityAlive(PUBLISHED, customer(23, 39, 39))).toBeCloseTo(0.96856, 5);
    });

    it('shows the paradox of increasing frequency: after equal silence a frequent buyer is likelier gone (BTYD manual)', () => {
      const alive = Array.from({ length: 16 }, (_, i) =>
        probabilityAlive(PUBLISHED, customer(5 + i, 30, 39)),
      );
      expect(alive.slice(0, 4).map((p) => p.toFixed(4))).toEqual(['0.7056', '0.6871', '0.6639', '0.6365']);
      expect(alive[15]).toBeCloseTo(0.1968, 4);
      alive.slice(1).forEach((p, i) => expect(p).toBeLessThan(alive[i]!));
    });

    it('gives the log-likelihoods of the overflow test (pymc-marketing tests, r=.25 alpha=4 a=.8 b=2.5)', () => {
      const model = bgNbd(0.25, 4, 0.8, 2.5);
      expect(logLikelihood(model, customer(0, 0, 40))).toBeCloseTo(-0.59947382, 8);
      expect(logLikelihood(model, customer(200, 38, 40))).toBeCloseTo(100.7957, 4);
    });
  });

  describe('where numbers are extreme (CLVTools: P(alive) was NaN at high frequency)', () => {
    it.each([
      [221, 103.43, 103.57],
      [2000, 500, 500],
      [100_000, 99_999, 100_000],
      [5000, 0.01, 5000],
      [0, 0, 1e6],
    ])('is finite for (%d, %d, %d)', (x, tX, T) => {
      const extreme = customer(x, tX, T);
      const alive = probabilityAlive(EXACT, extreme);
      expect(alive).toBeGreaterThanOrEqual(0);
      expect(alive).toBeLessThanOrEqual(1);
      expect(Number.isFinite(logLikelihood(EXACT, extreme))).toBe(true);
      expect(Number.isFinite(expectedPurchases(EXACT, extreme, weeks(52)))).toBe(true);
    });
  });

  it('takes everyone without a repeat for alive for ever, which is why it is unfit for churn (lifetimes test)', () => {
    expect(probabilityAlive(EXACT, customer(0, 0, 1))).toBe(1);
    expect(probabilityAlive(EXACT, customer(0, 0, 5000))).toBe(1);
    expect(dropoutLogOdds(EXACT, customer(0, 0, 39))).toBe(-Infinity);
  });

  describe('in itself', () => {
    const model = fc
      .tuple(...[0.05, 0.1, 0.05, 0.1].map((min) => fc.double({ min, max: 20, noNaN: true })))
      .map(([r, alpha, a, b]) => bgNbd(r!, alpha!, a!, b!));

    it('has purchase probabilities that sum to 1 and whose mean is the expectation', () => {
      const span = weeks(10);
      let total = 0;
      let mean = 0;
      for (let n = 0; n < 400; n += 1) {
        const probability = probabilityOfPurchases(PUBLISHED, n, span);
        total += probability;
        mean += n * probability;
      }
      expect(total).toBeCloseTo(1, 10);
      expect(mean).toBeCloseTo(expectedPurchasesOfNewCustomer(PUBLISHED, span), 8);
    });

    it('expects more in a longer horizon, and never more than without dropout', () => {
      fc.assert(
        fc.property(
          model,
          fc.integer({ min: 1, max: 60 }),
          fc.double({ min: 0.5, max: 50, noNaN: true }),
          (m, x, t) => {
            const someone = customer(x, 30, 39);
            const near = expectedPurchases(m, someone, weeks(t));
            const far = expectedPurchases(m, someone, weeks(2 * t));
            const { r, alpha } = m.parameters;
            expect(far).toBeGreaterThanOrEqual(near);
            expect(near).toBeLessThanOrEqual(((r + x) / (alpha + 39)) * t * (1 + 1e-12));
          },
        ),
      );
    });

    it('is less sure that a customer is alive the longer the silence', () => {
      fc.assert(
        fc.property(model, fc.integer({ min: 1, max: 60 }), (m, x) => {
          expect(probabilityAlive(m, customer(x, 10, 60))).toBeLessThanOrEqual(
            probabilityAlive(m, customer(x, 10, 20)),
          );
        }),
      );
    });

    it('does not depend on the unit of time', () => {
      const inDays: PurchaseModel<'day'> = {
        model: 'bgNbd',
        timeUnit: 'day',
        parameters: { ...EXACT.parameters, alpha: EXACT.parameters.alpha * 7 },
      };
      const days = purchaseSummary('day', { x: 2, tX: 213, T: 272 });
      const sameInWeeks = customer(2, 213 / 7, 272 / 7);
      expect(probabilityAlive(inDays, days)).toBeCloseTo(probabilityAlive(EXACT, sameInWeeks), 13);
      expect(expectedPurchases(inDays, days, weeks(39))).toBeCloseTo(
        expectedPurchases(EXACT, sameInWeeks, weeks(39)),
        12,
      );
    });
  });

  it.each([
    [
      'parameters that are not positive',
      () => probabilityAlive(bgNbd(0, 4, 1, 2), customer(0, 0, 3)),
      'ANALYTICS_BAD_PARAMETERS',
    ],
    [
      'parameters that are not numbers',
      () => expectedPurchasesOfNewCustomer(bgNbd(1, NaN, 1, 2), weeks(3)),
      'ANALYTICS_BAD_PARAMETERS',
    ],
    [
      'a negative horizon',
      () => expectedPurchases(EXACT, customer(0, 0, 3), weeks(-1)),
      'ANALYTICS_BAD_TIME_SPAN',
    ],
    ['a fraction of a purchase', () => probabilityOfPurchases(EXACT, 1.5, weeks(1)), 'ANALYTICS_BAD_SUMMARY'],
    [
      'a fit that did not converge',
      () => probabilityAlive({ ...EXACT, status: 'dropoutNotIdentified' } as typeof EXACT, customer(0, 0, 3)),
      'ANALYTICS_FIT_NOT_CONVERGED',
    ],
  ])('refuses %s with a code', (_, act, code) => {
    expect(act).toThrow(expect.objectContaining({ name: 'AnalyticsInputError', code }));
  });
});
