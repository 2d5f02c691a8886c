import { openStoreEventFeed } from '@rapport/event-feed';
import { openMongoReadModels, type MongoReadModelStore } from '@rapport/read-model';
import { systemClock, systemScheduler } from '@rapport/runtime';
import {
  eventBuilder,
  foldPlainly,
  freshMongoDatabase,
  purchasesProjection,
  RecordedLog,
  testCustomerId,
  touchesProjection,
  type MongoDatabase,
} from '@rapport/testing';
import type { AnyProjection } from './definition.js';
import { foldShardsHere } from './fold-shard.js';
import { LiveRunner } from './live.runner.js';
import { isIdentical } from './compare-generations.js';
import { rebuildProjections } from './rebuild.runner.js';

const DEADLINE_MS = 10_000;
const EUR = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });

/** Purchases and returns of three customers; whole returns remove the document, later purchases make it anew. */
const history = () => {
  const builder = eventBuilder();
  for (let i = 1; i <= 24; i++) {
    builder.customer(['ada', 'bob', 'cyd'][i % 3]!);
    if (i % 8 === 0) builder.type('ReturnRecorded', { orderId: `o-${i}`, refund: EUR(500) });
    else builder.type('PurchaseRecorded', { orderId: `o-${i}`, total: EUR(i) });
  }
  return builder.build();
};
const events = history();
const head = events.at(-1)!.position;

/** Refuses orders while `isBroken` says so. */
const poisoned = (isBroken: (orderId: string) => boolean): AnyProjection => ({
  ...purchasesProjection,
  evolve: (document, event, key) => {
    if (event.type === 'PurchaseRecorded' && isBroken(event.data.orderId))
      throw new TypeError(`cannot fold ${event.data.orderId}`);
    return purchasesProjection.evolve(document, event, key);
  },
});

class Crash extends Error {}
const WRITES = new Set(['saveMany', 'park', 'unpark', 'activate', 'createGeneration', 'finishFilling']);

/** The store of a process that dies just after its n-th write, or in a commit that never ends. */
function dyingAfter(
  store: MongoReadModelStore,
  writes: number,
): { store: MongoReadModelStore; died: () => boolean } {
  let left = writes;
  const proxy = new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      const method = value.bind(target) as (...args: unknown[]) => unknown;
      if (!WRITES.has(String(name))) return method;
      return async (...args: unknown[]) => {
        if (left <= 0) throw new Crash();
        const result = await method(...args);
        if (--left === 0) throw new Crash();
        return result;
      };
    },
  });
  return { store: proxy, died: () => left <= 0 };
}

