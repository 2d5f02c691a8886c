import { openStoreEventFeed } from '@rapport/event-feed';
import { MemoryReadModelData, openMemoryReadModels, type MemoryReadModelStore } from '@rapport/read-model';
import { systemClock, systemScheduler } from '@rapport/runtime';
import {
  eventBuilder,
  foldPlainly,
  liveDocuments,
  purchasesProjection,
  RecordedLog,
  startLive,
  testCustomerId,
  touchesProjection,
} from '@rapport/testing';
import { isIdentical } from './compare-generations.js';
import type { AnyProjection } from './definition.js';
import { foldShardsHere, type ShardFolder } from './fold-shard.js';
import {
  dropPrevious,
  rebuildProjections,
  rollback,
  type RebuildOptions,
  type RebuildPhase,
} from './rebuild.runner.js';
import { digestOfCollection, verifyReadModels } from './verify.runner.js';

const EUR = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });
const CUSTOMERS = ['ada', 'bob', 'cyd', 'dan', 'eve'];

/** Thirty purchases and a few returns of five customers. */
const history = () => {
  const builder = eventBuilder();
  for (let i = 1; i <= 30; i++) {
    builder.customer(CUSTOMERS[i % 5]!).type('PurchaseRecorded', { orderId: `o-${i}`, total: EUR(i) });
    if (i % 9 === 0) builder.type('ReturnRecorded', { orderId: `o-${i}`, refund: EUR(i) });
  }
  return builder.build();
};

