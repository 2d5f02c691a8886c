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
 *
 * Promises
 * - Ordering: first deliveries of a partition come in position order; within a batch events may repeat and, on
 *   feeds that redeliver, stand in any order. Consumers drop what lies at or below their own progress.
 * - Delivery: at least once, from the given progress on. Pull based: the next batch is read when asked for.
 * - Progress lives with the consumer's documents; `commit` only tells the feed how far it may forget.
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

export interface ConsumeOptions {
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
  partitions(): Promise<readonly number[]>;
  /** Progress of a consumer that has seen nothing. */
  readonly start: FeedProgress;
  /** Batches for ever, waiting at the head; ends when `signal` aborts. */
  consume(options: ConsumeOptions): AsyncIterable<FeedBatch>;
  /** Batches of one partition from history up to a position, then ends: for consumers that fell or started behind. */
  replay(partition: number, options: ReplayOptions): AsyncIterable<FeedBatch>;
  /** Progress of a consumer that is complete to the end of the partition now: what lag is measured against. */
  head(partition: number): Promise<FeedProgress>;
  /** Everything through this batch is durable downstream. */
  commit(batch: Pick<FeedBatch, 'partition' | 'checkpoint' | 'through'>): Promise<void>;
  /** Something was appended: look at once instead of at the next poll. Cheap; may be called at every append. */
  wake(): void;
}
