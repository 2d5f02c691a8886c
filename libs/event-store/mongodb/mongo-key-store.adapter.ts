import { translated, unlessDuplicate, type MongoConnection } from '@rapport/connections';
import { RapportError } from '@rapport/contracts';
import { LRUCache } from 'lru-cache';
import type { Collection } from 'mongodb';
import type { DataKey, KeyStore } from '../key-store.port.js';
import { KeyWrapping, newKeyId } from '../keys/key-wrapping.adapter.js';
import { readMasterKey } from '../keys/master-key.adapter.js';

const KEYS = '_rapport_keys';
const MASTER_CHECK = '_rapport_master_check';
/** Unwrapped keys kept in memory: about 20 MB when full. */
const MAX_CACHED_KEYS = 50_000;
/** Keys of one look-up. */
const FIND_CHUNK = 250;
/** A creation and a destruction of one key may overtake each other this often. */
const MAX_ROUNDS = 10;

export interface MongoKeyStoreOptions {
  readonly connection: MongoConnection;
  /** File with the master key, the same on every machine; created when no key and no event exists anywhere. */
  readonly masterKeyFile: string;
  /** Whether the log is empty: new keys beside an old log would show every person as erased. */
  readonly isLogEmpty: () => Promise<boolean>;
  /** How long a key that another process destroyed may still be used here, ms. Default 1,000. */
  readonly maxStaleMs?: number;
}

interface KeyRecord {
  /** The customer. */
  readonly _id: string;
  readonly keyId: string;
  /** null once destroyed; the record stays, so that the customer never gets another key. */
  readonly wrapped: Uint8Array | null;
}

/** Data keys in MongoDB, wrapped by a master key that never leaves the machines of the services. */
export class MongoKeyStore implements KeyStore {
  private readonly records: Collection<KeyRecord>;
  private readonly byCustomer: LRUCache<string, DataKey>;
  private readonly byId: LRUCache<string, DataKey>;
  private readonly creating = new Map<string, Promise<DataKey | undefined>>();
  /** Look-ups by key id that wait for their common round trip. */
  private wanted: Map<string, Promise<DataKey | undefined>> = new Map();
  private round: Promise<ReadonlyMap<string, DataKey | RapportError>> | undefined;
  private closed = false;

  constructor(
    connection: MongoConnection,
    private readonly wrapping: KeyWrapping,
    maxStaleMs: number,
  ) {
    this.records = connection.collection(KEYS);
    const cache = { max: MAX_CACHED_KEYS, ttl: Math.max(1, maxStaleMs) };
    this.byCustomer = new LRUCache(cache);
    this.byId = new LRUCache(cache);
  }

  async keyFor(customerId: string): Promise<DataKey | undefined> {
    this.assertOpen();
    const cached = this.byCustomer.get(customerId);
    if (cached !== undefined) return cached;
    const running = this.creating.get(customerId);
    if (running !== undefined) return running;
    const created = this.findOrCreate(customerId).finally(() => this.creating.delete(customerId));
    this.creating.set(customerId, created);
    return created;
  }

  async find(keyId: string): Promise<DataKey | undefined> {
    this.assertOpen();
    const cached = this.byId.get(keyId);
    if (cached !== undefined) return cached;
    const waiting = this.wanted.get(keyId);
    if (waiting !== undefined) return waiting;
    // A page of customers asks for all its keys in one turn: they share a round trip.
    this.round ??= Promise.resolve().then(() => {
      const keyIds = [...this.wanted.keys()];
      this.wanted = new Map();
      this.round = undefined;
      return this.findMany(keyIds);
    });
    const found = this.round.then((keys) => {
      const key = keys.get(keyId);
      if (key instanceof RapportError) throw key;
      return key;
    });
    this.wanted.set(keyId, found);
    return found;
  }

