import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync, type SQLInputValue } from 'node:sqlite';
import { RapportError } from '@rapport/contracts';
import { RETRY_REQUESTS_KEPT_MS, type DeadLetterStore, type ParkedEvent, type ParkedSequence, type RetryRequest } from '../dead-letters.port.js'; // prettier-ignore
import type { Lease, LeaseAnswer, LeaseStore } from '../lease.port.js';
import type {
  CheckpointWrite,
  CollectionSpec,
  CollectionState,
  Condition,
  DocumentWrite,
  GenerationStatus,
  GroupQuery,
  GroupRow,
  IndexValue,
  Query,
  QueryRow,
  ReadModelStore,
  SaveResult,
  ScannedDocument,
  StoredDocument,
} from '../read-model.port.js';
import { assertIndexNames, collectionNameOf } from '../collection-name.js';
import { columnOf, countSql, groupSql, querySql, tableOf, type Target } from './sqlite-query.js';

export interface SqliteReadModelOptions {
  /** Opens for reading only; the file must exist. Default false. */
  readonly readOnly?: boolean;
  /** How long a writer waits for another writer, in ms. Default 10,000. */
  readonly busyTimeoutMs?: number;
}

/** File of the read models inside the data folder. */
export const READ_MODELS_FILE = 'read-models.db';

/** Opens `<folder>/read-models.db`, creating folder and file unless `readOnly`. Throws UNAVAILABLE, STORAGE_FULL. */
export function openSqliteReadModels(
  folder: string,
  options: SqliteReadModelOptions = {},
): SqliteReadModelStore {
  return translated(() => new SqliteReadModelStore(folder, options));
}

const SCHEMA = `
CREATE TABLE IF NOT EXISTS generations (
  collection TEXT PRIMARY KEY, projection TEXT NOT NULL, version INTEGER NOT NULL, generation INTEGER NOT NULL,
  indexes TEXT NOT NULL, status TEXT NOT NULL CHECK (status IN ('filling', 'active', 'previous')),
  sorted_by TEXT NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS one_active_generation ON generations (projection) WHERE status = 'active';
CREATE TABLE IF NOT EXISTS checkpoints (
  collection TEXT NOT NULL, partition INTEGER NOT NULL, checkpoint TEXT NOT NULL, through INTEGER NOT NULL,
  PRIMARY KEY (collection, partition)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS leases (
  name TEXT PRIMARY KEY, holder TEXT NOT NULL, token INTEGER NOT NULL, expires_at_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS parked_events (
  collection TEXT NOT NULL, stream_id TEXT NOT NULL, position INTEGER NOT NULL,
  projection TEXT NOT NULL, generation INTEGER NOT NULL, owner TEXT NOT NULL, revision INTEGER NOT NULL,
  event_id TEXT NOT NULL, event_type TEXT NOT NULL, reason TEXT NOT NULL, parked_at_ms INTEGER NOT NULL,
  attempts INTEGER NOT NULL, PRIMARY KEY (collection, stream_id, position)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS retry_requests (
  id TEXT PRIMARY KEY, projection TEXT NOT NULL, owner TEXT, requested_at_ms INTEGER NOT NULL
) WITHOUT ROWID;
`;

/** Statements kept prepared: queries come from a closed set of definitions, so this is never reached in practice. */
const MAX_STATEMENTS = 500;
/** Key look-ups bundled into one statement; the JSON array is bound as one value. */
const LOAD_CHUNK = 500;

/**
 * Read models, checkpoints, parked events and leases in one SQLite file, so that effect and progress are one commit.
 *
 * WAL lets any number of readers go on while one writer commits. `synchronous=NORMAL` is enough here: after a power
 * cut the file is consistent but may miss its last commits, documents and checkpoints alike, and the projector folds
 * those events again from the log.
 */
export class SqliteReadModelStore implements ReadModelStore, DeadLetterStore, LeaseStore {
  private readonly db: DatabaseSync;
  private readonly statements = new Map<string, StatementSync>();
  private readonly collections = new Map<string, Target>();
  private commits: Promise<unknown> = Promise.resolve();
  private inCommit = false;

