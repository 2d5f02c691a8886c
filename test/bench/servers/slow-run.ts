/**
 * A relay or a projector whose far side is slow: everything that waits for it must wait in the log or the topic, not in
 * memory. Full speed until told `slow`; says its memory each second.
 */
import { openMongoConnection } from '@rapport/connections';
import { loadDefaultRuleBook } from '@rapport/domain';
import { murmur2Partitioning, openKafkaEventFeed, openKafkaEventPublisher } from '@rapport/event-feed';
import { openEventStoreDbEventStore, upcastToLatest } from '@rapport/event-store';
import { projectionDependencies } from '@rapport/platform';
import { LiveRunner } from '@rapport/projection-engine';
import { projectionsWith } from '@rapport/projections';
import { openMongoReadModels } from '@rapport/read-model';
import { openMongoRelayCheckpoint, Relay } from '@rapport/relay';
import { systemClock, systemIds, systemRandom, systemScheduler } from '@rapport/runtime';

export interface SlowRunOrder {
  readonly role: 'relay' | 'projector';
  readonly eventStoreDbUrl: string;
  readonly brokers: readonly string[];
  readonly mongoUrl: string;
  readonly database: string;
  readonly topic: string;
  readonly partitions: number;
  /** Once slow: events (relay) or documents (projector) that the far side takes in a second. */
  readonly perSecond: number;
}
export interface SlowRunSaid {
  /** Resident memory, bytes. */
  readonly rss: number;
  /** Heap in use, bytes; what is garbage and not collected yet counts. */
  readonly heap: number;
  /** Events published or received so far. */
  readonly events: number;
}

const SAY_EVERY_MS = 1_000;
const order = JSON.parse(process.argv[2]!) as SlowRunOrder;
const { eventStoreDbUrl, brokers, mongoUrl, database, topic, partitions } = order;
let isSlow = false;
let events = 0;
process.on('message', () => (isSlow = true));
/** Takes as long as the slow far side would for so many. */
const drag = async (count: number): Promise<void> => {
  if (isSlow) await systemScheduler.sleep((count / order.perSecond) * 1_000);
};

const log = await openEventStoreDbEventStore({ connectionString: eventStoreDbUrl, clock: systemClock });
const connection = await openMongoConnection({ url: mongoUrl, database });
const store = openMongoReadModels(connection);
const partitioning = murmur2Partitioning(partitions);
setInterval(() => {
  const { rss, heapUsed: heap } = process.memoryUsage();
  process.send!({ rss, heap, events } satisfies SlowRunSaid);
}, SAY_EVERY_MS);

const never = new AbortController().signal;
if (order.role === 'relay') {
  const kafka = await openKafkaEventPublisher({ brokers, clientId: 'bench-slow-relay', topic, partitioning });
  await new Relay({
    store: log,
    publisher: {
      partitioning,
      ends: () => kafka.ends(),
      close: () => kafka.close(),
      publish: async (records) => {
        await kafka.publish(records);
        await drag(records.length);
        events += records.length;
      },
    },
    checkpoints: openMongoRelayCheckpoint(connection),
    leases: store,
    clock: systemClock,
    scheduler: systemScheduler,
    random: systemRandom,
    holder: systemIds.uuid(),
  }).run(never);
} else {
  const saveMany = store.saveMany.bind(store);
  store.saveMany = async (collection, writes, checkpoint) => {
    await drag(writes.length);
    return saveMany(collection, writes, checkpoint);
  };
  await new LiveRunner({
    projections: projectionsWith(projectionDependencies(loadDefaultRuleBook())),
    feed: await openKafkaEventFeed({
      brokers,
      clientId: 'bench-slow-projector',
      group: database,
      topic,
      partitioning,
      history: log,
      upcast: upcastToLatest,
    }),
    history: log,
    store,
    clock: systemClock,
    scheduler: systemScheduler,
    random: systemRandom,
    onProgress: (statuses) => (events = Math.max(...statuses.map(({ received }) => received))),
  }).run(never);
}
