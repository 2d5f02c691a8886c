/**
 * Copies a log to a topic once, with our relay or with a bare loop of the same two clients, and says how fast. The bare
 * loop writes CloudEvents in binary mode as the relay does, or (`bareJson`) each event as one JSON text.
 */
import {
  EventStoreDBClient,
  START,
  streamNameFilter,
  type AllStreamResolvedEvent,
} from '@eventstore/db-client';
import { openMongoConnection } from '@rapport/connections';
import { murmur2Partitioning, openKafkaEventPublisher, type EventPublisher } from '@rapport/event-feed';
import { openEventStoreDbEventStore, STREAM_PREFIXES } from '@rapport/event-store';
import { openMongoReadModels } from '@rapport/read-model';
import { openMongoRelayCheckpoint, Relay } from '@rapport/relay';
import { systemClock, systemIds, systemRandom, systemScheduler } from '@rapport/runtime';
import { CompressionTypes, Kafka, logLevel, type Message } from 'kafkajs';

export interface RelayRunOrder {
  readonly mode: 'relay' | 'bare' | 'bareJson';
  readonly eventStoreDbUrl: string;
  readonly brokers: readonly string[];
  readonly mongoUrl: string;
  readonly database: string;
  readonly topic: string;
  readonly partitions: number;
  readonly events: number;
}
export interface RelayRunResult {
  readonly eventsPerSecond: number;
}

/** Events of one request to the broker, for both. */
const BATCH_EVENTS = 2_000;
const order = JSON.parse(process.argv[2]!) as RelayRunOrder;

/** Counts from the first acknowledgement to the last: connecting and the first batch are left out for both. */
class Watch {
  private first: { readonly atMs: number; readonly events: number } | undefined;
  private events = 0;
  private done: (result: RelayRunResult) => void = () => undefined;
  readonly result = new Promise<RelayRunResult>((resolve) => (this.done = resolve));

  acknowledged(events: number): void {
    if (events === 0) return;
    const atMs = performance.now();
    this.events += events;
    if (this.first && this.events >= order.events)
      this.done({ eventsPerSecond: ((this.events - this.first.events) / (atMs - this.first.atMs)) * 1_000 });
    this.first ??= { atMs, events };
  }
}
const watch = new Watch();

async function relay(): Promise<RelayRunResult> {
  const { eventStoreDbUrl, brokers, mongoUrl, database, topic, partitions } = order;
  const store = await openEventStoreDbEventStore({ connectionString: eventStoreDbUrl, clock: systemClock });
  const connection = await openMongoConnection({ url: mongoUrl, database });
  const kafka = await openKafkaEventPublisher({
    brokers,
    clientId: 'bench-relay',
    topic,
    partitioning: murmur2Partitioning(partitions),
  });
  const publisher: EventPublisher = {
    partitioning: kafka.partitioning,
    ends: () => kafka.ends(),
    close: () => kafka.close(),
    publish: async (records) => {
      await kafka.publish(records);
      watch.acknowledged(records.filter(({ kind }) => kind === 'event').length);
    },
  };
  const copying = new Relay({
    store,
    publisher,
    checkpoints: openMongoRelayCheckpoint(connection),
    leases: openMongoReadModels(connection),
    clock: systemClock,
    scheduler: systemScheduler,
    random: systemRandom,
    holder: systemIds.uuid(),
    batchEvents: BATCH_EVENTS,
    onTrouble: ({ kind, error }) => process.stderr.write(`relay: ${kind}: ${error.message}\n`),
  });
  const abort = new AbortController();
  const running = copying.run(abort.signal);
  const result = await Promise.race([watch.result, running.then(() => watch.result)]);
  abort.abort();
  await running;
  await Promise.all([publisher.close(), store.close(), connection.close()]);
  return result;
}

type Read = NonNullable<AllStreamResolvedEvent['event']>;

const jsonOf = ({ id, type, streamId, revision, data, metadata }: Read): Message => ({
  key: streamId,
  value: JSON.stringify({ id, type, streamId, revision: String(revision), data, metadata }),
});

const cloudEventOf = (
  { id, type, streamId, revision, data, metadata, position }: Read,
  nth: number,
): Message => ({
  key: streamId,
  value: JSON.stringify(data),
  headers: {
    ce_specversion: '1.0',
    'content-type': 'application/json',
    ce_id: id,
    ce_type: type,
    ce_source: '/bench',
    ce_subject: streamId,
    ce_time: (metadata as { occurredAt: string }).occurredAt,
    schemaversion: '1',
    revision: String(revision),
    position: String(position!.commit),
    ordinal: String(nth),
    previous: '0',
    metadata: JSON.stringify(metadata),
  },
});

/** What anybody would write first: subscribe with the same filter, and send as soon as a batch is full. */
async function bare(): Promise<RelayRunResult> {
  const client = EventStoreDBClient.connectionString(order.eventStoreDbUrl);
  const kafka = new Kafka({ brokers: [...order.brokers], logLevel: logLevel.NOTHING });
  const producer = kafka.producer({
    allowAutoTopicCreation: false,
    idempotent: true,
    maxInFlightRequests: 1,
  });
  await producer.connect();
  const subscription = client.subscribeToAll({
    fromPosition: START,
    filter: streamNameFilter({ prefixes: [...STREAM_PREFIXES], maxSearchWindow: 256, checkpointInterval: 4 }),
  });
  let messages: Message[] = [];
  let read = 0;
  for await (const { event } of subscription) {
    if (!event) continue;
    messages.push(order.mode === 'bare' ? cloudEventOf(event, read) : jsonOf(event));
    if (++read < order.events && messages.length < BATCH_EVENTS) continue;
    await producer.send({ topic: order.topic, acks: -1, compression: CompressionTypes.None, messages });
    watch.acknowledged(messages.length);
    messages = [];
    if (read >= order.events) break;
  }
  const result = await watch.result;
  await producer.disconnect();
  await client.dispose();
  return result;
}

process.send!(await (order.mode === 'relay' ? relay() : bare()));
process.exit(0);