  constructor(folder: string, options: SqliteReadModelOptions) {
    const readOnly = options.readOnly === true;
    if (!readOnly) mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.db = new DatabaseSync(join(folder, READ_MODELS_FILE), {
      readOnly,
      timeout: options.busyTimeoutMs ?? 10_000,
      allowExtension: false,
    });
    // 8 KiB pages: documents of 1-4 KiB fit without overflow chains (measured: fewer page writes a commit).
    if (!readOnly)
      this.db.exec('PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
    // 32 MiB between WAL copies: a hot document is copied back once instead of at every commit.
    if (!readOnly) this.db.exec('PRAGMA wal_autocheckpoint = 4096; PRAGMA journal_size_limit = 67108864');
    this.db.exec('PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = ON');
    if (!readOnly) this.db.exec(SCHEMA);
    if (!readOnly) this.upgrade();
  }

  async createGeneration(spec: CollectionSpec): Promise<void> {
    const collection = collectionNameOf(spec);
    assertIndexNames(spec);
    this.write(() => {
      const columns = spec.indexes.map((index) => `, ${columnOf(index)}`).join('');
      this.db.exec(
        `CREATE TABLE IF NOT EXISTS ${tableOf(collection)} (key TEXT PRIMARY KEY NOT NULL, position INTEGER NOT NULL, document TEXT NOT NULL${columns})`,
      );
      this.statement(
        `INSERT INTO generations VALUES (?, ?, ?, ?, ?, 'filling', ?) ON CONFLICT (collection) DO NOTHING`,
      ).run(
        collection,
        spec.projection,
        spec.version,
        spec.generation,
        JSON.stringify(spec.indexes),
        JSON.stringify(spec.sortedBy ?? spec.indexes),
      );
    });
  }

  async finishFilling(collection: string, checkpoint: CheckpointWrite): Promise<void> {
    this.write(() => {
      this.buildIndexes(collection);
      this.writeCheckpoint(collection, checkpoint);
    });
  }

  async generations(projection?: string): Promise<readonly CollectionState[]> {
    return translated(() =>
      this.statement(
        `SELECT collection FROM generations WHERE ?1 IS NULL OR projection = ?1 ORDER BY projection, generation, version`,
      )
        .all(projection ?? null)
        .map((row) => this.state(String(row.collection))!),
    );
  }

  async activate(projection: string, version: number, generation: number): Promise<void> {
    const collection = collectionNameOf({ projection, version, generation });
    this.write(() => {
      if (!this.state(collection))
        throw new RapportError('UNKNOWN_PROJECTION', `there is no collection ${collection}`);
      this.buildIndexes(collection);
      this.statement(
        `UPDATE generations SET status = 'previous' WHERE projection = ? AND status = 'active' AND collection <> ?`,
      ).run(projection, collection);
      this.statement(`UPDATE generations SET status = 'active' WHERE collection = ?`).run(collection);
    });
  }

  async dropGeneration(projection: string, version: number, generation: number): Promise<void> {
    const collection = collectionNameOf({ projection, version, generation });
    this.write(() => {
      const state = this.state(collection);
      if (!state) return;
      if (state.status === 'active')
        throw new RapportError('CONFLICT', `${collection} is active and cannot be dropped`);
      this.forgetCollection(collection);
      this.db.exec(`DROP TABLE IF EXISTS ${tableOf(collection)}`);
      this.statement('DELETE FROM checkpoints WHERE collection = ?').run(collection);
      this.statement('DELETE FROM parked_events WHERE collection = ?').run(collection);
      this.statement('DELETE FROM generations WHERE collection = ?').run(collection);
    });
  }

  async loadMany(collection: string, keys: readonly string[]): Promise<ReadonlyMap<string, StoredDocument>> {
    return translated(() => {
      const found = new Map<string, StoredDocument>();
      // One statement for many keys: most of the cost of a single look-up is the call.
      const statement = this.rows(
        `SELECT key, position, document FROM ${tableOf(this.known(collection))} WHERE key IN (SELECT value FROM json_each(?))`,
      );
      for (let from = 0; from < keys.length; from += LOAD_CHUNK)
        for (const row of allRows(statement, JSON.stringify(keys.slice(from, from + LOAD_CHUNK))))
          found.set(row[0] as string, {
            key: row[0] as string,
            position: BigInt(row[1] as number),
            document: JSON.parse(row[2] as string) as object,
          });
      return found;
    });
  }

  async saveMany(
    collection: string,
    writes: readonly DocumentWrite[],
    checkpoint?: CheckpointWrite,
  ): Promise<SaveResult> {
    return this.write(() => {
      const indexes = this.indexesOf(collection);
      const table = tableOf(collection);
      const columns = indexes.map(columnOf);
      const update = this.statement(
        `UPDATE ${table} SET position = ?2, document = ?3 WHERE key = ?1 AND position < ?2`,
      );
      const upsert = this.statement(
        `INSERT INTO ${table} (key, position, document${columns.map((c) => `, ${c}`).join('')}) VALUES (?, ?, ?${', ?'.repeat(columns.length)})
         ON CONFLICT (key) DO UPDATE SET position = excluded.position, document = excluded.document${columns.map((c) => `, ${c} = excluded.${c}`).join('')}
         WHERE excluded.position > position`,
      );
      const remove = this.statement(`DELETE FROM ${table} WHERE key = ? AND position < ?`);
      const exists = this.statement(`SELECT 1 FROM ${table} WHERE key = ?`);
      let applied = 0;
      for (const write of writes) {
        if (write.document === null) {
          const gone =
            remove.run(write.key, write.position).changes === 1 || exists.get(write.key) === undefined;
          if (gone) applied++;
          continue;
        }
        const text = write.json ?? JSON.stringify(write.document);
        if (write.indexesUnchanged === true && update.run(write.key, write.position, text).changes === 1) {
          applied++;
          continue;
        }
        const values: SQLInputValue[] = [write.key, write.position, text];
        for (const index of indexes) values.push(write.indexes[index] ?? null);
        if (upsert.run(...values).changes === 1) applied++;
      }
      if (checkpoint) this.writeCheckpoint(collection, checkpoint);
      return { applied, stale: writes.length - applied };
    });
  }

  async insertMany(collection: string, writes: readonly DocumentWrite[]): Promise<void> {
    const indexes = translated(() => this.indexesOf(collection));
    const rows: SQLInputValue[][] = [];
    for (const write of writes) {
      if (write.document === null) continue;
      // Encoded before the transaction: other writers wait only for the writing itself.
      const row: SQLInputValue[] = [write.key, write.position, write.json ?? JSON.stringify(write.document)];
      for (const index of indexes) row.push(write.indexes[index] ?? null);
      rows.push(row);
    }
    this.write(() => {
      const insert = this.statement(
        `INSERT INTO ${tableOf(collection)} (key, position, document${indexes.map((i) => `, ${columnOf(i)}`).join('')}) VALUES (?, ?, ?${', ?'.repeat(indexes.length)})`,
      );
      for (const row of rows) insert.run(...row);
    });
  }

  async checkpoint(collection: string, partition: number): Promise<CheckpointWrite | undefined> {
    return translated(() => this.checkpointsOf(collection).find((c) => c.partition === partition));
  }

  async activeCollection(projection: string): Promise<CollectionState> {
    return translated(() => {
      const row = this.statement(
        `SELECT collection FROM generations WHERE projection = ? AND status = 'active'`,
      ).get(projection);
      const state = row && this.state(String(row.collection));
      if (state) return state;
      const any = this.statement('SELECT 1 FROM generations WHERE projection = ?').get(projection);
      throw noActiveGeneration(projection, any !== undefined);
    });
  }

  async collectionState(collection: string): Promise<CollectionState | undefined> {
    return translated(() => this.state(collection));
  }

  async get<Document>(collection: string, key: string): Promise<StoredDocument<Document> | undefined> {
    return translated(() => {
      const row = this.statement(
        `SELECT position, document FROM ${tableOf(this.known(collection))} WHERE key = ?`,
      ).get(key);
      return (
        row && {
          key,
          position: BigInt(row.position as number),
          document: JSON.parse(row.document as string) as Document,
        }
      );
    });
  }

  async query<Document>(collection: string, query: Query): Promise<readonly QueryRow<Document>[]> {
    return translated(() => {
      const sql = querySql(this.target(collection), query);
      return allRows(this.rows(sql.text), ...sql.values).map((row) => ({
        key: row[0] as string,
        position: BigInt(row[1] as number),
        document: JSON.parse(row[2] as string) as Document,
        values: row.slice(3) as IndexValue[],
      }));
    });
  }

  async group(collection: string, query: GroupQuery): Promise<readonly GroupRow[]> {
    return translated(() => {
      const sql = groupSql(this.target(collection), query);
      const groups = query.groupBy.length;
      return allRows(this.rows(sql.text), ...sql.values).map((row) => ({
        group: Object.fromEntries(query.groupBy.map((index, i) => [index, row[i] as IndexValue])),
        count: row[groups] as number,
        sums: Object.fromEntries((query.sum ?? []).map((index, i) => [index, row[groups + 1 + i] as number])),
      }));
    });
  }

  async count(collection: string, where?: readonly Condition[]): Promise<number> {
    return translated(() => this.countNow(collection, where));
  }

  async *scan(collection: string, pageSize = 1_000): AsyncIterable<readonly ScannedDocument[]> {
    let after = '';
    for (;;) {
      const page = translated(() => {
        const indexes = this.indexesOf(collection);
        const columns = indexes.map((index) => `, ${columnOf(index)}`).join('');
        const statement = this.rows(
          `SELECT key, position, document${columns} FROM ${tableOf(collection)} WHERE key > ? ORDER BY key LIMIT ?`,
        );
        return allRows(statement, after, pageSize).map((row) => ({
          key: row[0] as string,
          position: BigInt(row[1] as number),
          document: JSON.parse(row[2] as string) as object,
          indexes: Object.fromEntries(indexes.map((index, i) => [index, row[3 + i] as IndexValue])),
        }));
      });
      if (page.length > 0) yield page;
      if (page.length < pageSize) return;
      after = page.at(-1)!.key;
    }
  }

  inOneCommit<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.commits.then(async () => {
      translated(() => this.db.exec('BEGIN IMMEDIATE'));
      this.inCommit = true;
      try {
        const result = await work();
        translated(() => this.db.exec('COMMIT'));
        return result;
      } catch (error) {
        if (this.db.isTransaction) this.db.exec('ROLLBACK');
        this.collections.clear();
        throw error;
      } finally {
        this.inCommit = false;
      }
    });
    this.commits = turn.catch(() => undefined);
    return turn;
  }

