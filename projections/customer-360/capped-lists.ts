import type { HoldingOnFile, TouchLine } from './customer-360.model.js';

/** Contacts shown; the full history is the projection `contact-history`. */
export const MAX_TOUCHES = 50;
/** The oldest moves go first; the log has them all. */
export const MAX_STAGE_HISTORY = 50;
/** Cases of any status; the oldest go first. */
export const MAX_CASES = 100;
/** Closed cases are kept for a while because they may be reopened. */
export const MAX_CLOSED_CASES = 20;
/** The oldest go first, ended or not. */
export const MAX_CONTRACTS = 50;
/** Products held; those bought longest ago go first. */
export const MAX_HOLDINGS = 100;
/** Every other list. */
export const MAX_LIST = 100;

/** Timeline order: occurredAt, source sequence, event id. */
export function compareTouches(a: TouchLine, b: TouchLine): number {
  return a[0] - b[0] || a[1] - b[1] || (a[2] < b[2] ? -1 : a[2] > b[2] ? 1 : 0);
}

/** Puts a touch at its place; the earliest goes when there are too many. Late touches find their place or are older than all shown. */
export function keepTouches(touches: TouchLine[], line: TouchLine): void {
  let at = touches.length;
  while (at > 0 && compareTouches(touches[at - 1]!, line) > 0) at -= 1;
  if (at === touches.length) touches.push(line);
  else touches.splice(at, 0, line);
  if (touches.length > MAX_TOUCHES) touches.shift();
}

/** The products bought most recently. */
export function keepHoldings(holdings: HoldingOnFile[]): HoldingOnFile[] {
  if (holdings.length <= MAX_HOLDINGS) return holdings;
  const oldest = holdings.reduce((a, b) =>
    b.boughtAtMs < a.boughtAtMs || (b.boughtAtMs === a.boughtAtMs && b.productId < a.productId) ? b : a,
  );
  return holdings.filter((holding) => holding !== oldest);
}
