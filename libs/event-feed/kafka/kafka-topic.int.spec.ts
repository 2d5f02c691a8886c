import { randomUUID } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';
import { upcastToLatest } from '@rapport/event-store';
import { addressOf, eventBuilder, RecordedLog, TopicWriter, waitUntil } from '@rapport/testing';
import { describeEventFeed } from '../event-feed.contract.js';
import type { EventFeed } from '../event-feed.port.js';
import { describeEventPublisher } from '../event-publisher.contract.js';
import type { EventPublisher, FeedRecord } from '../event-publisher.port.js';
import { murmur2Partitioning } from '../partitioning.js';
import { describeSharedEventFeed } from '../shared-event-feed.contract.js';
import { openKafkaEventFeed } from './kafka-event-feed.adapter.js';
import { openKafkaEventPublisher } from './kafka-event-publisher.adapter.js';
import { decodeRecord } from './kafka-records.js';

const brokers = addressOf('kafka').split(',');
const kafka = new Kafka({ brokers, clientId: 'spec', logLevel: logLevel.NOTHING });
const admin = kafka.admin();

const open: (EventFeed | EventPublisher)[] = [];
beforeAll(() => admin.connect());
afterEach(async () => {
  await Promise.all(open.splice(0).map((adapter) => adapter.close()));
});
afterAll(() => admin.disconnect());

const topicOf = (partitions: number) => {
  const topic = `spec.${randomUUID()}`;
  const partitioning = murmur2Partitioning(partitions);
  const options = { brokers, clientId: 'spec', topic, partitioning };
  const publisher = (): EventPublisher => {
    const opened = openKafkaEventPublisher(options);
    open.push(opened);
    return opened;
  };
  const feed = (log: RecordedLog, group: string, batchSize: number): EventFeed => {
    const opened = openKafkaEventFeed({
      ...options,
      group,
      history: log,
      batchSize,
      upcast: upcastToLatest,
      sessionTimeoutMs: 6_000,
      commitEveryMs: 20,
    });
    open.push(opened);
    return opened;
  };
  const expire = async (partition: number, count: number): Promise<void> => {
    const [range] = (await admin.fetchTopicOffsets(topic)).filter((p) => p.partition === partition);
    const offset = String(Math.min(count, Number(range!.high)));
    if (offset !== '0') await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset }] });
  };
  const gone = async (): Promise<void> => {
    await admin.deleteTopics({ topics: [topic] });
    while ((await admin.listTopics()).includes(topic))
      await new Promise((resolve) => setTimeout(resolve, 50));
  };
  return { topic, options, publisher, feed, expire, gone };
};

/** Every record of a partition, read by a group of its own. */
async function recordsOf(topic: string, partition: number): Promise<readonly FeedRecord[]> {
  const [range] = (await admin.fetchTopicOffsets(topic)).filter((p) => p.partition === partition);
  const found: FeedRecord[] = [];
  if (range!.high === range!.low) return found;
  const consumer = kafka.consumer({ groupId: `spec.${randomUUID()}` });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await new Promise<void>((resolve) => {
    void consumer.run({
      autoCommit: false,
      eachMessage: async ({ partition: from, message }) => {
        if (from !== partition) return;
        const record = decodeRecord(partition, message, (_type, schemaVersion, data) => ({
          schemaVersion,
          data,
        }));
        if (record) found.push(record);
        if (BigInt(message.offset) === BigInt(range!.high) - 1n) resolve();
      },
    });
  });
  await consumer.disconnect();
  return found;
}

describeEventFeed('Kafka', async () => {
  const { publisher, feed } = topicOf(1);
  const opened = publisher();
  await opened.ends();
  const log = new RecordedLog();
  const writer = new TopicWriter(opened, log);
  const builder = eventBuilder();
  return {
    feed: feed(log, randomUUID(), 3),
    append: async (count) => {
      for (let i = 0; i < count; i++) builder.type('PurchaseRecorded');
      await writer.write(builder.build().slice(-count));
    },
  };
});

