import { translated, unlessDuplicate, type MongoConnection } from '@rapport/connections';
import type { Collection } from 'mongodb';
import type { Snapshot, SnapshotStore } from '../snapshot-store.port.js';

const SNAPSHOTS = '_rapport_snapshots';

interface SnapshotRecord {
  /** The stream. */
  readonly _id: string;
  readonly revision: bigint;
  readonly stateSchemaVersion: number;
  /** JSON text: nobody asks MongoDB what is in a folded state, and it comes back exactly. */
  readonly state: string;
}

export const openMongoSnapshotStore = (connection: MongoConnection): SnapshotStore =>
  new MongoSnapshotStore(connection);

/** Folded states in MongoDB, one record for each stream: the newest of its schema version. */
class MongoSnapshotStore implements SnapshotStore {
  private readonly records: Collection<SnapshotRecord>;

  constructor(connection: MongoConnection) {
    this.records = connection.collection(SNAPSHOTS);
  }

  async load(streamId: string, stateSchemaVersion: number): Promise<Snapshot | undefined> {
    const record = await translated(() => this.records.findOne({ _id: { $eq: streamId } }));
    if (record?.stateSchemaVersion !== stateSchemaVersion) return undefined;
    return {
      streamId,
      revision: BigInt(record.revision),
      stateSchemaVersion,
      state: JSON.parse(record.state) as unknown,
    };
  }

  async save(snapshot: Snapshot): Promise<void> {
    // Serialised before the first await: the caller goes on changing the state.
    const state = JSON.stringify(snapshot.state);
    const { streamId, revision, stateSchemaVersion } = snapshot;
    // E11000: a newer one stands there, or one that was saved at this moment. Either serves as well.
    await unlessDuplicate(async () => {
      await this.records.replaceOne(
        {
          _id: streamId,
          $or: [{ stateSchemaVersion: { $ne: stateSchemaVersion } }, { revision: { $lt: revision } }],
        },
        { revision, stateSchemaVersion, state },
        { upsert: true },
      );
    }, undefined);
  }

  async dropAll(): Promise<void> {
    await translated(() => this.records.deleteMany({}));
  }
}
