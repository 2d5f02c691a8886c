import type { CommandIndex, CommandIndexMaintenance } from './command-index.port.js';
import { appended, freshStream, touch } from './event-store.contract.js';
import type { CommandEntry, EventStore, IndexedCommand } from './event-store.port.js';

export interface CommandIndexUnderTest {
  readonly store: EventStore;
  readonly commandIndex: CommandIndex;
  dispose(): Promise<void>;
}

const REQUEST_HASH = '0f'.repeat(32);
const key = (commandKey: string): CommandEntry => ({ commandKey, requestHash: REQUEST_HASH });
const eventOf = (commandKey: string) => touch({ metadata: { commandKey } });

export interface FedCommandIndexUnderTest {
  readonly index: CommandIndex & CommandIndexMaintenance;
  /** The same index on another connection or after a restart, where the adapter has such a thing. */
  reopen?(): Promise<CommandIndex & CommandIndexMaintenance>;
  dispose(): Promise<void>;
}

/** What an index promises that is fed from the log. */
export function describeFedCommandIndex(name: string, open: () => Promise<FedCommandIndexUnderTest>): void {
  describe(`Command index fed from the log ${name}`, () => {
    let underTest: FedCommandIndexUnderTest;
    beforeEach(async () => {
      underTest = await open();
    });
    afterEach(() => underTest.dispose());

    const entry = (overrides: Partial<IndexedCommand> = {}): IndexedCommand => ({
      streamId: freshStream(),
      commandKey: 'k:1',
      requestHash: REQUEST_HASH,
      firstRevision: 2n,
      lastRevision: 3n,
      position: 10n,
      ...overrides,
    });

    it('starts with a watermark before everything', async () => {
      expect(await underTest.index.watermark()).toBe(0n);
    });

    it('finds what was applied, exactly as it was given, beyond the integers of a double', async () => {
      const { index } = underTest;
      const beyond = 2n ** 53n + 1n;
      const refusal = { code: 'STAGE_FORBIDS_UP_SELL', sentence: 'Not now.', wayOut: [{ fact: 'a.b' }] };
      const plain = entry({ position: beyond, firstRevision: beyond - 1n, lastRevision: beyond });
      const refused = entry({ refusal });
      await index.applyCommands([plain, refused], beyond + 5n);
      expect(await index.find(plain.streamId, 'k:1')).toEqual(plain);
      expect(await index.find(refused.streamId, 'k:1')).toEqual(refused);
      expect(await index.watermark()).toBe(beyond + 5n);
    });

    it('knows nothing of other streams and other keys', async () => {
      const { index } = underTest;
      const known = entry();
      await index.applyCommands([known], 10n);
      expect(await index.find(known.streamId, 'k:2')).toBeUndefined();
      expect(await index.find(known.streamId, 'K:1')).toBeUndefined();
      expect(await index.find(freshStream(), 'k:1')).toBeUndefined();
    });

    it('keeps the first entry of a key when it is applied again', async () => {
      const { index } = underTest;
      const first = entry();
      await index.applyCommands([first], 10n);
      await index.applyCommands([first, { ...first, requestHash: 'ff'.repeat(32), position: 20n }], 20n);
      expect(await index.find(first.streamId, 'k:1')).toEqual(first);
    });

    it('raises the watermark without entries and never lowers it', async () => {
      const { index } = underTest;
      await index.applyCommands([], 30n);
      await index.applyCommands([entry()], 20n);
      expect(await index.watermark()).toBe(30n);
    });

    it('keeps the checkpoint of its watermark, and none that is less far', async () => {
      const { index } = underTest;
      expect(await index.checkpoint()).toBeUndefined();
      await index.applyCommands([entry()], 10n, 'after ten');
      expect(await index.checkpoint()).toBe('after ten');
      await index.applyCommands([], 10n, 'again');
      await index.applyCommands([], 7n, 'after seven');
      expect(await index.checkpoint()).toBe('after ten');
      await index.applyCommands([], 12n, 'after twelve');
      expect(await index.checkpoint()).toBe('after twelve');
      expect(await index.watermark()).toBe(12n);
    });

    it('has the watermark of the furthest of many feeders', async () => {
      const feeders = await Promise.all(
        Array.from({ length: 16 }, async () => (await underTest.reopen?.()) ?? underTest.index),
      );
      const known = entry();
      await Promise.all(
        feeders.map((feeder, i) =>
          feeder.applyCommands([{ ...known, position: BigInt(i + 1) }], BigInt(i + 1), `after ${i + 1}`),
        ),
      );
      expect(await underTest.index.watermark()).toBe(16n);
      expect(await underTest.index.checkpoint()).toBe('after 16');
      const found = await underTest.index.find(known.streamId, known.commandKey);
      await Promise.all(feeders.map((feeder) => feeder.applyCommands([known], 17n)));
      expect(await underTest.index.find(known.streamId, known.commandKey)).toEqual(found);
    });

    it('takes many entries at once, from several feeders', async () => {
      const { index } = underTest;
      const entries = Array.from({ length: 1_000 }, (_, i) =>
        entry({ commandKey: `k:${i}`, position: BigInt(i + 1) }),
      );
      await Promise.all([
        index.applyCommands(entries.slice(0, 700), 700n),
        index.applyCommands(entries.slice(300), 1_000n),
      ]);
      for (const one of [entries[0]!, entries[500]!, entries[999]!])
        expect(await index.find(one.streamId, one.commandKey)).toEqual(one);
      expect(await index.watermark()).toBe(1_000n);
    });

    it('remembers everything for the next start', async () => {
      if (underTest.reopen === undefined) return;
      const known = entry();
      await underTest.index.applyCommands([known], 10n);
      const again = await underTest.reopen();
      expect(await again.find(known.streamId, 'k:1')).toEqual(known);
      expect(await again.watermark()).toBe(10n);
    });
  });
}

