import { MemoryTopic, murmur2Partitioning, openMemoryEventFeed, type EventFeed } from '@rapport/event-feed';
import { MemoryReadModelData, openMemoryReadModels, type MemoryReadModelStore } from '@rapport/read-model';
import {
  eventBuilder,
  foldPlainly,
  purchasesProjection,
  RecordedLog,
  startLive,
  TopicWriter,
  touchesProjection,
  type LiveRun,
  waitUntil,
} from '@rapport/testing';
import type { AnyProjection } from './definition.js';

const DEADLINE_MS = 5_000;
const PARTITIONS = 6;
const PROJECTIONS = [purchasesProjection, touchesProjection];

/** Processes of one group, each with its runner, its feed and its connection to the same documents. */
describe('Live runners that share partitions', () => {
  let topic: MemoryTopic;
  let log: RecordedLog;
  let writer: TopicWriter;
  let data: MemoryReadModelData;
  let builder: ReturnType<typeof eventBuilder>;
  let built: number;
  const running: { readonly run: LiveRun; readonly feed: EventFeed }[] = [];

  beforeEach(() => {
    topic = new MemoryTopic(murmur2Partitioning(PARTITIONS));
    log = new RecordedLog();
    writer = new TopicWriter(topic, log);
    data = new MemoryReadModelData();
    builder = eventBuilder();
    built = 0;
  });
  afterEach(async () => {
    for (const { run, feed } of running.splice(0)) {
      await run.stop();
      await feed.close();
    }
  });

  const next = (count: number) => {
    for (let i = 0; i < count; i++)
      builder.customer(`c-${built % 20}`).type('PurchaseRecorded', { orderId: `o-${built++}` });
    return builder.build().slice(-count);
  };
  const start = (
    store: MemoryReadModelStore = openMemoryReadModels(data),
    projections: readonly AnyProjection[] = PROJECTIONS,
  ) => {
    const feed = openMemoryEventFeed(topic, { group: 'projector', history: log, batchSize: 7 });
    const run = startLive({ projections, feed, history: log, store, commitMs: 5, verifyMs: 5 });
    const process = { run, feed };
    running.push(process);
    return process;
  };
  const documents = async (name: string): Promise<Record<string, object>> => {
    const store = openMemoryReadModels(data);
    const { collection } = await store.activeCollection(name);
    const found: Record<string, object> = {};
    for await (const page of store.scan(collection))
      for (const { key, document } of page) found[key] = document;
    return found;
  };
  const until = (what: string, isTrue: () => Promise<boolean> | boolean): Promise<boolean> =>
    waitUntil(what, DEADLINE_MS, isTrue);
  /** Every projection active and complete to the log in every partition, and equal to the plain fold. */
  const complete = async (): Promise<void> => {
    await writer.progress((await log.head()).position);
    const store = openMemoryReadModels(data);
    const { position } = await log.head();
    await until(`everything to reach ${position}`, async () => {
      for (const { name } of PROJECTIONS) {
        const active = (await store.generations(name)).find((g) => g.status === 'active');
        if (active?.checkpoints.length !== PARTITIONS) return false;
        if (active.checkpoints.some(({ through }) => through < position)) return false;
      }
      return true;
    });
    for (const projection of PROJECTIONS)
      expect(await documents(projection.name)).toEqual(foldPlainly(projection, builder.build()));
  };

  it('create one generation, fill it together and activate it once', async () => {
    await writer.write(next(100));
    start();
    start();
    start();
    await complete();
    const store = openMemoryReadModels(data);
    expect((await store.generations('purchases')).map((g) => [g.generation, g.status])).toEqual([
      [1, 'active'],
    ]);
  });

  it('each fold their own partitions, and nothing is applied twice', async () => {
    const processes = [start(), start()];
    await writer.write(next(100));
    await complete();
    const statuses = processes.map(({ run }) => run.runner.status().find((s) => s.projection === 'touches')!);
    expect(statuses.map((s) => s.partitions.length)).toEqual([3, 3]);
    expect(statuses.reduce((sum, s) => sum + s.applied, 0)).toBe(100);
    for (const { received, applied, duplicate, parked } of statuses)
      expect(received).toBe(applied + duplicate + parked);
  });

  it('take over what another leaves, from the stored progress', async () => {
    const [first, second] = [start(), start()];
    await writer.write(next(60));
    await complete();
    await first.run.stop();
    await first.feed.close();
    running.splice(0, 1);
    await writer.write(next(60));
    await complete();
    expect(second.run.runner.status()[0]!.partitions.length).toBe(PARTITIONS);
  });

  it('fence a process that wakes after it lost its partitions', async () => {
    const store = openMemoryReadModels(data);
    const sleep = { wanted: false, entered: false, wake: (): void => undefined };
    const zombieStore: MemoryReadModelStore = Object.assign(Object.create(store) as MemoryReadModelStore, {
      // Stops at the write, as a process does that is stopped from outside.
      inOneCommit: async <T>(work: () => Promise<T>): Promise<T> => {
        if (sleep.wanted)
          await new Promise<void>((resolve) => {
            sleep.wake = resolve;
            sleep.entered = true;
          });
        return store.inOneCommit(work);
      },
    });
    const zombie = start(zombieStore);
    await writer.write(next(60));
    await complete();
    sleep.wanted = true;
    await writer.write(next(20));
    await until('the zombie to stop at its write', () => sleep.entered);
    await zombie.feed.close();
    start();
    await writer.write(next(60));
    await complete();
    const before = await documents('purchases');
    sleep.wanted = false;
    sleep.wake();
    await zombie.run.stop();
    expect(await documents('purchases')).toEqual(before);
    await complete();
  });

  it('notice without any news that the store has lost what it acknowledged', async () => {
    start();
    await writer.write(next(60));
    await complete();
    const kept = structuredClone(data.collections);
    await writer.write(next(40));
    await complete();
    data.collections.clear();
    for (const [name, collection] of kept) data.collections.set(name, collection);
    await complete();
  });

  it('fill from the log what the topic lost', async () => {
    start();
    start();
    await writer.write(next(40));
    writer.lose(next(40));
    await writer.write(next(40));
    await complete();
  });

  it('park an event that cannot be folded, and only its owner retries it', async () => {
    let isBroken = true;
    const fragile: AnyProjection = {
      ...purchasesProjection,
      evolve: (document, event, key) => {
        if (isBroken && event.type === 'PurchaseRecorded' && event.data.orderId === 'o-7')
          throw new TypeError('poison');
        return purchasesProjection.evolve(document, event, key);
      },
    };
    const processes = [fragile, fragile].map((p) =>
      start(openMemoryReadModels(data), [p, touchesProjection]),
    );
    await writer.write(next(60));
    await writer.progress(60n);
    const store = openMemoryReadModels(data);
    await until('the customer to be parked', async () => {
      const active = (await store.generations('purchases')).find((g) => g.status === 'active');
      return active !== undefined && (await store.parkedSequences(active.collection)).length === 1;
    });
    isBroken = false;
    const outcomes = await Promise.all(processes.map(({ run }) => run.runner.retryParked('purchases')));
    expect(outcomes.flat()).toMatchObject([{ drained: 3 }]);
    await writer.write(next(20));
    await complete();
  });
});
