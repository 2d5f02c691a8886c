import digamma from '@stdlib/math-base-special-digamma';
import gammaln from '@stdlib/math-base-special-gammaln';
import type { Objective } from '../quasi-newton.js';
import type { GroupedSummaries } from '../summary-table.js';
import { dropoutChances } from './purchase-model.js';
import type { PurchaseModelName, PurchaseParameters } from './purchase-model.js';

/**
 * Logarithm of the likelihood of one customer (x, tX, T), in the form that cannot overflow: Hardie, note 027
 * "Overcoming the BG/NBD Model's #NUM! Error". With k chances to drop out (x in BG/NBD, x + 1 in MBG/NBD):
 *
 *   ln L = ln[G(r+x)/G(r)] + ln[G(a+b) G(b+k) / (G(b) G(a+b+k))] + r ln(alpha) - (r+x) ln(alpha+T) + ln(1 + odds)
 *   odds = [k > 0] a/(b+k-1) ((alpha+T)/(alpha+tX))^(r+x)       (odds that the customer has dropped out)
 *
 * The ratios of gamma functions are products of x or k factors, so their logarithms are sums.
 */
export function logLikelihoodOfCustomer(
  model: PurchaseModelName,
  { r, alpha, a, b }: PurchaseParameters,
  x: number,
  tX: number,
  T: number,
): number {
  const chances = dropoutChances(model, x);
  let sum = 0;
  for (let i = 0; i < x; i += 1) sum += Math.log(r + i);
  for (let i = 0; i < chances; i += 1) sum -= Math.log1p(a / (b + i));
  sum += r * Math.log(alpha) - (r + x) * Math.log(alpha + T);
  if (chances === 0) return sum;
  return sum + softplus(Math.log(a / (b + chances - 1)) + (r + x) * Math.log((alpha + T) / (alpha + tX)));
}

/** Steps through a gap of counts nobody has are as exact as gamma functions and cheaper up to about this width. */
const LONGEST_WALK = 64;

/**
 * Minus the mean log-likelihood as a function of (ln r, ln alpha, ln a, ln b), with its gradient. What depends on x
 * alone is tabulated once a call, logarithms of times once a distinct time; a row costs one exponential and one
 * logarithm, and nothing is allocated.
 */
export function meanNegativeLogLikelihood(model: PurchaseModelName, data: GroupedSummaries): Objective {
  const { rows, weight, x, lastIndex, ageIndex, times, maxX, customersByX, customers } = data;
  const extra = dropoutChances(model, 0);
  const size = maxX + 1;
  const counts = Int32Array.from(customersByX.keys()).filter((count) => customersByX[count]! > 0);
  const dropoutLog = new Float64Array(size);
  const dropoutInverse = new Float64Array(size);
  const timeLog = new Float64Array(times.length);
  const timeInverse = new Float64Array(times.length);

  return (point, gradient) => {
    const r = Math.exp(point[0]!);
    const alpha = Math.exp(point[1]!);
    const a = Math.exp(point[2]!);
    const b = Math.exp(point[3]!);
    let value = 0;
    let byR = 0;
    let byAlpha = 0;
    let byA = 0;
    let byB = 0;

    // Running sums up to the next count that occurs; a wide gap is crossed by gamma functions instead of steps.
    let rateLog = 0;
    let rateByR = 0;
    let beta = 0;
    let betaByA = 0;
    let betaByB = 0;
    let reached = 0;
    let chancesReached = 0;
    for (let i = 0; i < counts.length; i += 1) {
      const count = counts[i]!;
      const chances = count + extra;
      if (count - reached > LONGEST_WALK) {
        rateLog += gammaln(r + count) - gammaln(r + reached);
        rateByR += digamma(r + count) - digamma(r + reached);
        const all = digamma(a + b + chances) - digamma(a + b + chancesReached);
        beta += gammaln(b + chances) - gammaln(b + chancesReached);
        beta -= gammaln(a + b + chances) - gammaln(a + b + chancesReached);
        betaByA -= all;
        betaByB += digamma(b + chances) - digamma(b + chancesReached) - all;
        reached = count;
        chancesReached = chances;
      }
      for (; reached < count; reached += 1) {
        rateLog += Math.log(r + reached);
        rateByR += 1 / (r + reached);
      }
      for (; chancesReached < chances; chancesReached += 1) {
        const before = b + chancesReached;
        beta -= Math.log1p(a / before);
        betaByA -= 1 / (a + before);
        betaByB += a / (before * (a + before));
      }
      if (chances > 0) {
        const tail = b + chances - 1;
        dropoutLog[count] = Math.log(a / tail);
        dropoutInverse[count] = 1 / tail;
      }
      const among = customersByX[count]!;
      value += among * (rateLog + beta);
      byR += among * rateByR;
      byA += among * betaByA;
      byB += among * betaByB;
    }
    const alphaLog = Math.log(alpha);
    value += customers * r * alphaLog;
    byR += customers * alphaLog;
    byAlpha += (customers * r) / alpha;

    for (let i = 0; i < times.length; i += 1) {
      const shifted = alpha + times[i]!;
      timeLog[i] = Math.log(shifted);
      timeInverse[i] = 1 / shifted;
    }

    let dropped = 0;
    for (let row = 0; row < rows; row += 1) {
      const count = x[row]!;
      const w = weight[row]!;
      const shape = r + count;
      const age = ageIndex[row]!;
      const ageLog = timeLog[age]!;
      if (count + extra === 0) {
        value -= w * shape * ageLog;
        byR -= w * ageLog;
        byAlpha -= w * shape * timeInverse[age]!;
        continue;
      }
      const last = lastIndex[row]!;
      const lastLog = timeLog[last]!;
      const logOdds = dropoutLog[count]! + shape * (ageLog - lastLog);
      // e^-|u| never overflows; the probability of dropout follows from it without a second exponential.
      const small = Math.exp(-Math.abs(logOdds));
      const gone = (logOdds > 0 ? 1 : small) / (1 + small);
      const alive = 1 - gone;
      value += w * (Math.max(logOdds, 0) + Math.log1p(small) - shape * ageLog);
      byR -= w * (alive * ageLog + gone * lastLog);
      byAlpha -= w * shape * (alive * timeInverse[age]! + gone * timeInverse[last]!);
      dropped += w * gone;
      byB -= w * gone * dropoutInverse[count]!;
    }
    byA += dropped / a;

    gradient[0] = (-byR * r) / customers;
    gradient[1] = (-byAlpha * alpha) / customers;
    gradient[2] = (-byA * a) / customers;
    gradient[3] = (-byB * b) / customers;
    return -value / customers;
  };
}

/** ln(1 + e^u) without overflow. */
function softplus(u: number): number {
  return Math.max(u, 0) + Math.log1p(Math.exp(-Math.abs(u)));
}
