import {
  fitBgNbd,
  fitMbgNbd,
  fitPurchaseModel,
  probabilityAlive,
  purchaseSummary,
  tabulateSummaries,
} from '../index.js';
import type { PurchaseModelName, PurchaseSummary } from '../index.js';
import { groupSummaries } from '../summary-table.js';
import { logLikelihoodOfCustomer, meanNegativeLogLikelihood } from './likelihood.js';

const customer = (x: number, tX: number, T: number) => purchaseSummary('week', { x, tX, T });
const MODELS: readonly PurchaseModelName[] = ['bgNbd', 'mbgNbd'];

/** A deterministic shop: `seed` feeds a small congruential generator (Park & Miller), so every run sees the same people. */
function simulatedShop(
  customers: number,
  r: number,
  alpha: number,
  a: number,
  b: number,
): PurchaseSummary<'week'>[] {
  let state = 20_051;
  const uniform = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  const gamma = (shape: number): number => {
    if (shape < 1) return gamma(shape + 1) * uniform() ** (1 / shape);
    const d = shape - 1 / 3;
    for (;;) {
      const z = normal();
      const v = (1 + z / Math.sqrt(9 * d)) ** 3;
      if (v > 0 && Math.log(uniform()) < 0.5 * z * z + d - d * v + d * Math.log(v)) return d * v;
    }
  };
  return Array.from({ length: customers }, () => {
    const rate = gamma(r) / alpha;
    const left = gamma(a);
    const dropout = left / (left + gamma(b));
    const T = 20 + 60 * uniform();
    let x = 0;
    let last = 0;
    let alive = uniform() >= dropout;
    for (let t = -Math.log(uniform()) / rate; alive && t <= T; t -= Math.log(uniform()) / rate) {
      x += 1;
      last = t;
      alive = uniform() >= dropout;
    }
    return customer(x, last, T);
  });
}

describe('Fitting a purchase model', () => {
  const mixed = [
    customer(0, 0, 12),
    customer(0, 0, 12),
    customer(2, 5.3, 30),
    customer(7, 29.43, 38.86),
    customer(2, 5.3, 30),
    customer(40, 30, 31),
    customer(300, 38.5, 40),
  ];

  describe.each(MODELS)('%s', (model) => {
    it('has the sum of the customers as its likelihood, equal rows counted by weight', () => {
      const data = groupSummaries(tabulateSummaries('week', mixed));
      const parameters = { r: 0.4, alpha: 5, a: 0.7, b: 2.2 };
      const point = Float64Array.from([0.4, 5, 0.7, 2.2], Math.log);
      const mean = meanNegativeLogLikelihood(model, data)(point, new Float64Array(4));
      const sum = mixed.reduce(
        (total, { x, tX, T }) => total + logLikelihoodOfCustomer(model, parameters, x, tX, T),
        0,
      );
      expect(data.rows).toBe(5);
      expect(-mean * mixed.length).toBeCloseTo(sum, 8);
    });

    it('has the gradient that differences of the likelihood show', () => {
      const objective = meanNegativeLogLikelihood(model, groupSummaries(tabulateSummaries('week', mixed)));
      const point = Float64Array.from([0.4, 5, 0.7, 2.2], Math.log);
      const gradient = new Float64Array(4);
      const unused = new Float64Array(4);
      objective(point, gradient);
      for (let i = 0; i < 4; i += 1) {
        const step = 1e-5;
        const up = Float64Array.from(point, (value, j) => value + (i === j ? step : 0));
        const down = Float64Array.from(point, (value, j) => value - (i === j ? step : 0));
        expect(gradient[i]).toBeCloseTo((objective(up, unused) - objective(down, unused)) / (2 * step), 8);
      }
    });

    it('gives the same whatever the order and the unit', () => {
      const shop = simulatedShop(1500, 0.6, 6, 0.9, 1.8);
      const fit = fitPurchaseModel(model, tabulateSummaries('week', shop));
      const reversed = fitPurchaseModel(model, tabulateSummaries('week', [...shop].reverse()));
      const inDays = fitPurchaseModel(
        model,
        tabulateSummaries(
          'day',
          shop.map(({ x, tX, T }) => purchaseSummary('day', { x, tX: tX * 7, T: T * 7 })),
        ),
      );
      expect(fit.status).toBe('converged');
      expect(reversed.logLikelihood).toBeCloseTo(fit.logLikelihood, 6);
      expect(inDays.parameters.alpha / fit.parameters.alpha).toBeCloseTo(7, 3);
      expect(inDays.parameters.a / fit.parameters.a).toBeCloseTo(1, 4);
    });

    it('has no answer, and says so, when nobody bought again', () => {
      const table = tabulateSummaries('week', [customer(0, 0, 5), customer(0, 0, 30), customer(0, 0, 39)]);
      const fit = fitPurchaseModel(model, table);
      expect(fit.status).not.toBe('converged');
      expect(fit.repeaters).toBe(0);
      expect(() => probabilityAlive(fit, customer(0, 0, 5))).toThrow(
        expect.objectContaining({ code: 'ANALYTICS_FIT_NOT_CONVERGED' }),
      );
    });

    it('runs to completion on one customer, on one frequent customer and on huge counts', () => {
      for (const rows of [
        [customer(0, 0, 3)],
        [customer(200, 38, 40)],
        [customer(100_000, 9999, 10_000), customer(1, 2, 3)],
      ]) {
        const fit = fitPurchaseModel(model, tabulateSummaries('week', rows));
        expect(Number.isFinite(fit.logLikelihood)).toBe(true);
        expect(Object.values(fit.parameters).every((value) => value > 0 && value < Infinity)).toBe(true);
      }
    });
  });

  it('finds the parameters a simulated shop was made with, within three standard errors', () => {
    const fit = fitMbgNbd(tabulateSummaries('week', simulatedShop(20_000, 0.8, 6, 0.7, 1.5)));
    expect(fit.status).toBe('converged');
    const made = { r: 0.8, alpha: 6, a: 0.7, b: 1.5 };
    for (const name of ['r', 'alpha', 'a', 'b'] as const)
      expect(Math.abs(fit.parameters[name] - made[name])).toBeLessThan(3 * fit.standardErrors![name]);
  });

  it('calls dropout not identified when everybody keeps buying to the end', () => {
    const loyal = Array.from({ length: 400 }, (_, i) => customer(1 + (i % 40), 38 + (i % 40) / 40, 39));
    const fit = fitBgNbd(tabulateSummaries('week', loyal));
    expect(fit.status).toBe('dropoutNotIdentified');
    expect(fit.starts).toBeGreaterThan(1);
  });

  it.each([
    ['no customers', { x: [], tX: [], T: [] }, 'ANALYTICS_NO_CUSTOMERS'],
    ['columns of different length', { x: [1], tX: [1], T: [] }, 'ANALYTICS_BAD_SUMMARY'],
    ['a row with tX beyond T', { x: [1], tX: [3], T: [2] }, 'ANALYTICS_BAD_SUMMARY'],
    ['a row that is not a number', { x: [1], tX: [NaN], T: [2] }, 'ANALYTICS_BAD_SUMMARY'],
  ])('refuses %s with a code', (_, columns, code) => {
    const table = {
      timeUnit: 'week' as const,
      x: Float64Array.from(columns.x),
      tX: Float64Array.from(columns.tX),
      T: Float64Array.from(columns.T),
    };
    expect(() => fitBgNbd(table)).toThrow(expect.objectContaining({ code }));
    expect(() => fitMbgNbd(table)).toThrow(expect.objectContaining({ code }));
  });
});