  async close(): Promise<void> {
    await this.commits;
    this.statements.clear();
    if (this.db.isOpen) this.db.close();
  }

  async park(events: readonly ParkedEvent[]): Promise<void> {
    this.write(() => {
      const insert = this.statement(
        `INSERT INTO parked_events (collection, stream_id, position, projection, generation, owner, revision, event_id, event_type, reason, parked_at_ms, attempts)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (collection, stream_id, position) DO UPDATE SET reason = excluded.reason, attempts = excluded.attempts
         WHERE excluded.attempts > attempts`,
      );
      for (const e of events)
        insert.run(
          e.collection, e.streamId, e.position, e.projection, e.generation, e.owner, e.revision, e.eventId, e.eventType,
          e.reason, e.parkedAtMs, e.attempts,
        ); // prettier-ignore
    });
  }

  async parkedSequences(collection?: string): Promise<readonly ParkedSequence[]> {
    return translated(() =>
      this.statement(
        `SELECT p.*, s.events FROM parked_events p JOIN (
           SELECT collection AS c, stream_id AS o, min(position) AS head, count(*) AS events FROM parked_events
           WHERE ?1 IS NULL OR collection = ?1 GROUP BY collection, stream_id
         ) s ON p.collection = s.c AND p.stream_id = s.o AND p.position = s.head ORDER BY p.collection, p.position`,
      )
        .all(collection ?? null)
        .map((row) => {
          const head = parkedEventOf(row);
          const { projection, generation, streamId, owner } = head;
          return { collection: head.collection, projection, generation, streamId, owner, head, events: Number(row.events) };
        }),
    ); // prettier-ignore
  }

