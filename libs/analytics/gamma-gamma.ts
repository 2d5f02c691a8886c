import digamma from '@stdlib/math-base-special-digamma';
import gammaln from '@stdlib/math-base-special-gammaln';
import { AnalyticsInputError } from './analytics-input.error.js';
import { maximiseLikelihood } from './maximum-likelihood.js';
import { MAX_REPEAT_DAYS } from './purchase-summary.js';
import type { Objective } from './quasi-newton.js';

/** p and q have no unit; gamma is money in major units (dollars), as in the literature. */
export interface SpendParameters {
  readonly p: number;
  readonly q: number;
  readonly gamma: number;
}

/**
 * The Gamma-Gamma model of spend. A purchase day's amount is gamma(p, nu) around the customer's own mean, and nu is
 * gamma(q, gamma) over customers; amounts are independent of how often a customer buys (see `spendCorrelation`).
 */
export interface SpendModel {
  readonly model: 'gammaGamma';
  readonly parameters: SpendParameters;
  /** Minor units in the major unit gamma is measured in: 100 for cents in a dollar, 1 for yen. */
  readonly minorUnitsPerMajor: number;
}

export interface SpendFit extends SpendModel {
  /** `spendNotIdentified`: the amounts do not determine the parameters (for instance everybody spends the same). */
  readonly status: 'converged' | 'notConverged' | 'spendNotIdentified';
  readonly logLikelihood: number;
  readonly gradientNorm: number;
  readonly standardErrors: SpendParameters | null;
  readonly iterations: number;
  readonly evaluations: number;
  readonly starts: number;
  /** Customers the fit rests on: at least one repeat and a positive mean. */
  readonly customers: number;
  /** Correlation of purchase count and mean spend among them; the model assumes about 0. */
  readonly correlation: number | null;
}

/** A customer's repeat purchase days and their mean amount; null or anything not above 0 is left out of a fit. */
export interface SpendSummary {
  readonly x: number;
  readonly meanRepeatSpendMinor: number | null;
}

/** Searched within a factor of a million of one (gamma: of the mean amount). */
const BOUND = Math.log(1e6);
const STARTS: readonly (readonly [number, number, number])[] = [
  [4, 4, 1],
  [1, 2, 1],
  [10, 1.5, 0.1],
  [0.5, 10, 10],
];

/**
 * Which Gamma-Gamma parameters make the mean amounts of these customers most probable?
 * Only customers with x > 0 and a positive mean take part. Look at `status` and `correlation` before use.
 * Source: Fader & Hardie, note 025 (2013), "The Gamma-Gamma Model of Monetary Value", eq. 1a; Fader, Hardie & Lee
 * 2005, JMR 42. Throws `ANALYTICS_BAD_SPEND` and, when nobody takes part, `ANALYTICS_NO_CUSTOMERS`.
 */
export function fitGammaGamma(customers: Iterable<SpendSummary>, minorUnitsPerMajor = 100): SpendFit {
  assertMoneyUnit(minorUnitsPerMajor);
  const spenders = spendersAmong(customers, minorUnitsPerMajor);
  if (spenders.x.length === 0)
    throw new AnalyticsInputError(
      'ANALYTICS_NO_CUSTOMERS',
      'no customer has a repeat purchase day with a positive amount',
    );
  const mean = spenders.mean.reduce((sum, m) => sum + m, 0) / spenders.mean.length;
  const { parameters, standardErrors, ...evidence } = maximiseLikelihood({
    objective: meanNegativeLogLikelihood(spenders.x, spenders.mean),
    observations: spenders.x.length,
    starts: STARTS.map(([p, q, factor]) => Float64Array.from([p, q, factor * mean], Math.log)),
    lower: new Float64Array([-BOUND, -BOUND, Math.log(mean) - BOUND]),
    upper: new Float64Array([BOUND, BOUND, Math.log(mean) + BOUND]),
    identification: [{ from: 0, to: 2, status: 'spendNotIdentified' }],
  });
  return {
    model: 'gammaGamma',
    minorUnitsPerMajor,
    parameters: named(parameters),
    ...evidence,
    standardErrors: standardErrors && named(standardErrors),
    customers: spenders.x.length,
    correlation: correlation(spenders.x, spenders.mean),
  };
}

/**
 * What does this customer spend on a purchase day in the long run, in minor units? Between the customer's own mean
 * and everybody's, closer to their own the more they bought: p (gamma + x m) / (p x + q - 1); for x = 0 everybody's,
 * p gamma / (q - 1). Note 025, eq. 5. An own mean that is missing or not positive counts as no repeat.
 * Throws `ANALYTICS_MEAN_SPEND_UNDEFINED` where that mean is infinite (q <= 1 without a repeat),
 * `ANALYTICS_BAD_SPEND`, `ANALYTICS_BAD_PARAMETERS`, `ANALYTICS_FIT_NOT_CONVERGED`.
 */
export function expectedMeanSpendMinor(model: SpendModel, customer: SpendSummary): number {
  assertSpendModel(model);
  assertSpend(customer);
  const { p, q, gamma } = model.parameters;
  const scale = model.minorUnitsPerMajor;
  const mean = customer.meanRepeatSpendMinor ?? 0;
  const x = mean > 0 ? customer.x : 0;
  const divisor = p * x + q - 1;
  if (!(divisor > 0))
    throw new AnalyticsInputError(
      'ANALYTICS_MEAN_SPEND_UNDEFINED',
      `with p=${p}, q=${q} and x=${x} the spend has no finite mean (p x + q must exceed 1)`,
    );
  return ((p * (gamma + (x * mean) / scale)) / divisor) * scale;
}

