import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { openMongoConnection, type MongoConnection } from '@rapport/connections';
import {
  CommandRecorder,
  freshMongoDatabase,
  mongoUrl,
  openFaultyLink,
  type FaultyLink,
  type MongoDatabase,
} from '@rapport/testing';
import type { DocumentWrite, ReadModelStore } from '../read-model.port.js';
import { openMongoReadModels, type MongoReadModelStore } from './mongo-read-model.adapter.js';

const SPEC = { projection: 'notes', version: 1, generation: 1, indexes: ['value'] };
const COLLECTION = 'notes__v1__g1';
const write = (key: string, position: bigint, document: object | null = { key }): DocumentWrite => ({
  key,
  position,
  document,
  indexes: { value: Number(position % 10n) },
});
const at = (through: bigint) => ({ partition: 0, checkpoint: `c${through}`, through });
/** Longest time a test waits for a server to come back. */
const DEADLINE_MS = 20_000;

/** Asks again while the answer is UNAVAILABLE, as every runner does; any other failure is one. */
async function untilAvailable<T>(work: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'UNAVAILABLE' || Date.now() > deadline) throw error;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

async function scanned(store: ReadModelStore): Promise<Map<string, bigint>> {
  const found = new Map<string, bigint>();
  for await (const page of store.scan(COLLECTION, 500))
    for (const { key, position } of page) found.set(key, position);
  return found;
}

