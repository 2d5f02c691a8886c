/**
 * Expected number of purchases in the next `t` of a customer known to be alive, whose purchase rate is
 * gamma(shape, rate) and whose dropout probability after each purchase is beta(a, b):
 *
 *   E[(1 - e^(-lambda p t)) / p]  =  (a+b-1)/(a-1) [1 - (rate/(rate+t))^shape 2F1(shape, b; a+b-1; t/(rate+t))]
 *
 * (Fader, Hardie & Lee 2005, eq. 10, and Batislam et al. 2007 are cases of it.) The printed form loses all digits
 * near a = 1 and has no meaning at a + b = 1, although the expectation is smooth there. Expanding the hypergeometric
 * series under the expectation gives a series whose terms are all positive, hence exact everywhere:
 *
 *   sum over n >= 1 of  NB(n; shape, z) S(n),   z = t/(rate+t),   S(n) = sum over j < n of (b)_j / (a+b)_j
 *
 * NB(n) is the probability of n purchases if nobody dropped out, S(n) the number of those made while alive. It
 * converges like z^n; where that is slow (z near 1 or very large shape) the expectation over p is integrated instead.
 */
export function expectedWhileAlive(shape: number, rate: number, a: number, b: number, t: number): number {
  if (t === 0) return 0;
  const exponent = -shape * Math.log1p(t / rate);
  const z = t / (rate + t);
  if (z > MAX_SERIES_RATIO || exponent < MIN_SERIES_EXPONENT) return integrated(shape, a, b, t / rate);
  return series(shape, z, a, b, Math.exp(exponent));
}

/** Above this the series needs thousands of terms and the integral is quicker. */
const MAX_SERIES_RATIO = 0.985;
/** e^-600 is still a normal number, so no term of the series underflows to a wrong zero. */
const MIN_SERIES_EXPONENT = -600;
const PRECISION = 1e-15;
/** The tail bound costs a division, so it is looked at once in this many terms. */
const TERMS_BETWEEN_CHECKS = 8;

function series(shape: number, z: number, a: number, b: number, probabilityOfNone: number): number {
  let probability = probabilityOfNone;
  let survival = 1;
  let whileAlive = 0;
  let sum = 0;
  let n = 1;
  for (;;) {
    for (const end = n + TERMS_BETWEEN_CHECKS; n < end; n += 1) {
      whileAlive += survival;
      probability *= (z * (shape + n - 1)) / n;
      sum += probability * whileAlive;
      survival *= (b + n - 1) / (a + b + n - 1);
    }
    // From here on a term is at most `ratio` times the one before it.
    const ratio = (z * (shape + n - 1)) / (n - 1);
    if (ratio < 1 && probability * whileAlive * ratio <= PRECISION * sum * (1 - ratio)) return sum;
  }
}

const FIRST_STEP = 0.25;
const MAX_HALVINGS = 8;
const NEGLIGIBLE = 1e-18;

/**
 * The same expectation by double-exponential quadrature (Takahasi & Mori 1974) in u, with p = 1/(1+e^-w) and
 * w = ln(a/b) + sinh(u). Numerator and normalising constant share the nodes, so no beta function is needed.
 */
function integrated(shape: number, a: number, b: number, y: number): number {
  let step = FIRST_STEP;
  let weights = 0;
  let moments = 0;
  let previous = NaN;
  const centre = Math.log(a / b);
  const peak = logDensity(centre, a, b);
  const add = (u: number): number => {
    const w = centre + Math.sinh(u);
    const weight = Math.cosh(u) * Math.exp(logDensity(w, a, b) - peak);
    const p = w < 0 ? Math.exp(w) / (1 + Math.exp(w)) : 1 / (1 + Math.exp(-w));
    // For the smallest p the quotient tends to shape * y.
    const made = p * y < 1e-300 ? shape * y : -Math.expm1(-shape * Math.log1p(p * y)) / p;
    weights += weight;
    moments += weight * made;
    return Math.max(weight / weights, (weight * made) / moments);
  };
  const sweep = (from: number, by: number): void => {
    for (const side of [1, -1])
      for (let u = from; u < 40; u += by) if (add(side * u) < NEGLIGIBLE && u > 1) break;
  };
  add(0);
  sweep(step, step);
  for (let halving = 0; halving < MAX_HALVINGS; halving += 1) {
    const estimate = moments / weights;
    if (Math.abs(estimate - previous) <= 1e-13 * estimate) return estimate;
    previous = estimate;
    sweep(step / 2, step);
    step /= 2;
  }
  return moments / weights;
}

/** Logarithm of p^a (1-p)^b at p = 1/(1+e^-w): the beta density in w, up to a constant. */
function logDensity(w: number, a: number, b: number): number {
  const small = Math.log1p(Math.exp(-Math.abs(w)));
  return -a * (small + Math.max(-w, 0)) - b * (small + Math.max(w, 0));
}
