import { join } from 'node:path';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { isoOf, RapportError, type RecordedEvent } from '@rapport/contracts';
import type { Clock } from '@rapport/runtime';
import type { CommandIndex } from '../command-index.port.js';
import {
  START,
  type AppendRequest,
  type AppendResult,
  type Checkpoint,
  type EventStore,
  type EventStoreReader,
  type IndexedCommand,
  type LogHead,
  type LogPage,
  type ReadAllOptions,
  type ReadStreamOptions,
} from '../event-store.port.js';
import type {
  IdentifierIndex,
  IdentifierIndexMaintenance,
  PlacedIdentifierChanges,
} from '../identifier-index.port.js';
import { CommitSignal } from '../log-subscription.js';
import type { Snapshot, SnapshotStore } from '../snapshot-store.port.js';
import { upcastToLatest, type Upcast } from '../codec/upcast.js';
import { migrate, openDatabase } from './connection.adapter.js';
import { CopyBack, type CopyBackOptions } from './copy-back.adapter.js';
import { DurablePosition } from './durable-position.js';
import { writeBody } from './event-body.js';
import { GroupCommit, type DiskFlush } from './group-commit.adapter.js';
import { IdentifierRows } from './identifier-rows.adapter.js';
import {
  checksumOf,
  commandEntryOf,
  guarded,
  SqliteLogReader,
  streamName,
  type StreamName,
} from './log-reader.adapter.js';
import { lockFolder, type OwnerLock } from './owner-lock.adapter.js';
import { EVENTS_SCHEMA, EVENTS_SCHEMA_VERSION } from './schema.js';
import { WriteAheadLog } from './write-ahead-log.adapter.js';

export const EVENTS_FILE = 'events.db';

/** Events a page holds unless told: large enough that a page costs little, small enough that a thread is not held long. */
const PAGE_SIZE = 2_000;
/** Streams whose last revision is kept at hand: about 25 MB when full. */
const MAX_HOT_STREAMS = 100_000;
/** A reader of another connection looks for news after 1 ms, then ever later up to this. */
const MAX_POLL_MS = 20;

interface HotStream {
  stream: StreamName | undefined;
  revision: number;
}

/** What every connection to `events.db` can do: read. */
class SqliteLog {
  protected readonly reader: SqliteLogReader;
  protected readonly identifiers: IdentifierRows;
  protected readonly signal = new CommitSignal();
  protected closed = false;
  private readonly snapshotStatement: StatementSync;

  protected constructor(
    protected readonly database: DatabaseSync,
    upcast: Upcast,
    private readonly polls: boolean,
  ) {
    this.reader = new SqliteLogReader(database, upcast);
    this.identifiers = new IdentifierRows(database);
    this.snapshotStatement = database.prepare(
      'SELECT revision, checksum, state FROM snapshots WHERE stream = ? AND schema_version = ?',
    );
  }

  protected headPosition(): number {
    return this.reader.headPosition();
  }

  async readStream(streamId: string, options: ReadStreamOptions = {}): Promise<readonly RecordedEvent[]> {
    this.assertOpen();
    return this.durableOf(this.reader.stream(streamId, options));
  }

  /** Those that are on the disk. */
  protected async durableOf(events: readonly RecordedEvent[]): Promise<readonly RecordedEvent[]> {
    return events;
  }

  async *readAll(options: ReadAllOptions = {}): AsyncGenerator<LogPage> {
    this.assertOpen();
    const through = Math.min(throughOf(options), this.headPosition());
    let after = positionOf(options.after);
    while (after < through) {
      const page = this.page(after, through, options);
      yield page;
      after = Number(page.through);
      // Lets other work of the thread run between pages of a long scan.
      await new Promise((resolve) => setImmediate(resolve));
      this.assertOpen();
    }
  }

  async *subscribeAll(options: ReadAllOptions & { readonly signal: AbortSignal }): AsyncGenerator<LogPage> {
    const last = throughOf(options);
    let after = positionOf(options.after);
    let pollMs = 1;
    while (!options.signal.aborted && !this.closed && after < last) {
      const head = this.headPosition();
      if (head > after) {
        const page = this.page(after, Math.min(head, last), options);
        pollMs = 1;
        yield page;
        after = Number(page.through);
        await new Promise((resolve) => setImmediate(resolve));
      } else {
        const delayMs = pollMs;
        pollMs = Math.min(pollMs * 2, MAX_POLL_MS);
        await this.signal.wait(options.signal, this.polls ? (wake) => wakeAfter(delayMs, wake) : undefined);
      }
    }
  }

  async head(): Promise<LogHead> {
    this.assertOpen();
    const position = BigInt(this.headPosition());
    return { position, events: position };
  }

