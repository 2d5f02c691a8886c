import type { MongoConnection } from '@rapport/connections';
import { freshMongoDatabase, type MongoDatabase } from '@rapport/testing';
import fc from 'fast-check';
import { openMongoReadModels, type MongoReadModelStore } from './mongo-read-model.adapter.js';
import { CHECKPOINTS, MongoProgress } from './mongo-progress.adapter.js';

const NAMES = ['notes', 'calls', 'visits'] as const;
const collectionOf = (projection: string, generation = 1): string => `${projection}__v1__g${generation}`;
const at = (partition: number, through: bigint) => ({ partition, checkpoint: `c${through}`, through });

describe('The progress of read models on MongoDB', () => {
  let database: MongoDatabase;
  let connection: MongoConnection;
  let store: MongoReadModelStore;
  let updates: readonly unknown[][] = [];
  beforeEach(async () => {
    database = await freshMongoDatabase();
    connection = await database.connect({
      onCommand: ({ commandName, command }) => {
        if (commandName === 'update' && command.update === CHECKPOINTS)
          updates = [...updates, command.updates as unknown[]];
      },
    });
    store = openMongoReadModels(connection);
    for (const projection of NAMES) await create(projection);
    updates = [];
  });
  afterEach(() => database.dispose());

  const create = async (projection: string, generation = 1): Promise<void> => {
    await store.createGeneration({ projection, version: 1, generation, indexes: [] });
    await store.finishFilling(collectionOf(projection, generation), at(0, 0n));
  };
  const commit = (projections: readonly string[], partition: number, through: bigint): Promise<unknown> =>
    store.inOneCommit(() =>
      Promise.all(projections.map((name) => store.saveMany(collectionOf(name), [], at(partition, through)))),
    );
  const progress = async (): Promise<Record<string, string>> =>
    Object.fromEntries(
      (await store.generations()).map(({ collection, checkpoints }) => [
        collection,
        checkpoints.map(({ partition, through }) => `${partition}:${through}`).join(' '),
      ]),
    );
  const records = (): Promise<number> => connection.collection(CHECKPOINTS).countDocuments();

  it('is one write for all that moved together in a commit', async () => {
    await commit(NAMES, 0, 5n);
    await commit(NAMES, 1, 6n);
    expect(updates.map(({ length }) => length)).toEqual([1, 1]);
    for (const name of NAMES) expect((await progress())[collectionOf(name)]).toBe('0:5 1:6');
  });

  it('is the furthest of what is said of a collection, whoever it moved with', async () => {
    await commit(NAMES, 0, 5n);
    await commit(['notes'], 0, 9n);
    await commit(['notes', 'calls'], 0, 7n);
    expect(await progress()).toEqual({ calls__v1__g1: '0:7', notes__v1__g1: '0:9', visits__v1__g1: '0:5' });
    expect(await store.checkpoint(collectionOf('calls'), 0)).toEqual(at(0, 7n));
  });

  it('of a dropped generation goes, and that of those it moved with stays', async () => {
    await create('notes', 2);
    await store.activate('notes', 1, 2);
    await commit(NAMES, 0, 5n);
    await store.dropGeneration('notes', 1, 1);
    const { notes__v1__g1: gone, ...kept } = await progress();
    expect(gone).toBeUndefined();
    expect(kept).toEqual({ calls__v1__g1: '0:5', notes__v1__g2: '0:0', visits__v1__g1: '0:5' });
    // A generation made anew under the name does not begin where the dropped one was.
    await create('notes', 1);
    expect((await progress())['notes__v1__g1']).toBe('0:0');
    expect(await connection.collection(CHECKPOINTS).countDocuments({ storages: { $size: 0 } })).toBe(0);
  });

  it('does not pile up: what others say as well is removed', async () => {
    await commit(NAMES, 0, 5n);
    await commit(['notes', 'calls'], 1, 5n);
    expect(await records()).toBe(5);
    await new MongoProgress(connection).tidy();
    // Of the three it began with nothing is left; what stands in no other record stays.
    expect(await records()).toBe(2);
    const before = await progress();
    await commit(NAMES, 1, 8n);
    await new MongoProgress(connection).tidy();
    expect(await records()).toBe(1);
    expect(await progress()).toEqual({ ...before, calls__v1__g1: '0:5 1:8', notes__v1__g1: '0:5 1:8', visits__v1__g1: '0:5 1:8' }); // prettier-ignore
  });

  it('only ever grows, in whatever sets and orders it is stored and tidied', async () => {
    const step = fc.record({
      names: fc.subarray([...NAMES], { minLength: 1 }),
      partition: fc.integer({ min: 0, max: 2 }),
      through: fc.bigInt({ min: 0n, max: 20n }),
      tidies: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        await connection.collection(CHECKPOINTS).deleteMany({});
        const expected = new Map<string, bigint>();
        const tidier = new MongoProgress(connection);
        for (const { names, partition, through, tidies } of steps) {
          await commit(names, partition, through);
          for (const name of names) {
            const key = `${collectionOf(name)} ${partition}`;
            if ((expected.get(key) ?? -1n) < through) expected.set(key, through);
          }
          if (tidies) await tidier.tidy();
        }
        const stored = (await store.generations()).flatMap(({ collection, checkpoints }) =>
          checkpoints.map(({ partition, through }) => [`${collection} ${partition}`, through] as const),
        );
        expect(new Map(stored)).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });
});
