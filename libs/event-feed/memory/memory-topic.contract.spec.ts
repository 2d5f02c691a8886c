import { eventBuilder, RecordedLog, TopicWriter } from '@rapport/testing';
import { describeEventFeed } from '../event-feed.contract.js';
import { describeEventPublisher } from '../event-publisher.contract.js';
import { murmur2Partitioning } from '../partitioning.js';
import { describeSharedEventFeed } from '../shared-event-feed.contract.js';
import { MemoryTopic, openMemoryEventFeed } from './memory-topic.adapter.js';

describeEventFeed('Memory', async () => {
  const topic = new MemoryTopic(murmur2Partitioning(1));
  const log = new RecordedLog();
  const writer = new TopicWriter(topic, log);
  const builder = eventBuilder();
  return {
    feed: openMemoryEventFeed(topic, { group: 'g', history: log, batchSize: 3 }),
    append: async (count) => {
      for (let i = 0; i < count; i++) builder.type('PurchaseRecorded');
      await writer.write(builder.build().slice(-count));
    },
  };
});

describeSharedEventFeed(
  'Memory',
  async () => {
    const topic = new MemoryTopic(murmur2Partitioning(4));
    return {
      publisher: topic,
      join: (log) => openMemoryEventFeed(topic, { group: 'g', history: log, batchSize: 50 }),
      expire: async (partition, count) => topic.expire(partition, count),
      recreate: async () => topic.clear(),
      pollute: async (partition) => topic.pollute(partition),
      close: async () => undefined,
    };
  },
  { rebalanceMs: 1_000 },
);

describeEventPublisher('Memory', async () => {
  const topic = new MemoryTopic(murmur2Partitioning(4));
  return {
    publisher: topic,
    reopen: () => topic,
    records: async (partition) => topic.recordsOf(partition),
    expireAll: async (partition) => topic.expire(partition, topic.recordsOf(partition).length),
    close: async () => undefined,
  };
});
