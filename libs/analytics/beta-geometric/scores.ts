import { assertSummary } from '../purchase-summary.js';
import type { PurchaseSummary } from '../purchase-summary.js';
import { duration, spanIn } from '../time-unit.js';
import type { TimeSpan, TimeUnit } from '../time-unit.js';
import { AnalyticsInputError } from '../analytics-input.error.js';
import { expectedWhileAlive } from './expected-while-alive.js';
import { logLikelihoodOfCustomer } from './likelihood.js';
import { assertScorable, dropoutChances } from './purchase-model.js';
import type { PurchaseModel, PurchaseParameters, PurchaseModelName } from './purchase-model.js';

/**
 * How probable is it that this customer still buys, given their history up to T? From 0 to 1.
 * BG/NBD: Hardie, note 021 (1 for every customer without a repeat). MBG/NBD: Batislam et al. 2007.
 * Throws `ANALYTICS_BAD_SUMMARY`, `ANALYTICS_TIME_UNIT_MISMATCH`, `ANALYTICS_BAD_PARAMETERS`,
 * `ANALYTICS_FIT_NOT_CONVERGED`.
 */
export function probabilityAlive<U extends TimeUnit>(
  model: PurchaseModel<U>,
  customer: PurchaseSummary<NoInfer<U>>,
): number {
  return 1 / (1 + Math.exp(dropoutLogOdds(model, customer)));
}

/**
 * Log-odds that the customer has dropped out: ln[(1 - P(alive)) / P(alive)]. Finite where 1 - P(alive) has no digits
 * left; -Infinity where the model is certain (BG/NBD without a repeat). Throws as `probabilityAlive`.
 */
export function dropoutLogOdds<U extends TimeUnit>(
  model: PurchaseModel<U>,
  customer: PurchaseSummary<NoInfer<U>>,
): number {
  assertScorable(model);
  assertSummary(customer, model.timeUnit);
  return dropoutLogOddsAt(model.model, model.parameters, customer.x, customer.tX, customer.T);
}

/**
 * How many purchase days will this customer have in the `horizon` after T? P(alive) times the expectation of a living
 * customer. Fader, Hardie & Lee 2005, eq. 10; Batislam et al. 2007. The horizon may be in any unit.
 * Throws as `probabilityAlive`, and `ANALYTICS_BAD_TIME_SPAN`.
 */
export function expectedPurchases<U extends TimeUnit>(
  model: PurchaseModel<U>,
  customer: PurchaseSummary<NoInfer<U>>,
  horizon: TimeSpan,
): number {
  const alive = probabilityAlive(model, customer);
  const t = spanIn(horizon, model.timeUnit);
  return alive * expectedIfAliveAt(model.model, model.parameters, customer.x, customer.T, t);
}

/**
 * How many repeat purchase days does a new customer have in their first `span`? E[X(t)], the unconditional
 * expectation: Fader, Hardie & Lee 2005, eq. 9. Throws `ANALYTICS_BAD_PARAMETERS`, `ANALYTICS_BAD_TIME_SPAN`.
 */
export function expectedPurchasesOfNewCustomer(model: PurchaseModel<TimeUnit>, span: TimeSpan): number {
  assertScorable(model);
  const { r, alpha, a, b } = model.parameters;
  const t = spanIn(span, model.timeUnit);
  const chances = dropoutChances(model.model, 0);
  const alive = chances === 0 ? 1 : b / (a + b);
  return alive * expectedWhileAlive(r, alpha, a, b + chances, t);
}

/**
 * How probable are exactly `count` repeat purchase days in the first `span` of a new customer? P(X(t) = n):
 * Fader, Hardie & Lee 2005, eq. 8. Throws `ANALYTICS_BAD_SUMMARY` unless `count` is a whole number of at least 0.
 */
