import { RapportError } from '@rapport/contracts';
import { Long, MongoServerError, type Db } from 'mongodb';
import type { RelayCheckpoint, RelayCheckpointStore } from '../relay-checkpoint.port.js';

interface StoredCheckpoint {
  readonly _id: string;
  readonly token: bigint;
  readonly checkpoint: string;
  readonly position: bigint;
  readonly newest: bigint;
  readonly ordinal: bigint;
  readonly chain: readonly bigint[];
  readonly partitioning: string;
}

const COLLECTION = 'relay_checkpoints';
const DUPLICATE_KEY = 11_000;

/** The relay's checkpoint as one document of MongoDB; `name` tells relays of one database apart. */
export function openMongoRelayCheckpoint(db: Db, name = 'relay'): RelayCheckpointStore {
  const collection = db.collection<StoredCheckpoint>(COLLECTION, {
    writeConcern: { w: 'majority' },
    readConcern: { level: 'majority' },
    readPreference: 'primary',
  });
  return {
    load: () =>
      unavailable(async (): Promise<RelayCheckpoint | undefined> => {
        const stored = await collection.findOne({ _id: name }, { promoteLongs: false });
        if (!stored) return undefined;
        const { checkpoint, partitioning } = stored;
        return {
          checkpoint,
          partitioning,
          position: bigintOf(stored.position),
          newest: bigintOf(stored.newest),
          ordinal: bigintOf(stored.ordinal),
          chain: stored.chain.map(bigintOf),
        };
      }),
    save: (saved, token) =>
      unavailable(async () => {
        try {
          const { matchedCount, upsertedCount } = await collection.replaceOne(
            // Upserts when there is none; finds none and collides with the key when a newer token has saved.
            { _id: name, token: { $lte: token } },
            { ...saved, token },
            { upsert: true },
          );
          return matchedCount + upsertedCount > 0;
        } catch (error) {
          if (error instanceof MongoServerError && error.code === DUPLICATE_KEY) return false;
          throw error;
        }
      }),
  };
}

/** 64-bit integers come back as the driver's own type. */
const bigintOf = (value: unknown): bigint =>
  Long.isLong(value) ? value.toBigInt() : BigInt(value as number | bigint);

async function unavailable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new RapportError('UNAVAILABLE', `the relay's checkpoint: ${(error as Error).message}`, {
      retryAfterS: 1,
    });
  }
}
