import type { Minimum, Objective } from './quasi-newton.js';
import { differenceHessian, invertPositiveDefinite, minimiseBounded } from './quasi-newton.js';

/** A likelihood in logarithms of positive parameters, and what it means when some of them run off. */
export interface LikelihoodProblem<S extends string> {
  /** Minus the mean log-likelihood per observation. */
  readonly objective: Objective;
  readonly observations: number;
  /** Starting points, tried in order until a search ends in a clean maximum; deterministic. */
  readonly starts: readonly Float64Array[];
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** Neighbouring parameters `from..to` that are lost together, and the status that says so; checked in order. */
  readonly identification: readonly { readonly from: number; readonly to: number; readonly status: S }[];
}

export interface LikelihoodMaximum<S extends string> {
  readonly parameters: Float64Array;
  readonly status: 'converged' | 'notConverged' | S;
  readonly logLikelihood: number;
  readonly gradientNorm: number;
  /** Of the parameters themselves, from the observed information; null when it cannot be inverted. */
  readonly standardErrors: Float64Array | null;
  readonly iterations: number;
  readonly evaluations: number;
  readonly starts: number;
}

const GRADIENT_TOLERANCE = 1e-8;
/** Rounding in a sum over many customers can stop the search just above the tolerance; this is still a maximum. */
const ROUNDED_TOLERANCE = 1e-6;
const MAX_ITERATIONS = 300;
/** A parameter whose logarithm has a standard error above this is unknown within a factor of four hundred. */
const MAX_LOG_STANDARD_ERROR = 3;
/** Mean log-likelihoods closer than this are the same maximum reached twice. */
const EQUAL_VALUE = 1e-10;

/**
 * Which parameters make the observations most probable? Restarts until a search ends in a clean maximum, and answers
 * the highest likelihood seen with a status that tells what it is; never a default in place of an estimate.
 */
export function maximiseLikelihood<S extends string>(problem: LikelihoodProblem<S>): LikelihoodMaximum<S> {
  let best: Assessed<S> | null = null;
  let iterations = 0;
  let evaluations = 0;
  let starts = 0;
  for (const start of problem.starts) {
    const minimum = minimiseBounded(problem.objective, start, {
      lower: problem.lower,
      upper: problem.upper,
      gradientTolerance: GRADIENT_TOLERANCE,
      maxIterations: MAX_ITERATIONS,
    });
    starts += 1;
    iterations += minimum.iterations;
    evaluations += minimum.evaluations;
    const assessed = assess(problem, minimum);
    if (!best || isBetter(assessed, best)) best = assessed;
    if (best.status === 'converged') break;
  }
  const { minimum, status, logStandardErrors } = best!;
  const parameters = Float64Array.from(minimum.point, Math.exp);
  return {
    parameters,
    status,
    logLikelihood: -minimum.value * problem.observations,
    gradientNorm: minimum.gradientNorm,
    standardErrors: logStandardErrors && logStandardErrors.map((error, i) => error * parameters[i]!),
    iterations,
    evaluations,
    starts,
  };
}

interface Assessed<S extends string> {
  readonly minimum: Minimum;
  readonly status: 'converged' | 'notConverged' | S;
  readonly logStandardErrors: Float64Array | null;
}

function assess<S extends string>(problem: LikelihoodProblem<S>, minimum: Minimum): Assessed<S> {
  if (minimum.status === 'notFinite') return { minimum, status: 'notConverged', logStandardErrors: null };
  const size = minimum.point.length;
  const hessian = differenceHessian(problem.objective, minimum.point);
  const covariance = invertPositiveDefinite(hessian, size);
  const errors =
    covariance &&
    Float64Array.from({ length: size }, (_, i) =>
      Math.sqrt(covariance[i * size + i]! / problem.observations),
    );
  for (const { from, to, status } of problem.identification) {
    for (let i = from; i <= to; i += 1) {
      const atBound = minimum.point[i]! <= problem.lower[i]! || minimum.point[i]! >= problem.upper[i]!;
      if (atBound || (errors && !(errors[i]! <= MAX_LOG_STANDARD_ERROR)))
        return { minimum, status, logStandardErrors: errors };
    }
    if (!errors && !invertPositiveDefinite(block(hessian, size, from, to), to - from + 1))
      return { minimum, status, logStandardErrors: null };
  }
  const ended =
    minimum.status === 'converged' ||
    (minimum.status !== 'iterationLimit' && minimum.gradientNorm <= ROUNDED_TOLERANCE);
  return { minimum, status: ended && errors ? 'converged' : 'notConverged', logStandardErrors: errors };
}

/** The higher likelihood wins, also when it lies where parameters run off; only between equals a clean end counts. */
function isBetter<S extends string>(candidate: Assessed<S>, best: Assessed<S>): boolean {
  const gain = best.minimum.value - candidate.minimum.value;
  if (!(Math.abs(gain) <= EQUAL_VALUE)) return !(gain <= 0);
  return candidate.status === 'converged' && best.status !== 'converged';
}

function block(matrix: Float64Array, size: number, from: number, to: number): Float64Array {
  const part: number[] = [];
  for (let i = from; i <= to; i += 1) for (let j = from; j <= to; j += 1) part.push(matrix[i * size + j]!);
  return Float64Array.from(part);
}
