/** One projector of a group over a topic that is filled already: joins, waits for the word to start, says when it is done. */
import { openMongoConnection } from '@rapport/connections';
import { loadDefaultRuleBook } from '@rapport/domain';
import { murmur2Partitioning, openKafkaEventFeed } from '@rapport/event-feed';
import { openEventStoreDbEventStore, upcastToLatest } from '@rapport/event-store';
import { projectionDependencies } from '@rapport/platform';
import { LiveRunner, type ProjectionStatus } from '@rapport/projection-engine';
import { projectionsWith } from '@rapport/projections';
import { openMongoReadModels } from '@rapport/read-model';
import { systemClock, systemRandom, systemScheduler } from '@rapport/runtime';

export interface ProjectorRunOrder {
  readonly eventStoreDbUrl: string;
  readonly brokers: readonly string[];
  readonly mongoUrl: string;
  readonly database: string;
  readonly topic: string;
  readonly group: string;
  readonly partitions: number;
  /** Where each partition ends. */
  readonly ends: readonly string[];
}
export type ProjectorRunSaid =
  | { readonly kind: 'assigned'; readonly partitions: number }
  | {
      readonly kind: 'done';
      /** When the first documents were asked for, and when the last were stored, epoch ms: finding the generations is left out. */
      readonly startedMs: number;
      readonly atMs: number;
      readonly documents: number;
    };

const order = JSON.parse(process.argv[2]!) as ProjectorRunOrder;
const say = (said: ProjectorRunSaid): void => void process.send!(said);

const history = await openEventStoreDbEventStore({
  connectionString: order.eventStoreDbUrl,
  clock: systemClock,
});
const connection = await openMongoConnection({ url: order.mongoUrl, database: order.database });
const store = openMongoReadModels(connection);
let documents = 0;
const nowMs = (): number => performance.timeOrigin + performance.now();
let startedMs: number | undefined;
const loadMany = store.loadMany.bind(store);
store.loadMany = (collection, keys) => {
  startedMs ??= nowMs();
  return loadMany(collection, keys);
};
const saveMany = store.saveMany.bind(store);
store.saveMany = async (collection, writes, checkpoint) => {
  const result = await saveMany(collection, writes, checkpoint);
  documents += writes.length;
  return result;
};
const feed = await openKafkaEventFeed({
  brokers: order.brokers,
  clientId: 'bench-projector',
  group: order.group,
  topic: order.topic,
  partitioning: murmur2Partitioning(order.partitions),
  history,
  upcast: upcastToLatest,
});

const abort = new AbortController();
let done: () => void = () => undefined;
const complete = new Promise<void>((resolve) => (done = resolve));
const isComplete = (statuses: readonly ProjectionStatus[]): boolean => {
  const { assigned } = feed.health();
  return statuses.length > 0 && assigned.length > 0 && statuses.every(({ partitions }) =>
    assigned.every((partition) =>
      partitions.some((p) => p.partition === partition && p.through >= BigInt(order.ends[partition]!)),
    ),
  ); // prettier-ignore
};
const runner = new LiveRunner({
  projections: projectionsWith(projectionDependencies(loadDefaultRuleBook())),
  feed,
  history,
  store,
  clock: systemClock,
  scheduler: systemScheduler,
  random: systemRandom,
  verifyMs: 5_000,
  onRetry: (error) => process.stderr.write(`projector: ${String(error)}\n`),
  onProgress: (statuses) => {
    if (isComplete(statuses)) done();
  },
});

const go = new Promise<void>((resolve) => process.once('message', () => resolve()));
void feed.assigned(abort.signal);
let told = -1;
const telling = setInterval(() => {
  const partitions = feed.health().assigned.length;
  if (partitions !== told) say({ kind: 'assigned', partitions: (told = partitions) });
}, 20);
await go;
clearInterval(telling);
const running = runner.run(abort.signal);
await Promise.race([complete, running]);
const atMs = nowMs();
say({ kind: 'done', startedMs: startedMs ?? atMs, atMs, documents });
abort.abort();
await running;
await feed.close();
await Promise.all([history.close(), connection.close()]);
process.exit(0);