describe('Read models on MongoDB', () => {
  let database: MongoDatabase;
  let connection: MongoConnection;
  let store: MongoReadModelStore;
  const recorder = new CommandRecorder();
  beforeEach(async () => {
    const url = new URL(mongoUrl());
    // What a URL may say must not weaken a write or a guard.
    url.searchParams.set('w', '1');
    url.searchParams.set('readPreference', 'secondaryPreferred');
    url.searchParams.set('readConcernLevel', 'local');
    database = await freshMongoDatabase(url.href);
    connection = await database.connect({ onCommand: recorder.onCommand });
    store = openMongoReadModels(connection);
    await store.createGeneration(SPEC);
    await store.finishFilling(COLLECTION, at(0n));
  });
  afterEach(() => database.dispose());

  it('write with majority and read from the primary what a majority has, whatever the URL says', async () => {
    const parked = {
      collection: COLLECTION,
      projection: 'notes',
      generation: 1,
      streamId: 'customer-a',
      owner: 'a',
      position: 1n,
      revision: 0n,
      eventId: 'e',
      eventType: 'T',
      reason: 'x',
      parkedAtMs: 1,
      attempts: 1,
    };
    await store.saveMany(COLLECTION, [write('a', 1n), write('b', 1n), write('b', 2n, null)], at(1n));
    await store.saveMany(COLLECTION, [write('a', 1n)]);
    await store.createGeneration({ ...SPEC, generation: 2 });
    await store.insertMany('notes__v1__g2', [write('a', 1n)]);
    await store.activate('notes', 1, 1);
    await store.park([parked]);
    await store.parkedSequences();
    await store.parkedEvents(COLLECTION, 'customer-a');
    await store.unpark(COLLECTION, 'customer-a');
    const answer = await store.acquireLease('x', 'me', 1, 10);
    if (answer.kind !== 'granted') throw new Error('expected a lease');
    await store.renewLease(answer.lease, 2, 10);
    await store.holdsLease(answer.lease);
    await store.releaseLease(answer.lease);
    await store.loadMany(COLLECTION, ['a']);
    await store.get(COLLECTION, 'a');
    await store.query(COLLECTION, { limit: 1 });
    await store.count(COLLECTION);
    await store.group(COLLECTION, { groupBy: ['value'] });
    await store.generations();
    await scanned(store);
    await store.dropGeneration('notes', 1, 2);
    expect(recorder.commands).toEqual(
      expect.arrayContaining([
        'aggregate',
        'createIndexes',
        'delete',
        'drop',
        'find',
        'findAndModify',
        'insert',
        'update',
      ]),
    );
    expect(recorder.unsafe).toEqual([]);
  });

  it('keeps positions apart that are one number to a double', async () => {
    const beyond = 2n ** 53n;
    await store.saveMany(COLLECTION, [write('a', beyond)], at(beyond));
    expect(await store.saveMany(COLLECTION, [write('a', beyond + 1n)], at(beyond + 1n))).toEqual({
      applied: 1,
      stale: 0,
    });
    expect(await store.saveMany(COLLECTION, [write('a', beyond)], at(beyond))).toEqual({
      applied: 0,
      stale: 1,
    });
    expect((await store.get(COLLECTION, 'a'))!.position).toBe(beyond + 1n);
    expect((await store.checkpoint(COLLECTION, 0))!.through).toBe(beyond + 1n);
    const documents = connection.collection<{ _id: string }>(COLLECTION);
    expect(await documents.countDocuments({ position: { $type: 'long' } })).toBe(1);
  });

  it('stores documents that MongoDB can query by their fields, and the odd one as JSON', async () => {
    await store.saveMany(COLLECTION, [
      write('a', 1n, { person: { name: 'Ada' }, tags: ['x', 'y'], amount: 12 }),
      write('b', 1n, { 'a.b': 1 }),
    ]);
    const documents = connection.collection<{ _id: string; json?: string }>(COLLECTION);
    const found = await documents
      .find({ 'document.person.name': 'Ada', 'document.tags': 'y' } as object)
      .toArray();
    expect(found.map(({ _id }) => _id)).toEqual(['a']);
    expect((await documents.findOne({ _id: 'b' }))!.json).toBe('{"a.b":1}');
  });

  it('has an index for every index column', async () => {
    const indexes = await connection.collection(COLLECTION).indexes();
    expect(indexes.map(({ key }) => key)).toContainEqual({ 'ix.value': 1, _id: 1 });
  });

  it('takes no object where a value belongs: operators are never a caller’s', async () => {
    const operator = { $gt: '' } as never;
    const refused = { code: 'INTERNAL' };
    await store.saveMany(COLLECTION, [write('a', 1n)]);
    await expect(store.get(COLLECTION, operator)).rejects.toMatchObject(refused);
    await expect(store.loadMany(COLLECTION, [operator])).rejects.toMatchObject(refused);
    await expect(store.query(COLLECTION, { owner: operator, limit: 1 })).rejects.toMatchObject(refused);
    const where = [{ index: 'value', op: '=' as const, value: operator }];
    await expect(store.query(COLLECTION, { where, limit: 1 })).rejects.toMatchObject(refused);
    await expect(store.count(COLLECTION, where)).rejects.toMatchObject(refused);
    await expect(store.group(COLLECTION, { groupBy: [], where })).rejects.toMatchObject(refused);
    await expect(
      store.query(COLLECTION, { limit: 1, after: { values: [], key: operator } }),
    ).rejects.toMatchObject(refused);
    const orderBy = [{ index: 'value', direction: 'asc' as const }];
    await expect(
      store.query(COLLECTION, { limit: 1, orderBy, after: { values: [operator], key: 'a' } }),
    ).rejects.toMatchObject(refused);
    await expect(store.saveMany(COLLECTION, [write(operator, 2n)])).rejects.toMatchObject(refused);
  });

  it('counts the stale ones among thousands of writes', async () => {
    const keys = Array.from({ length: 3_500 }, (_, i) => `k${i}`);
    await store.saveMany(
      COLLECTION,
      keys.filter((_, i) => i % 3 === 0).map((key) => write(key, 9n)),
    );
    const saved = await store.saveMany(
      COLLECTION,
      keys.map((key, i) => write(key, i % 2 === 0 ? 5n : 10n)),
      at(10n),
    );
    const stale = keys.filter((_, i) => i % 3 === 0 && i % 2 === 0).length;
    expect(saved).toEqual({ applied: keys.length - stale, stale });
    const stored = await scanned(store);
    for (const [i, key] of keys.entries())
      expect(stored.get(key)).toBe(i % 2 === 1 ? 10n : i % 3 === 0 ? 9n : 5n);
  });

  it('is not fooled by a duplicate key whose document is older: another writer was faster, not newer', async () => {
    const overtaken = new Set<string>();
    const racing = new Proxy(connection, {
      get: (target, name) =>
        name !== 'collection'
          ? (Reflect.get(target, name, target) as unknown)
          : (collection: string) => {
              const documents = target.collection<{ _id: string; position: bigint }>(collection);
              if (collection !== COLLECTION) return documents;
              return new Proxy(documents, {
                get: (own, method) => {
                  if (method !== 'bulkWrite') return Reflect.get(own, method, own) as unknown;
                  return async (
                    operations: { replaceOne: { filter: { _id: string } } }[],
                    options: object,
                  ) => {
                    const fresh = operations
                      .map(({ replaceOne }) => replaceOne.filter._id)
                      .filter((id) => !overtaken.has(id));
                    for (const id of fresh) overtaken.add(id);
                    if (fresh.length === 0) return own.bulkWrite(operations as never, options);
                    // As MongoDB answers when another insert comes between a guard that found nothing and its insert.
                    await own.insertMany(
                      fresh.map((_id) => ({
                        _id,
                        position: _id === 'newer' ? 9n : 3n,
                        document: { early: true },
                      })),
                    );
                    throw Object.assign(new Error('E11000'), {
                      name: 'MongoBulkWriteError',
                      code: 11_000,
                      writeErrors: operations.map((_, index) => ({ code: 11_000, index })),
                      result: { getWriteConcernError: () => undefined },
                    });
                  };
                },
              });
            },
    });
    const writer = openMongoReadModels(racing);
    expect(await writer.saveMany(COLLECTION, [write('older', 5n), write('newer', 5n)])).toEqual({
      applied: 1,
      stale: 1,
    });
    expect(await store.get(COLLECTION, 'older')).toMatchObject({ position: 5n, document: { key: 'older' } });
    expect(await store.get(COLLECTION, 'newer')).toMatchObject({ position: 9n, document: { early: true } });
  });

  it('accepts a fill that is repeated after its answer was lost, and no second document', async () => {
    const some = [write('a', 1n), write('b', 1n)];
    await store.insertMany(COLLECTION, some);
    await store.insertMany(COLLECTION, [...some, write('c', 1n)]);
    expect((await scanned(store)).size).toBe(3);
    await expect(store.insertMany(COLLECTION, [write('a', 2n)])).rejects.toMatchObject({ code: 'INTERNAL' });
  });
});

