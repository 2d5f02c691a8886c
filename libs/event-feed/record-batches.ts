import type { RecordedEvent } from '@rapport/contracts';
import { positionOfRecord, type FeedRecord } from './event-publisher.port.js';

/** A record as it lies in a partition; without `record` it is none of ours or cannot be read. */
export interface StoredRecord {
  readonly record: FeedRecord | undefined;
  /** Offset to go on from after it. */
  readonly nextOffset: bigint;
}

/** Records that are new to a consumer and joined to each other. */
export interface RecordBatch {
  readonly events: readonly RecordedEvent[];
  readonly previous: bigint;
  readonly through: bigint;
  /** Checkpoint of the log, where a progress record named it. */
  readonly checkpoint: string | undefined;
  readonly nextOffset: bigint;
}

export interface SortedRecords {
  readonly batches: readonly RecordBatch[];
  /** Position of the newest record seen. */
  readonly lastSeen: bigint;
  readonly nextOffset: bigint;
  readonly duplicates: number;
  readonly gaps: number;
  readonly skipped: number;
}

/**
 * Sorts records of one partition, in offset order, for a consumer that has seen everything up to a position: what lies
 * at or below it is a duplicate, a `previous` above it is a gap and begins a batch of its own, so that the consumer
 * sees it.
 */
export function sortRecords(
  records: readonly StoredRecord[],
  seenThrough: bigint,
  batchSize: number,
): SortedRecords {
  const batches: RecordBatch[] = [];
  let lastSeen = seenThrough;
  let nextOffset = 0n;
  let duplicates = 0;
  let gaps = 0;
  let skipped = 0;
  let open: { events: RecordedEvent[]; previous: bigint; checkpoint: string | undefined } | undefined;
  let openEnd = 0n;
  const close = (): void => {
    if (open) batches.push({ ...open, through: lastSeen, nextOffset: openEnd });
    open = undefined;
  };
  for (const { record, nextOffset: after } of records) {
    nextOffset = after;
    if (!record) {
      skipped++;
      continue;
    }
    const position = positionOfRecord(record);
    if (position <= lastSeen) {
      duplicates++;
      continue;
    }
    const isGap = record.previous > lastSeen;
    if (isGap) gaps++;
    if (isGap || (open && open.events.length >= batchSize)) close();
    open ??= { events: [], previous: record.previous, checkpoint: undefined };
    if (record.kind === 'event') open.events.push(record.event);
    open.checkpoint = record.kind === 'progress' ? record.checkpoint : undefined;
    lastSeen = position;
    openEnd = after;
  }
  close();
  return { batches, lastSeen, nextOffset, duplicates, gaps, skipped };
}