export function probabilityOfPurchases(
  model: PurchaseModel<TimeUnit>,
  count: number,
  span: TimeSpan,
): number {
  assertScorable(model);
  if (!Number.isInteger(count) || count < 0)
    throw new AnalyticsInputError(
      'ANALYTICS_BAD_SUMMARY',
      `a number of purchases is whole and >= 0, not ${count}`,
    );
  const { r, alpha, a, b } = model.parameters;
  const t = spanIn(span, model.timeUnit);
  if (t === 0 && count > 0) return 0;
  const chances = dropoutChances(model.model, count);
  // Alive after them all: B(a, b+k) / B(a, b); gone with the last: B(a+1, b+k-1) / B(a, b).
  let logAlive = 0;
  for (let i = 0; i < chances; i += 1) logAlive -= Math.log1p(a / (b + i));
  const logGone = chances === 0 ? -Infinity : logAlive + Math.log(a / (b + chances - 1));
  const exact = Math.exp(logAlive) * Math.exp(logPurchasesWithoutDropout(r, alpha, t, count));
  return logGone === -Infinity ? exact : exact + Math.exp(logGone) * atLeast(r, alpha, t, count);
}

/** How probable is this history under the model, as a logarithm? Note 027. Throws as `probabilityAlive`. */
export function logLikelihood<U extends TimeUnit>(
  model: PurchaseModel<U>,
  customer: PurchaseSummary<NoInfer<U>>,
): number {
  assertScorable(model);
  assertSummary(customer, model.timeUnit);
  return logLikelihoodOfCustomer(model.model, model.parameters, customer.x, customer.tX, customer.T);
}

/** Median wait for the next purchase of a living customer: P(no purchase within t) = ((alpha+T)/(alpha+T+t))^(r+x). */
export function medianWaitIfAlive<U extends TimeUnit>(
  model: PurchaseModel<U>,
  customer: PurchaseSummary<NoInfer<U>>,
) {
  assertScorable(model);
  assertSummary(customer, model.timeUnit);
  const { r, alpha } = model.parameters;
  return duration((alpha + customer.T) * Math.expm1(Math.LN2 / (r + customer.x)), model.timeUnit);
}

/** `dropoutLogOdds` on bare figures, for loops that have checked them. */
export function dropoutLogOddsAt(
  model: PurchaseModelName,
  { r, alpha, a, b }: PurchaseParameters,
  x: number,
  tX: number,
  T: number,
): number {
  const chances = dropoutChances(model, x);
  if (chances === 0) return -Infinity;
  return Math.log(a / (b + chances - 1)) + (r + x) * Math.log((alpha + T) / (alpha + tX));
}

/** Expected purchases in the next `t`, given that the customer is alive, on bare figures. */
export function expectedIfAliveAt(
  model: PurchaseModelName,
  { r, alpha, a, b }: PurchaseParameters,
  x: number,
  T: number,
  t: number,
): number {
  return expectedWhileAlive(r + x, alpha + T, a, b + dropoutChances(model, x), t);
}

/** Logarithm of the negative binomial probability of `count` purchases in t when nobody drops out. */
function logPurchasesWithoutDropout(r: number, alpha: number, t: number, count: number): number {
  let sum = -r * Math.log1p(t / alpha);
  const logRatio = Math.log(t / (alpha + t));
  for (let i = 0; i < count; i += 1) sum += Math.log((r + i) / (i + 1)) + logRatio;
  return sum;
}

/** Probability of at least `count` purchases when nobody drops out, summed from the side with fewer digits to lose. */
function atLeast(r: number, alpha: number, t: number, count: number): number {
  const z = t / (alpha + t);
  if (count <= (r * t) / alpha) {
    let log = -r * Math.log1p(t / alpha);
    let below = 0;
    for (let j = 0; j < count; j += 1) {
      below += Math.exp(log);
      log += Math.log((z * (r + j)) / (j + 1));
    }
    return 1 - below;
  }
  let term = Math.exp(logPurchasesWithoutDropout(r, alpha, t, count));
  let sum = 0;
  for (let j = count; ; j += 1) {
    sum += term;
    const ratio = (z * (r + j)) / (j + 1);
    term *= ratio;
    if (ratio < 1 && term <= 1e-17 * sum * (1 - ratio)) return sum;
  }
}
