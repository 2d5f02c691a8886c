import { AnalyticsInputError } from './analytics-input.error.js';
import { maximiseLikelihood } from './maximum-likelihood.js';
import type { Objective } from './quasi-newton.js';

/**
 * The shifted beta-geometric (sBG) model of a contract renewed at fixed occasions: at each a customer leaves with
 * their own constant probability, which is beta(a, b) over customers. Age is counted in renewals.
 * Source: Fader & Hardie 2007, Journal of Interactive Marketing 21(1), "How to Project Customer Retention".
 */
export interface RenewalModel {
  readonly model: 'sbg';
  readonly parameters: { readonly a: number; readonly b: number };
}

export interface RenewalFit extends RenewalModel {
  /** `churnNotIdentified`: the counts do not determine a and b (nobody left, or everybody at the same rate). */
  readonly status: 'converged' | 'notConverged' | 'churnNotIdentified';
  readonly logLikelihood: number;
  readonly gradientNorm: number;
  readonly standardErrors: { readonly a: number; readonly b: number } | null;
  readonly iterations: number;
  readonly evaluations: number;
  readonly starts: number;
  readonly customers: number;
}

const BOUND = Math.log(1e6);

/**
 * Which sBG parameters make this cohort's survival most probable? `survivors[t]` customers were left after t
 * renewals, `survivors[0]` started. Fader & Hardie 2007, eq. B3; analytic gradient.
 * Throws `ANALYTICS_NO_CUSTOMERS` and, when the counts rise or are not whole, `ANALYTICS_BAD_SUMMARY`.
 */
export function fitRenewals(survivors: readonly number[]): RenewalFit {
  const started = survivors[0] ?? 0;
  const falling = survivors.every(
    (count, t) => Number.isSafeInteger(count) && count >= 0 && (t === 0 || count <= survivors[t - 1]!),
  );
  if (!falling)
    throw new AnalyticsInputError(
      'ANALYTICS_BAD_SUMMARY',
      'survivors are whole numbers that never rise from one renewal to the next',
    );
  if (started === 0 || survivors.length < 2)
    throw new AnalyticsInputError(
      'ANALYTICS_NO_CUSTOMERS',
      'needs a cohort with at least one renewal behind it',
    );
  const { parameters, standardErrors, ...evidence } = maximiseLikelihood({
    objective: meanNegativeLogLikelihood(survivors),
    observations: started,
    starts: [
      [1, 3],
      [0.3, 1],
      [5, 20],
    ].map((start) => Float64Array.from(start, Math.log)),
    lower: new Float64Array([-BOUND, -BOUND]),
    upper: new Float64Array([BOUND, BOUND]),
    identification: [{ from: 0, to: 1, status: 'churnNotIdentified' }],
  });
  return {
    model: 'sbg',
    parameters: { a: parameters[0]!, b: parameters[1]! },
    ...evidence,
    standardErrors: standardErrors && { a: standardErrors[0]!, b: standardErrors[1]! },
    customers: started,
  };
}

/** Which share of those who renewed t - 1 times renews a t-th time? r_t = (b+t-1)/(a+b+t-1), t >= 1. */
export function retentionRate(model: RenewalModel, renewal: number): number {
  const { a, b } = assertRenewals(model, renewal, 1);
  return (b + renewal - 1) / (a + b + renewal - 1);
}

/** Which share of a cohort is left after `renewals` occasions? The product of the retention rates; 1 at 0. */
export function renewalSurvival(model: RenewalModel, renewals: number): number {
  const { a, b } = assertRenewals(model, renewals, 0);
  let log = 0;
  for (let i = 0; i < renewals; i += 1) log -= Math.log1p(a / (b + i));
  return Math.exp(log);
}

/** Each renewal is a trial: survivors[t] of survivors[t-1] renewed at the rate of age t. */
function meanNegativeLogLikelihood(survivors: readonly number[]): Objective {
  const started = survivors[0]!;
  return (point, gradient) => {
    const a = Math.exp(point[0]!);
    const b = Math.exp(point[1]!);
    let value = 0;
    let byA = 0;
    let byB = 0;
    for (let t = 1; t < survivors.length; t += 1) {
      const kept = survivors[t]!;
      const lost = survivors[t - 1]! - kept;
      const stay = b + t - 1;
      const all = a + stay;
      value += kept * Math.log(stay) + lost * Math.log(a) - (kept + lost) * Math.log(all);
      byA += lost / a - (kept + lost) / all;
      byB += kept / stay - (kept + lost) / all;
    }
    gradient[0] = (-byA * a) / started;
    gradient[1] = (-byB * b) / started;
    return -value / started;
  };
}

function assertRenewals(model: RenewalModel, renewals: number, least: number): { a: number; b: number } {
  const { a, b } = model.parameters;
  if (!(a > 0 && a < Infinity && b > 0 && b < Infinity))
    throw new AnalyticsInputError(
      'ANALYTICS_BAD_PARAMETERS',
      `a and b are finite and positive, not ${a}, ${b}`,
    );
  if (!(Number.isInteger(renewals) && renewals >= least && renewals <= 100_000))
    throw new AnalyticsInputError(
      'ANALYTICS_BAD_SUMMARY',
      `renewals are a whole number from ${least}, not ${renewals}`,
    );
  return { a, b };
}
