import { monthNumberOf, startOfMonthMs, type Money } from '@rapport/contracts';
import type { CustomerState } from '../customer.state.js';
import type { Draft } from '../draft.js';
import { isIn, monthIn, type TradeByMonth } from '../ledger/trade-by-month.js';
import type { CustomerClass, RuleBook } from '../../rule-book/rule-book.js';
import { recordClass } from './standing.rules.js';

const NEVER = Number.POSITIVE_INFINITY;
/** A year of trade: this month and the eleven before it. */
const MONTHS_A_YEAR = 12;

/** What the customer is worth a year and wants, as far as decisions know it; null where the rules know no thresholds for the money. */
interface KnownWorth {
  readonly value: Money;
  readonly potentialValue: Money;
  readonly serviceGradeWanted: 'low' | 'high';
}

/** Sums of twelve months to an instant, minor units. */
function lastYear(byMonth: TradeByMonth, currency: string, atMs: number): number {
  const last = monthNumberOf(atMs);
  let sum = 0;
  for (const key in byMonth) {
    if (!isIn(key, currency)) continue;
    const month = monthIn(key);
    if (month <= last && month > last - MONTHS_A_YEAR) sum += byMonth[key]!;
  }
  return sum;
}

function isTradedIn(byMonth: TradeByMonth, currency: string): boolean {
  for (const key in byMonth) if (isIn(key, currency)) return true;
  return false;
}

/** The currency of most of the trade that the rules have thresholds for; of equals the first by name. */
function currencyOf({ ledger }: CustomerState, ruleBook: RuleBook, atMs: number): string | null {
  const { highValueMinorPerYear, highPotentialMinorPerYear } = ruleBook.document.classification;
  let most: string | null = null;
  let mostSum = 0;
  for (const currency in highValueMinorPerYear) {
    if (!(currency in highPotentialMinorPerYear) || !isTradedIn(ledger.netSales, currency)) continue;
    const sum = lastYear(ledger.netSales, currency, atMs);
    if (most === null || sum > mostSum || (sum === mostSum && currency < most))
      [most, mostSum] = [currency, sum];
  }
  return most;
}

function worthAt(state: CustomerState, ruleBook: RuleBook, atMs: number): KnownWorth | null {
  const { automatic } = ruleBook.document.classification;
  const currency = currencyOf(state, ruleBook, atMs);
  if (automatic === undefined || currency === null) return null;
  const { stated, needLevel } = state.profile;
  const { netSales, serviceCosts } = state.ledger;
  const margin = (lastYear(netSales, currency, atMs) * automatic.marginPct) / 100;
  const amountMinor = Math.max(0, Math.round(margin - lastYear(serviceCosts, currency, atMs)));
  const potential =
    stated !== null && stated.potentialValue.currency === currency ? stated.potentialValue.amountMinor : 0;
  return {
    value: { amountMinor, currency },
    potentialValue: { amountMinor: Math.max(potential, amountMinor), currency },
    serviceGradeWanted:
      stated?.serviceGradeWanted ?? ((needLevel ?? 0) >= automatic.highGradeFromNeedLevel ? 'high' : 'low'),
  };
}

const isHeld = ({ profile }: CustomerState, atMs: number): boolean =>
  profile.classHeldUntilMs !== null && atMs < profile.classHeldUntilMs;

/** The class the rules give now, where it differs from the one held and nobody's word holds that one. */
function classDue(
  state: CustomerState,
  ruleBook: RuleBook,
  atMs: number,
): { readonly worth: KnownWorth; readonly customerClass: CustomerClass | null } | null {
  if (ruleBook.document.classification.automatic === undefined || isHeld(state, atMs)) return null;
  const worth = worthAt(state, ruleBook, atMs);
  if (worth === null) return null;
  const customerClass = ruleBook.classOf(worth);
  return customerClass === state.profile.customerClass ? null : { worth, customerClass };
}

export const isClassDue = (state: CustomerState, ruleBook: RuleBook, atMs: number): boolean =>
  classDue(state, ruleBook, atMs) !== null;

/** Records the class the rules give, and the level of service that goes with it. (S10) */
export function classifyByRules(draft: Draft, atMs: number): void {
  const due = classDue(draft.state, draft.context.ruleBook, atMs);
  if (due !== null) recordClass(draft, due.worth, { basis: 'rules', atMs });
}

/** Next instant after `afterMs` at which the class may be another one: what holds it ends, or a month of trade leaves the year. */
export function nextClassTurn(state: CustomerState, ruleBook: RuleBook, afterMs: number): number {
  if (ruleBook.document.classification.automatic === undefined) return NEVER;
  const { netSales, serviceCosts } = state.ledger;
  let next = NEVER;
  const held = state.profile.classHeldUntilMs;
  if (held !== null && held > afterMs) next = held;
  // The month that `afterMs` lies in has begun: what leaves the year does so with a later one.
  const begun = monthNumberOf(afterMs);
  let leaves = NEVER;
  for (const byMonth of [netSales, serviceCosts])
    for (const key in byMonth) {
      const month = monthIn(key) + MONTHS_A_YEAR;
      if (month > begun && month < leaves) leaves = month;
    }
  return leaves === NEVER ? next : Math.min(next, startOfMonthMs(leaves));
}
