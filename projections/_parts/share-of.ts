/** Part of a whole, 0 to 1; null of nothing: a share of nothing is not 0. */
export const shareOf = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);
