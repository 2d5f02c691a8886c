import { spreadOverThreads } from '@rapport/projection-engine';

/** Microseconds an event costs each projection, measured on the log of `npm run bench`: only the proportions matter. */
const COSTS: Readonly<Record<string, number>> = {
  'due-reviews': 20,
  'next-best-action': 20,
  'contact-history': 19,
  'customer-360': 12,
  'churn-risk': 6,
  'lifetime-value': 2,
  'relationship-funnel': 1,
};
/** Of a projection nobody has measured yet. */
const UNKNOWN_COST = 6;

/** Which projections run in which live thread. */
export const threadGroups = (names: readonly string[], threads: number): string[][] =>
  spreadOverThreads(names, threads, Object.fromEntries(names.map((n) => [n, COSTS[n] ?? UNKNOWN_COST])));