  async parkedEvents(collection: string, streamId: string): Promise<readonly ParkedEvent[]> {
    return translated(() =>
      this.statement('SELECT * FROM parked_events WHERE collection = ? AND stream_id = ? ORDER BY position')
        .all(collection, streamId)
        .map(parkedEventOf),
    );
  }

  async unpark(collection: string, streamId: string, belowPosition?: bigint): Promise<void> {
    this.write(() => {
      this.statement(
        'DELETE FROM parked_events WHERE collection = ?1 AND stream_id = ?2 AND (?3 IS NULL OR position < ?3)',
      ).run(collection, streamId, belowPosition ?? null);
    });
  }

  async requestRetry({ id, projection, owner, requestedAtMs }: RetryRequest): Promise<void> {
    this.write(() => {
      this.statement('DELETE FROM retry_requests WHERE requested_at_ms < ?').run(
        requestedAtMs - RETRY_REQUESTS_KEPT_MS,
      );
      this.statement('INSERT OR REPLACE INTO retry_requests VALUES (?, ?, ?, ?)').run(
        id,
        projection,
        owner ?? null,
        requestedAtMs,
      );
    });
  }

  async retryRequests(): Promise<readonly RetryRequest[]> {
    return translated(() =>
      this.statement('SELECT * FROM retry_requests ORDER BY requested_at_ms')
        .all()
        .map((row) => ({
          id: String(row.id),
          projection: String(row.projection),
          ...(row.owner === null ? {} : { owner: String(row.owner) }),
          requestedAtMs: Number(row.requested_at_ms),
        })),
    );
  }

