/**
 * Port: events a projection could not fold, by reference.
 *
 * Glossary
 * - owner: the stream whose documents are affected: the part of the stream id after the first dash.
 * - sequence: the parked events of one owner in one collection, in stream order; the head failed, the rest queue
 *   behind it.
 *
 * Promises: written in the same commit as the checkpoint that passes the events (`ReadModelStore.inOneCommit` on a
 * store that implements both), so nothing is skipped silently. Parking the same event again changes nothing but the
 * head's reason. Sequences of a dropped generation go with it. No payloads are kept.
 */
export interface ParkedEvent {
  readonly collection: string;
  readonly projection: string;
  readonly generation: number;
  readonly streamId: string;
  readonly owner: string;
  readonly position: bigint;
  readonly revision: bigint;
  readonly eventId: string;
  readonly eventType: string;
  /** Why the head failed: error name and message, at most 300 characters; `queued` for those behind it. */
  readonly reason: string;
  readonly parkedAtMs: number;
  /** How often it was tried as the head; 0 while it waits behind one. */
  readonly attempts: number;
}

/** A projector that was away for longer has started anew meanwhile, which tries parked events as well. */
export const RETRY_REQUESTS_KEPT_MS = 600_000;

export interface ParkedSequence {
  readonly collection: string;
  readonly projection: string;
  readonly generation: number;
  readonly streamId: string;
  readonly owner: string;
  readonly head: ParkedEvent;
  readonly events: number;
}

/** Somebody wants parked events folded again: whichever projector has the partition does it. */
export interface RetryRequest {
  readonly id: string;
  readonly projection: string;
  /** One owner's; absent: all of the projection. */
  readonly owner?: string;
  readonly requestedAtMs: number;
}

export interface DeadLetterStore {
  park(events: readonly ParkedEvent[]): Promise<void>;
  /** Sequences of one collection, or of all. */
  parkedSequences(collection?: string): Promise<readonly ParkedSequence[]>;
  /** One sequence in stream order; empty when nothing is parked. */
  parkedEvents(collection: string, streamId: string): Promise<readonly ParkedEvent[]>;
  /** Removes the events of a sequence below a position (all without it). */
  unpark(collection: string, streamId: string, belowPosition?: bigint): Promise<void>;
  /** Leaves a request for projectors in other processes; forgets those older than `RETRY_REQUESTS_KEPT_MS`. */
  requestRetry(request: RetryRequest): Promise<void>;
  /** Requests kept, oldest first; carrying one out again changes nothing that is not still parked. */
  retryRequests(): Promise<readonly RetryRequest[]>;
}
