import { isDuplicateKey, translated, type MongoConnection } from '@rapport/connections';
import type { RelayCheckpoint, RelayCheckpointStore } from '../relay-checkpoint.port.js';

interface StoredCheckpoint extends RelayCheckpoint {
  readonly _id: string;
  readonly token: bigint;
}

const COLLECTION = 'relay_checkpoints';

/** The relay's checkpoint as one document of MongoDB; `name` tells relays of one database apart. */
export function openMongoRelayCheckpoint(connection: MongoConnection, name = 'relay'): RelayCheckpointStore {
  const collection = connection.collection<StoredCheckpoint>(COLLECTION);
  return {
    load: () =>
      translated(async () => {
        const stored = await collection.findOne({ _id: name }, { projection: { _id: 0, token: 0 } });
        return (stored as RelayCheckpoint | null) ?? undefined;
      }),
    save: ({ checkpoint, position, newest, ordinal, chain, partitioning }, token) =>
      translated(async () => {
        try {
          const { matchedCount, upsertedCount } = await collection.replaceOne(
            // Inserts when there is none; collides with the one of a newer token.
            { _id: name, token: { $lte: token } },
            { token, checkpoint, position, newest, ordinal, chain, partitioning },
            { upsert: true },
          );
          return matchedCount + upsertedCount > 0;
        } catch (error) {
          if (isDuplicateKey(error)) return false;
          throw error;
        }
      }),
  };
}
