/**
 * Port: the log as projectors consume it, in batches per partition.
 *
 * Glossary
 * - partition: a part of the log that keeps its order; all events of one stream are in one partition. The embedded
 *   store has one, number 0.
 * - through: position a batch is complete to: no event of the partition at or below it is still to come for the
 *   first time.
 * - previous: `through` of the batch before it in the partition; a consumer that stands below it has missed something
 *   and replays.
 * - assignment: the partitions one consumer of a group reads until the next assignment. A feed that is not shared has
 *   one assignment for ever.
 *
 * Promises
 * - Ordering: first deliveries of a partition come in position order; within a batch events may repeat and, on
 *   feeds that redeliver, stand in any order. Consumers drop what lies at or below their own progress.
 * - Delivery: at least once, from the given progress on. Pull based: the next batch is read when asked for.
 * - Nothing is left out silently: records the feed lost (retention, a topic made anew, a skipped offset) show as a
 *   `previous` above the consumer's progress, and `replay` has them, from the log.
 * - Sharing: a partition is in one assignment at a time, except for a consumer that does not know yet that it lost it:
 *   the guard of the documents fences that one. When its assignment ends, `consume` ends: drop what is not committed,
 *   ask `assigned` again and go on from the stored progress.
 * - Progress lives with the consumer's documents; `commit` only tells the feed how far it may forget, and where to
 *   begin next time. A commit for a partition that is no longer assigned changes nothing.
 * - Failures: RapportError UNAVAILABLE, CORRUPT_EVENT (thrown by the iteration; consume again from the last progress).
 */
import type { RecordedEvent } from '@rapport/contracts';

/** How far a consumer of a partition has come. */
export interface FeedProgress {
  /** Opaque checkpoint of the feed. */
  readonly checkpoint: string;
  readonly through: bigint;
}

export interface FeedBatch extends FeedProgress {
  readonly partition: number;
  readonly events: readonly RecordedEvent[];
  readonly previous: bigint;
  /** True when more is known to wait behind this batch: a consumer may put off its commit. */
  readonly more: boolean;
}

/** What one consumer reads until the next assignment. */
export interface FeedAssignment {
  /** Another number, another assignment, even of the same partitions. */
  readonly id: number;
  readonly partitions: readonly number[];
}

/** The assignment of a feed that nobody shares. */
export const ONLY_ASSIGNMENT: FeedAssignment = { id: 0, partitions: [0] };

export interface FeedHealth {
  /** False while the consumer is dead, silent or without an assignment. */
  readonly ready: boolean;
  /** Why it is not ready. */
  readonly reason?: string;
  readonly assigned: readonly number[];
  /** Consumers that died or fell silent and were replaced. */
  readonly restarts: number;
  /** Records dropped because they had been delivered. */
  readonly duplicates: number;
  /** Places where records were missing and `replay` fills in. */
  readonly gaps: number;
  /** Records that are none of ours or cannot be read; the log has what they should have been. */
  readonly skipped: number;
}

export interface ConsumeOptions {
  /** The assignment to read; default the one of now. The iteration ends with it. */
  readonly assignment?: FeedAssignment;
  /** Where each partition goes on. */
  readonly from: (partition: number) => FeedProgress;
  readonly signal: AbortSignal;
}

export interface ReplayOptions {
  readonly after: FeedProgress;
  /** Last position, inclusive. */
  readonly through: bigint;
}

export interface EventFeed {
  /** Every partition there is, whoever reads it. */
  partitions(): Promise<readonly number[]>;
  /** Partition that the events of a stream are in. */
  partitionOf(streamId: string): number;
  /** The assignment of now; waits for one. undefined when `signal` aborts first. */
  assigned(signal: AbortSignal): Promise<FeedAssignment | undefined>;
  health(): FeedHealth;
  /** Progress of a consumer that has seen nothing. */
  readonly start: FeedProgress;
  /** Batches for ever, waiting at the head; ends when `signal` aborts or the assignment ends. */
  consume(options: ConsumeOptions): AsyncIterable<FeedBatch>;
  /** Batches of one partition from history up to a position, then ends: for consumers that fell or started behind. */
  replay(partition: number, options: ReplayOptions): AsyncIterable<FeedBatch>;
  /** Progress of a consumer that is complete to the end of the partition now: what lag is measured against. */
  head(partition: number): Promise<FeedProgress>;
  /** Everything through this batch is durable downstream. */
  commit(batch: Pick<FeedBatch, 'partition' | 'checkpoint' | 'through'>): Promise<void>;
  /** Something was appended: look at once instead of at the next poll. Cheap; may be called at every append. */
  wake(): void;
  /** Tells the group goodbye, so that others take over at once. */
  close(): Promise<void>;
}
