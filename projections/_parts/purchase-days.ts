import { addMinor } from './amounts.js';

/**
 * Customer-days of one currency as flat, sorted lists `[dayNumber, amountMinor, dayNumber, amountMinor …]`
 * (day number = whole days since 1970-01-01 UTC). All purchases of a day are one entry, all refunds of a day another:
 * late and out-of-order facts give the same lists. Refunds stay apart because the purchase day they reduce is only
 * known once every fact up to the as-of day is.
 */
export interface CurrencyDays {
  bought: number[];
  refunded: number[];
}

/** Customer-days by ISO 4217 currency. */
export type PurchaseLedger = Record<string, CurrencyDays>;

const daysOf = (ledger: PurchaseLedger, currency: string): CurrencyDays =>
  (ledger[currency] ??= { bought: [], refunded: [] });

/** A purchase of `amountMinor` (0 counts as a purchase day too). */
export function addPurchase(
  ledger: PurchaseLedger,
  currency: string,
  dayNumber: number,
  amountMinor: number,
): void {
  addToDay(daysOf(ledger, currency).bought, dayNumber, amountMinor);
}

/** A refund of `amountMinor` (positive). */
export function addRefund(
  ledger: PurchaseLedger,
  currency: string,
  dayNumber: number,
  amountMinor: number,
): void {
  addToDay(daysOf(ledger, currency).refunded, dayNumber, amountMinor);
}

/** Adds to the entry of the day, inserting it at its place. Looks from the end: facts mostly arrive in order. */
function addToDay(days: number[], dayNumber: number, amountMinor: number): void {
  let at = days.length;
  while (at > 0 && days[at - 2]! > dayNumber) at -= 2;
  if (at > 0 && days[at - 2] === dayNumber) days[at - 1] = addMinor(days[at - 1]!, amountMinor);
  else if (at === days.length) days.push(dayNumber, amountMinor);
  else days.splice(at, 0, dayNumber, amountMinor);
}

/** Union of the ledgers: customers merged into one who bought on the same day have one customer-day. */
export function combineLedgers(ledgers: readonly PurchaseLedger[]): PurchaseLedger {
  const combined: PurchaseLedger = {};
  const currencies = [...new Set(ledgers.flatMap((ledger) => Object.keys(ledger)))].sort();
  for (const currency of currencies)
    for (const ledger of ledgers) {
      const days = ledger[currency];
      if (!days) continue;
      for (let i = 0; i < days.bought.length; i += 2)
        addPurchase(combined, currency, days.bought[i]!, days.bought[i + 1]!);
      for (let i = 0; i < days.refunded.length; i += 2)
        addRefund(combined, currency, days.refunded[i]!, days.refunded[i + 1]!);
    }
  return combined;
}

/** Distinct days with a purchase in any currency up to and including a day, sorted. */
export function buyingDays(ledger: PurchaseLedger, throughDay: number): number[] {
  const lists = Object.values(ledger);
  const days: number[] = [];
  for (const { bought } of lists)
    for (let i = 0; i < bought.length && bought[i]! <= throughDay; i += 2) days.push(bought[i]!);
  if (lists.length < 2) return days;
  return [...new Set(days)].sort((a, b) => a - b);
}

/** Money that moved in one currency: purchases positive, refunds negative, as the value models take it. */
export function* transactionsOf(
  days: CurrencyDays,
): Generator<{ readonly dayNumber: number; readonly amountMinor: number }> {
  for (let i = 0; i < days.bought.length; i += 2)
    yield { dayNumber: days.bought[i]!, amountMinor: days.bought[i + 1]! };
  for (let i = 0; i < days.refunded.length; i += 2)
    yield { dayNumber: days.refunded[i]!, amountMinor: -days.refunded[i + 1]! };
}

/** Everything bought less everything refunded up to and including a day, minor units. */
export function netMinorOf(days: CurrencyDays, throughDay: number): number {
  let net = 0;
  for (let i = 0; i < days.bought.length && days.bought[i]! <= throughDay; i += 2)
    net = addMinor(net, days.bought[i + 1]!);
  for (let i = 0; i < days.refunded.length && days.refunded[i]! <= throughDay; i += 2)
    net = addMinor(net, -days.refunded[i + 1]!);
  return net;
}
