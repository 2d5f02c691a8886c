import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { RapportError } from '@rapport/contracts';
import { LRUCache } from 'lru-cache';
import type { DataKey, KeyStore } from '../key-store.port.js';
import { KeyWrapping, newKeyId } from '../keys/key-wrapping.adapter.js';
import { readMasterKey } from '../keys/master-key.adapter.js';
import { migrate, openDatabase, pragma } from './connection.adapter.js';
import { GroupCommit } from './group-commit.adapter.js';
import { guarded } from './log-reader.adapter.js';
import { KEYS_SCHEMA, KEYS_SCHEMA_VERSION } from './schema.js';
import { EVENTS_FILE } from './sqlite-event-store.adapter.js';

export const KEYS_FILE = 'keys.db';
/** Unwrapped keys kept in memory: about 20 MB when full. */
const MAX_CACHED_KEYS = 50_000;

export interface SqliteKeyStoreOptions {
  readonly folder: string;
  /** File outside `folder`; created when neither it nor any key or event exists. */
  readonly masterKeyFile: string;
}

export class SqliteKeyStore implements KeyStore {
  private readonly commits: GroupCommit;
  private readonly byCustomer = new LRUCache<string, DataKey>({ max: MAX_CACHED_KEYS });
  private readonly byId = new LRUCache<string, DataKey>({ max: MAX_CACHED_KEYS });
  private readonly creating = new Map<string, Promise<DataKey | undefined>>();
  private readonly ofCustomer: StatementSync;
  private readonly ofId: StatementSync;
  private readonly insert: StatementSync;
  private readonly forget: StatementSync;
  private closed = false;

  constructor(
    private readonly database: DatabaseSync,
    private readonly wrapping: KeyWrapping,
  ) {
    this.commits = new GroupCommit(database);
    this.ofCustomer = database.prepare('SELECT key_id, customer, wrapped FROM keys WHERE customer = ?');
    this.ofId = database.prepare('SELECT key_id, customer, wrapped FROM keys WHERE key_id = ?');
    this.insert = database.prepare('INSERT INTO keys VALUES (?, ?, ?) ON CONFLICT (customer) DO NOTHING');
    this.forget = database.prepare('UPDATE keys SET wrapped = NULL WHERE customer = ?');
  }

  async keyFor(customerId: string): Promise<DataKey | undefined> {
    this.assertOpen();
    const cached = this.byCustomer.get(customerId);
    if (cached !== undefined) return cached;
    const row = guarded(() => this.ofCustomer.get(customerId));
    if (row !== undefined) return this.unwrap(row);
    const running = this.creating.get(customerId);
    if (running !== undefined) return running;
    const created = this.create(customerId).finally(() => this.creating.delete(customerId));
    this.creating.set(customerId, created);
    return created;
  }

  async find(keyId: string): Promise<DataKey | undefined> {
    this.assertOpen();
    const cached = this.byId.get(keyId);
    if (cached !== undefined) return cached;
    const row = guarded(() => this.ofId.get(keyId));
    return row && this.unwrap(row);
  }

  async destroy(customerId: string): Promise<readonly string[]> {
    this.assertOpen();
    const destroyed = await this.commits.submit(() => {
      const row = this.ofCustomer.get(customerId);
      if (row === undefined) {
        this.insert.run(newKeyId(), customerId, null);
        return [];
      }
      if (row.wrapped === null) return [];
      this.forget.run(customerId);
      return [row.key_id as string];
    });
    this.byCustomer.delete(customerId);
    for (const keyId of destroyed) this.byId.delete(keyId);
    // The wrapped key still stands in older frames of the write-ahead log until it is copied back and cut off.
    truncateLog(this.database);
    return destroyed;
  }

  async isDestroyed(customerId: string): Promise<boolean> {
    this.assertOpen();
    return guarded(() => this.ofCustomer.get(customerId)?.wrapped === null);
  }

  async hashingKey(purpose: string): Promise<Uint8Array> {
    this.assertOpen();
    return this.wrapping.hashingKey(purpose);
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.commits.close();
    this.database.close();
  }

  private assertOpen(): void {
    if (this.closed) throw new RapportError('UNAVAILABLE', 'The key store is closed.');
  }

  private async create(customerId: string): Promise<DataKey | undefined> {
    const key = this.wrapping.newKey(customerId);
    const wrapped = this.wrapping.wrap(key);
    const isOurs = await this.commits.submit(
      () => Number(this.insert.run(key.keyId, customerId, wrapped).changes) === 1,
    );
    if (isOurs) return this.remember(key);
    const row = guarded(() => this.ofCustomer.get(customerId));
    return row && this.unwrap(row);
  }

  private unwrap(row: Record<string, unknown>): DataKey | undefined {
    if (row.wrapped === null) return undefined;
    const key = { keyId: row.key_id as string, customerId: row.customer as string };
    return this.remember(this.wrapping.unwrap(key, row.wrapped as Uint8Array, KEYS_FILE));
  }

  private remember(key: DataKey): DataKey {
    this.byCustomer.set(key.customerId, key);
    this.byId.set(key.keyId, key);
    return key;
  }
}

function truncateLog(database: DatabaseSync): void {
  const result = database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();
  if (result?.busy !== 0)
    throw new RapportError(
      'UNAVAILABLE',
      'The destroyed key could not be wiped from the log file; try again.',
      {
        retryAfterS: 1,
      },
    );
}

/**
 * Opens (or creates) `keys.db` with its master key. Throws MASTER_KEY_MISMATCH when the key is missing or another one, or
 * when the folder holds events but no keys: creating new ones then would show every person as erased.
 */
export function openSqliteKeyStore(options: SqliteKeyStoreOptions): SqliteKeyStore {
  const file = join(options.folder, KEYS_FILE);
  const isNew = !existsSync(file);
  if (isNew && !isEmptyLog(options.folder))
    throw new RapportError('MASTER_KEY_MISMATCH', 'The data folder holds events but no keys.db.');
  // A crash between creating keys.db and its check value leaves a file without tables: still new.
  let master = isNew ? readMasterKey(options.masterKeyFile, true) : undefined;
  const database = openDatabase(file, { secureDelete: true, cacheKiB: 8_192 });
  try {
    return guarded(() => {
      master ??= readMasterKey(options.masterKeyFile, Number(pragma(database, 'user_version')) === 0);
      migrate(database, KEYS_SCHEMA_VERSION, KEYS_SCHEMA);
      const wrapping = new KeyWrapping(master);
      database
        .prepare('INSERT INTO master_check VALUES (1, ?) ON CONFLICT DO NOTHING')
        .run(wrapping.checkValue());
      wrapping.assertCheckValue(
        database.prepare('SELECT value FROM master_check').get()!.value as Uint8Array,
      );
      truncateLog(database);
      return new SqliteKeyStore(database, wrapping);
    });
  } catch (error) {
    database.close();
    throw error;
  }
}

function isEmptyLog(folder: string): boolean {
  const file = join(folder, EVENTS_FILE);
  if (!existsSync(file)) return true;
  const database = openDatabase(file, { readOnly: true });
  try {
    if (Number(pragma(database, 'user_version')) === 0) return true;
    return database.prepare('SELECT 1 FROM events LIMIT 1').get() === undefined;
  } finally {
    database.close();
  }
}
