import { RapportError, type RecordedEvent } from '@rapport/contracts';
import { openStoreEventFeed } from '@rapport/event-feed';
import { MemoryReadModelData, openMemoryReadModels, type ParkedEvent } from '@rapport/read-model';
import { systemScheduler } from '@rapport/runtime';
import {
  eventBuilder,
  foldPlainly,
  purchasesProjection,
  RecordedLog,
  startLive,
  testCustomerId,
  touchesProjection,
  type LiveRun,
} from '@rapport/testing';
import type { AnyProjection } from './definition.js';

const DEADLINE_MS = 5_000;
const ADA = testCustomerId('ada');
const BOB = testCustomerId('bob');
const EUR = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });
const feedOf = (log: RecordedLog, batchSize = 3) =>
  openStoreEventFeed(log, { scheduler: systemScheduler, batchSize, pollMs: 5 });

/** Ten purchases of two customers in turn. */
const purchases = (): RecordedEvent[] => {
  const builder = eventBuilder();
  for (let i = 1; i <= 10; i++)
    builder
      .customer(i % 2 === 0 ? 'ada' : 'bob')
      .type('PurchaseRecorded', { orderId: `o-${i}`, total: EUR(i) });
  return builder.build();
};

/** The projection, refusing orders while `isBroken` says so, after it has spoilt the document. */
const breakable = (isBroken: (orderId: string) => boolean): AnyProjection => ({
  ...purchasesProjection,
  evolve: (document, event, key) => {
    if (event.type === 'PurchaseRecorded' && isBroken(event.data.orderId)) {
      document.count = -1;
      throw new TypeError(`cannot fold ${event.data.orderId}`);
    }
    return purchasesProjection.evolve(document, event, key);
  },
});

