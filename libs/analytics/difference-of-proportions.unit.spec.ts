import fc from 'fast-check';
import { differenceOfProportions } from './index.js';

const rounded = (value: number): number => Math.round(value * 10_000) / 10_000;

describe('The difference of two proportions', () => {
  // Newcombe 1998, table II, method 10.
  it.each([
    [56, 70, 48, 80, 0.0524, 0.3339],
    [9, 10, 3, 10, 0.1705, 0.809],
    [10, 10, 0, 20, 0.6791, 1],
    [10, 10, 0, 10, 0.6075, 1],
  ])('has the published limits for %i/%i and %i/%i', (a, m, b, n, low, high) => {
    const found = differenceOfProportions({ successes: a, trials: m }, { successes: b, trials: n });
    expect([rounded(found.low), rounded(found.high)]).toEqual([low, high]);
  });

  const proportion = fc
    .integer({ min: 1, max: 10_000 })
    .chain((trials) => fc.record({ trials: fc.constant(trials), successes: fc.nat({ max: trials }) }));

  it('lies within its limits, and changes its sign with the order', () => {
    fc.assert(
      fc.property(proportion, proportion, (first, second) => {
        const { difference, low, high } = differenceOfProportions(first, second);
        const back = differenceOfProportions(second, first);
        expect(low).toBeLessThanOrEqual(difference + 1e-12);
        expect(high).toBeGreaterThanOrEqual(difference - 1e-12);
        expect(back.low).toBeCloseTo(-high, 12);
        expect(back.difference).toBeCloseTo(-difference, 12);
      }),
    );
  });

  it('is not computed of nobody', () => {
    const nobody = { successes: 0, trials: 0 };
    expect(() => differenceOfProportions(nobody, { successes: 1, trials: 2 })).toThrow(
      /ANALYTICS_BAD_PROPORTION|positive count/,
    );
  });
});
