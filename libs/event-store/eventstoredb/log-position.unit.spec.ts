import fc from 'fast-check';
import { START } from '../event-store.port.js';
import { checkpointOf, completeTo, isAfter, positionAt } from './log-position.js';

const position = fc.record({
  commit: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
  prepare: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
});

describe('A position of EventStoreDB', () => {
  it('comes back from its checkpoint as it was, also beyond the integers of a double', () => {
    fc.assert(
      fc.property(position, (one) => {
        expect(positionAt(checkpointOf(one))).toEqual(one);
      }),
    );
    const beyond = 2n ** 53n + 1n;
    expect(checkpointOf({ commit: beyond, prepare: beyond })).toBe('9007199254740993/9007199254740993');
  });

  it('is ordered by commit, then by prepare', () => {
    fc.assert(
      fc.property(position, position, (a, b) => {
        const isEqual = a.commit === b.commit && a.prepare === b.prepare;
        expect([isAfter(a, b), isAfter(b, a), isEqual].filter(Boolean)).toHaveLength(1);
      }),
    );
    expect(isAfter({ commit: 7n, prepare: 7n }, { commit: 7n, prepare: 0n })).toBe(true);
  });

  it('is complete to its event, and before its event when the prepare says so', () => {
    expect(completeTo(undefined)).toBe(0n);
    expect(completeTo({ commit: 733n, prepare: 733n })).toBe(733n);
    expect(completeTo({ commit: 733n, prepare: 0n })).toBe(732n);
  });

  it('begins at the start of the log, and is refused when another store made it', () => {
    expect(positionAt(undefined)).toBeUndefined();
    expect(positionAt(START)).toBeUndefined();
    for (const checkpoint of ['12', '1/2/3', '1/-2', 'a/b', '', '1/'])
      expect(() => positionAt(checkpoint)).toThrow('not made by this store');
  });
});
