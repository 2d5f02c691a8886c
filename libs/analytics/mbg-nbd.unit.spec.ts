import fc from 'fast-check';
import {
  expectedPurchases,
  expectedPurchasesOfNewCustomer,
  logLikelihood,
  medianWaitIfAlive,
  probabilityAlive,
  probabilityOfPurchases,
  purchaseSummary,
} from './index.js';
import type { PurchaseModel, PurchaseParameters } from './index.js';

const mbgNbd = (parameters: PurchaseParameters): PurchaseModel<'week'> => ({
  model: 'mbgNbd',
  timeUnit: 'week',
  parameters,
});
/** BTYDplus on the CDNOW sample, three decimals, by way of the lifetimes test. */
const PUBLISHED = mbgNbd({ r: 0.525, alpha: 6.183, a: 0.891, b: 1.614 });
const weeks = (amount: number) => ({ amount, unit: 'week' as const });
const customer = (x: number, tX: number, T: number) => purchaseSummary('week', { x, tX, T });

describe('MBG/NBD', () => {
  it('lets P(alive) of a one-time buyer fall with silence: .39 at 39 weeks on CDNOW, where BG/NBD says 1', () => {
    expect(probabilityAlive(PUBLISHED, customer(0, 0, 39))).toBeCloseTo(0.39, 2);
    expect(probabilityAlive(PUBLISHED, customer(0, 0, 0))).toBeCloseTo(1.614 / (0.891 + 1.614), 12);
    expect(probabilityAlive(PUBLISHED, customer(0, 0, 500))).toBeLessThan(0.2);
  });

  it('is the closed form of Batislam et al. 2007 for P(alive)', () => {
    const { r, alpha, a, b } = PUBLISHED.parameters;
    const printed = 1 / (1 + (a / (b + 3)) * ((alpha + 39) / (alpha + 20)) ** (r + 3));
    expect(probabilityAlive(PUBLISHED, customer(3, 20, 39))).toBeCloseTo(printed, 14);
  });

  it('has purchase probabilities that sum to 1 and whose mean is the expectation', () => {
    let total = 0;
    let mean = 0;
    for (let n = 0; n < 400; n += 1) {
      const probability = probabilityOfPurchases(PUBLISHED, n, weeks(20));
      total += probability;
      mean += n * probability;
    }
    expect(total).toBeCloseTo(1, 10);
    expect(mean).toBeCloseTo(expectedPurchasesOfNewCustomer(PUBLISHED, weeks(20)), 8);
  });

  it('gives the likelihood of no repeat as the probability of no repeat', () => {
    expect(logLikelihood(PUBLISHED, customer(0, 0, 39))).toBeCloseTo(
      Math.log(probabilityOfPurchases(PUBLISHED, 0, weeks(39))),
      12,
    );
  });

  it('expects of a new customer what it expects of one seen buying a moment ago', () => {
    expect(expectedPurchases(PUBLISHED, customer(0, 0, 0), weeks(39))).toBeCloseTo(
      expectedPurchasesOfNewCustomer(PUBLISHED, weeks(39)),
      12,
    );
  });

  it('waits for the next purchase of a living customer a time that half of them exceed', () => {
    const { r, alpha } = PUBLISHED.parameters;
    const wait = medianWaitIfAlive(PUBLISHED, customer(2, 20, 30));
    expect(((alpha + 30) / (alpha + 30 + wait)) ** (r + 2)).toBeCloseTo(0.5, 12);
  });

  it('keeps P(alive) within 0 and 1 and expectations finite, whatever the parameters', () => {
    const positive = fc.double({ min: 1e-6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(
        fc.record({ r: positive, alpha: positive, a: positive, b: positive }),
        fc.integer({ min: 0, max: 3000 }),
        fc.double({ min: 0.01, max: 1000, noNaN: true }),
        (parameters, x, t) => {
          const someone = customer(x, x === 0 ? 0 : t / 2, t);
          const alive = probabilityAlive(mbgNbd(parameters), someone);
          const expected = expectedPurchases(mbgNbd(parameters), someone, weeks(52));
          expect(alive >= 0 && alive <= 1).toBe(true);
          expect(expected >= 0 && expected < Infinity).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });
});