describe('Projections on MongoDB, whose commits are no transactions', () => {
  let database: MongoDatabase;
  let log: RecordedLog;
  beforeEach(async () => {
    database = await freshMongoDatabase();
    log = new RecordedLog(events);
  });
  afterEach(() => database.dispose());
  const openStore = async () => openMongoReadModels(await database.connect({ maxConnections: 4 }));
  const feed = () => openStoreEventFeed(log, { scheduler: systemScheduler, batchSize: 5, pollMs: 5 });
  const runnerOn = (store: MongoReadModelStore, projections: readonly AnyProjection[]) =>
    new LiveRunner({
      projections,
      feed: feed(),
      history: log,
      store,
      clock: systemClock,
      scheduler: systemScheduler,
      random: () => 0,
      commitEvents: 5,
    });
  const runTo = async (
    store: MongoReadModelStore,
    projections: readonly AnyProjection[],
    then?: (runner: LiveRunner) => Promise<void>,
  ) => {
    const abort = new AbortController();
    const runner = runnerOn(store, projections);
    const running = runner.run(abort.signal);
    try {
      await Promise.race([running, runner.waitFor(head, DEADLINE_MS)]);
      await then?.(runner);
    } finally {
      abort.abort();
      await running.catch(() => undefined);
    }
  };
  const documentsOf = async (store: MongoReadModelStore, name: string) => {
    const { collection } = await store.activeCollection(name);
    const found: Record<string, object> = {};
    for await (const page of store.scan(collection))
      for (const { key, document } of page) found[key] = document;
    return found;
  };

  it('fold the log once and only once wherever a process dies, and park what cannot be folded', async () => {
    let isBroken = true;
    const projections = [poisoned((orderId) => isBroken && orderId === 'o-10'), touchesProjection];
    const parkedOf = events.filter(
      (e) => e.streamId === `customer-${testCustomerId('bob')}` && e.position >= 10n,
    );
    for (let writes = 1; ; writes++) {
      await database.dispose();
      database = await freshMongoDatabase();
      isBroken = true;
      const dying = dyingAfter(await openStore(), writes);
      await runTo(dying.store, projections).catch((error: unknown) => expect(error).toBeInstanceOf(Crash));
      const store = await openStore();
      await runTo(store, projections);
      expect(await documentsOf(store, 'touches')).toEqual(foldPlainly(touchesProjection, events));
      const { collection } = await store.activeCollection('purchases');
      const parked = await store.parkedEvents(collection, `customer-${testCustomerId('bob')}`);
      expect(parked.map((e) => e.position)).toEqual(parkedOf.map((e) => e.position));
      isBroken = false;
      await runTo(store, projections, async (runner) => {
        await runner.retryParked('purchases');
      });
      expect(await store.parkedSequences(collection)).toEqual([]);
      expect(await documentsOf(store, 'purchases')).toEqual(foldPlainly(purchasesProjection, events));
      if (!dying.died()) break;
    }
  }, 120_000);

  it('lose nothing of a parked sequence when the process dies while it is retried', async () => {
    for (let writes = 1; ; writes++) {
      await database.dispose();
      database = await freshMongoDatabase();
      let broken = ['o-10', 'o-13'];
      const projections = [poisoned((orderId) => broken.includes(orderId))];
      const store = await openStore();
      await runTo(store, projections);
      broken = ['o-13'];
      const { store: dyingStore, died } = dyingAfter(await openStore(), writes);
      await runTo(dyingStore, projections, async (runner) => {
        await runner.retryParked('purchases');
      }).catch((error: unknown) => expect(error).toBeInstanceOf(Crash));
      await runTo(store, projections, async (runner) => {
        await runner.retryParked('purchases');
      });
      const [sequence] = await store.parkedSequences();
      expect(sequence).toMatchObject({
        head: { position: 13n, reason: 'TypeError: cannot fold o-13' },
        events: 4,
      });
      broken = [];
      await runTo(store, projections, async (runner) => {
        await runner.retryParked('purchases');
      });
      expect(await store.parkedSequences()).toEqual([]);
      expect(await documentsOf(store, 'purchases')).toEqual(foldPlainly(purchasesProjection, events));
      if (!died()) break;
    }
  }, 60_000);

  it('are rebuilt beside the running ones and swapped in', async () => {
    const store = await openStore();
    const projections = [purchasesProjection, touchesProjection];
    await runTo(store, projections);
    const report = await rebuildProjections({
      projections,
      history: log,
      feed: feed(),
      store,
      shards: foldShardsHere({ projections, history: log, store }),
      clock: systemClock,
      scheduler: systemScheduler,
      random: () => 0,
      holder: 'test',
      eventsPerShard: 8,
    });
    expect(report).toMatchObject({ outcome: 'activated', fence: head });
    for (const { comparison } of report.projections) expect(comparison && isIdentical(comparison)).toBe(true);
    for (const projection of projections)
      expect(await documentsOf(store, projection.name)).toEqual(foldPlainly(projection, events));
  });

  it('are preceded by one question about all of their projections, and one about their progress', async () => {
    const questions: unknown[] = [];
    const connection = await database.connect({
      onCommand: ({ commandName, command }) => {
        if (commandName === 'find') questions.push(command.find);
      },
    });
    const store = openMongoReadModels(connection);
    await runTo(store, [purchasesProjection, touchesProjection]);
    const names = [purchasesProjection.name, touchesProjection.name];
    const states = await Promise.all(names.map((name) => store.activeCollection(name)));
    questions.length = 0;
    const again = await Promise.all(states.map(({ collection }) => store.collectionState(collection)));
    expect(again).toEqual(states);
    expect(questions).toEqual(['_rapport_projections', '_rapport_checkpoints']);
  });
});
