import type { Observation } from '../monotonic-reader.js';
import type { CheckResult } from './check-result.js';

/**
 * I6: no reader ever sees a document older than it saw before, or newer than the log. Only a document server that was
 * let forget what it acknowledged may go back, once: a new epoch.
 */
export function documentsNeverGoBack(observations: readonly Observation[]): CheckResult {
  const violations: string[] = [];
  const newest = new Map<string, bigint>();
  let checked = 0;
  for (const { key, position, head, epoch } of observations) {
    const place = `${epoch} ${key}`;
    const before = newest.get(place);
    if (before !== undefined) checked++;
    if (before !== undefined && position < before)
      violations.push(`${key}: seen at ${before}, then at ${position}`);
    if (position > head) violations.push(`${key}: seen at ${position}, and the log ended at ${head}`);
    if (before === undefined || position > before) newest.set(place, position);
  }
  return { name: 'I6 documents never go back', checked, violations };
}
