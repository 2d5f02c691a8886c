import type { RecordedEvent } from '@rapport/contracts';
import { positionOfRecord, type EventPublisher, type FeedRecord } from '@rapport/event-feed';
import type { RecordedLog } from './recorded-log.js';

/** Writes events to a log and to a topic behind it, chained as the relay does, so that feeds have something to carry. */
export class TopicWriter {
  private readonly chain = new Map<number, bigint>();
  private ordinal = 0n;

  constructor(
    private readonly publisher: EventPublisher,
    private readonly log: RecordedLog,
  ) {}

  /** Appends to the log and publishes. */
  async write(events: readonly RecordedEvent[]): Promise<void> {
    this.log.add(events);
    await this.publish(this.recordsOf(events));
  }

  /** Appends to the log alone: the topic never gets these. */
  lose(events: readonly RecordedEvent[]): void {
    this.log.add(events);
    this.recordsOf(events);
  }

  /** Publishes records as they are: again, out of order, from another relay. */
  publish(records: readonly FeedRecord[]): Promise<void> {
    return this.publisher.publish(records);
  }

  /** Says that every partition is complete to a position. */
  async progress(through: bigint): Promise<void> {
    const { partitions } = this.publisher.partitioning;
    const records = Array.from({ length: partitions }, (_, partition): FeedRecord => ({
      kind: 'progress',
      partition,
      previous: this.chain.get(partition) ?? 0n,
      ordinal: this.ordinal,
      through,
      checkpoint: this.log.checkpointAt(through),
    }));
    for (const record of records) this.chain.set(record.partition, through);
    await this.publish(records);
  }

  /** The records of events that follow what was written. */
  recordsOf(events: readonly RecordedEvent[]): readonly FeedRecord[] {
    return events.map((event): FeedRecord => {
      const partition = this.publisher.partitioning.partitionOf(event.streamId);
      const record: FeedRecord = {
        kind: 'event',
        partition,
        previous: this.chain.get(partition) ?? 0n,
        ordinal: ++this.ordinal,
        event,
      };
      this.chain.set(partition, positionOfRecord(record));
      return record;
    });
  }
}