/** What a command index promises that is written with the append (`command-index.port.ts`). */
export function describeCommandIndex(name: string, open: () => Promise<CommandIndexUnderTest>): void {
  describe(`Command index ${name}`, () => {
    let underTest: CommandIndexUnderTest;
    beforeEach(async () => {
      underTest = await open();
    });
    afterEach(() => underTest.dispose());

    it('is never behind', async () => {
      expect(await underTest.commandIndex.watermark()).toBeUndefined();
    });

    it('remembers which events a command recorded', async () => {
      const { store, commandIndex } = underTest;
      const streamId = freshStream();
      await appended(store, {
        streamId,
        expectedRevision: -1n,
        events: [eventOf('k:0')],
        command: key('k:0'),
      });
      await appended(store, {
        streamId,
        expectedRevision: 0n,
        events: [eventOf('k:1'), eventOf('k:1'), eventOf('k:1')],
        command: key('k:1'),
      });
      await appended(store, {
        streamId,
        expectedRevision: 3n,
        events: [eventOf('k:2')],
        command: key('k:2'),
      });
      expect(await commandIndex.find(streamId, 'k:1')).toEqual({
        streamId,
        commandKey: 'k:1',
        requestHash: REQUEST_HASH,
        firstRevision: 1n,
        lastRevision: 3n,
        position: 4n,
      });
    });

    it('knows nothing of other keys, other streams and appends that were refused', async () => {
      const { store, commandIndex } = underTest;
      const streamId = freshStream();
      await appended(store, {
        streamId,
        expectedRevision: -1n,
        events: [eventOf('k:1')],
        command: key('k:1'),
      });
      await store.append({ streamId, expectedRevision: 5n, events: [eventOf('k:2')], command: key('k:2') });
      expect(await commandIndex.find(streamId, 'k:2')).toBeUndefined();
      expect(await commandIndex.find(freshStream(), 'k:1')).toBeUndefined();
    });

    it('refuses a known command at whatever revision it comes again and records nothing', async () => {
      const { store, commandIndex } = underTest;
      const streamId = freshStream();
      await appended(store, {
        streamId,
        expectedRevision: -1n,
        events: [eventOf('k:1')],
        command: key('k:1'),
      });
      await appended(store, {
        streamId,
        expectedRevision: 0n,
        events: [eventOf('k:2')],
        command: key('k:2'),
      });
      const entry = await commandIndex.find(streamId, 'k:1');
      for (const expectedRevision of [-1n, 0n, 1n, 9n])
        expect(
          await store.append({ streamId, expectedRevision, events: [eventOf('k:1')], command: key('k:1') }),
        ).toEqual({ kind: 'duplicateCommand', entry });
      expect(await store.readStream(streamId)).toHaveLength(2);
    });

    it('lets exactly one of many concurrent deliveries of a command through', async () => {
      const { store } = underTest;
      const streamId = freshStream();
      const results = await Promise.all(
        Array.from({ length: 10 }, () =>
          store.append({ streamId, expectedRevision: -1n, events: [eventOf('k:1')], command: key('k:1') }),
        ),
      );
      expect(results.map((r) => r.kind).sort()).toEqual([
        'appended',
        ...Array.from({ length: 9 }, () => 'duplicateCommand'),
      ]);
    });

    it('takes the same key for another stream as another command', async () => {
      const { store } = underTest;
      for (const streamId of [freshStream(), freshStream()])
        await appended(store, {
          streamId,
          expectedRevision: -1n,
          events: [eventOf('k:1')],
          command: key('k:1'),
        });
    });

    it('answers a retried append with its first result rather than as a duplicate', async () => {
      const { store } = underTest;
      const request = {
        streamId: freshStream(),
        expectedRevision: -1n,
        events: [eventOf('k:1')],
        command: key('k:1'),
      };
      await appended(store, request);
      expect((await appended(store, request)).idempotent).toBe(true);
    });

    it('keeps the refusal of a refused decision that was recorded', async () => {
      const { store, commandIndex } = underTest;
      const streamId = freshStream();
      const refusal = { code: 'STAGE_FORBIDS_UP_SELL', sentence: 'Not now.', wayOut: [] };
      await appended(store, {
        streamId,
        expectedRevision: -1n,
        events: [eventOf('k:1')],
        command: { ...key('k:1'), refusal },
      });
      expect((await commandIndex.find(streamId, 'k:1'))?.refusal).toEqual(refusal);
    });
  });
}