describe('Live runner', () => {
  let run: LiveRun | undefined;
  afterEach(async () => {
    await run?.stop();
    run = undefined;
  });
  const documents = async (name: string): Promise<Record<string, object>> => {
    const { collection } = await run!.store.activeCollection(name);
    const found: Record<string, object> = {};
    for await (const page of run!.store.scan(collection))
      for (const { key, document } of page) found[key] = document;
    return found;
  };

  it('activates a first generation once it has caught up, and follows the head', async () => {
    const log = new RecordedLog(purchases().slice(0, 4));
    const feed = feedOf(log);
    run = startLive({ projections: [purchasesProjection, touchesProjection], feed, history: log });
    await run.runner.waitFor(4n, DEADLINE_MS);
    log.add(purchases().slice(4));
    feed.wake();
    await run.runner.waitFor(10n, DEADLINE_MS);
    expect(await documents('purchases')).toEqual(foldPlainly(purchasesProjection, purchases()));
    expect(await documents('touches')).toEqual(foldPlainly(touchesProjection, purchases()));
    expect(run.runner.status()).toMatchObject([
      {
        projection: 'purchases',
        status: 'active',
        position: 10n,
        lag: 0n,
        received: 10,
        applied: 10,
        parked: 0,
      },
      { projection: 'touches', position: 10n, applied: 10 },
    ]);
  });

  it('activates an empty generation at once on an empty log', async () => {
    const log = new RecordedLog();
    run = startLive({ projections: [purchasesProjection], feed: feedOf(log), history: log });
    await run.runner.waitFor(0n, DEADLINE_MS);
    await run.runner.reload();
    expect(await documents('purchases')).toEqual({});
  });

  it('goes on from its checkpoint after a restart', async () => {
    const log = new RecordedLog(purchases());
    const data = new MemoryReadModelData();
    run = startLive({
      projections: [purchasesProjection],
      feed: feedOf(new RecordedLog(purchases().slice(0, 6))),
      history: log,
      store: openMemoryReadModels(data),
    });
    await run.runner.waitFor(6n, DEADLINE_MS);
    await run.stop();
    run = startLive({
      projections: [purchasesProjection],
      feed: feedOf(log),
      history: log,
      store: openMemoryReadModels(data),
    });
    await run.runner.waitFor(10n, DEADLINE_MS);
    expect(run.runner.status()[0]).toMatchObject({ received: 4, applied: 4, duplicate: 0 });
    expect(await documents('purchases')).toEqual(foldPlainly(purchasesProjection, purchases()));
  });

  it('lets a new projection catch up beside one that is at the head', async () => {
    const log = new RecordedLog(purchases());
    const data = new MemoryReadModelData();
    const options = { feed: feedOf(log), history: log };
    run = startLive({ projections: [purchasesProjection], store: openMemoryReadModels(data), ...options });
    await run.runner.waitFor(10n, DEADLINE_MS);
    await run.stop();
    run = startLive({
      projections: [purchasesProjection, touchesProjection],
      store: openMemoryReadModels(data),
      ...options,
    });
    await run.runner.waitFor(10n, DEADLINE_MS, { projections: ['touches'] });
    expect(await documents('touches')).toEqual(foldPlainly(touchesProjection, purchases()));
    expect(run.runner.status()[0]).toMatchObject({ projection: 'purchases', received: 0 });
  });

  it('fills a new version beside the old one and keeps the old for rollback', async () => {
    const log = new RecordedLog(purchases());
    const data = new MemoryReadModelData();
    const options = { feed: feedOf(log), history: log };
    run = startLive({ projections: [purchasesProjection], store: openMemoryReadModels(data), ...options });
    await run.runner.waitFor(10n, DEADLINE_MS);
    await run.stop();
    const next = { ...purchasesProjection, version: 2 };
    run = startLive({ projections: [next], store: openMemoryReadModels(data), ...options });
    await run.runner.waitFor(10n, DEADLINE_MS);
    const generations = await run.store.generations('purchases');
    expect(generations.map((g) => [g.version, g.status])).toEqual([
      [1, 'previous'],
      [2, 'active'],
    ]);
  });

  describe('when an event cannot be folded', () => {
    it('parks the customer from there on, undoes the half-folded event, and lets others flow', async () => {
      const log = new RecordedLog(purchases());
      const parked: ParkedEvent[] = [];
      run = startLive({
        projections: [breakable((orderId) => orderId === 'o-4')],
        feed: feedOf(log, 4),
        history: log,
        onParked: (event) => parked.push(event),
      });
      await run.runner.waitFor(10n, DEADLINE_MS);
      expect(await documents('purchases')).toEqual({
        [ADA]: { count: 1, totalMinor: 2, lastOrderId: 'o-2' },
        [BOB]: { count: 5, totalMinor: 25, lastOrderId: 'o-9' },
      });
      expect(run.runner.status()[0]).toMatchObject({
        received: 10,
        applied: 6,
        duplicate: 0,
        parked: 4,
        parkedSequences: 1,
      });
      const [sequence] = await run.store.parkedSequences();
      expect(sequence).toMatchObject({ owner: ADA, events: 4 });
      expect(sequence!.head).toMatchObject({
        position: 4n,
        reason: 'TypeError: cannot fold o-4',
        attempts: 1,
      });
      expect(parked.map((event) => event.position)).toEqual([4n]);
    });

    it('undoes it also when earlier events of the customer are not committed yet', async () => {
      const log = new RecordedLog(purchases());
      run = startLive({
        projections: [breakable((orderId) => orderId === 'o-10')],
        feed: feedOf(log, 2),
        history: log,
      });
      await run.runner.waitFor(10n, DEADLINE_MS);
      expect((await documents('purchases'))[ADA]).toEqual({ count: 4, totalMinor: 20, lastOrderId: 'o-8' });
    });

    it('keeps the customer parked after a restart, and drains in order after the fix', async () => {
      const log = new RecordedLog(purchases().slice(0, 8));
      const data = new MemoryReadModelData();
      let broken = new Set(['o-4', 'o-8']);
      const projections = [breakable((orderId) => broken.has(orderId))];
      const start = () =>
        startLive({ projections, feed: feedOf(log), history: log, store: openMemoryReadModels(data) });
      run = start();
      await run.runner.waitFor(8n, DEADLINE_MS);
      await run.stop();
      log.add(purchases().slice(8));
      run = start();
      await run.runner.waitFor(10n, DEADLINE_MS);
      expect(run.runner.status()[0]).toMatchObject({ received: 5, applied: 1, parked: 4 });

      expect(await run.runner.retryParked('purchases', ADA)).toMatchObject([
        { drained: 0, stuckAt: { position: 4n, attempts: 2 } },
      ]);
      broken = new Set(['o-8']);
      expect(await run.runner.retryParked('purchases', ADA)).toMatchObject([
        {
          owner: ADA,
          drained: 2,
          stuckAt: { position: 8n, attempts: 1, reason: 'TypeError: cannot fold o-8' },
        },
      ]);
      expect((await documents('purchases'))[ADA]).toMatchObject({ count: 3, lastOrderId: 'o-6' });
      broken = new Set();
      expect(await run.runner.retryParked('purchases')).toEqual([
        { projection: 'purchases', owner: ADA, drained: 2 },
      ]);
      expect(await documents('purchases')).toEqual(foldPlainly(purchasesProjection, purchases()));
      expect(await run.store.parkedSequences()).toEqual([]);
      expect(run.runner.status()[0]).toMatchObject({
        received: 5,
        applied: 5,
        parked: 0,
        parkedSequences: 0,
      });
    });

    it('parks a schema version newer than the code, and keys that another stream owns', async () => {
      const events = eventBuilder()
        .customer('ada')
        .raw('PurchaseRecorded', { orderId: 'o-1', total: EUR(1) }, {}, 99)
        .customer('bob')
        .type('PurchaseRecorded')
        .build();
      const log = new RecordedLog(events);
      const stray = { ...purchasesProjection, name: 'stray', keys: () => ['somebody-else'] };
      run = startLive({ projections: [purchasesProjection, stray], feed: feedOf(log), history: log });
      await run.runner.waitFor(2n, DEADLINE_MS);
      const reasons = (await run.store.parkedSequences()).map((s) => [s.projection, s.owner, s.head.reason]);
      expect(reasons).toEqual([
        ['purchases', ADA, 'UnfoldableEvent: unknown-schema: PurchaseRecorded version 99, known 1'],
        ['stray', ADA, expect.stringContaining('unknown-schema')],
        ['stray', BOB, 'UnfoldableEvent: foreign-key: a key of stray is not owned by the stream'],
      ]);
    });
  });

  it('repeats transient store errors until they go away, counting every event once', async () => {
    const log = new RecordedLog(purchases());
    const store = openMemoryReadModels();
    const save = store.saveMany.bind(store);
    let failures = 3;
    store.saveMany = async (...args) => {
      if (args[1].length > 0 && failures-- > 0) throw new RapportError('UNAVAILABLE', 'the disk sleeps');
      return save(...args);
    };
    const retries: [number, string | undefined][] = [];
    run = startLive({
      projections: [purchasesProjection],
      feed: feedOf(log),
      history: log,
      store,
      onRetry: (_error, attempt) => retries.push([attempt, run!.runner.trouble()?.message]),
    });
    await run.runner.waitFor(10n, DEADLINE_MS);
    // Whoever asks for readiness meanwhile hears that nothing is kept up to date.
    expect(retries).toEqual(
      [1, 2, 3].map((attempt) => [attempt, expect.stringContaining('the disk sleeps')]),
    );
    expect(run.runner.trouble()).toBeUndefined();
    expect(run.runner.status()[0]).toMatchObject({ received: 10, applied: 10, duplicate: 0 });
    expect(await documents('purchases')).toEqual(foldPlainly(purchasesProjection, purchases()));
  });

  it('ends with an error that does not go away', async () => {
    const log = new RecordedLog(purchases());
    const store = openMemoryReadModels();
    store.saveMany = async () => {
      throw new Error('a defect');
    };
    run = startLive({ projections: [purchasesProjection], feed: feedOf(log), history: log, store });
    await expect(run.done).rejects.toThrow('a defect');
    run = undefined;
  });

  it('follows a generation that somebody else has activated', async () => {
    const log = new RecordedLog(purchases().slice(0, 5));
    const feed = feedOf(log);
    run = startLive({ projections: [purchasesProjection], feed, history: log });
    await run.runner.waitFor(5n, DEADLINE_MS);
    const { store } = run;
    const indexes = ['totalMinor', 'count'];
    await store.createGeneration({ projection: 'purchases', version: 1, generation: 7, indexes });
    await store.finishFilling('purchases__v1__g7', { partition: 0, ...feed.start });
    await store.activate('purchases', 1, 7);
    log.add(purchases().slice(5));
    feed.wake();
    await run.runner.waitFor(10n, DEADLINE_MS);
    await run.runner.reload();
    await run.runner.waitFor(10n, DEADLINE_MS);
    expect((await store.activeCollection('purchases')).collection).toBe('purchases__v1__g7');
    expect(await documents('purchases')).toEqual(foldPlainly(purchasesProjection, purchases()));
  });

  it('says what it waited for in vain', async () => {
    const log = new RecordedLog(purchases());
    run = startLive({ projections: [purchasesProjection], feed: feedOf(log), history: log });
    await run.runner.waitFor(10n, DEADLINE_MS);
    await expect(run.runner.waitFor(11n, 1)).rejects.toMatchObject({
      code: 'READ_YOUR_WRITES_TIMEOUT',
      detail: 'position 11 not reached within 1 ms: purchases at 10',
    });
  });
});
