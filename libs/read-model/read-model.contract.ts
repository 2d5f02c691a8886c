import fc from 'fast-check';
import type { DeadLetterStore, ParkedEvent } from './dead-letters.port.js';
import type { LeaseStore } from './lease.port.js';
import type { CollectionSpec, DocumentWrite, IndexValue, ReadModelStore } from './read-model.port.js';

type AnyStore = ReadModelStore & DeadLetterStore & LeaseStore;

/** One place where data lives; `open` may be called several times on it. */
export interface ReadModelPlace {
  open(): AnyStore;
  dispose(): Promise<void>;
}

const SPEC: CollectionSpec = {
  projection: 'customer-360',
  version: 1,
  generation: 1,
  indexes: ['stage', 'value'],
};
const COLLECTION = 'customer-360__v1__g1';
const from = (through: bigint) => ({ partition: 0, checkpoint: `c${through}`, through });

/** What every read-model store promises; run by each adapter. */
export function describeReadModelStore(name: string, makePlace: () => ReadModelPlace): void {
  describe(`${name} read-model store`, () => {
    let place: ReadModelPlace;
    let store: AnyStore;
    beforeEach(async () => {
      place = makePlace();
      store = place.open();
      await store.createGeneration(SPEC);
      await store.finishFilling(COLLECTION, from(0n));
    });
    afterEach(async () => {
      await store.close();
      await place.dispose();
    });
    const write = (
      key: string,
      position: bigint,
      document: object | null,
      indexes: Record<string, IndexValue> = {},
    ): DocumentWrite => ({ key, position, document, indexes });

    describe('documents', () => {
      it('gives back what was saved, and nothing for unknown keys', async () => {
        const document = { name: 'Ada — ☕', list: [1, null, { a: true }], amount: -0.1 };
        const saved = await store.saveMany(COLLECTION, [write('a', 1n, document)]);
        expect(saved).toEqual({ applied: 1, stale: 0 });
        expect(await store.get(COLLECTION, 'a')).toEqual({ key: 'a', position: 1n, document });
        expect(await store.get(COLLECTION, 'b')).toBeUndefined();
        const many = await store.loadMany(COLLECTION, ['b', 'a', "o'brien"]);
        expect([...many.values()]).toEqual([{ key: 'a', position: 1n, document }]);
      });

      it('loads thousands of keys at once', async () => {
        const keys = Array.from({ length: 3_000 }, (_, i) => `k${i}`);
        await store.saveMany(
          COLLECTION,
          keys.map((key, i) => write(key, 1n, { i })),
        );
        const many = await store.loadMany(COLLECTION, [...keys, 'missing']);
        expect(many.size).toBe(3_000);
        expect(many.get('k2999')!.document).toEqual({ i: 2_999 });
      });

      it('applies a write only when its position is greater than the stored one', async () => {
        await store.saveMany(COLLECTION, [write('a', 5n, { v: 5 }, { stage: 'contact' })]);
        const again = await store.saveMany(COLLECTION, [
          write('a', 5n, { v: 'same' }),
          write('a', 4n, { v: 'older' }),
          write('a', 4n, null),
          { ...write('a', 5n, { v: 'same' }, { stage: 'contact' }), indexesUnchanged: true },
        ]);
        expect(again).toEqual({ applied: 0, stale: 4 });
        expect((await store.get(COLLECTION, 'a'))!.document).toEqual({ v: 5 });
      });

      it('keeps index values when told that they are unchanged, and writes them for a new row', async () => {
        const hinted = (position: bigint): DocumentWrite => ({
          ...write('a', position, { position: Number(position) }, { stage: 'contact', value: 7 }),
          indexesUnchanged: true,
        });
        expect(await store.saveMany(COLLECTION, [hinted(1n), hinted(2n)])).toEqual({ applied: 2, stale: 0 });
        const found = await store.query(COLLECTION, {
          where: [{ index: 'value', op: '=', value: 7 }],
          limit: 2,
        });
        expect(found.map((row) => row.document)).toEqual([{ position: 2 }]);
      });

      it('deletes with null, and a later write creates the document anew', async () => {
        await store.saveMany(COLLECTION, [write('a', 1n, { v: 1 })]);
        expect(await store.saveMany(COLLECTION, [write('a', 2n, null), write('z', 2n, null)])).toEqual({
          applied: 2,
          stale: 0,
        });
        expect(await store.get(COLLECTION, 'a')).toBeUndefined();
        await store.saveMany(COLLECTION, [write('a', 3n, { v: 3 })]);
        expect((await store.get(COLLECTION, 'a'))!.document).toEqual({ v: 3 });
      });

      it('gives the same documents whatever the order and number of deliveries', async () => {
        await fc.assert(
          fc.asyncProperty(
            fc.array(fc.record({ key: fc.constantFrom('a', 'b'), position: fc.integer({ min: 1, max: 9 }) })),
            async (deliveries) => {
              const fresh = { ...SPEC, generation: 9 };
              await store.dropGeneration(fresh.projection, 1, 9);
              await store.createGeneration(fresh);
              for (const d of deliveries)
                await store.saveMany('customer-360__v1__g9', [
                  write(d.key, BigInt(d.position), { at: d.position }),
                ]);
              for (const key of ['a', 'b']) {
                const newest = Math.max(0, ...deliveries.filter((d) => d.key === key).map((d) => d.position));
                const stored = await store.get<{ at: number }>('customer-360__v1__g9', key);
                expect(stored?.document.at ?? 0).toBe(newest);
              }
            },
          ),
          { numRuns: 25 },
        );
      });

      it('refuses names that are not identifiers, and unknown indexes', async () => {
        await expect(store.createGeneration({ ...SPEC, projection: 'a"; DROP TABLE x' })).rejects.toThrow(
          'kebab-case',
        );
        await expect(
          store.createGeneration({ ...SPEC, generation: 2, indexes: ['stage, key'] }),
        ).rejects.toThrow('identifier');
        const where = [{ index: 'stage" OR 1=1 --', op: '=' as const, value: 1 }];
        await expect(store.query(COLLECTION, { where, limit: 1 })).rejects.toThrow('has no index');
        await expect(store.count(COLLECTION, where)).rejects.toThrow('has no index');
        await expect(store.group(COLLECTION, { groupBy: ['document'] })).rejects.toThrow('has no index');
      });
    });

    describe('progress', () => {
      it('stores the checkpoint with the documents and never moves it back', async () => {
        expect(await store.checkpoint(COLLECTION, 1)).toBeUndefined();
        await store.saveMany(COLLECTION, [write('a', 7n, {})], from(7n));
        await store.saveMany(COLLECTION, [], from(3n));
        expect(await store.checkpoint(COLLECTION, 0)).toEqual(from(7n));
      });

      it('keeps neither documents nor checkpoint nor parked events of a commit that failed', async () => {
        await store.saveMany(COLLECTION, [write('a', 1n, { v: 1 })], from(1n));
        const failing = store.inOneCommit(async () => {
          await store.saveMany(COLLECTION, [write('a', 2n, { v: 2 }), write('b', 2n, {})], from(2n));
          await store.park([parked(2n)]);
          throw new Error('power cut');
        });
        await expect(failing).rejects.toThrow('power cut');
        expect((await store.get(COLLECTION, 'a'))!.document).toEqual({ v: 1 });
        expect(await store.count(COLLECTION)).toBe(1);
        expect(await store.checkpoint(COLLECTION, 0)).toEqual(from(1n));
        expect(await store.parkedSequences()).toEqual([]);
      });

      it('queues commits asked for at the same time', async () => {
        const order: string[] = [];
        const commit = (label: string) =>
          store.inOneCommit(async () => {
            order.push(`${label} begins`);
            await Promise.resolve();
            await store.saveMany(COLLECTION, [write(label, 1n, {})]);
            order.push(`${label} ends`);
          });
        await Promise.all([commit('a'), commit('b')]);
        expect(order).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
        expect(await store.count(COLLECTION)).toBe(2);
      });

      it('has documents and checkpoint after reopening', async () => {
        await store.saveMany(COLLECTION, [write('a', 1n, { v: 1 }, { stage: 'x' })], from(9n));
        await store.activate('customer-360', 1, 1);
        await store.close();
        store = place.open();
        expect((await store.activeCollection('customer-360')).checkpoints).toEqual([from(9n)]);
        expect(await store.count(COLLECTION, [{ index: 'stage', op: '=', value: 'x' }])).toBe(1);
      });
    });

    describe('generations', () => {
      it('says so when a projection is unknown or still being filled', async () => {
        await expect(store.activeCollection('nobody')).rejects.toMatchObject({ code: 'UNKNOWN_PROJECTION' });
        await expect(store.activeCollection('customer-360')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
        await expect(store.get('nobody__v1__g1', 'a')).rejects.toMatchObject({ code: 'UNKNOWN_PROJECTION' });
      });

      it('swaps the alias at once for every connection and keeps the former generation', async () => {
        const reader = place.open();
        await store.saveMany(COLLECTION, [write('a', 1n, { from: 'blue' })], from(1n));
        await store.activate('customer-360', 1, 1);
        const blue = await reader.activeCollection('customer-360');
        expect(blue).toEqual({
          ...SPEC,
          collection: COLLECTION,
          status: 'active',
          checkpoints: [from(1n)],
        });
        await store.createGeneration({ ...SPEC, version: 2, generation: 2 });
        const green = 'customer-360__v2__g2';
        await store.insertMany(green, [write('a', 1n, { from: 'green' }, { value: 3 })]);
        expect((await store.collectionState(green))!.checkpoints).toEqual([]);
        await store.finishFilling(green, from(1n));
        expect((await reader.activeCollection('customer-360')).collection).toBe(COLLECTION);
        await store.activate('customer-360', 2, 2);
        expect((await reader.activeCollection('customer-360')).collection).toBe(green);
        expect((await reader.generations('customer-360')).map((g) => [g.status, g.documents])).toEqual([
          ['previous', 1],
          ['active', 1],
        ]);
        await store.activate('customer-360', 1, 1);
        expect((await reader.activeCollection('customer-360')).collection).toBe(COLLECTION);
        await reader.close();
      });

      it('drops a generation with its checkpoint and parked events, but not the active one', async () => {
        await store.activate('customer-360', 1, 1);
        await expect(store.dropGeneration('customer-360', 1, 1)).rejects.toMatchObject({ code: 'CONFLICT' });
        await store.createGeneration({ ...SPEC, generation: 2 });
        await store.activate('customer-360', 1, 2);
        await store.park([parked(4n)]);
        await store.dropGeneration('customer-360', 1, 1);
        await store.dropGeneration('customer-360', 1, 1);
        expect(await store.collectionState(COLLECTION)).toBeUndefined();
        expect(await store.parkedSequences(COLLECTION)).toEqual([]);
        await expect(store.saveMany(COLLECTION, [write('a', 1n, {})])).rejects.toMatchObject({
          code: 'UNKNOWN_PROJECTION',
        });
        await store.createGeneration(SPEC);
        expect(await store.count(COLLECTION)).toBe(0);
      });

      it('leaves an existing generation as it is when created again', async () => {
        await store.saveMany(COLLECTION, [write('a', 1n, {})], from(1n));
        await store.activate('customer-360', 1, 1);
        await store.createGeneration(SPEC);
        expect((await store.activeCollection('customer-360')).checkpoints).toEqual([from(1n)]);
        expect(await store.count(COLLECTION)).toBe(1);
      });
    });

    describe('queries', () => {
      const ROWS: [string, IndexValue, IndexValue][] = [
        ['a', 'contact', 3],
        ['b', 'contact', null],
        ['b/1', 'involvement', 1],
        ['b/2', null, 2],
        ['b-x', 'intimacy', 10],
        ['c', 'intimacy', 2],
        ['\u{1f600}', 'contact', 2],
        ['\uffee', 'contact', 2],
      ];
      beforeEach(() =>
        store.saveMany(
          COLLECTION,
          ROWS.map(([key, stage, value], i) => write(key, BigInt(i + 1), { key }, { stage, value })),
        ),
      );
      const keys = async (query: Parameters<ReadModelStore['query']>[1]): Promise<string[]> =>
        (await store.query(COLLECTION, query)).map((row) => row.key);

      it.each([
        ['=', 2, ['b/2', 'c', '\uffee', '\u{1f600}']],
        ['!=', 2, ['a', 'b', 'b-x', 'b/1']],
        ['<', 2, ['b/1']],
        ['<=', 2, ['b/1', 'b/2', 'c', '\uffee', '\u{1f600}']],
        ['>', 2, ['a', 'b-x']],
        ['>=', 3, ['a', 'b-x']],
        ['=', null, ['b']],
        ['!=', null, ['a', 'b-x', 'b/1', 'b/2', 'c', '\uffee', '\u{1f600}']],
        ['<', null, []],
        ['<', 'text', ['a', 'b-x', 'b/1', 'b/2', 'c', '\uffee', '\u{1f600}']],
      ] as const)('filters by value %s %p', async (op, value, expected) => {
        const where = [{ index: 'value', op, value }];
        expect(await keys({ where, limit: 10 })).toEqual(expected);
        expect(await store.count(COLLECTION, where)).toBe(expected.length);
      });

      it('combines conditions with and', async () => {
        const where = [
          { index: 'stage', op: '=' as const, value: 'contact' },
          { index: 'value', op: '>' as const, value: 2 },
        ];
        expect(await keys({ where, limit: 10 })).toEqual(['a']);
      });

      it('finds the rows of one owner only', async () => {
        expect(await keys({ owner: 'b', limit: 10 })).toEqual(['b', 'b/1', 'b/2']);
        expect(
          await keys({ owner: 'b', orderBy: [{ index: 'value', direction: 'desc' }], limit: 2 }),
        ).toEqual(['b/2', 'b/1']);
        expect(await keys({ owner: 'nobody', limit: 10 })).toEqual([]);
      });

      it('orders with nothing first, numbers, then texts, the key deciding ties', async () => {
        expect(await keys({ orderBy: [{ index: 'value', direction: 'asc' }], limit: 3 })).toEqual([
          'b',
          'b/1',
          'b/2',
        ]);
        const rows = await store.query(COLLECTION, {
          orderBy: [
            { index: 'stage', direction: 'desc' },
            { index: 'value', direction: 'asc' },
          ],
          limit: 3,
        });
        expect(rows.map((row) => [row.key, ...row.values])).toEqual([
          ['b/1', 'involvement', 1],
          ['c', 'intimacy', 2],
          ['b-x', 'intimacy', 10],
        ]);
        expect(rows[0]!.document).toEqual({ key: 'b/1' });
      });

      it('pages through everything once, in any ordering', async () => {
        const direction = fc.constantFrom('asc' as const, 'desc' as const);
        const orderings = fc.uniqueArray(fc.record({ index: fc.constantFrom('stage', 'value'), direction }), {
          maxLength: 2,
          selector: (o) => o.index,
        });
        await fc.assert(
          fc.asyncProperty(orderings, fc.integer({ min: 1, max: 4 }), async (orderBy, limit) => {
            const whole = await keys({ orderBy, limit: 100 });
            expect(whole.length).toBe(ROWS.length);
            const paged: string[] = [];
            let after: { values: readonly IndexValue[]; key: string } | undefined;
            for (;;) {
              const page = await store.query(COLLECTION, { orderBy, limit, after });
              paged.push(...page.map((row) => row.key));
              const last = page.at(-1);
              if (!last) break;
              after = { values: last.values, key: last.key };
            }
            expect(paged).toEqual(whole);
          }),
          { numRuns: 40 },
        );
      });

      it('counts and sums by group', async () => {
        expect(await store.group(COLLECTION, { groupBy: ['stage'], sum: ['value'] })).toEqual([
          { group: { stage: null }, count: 1, sums: { value: 2 } },
          { group: { stage: 'contact' }, count: 4, sums: { value: 7 } },
          { group: { stage: 'intimacy' }, count: 2, sums: { value: 12 } },
          { group: { stage: 'involvement' }, count: 1, sums: { value: 1 } },
        ]);
        const where = [{ index: 'value', op: '=' as const, value: 2 }];
        expect(await store.group(COLLECTION, { groupBy: [], where, sum: ['value'] })).toEqual([
          { group: {}, count: 4, sums: { value: 8 } },
        ]);
        expect(
          await store.group(COLLECTION, { groupBy: ['stage'], where: [{ ...where[0]!, value: 99 }] }),
        ).toEqual([]);
      });

      it('scans every document in key order, with its index values', async () => {
        const pages: string[][] = [];
        const values: IndexValue[] = [];
        for await (const page of store.scan(COLLECTION, 3)) {
          pages.push(page.map((row) => row.key));
          values.push(...page.map((row) => row.indexes.value!));
        }
        expect(pages).toEqual([
          ['a', 'b', 'b-x'],
          ['b/1', 'b/2', 'c'],
          ['\uffee', '\u{1f600}'],
        ]);
        expect(values).toEqual([3, null, 10, 1, 2, 2, 2, 2]);
      });
    });

    const parked = (position: bigint, attempts = 1): ParkedEvent => ({
      collection: COLLECTION,
      projection: 'customer-360',
      generation: 1,
      streamId: 'customer-a',
      owner: 'a',
      position,
      revision: position - 1n,
      eventId: `e${position}`,
      eventType: 'PurchaseRecorded',
      reason: attempts === 1 ? 'TypeError: x' : 'TypeError: again',
      parkedAtMs: 1_000,
      attempts,
    });

    describe('parked events', () => {
      it('keeps a sequence in order behind its head and lets it drain from the front', async () => {
        await store.park([parked(5n), parked(9n)]);
        await store.park([parked(7n), parked(5n)]);
        const [sequence, ...others] = await store.parkedSequences();
        expect(others).toEqual([]);
        expect(sequence).toMatchObject({ owner: 'a', events: 3, head: parked(5n) });
        await store.unpark(COLLECTION, 'customer-a', 7n);
        await store.park([parked(7n, 2)]);
        const left = await store.parkedEvents(COLLECTION, 'customer-a');
        expect(left.map((e) => [e.position, e.attempts, e.reason])).toEqual([
          [7n, 2, 'TypeError: again'],
          [9n, 1, 'TypeError: x'],
        ]);
        await store.unpark(COLLECTION, 'customer-a');
        expect(await store.parkedSequences()).toEqual([]);
      });
    });

    describe('leases', () => {
      it('gives a lease to one holder, and to the next after expiry with a greater token', async () => {
        const first = await store.acquireLease('rebuild/x', 'one', 1_000, 500);
        if (first.kind !== 'granted') throw new Error('expected a lease');
        const other = place.open();
        expect(await other.acquireLease('rebuild/x', 'two', 1_400, 500)).toEqual({
          kind: 'held',
          by: first.lease,
        });
        expect(await store.renewLease(first.lease, 1_400, 500)).toBe(true);
        expect(await other.acquireLease('rebuild/x', 'two', 1_600, 500)).toMatchObject({ kind: 'held' });
        const second = await other.acquireLease('rebuild/x', 'two', 2_000, 500);
        if (second.kind !== 'granted') throw new Error('expected a lease');
        expect(second.lease.token > first.lease.token).toBe(true);
        expect(await store.renewLease(first.lease, 2_001, 500)).toBe(false);
        expect(await store.holdsLease(first.lease)).toBe(false);
        await store.releaseLease(first.lease);
        expect(await other.currentLease('rebuild/x', 2_001)).toEqual(second.lease);
        await other.releaseLease(second.lease);
        expect(await other.currentLease('rebuild/x', 2_001)).toBeUndefined();
        const third = await store.acquireLease('rebuild/x', 'three', 2_002, 500);
        expect(third.kind === 'granted' && third.lease.token > second.lease.token).toBe(true);
        await other.close();
      });
    });
  });
}