  checkpointAt(position: bigint): Checkpoint {
    return position <= 0n ? START : position.toString();
  }

  checkpointBefore(position: bigint): Checkpoint {
    return this.checkpointAt(position - 1n);
  }

  async find(streamId: string, commandKey: string): Promise<IndexedCommand | undefined> {
    this.assertOpen();
    return guarded(() => {
      const stream = this.reader.streamNamed(streamId);
      return stream && this.reader.command(stream, commandKey);
    });
  }

  async watermark(): Promise<undefined> {
    this.assertOpen();
    return undefined;
  }

  async customersWithIdentifier(hash: string): Promise<readonly string[]> {
    this.assertOpen();
    return guarded(() => this.identifiers.customersWithIdentifier(hash));
  }

  async sharedHashes(page: { readonly afterHash?: string; readonly limit: number }) {
    this.assertOpen();
    return guarded(() => this.identifiers.sharedHashes(page.afterHash, page.limit));
  }

  async customersWithNameWords(
    hashes: readonly string[],
    page: { readonly afterCustomerId?: string; readonly limit: number },
  ): Promise<readonly string[]> {
    this.assertOpen();
    return guarded(() => this.identifiers.customersWithNameWords(hashes, page.afterCustomerId, page.limit));
  }

  async erasedCustomers(): Promise<readonly string[]> {
    this.assertOpen();
    return guarded(() => this.identifiers.erasedCustomers());
  }

  async load(streamId: string, stateSchemaVersion: number): Promise<Snapshot | undefined> {
    this.assertOpen();
    const row = guarded(() => this.snapshotStatement.get(streamId, stateSchemaVersion));
    // A cache that fails its checksum is no cache: the log is folded instead.
    if (row === undefined || crc32(row.state as string) !== row.checksum) return undefined;
    return {
      streamId,
      revision: BigInt(row.revision as number),
      stateSchemaVersion,
      state: JSON.parse(row.state as string) as unknown,
    };
  }

  protected assertOpen(): void {
    if (this.closed) throw new RapportError('UNAVAILABLE', 'The store is closed.');
  }

  private page(after: number, through: number, options: ReadAllOptions): LogPage {
    const limit = options.pageSize ?? PAGE_SIZE;
    const { events, complete } = this.reader.page(after, through, limit, options.accept);
    if (complete === after)
      throw new RapportError('CORRUPT_EVENT', `The event at position ${after + 1} is missing.`);
    return { events, checkpoint: String(complete), through: BigInt(complete) };
  }
}

const wakeAfter = (delayMs: number, wake: () => void): (() => void) => {
  const timer = setTimeout(wake, delayMs);
  return () => clearTimeout(timer);
};

const positionOf = (checkpoint: Checkpoint | undefined): number => {
  if (checkpoint === undefined || checkpoint === START) return 0;
  const position = Number(checkpoint);
  if (!Number.isSafeInteger(position) || position < 0)
    throw new RapportError('INTERNAL', 'The checkpoint was not made by this store.');
  return position;
};

const throughOf = (options: ReadAllOptions): number =>
  options.throughPosition === undefined ? Number.MAX_SAFE_INTEGER : Number(options.throughPosition);

/** Read-only view of the log with a connection of its own: for worker threads and the command line. */
export class SqliteEventStoreReader
  extends SqliteLog
  implements EventStoreReader, CommandIndex, IdentifierIndex
{
  private readonly durable: DurablePosition | undefined;

  constructor(folder: string, { upcast = upcastToLatest, durable }: SqliteReaderOptions) {
    super(openDatabase(join(folder, EVENTS_FILE), { readOnly: true }), upcast, true);
    this.durable = durable && new DurablePosition(durable);
  }

  protected override headPosition(): number {
    const committed = super.headPosition();
    return this.durable ? Math.min(committed, this.durable.get()) : committed;
  }

  protected override async durableOf(events: readonly RecordedEvent[]): Promise<readonly RecordedEvent[]> {
    const through = this.durable?.get();
    return through === undefined ? events : events.filter(({ position }) => position <= through);
  }

  notify(): void {
    this.signal.notify();
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.signal.notify();
    this.database.close();
  }
}

export interface SqliteReaderOptions {
  readonly upcast?: Upcast;
  /** `durable` of the writer, for who keeps what is made from the events. Absent: everything committed is read. */
  readonly durable?: SharedArrayBuffer;
}

export interface SqliteEventStoreOptions {
  readonly folder: string;
  readonly clock: Clock;
  readonly upcast?: Upcast;
  /** Called after each commit with the position the log is then complete to: to wake readers in other threads. */
  readonly onCommitted?: (position: bigint) => void;
  /** Appends per transaction at most; default 1,000. */
  readonly maxPerTransaction?: number;
  /** How commits get to the disk; default: the write-ahead log of the database is synced. */
  readonly flush?: DiskFlush;
  /** For who serves while the log grows. Absent: commits copy the write-ahead log back. */
  readonly copyBack?: CopyBackOptions;
}

