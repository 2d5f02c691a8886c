import { freshStream } from './event-store.contract.js';
import type { SnapshotStore } from './snapshot-store.port.js';

export interface SnapshotStoreUnderTest {
  readonly snapshots: SnapshotStore;
  /** The same snapshots on another connection or after a restart, where the adapter has such a thing. */
  reopen?(): Promise<SnapshotStore>;
  dispose(): Promise<void>;
}

/** What every snapshot store promises (`snapshot-store.port.ts`). */
export function describeSnapshotStore(name: string, open: () => Promise<SnapshotStoreUnderTest>): void {
  describe(`Snapshot store ${name}`, () => {
    let underTest: SnapshotStoreUnderTest;
    let snapshots: SnapshotStore;
    beforeEach(async () => {
      underTest = await open();
      snapshots = underTest.snapshots;
    });
    afterEach(() => underTest.dispose());

    it('gives back the newest state that was saved', async () => {
      const streamId = freshStream();
      const snapshot = (revision: bigint, stateSchemaVersion = 1) => ({
        streamId,
        revision,
        stateSchemaVersion,
        state: { upTo: Number(revision), list: ['ü', null] },
      });
      await snapshots.save(snapshot(200n));
      await snapshots.save(snapshot(400n));
      await snapshots.save(snapshot(300n));
      expect(await snapshots.load(streamId, 1)).toEqual(snapshot(400n));
      expect(await snapshots.load(freshStream(), 1)).toBeUndefined();
    });

    it('treats a state of another shape as absent and lets a new shape replace it', async () => {
      const streamId = freshStream();
      await snapshots.save({ streamId, revision: 400n, stateSchemaVersion: 1, state: {} });
      expect(await snapshots.load(streamId, 2)).toBeUndefined();
      await snapshots.save({ streamId, revision: 200n, stateSchemaVersion: 2, state: { new: true } });
      expect((await snapshots.load(streamId, 2))?.state).toEqual({ new: true });
    });

    it('keeps the state of the moment it was saved although the caller goes on changing it', async () => {
      const streamId = freshStream();
      const state = { touches: 1 };
      const saved = snapshots.save({ streamId, revision: 1n, stateSchemaVersion: 1, state });
      state.touches = 2;
      await saved;
      expect((await snapshots.load(streamId, 1))?.state).toEqual({ touches: 1 });
    });

    it('keeps any JSON state exactly, and streams apart', async () => {
      const streamId = freshStream();
      const state = { $set: 1, 'a.b': [1.5, -7, null], '': { deep: [{ ünï: '\ud800' }] }, big: 2 ** 53 };
      await snapshots.save({ streamId, revision: 2n ** 53n - 1n, stateSchemaVersion: 1, state });
      await snapshots.save({ streamId: freshStream(), revision: 7n, stateSchemaVersion: 1, state: null });
      const loaded = await snapshots.load(streamId, 1);
      expect(JSON.stringify(loaded!.state)).toBe(JSON.stringify(state));
    });

    it('ends with the newest of many that are saved at once', async () => {
      const streamId = freshStream();
      await snapshots.save({ streamId, revision: 0n, stateSchemaVersion: 1, state: { upTo: 0 } });
      await Promise.all(
        Array.from({ length: 16 }, (_, i) =>
          snapshots.save({
            streamId,
            revision: BigInt(16 - i),
            stateSchemaVersion: 1,
            state: { upTo: 16 - i },
          }),
        ),
      );
      expect(await snapshots.load(streamId, 1)).toMatchObject({ revision: 16n, state: { upTo: 16 } });
    });

    it('has them after reopening', async () => {
      if (underTest.reopen === undefined) return;
      const streamId = freshStream();
      await snapshots.save({ streamId, revision: 5n, stateSchemaVersion: 1, state: { a: 1 } });
      const again = await underTest.reopen();
      expect((await again.load(streamId, 1))?.state).toEqual({ a: 1 });
    });

    it('drops all of them when told to', async () => {
      const streamId = freshStream();
      await snapshots.save({ streamId, revision: 1n, stateSchemaVersion: 1, state: {} });
      await snapshots.dropAll();
      expect(await snapshots.load(streamId, 1)).toBeUndefined();
    });
  });
}
