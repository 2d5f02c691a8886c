/**
 * Port: the copy of the log that the relay writes for many consumers, in partitions.
 *
 * Glossary
 * - record: an event, or a progress record that says how far the partition is complete where nothing happened in it.
 * - previous: position of the record before it in the partition (0 for the first): a chain that shows what is missing.
 * - ordinal: number of events in the whole log up to and including this one: how much is left, honestly counted.
 * - end: the newest record of a partition.
 *
 * Promises
 * - Ordering: records of one partition are written in the order of the call, calls one after the other.
 * - Durability: `publish` resolves after every record was acknowledged by all replicas that must.
 * - Idempotence: the publisher's own retries double nothing. After a failure it is not known which records were
 *   written: `ends` says it, and the caller goes on from there.
 * - One writer at a time is the caller's business (a lease): two writers may repeat records, never lose any.
 * - Failures: RapportError UNAVAILABLE (try again after `ends`), PARTITIONING_CHANGED (thrown).
 */
import type { RecordedEvent } from '@rapport/contracts';
import type { Partitioning } from './partitioning.js';

interface ChainedRecord {
  readonly partition: number;
  readonly previous: bigint;
  readonly ordinal: bigint;
}
export interface EventRecord extends ChainedRecord {
  readonly kind: 'event';
  readonly event: RecordedEvent;
}
export interface ProgressRecord extends ChainedRecord {
  readonly kind: 'progress';
  /** The partition has no further event at or below this position. */
  readonly through: bigint;
  /** Checkpoint of the log at `through`. */
  readonly checkpoint: string;
}
export type FeedRecord = EventRecord | ProgressRecord;

export const positionOfRecord = (record: FeedRecord): bigint =>
  record.kind === 'event' ? record.event.position : record.through;

/** The newest record of a partition. `expired`: there were some, and retention has removed them all. */
export type PartitionEnd =
  | { readonly kind: 'empty' }
  | { readonly kind: 'expired' }
  | {
      readonly kind: 'record';
      readonly position: bigint;
      readonly ordinal: bigint;
      /** Checkpoint of the log at the position, where the record named it. */
      readonly checkpoint?: string;
    };

export const endAt = (record: FeedRecord): PartitionEnd => ({
  kind: 'record',
  position: positionOfRecord(record),
  ordinal: record.ordinal,
  ...(record.kind === 'progress' ? { checkpoint: record.checkpoint } : {}),
});

export interface EventPublisher {
  readonly partitioning: Partitioning;
  /** The end of each partition, by number; makes the topic where it is missing. */
  ends(): Promise<readonly PartitionEnd[]>;
  publish(records: readonly FeedRecord[]): Promise<void>;
  close(): Promise<void>;
}