/**
 * Do frequent customers spend more? Pearson correlation of x and mean spend among customers with a repeat and a
 * positive mean; the model assumes about 0. Null when fewer than two take part or one of the two does not vary.
 * Throws `ANALYTICS_BAD_SPEND`.
 */
export function spendCorrelation(customers: Iterable<SpendSummary>): number | null {
  const { x, mean } = spendersAmong(customers, 1);
  return correlation(x, mean);
}

/** Throws `ANALYTICS_BAD_PARAMETERS`, `ANALYTICS_MONEY_UNIT_MISMATCH` or `ANALYTICS_FIT_NOT_CONVERGED`. */
export function assertSpendModel(model: SpendModel & { readonly status?: string }): void {
  const { p, q, gamma } = model.parameters;
  if (![p, q, gamma].every((value) => value > 0 && value < Infinity))
    throw new AnalyticsInputError(
      'ANALYTICS_BAD_PARAMETERS',
      `p, q and gamma are finite and positive, not ${p}, ${q}, ${gamma}`,
    );
  assertMoneyUnit(model.minorUnitsPerMajor);
  if (model.status !== undefined && model.status !== 'converged')
    throw new AnalyticsInputError(
      'ANALYTICS_FIT_NOT_CONVERGED',
      `the fit is ${model.status}; its parameters are not maximum-likelihood estimates`,
    );
}

/** Note 025, eq. 1a, with tables for the gamma functions, which depend on x alone. */
function meanNegativeLogLikelihood(x: Float64Array, mean: Float64Array): Objective {
  const customers = x.length;
  const counts = [...new Set(x)].sort((left, right) => left - right);
  const countIndex = new Map(counts.map((count, index) => [count, index]));
  const customersByCount = new Float64Array(counts.length);
  const total = new Float64Array(customers);
  let logMeanSum = 0;
  let weightedLogSum = 0;
  for (let i = 0; i < customers; i += 1) {
    customersByCount[countIndex.get(x[i]!)!]! += 1;
    total[i] = x[i]! * mean[i]!;
    logMeanSum += Math.log(mean[i]!);
    weightedLogSum += x[i]! * Math.log(total[i]!);
  }
  return (point, gradient) => {
    const p = Math.exp(point[0]!);
    const q = Math.exp(point[1]!);
    const gamma = Math.exp(point[2]!);
    let value = customers * (q * Math.log(gamma) - gammaln(q)) + p * weightedLogSum - logMeanSum;
    let byP = weightedLogSum;
    let byQ = customers * (Math.log(gamma) - digamma(q));
    let byGamma = (customers * q) / gamma;
    for (let i = 0; i < counts.length; i += 1) {
      const count = counts[i]!;
      const among = customersByCount[i]!;
      const slope = digamma(p * count + q);
      value += among * (gammaln(p * count + q) - gammaln(p * count));
      byP += among * count * (slope - digamma(p * count));
      byQ += among * slope;
    }
    for (let i = 0; i < customers; i += 1) {
      const shape = p * x[i]! + q;
      const rate = gamma + total[i]!;
      const rateLog = Math.log(rate);
      value -= shape * rateLog;
      byP -= x[i]! * rateLog;
      byQ -= rateLog;
      byGamma -= shape / rate;
    }
    gradient[0] = (-byP * p) / customers;
    gradient[1] = (-byQ * q) / customers;
    gradient[2] = (-byGamma * gamma) / customers;
    return -value / customers;
  };
}

function spendersAmong(
  customers: Iterable<SpendSummary>,
  scale: number,
): { x: Float64Array; mean: Float64Array } {
  const x: number[] = [];
  const mean: number[] = [];
  for (const customer of customers) {
    assertSpend(customer);
    const spend = customer.meanRepeatSpendMinor ?? 0;
    if (customer.x === 0 || !(spend > 0)) continue;
    x.push(customer.x);
    mean.push(spend / scale);
  }
  return { x: Float64Array.from(x), mean: Float64Array.from(mean) };
}

function correlation(x: Float64Array, y: Float64Array): number | null {
  const n = x.length;
  const meanX = x.reduce((sum, value) => sum + value, 0) / n;
  const meanY = y.reduce((sum, value) => sum + value, 0) / n;
  let together = 0;
  let squaredX = 0;
  let squaredY = 0;
  for (let i = 0; i < n; i += 1) {
    const dx = x[i]! - meanX;
    const dy = y[i]! - meanY;
    together += dx * dy;
    squaredX += dx * dx;
    squaredY += dy * dy;
  }
  return squaredX > 0 && squaredY > 0 ? together / Math.sqrt(squaredX * squaredY) : null;
}

function assertSpend({ x, meanRepeatSpendMinor }: SpendSummary): void {
  const possible =
    Number.isInteger(x) &&
    x >= 0 &&
    x <= MAX_REPEAT_DAYS &&
    (meanRepeatSpendMinor === null || Number.isFinite(meanRepeatSpendMinor));
  if (!possible)
    throw new AnalyticsInputError(
      'ANALYTICS_BAD_SPEND',
      `needs a whole x >= 0 and a finite mean amount or null; got x=${x}, mean=${meanRepeatSpendMinor}`,
    );
}

function assertMoneyUnit(minorUnitsPerMajor: number): void {
  if (!(Number.isInteger(minorUnitsPerMajor) && minorUnitsPerMajor >= 1))
    throw new AnalyticsInputError(
      'ANALYTICS_MONEY_UNIT_MISMATCH',
      `a major unit is a whole number of minor units, not ${minorUnitsPerMajor}`,
    );
}

function named(values: Float64Array): SpendParameters {
  return { p: values[0]!, q: values[1]!, gamma: values[2]! };
}
