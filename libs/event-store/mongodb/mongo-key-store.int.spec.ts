import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandRecorder, freshMongoDatabase, type MongoDatabase } from '@rapport/testing';
import { openMongoCommandIndex } from './mongo-command-index.adapter.js';
import { openMongoIdentifierIndex } from './mongo-identifier-index.adapter.js';
import { openMongoKeyStore, type MongoKeyStore } from './mongo-key-store.adapter.js';
import { openMongoSnapshotStore } from './mongo-snapshot-store.adapter.js';

const mismatch = { code: 'MASTER_KEY_MISMATCH' };

describe('MongoDB key store', () => {
  let database: MongoDatabase;
  let folder: string;
  let masterKeyFile: string;
  beforeEach(async () => {
    database = await freshMongoDatabase();
    folder = mkdtempSync(join(tmpdir(), 'rapport-keys-'));
    masterKeyFile = join(folder, 'master.key');
  });
  afterEach(async () => {
    await database.dispose();
    rmSync(folder, { recursive: true });
  });
  const open = async (
    over: { isLogEmpty?: boolean; maxStaleMs?: number; file?: string } = {},
  ): Promise<MongoKeyStore> =>
    openMongoKeyStore({
      connection: await database.connect(),
      masterKeyFile: over.file ?? masterKeyFile,
      isLogEmpty: async () => over.isLogEmpty ?? true,
      maxStaleMs: over.maxStaleMs,
    });

  it('refuses another master key, a missing one, and a text that is none', async () => {
    await open();
    const original = readFileSync(masterKeyFile);
    writeFileSync(masterKeyFile, randomBytes(32).toString('hex'));
    await expect(open()).rejects.toMatchObject(mismatch);
    writeFileSync(masterKeyFile, 'not a key');
    await expect(open()).rejects.toMatchObject(mismatch);
    rmSync(masterKeyFile);
    await expect(open()).rejects.toMatchObject(mismatch);
    writeFileSync(masterKeyFile, original);
    await open({ isLogEmpty: false });
  });

  it('makes no new keys beside a log that has events, or beside keys without their check value', async () => {
    await expect(open({ isLogEmpty: false })).rejects.toMatchObject(mismatch);
    const keys = await open();
    await keys.keyFor(randomUUID());
    const connection = await database.connect();
    await connection.db.dropCollection('_rapport_master_check');
    await expect(open()).rejects.toMatchObject(mismatch);
  });

  it('lets one of several first starts decide the master key, and the others read or refuse it', async () => {
    const same = await Promise.all(Array.from({ length: 6 }, () => open()));
    const customerId = randomUUID();
    const found = await Promise.all(same.map((keys) => keys.keyFor(customerId)));
    for (const key of found) expect(key).toEqual(found[0]);
    await expect(open({ file: join(folder, 'other.key') })).rejects.toMatchObject(mismatch);
  });

  it('keeps neither a data key nor the master key in plaintext', async () => {
    const keys = await open();
    const key = (await keys.keyFor(randomUUID()))!;
    const connection = await database.connect();
    const stored: Buffer[] = [];
    for (const name of ['_rapport_keys', '_rapport_master_check'])
      for (const record of await connection.collection(name).find().toArray())
        for (const value of Object.values(record))
          stored.push(value instanceof Uint8Array ? Buffer.from(value) : Buffer.from(String(value)));
    const bytes = Buffer.concat(stored);
    const master = readFileSync(masterKeyFile, 'utf8').trim();
    expect(bytes.includes(key.keyId)).toBe(true);
    for (const secret of [Buffer.from(key.secret), Buffer.from(master, 'hex'), Buffer.from(master)])
      expect(bytes.includes(secret)).toBe(false);
    await keys.destroy(key.customerId);
    const record = await connection
      .collection<{ _id: string }>('_rapport_keys')
      .findOne({ _id: key.customerId });
    expect(record).toMatchObject({ keyId: key.keyId, wrapped: null });
  });

  it('stops using a key that another process destroyed, as soon as it is told to look again', async () => {
    const [here, elsewhere] = [await open({ maxStaleMs: 1 }), await open()];
    const key = (await here.keyFor(randomUUID()))!;
    expect(await here.find(key.keyId)).toEqual(key);
    await elsewhere.destroy(key.customerId);
    const deadline = Date.now() + 5_000;
    while ((await here.find(key.keyId)) !== undefined) {
      if (Date.now() > deadline) throw new Error('the destroyed key is still found');
      // The cache's clock goes on with the event loop, which a key found in memory does not turn.
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await here.keyFor(key.customerId)).toBeUndefined();
  });

  it('refuses a damaged key by name and an operation after closing', async () => {
    const keys = await open();
    const key = (await keys.keyFor(randomUUID()))!;
    const connection = await database.connect();
    await connection
      .collection<{ _id: string }>('_rapport_keys')
      .updateOne({ _id: key.customerId }, { $set: { wrapped: randomBytes(60) } });
    const reopened = await open();
    await expect(reopened.keyFor(key.customerId)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      detail: expect.stringContaining('damaged') as string,
    });
    const other = (await keys.keyFor(randomUUID()))!;
    const found = await Promise.allSettled([reopened.find(key.keyId), reopened.find(other.keyId)]);
    expect(found).toMatchObject([{ status: 'rejected' }, { status: 'fulfilled', value: other }]);
    await keys.close();
    await expect(keys.keyFor(key.customerId)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});

describe('What the event store keeps in MongoDB', () => {
  it('is written with majority and read from the primary what a majority has', async () => {
    const database = await freshMongoDatabase();
    const recorder = new CommandRecorder();
    const connection = await database.connect({ onCommand: recorder.onCommand });
    const folder = mkdtempSync(join(tmpdir(), 'rapport-keys-'));
    const keys = await openMongoKeyStore({
      connection,
      masterKeyFile: join(folder, 'master.key'),
      isLogEmpty: async () => true,
    });
    const key = (await keys.keyFor('c'))!;
    await keys.find('unknown');
    await keys.destroy(key.customerId);
    await keys.destroy('nobody');
    const snapshots = openMongoSnapshotStore(connection);
    await snapshots.save({ streamId: 's', revision: 1n, stateSchemaVersion: 1, state: {} });
    await snapshots.load('s', 1);
    await snapshots.dropAll();
    const commands = openMongoCommandIndex(connection);
    const entry = {
      streamId: 's',
      commandKey: 'k',
      requestHash: 'h',
      firstRevision: 0n,
      lastRevision: 0n,
      position: 1n,
    };
    await commands.applyCommands([entry, entry], 1n, 'c');
    await commands.find('s', 'k');
    await commands.watermark();
    const index = await openMongoIdentifierIndex(connection);
    await index.applyIdentifierChanges([
      { add: [{ hash: 'aa', kind: 'nameWord', customerId: 'c' }], position: 1n },
    ]);
    await index.customersWithNameWords(['aa'], { limit: 1 });
    await index.customersWithIdentifier('aa');
    await index.erasedCustomers();
    await index.clearIdentifiers();
    expect(recorder.commands).toEqual(
      expect.arrayContaining(['createIndexes', 'delete', 'find', 'findAndModify', 'insert', 'update']),
    );
    expect(recorder.unsafe).toEqual([]);
    await expect(index.customersWithIdentifier({ $gt: '' } as never)).rejects.toMatchObject({
      code: 'INTERNAL',
    });
    await database.dispose();
    rmSync(folder, { recursive: true });
  });
});
