import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@rapport/runtime';
import { waitUntil } from '@rapport/testing';
import { appended, collect, freshStream, touch } from '../event-store.contract.js';
import { EVENTS_FILE, openSqliteEventStore, type SqliteEventStore } from './sqlite-event-store.adapter.js';

const ENTRY = join(__dirname, '../../../dist/libs/event-store/sqlite/copy-back.worker.js');
/** A thread loads its module first, on a busy machine. */
const DEADLINE_MS = 20_000;
/** Pages of 4 KiB that a copy is asked for after, and those at which commits no longer leave it to the thread. */
const COPY_BACK_BYTES = 2_000 * 4_096;
const BACKSTOP_BYTES = 4 * COPY_BACK_BYTES;

describe('The write-ahead log of a data folder is copied back by a thread of its own', () => {
  let folder: string;
  let store: SqliteEventStore | undefined;
  const troubles: Error[] = [];
  const opened = (entry?: string): SqliteEventStore =>
    (store = openSqliteEventStore({
      folder,
      clock: systemClock,
      ...(entry === undefined ? {} : { copyBack: { entry, onTrouble: (error) => troubles.push(error) } }),
    }));
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rapport-copy-back-'));
    troubles.length = 0;
  });
  afterEach(async () => {
    await store?.close();
    rmSync(folder, { recursive: true });
  });

  const sizeOf = (file: string): number => {
    const path = join(folder, file);
    return existsSync(path) ? statSync(path).size : 0;
  };
  const database = (): number => sizeOf(EVENTS_FILE);
  const log = (): number => sizeOf(`${EVENTS_FILE}-wal`);
  let written = 0;
  /** Events of about 4 KiB, in commits of 50, until `bytes` more are in the log of the database. */
  const write = async (to: SqliteEventStore, bytes: number): Promise<void> => {
    for (let i = 0; i < bytes / 4_096; i += 50)
      await Promise.all(
        Array.from({ length: 50 }, async () => {
          written++;
          const data = { direction: 'in', kind: 'call', outcome: 'o'.repeat(3_500) };
          await appended(to, { streamId: freshStream(), expectedRevision: -1n, events: [touch({ data })] });
        }),
      );
  };

  it('long before commits would have to, and the log stays bounded while they go on', async () => {
    const events = opened(ENTRY);
    written = 0;
    await write(events, COPY_BACK_BYTES + 100 * 4_096);
    await waitUntil('the first copy', DEADLINE_MS, () => database() > COPY_BACK_BYTES);
    await write(events, 3 * BACKSTOP_BYTES);
    expect(log()).toBeLessThan(2 * BACKSTOP_BYTES);
    expect(troubles).toEqual([]);
    await events.close();
    expect(existsSync(join(folder, `${EVENTS_FILE}-wal`))).toBe(false);
    expect(await collect(opened().readAll())).toHaveLength(written);
  }, 60_000);

  it('and by commits where the thread does not start', async () => {
    const events = opened(join(folder, 'no-such.worker.js'));
    written = 0;
    await write(events, COPY_BACK_BYTES + 100 * 4_096);
    await waitUntil('the thread to fail', DEADLINE_MS, () => troubles.length > 0);
    await write(events, BACKSTOP_BYTES);
    expect(database()).toBeGreaterThan(COPY_BACK_BYTES);
    expect(await collect(events.readAll())).toHaveLength(written);
  }, 60_000);
});
