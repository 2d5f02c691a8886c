/**
 * Bounded quasi-Newton minimisation with analytic gradients: BFGS, a line search that satisfies the weak Wolfe
 * conditions by bisection (Lewis & Overton 2013), and a box handled by freezing the coordinates that push outwards
 * (Bertsekas 1982). Few dimensions, expensive objective: every vector is allocated once.
 */

/** The value at `point`; writes the gradient. NaN or Infinity marks a point outside the domain. */
export type Objective = (point: Float64Array, gradient: Float64Array) => number;

export interface Minimum {
  readonly point: Float64Array;
  readonly value: number;
  readonly gradient: Float64Array;
  /** Largest component of the gradient, not counting those that push out of the box. */
  readonly gradientNorm: number;
  readonly iterations: number;
  readonly evaluations: number;
  /**
   * `roundingReached`: what is left to gain drowns in rounding though the gradient is above the tolerance.
   * `stalled`: no lower value was found along the search direction.
   */
  readonly status: 'converged' | 'roundingReached' | 'stalled' | 'iterationLimit' | 'notFinite';
}

export interface MinimiserOptions {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly gradientTolerance: number;
  readonly maxIterations: number;
}

/** A start far off can ask for an enormous first step; on log parameters two units is a factor of seven. */
const MAX_STEP_PER_COORDINATE = 2;
const SUFFICIENT_DECREASE = 1e-4;
const CURVATURE = 0.9;
const MAX_LINE_EVALUATIONS = 40;
/** The gain still to be had is about half the slope; below this it drowns in the rounding of a long sum. */
const ROUNDING = 1e-13;

/** Where is `objective` lowest inside the box, searching downhill from `start`? */
export function minimiseBounded(
  objective: Objective,
  start: Float64Array,
  options: MinimiserOptions,
): Minimum {
  const { lower, upper, gradientTolerance, maxIterations } = options;
  const size = start.length;
  let point = Float64Array.from(start, (value, i) => Math.min(Math.max(value, lower[i]!), upper[i]!));
  let gradient = new Float64Array(size);
  let nextPoint = new Float64Array(size);
  let nextGradient = new Float64Array(size);
  const direction = new Float64Array(size);
  const inverse = new Float64Array(size * size);
  const free = new Uint8Array(size);
  const change = new Float64Array(size);
  const gradientChange = new Float64Array(size);
  const product = new Float64Array(size);
  let evaluations = 1;
  let value = objective(point, gradient);
  let iterations = 0;
  let scaled = false;
  resetToIdentity(inverse, size);

  const finish = (status: Minimum['status']): Minimum => ({
    point,
    value,
    gradient,
    gradientNorm: projectedNorm(point, gradient, lower, upper),
    iterations,
    evaluations,
    status,
  });
  if (!Number.isFinite(value)) return finish('notFinite');

  for (;;) {
    if (projectedNorm(point, gradient, lower, upper) <= gradientTolerance) return finish('converged');
    if (iterations >= maxIterations) return finish('iterationLimit');
    iterations += 1;

    for (let i = 0; i < size; i += 1)
      free[i] =
        (point[i]! <= lower[i]! && gradient[i]! > 0) || (point[i]! >= upper[i]! && gradient[i]! < 0) ? 0 : 1;
    let slope = directionOf(direction, inverse, gradient, free);
    if (!(slope < 0)) {
      resetToIdentity(inverse, size);
      scaled = false;
      slope = directionOf(direction, inverse, gradient, free);
    }
    if (-slope <= ROUNDING * Math.max(1, Math.abs(value))) return finish('roundingReached');

    let longest = Infinity;
    for (let i = 0; i < size; i += 1) {
      const move = direction[i]!;
      if (move === 0) continue;
      const toWall = ((move > 0 ? upper[i]! : lower[i]!) - point[i]!) / move;
      longest = Math.min(longest, toWall, MAX_STEP_PER_COORDINATE / Math.abs(move));
    }
    let step = Math.min(1, longest);
    let below = 0;
    let above = Infinity;
    let found = false;
    let nextValue = value;
    for (let attempt = 0; attempt < MAX_LINE_EVALUATIONS; attempt += 1) {
      for (let i = 0; i < size; i += 1)
        nextPoint[i] = Math.min(Math.max(point[i]! + step * direction[i]!, lower[i]!), upper[i]!);
      nextValue = objective(nextPoint, nextGradient);
      evaluations += 1;
      if (!(nextValue <= value + SUFFICIENT_DECREASE * step * slope)) {
        above = step;
      } else if (dot(nextGradient, direction) < CURVATURE * slope && step < longest) {
        found = true;
        below = step;
      } else {
        found = true;
        break;
      }
      const next = above === Infinity ? Math.min(2 * step, longest) : (below + above) / 2;
      if (next === step) break;
      step = next;
    }
    if (!found || !(nextValue < value)) {
      // With curvature learnt the step may be wrong; a plain downhill step settles whether the floor is reached.
      if (!scaled) return finish('stalled');
      resetToIdentity(inverse, size);
      scaled = false;
      continue;
    }

    for (let i = 0; i < size; i += 1) {
      change[i] = nextPoint[i]! - point[i]!;
      gradientChange[i] = nextGradient[i]! - gradient[i]!;
    }
    [point, nextPoint] = [nextPoint, point];
    [gradient, nextGradient] = [nextGradient, gradient];
    value = nextValue;

    const curvature = dot(change, gradientChange);
    if (curvature > 1e-14 * dot(change, change)) {
      if (!scaled) {
        const scale = curvature / dot(gradientChange, gradientChange);
        for (let i = 0; i < size; i += 1) inverse[i * size + i] = scale;
        scaled = true;
      }
      updateInverse(inverse, change, gradientChange, curvature, product);
    }
  }
}

