import type { EventMetadata } from '@rapport/contracts';
import { epochMsOf } from '@rapport/contracts';

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
export const occurredAtMsOf = (event: Placed): number => epochMsOf(event.metadata.occurredAt);

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