  async acquireLease(name: string, holder: string, nowMs: number, ttlMs: number): Promise<LeaseAnswer> {
    return this.write(() => {
      const row = this.statement('SELECT * FROM leases WHERE name = ?').get(name);
      const current = row && leaseOf(row);
      if (current && current.expiresAtMs > nowMs) return { kind: 'held', by: current } as const;
      const lease: Lease = {
        name,
        holder,
        token: (current?.token ?? 0n) + 1n,
        expiresAtMs: nowMs + ttlMs,
      };
      this.statement('INSERT OR REPLACE INTO leases VALUES (?, ?, ?, ?)').run(
        name,
        holder,
        lease.token,
        lease.expiresAtMs,
      );
      return { kind: 'granted', lease } as const;
    });
  }

  async renewLease(lease: Lease, nowMs: number, ttlMs: number): Promise<boolean> {
    return this.write(
      () =>
        this.statement('UPDATE leases SET expires_at_ms = ? WHERE name = ? AND token = ?').run(
          nowMs + ttlMs,
          lease.name,
          lease.token,
        ).changes === 1,
    );
  }

  async holdsLease(lease: Lease): Promise<boolean> {
    return translated(
      () =>
        this.statement('SELECT 1 FROM leases WHERE name = ? AND token = ?').get(lease.name, lease.token) !==
        undefined,
    );
  }

  async releaseLease(lease: Lease): Promise<void> {
    // The row stays, expired: its token must never be given again.
    this.write(() =>
      this.statement('UPDATE leases SET expires_at_ms = 0 WHERE name = ? AND token = ?').run(
        lease.name,
        lease.token,
      ),
    );
  }

  async currentLease(name: string, nowMs: number): Promise<Lease | undefined> {
    return translated(() => {
      const row = this.statement('SELECT * FROM leases WHERE name = ? AND expires_at_ms > ?').get(
        name,
        nowMs,
      );
      return row && leaseOf(row);
    });
  }

  /** One transaction, or part of the commit that is open. */
  private write<T>(work: () => T): T {
    return translated(() => {
      if (this.inCommit) return work();
      this.db.exec('BEGIN IMMEDIATE');
      try {
        const result = work();
        this.db.exec('COMMIT');
        return result;
      } catch (error) {
        if (this.db.isTransaction) this.db.exec('ROLLBACK');
        this.collections.clear();
        throw error;
      }
    });
  }

  /** A file from before indexes could be left unsorted. */
  private upgrade(): void {
    const columns = this.db.prepare(`SELECT name FROM pragma_table_info('generations')`).all();
    if (columns.some(({ name }) => name === 'sorted_by')) return;
    this.db.exec(`ALTER TABLE generations ADD COLUMN sorted_by TEXT NOT NULL DEFAULT '[]';
      UPDATE generations SET sorted_by = indexes`);
  }

  private buildIndexes(collection: string): void {
    for (const index of this.target(collection).sortedBy)
      this.db.exec(
        `CREATE INDEX IF NOT EXISTS "${collection}__${index}" ON ${tableOf(collection)} (${columnOf(index)}, key)`,
      );
  }

  private state(collection: string): CollectionState | undefined {
    const row = this.statement('SELECT * FROM generations WHERE collection = ?').get(collection);
    if (!row) return undefined;
    return {
      collection,
      projection: String(row.projection),
      version: Number(row.version),
      generation: Number(row.generation),
      indexes: JSON.parse(String(row.indexes)) as string[],
      sortedBy: JSON.parse(String(row.sorted_by)) as string[],
      status: row.status as GenerationStatus,
      checkpoints: this.checkpointsOf(collection),
    };
  }

  private checkpointsOf(collection: string): CheckpointWrite[] {
    return this.statement('SELECT * FROM checkpoints WHERE collection = ? ORDER BY partition')
      .all(collection)
      .map((row) => ({
        partition: Number(row.partition),
        checkpoint: String(row.checkpoint),
        through: BigInt(row.through as number),
      }));
  }

  private writeCheckpoint(collection: string, checkpoint: CheckpointWrite): void {
    this.statement(
      `INSERT INTO checkpoints VALUES (?, ?, ?, ?) ON CONFLICT (collection, partition)
       DO UPDATE SET checkpoint = excluded.checkpoint, through = excluded.through WHERE excluded.through >= through`,
    ).run(collection, checkpoint.partition, checkpoint.checkpoint, checkpoint.through);
  }