describe('Rebuild', () => {
  const events = history();
  const head = events.at(-1)!.position;
  let data: MemoryReadModelData;
  let store: MemoryReadModelStore;
  let log: RecordedLog;
  beforeEach(() => {
    data = new MemoryReadModelData();
    store = openMemoryReadModels(data);
    log = new RecordedLog(events);
  });
  const feed = () => openStoreEventFeed(log, { scheduler: systemScheduler, batchSize: 7, pollMs: 5 });
  const live = (projection: AnyProjection, through = head) =>
    liveDocuments(projection, { feed: feed(), history: log, store: openMemoryReadModels(data) }, through);
  const options = (
    projections: readonly AnyProjection[],
    over: Partial<RebuildOptions> = {},
  ): RebuildOptions => ({
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
    ...over,
  });
  const documentsOf = async (collection: string): Promise<Record<string, object>> => {
    const found: Record<string, object> = {};
    for await (const page of store.scan(collection))
      for (const { key, document } of page) found[key] = document;
    return found;
  };

  it('fills new generations from the log in one pass, equal to the live ones, and swaps them in', async () => {
    await live(purchasesProjection);
    await live(touchesProjection);
    const phases: RebuildPhase[] = [];
    const report = await rebuildProjections(
      options([purchasesProjection, touchesProjection], {
        onProgress: ({ phase }) => phases.at(-1) !== phase && phases.push(phase),
      }),
    );
    expect(phases).toEqual(['plan', 'fold', 'catchUp', 'compare', 'activate', 'done']);
    expect(report).toMatchObject({ outcome: 'activated', fence: head, events: events.length });
    for (const { projection, comparison, collection, previous } of report.projections) {
      expect(comparison && isIdentical(comparison)).toBe(true);
      expect((await store.activeCollection(projection)).collection).toBe(collection);
      expect(await digestOfCollection(store, collection)).toBe(await digestOfCollection(store, previous!));
    }
    expect(await documentsOf('purchases__v1__g2')).toEqual(foldPlainly(purchasesProjection, events));
  });

  it('activates the first generation when there was none', async () => {
    const { projections } = await rebuildProjections(options([purchasesProjection]));
    expect(projections).toMatchObject([{ generation: 1, comparison: undefined, previous: undefined }]);
    expect(await documentsOf('purchases__v1__g1')).toEqual(foldPlainly(purchasesProjection, events));
  });

  it('takes in what is recorded while it runs, and never lets readers fall back', async () => {
    log = new RecordedLog(events.slice(0, 20));
    const running = startLive({
      projections: [purchasesProjection],
      feed: feed(),
      history: log,
      store: openMemoryReadModels(data),
    });
    await running.runner.waitFor(20n, 5_000);
    const report = await rebuildProjections(
      options([purchasesProjection], {
        onProgress: ({ phase }) => {
          const at = { fold: 24, catchUp: 28, compare: 30, activate: 33 }[phase as string];
          const next = Number(running.runner.status()[0]!.head);
          if (at)
            log.add(
              events.filter(
                (e) => e.position > BigInt(Math.max(next, logHead())) && e.position <= BigInt(at),
              ),
            );
        },
        confirm: async () => {
          await running.runner.waitFor(30n, 5_000);
          return true;
        },
      }),
    );
    const active = await store.activeCollection('purchases');
    expect(active.collection).toBe(report.projections[0]!.collection);
    expect(active.checkpoints[0]!.through).toBeGreaterThanOrEqual(30n);
    await running.runner.waitFor(head, 5_000);
    await running.stop();
    expect(await documentsOf(active.collection)).toEqual(foldPlainly(purchasesProjection, events));
    expect(
      (await verifyReadModels({ projections: [purchasesProjection], history: log, store })).isClean,
    ).toBe(true);
  });
  const logHead = (): number => Number((log as unknown as { events: unknown[] }).events.length);

  it('shows how the new generation differs, and leaves everything when declined', async () => {
    await live(purchasesProjection);
    const key = testCustomerId('ada');
    await store.saveMany('purchases__v1__g1', [
      { key, position: head + 5n, document: { count: 99 }, indexes: {} },
      { key: 'nobody', position: 1n, document: {}, indexes: {} },
    ]);
    // The stored position lies beyond the checkpoint: bring that forward too, so that the difference is settled.
    await store.saveMany('purchases__v1__g1', [], { partition: 0, checkpoint: String(head), through: head });
    let asked = 0;
    const report = await rebuildProjections(
      options([purchasesProjection], {
        confirm: ([comparison]) => {
          asked++;
          expect(comparison).toMatchObject({ onlyInBlue: 1, onlyInGreen: 0, equal: 4, sameShape: true });
          expect(comparison!.different + comparison!.unsettled).toBe(1);
          return false;
        },
      }),
    );
    expect(asked).toBe(1);
    expect(report.outcome).toBe('declined');
    expect((await store.generations()).map((g) => g.collection)).toEqual(['purchases__v1__g1']);
  });

  it('names a field that differs at equal positions', async () => {
    await live(purchasesProjection);
    const wrong: AnyProjection = {
      ...purchasesProjection,
      evolve: (d, e, k) => {
        const next = purchasesProjection.evolve(d, e, k);
        if (next && next.lastOrderId === 'o-30') next.lastOrderId = 'o-0';
        return next;
      },
    };
    const { projections } = await rebuildProjections(options([wrong]));
    expect(projections[0]!.comparison).toMatchObject({
      different: 1,
      sample: [
        {
          key: testCustomerId('ada'),
          differences: [{ path: '/lastOrderId', stored: 'o-30', expected: 'o-0' }],
        },
      ],
    });
  });

  it('stops at the first event that cannot be folded, names it and leaves nothing behind', async () => {
    await live(purchasesProjection);
    const broken: AnyProjection = {
      ...purchasesProjection,
      evolve: (d, e, k) => {
        if (e.type === 'PurchaseRecorded' && e.data.orderId === 'o-12') throw new TypeError('no');
        return purchasesProjection.evolve(d, e, k);
      },
    };
    const event = events.find((e) => (e.data as { orderId?: string }).orderId === 'o-12')!;
    await expect(rebuildProjections(options([broken]))).rejects.toMatchObject({
      name: 'RebuildStopped',
      at: {
        eventId: event.eventId,
        position: event.position,
        revision: event.revision,
        reason: 'TypeError: no',
      },
    });
    expect((await store.generations()).map((g) => [g.generation, g.status])).toEqual([[1, 'active']]);
    expect(await store.currentLease('rebuild/purchases', systemClock.nowMs())).toBeUndefined();
  });

  it('is refused while another holds the lease, with its name', async () => {
    await store.acquireLease('rebuild/purchases', 'operator 7', systemClock.nowMs(), 60_000);
    await expect(rebuildProjections(options([purchasesProjection]))).rejects.toMatchObject({
      code: 'REBUILD_RUNNING',
      detail: 'purchases is being rebuilt by operator 7',
    });
  });

  it('does not swap after its lease has been taken over', async () => {
    await live(purchasesProjection);
    await expect(
      rebuildProjections(
        options([purchasesProjection], {
          confirm: async () => {
            await store.acquireLease('rebuild/purchases', 'usurper', systemClock.nowMs() + 3_600_000, 1);
            return true;
          },
        }),
      ),
    ).rejects.toMatchObject({ code: 'REBUILD_RUNNING' });
    expect((await store.activeCollection('purchases')).generation).toBe(1);
  });

  it('can be cancelled, and leaves nothing behind', async () => {
    await live(purchasesProjection);
    const abort = new AbortController();
    const report = await rebuildProjections(
      options([purchasesProjection], {
        signal: abort.signal,
        onProgress: ({ phase, events: done }) => phase === 'fold' && done > 5 && abort.abort(),
      }),
    );
    expect(report.outcome).toBe('cancelled');
    expect((await store.generations()).map((g) => g.generation)).toEqual([1]);
  });

  it('starts afresh after one that died half-way, whose generation never becomes active', async () => {
    await live(purchasesProjection);
    await store.createGeneration({
      projection: 'purchases',
      version: 1,
      generation: 2,
      indexes: ['totalMinor', 'count'],
    });
    await store.insertMany('purchases__v1__g2', [{ key: 'half', position: 1n, document: {}, indexes: {} }]);
    const restarted = await live(purchasesProjection);
    expect(restarted.status.generation).toBe(1);
    const { projections } = await rebuildProjections(options([purchasesProjection]));
    expect(projections[0]!.generation).toBe(3);
    expect((await store.generations()).map((g) => [g.generation, g.status])).toEqual([
      [1, 'previous'],
      [3, 'active'],
    ]);
  });

  it('keeps one previous generation, which a rollback brings up to date and back', async () => {
    log = new RecordedLog(events.slice(0, 10));
    await live(purchasesProjection, 10n);
    await rebuildProjections(options([purchasesProjection]));
    await rebuildProjections(options([purchasesProjection]));
    expect((await store.generations()).map((g) => [g.generation, g.status])).toEqual([
      [2, 'previous'],
      [3, 'active'],
    ]);
    log.add(events.slice(10));
    const back = await rollback(purchasesProjection, options([purchasesProjection]));
    expect(back).toMatchObject({ generation: 2, status: 'active' });
    expect(await documentsOf(back.collection)).toEqual(foldPlainly(purchasesProjection, events));
    expect(await dropPrevious(purchasesProjection, options([]))).toEqual(['purchases__v1__g3']);
    await expect(rollback(purchasesProjection, options([]))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('waits for all shards before it cleans up after one failed', async () => {
    await live(purchasesProjection);
    let running = 0;
    const here = foldShardsHere({ projections: [purchasesProjection], history: log, store });
    const shards: ShardFolder = {
      ...here,
      concurrency: 3,
      fold: async (task, context) => {
        running++;
        try {
          await systemScheduler.sleep(task.shard * 5);
          if (task.shard === 0) throw new Error('disk gone');
          return await here.fold(task, context);
        } finally {
          running--;
        }
      },
    };
    await expect(rebuildProjections(options([purchasesProjection], { shards }))).rejects.toThrow('disk gone');
    expect(running).toBe(0);
    expect((await store.generations()).map((g) => g.generation)).toEqual([1]);
  });
});
