import { AnalyticsInputError } from './analytics-input.error.js';

/** So many of so many. */
export interface Proportion {
  readonly successes: number;
  readonly trials: number;
}

export interface DifferenceOfProportions {
  /** First less second, −1 to 1. */
  readonly difference: number;
  /** Limits of the 95 % interval. */
  readonly low: number;
  readonly high: number;
}

/** 97.5 % point of the normal distribution. */
const Z = 1.959963984540054;

/** Wilson score limits of one proportion. */
function wilson({ successes, trials }: Proportion): readonly [low: number, high: number] {
  const p = successes / trials;
  const z2 = Z * Z;
  const middle = successes + z2 / 2;
  const half = Z * Math.sqrt(trials * p * (1 - p) + z2 / 4);
  return [(middle - half) / (trials + z2), (middle + half) / (trials + z2)];
}

/**
 * By how much two rates differ, and within which limits: the hybrid score interval (Newcombe 1998, method 10), which
 * holds for small groups and for rates of 0 and 1 too. Throws ANALYTICS_BAD_PROPORTION unless both are counts of at
 * least one trial.
 */
export function differenceOfProportions(first: Proportion, second: Proportion): DifferenceOfProportions {
  for (const { successes, trials } of [first, second])
    if (!(
      Number.isInteger(successes) &&
      Number.isInteger(trials) &&
      trials > 0 &&
      successes >= 0 &&
      successes <= trials
    ))
      throw new AnalyticsInputError(
        'ANALYTICS_BAD_PROPORTION',
        `a proportion is a count of a positive count, not ${successes} of ${trials}`,
      );
  const [p1, p2] = [first.successes / first.trials, second.successes / second.trials];
  const [low1, high1] = wilson(first);
  const [low2, high2] = wilson(second);
  const difference = p1 - p2;
  return {
    difference,
    low: Math.max(-1, difference - Math.hypot(p1 - low1, high2 - p2)),
    high: Math.min(1, difference + Math.hypot(high1 - p1, p2 - low2)),
  };
}