  private countNow(collection: string, where: readonly Condition[] | undefined): number {
    const sql = countSql(this.target(collection), where);
    return allRows(this.rows(sql.text), ...sql.values)[0]![0] as number;
  }

  /** An existing collection with its index names. A generation's indexes never change, so they are remembered. */
  private target(collection: string): Target {
    const remembered = this.collections.get(collection);
    if (remembered) return remembered;
    const state = this.state(collection);
    if (!state) throw new RapportError('UNKNOWN_PROJECTION', `there is no collection ${collection}`);
    const { indexes, sortedBy } = state;
    const target = { collection, indexes, sortedBy };
    this.collections.set(collection, target);
    return target;
  }

  private indexesOf(collection: string): readonly string[] {
    return this.target(collection).indexes;
  }

  /** The name, once known to be one of ours: it goes into SQL text. */
  private known(collection: string): string {
    this.indexesOf(collection);
    return collection;
  }

  private forgetCollection(collection: string): void {
    this.collections.delete(collection);
    const table = tableOf(collection);
    for (const text of this.statements.keys()) if (text.includes(table)) this.statements.delete(text);
  }

  private statement(text: string): StatementSync {
    let statement = this.statements.get(text);
    if (!statement) {
      if (this.statements.size >= MAX_STATEMENTS) this.statements.clear();
      statement = this.db.prepare(text);
      this.statements.set(text, statement);
    }
    return statement;
  }

  /** A statement whose rows come as arrays: cheaper than objects. Kept apart by its comment. */
  private rows(text: string): StatementSync {
    const statement = this.statement(`${text} /* arrays */`);
    statement.setReturnArrays(true);
    return statement;
  }
}

const allRows = (statement: StatementSync, ...values: SQLInputValue[]): unknown[][] =>
  statement.all(...values) as unknown as unknown[][];

const leaseOf = (row: Record<string, unknown>): Lease => ({
  name: String(row.name),
  holder: String(row.holder),
  token: BigInt(row.token as number),
  expiresAtMs: Number(row.expires_at_ms),
});

const parkedEventOf = (row: Record<string, unknown>): ParkedEvent => ({
  collection: String(row.collection),
  projection: String(row.projection),
  generation: Number(row.generation),
  streamId: String(row.stream_id),
  owner: String(row.owner),
  position: BigInt(row.position as number),
  revision: BigInt(row.revision as number),
  eventId: String(row.event_id),
  eventType: String(row.event_type),
  reason: String(row.reason),
  parkedAtMs: Number(row.parked_at_ms),
  attempts: Number(row.attempts),
});

/** Why a projection has no active generation. */
function noActiveGeneration(projection: string, isFilling: boolean): RapportError {
  return isFilling
    ? new RapportError('UNAVAILABLE', `${projection} is being filled for the first time`, { retryAfterS: 1 })
    : new RapportError('UNKNOWN_PROJECTION', `there is no read model ${projection}`);
}

/** SQLite's primary result codes, as https://sqlite.org/rescode.html names them. */
const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;
const SQLITE_IOERR = 10;
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_CANTOPEN = 14;
const SQLITE_PROTOCOL = 15;
const SQLITE_SCHEMA = 17;
const SQLITE_NOTADB = 26;

function translated<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { errcode, message } = error as { errcode?: number; message?: string };
    if (errcode === undefined) throw error;
    const code = errcode & 0xff;
    if (code === SQLITE_FULL) throw new RapportError('STORAGE_FULL', 'the disk of the read models is full');
    // PROTOCOL and SCHEMA: two connections met where only trying again helps.
    if (code === SQLITE_BUSY || code === SQLITE_LOCKED || code === SQLITE_PROTOCOL || code === SQLITE_SCHEMA)
      throw new RapportError('UNAVAILABLE', 'another writer holds the read models', { retryAfterS: 1 });
    if (code === SQLITE_CORRUPT || code === SQLITE_NOTADB)
      throw new RapportError(
        'UNAVAILABLE',
        'the read models are damaged: remove read-models.db and let them be rebuilt from the log',
      );
    if (code === SQLITE_IOERR || code === SQLITE_CANTOPEN)
      throw new RapportError('UNAVAILABLE', 'the read models cannot be read or written', { retryAfterS: 1 });
    if (message?.startsWith('no such table') === true)
      throw new RapportError('UNKNOWN_PROJECTION', 'the generation was dropped');
    throw error;
  }
}
