import type { EventStore } from '@rapport/event-store';
import type { FeedBatch, ReplayOptions } from './event-feed.port.js';
import type { Partitioning } from './partitioning.js';

/** The log as consumers of partitions fall back on it. */
export type FeedHistory = Pick<EventStore, 'readAll' | 'checkpointAt'>;

/** One partition's part of the log between two positions, in batches: history never depends on what the feed kept. */
export async function* replayFromLog(
  history: FeedHistory,
  partitioning: Partitioning,
  partition: number,
  { after, through }: ReplayOptions,
  batchSize: number,
): AsyncIterable<FeedBatch> {
  let previous = after.through;
  const pages = history.readAll({
    after: after.checkpoint,
    throughPosition: through,
    pageSize: batchSize,
    accept: (streamId) => partitioning.partitionOf(streamId) === partition,
  });
  for await (const { events, checkpoint, through: reached } of pages) {
    if (reached <= previous && events.length === 0) continue;
    yield { partition, events, checkpoint, through: reached, previous, more: reached < through };
    previous = reached;
  }
}
