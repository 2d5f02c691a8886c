import { AnalyticsInputError } from '../analytics-input.error.js';
import type { TimeUnit } from '../time-unit.js';

/**
 * The two models of buying at any time with unseen dropout. A customer buys at a constant rate (Poisson) until they
 * drop out; rates differ between customers as a gamma (shape r, rate alpha in time units), dropout probabilities
 * as a beta (a, b), independently.
 *
 * - `bgNbd`: dropout may follow each repeat purchase. Fader, Hardie & Lee 2005, Marketing Science 24(2).
 *   A customer without a repeat is alive for certain, however long the silence.
 * - `mbgNbd`: dropout may also follow the first purchase. Batislam, Denizel & Filiztekin 2007, IJRM 24(3).
 */
export type PurchaseModelName = 'bgNbd' | 'mbgNbd';

/** r, a and b have no unit; alpha is a time in the fit's unit. All are finite and positive. */
export interface PurchaseParameters {
  readonly r: number;
  readonly alpha: number;
  readonly a: number;
  readonly b: number;
}

/** Parameters with everything needed to use them: which model, and which unit alpha is measured in. */
export interface PurchaseModel<U extends TimeUnit> {
  readonly model: PurchaseModelName;
  readonly timeUnit: U;
  readonly parameters: PurchaseParameters;
}

/**
 * How far a fit can be trusted.
 * - `converged`: a maximum inside the bounds, all parameters determined by the data.
 * - `dropoutNotIdentified`: the data do not determine a and b (for instance everybody still buys).
 * - `purchaseRateNotIdentified`: the data do not determine r and alpha (for instance nobody bought again).
 * - `notConverged`: the search ended before a maximum was reached.
 */
export type PurchaseFitStatus =
  'converged' | 'notConverged' | 'dropoutNotIdentified' | 'purchaseRateNotIdentified';

/** A maximum-likelihood fit and the evidence for it. */
export interface PurchaseFit<U extends TimeUnit> extends PurchaseModel<U> {
  readonly status: PurchaseFitStatus;
  readonly logLikelihood: number;
  /** Largest slope of the log-likelihood per customer in the logarithm of a parameter; 0 at a maximum. */
  readonly gradientNorm: number;
  /** From the observed information; null when it cannot be inverted. */
  readonly standardErrors: PurchaseParameters | null;
  readonly iterations: number;
  readonly evaluations: number;
  /** Starting points tried; above 1 when the first search did not end in a clean maximum. */
  readonly starts: number;
  readonly customers: number;
  /** Customers with at least one repeat purchase day. */
  readonly repeaters: number;
  /** Distinct (x, tX, T) among them. */
  readonly distinctRows: number;
}

/**
 * Throws `ANALYTICS_BAD_PARAMETERS` unless all four are finite and positive, and `ANALYTICS_FIT_NOT_CONVERGED` when a
 * fit is passed whose status is not `converged`. Whoever wants to score with such parameters all the same says so
 * by passing `{ model, timeUnit, parameters }` alone.
 */
export function assertScorable(model: PurchaseModel<TimeUnit> & { readonly status?: string }): void {
  const { r, alpha, a, b } = model.parameters;
  if (!(isPositive(r) && isPositive(alpha) && isPositive(a) && isPositive(b)))
    throw new AnalyticsInputError(
      'ANALYTICS_BAD_PARAMETERS',
      `r, alpha, a and b are finite and positive, not ${r}, ${alpha}, ${a}, ${b}`,
    );
  if (model.model !== 'bgNbd' && model.model !== 'mbgNbd')
    throw new AnalyticsInputError('ANALYTICS_BAD_PARAMETERS', `unknown model ${String(model.model)}`);
  if (model.status !== undefined && model.status !== 'converged')
    throw new AnalyticsInputError(
      'ANALYTICS_FIT_NOT_CONVERGED',
      `the fit is ${model.status}; its parameters are not maximum-likelihood estimates`,
    );
}

/**
 * How many chances to drop out a living customer with x repeat days has passed. It is the only place where the two
 * models differ: x after repeat purchases, x + 1 when the first purchase counts too.
 */
export function dropoutChances(model: PurchaseModelName, x: number): number {
  return model === 'bgNbd' ? x : x + 1;
}

function isPositive(value: number): boolean {
  return value > 0 && value < Infinity;
}
