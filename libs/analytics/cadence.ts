import { AnalyticsInputError } from './analytics-input.error.js';

/** A customer's own rhythm of buying, from the distinct days they bought on. All figures in days. */
export interface Cadence {
  /** Gaps between consecutive purchase days. */
  readonly gaps: number;
  /** Null with fewer than `MIN_GAPS` gaps: a rhythm is not known yet. */
  readonly medianGapDays: number | null;
  /** Mean gap; null without a gap. */
  readonly averageGapDays: number | null;
  readonly daysSinceLast: number;
  /** Days since the last purchase over the own median gap; 1 = just due, 3 = three times overdue. Null as the median. */
  readonly overdueRatio: number | null;
}

/** With fewer gaps one late purchase would move the median at will (guard G3). */
export const MIN_GAPS = 3;

/**
 * How late is this customer, measured by their own rhythm? `purchaseDayNumbers` are day numbers in any order; days
 * after `asOfDayNumber` are ignored, equal days count once. Null when nothing was bought by then.
 * Throws `ANALYTICS_BAD_TRANSACTION` on a day that is not a whole number.
 */
export function cadence(purchaseDayNumbers: Iterable<number>, asOfDayNumber: number): Cadence | null {
  const distinct = new Set<number>();
  for (const day of purchaseDayNumbers) {
    if (!Number.isSafeInteger(day))
      throw new AnalyticsInputError('ANALYTICS_BAD_TRANSACTION', `a day is a whole number, not ${day}`);
    if (day <= asOfDayNumber) distinct.add(day);
  }
  const days = [...distinct].sort((a, b) => a - b);
  const first = days[0];
  const last = days[days.length - 1];
  if (first === undefined || last === undefined) return null;
  const gaps = days.slice(1).map((day, index) => day - days[index]!);
  const medianGapDays = gaps.length < MIN_GAPS ? null : median(gaps);
  const daysSinceLast = asOfDayNumber - last;
  return {
    gaps: gaps.length,
    medianGapDays,
    averageGapDays: gaps.length === 0 ? null : (last - first) / gaps.length,
    daysSinceLast,
    overdueRatio: medianGapDays === null ? null : daysSinceLast / medianGapDays,
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
