import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@rapport/runtime';
import { waitUntil } from '@rapport/testing';
import fc from 'fast-check';
import { appended, collect, freshStream, touch } from '../event-store.contract.js';
import type { DiskFlush } from './group-commit.adapter.js';
import {
  openSqliteEventStore,
  openSqliteEventStoreReader,
  type SqliteEventStore,
} from './sqlite-event-store.adapter.js';

/** A disk that confirms when it is told to. */
class ScriptedDisk implements DiskFlush {
  flushes = 0;
  fails = false;
  /** True: `soon` waits for `confirm`. */
  isSlow = false;
  private waiting: (() => void) | undefined;

  constructor(private readonly onFlush: () => void = () => undefined) {}

  now(): void {
    this.flushes++;
    if (this.fails) throw new Error('EIO');
    this.onFlush();
  }

  async soon(): Promise<void> {
    if (this.isSlow) await new Promise<void>((resolve) => (this.waiting = resolve));
    else await new Promise((resolve) => setImmediate(resolve));
    this.now();
  }

  get isAsked(): boolean {
    return this.waiting !== undefined;
  }

  confirm(): void {
    this.waiting?.();
    this.waiting = undefined;
  }
}

const DEADLINE_MS = 5_000;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('The log of a data folder is on the disk before anybody is told', () => {
  let root: string;
  let folder: string;
  let disk: ScriptedDisk;
  let store: SqliteEventStore;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'rapport-flush-'));
    folder = join(root, 'data');
    disk = new ScriptedDisk();
    store = openSqliteEventStore({ folder, clock: systemClock, flush: disk });
  });
  afterEach(async () => {
    disk.isSlow = false;
    disk.confirm();
    await store.close();
    rmSync(root, { recursive: true });
  });

  const write = (streamId: string, expectedRevision: bigint, commandKey?: string) =>
    appended(store, {
      streamId,
      expectedRevision,
      events: [touch(commandKey === undefined ? {} : { metadata: { commandKey } })],
      ...(commandKey === undefined ? {} : { command: { commandKey, requestHash: 'aa' } }),
    });
  const asked = (): Promise<boolean> => waitUntil('the disk to be asked', DEADLINE_MS, () => disk.isAsked);
  /** Writes that are on their way to a slow disk. */
  const written = async (...streams: readonly string[]): Promise<{ readonly answers: number[]; readonly all: Promise<unknown> }> => {
    const answers: number[] = [];
    const all = Promise.all(streams.map((streamId, i) => write(streamId, -1n, `k:${i}`).then(() => answers.push(i))));
    await asked();
    return { answers, all };
  }; // prettier-ignore

  it('answers, counts and hands out nothing that the disk has not confirmed', async () => {
    disk.isSlow = true;
    const [first, second] = [freshStream(), freshStream()];
    const { answers, all } = await written(first, second);
    expect(disk.isAsked).toBe(true);
    expect(answers).toEqual([]);
    expect((await store.head()).position).toBe(0n);
    expect(await collect(store.readAll())).toEqual([]);
    const reader = openSqliteEventStoreReader(folder, { durable: store.durable });
    expect((await reader.head()).position).toBe(0n);
    expect(await reader.readStream(first)).toEqual([]);
    const known = new Set<unknown>();
    const reading = [
      store.readStream(first).then((events) => known.add(events.length)),
      store.find(first, 'k:0').then((entry) => known.add(entry?.firstRevision)),
    ];
    await turn();
    expect(known.size).toBe(0);
    disk.confirm();
    await Promise.all([all, ...reading]);
    expect(answers).toEqual([0, 1]);
    expect(known).toEqual(new Set([1, 0n]));
    expect((await store.head()).position).toBe(2n);
    expect((await reader.head()).position).toBe(2n);
    expect(await reader.readStream(first)).toHaveLength(1);
    await reader.close();
  });

  it('takes what comes while the disk works together, with one more flush', async () => {
    disk.isSlow = true;
    const { all } = await written(freshStream(), freshStream());
    const later = Array.from({ length: 50 }, () => write(freshStream(), -1n));
    await turn();
    disk.confirm();
    await all;
    expect(disk.flushes).toBe(1);
    await asked();
    disk.confirm();
    await Promise.all(later);
    expect(disk.flushes).toBe(2);
    expect((await store.head()).position).toBe(52n);
  });

  it('lets who reads an event wait for that one only, however much comes behind it', async () => {
    disk.isSlow = true;
    const streamId = freshStream();
    const { all } = await written(streamId, freshStream());
    const read = store.readStream(streamId);
    const behind = Promise.all([write(freshStream(), -1n), write(freshStream(), -1n)]);
    disk.confirm();
    expect(await read).toHaveLength(1);
    await all;
    await asked();
    disk.confirm();
    await behind;
  });

  it('says that it does not know when the disk fails, and records nothing more', async () => {
    expect(await write(freshStream(), -1n)).toMatchObject({ position: 1n });
    disk.fails = true;
    const streamId = freshStream();
    await expect(write(streamId, -1n)).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
    disk.fails = false;
    expect(store.trouble?.message).toContain('did not confirm');
    await expect(write(freshStream(), -1n)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(store.readStream(streamId)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect((await store.head()).position).toBe(1n);
    // Opened again it goes on from what is there.
    await store.close();
    store = openSqliteEventStore({ folder, clock: systemClock, flush: disk });
    expect(store.trouble).toBeUndefined();
    await write(freshStream(), -1n);
  });

  it('fails everybody of a group, and those behind it, alike', async () => {
    disk.isSlow = true;
    const { all } = await written(freshStream(), freshStream());
    const behind = write(freshStream(), -1n);
    disk.fails = true;
    disk.confirm();
    await expect(all).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
    await expect(behind).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});

describe('A power cut', () => {
  it('leaves every event that was acknowledged, whatever was under way', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 }),
        fc.nat(),
        async (groups, cutAfter) => {
          const root = mkdtempSync(join(tmpdir(), 'rapport-power-'));
          const folder = join(root, 'data');
          const cut = join(root, 'cut');
          mkdirSync(cut);
          // What the disk holds is what was in the files at the last flush.
          const disk = new ScriptedDisk(() => {
            if (disk.flushes > (cutAfter % groups.length) + 1) return;
            for (const file of ['events.db', 'events.db-wal'])
              if (existsSync(join(folder, file))) copyFileSync(join(folder, file), join(cut, file));
          });
          const store = openSqliteEventStore({ folder, clock: systemClock, flush: disk });
          const acknowledged: string[] = [];
          for (const size of groups) {
            await Promise.all(
              Array.from({ length: size }, async () => {
                const streamId = freshStream();
                await appended(store, { streamId, expectedRevision: -1n, events: [touch()] });
                if (disk.flushes <= (cutAfter % groups.length) + 1) acknowledged.push(streamId);
              }),
            );
          }
          await store.close();
          const after = openSqliteEventStore({ folder: cut, clock: systemClock });
          const events = (await collect(after.readAll())) as readonly { readonly streamId: string }[];
          expect(new Set(events.map(({ streamId }) => streamId))).toEqual(new Set(acknowledged));
          await after.close();
          rmSync(root, { recursive: true });
        },
      ),
      { numRuns: 15 },
    );
  });
});
