import { randomUUID } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { eventIdFor } from '@rapport/contracts';
import { systemClock } from '@rapport/runtime';
import { createEventCodec } from '../codec/event-codec.js';
import { appended, touch } from '../event-store.contract.js';
import { openSqliteEventStore } from './sqlite-event-store.adapter.js';
import { openSqliteKeyStore, type SqliteKeyStore } from './sqlite-key-store.adapter.js';

let root: string;
let folder: string;
let masterKeyFile: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'rapport-keys-'));
  folder = join(root, 'data');
  masterKeyFile = join(root, 'secrets', 'master.key');
});
afterEach(() => rmSync(root, { recursive: true }));

const open = (): SqliteKeyStore => openSqliteKeyStore({ folder, masterKeyFile });
const mismatch = expect.objectContaining({ code: 'MASTER_KEY_MISMATCH' }) as Error;

/** Bytes of every file of the data folder, read from a copy: descriptors of the originals stay untouched in this process. */
function bytesOfFolder(): Buffer {
  const copy = join(root, `copy-${randomUUID()}`);
  execFileSync('cp', ['-r', folder, copy]);
  const files = readdirSync(copy, { recursive: true, encoding: 'utf8' });
  return Buffer.concat(
    files
      .map((file) => join(copy, file))
      .flatMap((file) => (statSync(file).isFile() ? [readFileSync(file)] : [])),
  );
}

describe('SQLite key store', () => {
  it('creates the master key outside the data folder, readable by its owner only', async () => {
    const keys = open();
    expect(statSync(masterKeyFile).mode & 0o777).toBe(0o600);
    expect(statSync(join(root, 'secrets')).mode & 0o777).toBe(0o700);
    await keys.close();
  });

  it('gives the same keys after it was reopened', async () => {
    const customerId = randomUUID();
    let keys = open();
    const key = await keys.keyFor(customerId);
    const hashing = await keys.hashingKey('identifier');
    await keys.close();
    keys = open();
    expect(await keys.keyFor(customerId)).toEqual(key);
    expect(await keys.hashingKey('identifier')).toEqual(hashing);
    await keys.close();
  });

  it('refuses to open with another master key or without one', async () => {
    await open().close();
    const original = readFileSync(masterKeyFile);
    writeFileSync(masterKeyFile, 'ab'.repeat(32));
    expect(open).toThrow(mismatch);
    writeFileSync(masterKeyFile, 'not a key');
    expect(open).toThrow(mismatch);
    rmSync(masterKeyFile);
    expect(open).toThrow(mismatch);
    expect(readdirSync(join(root, 'secrets'))).toEqual([]);
    writeFileSync(masterKeyFile, original);
    await open().close();
  });

  it('refuses a folder whose events are there but whose keys are gone', async () => {
    const store = openSqliteEventStore({ folder, clock: systemClock });
    await open().close();
    await appended(store, { streamId: 'customer-1', expectedRevision: -1n, events: [touch()] });
    await store.close();
    rmSync(join(folder, 'keys.db'));
    expect(open).toThrow(mismatch);
  });

  it('opens beside a log that is there but empty', async () => {
    const store = openSqliteEventStore({ folder, clock: systemClock });
    const keys = open();
    await keys.close();
    await store.close();
  });

  it('keeps neither keys nor the master key in plaintext', async () => {
    mkdirSync(folder, { recursive: true });
    const keys = open();
    const key = (await keys.keyFor(randomUUID()))!;
    const bytes = bytesOfFolder();
    expect(bytes.includes(key.keyId)).toBe(true);
    expect(bytes.includes(Buffer.from(key.secret))).toBe(false);
    const master = readFileSync(masterKeyFile, 'utf8').trim();
    expect(bytes.includes(master)).toBe(false);
    expect(bytes.includes(Buffer.from(master, 'hex'))).toBe(false);
    await keys.close();
  });

  it('leaves no byte of a destroyed key in any file', async () => {
    const keys = open();
    const customers = Array.from({ length: 200 }, () => randomUUID());
    await Promise.all(customers.map((customerId) => keys.keyFor(customerId)));
    const database = (keys as unknown as { database: DatabaseSync }).database;
    const wrapped = customers.map((customerId) =>
      Buffer.from(
        database.prepare('SELECT wrapped FROM keys WHERE customer = ?').get(customerId)!
          .wrapped as Uint8Array,
      ),
    );
    const before = bytesOfFolder();
    expect(wrapped.every((w) => before.includes(w))).toBe(true);
    for (const customerId of customers.slice(0, 20)) await keys.destroy(customerId);
    const bytes = bytesOfFolder();
    expect(wrapped.map((w) => bytes.includes(w))).toEqual(wrapped.map((_, i) => i >= 20));
    await keys.close();
    const reopened = open();
    expect(await reopened.keyFor(customers[0]!)).toBeUndefined();
    expect(await reopened.keyFor(customers[20]!)).toBeDefined();
    await reopened.close();
  });
});

describe('Data folder', () => {
  it('holds no personal plaintext in any file, before and after erasure', async () => {
    const store = openSqliteEventStore({ folder, clock: systemClock });
    const keys = open();
    const codec = createEventCodec({ keys });
    const customerId = randomUUID();
    const streamId = `customer-${customerId}`;
    const canaries = ['CanaryName', 'canary@mail.example', 'CanaryNote'];
    const events = [
      {
        type: 'CustomerRegistered',
        data: {
          roles: ['customer'],
          displayName: canaries[0],
          identifiers: [{ type: 'email', value: canaries[1] }],
          acquisitionChannel: 'web',
        },
      },
      {
        type: 'TouchPointRecorded',
        data: { direction: 'in', kind: 'call', subject: canaries[2], durationS: 4_711 },
      },
    ].map((event, i) => ({ event, eventId: eventIdFor(streamId, 'k:1', event.type, i) }));
    const encoded = await codec.encode(events, customerId);
    await appended(store, {
      streamId,
      expectedRevision: -1n,
      events: encoded.map((data, i) =>
        touch({ ...data, eventId: events[i]!.eventId, type: events[i]!.event.type }),
      ),
    });
    const written = bytesOfFolder();
    expect(written.includes('4711')).toBe(true);
    for (const canary of canaries) expect(written.includes(canary)).toBe(false);
    expect(
      JSON.stringify(await codec.revealMany((await store.readStream(streamId)).map((e) => e.data))),
    ).toContain(canaries[2]);
    await keys.destroy(customerId);
    const read = await store.readStream(streamId);
    expect(await codec.reveal(read.map((event) => event.data))).toMatchObject({
      value: [
        { displayName: null, identifiers: [{ value: null }] },
        { subject: null, durationS: 4_711 },
      ],
      erased: true,
    });
    await keys.close();
    await store.close();
  });
});