  async destroy(customerId: string): Promise<readonly string[]> {
    this.assertOpen();
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const before = await translated(() =>
        this.records.findOneAndUpdate(
          { _id: { $eq: customerId }, wrapped: { $ne: null } },
          { $set: { wrapped: null } },
          { returnDocument: 'before', projection: { keyId: 1 } },
        ),
      );
      if (before) {
        this.forget(customerId, before.keyId);
        return [before.keyId];
      }
      // Nobody to destroy: remembered, so that no key is made from now on.
      const remembered = await unlessDuplicate(
        () =>
          this.records.updateOne(
            { _id: { $eq: customerId } },
            { $setOnInsert: { keyId: newKeyId(), wrapped: null } },
            { upsert: true },
          ),
        undefined,
      );
      if (remembered?.upsertedCount === 1 || (await this.isDestroyed(customerId))) {
        this.forget(customerId);
        return [];
      }
    }
    throw new RapportError('UNAVAILABLE', 'The key was made anew while it was destroyed.', {
      retryAfterS: 1,
    });
  }

  async isDestroyed(customerId: string): Promise<boolean> {
    this.assertOpen();
    const record = await translated(() => this.records.findOne({ _id: { $eq: customerId } }));
    return record?.wrapped === null;
  }

  async hashingKey(purpose: string): Promise<Uint8Array> {
    this.assertOpen();
    return this.wrapping.hashingKey(purpose);
  }

  async close(): Promise<void> {
    this.closed = true;
    this.byCustomer.clear();
    this.byId.clear();
  }

  private assertOpen(): void {
    if (this.closed) throw new RapportError('UNAVAILABLE', 'The key store is closed.');
  }

  private async findOrCreate(customerId: string): Promise<DataKey | undefined> {
    const findOne = () => translated(() => this.records.findOne({ _id: { $eq: customerId } }));
    const known = await findOne();
    if (known) return this.unwrap(known);
    const key = this.wrapping.newKey(customerId);
    const record = { _id: customerId, keyId: key.keyId, wrapped: this.wrapping.wrap(key) };
    const isOurs = await unlessDuplicate(async () => {
      await this.records.insertOne(record);
      return true;
    }, false);
    if (isOurs) return this.remember(key);
    const first = await findOne();
    return first ? this.unwrap(first) : undefined;
  }

  /** Keys by id; a damaged one by its error, so that it spoils no other. */
  private async findMany(keyIds: readonly string[]): Promise<ReadonlyMap<string, DataKey | RapportError>> {
    const found = new Map<string, DataKey | RapportError>();
    for (let from = 0; from < keyIds.length; from += FIND_CHUNK) {
      const some = keyIds.slice(from, from + FIND_CHUNK);
      const records = await translated(() =>
        this.records.find({ keyId: { $in: some } }, { batchSize: FIND_CHUNK + 1 }).toArray(),
      );
      for (const record of records) {
        try {
          const key = this.unwrap(record);
          if (key) found.set(key.keyId, key);
        } catch (error) {
          if (!(error instanceof RapportError)) throw error;
          found.set(record.keyId, error);
        }
      }
    }
    return found;
  }

  private unwrap({ _id: customerId, keyId, wrapped }: KeyRecord): DataKey | undefined {
    if (wrapped === null) return undefined;
    return this.remember(this.wrapping.unwrap({ keyId, customerId }, wrapped, KEYS));
  }

  private remember(key: DataKey): DataKey {
    this.byCustomer.set(key.customerId, key);
    this.byId.set(key.keyId, key);
    return key;
  }

  private forget(customerId: string, keyId?: string): void {
    this.byCustomer.delete(customerId);
    if (keyId !== undefined) this.byId.delete(keyId);
  }
}

/**
 * Opens the keys of a deployment with their master key. Throws MASTER_KEY_MISMATCH when the key is missing or another
 * one, or when there are events but no keys.
 */
export async function openMongoKeyStore(options: MongoKeyStoreOptions): Promise<MongoKeyStore> {
  const { connection } = options;
  const checks = connection.collection<{ _id: string; value: Uint8Array }>(MASTER_CHECK);
  const keys = connection.collection<KeyRecord>(KEYS);
  const findCheck = () => translated(() => checks.findOne({ _id: 'master' }));
  let stored = await findCheck();
  if (!stored) {
    const hasKeys = (await translated(() => keys.findOne({}, { projection: { _id: 1 } }))) !== null;
    const isFirst = !hasKeys && (await options.isLogEmpty());
    // Another process may have been the first one meanwhile.
    stored = await findCheck();
    if (!stored && !isFirst)
      throw new RapportError(
        'MASTER_KEY_MISMATCH',
        'There are events or keys, but not the check value they were made with: restore the key collections.',
      );
  }
  const wrapping = new KeyWrapping(readMasterKey(options.masterKeyFile, !stored));
  if (!stored) {
    const ours = { _id: 'master', value: wrapping.checkValue() };
    await unlessDuplicate(async () => {
      await checks.insertOne(ours);
    }, undefined);
    stored = await findCheck();
  }
  wrapping.assertCheckValue(stored!.value);
  // Unique: a token names its key by this id alone.
  await translated(() =>
    keys.createIndexes([{ key: { keyId: 1 }, unique: true }], { commitQuorum: 'majority' }),
  );
  return new MongoKeyStore(connection, wrapping, options.maxStaleMs ?? 1_000);
}
