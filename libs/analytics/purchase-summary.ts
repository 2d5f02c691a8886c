import { AnalyticsInputError } from './analytics-input.error.js';
import type { Duration, TimeUnit } from './time-unit.js';
import { assertSameTimeUnit, DAYS_PER_UNIT, duration } from './time-unit.js';

/** Money that moved on a calendar day (an integer day number in the tenant's time zone). Negative = money returned. */
export interface Transaction {
  readonly dayNumber: number;
  /** Minor units; zero or more is a purchase, less than zero a return or credit note. */
  readonly amountMinor: number;
}

/** A day on which the customer bought, with all amounts of that day summed and later returns taken off. */
export interface PurchaseDay {
  readonly dayNumber: number;
  readonly amountMinor: number;
}

/**
 * What the purchase models need to know of one customer: `x` purchase days after the first, `tX` from the first
 * to the last, `T` from the first to the as-of day; 0 <= tX <= T, and x = 0 exactly when tX = 0.
 */
export interface PurchaseSummary<U extends TimeUnit> {
  readonly timeUnit: U;
  readonly x: number;
  readonly tX: Duration<U>;
  readonly T: Duration<U>;
}

/** A purchase summary with the money and the days it came from. */
export interface CustomerSummary<U extends TimeUnit> extends PurchaseSummary<U> {
  readonly firstDayNumber: number;
  readonly lastDayNumber: number;
  readonly asOfDayNumber: number;
  /** Mean amount of the repeat purchase days, net of returns; null without a repeat. */
  readonly meanRepeatSpendMinor: number | null;
  /** Everything bought less everything returned up to the as-of day. */
  readonly netValueMinor: number;
}

/** More repeat days than anyone can live; beyond it the figure is a mistake and tables would grow with it. */
export const MAX_REPEAT_DAYS = 100_000;

/**
 * Which distinct days did this customer buy on, up to and including `asOfDayNumber`, sorted?
 * Purchases of one day are one transaction. A return is not a transaction: it reduces the value of the last
 * purchase day on or before it, and is left out when there is none. Order of the input does not matter.
 * Throws `ANALYTICS_BAD_TRANSACTION` on a day or an amount that is not a safe integer.
 */
export function purchaseDays(transactions: Iterable<Transaction>, asOfDayNumber: number): PurchaseDay[] {
  assertDayNumber(asOfDayNumber);
  const bought = new Map<number, number>();
  const returned: Transaction[] = [];
  for (const transaction of transactions) {
    const { dayNumber, amountMinor } = transaction;
    assertDayNumber(dayNumber);
    if (!Number.isSafeInteger(amountMinor))
      throw new AnalyticsInputError(
        'ANALYTICS_BAD_TRANSACTION',
        `an amount is a whole number of minor units, not ${amountMinor}`,
      );
    if (dayNumber > asOfDayNumber) continue;
    if (amountMinor < 0) returned.push(transaction);
    else bought.set(dayNumber, (bought.get(dayNumber) ?? 0) + amountMinor);
  }
  const days = [...bought.keys()].sort((a, b) => a - b);
  const amounts = days.map((day) => bought.get(day)!);
  for (const { dayNumber, amountMinor } of returned) {
    let index = days.length - 1;
    while (index >= 0 && days[index]! > dayNumber) index -= 1;
    if (index >= 0) amounts[index]! += amountMinor;
  }
  return days.map((dayNumber, index) => ({ dayNumber, amountMinor: amounts[index]! }));
}

/**
 * What do the models need to know of this customer on `asOfDayNumber`? Later transactions are ignored, so the
 * same list answers for any past day. Null when the customer had not bought by then.
 * Conventions: Fader, Hardie & Lee 2005; spend over repeat days only, as in Hardie's spreadsheets.
 * Throws `ANALYTICS_BAD_TRANSACTION`.
 */
export function summarisePurchases<U extends TimeUnit>(
  transactions: Iterable<Transaction>,
  asOfDayNumber: number,
  timeUnit: U,
): CustomerSummary<U> | null {
  const days = purchaseDays(transactions, asOfDayNumber);
  const first = days[0];
  const last = days[days.length - 1];
  if (!first || !last) return null;
  const perUnit = DAYS_PER_UNIT[timeUnit];
  const x = days.length - 1;
  const netValueMinor = days.reduce((sum, day) => sum + day.amountMinor, 0);
  return {
    timeUnit,
    x,
    tX: duration((last.dayNumber - first.dayNumber) / perUnit, timeUnit),
    T: duration((asOfDayNumber - first.dayNumber) / perUnit, timeUnit),
    firstDayNumber: first.dayNumber,
    lastDayNumber: last.dayNumber,
    asOfDayNumber,
    meanRepeatSpendMinor: x === 0 ? null : (netValueMinor - first.amountMinor) / x,
    netValueMinor,
  };
}

/** Builds a summary from figures that are already counted, checking them. Throws `ANALYTICS_BAD_SUMMARY`. */
export function purchaseSummary<U extends TimeUnit>(
  timeUnit: U,
  figures: { readonly x: number; readonly tX: number; readonly T: number },
): PurchaseSummary<U> {
  assertFigures(figures.x, figures.tX, figures.T);
  return {
    timeUnit,
    x: figures.x,
    tX: duration(figures.tX, timeUnit),
    T: duration(figures.T, timeUnit),
  };
}

/** Throws `ANALYTICS_BAD_SUMMARY` or `ANALYTICS_TIME_UNIT_MISMATCH` unless the summary can be scored in `timeUnit`. */
export function assertSummary(summary: PurchaseSummary<TimeUnit>, timeUnit: TimeUnit): void {
  assertSameTimeUnit(timeUnit, summary.timeUnit);
  assertFigures(summary.x, summary.tX, summary.T);
}

/** Throws `ANALYTICS_BAD_SUMMARY` unless x, tX and T can belong to one customer. */
export function assertFigures(x: number, tX: number, T: number): void {
  const possible =
    Number.isInteger(x) &&
    x >= 0 &&
    x <= MAX_REPEAT_DAYS &&
    tX >= 0 &&
    T >= tX &&
    T < Infinity &&
    (x === 0) === (tX === 0);
  if (!possible)
    throw new AnalyticsInputError(
      'ANALYTICS_BAD_SUMMARY',
      `needs a whole x from 0 to ${MAX_REPEAT_DAYS}, 0 <= tX <= T, and tX = 0 exactly when x = 0; got x=${x}, tX=${tX}, T=${T}`,
    );
}

function assertDayNumber(dayNumber: number): void {
  if (!Number.isSafeInteger(dayNumber))
    throw new AnalyticsInputError('ANALYTICS_BAD_TRANSACTION', `a day is a whole number, not ${dayNumber}`);
}
