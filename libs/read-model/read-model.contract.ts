import fc from 'fast-check';
import { RETRY_REQUESTS_KEPT_MS, type DeadLetterStore, type ParkedEvent, type RetryRequest } from './dead-letters.port.js'; // prettier-ignore
import type { LeaseStore } from './lease.port.js';
import type { CollectionSpec, DocumentWrite, IndexValue, Query, ReadModelStore } from './read-model.port.js';

type AnyStore = ReadModelStore & DeadLetterStore & LeaseStore;

/** One place where data lives; `open` may be called several times on it. */
export interface ReadModelPlace {
  open(): AnyStore | Promise<AnyStore>;
  dispose(): Promise<void>;
}

export interface ReadModelStoreTraits {
  /**
   * True where a commit is one transaction, and a failed one leaves nothing. Elsewhere it leaves the documents and
   * parked events it wrote, but never a checkpoint. Default true.
   */
  readonly atomicCommits?: boolean;
  /** True where the guard outlives a removed document, as it must where commits are not atomic. Default false. */
  readonly remembersRemovals?: boolean;
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
export function describeReadModelStore(
  name: string,
  makePlace: () => ReadModelPlace | Promise<ReadModelPlace>,
  { atomicCommits = true, remembersRemovals = false }: ReadModelStoreTraits = {},
): void {
  describe(`${name} read-model store`, () => {
    let place: ReadModelPlace;
    let store: AnyStore;
    beforeEach(async () => {
      place = await makePlace();
      store = await place.open();
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

      it('keeps any JSON document as JSON keeps it, whatever its names and values', async () => {
        const names = fc.constantFrom(
          'a', '$set', '$', 'a.b', '.', '', '_id', '$ref', '__proto__', '_bsontype', 'toBSON', 'constructor', '0', 'ü\u0000',
        ); // prettier-ignore
        const json = fc.letrec((tie) => ({
          value: fc.oneof(
            { depthSize: 'small' },
            fc.constantFrom(0, -0, 1, 2 ** 31, 2 ** 53, -(2 ** 63), 0.1, 1e300, 5e-324),
            fc.constantFrom(null, true, undefined, Number.NaN, new Date(0)),
            fc.constantFrom('', '$set', '\ud800', '\u0000', 'ü€😀', '42'),
            fc.array(tie('value'), { maxLength: 3 }),
            fc.array(fc.tuple(names, tie('value')), { maxLength: 4 }).map((entries) => {
              const object = {};
              for (const [key, value] of entries)
                Object.defineProperty(object, key, {
                  value,
                  enumerable: true,
                  configurable: true,
                  writable: true,
                });
              return object;
            }),
          ),
        })).value;
        let position = 0n;
        await fc.assert(
          fc.asyncProperty(json, async (value) => {
            const document = { value };
            await store.saveMany(COLLECTION, [write('a', ++position, document)]);
            const text = JSON.stringify(document);
            const { document: stored } = (await store.get(COLLECTION, 'a'))!;
            expect(JSON.stringify(stored)).toBe(JSON.stringify(JSON.parse(text)));
            await store.saveMany(COLLECTION, [{ ...write('a', ++position, document), json: text }]);
            const [row] = await store.query(COLLECTION, { limit: 1 });
            expect(JSON.stringify(row!.document)).toBe(JSON.stringify(JSON.parse(text)));
          }),
          { numRuns: 150 },
        );
      });

      it('keeps documents nested deeper than servers allow, and keys with any characters', async () => {
        let deep: object = {};
        for (let i = 0; i < 300; i++) deep = { deep };
        const keys = ['$where', 'a.b', "o'brien", '{"$gt":""}', ' ', '\u{1f600}', '__proto__'];
        await store.saveMany(
          COLLECTION,
          keys.map((key) => write(key, 1n, { key, deep })),
        );
        const many = await store.loadMany(COLLECTION, keys);
        for (const key of keys) {
          expect(many.get(key)!.document).toEqual({ key, deep });
          expect(await store.get(COLLECTION, key)).toEqual({ key, position: 1n, document: { key, deep } });
        }
        expect(await store.saveMany(COLLECTION, [write('$where', 2n, null)])).toEqual({
          applied: 1,
          stale: 0,
        });
        expect(await store.count(COLLECTION)).toBe(keys.length - 1);
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

      it('applies its guard also where the caller wrongly took a document for absent', async () => {
        const hinted = (key: string, position: bigint, v: string): DocumentWrite => ({
          ...write(key, position, { v }, { stage: 'contact' }),
          wasAbsent: true,
        });
        await store.saveMany(COLLECTION, [
          write('older', 1n, { v: 'stored' }),
          write('newer', 9n, { v: 'stored' }),
        ]);
        await store.saveMany(COLLECTION, [write('removed', 1n, { v: 'stored' })]);
        await store.saveMany(COLLECTION, [write('removed', 2n, null)]);
        const writes = ['older', 'newer', 'removed', 'absent'].map((key) => hinted(key, 5n, 'written'));
        expect(await store.saveMany(COLLECTION, writes)).toEqual({ applied: 3, stale: 1 });
        const found = await store.loadMany(COLLECTION, ['older', 'newer', 'removed', 'absent']);
        expect(Object.fromEntries([...found].map(([key, { document }]) => [key, document]))).toEqual({
          older: { v: 'written' },
          newer: { v: 'stored' },
          removed: { v: 'written' },
          absent: { v: 'written' },
        });
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

      if (remembersRemovals)
        it('keeps an older write from bringing a removed document back, and hides what is left of it', async () => {
          await store.saveMany(COLLECTION, [write('a', 5n, { v: 5 }, { stage: 'x', value: 1 })]);
          await store.saveMany(COLLECTION, [write('b', 6n, {}), write('a', 7n, null)]);
          expect(await store.saveMany(COLLECTION, [write('a', 6n, { v: 6 }), write('a', 7n, {})])).toEqual({
            applied: 0,
            stale: 2,
          });
          expect((await store.loadMany(COLLECTION, ['a'])).get('a')).toEqual({
            key: 'a',
            position: 7n,
            document: null,
          });
          expect(await store.get(COLLECTION, 'a')).toBeUndefined();
          const nothing = [{ index: 'stage', op: '=' as const, value: null }];
          expect((await store.query(COLLECTION, { where: nothing, limit: 9 })).map((r) => r.key)).toEqual([
            'b',
          ]);
          expect(await store.count(COLLECTION)).toBe(1);
          expect(await store.count(COLLECTION, nothing)).toBe(1);
          expect(await store.count(COLLECTION)).toBe(1);
          expect(await store.group(COLLECTION, { groupBy: ['stage'] })).toEqual([
            { group: { stage: null }, count: 1, sums: {} },
          ]);
          for await (const page of store.scan(COLLECTION)) expect(page.map((r) => r.key)).toEqual(['b']);
          await store.saveMany(COLLECTION, [write('a', 8n, { v: 8 }, { stage: 'x' })]);
          expect((await store.get(COLLECTION, 'a'))!.document).toEqual({ v: 8 });
          expect(await store.count(COLLECTION)).toBe(2);
        });

      it('applies the writes of one call to one key in their order', async () => {
        const writes = [
          write('a', 1n, { v: 1 }),
          write('a', 3n, { v: 3 }),
          write('a', 2n, { v: 2 }),
          write('b', 1n, { v: 1 }),
          write('b', 2n, null),
          write('b', 3n, { v: 3 }),
        ];
        expect(await store.saveMany(COLLECTION, writes)).toEqual({ applied: 5, stale: 1 });
        expect((await store.get(COLLECTION, 'a'))!.document).toEqual({ v: 3 });
        expect((await store.get(COLLECTION, 'b'))!.document).toEqual({ v: 3 });
      });

      it('changes nothing when a whole batch is delivered again and again', async () => {
        const batch = Array.from({ length: 300 }, (_, i) =>
          write(`k${String(i).padStart(3, '0')}`, BigInt(i + 1), { i }, { value: i }),
        );
        const deliver = () => store.saveMany(COLLECTION, batch, from(300n));
        expect(await deliver()).toEqual({ applied: 300, stale: 0 });
        const read = async () => {
          const pages = [];
          for await (const page of store.scan(COLLECTION)) pages.push(...page);
          return pages;
        };
        const before = await read();
        for (let i = 0; i < 3; i++) expect(await deliver()).toEqual({ applied: 0, stale: 300 });
        expect(await store.saveMany(COLLECTION, batch.slice(0, 10), from(10n))).toEqual({
          applied: 0,
          stale: 10,
        });
        expect(await read()).toEqual(before);
        expect(await store.checkpoint(COLLECTION, 0)).toEqual(from(300n));
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

    describe('indexes that are not sorted by', () => {
      const WIDE: CollectionSpec = {
        ...SPEC,
        generation: 2,
        indexes: ['stage', 'value'],
        sortedBy: ['value'],
      };
      const WIDE_COLLECTION = 'customer-360__v1__g2';
      beforeEach(async () => {
        await store.createGeneration(WIDE);
        await store.finishFilling(WIDE_COLLECTION, from(0n));
        await store.saveMany(WIDE_COLLECTION, [
          write('a', 1n, {}, { stage: 'contact', value: 2 }),
          write('a/1', 2n, {}, { stage: 'intimacy', value: 1 }),
          write('b', 3n, {}, { stage: 'contact', value: 1 }),
        ]);
      });
      const keysOf = async (query: Omit<Query, 'limit'>): Promise<string[]> =>
        (await store.query(WIDE_COLLECTION, { ...query, limit: 10 })).map(({ key }) => key);
      const byStage = [{ index: 'stage', direction: 'asc' as const }];

      it('are said by the generation, all where nobody says', async () => {
        expect(await store.collectionState(WIDE_COLLECTION)).toMatchObject({ sortedBy: ['value'] });
        expect(await store.collectionState(COLLECTION)).toMatchObject({ sortedBy: ['stage', 'value'] });
      });

      it('filter, group, and decide between rows that are alike', async () => {
        const where = [{ index: 'stage', op: '=' as const, value: 'contact' }];
        expect(await keysOf({ where, orderBy: [{ index: 'value', direction: 'asc' }] })).toEqual(['b', 'a']);
        expect(await store.group(WIDE_COLLECTION, { groupBy: ['stage'], sum: ['value'] })).toEqual([
          { group: { stage: 'contact' }, count: 2, sums: { value: 3 } },
          { group: { stage: 'intimacy' }, count: 1, sums: { value: 1 } },
        ]);
        expect(await keysOf({ orderBy: [{ index: 'value', direction: 'asc' }, ...byStage] })).toEqual([
          'b',
          'a/1',
          'a',
        ]);
      });

      it('sort the rows of one owner, and are refused where all would have to be sorted', async () => {
        expect(await keysOf({ owner: 'a', orderBy: byStage })).toEqual(['a', 'a/1']);
        await expect(keysOf({ orderBy: byStage })).rejects.toThrow('is not sorted by "stage"');
      });

      it('must be indexes', async () => {
        await expect(store.createGeneration({ ...SPEC, generation: 3, sortedBy: ['other'] })).rejects.toThrow(
          'has no index',
        );
      });
    });

    describe('when many write at once', () => {
      const WRITERS = 16;
      let writers: AnyStore[];
      beforeEach(async () => {
        writers = await Promise.all(Array.from({ length: WRITERS }, async () => place.open()));
      });
      afterEach(() => Promise.all(writers.map((writer) => writer.close())));

      it('lets exactly one writer have each position of a document', async () => {
        for (let position = 1n; position <= 25n; position++) {
          const results = await Promise.all(
            writers.map((writer, by) => writer.saveMany(COLLECTION, [write('a', position, { by })])),
          );
          const winners = results.flatMap(({ applied }, by) => (applied === 1 ? [by] : []));
          expect(winners).toHaveLength(1);
          expect(await store.get(COLLECTION, 'a')).toEqual({
            key: 'a',
            position,
            document: { by: winners[0] },
          });
        }
      });

      it('ends with the newest document whoever creates it first', async () => {
        for (let key = 0; key < 25; key++) {
          const results = await Promise.all(
            writers.map((writer, by) =>
              writer.saveMany(COLLECTION, [write(`k${key}`, BigInt(by + 1), { by })]),
            ),
          );
          expect(results.at(-1)).toEqual({ applied: 1, stale: 0 });
          expect((await store.get(COLLECTION, `k${key}`))!.document).toEqual({ by: WRITERS - 1 });
        }
      });

      it('never goes back while writers remove and create the same documents', async () => {
        const POSITIONS = 24;
        let highest = 0n;
        await Promise.all(
          writers.map(async (writer, by) => {
            for (let i = 0; i < POSITIONS; i++) {
              const position = BigInt(i * WRITERS + by + 1);
              const removes = i + 1 < POSITIONS && (i + by) % 3 === 0;
              await writer.saveMany(COLLECTION, [write('a', position, removes ? null : { by })]);
              if (position > highest) highest = position;
            }
          }),
        );
        expect(await store.get(COLLECTION, 'a')).toEqual({
          key: 'a',
          position: highest,
          document: { by: WRITERS - 1 },
        });
      });

      it('keeps the furthest checkpoint', async () => {
        await Promise.all(writers.map((writer, i) => writer.saveMany(COLLECTION, [], from(BigInt(i + 1)))));
        expect(await store.checkpoint(COLLECTION, 0)).toEqual(from(BigInt(WRITERS)));
        await Promise.all(
          writers.map((writer, partition) =>
            writer.saveMany(COLLECTION, [], {
              partition: partition + 1,
              checkpoint: `p${partition}`,
              through: 5n,
            }),
          ),
        );
        expect((await store.collectionState(COLLECTION))!.checkpoints).toHaveLength(WRITERS + 1);
      });

      it('creates a generation once', async () => {
        const spec = { ...SPEC, generation: 5 };
        await Promise.all(writers.map((writer) => writer.createGeneration(spec)));
        expect((await store.generations('customer-360')).map((g) => g.generation)).toEqual([1, 5]);
      });

      it('gives a free lease to one of them, and the next one a greater token', async () => {
        const tokens: bigint[] = [];
        for (let round = 0; round < 5; round++) {
          const nowMs = 1_000 * (round + 1);
          const answers = await Promise.all(
            writers.map((writer, i) => writer.acquireLease('rebuild/x', `w${i}`, nowMs, 1_000)),
          );
          const granted = answers.flatMap((answer) => (answer.kind === 'granted' ? [answer.lease] : []));
          expect(granted).toHaveLength(1);
          for (const answer of answers) if (answer.kind === 'held') expect(answer.by).toEqual(granted[0]);
          tokens.push(granted[0]!.token);
        }
        expect(tokens).toEqual([...tokens].sort((a, b) => (a < b ? -1 : 1)));
        expect(new Set(tokens).size).toBe(5);
      });

      it('parks an event once however many park it', async () => {
        await Promise.all(writers.map((writer) => writer.park([parked(5n), parked(6n)])));
        const [sequence, ...others] = await store.parkedSequences(COLLECTION);
        expect(sequence).toMatchObject({ events: 2, head: parked(5n) });
        expect(others).toEqual([]);
      });
    });

    describe('progress', () => {
      it('stores the checkpoint with the documents and never moves it back', async () => {
        expect(await store.checkpoint(COLLECTION, 1)).toBeUndefined();
        await store.saveMany(COLLECTION, [write('a', 7n, {})], from(7n));
        await store.saveMany(COLLECTION, [], from(3n));
        expect(await store.checkpoint(COLLECTION, 0)).toEqual(from(7n));
      });

      const progress = (partition: number, through: bigint) => ({
        partition,
        checkpoint: `p${partition}-${through}`,
        through,
      });

      it('moves what a commit is ahead in, and leaves what others are further in', async () => {
        await store.saveMany(COLLECTION, [], progress(0, 9n));
        await store.saveMany(COLLECTION, [], progress(1, 1n));
        await store.inOneCommit(async () => {
          await store.saveMany(COLLECTION, [], progress(0, 4n));
          for (const partition of [1, 2, 10]) await store.saveMany(COLLECTION, [], progress(partition, 5n));
        });
        expect((await store.collectionState(COLLECTION))!.checkpoints).toEqual([
          progress(0, 9n),
          progress(1, 5n),
          progress(2, 5n),
          progress(10, 5n),
        ]);
      });

      it('takes a later checkpoint of the same progress', async () => {
        for (const checkpoint of ['9', '10', '11']) {
          await store.saveMany(COLLECTION, [], { ...progress(3, 5n), checkpoint });
          expect(await store.checkpoint(COLLECTION, 3)).toEqual({ ...progress(3, 5n), checkpoint });
        }
      });

      it('compares progress as numbers', async () => {
        for (const through of [9n, 10n, 4_294_967_296n, 9_007_199_254_740_991n]) {
          await store.saveMany(COLLECTION, [], progress(3, through));
          expect(await store.checkpoint(COLLECTION, 3)).toEqual(progress(3, through));
        }
      });

      const failingCommit = () =>
        store.inOneCommit(async () => {
          await store.saveMany(COLLECTION, [write('a', 2n, { v: 2 }), write('b', 2n, {})], from(2n));
          await store.park([parked(2n)]);
          throw new Error('power cut');
        });

      if (atomicCommits)
        it('keeps neither documents nor checkpoint nor parked events of a commit that failed', async () => {
          await store.saveMany(COLLECTION, [write('a', 1n, { v: 1 })], from(1n));
          await expect(failingCommit()).rejects.toThrow('power cut');
          expect((await store.get(COLLECTION, 'a'))!.document).toEqual({ v: 1 });
          expect(await store.count(COLLECTION)).toBe(1);
          expect(await store.checkpoint(COLLECTION, 0)).toEqual(from(1n));
          expect(await store.parkedSequences()).toEqual([]);
        });

      it('moves no checkpoint in a commit that failed, and is right once it was repeated', async () => {
        await store.saveMany(COLLECTION, [write('a', 1n, { v: 1 })], from(1n));
        await expect(failingCommit()).rejects.toThrow('power cut');
        expect(await store.checkpoint(COLLECTION, 0)).toEqual(from(1n));
        await store.inOneCommit(async () => {
          await store.saveMany(COLLECTION, [write('a', 2n, { v: 2 }), write('b', 2n, {})], from(2n));
          await store.park([parked(2n)]);
        });
        expect((await store.get(COLLECTION, 'a'))!.document).toEqual({ v: 2 });
        expect(await store.count(COLLECTION)).toBe(2);
        expect(await store.checkpoint(COLLECTION, 0)).toEqual(from(2n));
        expect(await store.parkedEvents(COLLECTION, 'customer-a')).toEqual([parked(2n)]);
      });

      it('shows nobody a checkpoint before what was parked in the same commit is there', async () => {
        const reader = await place.open();
        await store.inOneCommit(async () => {
          await store.saveMany(COLLECTION, [write('a', 2n, {})], from(2n));
          expect(await store.checkpoint(COLLECTION, 0)).toEqual(from(2n));
          expect((await store.collectionState(COLLECTION))!.checkpoints).toEqual([from(2n)]);
          if (!atomicCommits) expect(await reader.checkpoint(COLLECTION, 0)).toEqual(from(0n));
          await store.park([parked(2n)]);
        });
        expect(await reader.checkpoint(COLLECTION, 0)).toEqual(from(2n));
        expect(await reader.parkedEvents(COLLECTION, 'customer-a')).toHaveLength(1);
        await reader.close();
      });

      it('has the checkpoint of a commit no later than the alias it swaps', async () => {
        const reader = await place.open();
        await store.createGeneration({ ...SPEC, generation: 2 });
        await store.inOneCommit(async () => {
          await store.saveMany('customer-360__v1__g2', [write('a', 9n, {})], from(9n));
          await store.activate('customer-360', 1, 2);
          if (!atomicCommits)
            expect((await reader.activeCollection('customer-360')).checkpoints).toEqual([from(9n)]);
        });
        expect((await reader.activeCollection('customer-360')).checkpoints).toEqual([from(9n)]);
        await reader.close();
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
        store = await place.open();
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
        const reader = await place.open();
        await store.saveMany(COLLECTION, [write('a', 1n, { from: 'blue' })], from(1n));
        await store.activate('customer-360', 1, 1);
        const blue = await reader.activeCollection('customer-360');
        expect(blue).toEqual({
          ...SPEC,
          sortedBy: SPEC.indexes,
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
        expect((await reader.generations('customer-360')).map(({ status }) => status)).toEqual([
          'previous',
          'active',
        ]);
        for (const collection of [COLLECTION, green]) expect(await reader.count(collection)).toBe(1);
        await store.activate('customer-360', 1, 1);
        expect((await reader.activeCollection('customer-360')).collection).toBe(COLLECTION);
        await reader.close();
      });

      it('shows every reader one whole generation while the alias is swapped to and fro', async () => {
        const DOCUMENTS = 20;
        const fill = async (generation: number, colour: string) => {
          await store.createGeneration({ ...SPEC, generation });
          const writes = Array.from({ length: DOCUMENTS }, (_, i) =>
            write(`k${i}`, 1n, { colour }, { stage: colour }),
          );
          await store.insertMany(`customer-360__v1__g${generation}`, writes);
          await store.finishFilling(`customer-360__v1__g${generation}`, from(1n));
        };
        await fill(2, 'green');
        await fill(3, 'blue');
        await store.activate('customer-360', 1, 2);
        const readers = await Promise.all(Array.from({ length: 4 }, async () => place.open()));
        const seen = new Set<string>();
        let swapping = true;
        const reading = readers.map(async (reader) => {
          while (swapping) {
            const { collection, generation } = await reader.activeCollection('customer-360');
            const colour = generation === 2 ? 'green' : 'blue';
            const rows = await reader.query<{ colour: string }>(collection, { limit: 100 });
            expect(rows.map((row) => row.document.colour)).toEqual(Array(DOCUMENTS).fill(colour));
            expect(await reader.count(collection, [{ index: 'stage', op: '=', value: colour }])).toBe(
              DOCUMENTS,
            );
            seen.add(colour);
            await new Promise((resolve) => setImmediate(resolve));
          }
        });
        const swaps = async () => {
          for (let i = 0; i < 40 || seen.size < 2; i++) {
            await store.activate('customer-360', 1, i % 2 === 0 ? 3 : 2);
            const actives = (await store.generations('customer-360')).filter((g) => g.status === 'active');
            expect(actives).toHaveLength(1);
            await new Promise((resolve) => setImmediate(resolve));
          }
        };
        await Promise.all([...reading, swaps().finally(() => (swapping = false))]);
        expect([...seen].sort()).toEqual(['blue', 'green']);
        await Promise.all(readers.map((reader) => reader.close()));
      });

      it('tells readers and writers on other connections that a generation was dropped', async () => {
        const other = await place.open();
        const gone = { code: 'UNKNOWN_PROJECTION' };
        await store.createGeneration({ ...SPEC, generation: 2 });
        const dropped = 'customer-360__v1__g2';
        await store.insertMany(dropped, [write('a', 1n, {}, { stage: 'x' })]);
        expect(await other.count(dropped)).toBe(1);
        await store.dropGeneration('customer-360', 1, 2);
        await expect(other.get(dropped, 'a')).rejects.toMatchObject(gone);
        await expect(other.loadMany(dropped, ['a'])).rejects.toMatchObject(gone);
        await expect(other.count(dropped)).rejects.toMatchObject(gone);
        await expect(other.query(dropped, { limit: 1 })).rejects.toMatchObject(gone);
        await expect(other.group(dropped, { groupBy: [] })).rejects.toMatchObject(gone);
        await expect(other.scan(dropped)[Symbol.asyncIterator]().next()).rejects.toMatchObject(gone);
        await expect(other.saveMany(dropped, [write('a', 2n, {})])).rejects.toMatchObject(gone);
        await expect(other.insertMany(dropped, [write('b', 2n, {})])).rejects.toMatchObject(gone);
        await expect(other.saveMany(dropped, [], from(2n))).rejects.toMatchObject(gone);
        expect(await other.checkpoint(dropped, 0)).toBeUndefined();
        await other.close();
      });

      it('finds nothing of a dropped generation in one made anew under its name', async () => {
        const other = await place.open();
        const spec = { ...SPEC, generation: 2 };
        const again = 'customer-360__v1__g2';
        for (let round = 0; round < 3; round++) {
          await store.createGeneration(spec);
          expect(await store.count(again)).toBe(0);
          expect((await store.collectionState(again))!.checkpoints).toEqual([]);
          expect(await store.parkedSequences(again)).toEqual([]);
          await store.saveMany(again, [write('a', 5n, { round })], from(5n));
          await store.park([{ ...parked(5n), collection: again, generation: 2 }]);
          expect((await store.get(again, 'a'))!.document).toEqual({ round });
          await store.dropGeneration('customer-360', 1, 2);
          // A writer that has not heard of it yet.
          await other.saveMany(again, [write('b', 9n, { late: true })], from(9n)).catch(() => undefined);
        }
        expect((await store.generations('customer-360')).map((g) => g.generation)).toEqual([1]);
        await other.close();
      });

      it('refuses to make a generation active that is not there', async () => {
        await expect(store.activate('customer-360', 1, 7)).rejects.toMatchObject({
          code: 'UNKNOWN_PROJECTION',
        });
        await expect(store.activate('nobody', 1, 1)).rejects.toMatchObject({ code: 'UNKNOWN_PROJECTION' });
        await store.dropGeneration('nobody', 1, 1);
      });

      it('lists generations of every projection with their states, and counts their documents', async () => {
        await store.createGeneration({ projection: 'notes', version: 3, generation: 4, indexes: [] });
        await store.insertMany('notes__v3__g4', [
          write('a', 1n, {}),
          write('b', 1n, {}),
          write('c', 1n, null),
        ]);
        const all = await store.generations();
        expect(all.map((g) => [g.collection, g.status])).toEqual([
          [COLLECTION, 'filling'],
          ['notes__v3__g4', 'filling'],
        ]);
        expect(await store.count(COLLECTION)).toBe(0);
        expect(await store.count('notes__v3__g4')).toBe(2);
        expect(await store.generations('nobody')).toEqual([]);
        expect(await store.collectionState('notes__v3__g4')).toEqual({
          projection: 'notes',
          version: 3,
          generation: 4,
          indexes: [],
          sortedBy: [],
          collection: 'notes__v3__g4',
          status: 'filling',
          checkpoints: [],
        });
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

      it('compares and pages across types as it orders them', async () => {
        const values: IndexValue[] = [null, -5, 0, 0.5, 7, '', '7', 'a', 'é', '\u{1f600}'];
        await store.createGeneration({ ...SPEC, generation: 2 });
        const mixed = 'customer-360__v1__g2';
        await store.saveMany(
          mixed,
          values.map((value, i) => write(`k${i}`, 1n, {}, { value })),
        );
        const found = async (query: Omit<Parameters<ReadModelStore['query']>[1], 'limit'>) =>
          (await store.query(mixed, { ...query, limit: 100 })).map((row) => row.values[0]);
        const orderBy = [{ index: 'value', direction: 'asc' as const }];
        expect(await found({ orderBy })).toEqual(values);
        for (const [i, value] of values.entries()) {
          if (value === null) continue;
          const where = (op: '<' | '<=' | '>' | '>=') => ({
            orderBy,
            where: [{ index: 'value', op, value }],
          });
          expect(await found(where('<'))).toEqual(values.slice(1, i));
          expect(await found(where('<='))).toEqual(values.slice(1, i + 1));
          expect(await found(where('>'))).toEqual(values.slice(i + 1));
          expect(await found(where('>='))).toEqual(values.slice(i));
        }
        for (const [i, value] of values.entries()) {
          const after = { values: [value], key: `k${i}` };
          expect(await found({ orderBy, after })).toEqual(values.slice(i + 1));
          const desc = [{ index: 'value', direction: 'desc' as const }];
          expect(await found({ orderBy: desc, after })).toEqual(values.slice(0, i).reverse());
        }
      });

      it('answers nothing for a page of no rows', async () => {
        expect(await keys({ limit: 0 })).toEqual([]);
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

    describe('parked events of several streams', () => {
      it('are listed by collection and by where their heads stand', async () => {
        const of = (streamId: string, position: bigint): ParkedEvent => ({
          ...parked(position),
          streamId,
          owner: streamId.slice(streamId.indexOf('-') + 1),
        });
        await store.createGeneration({ projection: 'notes', version: 1, generation: 1, indexes: [] });
        const elsewhere = { ...of('customer-z', 1n), collection: 'notes__v1__g1', projection: 'notes' };
        await store.park([of('customer-b', 3n), of('customer-a', 8n), elsewhere, of('customer-b', 4n)]);
        const heads = (sequences: Awaited<ReturnType<AnyStore['parkedSequences']>>) =>
          sequences.map((s) => [s.collection, s.streamId, s.head.position, s.events]);
        expect(heads(await store.parkedSequences(COLLECTION))).toEqual([
          [COLLECTION, 'customer-b', 3n, 2],
          [COLLECTION, 'customer-a', 8n, 1],
        ]);
        expect(heads(await store.parkedSequences())).toHaveLength(3);
        await store.unpark(COLLECTION, 'customer-nobody');
        await store.unpark(COLLECTION, 'customer-b', 4n);
        expect(heads(await store.parkedSequences(COLLECTION))).toEqual([
          [COLLECTION, 'customer-b', 4n, 1],
          [COLLECTION, 'customer-a', 8n, 1],
        ]);
        expect(await store.parkedEvents('notes__v1__g1', 'customer-z')).toEqual([elsewhere]);
        expect(await store.parkedEvents(COLLECTION, 'customer-z')).toEqual([]);
        expect(await store.parkedSequences('nobody__v1__g1')).toEqual([]);
      });

      it('are there after reopening', async () => {
        await store.park([parked(5n, 3)]);
        await store.close();
        store = await place.open();
        expect(await store.parkedEvents(COLLECTION, 'customer-a')).toEqual([parked(5n, 3)]);
      });

      it('keep the reason of the latest attempt whatever comes again', async () => {
        await store.park([parked(5n, 2)]);
        await store.park([parked(5n, 1)]);
        expect(await store.parkedEvents(COLLECTION, 'customer-a')).toEqual([parked(5n, 2)]);
      });
    });

    describe('requests to retry', () => {
      const request = (id: string, requestedAtMs: number, owner?: string): RetryRequest => ({
        id,
        projection: 'stages',
        ...(owner === undefined ? {} : { owner }),
        requestedAtMs,
      });

      it('are kept in order of time, each once, until they are old', async () => {
        await store.requestRetry(request('two', 2_000, 'a'));
        await store.requestRetry(request('one', 1_000));
        await store.requestRetry(request('two', 2_000, 'a'));
        expect(await store.retryRequests()).toEqual([request('one', 1_000), request('two', 2_000, 'a')]);
        await store.requestRetry(request('three', 1_500 + RETRY_REQUESTS_KEPT_MS));
        expect((await store.retryRequests()).map(({ id }) => id)).toEqual(['two', 'three']);
      });

      it('are there after reopening', async () => {
        await store.requestRetry(request('one', 1_000, 'a'));
        await store.close();
        store = await place.open();
        expect(await store.retryRequests()).toEqual([request('one', 1_000, 'a')]);
      });
    });

    describe('leases', () => {
      it('keeps names apart and remembers tokens after reopening', async () => {
        const granted = async (name: string, nowMs: number) => {
          const answer = await store.acquireLease(name, 'one', nowMs, 100);
          if (answer.kind !== 'granted') throw new Error('expected a lease');
          return answer.lease;
        };
        const first = await granted('a', 1_000);
        await granted('b', 1_000);
        await store.close();
        store = await place.open();
        expect(await store.currentLease('a', 1_050)).toEqual(first);
        expect(await store.holdsLease(first)).toBe(true);
        expect(await store.holdsLease({ ...first, name: 'c' })).toBe(false);
        expect(await store.currentLease('a', 1_100)).toBeUndefined();
        await store.releaseLease(first);
        const second = await granted('a', 1_001);
        expect(second.token > first.token).toBe(true);
        expect(await store.holdsLease(first)).toBe(false);
        await store.releaseLease(first);
        expect(await store.holdsLease(second)).toBe(true);
      });

      it('gives a lease to one holder, and to the next after expiry with a greater token', async () => {
        const first = await store.acquireLease('rebuild/x', 'one', 1_000, 500);
        if (first.kind !== 'granted') throw new Error('expected a lease');
        const other = await place.open();
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
