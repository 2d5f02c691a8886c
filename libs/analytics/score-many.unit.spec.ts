import {
  expectedPurchases,
  probabilityAlive,
  purchaseSummary,
  scoreMany,
  tabulateSummaries,
} from './index.js';
import type { PurchaseModel } from './index.js';

const model: PurchaseModel<'week'> = {
  model: 'mbgNbd',
  timeUnit: 'week',
  parameters: { r: 0.525, alpha: 6.183, a: 0.891, b: 1.614 },
};
const year = { amount: 1, unit: 'year' as const };
const customers = [
  purchaseSummary('week', { x: 0, tX: 0, T: 39 }),
  purchaseSummary('week', { x: 7, tX: 29.43, T: 38.86 }),
  purchaseSummary('week', { x: 221, tX: 103.43, T: 103.57 }),
];
const table = tabulateSummaries('week', customers);

describe('Scoring many customers', () => {
  it('gives bit for bit what scoring one gives', () => {
    const scores = scoreMany(model, table, year);
    customers.forEach((customer, row) => {
      expect(scores.pAlive[row]).toBe(probabilityAlive(model, customer));
      expect(scores.expectedPurchases[row]).toBe(expectedPurchases(model, customer, year));
    });
  });

  it('writes into the columns it is given, and leaves the rest of them alone', () => {
    const into = { pAlive: new Float64Array(5).fill(-1), expectedPurchases: new Float64Array(5).fill(-1) };
    expect(scoreMany(model, table, year, into)).toBe(into);
    expect(into.pAlive[2]).toBeGreaterThan(0.9);
    expect(into.pAlive[3]).toBe(-1);
  });

  it('refuses columns that are too short with a code', () => {
    const into = { pAlive: new Float64Array(2), expectedPurchases: new Float64Array(3) };
    expect(() => scoreMany(model, table, year, into)).toThrow(
      expect.objectContaining({ code: 'ANALYTICS_BAD_SUMMARY' }),
    );
  });

  it('scores nobody without complaint', () => {
    expect(scoreMany(model, tabulateSummaries('week', []), year).pAlive).toHaveLength(0);
  });
});
