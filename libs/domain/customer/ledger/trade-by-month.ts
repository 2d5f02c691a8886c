import { monthNumberOf } from '@rapport/contracts';

/** Amounts by `<currency> <month>`, minor units; months since year 0. Of each currency the latest thirteen are kept. */
export type TradeByMonth = Readonly<Record<string, number>>;

const SPACE = 0x20;

/** Is a key of this currency? Asked in every decision, so without taking the currency out of the key. */
export const isIn = (key: string, currency: string): boolean =>
  key.charCodeAt(currency.length) === SPACE && key.startsWith(currency);
/** Month of a key, since year 0. */
export const monthIn = (key: string): number => Number(key.slice(key.indexOf(' ') + 1));

/** A year and the month it begins in. */
const MONTHS_KEPT = 13;

/** With an amount of one month more; what is older than the months kept counts no more. */
export function withTrade(
  trade: TradeByMonth,
  { amountMinor, currency }: { readonly amountMinor: number; readonly currency: string },
  atMs: number,
): TradeByMonth {
  const key = `${currency} ${monthNumberOf(atMs)}`;
  const next: Record<string, number> = { ...trade, [key]: (trade[key] ?? 0) + amountMinor };
  if (key in trade) return next;
  const months = Object.keys(next)
    .filter((known) => isIn(known, currency))
    .map(monthIn)
    .sort((a, b) => b - a);
  for (const month of months.slice(MONTHS_KEPT)) delete next[`${currency} ${month}`];
  return next;
}
