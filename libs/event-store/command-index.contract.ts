import type { CommandIndex } from './command-index.port.js';
import { appended, freshStream, touch } from './event-store.contract.js';
import type { CommandEntry, EventStore } from './event-store.port.js';

export interface CommandIndexUnderTest {
  readonly store: EventStore;
  readonly commandIndex: CommandIndex;
  dispose(): Promise<void>;
}

const REQUEST_HASH = '0f'.repeat(32);
const key = (commandKey: string): CommandEntry => ({ commandKey, requestHash: REQUEST_HASH });
const eventOf = (commandKey: string) => touch({ metadata: { commandKey } });

/** What every command index promises (`command-index.port.ts`), together with the append that feeds it. */
export function describeCommandIndex(name: string, open: () => Promise<CommandIndexUnderTest>): void {
  describe(`Command index ${name}`, () => {
    let underTest: CommandIndexUnderTest;
    beforeEach(async () => {
      underTest = await open();
    });
    afterEach(() => underTest.dispose());

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
