/** How often a value occurs. */
export interface Bin {
  readonly value: number;
  readonly count: number;
}

/** Mean of a histogram; null when it is empty. */
export function meanOf(bins: readonly Bin[]): number | null {
  const count = bins.reduce((sum, bin) => sum + bin.count, 0);
  return count === 0 ? null : bins.reduce((sum, bin) => sum + bin.value * bin.count, 0) / count;
}

/** Middle of a histogram in any order, the mean of the two middle ones when the count is even; null when it is empty. */
export function medianOf(bins: readonly Bin[]): number | null {
  const count = bins.reduce((sum, bin) => sum + bin.count, 0);
  if (count === 0) return null;
  const sorted = [...bins].sort((a, b) => a.value - b.value);
  const at = (rank: number): number => {
    let seen = 0;
    for (const bin of sorted) {
      seen += bin.count;
      if (seen > rank) return bin.value;
    }
    return sorted.at(-1)!.value;
  };
  return (at(Math.floor((count - 1) / 2)) + at(Math.floor(count / 2))) / 2;
}
