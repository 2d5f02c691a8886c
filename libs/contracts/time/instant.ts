/**
 * Pure calendar arithmetic. The only place outside `libs/runtime` and the adapters where `Date` is allowed:
 * nothing here reads the clock. Instants are epoch milliseconds (number, UTC) in code, ISO-8601 UTC with
 * milliseconds on wires; days are whole days since 1970-01-01 UTC.
 */

export const MS_PER_SECOND = 1_000;
export const MS_PER_DAY = 86_400_000;

/** Epoch milliseconds of an ISO-8601 instant; NaN when it is not one. */
export function epochMsOf(iso: string): number {
  return Date.parse(iso);
}

/** `2026-11-23T10:00:00.000Z` for an instant in epoch milliseconds. */
export function isoOf(epochMs: number): string {
  if (epochMs !== lastMs) {
    lastIso = new Date(epochMs).toISOString();
    lastMs = epochMs;
  }
  return lastIso;
}
/** Events of one batch happen in the same few milliseconds: the last instant written is mostly the next one. */
let lastMs = Number.NaN;
let lastIso = '';

/** Whole days since 1970-01-01 UTC: the "customer-day" a transaction falls on. */
export function dayNumberOf(epochMs: number): number {
  return Math.floor(epochMs / MS_PER_DAY);
}

const MONTHS_A_YEAR = 12;

/** Whole months since the year 0, UTC: the calendar month an instant falls in. */
export function monthNumberOf(epochMs: number): number {
  const date = new Date(epochMs);
  return date.getUTCFullYear() * MONTHS_A_YEAR + date.getUTCMonth();
}

/** The first instant of a month after the year 99. */
export function startOfMonthMs(monthNumber: number): number {
  return Date.UTC(Math.floor(monthNumber / MONTHS_A_YEAR), monthNumber % MONTHS_A_YEAR);
}

/** `2026-11-23` for a day number. */
export function isoDateOfDay(dayNumber: number): string {
  return isoOf(dayNumber * MS_PER_DAY).slice(0, 10);
}

/** Day number of a `yyyy-mm-dd` date; NaN when the calendar has no such day. */
export function dayNumberOfIsoDate(isoDate: string): number {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(isoDate)) return Number.NaN;
  const epochMs = Date.parse(`${isoDate}T00:00:00.000Z`);
  if (Number.isNaN(epochMs) || isoOf(epochMs).slice(0, 10) !== isoDate) return Number.NaN;
  return dayNumberOf(epochMs);
}

const INSTANT =
  /^(\d{4}-\d{2}-\d{2})T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** True for an ISO-8601 instant with a zone on a day that exists (30 February does not). */
export function isInstant(value: string): boolean {
  const match = INSTANT.exec(value);
  return match !== null && !Number.isNaN(dayNumberOfIsoDate(match[1]!)) && !Number.isNaN(epochMsOf(value));
}
