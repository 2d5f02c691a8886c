import fc from 'fast-check';
import { expectedWhileAlive } from './expected-while-alive.js';

/**
 * Gauss's series of 2F1 by its definition: for these arguments all terms are positive, so nothing cancels. Libraries go other
 * ways that lose digits where c - a - b is near a whole number (@stdlib 0.1.1: off by an eighth at -1).
 */
function hyp2f1(a: number, b: number, c: number, z: number): number {
  let term = 1;
  let sum = 1;
  for (let n = 0; term > 1e-17 * sum; n++) {
    term *= ((a + n) * (b + n) * z) / ((c + n) * (n + 1));
    sum += term;
  }
  return sum;
}

/** The printed form, Fader, Hardie & Lee 2005, eq. 10. */
function printed(shape: number, rate: number, a: number, b: number, t: number): number {
  const z = t / (rate + t);
  return ((a + b - 1) / (a - 1)) * (1 - (1 - z) ** shape * hyp2f1(shape, b, a + b - 1, z));
}

describe('Expected purchases while alive', () => {
  // Sixty-digit evaluation of the printed form (mpmath 1.3), moved by 1e-25 off a = 1 and a + b = 1.
  it.each([
    [0.2426, 4.414, 0.793, 2.426, 78.0, 1.85781471852226],
    [0.525, 6.18, 1.0, 1.6, 39.0, 1.49440531912642],
    [2.0, 10.0, 1.0, 3.0, 20.0, 2.47187764950325],
    [1.5, 10.0, 0.4, 0.6, 50.0, 3.31539102931366],
    [0.5, 0.001, 0.8, 2.0, 1000.0, 88.3015509122768],
    [200.3, 40.0, 0.8, 202.0, 39.0, 146.273893847688],
    [3.2, 4.0, 1e-5, 2.0, 30.0, 23.9994972665166],
    [6.354, 39.47, 6.07, 198.9, 91.12, 11.6532100323028],
    [141.4, 0.1263, 0.4263, 200.3, 39.44, 7375.70194214153],
    [113.3, 0.249, 0.4383, 0.7295, 14.96, 186.79353298896],
    [3.826, 0.1111, 0.05735, 0.951, 462.8, 9308.5812148088],
    [27.91, 0.3619, 6.166, 0.306, 29.5, 1.05923344947735],
    [0.03717, 0.1014, 11.22, 0.5409, 0.7277, 0.0774023021515691],
    [263.6, 113.1, 0.1029, 231.8, 14.35, 33.2084844875827],
    [11.23, 0.5209, 19.65, 26.14, 734.9, 2.40160857908847],
    [105.2, 1.111, 0.1837, 0.3809, 0.3827, 15.8186654387643],
    [0.01964, 1.134, 1.291, 0.1028, 51.49, 0.081556170014823],
    [0.3315, 1.216, 7.325, 4.815, 1.833, 0.322049199961339],
    [1.464, 29.26, 0.01583, 258.7, 0.1234, 0.00617421539875391],
  ])('is exact for shape %d, rate %d, a %d, b %d, t %d', (shape, rate, a, b, t, reference) => {
    expect(expectedWhileAlive(shape, rate, a, b, t) / reference).toBeCloseTo(1, 11);
  });

  it('agrees with the printed form where that one keeps its digits', () => {
    const parameter = fc.double({ min: 0.2, max: 8, noNaN: true });
    fc.assert(
      fc.property(parameter, parameter, parameter, parameter, parameter, (shape, rate, a, b, t) => {
        fc.pre(Math.abs(a - 1) > 0.1 && a + b > 1.1);
        const expected = expectedWhileAlive(shape, rate, a, b, t);
        expect(Math.abs(printed(shape, rate, a, b, t) / expected - 1)).toBeLessThan(1e-9);
      }),
    );
  });

  it('keeps its digits where the hypergeometric function is degenerate (a - 1 - shape a whole number)', () => {
    const [shape, rate, a, b, t] = [0.2, 0.2, 0.20000000000000007, 0.9988840806014481, 1.8000000000000018] as const; // prettier-ignore
    expect(expectedWhileAlive(shape, rate, a, b, t) / printed(shape, rate, a, b, t)).toBeCloseTo(1, 12);
  });

  it('passes through a = 1 without a jump, where the printed form divides zero by zero', () => {
    const at = (a: number) => expectedWhileAlive(0.5, 6, a, 1.6, 39);
    expect(Number.isFinite(printed(0.5, 6, 1, 1.6, 39))).toBe(false);
    expect(at(1)).toBeCloseTo((at(1 - 1e-6) + at(1 + 1e-6)) / 2, 11);
  });

  it('gives the same by series and by quadrature where they meet', () => {
    const [below, above] = [0.985 - 1e-9, 0.985 + 1e-9].map((z) =>
      expectedWhileAlive(2.5, 1, 0.8, 3, z / (1 - z)),
    );
    expect(above! / below! - 1).toBeLessThan(1e-6);
    expect(above! / below! - 1).toBeGreaterThan(0);
  });

  it('tends to the Poisson mean when dropout vanishes, and is 0 at once', () => {
    expect(expectedWhileAlive(3, 10, 1e-9, 5, 20)).toBeCloseTo(6, 6);
    expect(expectedWhileAlive(3, 10, 1, 5, 0)).toBe(0);
  });
});
