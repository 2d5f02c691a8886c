import type { EventMetadata } from '@rapport/contracts';
import { epochMsOf, MS_PER_DAY } from '@rapport/contracts';

/** What an event says about its place in time; every recorded event fits. */
export interface Placed {
  readonly eventId: string;
  readonly metadata: Pick<EventMetadata, 'occurredAt' | 'sourceSeq'>;
}

/**
 * Place of a value's event in business time: occurredAt, the sender's own sequence, event id. Kept beside values of
 * which only the latest counts, so that a late fact never hides a newer one.
 */
export interface Stamp {
  /** Epoch ms. */
  atMs: number;
  /** Absent = 0. */
  seq?: number;
  eventId: string;
}

/** Business time of an event, epoch ms. */
export const occurredAtMsOf = (event: Placed): number => epochMsOfRecorded(event.metadata.occurredAt);

/**
 * Epoch ms of an instant as events carry it. Every projection needs it for every event, so the one form that is
 * recorded, `yyyy-mm-ddThh:mm:ss.mmmZ`, is read digit by digit (days from civil, Hinnant 2013); others are parsed.
 */
export function epochMsOfRecorded(iso: string): number {
  if (iso.length !== 24 || iso.charCodeAt(23) !== 90 || iso.charCodeAt(10) !== 84) return epochMsOf(iso);
  const month = twoDigits(iso, 5);
  const day = twoDigits(iso, 8);
  const year = twoDigits(iso, 0) * 100 + twoDigits(iso, 2) - (month <= 2 ? 1 : 0);
  const era = Math.floor(year / 400);
  const yearOfEra = year - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return (
    (era * 146_097 + dayOfEra - 719_468) * MS_PER_DAY +
    twoDigits(iso, 11) * 3_600_000 +
    twoDigits(iso, 14) * 60_000 +
    twoDigits(iso, 17) * 1_000 +
    twoDigits(iso, 20) * 10 +
    (iso.charCodeAt(22) - 48)
  );
}

const twoDigits = (text: string, at: number): number =>
  (text.charCodeAt(at) - 48) * 10 + text.charCodeAt(at + 1) - 48;

export function stampOf(event: Placed, atMs: number = occurredAtMsOf(event)): Stamp {
  const seq = event.metadata.sourceSeq;
  return seq ? { atMs, seq, eventId: event.eventId } : { atMs, eventId: event.eventId };
}

/** Negative when `a` comes first in business time. */
export function compareStamps(a: Stamp, b: Stamp): number {
  if (a.atMs !== b.atMs) return a.atMs - b.atMs;
  const bySequence = (a.seq ?? 0) - (b.seq ?? 0);
  if (bySequence !== 0) return bySequence;
  return a.eventId < b.eventId ? -1 : a.eventId > b.eventId ? 1 : 0;
}

/** True when nothing newer than `stamp` is known. */
export const supersedes = (stamp: Stamp, known: Stamp | null | undefined): boolean =>
  !known || compareStamps(stamp, known) >= 0;

/** The value with the latest stamp; the first when there is only one. */
export function latestOf<T extends Stamp>(a: T | null | undefined, b: T | null | undefined): T | null {
  if (!a) return b ?? null;
  return b && supersedes(b, a) ? b : a;
}
