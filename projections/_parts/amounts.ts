/**
 * Sum of two amounts in minor units, kept within the safe integers: beyond them a sum would silently lose cents and
 * the value models refuse it.
 */
export function addMinor(a: number, b: number): number {
  const sum = a + b;
  if (sum > Number.MAX_SAFE_INTEGER) return Number.MAX_SAFE_INTEGER;
  return sum < Number.MIN_SAFE_INTEGER ? Number.MIN_SAFE_INTEGER : sum;
}
