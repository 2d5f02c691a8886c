import { differenceHessian, invertPositiveDefinite, minimiseBounded } from './quasi-newton.js';
import type { Objective } from './quasi-newton.js';

const rosenbrock: Objective = ([x, y], gradient) => {
  gradient[0] = -400 * x! * (y! - x! * x!) - 2 * (1 - x!);
  gradient[1] = 200 * (y! - x! * x!);
  return 100 * (y! - x! * x!) ** 2 + (1 - x!) ** 2;
};
const box = (low: number, high: number) => ({
  lower: new Float64Array([low, low]),
  upper: new Float64Array([high, high]),
  gradientTolerance: 1e-8,
  maxIterations: 300,
});

describe('The bounded minimiser', () => {
  it('follows a curved valley to its floor', () => {
    const { point, status } = minimiseBounded(rosenbrock, new Float64Array([-1.2, 1]), box(-5, 5));
    expect(['converged', 'roundingReached']).toContain(status);
    expect(point[0]).toBeCloseTo(1, 6);
    expect(point[1]).toBeCloseTo(1, 6);
  });

  it('stops at the wall when the floor lies behind it', () => {
    const { point, status } = minimiseBounded(rosenbrock, new Float64Array([-1.2, 0.2]), box(-5, 0.5));
    expect(['converged', 'roundingReached']).toContain(status);
    expect(point[0]).toBeCloseTo(0.5, 7);
    expect(point[1]).toBeCloseTo(0.25, 7);
  });

  it('says when it ran out of iterations, and when the start has no value', () => {
    const short = { ...box(-5, 5), maxIterations: 2 };
    expect(minimiseBounded(rosenbrock, new Float64Array([-1.2, 1]), short).status).toBe('iterationLimit');
    expect(minimiseBounded(() => NaN, new Float64Array([0, 0]), short).status).toBe('notFinite');
  });

  it('steps back from points without a value', () => {
    const barrier: Objective = ([x, y], gradient) => {
      gradient[0] = 1 - 1 / x!;
      gradient[1] = 2 * y!;
      return x! <= 0 ? NaN : x! - Math.log(x!) + y! * y!;
    };
    const { point, status } = minimiseBounded(barrier, new Float64Array([4, 3]), box(-5, 5));
    expect(['converged', 'roundingReached']).toContain(status);
    expect(point[0]).toBeCloseTo(1, 6);
  });

  it('inverts a matrix of second derivatives, or says that it is not positive definite', () => {
    const hessian = differenceHessian(rosenbrock, new Float64Array([1, 1]));
    expect(hessian[0]).toBeCloseTo(802, 4);
    expect(hessian[1]).toBeCloseTo(-400, 4);
    const inverse = invertPositiveDefinite(hessian, 2)!;
    expect(inverse[0]! * hessian[0]! + inverse[1]! * hessian[2]!).toBeCloseTo(1, 8);
    expect(invertPositiveDefinite(new Float64Array([1, 2, 2, 1]), 2)).toBeNull();
  });
});
