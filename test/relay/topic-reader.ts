import { randomUUID } from 'node:crypto';
import { murmur2Partitioning, openKafkaEventFeed, type FeedBatch } from '@rapport/event-feed';
import type { RecordedEvent } from '@rapport/contracts';
import { upcastToLatest } from '@rapport/event-store';
import { RecordedLog } from '@rapport/testing';

/** Reads a topic as a group of its own and keeps every batch: nothing but what the topic itself holds. */
export async function openTopicReader(brokers: readonly string[], partitions: number, topic?: string) {
  const feed = await openKafkaEventFeed({
    brokers,
    clientId: 'reader',
    group: `reader.${randomUUID()}`,
    partitioning: murmur2Partitioning(partitions),
    ...(topic === undefined ? {} : { topic }),
    history: new RecordedLog(),
    upcast: upcastToLatest,
  });
  const stop = new AbortController();
  const batches: FeedBatch[] = [];
  const reading = (async () => {
    const progress = new Map<number, FeedBatch>();
    while (!stop.signal.aborted) {
      const assignment = await feed.assigned(stop.signal);
      if (!assignment) return;
      const from = (partition: number) => progress.get(partition) ?? feed.start;
      for await (const batch of feed.consume({ assignment, from, signal: stop.signal })) {
        batches.push(batch);
        progress.set(batch.partition, batch);
        await feed.commit(batch);
      }
    }
  })();
  return {
    feed,
    batches,
    events: (): RecordedEvent[] => batches.flatMap((batch) => batch.events),
    /** Positions a partition is known to be complete to. */
    through: (): Map<number, bigint> => {
      const through = new Map<number, bigint>();
      for (const batch of batches) through.set(batch.partition, batch.through);
      return through;
    },
    close: async (): Promise<void> => {
      stop.abort();
      await reading;
      await feed.close();
    },
  };
}