describeSharedEventFeed(
  'Kafka',
  async () => {
    const { topic, publisher, feed, expire, gone } = topicOf(4);
    const group = `group.${topic}`;
    const opened = publisher();
    await opened.ends();
    return {
      publisher: opened,
      join: (log) => feed(log, group, 50),
      expire,
      recreate: async () => {
        await gone();
        await opened.ends();
      },
      pollute: async (partition) => {
        const producer = kafka.producer({
          createPartitioner:
            () =>
            ({ message }) =>
              message.partition!,
        });
        await producer.connect();
        await producer.send({ topic, messages: [{ partition, value: null }] });
        await producer.disconnect();
      },
      close: gone,
    };
  },
  { rebalanceMs: 20_000 },
);

describeEventPublisher('Kafka', async () => {
  const { topic, publisher, expire, gone } = topicOf(4);
  return {
    publisher: publisher(),
    reopen: publisher,
    records: (partition) => recordsOf(topic, partition),
    expireAll: (partition) => expire(partition, Number.MAX_SAFE_INTEGER),
    close: gone,
  };
});

describe('A Kafka topic', () => {
  it('with another number of partitions is refused by both sides', async () => {
    const { options, publisher, gone } = topicOf(4);
    await publisher().ends();
    const changed = { ...options, partitioning: murmur2Partitioning(5) };
    const relay = openKafkaEventPublisher(changed);
    await expect(relay.ends()).rejects.toMatchObject({ code: 'PARTITIONING_CHANGED' });
    const projector = openKafkaEventFeed({
      ...changed,
      group: randomUUID(),
      history: new RecordedLog(),
      upcast: upcastToLatest,
    });
    await expect(projector.partitions()).rejects.toMatchObject({ code: 'PARTITIONING_CHANGED' });
    await Promise.all([relay.close(), projector.close(), gone()]);
  });

  it('that does not answer is UNAVAILABLE, and the feed says it is not ready', async () => {
    const options = { brokers: ['127.0.0.1:1'], clientId: 'spec', partitioning: murmur2Partitioning(4) };
    const publisher = openKafkaEventPublisher(options);
    await expect(publisher.ends()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(
      publisher.publish(
        new TopicWriter(publisher, new RecordedLog()).recordsOf(
          eventBuilder().type('PurchaseRecorded').build(),
        ),
      ),
    ).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    const feed = openKafkaEventFeed({
      ...options,
      group: randomUUID(),
      history: new RecordedLog(),
      upcast: upcastToLatest,
    });
    const stop = new AbortController();
    const assigned = feed.assigned(stop.signal);
    while (feed.health().restarts < 1) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(feed.health()).toMatchObject({ ready: false, assigned: [] });
    stop.abort();
    expect(await assigned).toBeUndefined();
    await feed.close();
  });

  it('sees no more of a consumer that was replaced while it joined', async () => {
    const { topic, options, publisher, gone } = topicOf(4);
    await publisher().ends();
    const group = `group.${topic}`;
    const producer = kafka.producer();
    await producer.connect();
    await producer.send({ topic, messages: [{ value: 'anything' }] });
    await producer.disconnect();
    // The group waits for a member that is busy and says nothing.
    const busy = kafka.consumer({
      groupId: group,
      sessionTimeout: 30_000,
      rebalanceTimeout: 30_000,
      heartbeatInterval: 200,
      maxWaitTimeInMs: 200,
    });
    let release: () => void = () => undefined;
    await busy.connect();
    await busy.subscribe({ topic, fromBeginning: true });
    await new Promise<void>((isBusy) => {
      const released = new Promise<void>((resolve) => (release = resolve));
      void busy.run({
        autoCommit: false,
        eachBatch: async () => {
          isBusy();
          await released;
        },
      });
    });
    const feed = openKafkaEventFeed({
      ...options,
      group,
      history: new RecordedLog(),
      upcast: upcastToLatest,
      sessionTimeoutMs: 6_000,
      joinMs: 3_000,
    });
    open.push(feed);
    const stop = new AbortController();
    const assigned = feed.assigned(stop.signal);
    await waitUntil('two consumers to be replaced', 40_000, () => feed.health().restarts >= 2);
    expect(feed.health()).toMatchObject({ ready: false, assigned: [] });
    release();
    await waitUntil('a group of two', 40_000, async () => {
      const { groups } = await admin.describeGroups([group]);
      return groups[0]!.state === 'Stable' && groups[0]!.members.length === 2 && feed.health().ready;
    });
    expect((await assigned)!.partitions).toHaveLength(2);
    stop.abort();
    await busy.disconnect();
    await feed.close();
    await gone();
  }, 120_000);
});
