import { freshStream } from './event-store.contract.js';
import type { SnapshotStore } from './snapshot-store.port.js';

export interface SnapshotStoreUnderTest {
  readonly snapshots: SnapshotStore;
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

    it('drops all of them when told to', async () => {
      const streamId = freshStream();
      await snapshots.save({ streamId, revision: 1n, stateSchemaVersion: 1, state: {} });
      await snapshots.dropAll();
      expect(await snapshots.load(streamId, 1)).toBeUndefined();
    });
  });
}