/**
 * The matrix of second derivatives by central differences of the analytic gradient; symmetric, row-major.
 * `step` suits coordinates of order one (logarithms of parameters).
 */
export function differenceHessian(objective: Objective, point: Float64Array, step = 1e-5): Float64Array {
  const size = point.length;
  const hessian = new Float64Array(size * size);
  const probe = Float64Array.from(point);
  const up = new Float64Array(size);
  const down = new Float64Array(size);
  for (let i = 0; i < size; i += 1) {
    probe[i] = point[i]! + step;
    objective(probe, up);
    probe[i] = point[i]! - step;
    objective(probe, down);
    probe[i] = point[i]!;
    for (let j = 0; j < size; j += 1) hessian[i * size + j] = (up[j]! - down[j]!) / (2 * step);
  }
  for (let i = 0; i < size; i += 1)
    for (let j = 0; j < i; j += 1) {
      const mean = (hessian[i * size + j]! + hessian[j * size + i]!) / 2;
      hessian[i * size + j] = mean;
      hessian[j * size + i] = mean;
    }
  return hessian;
}

/** Inverse of a symmetric positive definite matrix (row-major), or null when it is not positive definite. */
export function invertPositiveDefinite(matrix: Float64Array, size: number): Float64Array | null {
  const lower = new Float64Array(size * size);
  for (let i = 0; i < size; i += 1)
    for (let j = 0; j <= i; j += 1) {
      let sum = matrix[i * size + j]!;
      for (let k = 0; k < j; k += 1) sum -= lower[i * size + k]! * lower[j * size + k]!;
      if (i === j) {
        if (!(sum > 1e-14 * Math.abs(matrix[i * size + i]!))) return null;
        lower[i * size + i] = Math.sqrt(sum);
      } else lower[i * size + j] = sum / lower[j * size + j]!;
    }
  const inverse = new Float64Array(size * size);
  const column = new Float64Array(size);
  for (let c = 0; c < size; c += 1) {
    for (let i = 0; i < size; i += 1) {
      let sum = i === c ? 1 : 0;
      for (let k = 0; k < i; k += 1) sum -= lower[i * size + k]! * column[k]!;
      column[i] = sum / lower[i * size + i]!;
    }
    for (let i = size - 1; i >= 0; i -= 1) {
      let sum = column[i]!;
      for (let k = i + 1; k < size; k += 1) sum -= lower[k * size + i]! * column[k]!;
      column[i] = sum / lower[i * size + i]!;
    }
    for (let i = 0; i < size; i += 1) inverse[i * size + c] = column[i]!;
  }
  return inverse;
}

/** Writes the quasi-Newton direction over the free coordinates and answers its slope. */
function directionOf(
  direction: Float64Array,
  inverse: Float64Array,
  gradient: Float64Array,
  free: Uint8Array,
): number {
  const size = gradient.length;
  let slope = 0;
  for (let i = 0; i < size; i += 1) {
    let move = 0;
    if (free[i]) for (let j = 0; j < size; j += 1) if (free[j]) move -= inverse[i * size + j]! * gradient[j]!;
    direction[i] = move;
    slope += move * gradient[i]!;
  }
  return slope;
}

function updateInverse(
  inverse: Float64Array,
  change: Float64Array,
  gradientChange: Float64Array,
  curvature: number,
  product: Float64Array,
): void {
  const size = change.length;
  let quadratic = 0;
  for (let i = 0; i < size; i += 1) {
    let sum = 0;
    for (let j = 0; j < size; j += 1) sum += inverse[i * size + j]! * gradientChange[j]!;
    product[i] = sum;
    quadratic += sum * gradientChange[i]!;
  }
  const weight = (1 + quadratic / curvature) / curvature;
  for (let i = 0; i < size; i += 1)
    for (let j = 0; j < size; j += 1)
      inverse[i * size + j]! +=
        weight * change[i]! * change[j]! - (product[i]! * change[j]! + change[i]! * product[j]!) / curvature;
}

function projectedNorm(
  point: Float64Array,
  gradient: Float64Array,
  lower: Float64Array,
  upper: Float64Array,
): number {
  let norm = 0;
  for (let i = 0; i < point.length; i += 1) {
    const slope = gradient[i]!;
    if ((point[i]! <= lower[i]! && slope > 0) || (point[i]! >= upper[i]! && slope < 0)) continue;
    norm = Math.max(norm, Math.abs(slope));
  }
  return norm;
}

function resetToIdentity(matrix: Float64Array, size: number): void {
  matrix.fill(0);
  for (let i = 0; i < size; i += 1) matrix[i * size + i] = 1;
}

function dot(left: Float64Array, right: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < left.length; i += 1) sum += left[i]! * right[i]!;
  return sum;
}