/** The log, its indexes and snapshots in `events.db`; one writer per folder. */
export class SqliteEventStore
  extends SqliteLog
  implements EventStore, CommandIndex, IdentifierIndex, IdentifierIndexMaintenance, SnapshotStore
{
  private readonly clock: Clock;
  private readonly commits: GroupCommit;
  private readonly hot = new Map<string, HotStream>();
  private position: number;
  private readonly durablePosition = new DurablePosition();
  private readonly copyBack: CopyBack | undefined;
  private readonly insertEvent: StatementSync;
  private readonly insertEntry: StatementSync;
  private readonly insertStream: StatementSync;
  private readonly saveSnapshot: StatementSync;

  constructor(
    options: SqliteEventStoreOptions,
    database: DatabaseSync,
    private readonly lock: OwnerLock,
    private readonly log: WriteAheadLog,
  ) {
    super(database, options.upcast ?? upcastToLatest, false);
    this.clock = options.clock;
    this.position = this.reader.headPosition();
    this.durablePosition.set(this.position);
    this.insertEvent = database.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?)');
    this.insertEntry = database.prepare('INSERT INTO stream_index VALUES (?, ?, ?) ON CONFLICT DO NOTHING');
    this.insertStream = database.prepare('INSERT INTO streams (name) VALUES (?)');
    this.saveSnapshot = database.prepare(
      `INSERT INTO snapshots VALUES (?, ?, ?, ?, ?) ON CONFLICT (stream) DO UPDATE SET revision = excluded.revision,
         schema_version = excluded.schema_version, checksum = excluded.checksum, state = excluded.state
       WHERE excluded.schema_version <> schema_version OR excluded.revision > revision`,
    );
    this.copyBack =
      options.copyBack && new CopyBack(database, join(options.folder, EVENTS_FILE), options.copyBack);
    this.commits = new GroupCommit(database, {
      maxPerTransaction: options.maxPerTransaction,
      flush: options.flush ?? log,
      onRollback: () => {
        this.hot.clear();
        this.position = this.durablePosition.get();
      },
      onCommitted: () => {
        this.copyBack?.committed();
        if (this.position === this.durablePosition.get()) return;
        this.durablePosition.set(this.position);
        this.signal.notify();
        options.onCommitted?.(BigInt(this.position));
      },
    });
  }

  /** Why nothing is recorded any more until the log is opened again, if so. */
  get trouble(): Error | undefined {
    return this.commits.trouble;
  }

  /** For readers in other threads: the position up to which the log is on the disk. */
  get durable(): SharedArrayBuffer {
    return this.durablePosition.shared;
  }

  protected override headPosition(): number {
    return this.durablePosition.get();
  }

  /** What this process has committed and decides on: waits until it is on the disk. */
  protected override async durableOf(events: readonly RecordedEvent[]): Promise<readonly RecordedEvent[]> {
    // Positions rise or fall along a stream: the newest is at one end.
    await this.onDisk(events[0]);
    await this.onDisk(events.at(-1));
    return events;
  }

  override async find(streamId: string, commandKey: string): Promise<IndexedCommand | undefined> {
    const found = await super.find(streamId, commandKey);
    await this.onDisk(found);
    return found;
  }

  private async onDisk(recorded: { readonly position: bigint } | undefined): Promise<void> {
    if (recorded && recorded.position > this.durablePosition.get()) await this.commits.settled();
  }

  async append(request: AppendRequest): Promise<AppendResult> {
    const { events, streamId } = request;
    if (
      events.length === 0 ||
      (events.length > 1 && new Set(events.map((e) => e.eventId)).size < events.length)
    )
      throw new RapportError('INTERNAL', 'An append needs events with distinct ids.');
    const recordedAt = isoOf(this.clock.nowMs());
    const bodies = events.map((event, i) =>
      writeBody(streamId, event, recordedAt, i === 0 ? request.command : undefined, events.length),
    );
    return this.commits.submit(() => this.carryOut(request, bodies, recordedAt));
  }

  async save(snapshot: Snapshot): Promise<void> {
    // Serialised before the first await: the caller goes on changing the state.
    const state = JSON.stringify(snapshot.state);
    await this.commits.submit(() => {
      this.saveSnapshot.run(
        snapshot.streamId,
        Number(snapshot.revision),
        snapshot.stateSchemaVersion,
        crc32(state),
        state,
      );
    });
  }

  async dropAll(): Promise<void> {
    await this.commits.submit(() => this.database.exec('DELETE FROM snapshots'));
  }

  async clearIdentifiers(): Promise<void> {
    await this.commits.submit(() => this.identifiers.clear());
  }

  async applyIdentifierChanges(changes: readonly PlacedIdentifierChanges[]): Promise<void> {
    await this.commits.submit(() => {
      for (const change of changes) this.identifiers.apply(change, Number(change.position));
    });
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.commits.close();
    await this.copyBack?.close();
    this.signal.notify();
    this.log.close();
    this.database.close();
    this.lock.release();
  }

  /** One append inside the transaction. Writes nothing unless it answers `appended`. */
  private carryOut(request: AppendRequest, bodies: readonly string[], recordedAt: string): AppendResult {
    const hot = this.hotStream(request.streamId);
    const expected = Number(request.expectedRevision);
    if (expected !== hot.revision) return this.notAtExpected(request, hot, expected);

    const stream = (hot.stream ??= streamName(
      Number(this.insertStream.run(request.streamId).lastInsertRowid),
      request.streamId,
    ));
    if (request.command !== undefined) {
      // The insert is the check: a free entry costs no look-up before it.
      let entry = commandEntryOf(request.command.commandKey);
      while (Number(this.insertEntry.run(stream.id, entry, this.position + 1).changes) === 0) {
        const known = this.reader.command(stream, request.command.commandKey);
        if (known !== undefined) return { kind: 'duplicateCommand', entry: known };
        entry--;
      }
    }
    for (const body of bodies) {
      const revision = ++hot.revision;
      const position = ++this.position;
      this.insertEvent.run(position, stream.id, revision, checksumOf(stream, revision, body), body);
      if (Number(this.insertEntry.run(stream.id, revision, position).changes) === 0)
        throw new RapportError('UNAVAILABLE', 'The stream was written by somebody else.');
    }
    if (request.identifiers !== undefined) this.identifiers.apply(request.identifiers, this.position);
    return {
      kind: 'appended',
      revision: BigInt(hot.revision),
      position: BigInt(this.position),
      recordedAt,
      idempotent: false,
    };
  }

  private notAtExpected(request: AppendRequest, hot: HotStream, expected: number): AppendResult {
    const count = request.events.length;
    if (hot.stream !== undefined) {
      if (expected >= -1 && expected + count <= hot.revision) {
        const written = this.reader.written(hot.stream, expected + 1, count);
        const last = written?.at(-1);
        if (last !== undefined && written!.every((event, i) => event.eventId === request.events[i]!.eventId))
          return {
            kind: 'appended',
            revision: BigInt(expected + count),
            position: BigInt(last.position),
            recordedAt: last.recordedAt,
            idempotent: true,
          };
      }
      const known = request.command && this.reader.command(hot.stream, request.command.commandKey);
      if (known !== undefined) return { kind: 'duplicateCommand', entry: known };
    }
    return { kind: 'conflict', currentRevision: BigInt(hot.revision) };
  }

  private hotStream(name: string): HotStream {
    const known = this.hot.get(name);
    if (known !== undefined) return known;
    const stream = this.reader.streamNamed(name);
    const hot = { stream, revision: stream === undefined ? -1 : this.reader.lastRevisionOf(stream) };
    if (this.hot.size >= MAX_HOT_STREAMS) this.hot.delete(this.hot.keys().next().value!);
    this.hot.set(name, hot);
    return hot;
  }
}

/**
 * Opens (or creates) the log of a data folder as its one writer. Reads only the newest position, so the time it takes
 * does not grow with the log. Throws STORE_LOCKED, UNAVAILABLE, CORRUPT_EVENT.
 */
export function openSqliteEventStore(options: SqliteEventStoreOptions): SqliteEventStore {
  const lock = lockFolder(options.folder);
  const file = join(options.folder, EVENTS_FILE);
  const log = new WriteAheadLog(file);
  let database: DatabaseSync | undefined;
  try {
    database = openDatabase(file, { isFlushedByOwner: true });
    const opened = database;
    guarded(() => migrate(opened, EVENTS_SCHEMA_VERSION, EVENTS_SCHEMA));
    guarded(() => log.flushRemains());
    return guarded(() => new SqliteEventStore(options, opened, lock, log));
  } catch (error) {
    log.close();
    database?.close();
    lock.release();
    throw error;
  }
}

/** Opens the log of a data folder to read it, beside its writer or without one. Throws UNAVAILABLE when there is none. */
export function openSqliteEventStoreReader(
  folder: string,
  options: SqliteReaderOptions = {},
): SqliteEventStoreReader {
  return guarded(() => new SqliteEventStoreReader(folder, options));
}
