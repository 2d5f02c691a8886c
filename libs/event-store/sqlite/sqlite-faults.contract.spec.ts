import { execFileSync, spawn } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { systemClock } from '@rapport/runtime';
import { appended, collect, freshStream, touch } from '../event-store.contract.js';
import {
  openSqliteEventStore,
  openSqliteEventStoreReader,
  type SqliteEventStore,
} from './sqlite-event-store.adapter.js';
import { commandEntryOf } from './log-reader.adapter.js';

let root: string;
let folder: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'rapport-faults-'));
  folder = join(root, 'data');
});
afterEach(() => rmSync(root, { recursive: true }));

const open = (at = folder): SqliteEventStore => openSqliteEventStore({ folder: at, clock: systemClock });
const write = (
  store: SqliteEventStore,
  streamId: string,
  expectedRevision: bigint,
  data: Record<string, unknown> = {},
) => appended(store, { streamId, expectedRevision, events: [touch({ data })] });

/** Changes the database behind the store's back. */
function tamper(sql: string, ...values: (string | number)[]): void {
  const database = new DatabaseSync(join(folder, 'events.db'));
  database.prepare(sql).run(...values);
  database.close();
}

describe('SQLite event store', () => {
  describe('when a stored event is damaged', () => {
    const streamId = freshStream();
    const other = freshStream();
    beforeEach(async () => {
      const store = open();
      for (let i = 0; i < 5; i++) await write(store, streamId, BigInt(i - 1), { durationS: i });
      await write(store, other, -1n);
      await store.close();
    });

    const expectRefusal = async (): Promise<void> => {
      const store = open();
      try {
        const refusal = {
          code: 'CORRUPT_EVENT',
          detail: expect.stringContaining(streamId) as string,
          extra: { members: { streamId, revision: '2' } },
        };
        await expect(store.readStream(streamId)).rejects.toMatchObject(refusal);
        await expect(collect(store.readAll())).rejects.toMatchObject({ code: 'CORRUPT_EVENT' });
        expect(await store.readStream(streamId, { maxCount: 2 })).toHaveLength(2);
        expect(await store.readStream(other)).toHaveLength(1);
        expect((await store.head()).events).toBe(6n);
      } finally {
        await store.close();
      }
    };

    it('refuses the stream by name and revision after a flipped bit in the body, and serves the others', async () => {
      tamper(`UPDATE events SET body = replace(body, '"durationS":2', '"durationS":3') WHERE position = 3`);
      await expectRefusal();
    });

    it('refuses it after a change of its checksum', async () => {
      tamper('UPDATE events SET checksum = checksum + 1 WHERE position = 3');
      await expectRefusal();
    });

    it('refuses a sound event that stands at the place of another', async () => {
      tamper(`UPDATE events SET body = (SELECT body FROM events WHERE position = 2),
        checksum = (SELECT checksum FROM events WHERE position = 2) WHERE position = 3`);
      await expectRefusal();
    });

    it('refuses a log with a missing event', async () => {
      tamper('DELETE FROM events WHERE position = 3');
      const store = open();
      await expect(collect(store.readAll())).rejects.toMatchObject({ code: 'CORRUPT_EVENT' });
      await expect(store.readStream(streamId)).rejects.toMatchObject({ code: 'CORRUPT_EVENT' });
      await store.close();
    });

    it('refuses it after a flipped bit anywhere in the bytes of the body in the file', async () => {
      const file = join(folder, 'events.db');
      const bytes = readFileSync(file);
      const at = bytes.indexOf('"durationS":2');
      expect(at).toBeGreaterThan(0);
      bytes[at + 5]! ^= 4;
      writeFileSync(file, bytes);
      await expectRefusal();
    });
  });

  describe('when another process owns the folder', () => {
    it('refuses a second writer, names the holder and lets readers in', async () => {
      const store = open();
      await write(store, freshStream(), -1n);
      expect(() => open()).toThrow(
        expect.objectContaining({
          code: 'STORE_LOCKED',
          extra: { members: { holderPid: process.pid } },
        }) as Error,
      );
      const reader = openSqliteEventStoreReader(folder);
      expect(await reader.head()).toEqual({ position: 1n, events: 1n });
      await reader.close();
      await store.close();
      await open().close();
    });

    it('tells a reader that there is no store yet', () => {
      expect(() => openSqliteEventStoreReader(join(root, 'nothing'))).toThrow(
        expect.objectContaining({ code: 'UNAVAILABLE' }) as Error,
      );
    });

    it('lets a reader in when no writer runs', async () => {
      const store = open();
      await write(store, freshStream(), -1n);
      await store.close();
      const reader = openSqliteEventStoreReader(folder);
      expect(await collect(reader.readAll())).toHaveLength(1);
      await reader.close();
    });
  });

  describe('when reopened', () => {
    it('goes on where it was: streams, positions, commands and idempotent retries', async () => {
      const streamId = freshStream();
      const request = {
        streamId,
        expectedRevision: -1n,
        events: [touch(), touch()],
        command: { commandKey: 'k:1', requestHash: 'aa' },
      };
      let store = open();
      const first = await appended(store, request);
      await store.close();
      store = open();
      expect(await appended(store, request)).toEqual({ ...first, idempotent: true });
      expect(await write(store, streamId, 1n)).toMatchObject({ revision: 2n, position: 3n });
      await store.close();
    });

    it('refuses a folder that a newer program wrote', async () => {
      await open().close();
      tamper('PRAGMA user_version = 99');
      expect(() => open()).toThrow(expect.objectContaining({ code: 'UNAVAILABLE' }) as Error);
      tamper('PRAGMA user_version = 1');
      await open().close();
    });
  });

  describe('when the disk is full', () => {
    it('acknowledges nothing that was not stored and works again once there is space', async () => {
      const store = open();
      const database = (store as unknown as { database: DatabaseSync }).database;
      const streams: string[] = [];
      await write(store, freshStream(), -1n);
      const pages = Number(Object.values(database.prepare('PRAGMA page_count').get()!)[0]);
      database.exec(`PRAGMA max_page_count = ${pages + 20}`);
      const results = await Promise.allSettled(
        Array.from({ length: 300 }, async (_, i) => {
          // Spread over several transactions: some fit, the rest does not.
          for (let turn = 0; turn < i / 10; turn++) await new Promise((resolve) => setImmediate(resolve));
          const streamId = freshStream();
          await write(store, streamId, -1n, { text: 'x'.repeat(500) });
          streams.push(streamId);
        }),
      );
      const refused = results.filter((r) => r.status === 'rejected');
      expect(refused.length).toBeGreaterThan(0);
      expect(streams.length).toBeGreaterThan(0);
      for (const { reason } of refused) expect(reason).toMatchObject({ code: 'STORAGE_FULL' });
      expect((await store.head()).events).toBe(BigInt(streams.length + 1));

      database.exec('PRAGMA max_page_count = 1000000');
      const late = freshStream();
      expect((await write(store, late, -1n)).position).toBe(BigInt(streams.length + 2));
      await store.close();
      const reopened = open();
      for (const streamId of [...streams, late]) expect(await reopened.readStream(streamId)).toHaveLength(1);
      expect(await collect(reopened.readAll())).toHaveLength(streams.length + 2);
      await reopened.close();
    });
  });

  describe('when the last write was torn', () => {
    it('opens with every earlier commit and without any part of the unfinished one', async () => {
      const store = open();
      const streamId = freshStream();
      for (let i = 0; i < 3; i++) await write(store, streamId, BigInt(i - 1));
      const wal = join(folder, 'events.db-wal');
      const complete = statSync(wal).size;
      await appended(store, { streamId, expectedRevision: 2n, events: [touch(), touch(), touch()] });
      const end = statSync(wal).size;
      expect(end).toBeGreaterThan(complete);
      // A copy made by another process: closing a descriptor of the file in this one would drop the store's locks.
      const copy = join(root, 'copy');
      execFileSync('cp', ['-r', folder, copy]);
      await store.close();

      const cuts = [
        complete,
        complete + 1,
        complete + 23,
        complete + 24,
        complete + 25,
        end - 4_096,
        end - 1,
      ];
      for (let at = complete + 500; at < end; at += 1_111) cuts.push(at);
      for (const cut of cuts) {
        const torn = join(root, `torn-${cut}`);
        mkdirSync(torn);
        for (const file of ['events.db', 'events.db-wal']) copyFileSync(join(copy, file), join(torn, file));
        truncateSync(join(torn, 'events.db-wal'), cut);
        const opened = open(torn);
        expect(await opened.readStream(streamId)).toHaveLength(3);
        expect((await opened.head()).position).toBe(3n);
        await write(opened, streamId, 2n);
        await opened.close();
        rmSync(torn, { recursive: true });
      }
      const whole = open(copy);
      expect(await whole.readStream(streamId)).toHaveLength(6);
      await whole.close();
    });
  });

  describe('when its process is killed', () => {
    const library = resolve('dist/libs/event-store/index.js');
    const program = `
      const { openSqliteEventStore } = await import(${JSON.stringify(library)});
      const store = openSqliteEventStore({ folder: process.argv[1], clock: { nowMs: () => Date.now(), monotonicMs: () => 0 } });
      const run = async (caller) => {
        for (let n = 0; ; n++) {
          const commandKey = 'k:' + caller + '-' + n;
          const metadata = { occurredAt: '2026-11-23T10:00:00.000Z', sourceSystem: 's', channel: 'web', actor: { kind: 'agent', id: 'a' },
            correlationId: 'c', causationId: 'c', commandKey };
          const event = (i) => ({ eventId: commandKey + i, type: 'T', schemaVersion: 1, data: { n }, metadata });
          await store.append({ streamId: process.argv[2] + caller, expectedRevision: BigInt(2 * n - 1), events: [event(0), event(1)],
            command: { commandKey, requestHash: 'aa' } });
          process.stdout.write(caller + ' ' + n + '\\n');
        }
      };
      for (let caller = 0; caller < 8; caller++) void run(caller);`;

    it('keeps every acknowledged append whole and frees the folder', async () => {
      if (!existsSync(library))
        throw new Error('run `npm run build` first: the child runs the built library');
      const acknowledged = new Map<string, number>();
      for (let round = 0; round < 3; round++) {
        const prefix = `customer-round${round}-`;
        const child = spawn(process.execPath, ['--input-type=module', '-e', program, folder, prefix], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        let output = '';
        child.stdout.setEncoding('utf8').on('data', (text: string) => {
          output += text;
          if (output.length > 1_500 * (round + 1)) child.kill('SIGKILL');
        });
        await new Promise((ended) => child.on('close', ended));
        for (const line of output.split('\n').slice(0, -1)) {
          const [caller, n] = line.split(' ');
          acknowledged.set(prefix + caller!, Number(n));
        }
      }
      expect(acknowledged.size).toBeGreaterThanOrEqual(24);

      const store = open();
      let total = 0;
      for (const [streamId, last] of acknowledged) {
        const events = await store.readStream(streamId);
        total += events.length;
        expect(events.length % 2).toBe(0);
        expect(events.length).toBeGreaterThanOrEqual(2 * (last + 1));
        for (const [i, event] of events.entries())
          expect(event.metadata.commandKey).toBe(`k:${streamId.split('-').at(-1)}-${Math.floor(i / 2)}`);
        expect(await store.find(streamId, events.at(-1)!.metadata.commandKey)).toMatchObject({
          lastRevision: events.at(-1)!.revision,
        });
      }
      expect(await collect(store.readAll())).toHaveLength(total);
      await store.close();
    }, 30_000);
  });

  it('keeps commands apart whose keys have the same hash', async () => {
    const store = open();
    const streamId = freshStream();
    await appended(store, {
      streamId,
      expectedRevision: -1n,
      events: [touch({ metadata: { commandKey: 'k:other' } })],
      command: { commandKey: 'k:other', requestHash: 'bb' },
    });
    const wanted = commandEntryOf('k:1');
    // Where k:1 wants to be, an entry of another command already stands, as if their hashes were equal.
    const database = (store as unknown as { database: DatabaseSync }).database;
    database.prepare('INSERT INTO stream_index VALUES (1, ?, 1)').run(wanted);
    const event = touch({ metadata: { commandKey: 'k:1' } });
    const command = { commandKey: 'k:1', requestHash: 'aa' };
    await appended(store, { streamId, expectedRevision: 0n, events: [event], command });
    expect(await store.find(streamId, 'k:1')).toMatchObject({ firstRevision: 1n });
    expect(await store.append({ streamId, expectedRevision: 1n, events: [touch()], command })).toMatchObject({
      kind: 'duplicateCommand',
    });
    await store.close();
  });

  it('shares one flush between the callers of one turn', async () => {
    const commits: bigint[] = [];
    const store = openSqliteEventStore({
      folder,
      clock: systemClock,
      onCommitted: (position) => commits.push(position),
    });
    await Promise.all(Array.from({ length: 500 }, () => write(store, freshStream(), -1n)));
    expect(commits).toEqual([500n]);
    await write(store, freshStream(), -1n);
    expect(commits).toEqual([500n, 501n]);
    await store.close();
  });
});
