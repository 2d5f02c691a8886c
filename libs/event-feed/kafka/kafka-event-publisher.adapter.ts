import { RapportError } from '@rapport/contracts';
import { CompressionTypes, type Kafka, type Producer } from 'kafkajs';
import type { EventPublisher, FeedRecord, PartitionEnd } from '../event-publisher.port.js';
import type { Partitioning } from '../partitioning.js';
import { EVENTS_TOPIC } from './events-topic.js';
import { connectKafka, type KafkaConnectionOptions } from './kafka-connection.js';
import { encodeRecord, type EncodedRecord } from './kafka-records.js';
import { readTopicEnds } from './topic-ends.js';

export interface KafkaEventPublisherOptions extends KafkaConnectionOptions {
  readonly partitioning: Partitioning;
  readonly topic?: string;
  /** Copies of the topic when it is made here; default -1: what the brokers are set to. Three in production. */
  readonly replicationFactor?: number;
  /** How long records are kept when the topic is made here, ms; default a week. History comes from the log. */
  readonly retentionMs?: number;
}

const WEEK_MS = 7 * 24 * 3_600_000;
/** Brokers refuse batches above 1 MiB; one request holds one batch for each partition. */
const BATCH_BYTES = 700_000;
/** Rough size of headers and framing beside the texts counted. */
const RECORD_OVERHEAD_BYTES = 200;

/** The relay's side of a Kafka topic: acknowledged by all in-sync replicas, idempotent, one batch in flight. */
export function openKafkaEventPublisher(options: KafkaEventPublisherOptions): EventPublisher {
  const { partitioning, topic = EVENTS_TOPIC, log } = options;
  const kafka = connectKafka(options);
  let producer: Producer | undefined;

  const open = async (): Promise<Producer> => {
    if (producer) return producer;
    const fresh = kafka.producer({
      allowAutoTopicCreation: false,
      idempotent: true,
      maxInFlightRequests: 1,
      createPartitioner:
        () =>
        ({ message }) =>
          message.partition!,
    });
    await fresh.connect();
    producer = fresh;
    return fresh;
  };
  /** After a failure its sequence numbers are no longer known to be the broker's: a new one begins a new series. */
  const drop = async (): Promise<void> => {
    const failed = producer;
    producer = undefined;
    await failed?.disconnect().catch(() => undefined);
  };

  return {
    partitioning,
    async ends(): Promise<readonly PartitionEnd[]> {
      await drop();
      return unavailable('the ends of the topic cannot be read', async () => {
        await ensureTopic(kafka, topic, options);
        return readTopicEnds(kafka, topic);
      });
    },
    async publish(records: readonly FeedRecord[]): Promise<void> {
      await unavailable('records were not acknowledged', async () => {
        try {
          const opened = await open();
          for (const messages of requestsOf(records))
            await opened.send({ topic, acks: -1, compression: CompressionTypes.None, messages });
        } catch (error) {
          log?.('warn', 'publishing failed', { error: String(error), records: records.length });
          await drop();
          throw error;
        }
      });
    },
    close: drop,
  };
}

/** Splits records into requests that no broker refuses for their size, keeping the order of each partition. */
function* requestsOf(records: readonly FeedRecord[]): Iterable<EncodedRecord[]> {
  let request: EncodedRecord[] = [];
  const bytes = new Map<number, number>();
  for (const record of records) {
    const encoded = encodeRecord(record);
    const size = bytesOf(encoded);
    const total = (bytes.get(encoded.partition) ?? 0) + size;
    if (total > BATCH_BYTES && request.length > 0) {
      yield request;
      request = [];
      bytes.clear();
      bytes.set(encoded.partition, size);
    } else bytes.set(encoded.partition, total);
    request.push(encoded);
  }
  if (request.length > 0) yield request;
}

const bytesOf = ({ value, headers }: EncodedRecord): number =>
  Buffer.byteLength(value) + Buffer.byteLength(headers.metadata ?? '') + RECORD_OVERHEAD_BYTES;

/** Makes the topic where it is missing. Throws PARTITIONING_CHANGED when it has another number of partitions. */
async function ensureTopic(
  kafka: Kafka,
  topic: string,
  { partitioning, replicationFactor = -1, retentionMs = WEEK_MS }: KafkaEventPublisherOptions,
): Promise<void> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    if (!(await admin.listTopics()).includes(topic))
      await admin.createTopics({
        waitForLeaders: true,
        topics: [
          {
            topic,
            numPartitions: partitioning.partitions,
            replicationFactor,
            configEntries: [
              { name: 'cleanup.policy', value: 'delete' },
              { name: 'retention.ms', value: String(retentionMs) },
            ],
          },
        ],
      });
    const metadata = await admin.fetchTopicMetadata({ topics: [topic] });
    assertPartitions(topic, metadata.topics[0]!.partitions.length, partitioning);
  } finally {
    await admin.disconnect();
  }
}

/** A key would move to another partition and lose its order. Throws PARTITIONING_CHANGED. */
export function assertPartitions(topic: string, found: number, { partitions }: Partitioning): void {
  if (found !== partitions)
    throw new RapportError(
      'PARTITIONING_CHANGED',
      `topic ${topic} has ${found} partitions, ${partitions} are configured`,
    );
}

/** What goes wrong at the broker goes away by itself, sooner or later. */
export async function unavailable<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RapportError) throw error;
    throw new RapportError('UNAVAILABLE', `${what}: ${(error as Error).message}`, { retryAfterS: 1 });
  }
}
