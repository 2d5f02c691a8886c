import { randomUUID } from 'node:crypto';
import { EVENTS_TOPIC } from '@rapport/event-feed';
import { CompressionTypes, Kafka, logLevel, type IHeaders } from 'kafkajs';

/** A record as the broker keeps it. */
export interface TopicRecord {
  readonly partition: number;
  readonly offset: bigint;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: IHeaders | undefined;
}

const READ_WITHIN_MS = 120_000;

const clientOf = (brokers: readonly string[]): Kafka =>
  new Kafka({ clientId: 'e2e', brokers: [...brokers], logLevel: logLevel.NOTHING, retry: { retries: 20 } });

/** A header as text; undefined where there is none. */
export function headerOf({ headers }: TopicRecord, name: string): string | undefined {
  const found = headers?.[name];
  return (Array.isArray(found) ? found[0] : found)?.toString();
}

/** Every record of the topic up to its ends of now, by partition and offset, read with nothing of the product. */
export async function readTopic(brokers: readonly string[], topic = EVENTS_TOPIC): Promise<TopicRecord[]> {
  const kafka = clientOf(brokers);
  const admin = kafka.admin();
  await admin.connect();
  const offsets = await admin.fetchTopicOffsets(topic);
  const ends = new Map(
    offsets.filter(({ high, low }) => BigInt(high) > BigInt(low)).map((o) => [o.partition, BigInt(o.high)]),
  );
  const records: TopicRecord[] = [];
  const groupId = `e2e.${randomUUID()}`;
  const consumer = kafka.consumer({ groupId, allowAutoTopicCreation: false });
  try {
    if (ends.size === 0) return records;
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`${topic} was not read to its end`)), READ_WITHIN_MS);
      consumer
        .run({
          autoCommit: false,
          eachBatchAutoResolve: true,
          eachBatch: async ({ batch }) => {
            const end = ends.get(batch.partition);
            if (end === undefined) return;
            for (const { key, value, headers, offset } of batch.messages)
              if (BigInt(offset) < end)
                records.push({ partition: batch.partition, offset: BigInt(offset), key, value, headers });
            if (BigInt(batch.lastOffset()) >= end - 1n) ends.delete(batch.partition);
            if (ends.size > 0) return;
            clearTimeout(late);
            resolve();
          },
        })
        .catch(reject);
    });
  } finally {
    await consumer.disconnect();
    await admin.deleteGroups([groupId]).catch(() => undefined);
    await admin.disconnect();
  }
  return records.sort((a, b) => a.partition - b.partition || (a.offset < b.offset ? -1 : 1));
}

/** Writes records again as they are, each to its own partition: what a second relay or a confused broker would do. */
export async function writeAgain(
  brokers: readonly string[],
  records: readonly TopicRecord[],
  topic = EVENTS_TOPIC,
): Promise<void> {
  const producer = clientOf(brokers).producer({
    allowAutoTopicCreation: false,
    createPartitioner:
      () =>
      ({ message }) =>
        message.partition!,
  });
  await producer.connect();
  try {
    await producer.send({
      topic,
      acks: -1,
      compression: CompressionTypes.None,
      messages: records.map(({ partition, key, value, headers }) => ({
        partition,
        key,
        value,
        ...(headers ? { headers } : {}),
      })),
    });
  } finally {
    await producer.disconnect();
  }
}