describe('Read models on a MongoDB that comes and goes', () => {
  let database: MongoDatabase;
  let link: FaultyLink;
  let linked: MongoDatabase;
  let store: MongoReadModelStore;
  beforeEach(async () => {
    database = await freshMongoDatabase();
    const url = new URL(database.url);
    link = await openFaultyLink(url.host);
    url.host = link.address;
    // Else the driver learns the server's own address and goes around the link.
    url.searchParams.set('directConnection', 'true');
    linked = await freshMongoDatabase(url.href);
    store = openMongoReadModels(await linked.connect({ serverSelectionTimeoutMs: 300, maxConnections: 6 }));
    await store.createGeneration(SPEC);
    await store.finishFilling(COLLECTION, at(0n));
  });
  afterEach(async () => {
    await linked.dispose();
    await database.dispose();
    await link.close();
  });

  it('says UNAVAILABLE in time while it is away, and goes on by itself when it is back', async () => {
    await store.saveMany(COLLECTION, [write('a', 1n)]);
    await link.down();
    const unavailable = { code: 'UNAVAILABLE', extra: { retryAfterS: 1 } };
    const startedMs = performance.now();
    await expect(store.saveMany(COLLECTION, [write('a', 2n)], at(2n))).rejects.toMatchObject(unavailable);
    await expect(store.get(COLLECTION, 'a')).rejects.toMatchObject(unavailable);
    await expect(store.acquireLease('x', 'me', 1, 10)).rejects.toMatchObject(unavailable);
    expect(performance.now() - startedMs).toBeLessThan(10_000);
    await link.restore();
    await untilAvailable(() => store.saveMany(COLLECTION, [write('a', 3n)], at(3n)));
    expect(await store.get(COLLECTION, 'a')).toMatchObject({ position: 3n });
  });

  it('works once the server is there, when it was not at the first use of the connection', async () => {
    await link.down();
    const early = openMongoReadModels(await linked.connect({ serverSelectionTimeoutMs: 300 }));
    for (let i = 0; i < 3; i++)
      await expect(early.generations()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await link.restore();
    expect(await untilAvailable(() => early.generations())).toMatchObject([{ collection: COLLECTION }]);
  });

  it('loses and doubles nothing when connections break in the middle of writes', async () => {
    const keys = Array.from({ length: 400 }, (_, i) => `k${i}`);
    for (let round = 1n; round <= 25n; round++) {
      link.cutAfter(Number((round * 7_919n) % 60_000n));
      await untilAvailable(() =>
        store.inOneCommit(() =>
          store.saveMany(
            COLLECTION,
            keys.map((key) => write(key, round)),
            at(round),
          ),
        ),
      );
      expect(await untilAvailable(() => store.checkpoint(COLLECTION, 0))).toEqual(at(round));
      if (round % 5n === 0n) link.cut();
    }
    const stored = await untilAvailable(() => scanned(store));
    expect([...stored.values()]).toEqual(keys.map(() => 25n));
  });

  it('never has a checkpoint that is ahead of its documents, whenever the connection breaks', async () => {
    const direct = await openMongoConnection({ url: mongoUrl(), database: linked.name });
    const reader = openMongoReadModels(direct);
    for (let round = 1n; round <= 20n; round++) {
      link.cutAfter(Number(round * 523n));
      await store
        .inOneCommit(async () => {
          await store.saveMany(COLLECTION, [write('a', round), write('b', round)], at(round));
        })
        .catch((error: unknown) => expect(error).toMatchObject({ code: 'UNAVAILABLE' }));
      const { through } = (await reader.checkpoint(COLLECTION, 0))!;
      for (const key of ['a', 'b'])
        expect((await reader.get(COLLECTION, key))?.position ?? 0n).toBeGreaterThanOrEqual(through);
    }
    await direct.close();
  });
});

const SERVER = join(
  process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'),
  'rapport/servers/secantus/bin/secantusd-rs',
);

// Only a server of our own can be killed; where there is none, the broken link above is what can be tested.
if (existsSync(SERVER))
  describe('Read models on a MongoDB-protocol server that is killed', () => {
    let folder: string;
    let port: number;
    let server: ChildProcess;
    const start = (): Promise<void> =>
      new Promise((resolve, reject) => {
        server = spawn(
          SERVER,
          ['--host', '127.0.0.1', '--port', String(port), '--storage-path', folder, '--log-file-max', '16MB',
            '--cache-size', '64M', '--sync-on-commit'],
          { stdio: ['ignore', 'pipe', 'ignore'] },
        ); // prettier-ignore
        server.on('error', reject);
        server.stdout!.on('data', (chunk: Buffer) => {
          if (chunk.toString().includes('listening on')) resolve();
        });
      });
    const kill = (): Promise<void> =>
      new Promise((resolve) => {
        if (server.exitCode !== null || server.signalCode !== null) return resolve();
        server.once('exit', () => resolve());
        server.kill('SIGKILL');
      });
    beforeEach(async () => {
      folder = mkdtempSync(join(tmpdir(), 'rapport-mongo-'));
      const probe = createServer().listen(0, '127.0.0.1');
      await new Promise((resolve) => probe.once('listening', resolve));
      port = (probe.address() as AddressInfo).port;
      await new Promise((resolve) => probe.close(resolve));
      await start();
    });
    afterEach(async () => {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    });

    it('keeps every acknowledged write, and the same store goes on after the restart', async () => {
      const database = await freshMongoDatabase(`mongodb://127.0.0.1:${port}/`);
      const store = openMongoReadModels(await database.connect({ serverSelectionTimeoutMs: 500 }));
      await store.createGeneration(SPEC);
      await store.finishFilling(COLLECTION, at(0n));
      const acknowledged = new Map<string, bigint>();
      let position = 0n;
      let isOver = false;
      const writing = (async () => {
        while (!isOver) {
          const own = ++position;
          const keys = Array.from({ length: 20 }, (_, i) => `k${(Number(own) * 7 + i) % 200}`);
          await untilAvailable(() =>
            store.saveMany(
              COLLECTION,
              keys.map((key) => write(key, own)),
              at(own),
            ),
          );
          for (const key of keys) acknowledged.set(key, own);
        }
      })();
      let failure: Error | undefined;
      writing.catch((error: Error) => (failure = error));
      const reached = async (through: bigint): Promise<void> => {
        const deadline = Date.now() + DEADLINE_MS;
        while (position < through && !failure) {
          if (Date.now() > deadline) throw new Error(`reached ${position} of ${through}`);
          await new Promise((resolve) => setImmediate(resolve));
        }
        if (failure) throw failure;
      };
      for (let i = 1n; i <= 3n; i++) {
        await reached(i * 15n);
        await kill();
        await start();
      }
      await reached(60n);
      isOver = true;
      await writing;
      expect(await scanned(store)).toEqual(new Map([...acknowledged].sort(([a], [b]) => (a < b ? -1 : 1))));
      expect((await store.checkpoint(COLLECTION, 0))!.through).toBe(position);
      await database.dispose();
    });
  });
