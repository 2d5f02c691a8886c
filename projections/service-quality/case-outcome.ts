import { MS_PER_SECOND } from '@rapport/contracts';
import type { CaseRow } from './service-quality.model.js';

/** What became of a case as one number, so that figures are one grouping whatever is counted. */
export const OUTCOME = {
  complaint: 1,
  resolved: 2,
  slaKept: 4,
  slaBroken: 8,
  reopened: 16,
  firstContact: 32,
  compensated: 64,
} as const;

const MS_PER_MINUTE = 60 * MS_PER_SECOND;

/** Whole minutes; null without an end. */
export const minutesBetween = (fromMs: number, toMs: number | null): number | null =>
  toMs === null ? null : Math.max(0, Math.floor((toMs - fromMs) / MS_PER_MINUTE));

/** What events decide of a case; that an open one is overdue depends on the day and is asked with `openDueMs`. */
export function flagsOf(row: CaseRow): number {
  const resolved = row.resolvedAtMs !== null;
  const firstInTime = row.firstResolvedAtMs !== null && row.firstResolvedAtMs <= row.firstDueAtMs;
  const lateOnce = row.firstResolvedAtMs !== null && !firstInTime;
  const lateNow = row.resolvedAtMs !== null && row.resolvedAtMs > Math.max(row.dueAtMs, row.firstDueAtMs);
  const broken = lateOnce || lateNow;
  const firstContact = resolved && row.replies <= 1 && row.escalations === 0 && row.reopenings === 0;
  return (
    (row.caseKind === 'complaint' ? OUTCOME.complaint : 0) |
    (resolved ? OUTCOME.resolved : 0) |
    (resolved && !broken ? OUTCOME.slaKept : 0) |
    (broken ? OUTCOME.slaBroken : 0) |
    (row.reopenings > 0 ? OUTCOME.reopened : 0) |
    (firstContact ? OUTCOME.firstContact : 0) |
    (row.compensations > 0 ? OUTCOME.compensated : 0)
  );
}

export const has = (outcome: number, flag: keyof typeof OUTCOME): boolean => (outcome & OUTCOME[flag]) !== 0;
