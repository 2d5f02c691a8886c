import fc from 'fast-check';
import { spreadOverThreads } from './projector-threads.js';

describe('Spreading projections over threads', () => {
  it('balances their costs', () => {
    const costs = { a: 20, b: 19, c: 12, d: 6, e: 2 };
    expect(spreadOverThreads(['a', 'b', 'c', 'd', 'e'], 2, costs)).toEqual([
      ['a', 'd', 'e'],
      ['b', 'c'],
    ]);
  });

  it('gives every projection to exactly one thread, and no thread nothing to do', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.stringMatching(/^[a-z]{1,5}$/), { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 0, max: 8 }),
        (names, threads) => {
          const groups = spreadOverThreads(names, threads);
          expect(groups.flat().sort()).toEqual([...names].sort());
          expect(groups.every((group) => group.length > 0)).toBe(true);
          expect(groups.length).toBe(Math.max(1, Math.min(threads, names.length)));
        },
      ),
    );
  });
});
