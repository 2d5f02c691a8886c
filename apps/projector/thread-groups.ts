import { spreadOverThreads } from '@rapport/projection-engine';

/**
 * Microseconds an event costs each projection beyond reading it, measured on the log of `npm run bench`: only the
 * proportions matter.
 */
const COSTS: Readonly<Record<string, number>> = {
  'contact-history': 17,
  'service-quality': 12,
  'due-reviews': 10,
  profitability: 8,
  'customer-360': 8,
  loyalty: 7,
  'value-pillars': 6,
  'transaction-history': 5,
  'crm-goals': 5,
  journeys: 4,
  'channel-activity': 3.5,
  'churn-risk': 3,
  'strategic-accounts': 3,
  'product-holdings': 2,
  'account-portfolio': 2,
  'lifetime-value': 2,
  'data-quality': 1.4,
  'relationship-funnel': 1.3,
};
/** Of the others: few events of that log concern them. */
const SMALL_COST = 0.5;

/** Which projections run in which live thread. */
export const threadGroups = (names: readonly string[], threads: number): string[][] =>
  spreadOverThreads(names, threads, Object.fromEntries(names.map((n) => [n, COSTS[n] ?? SMALL_COST])));
