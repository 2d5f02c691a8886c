/** One measured figure beside what it is compared with, in the same run on the same machine. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What it is compared with, in words and number; null where the goal is absolute. */
  readonly reference: { readonly name: string; readonly value: number } | null;
  /** value / reference, or null. */
  readonly ratio: number | null;
  /** `>= 0.5 of reference`, `<= 50 ms` … */
  readonly goal: string;
  readonly holds: boolean;
}

/** A figure that must reach `factor` × reference. */
export function atLeast(
  name: string,
  value: number,
  unit: string,
  reference: { name: string; value: number },
  factor: number,
): Figure {
  const ratio = value / reference.value;
  return { name, value, unit, reference, ratio, goal: `>= ${factor} of reference`, holds: ratio >= factor };
}

/** A figure that must stay at or below `factor` × reference. */
export function atMost(
  name: string,
  value: number,
  unit: string,
  reference: { name: string; value: number },
  factor: number,
): Figure {
  const ratio = value / reference.value;
  return { name, value, unit, reference, ratio, goal: `<= ${factor} of reference`, holds: ratio <= factor };
}

/** A figure with an absolute lower bound. */
export const reaches = (name: string, value: number, unit: string, bound: number): Figure => ({
  name, value, unit, reference: null, ratio: null, goal: `>= ${bound} ${unit}`, holds: value >= bound,
}); // prettier-ignore

/** A figure with an absolute upper bound. */
export const staysBelow = (name: string, value: number, unit: string, bound: number): Figure => ({
  name, value, unit, reference: null, ratio: null, goal: `< ${bound} ${unit}`, holds: value < bound,
}); // prettier-ignore

/** A figure without a goal of its own: context for the others. */
export const observed = (name: string, value: number, unit: string): Figure => ({
  name, value, unit, reference: null, ratio: null, goal: 'observed', holds: true,
}); // prettier-ignore
