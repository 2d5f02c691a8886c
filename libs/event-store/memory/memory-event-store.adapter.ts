import { isoOf, RapportError, type RecordedEvent } from '@rapport/contracts';
import type { Clock } from '@rapport/runtime';
import type { CommandIndex } from '../command-index.port.js';
import { erasedBy } from '../identifiers/erased-by.js';
import { matchKeysOf } from '../identifiers/match-keys.js';
import { upcastToLatest, type Upcast } from '../codec/upcast.js';
import {
  START,
  type AppendRequest,
  type AppendResult,
  type Checkpoint,
  type EventStore,
  type EventStoreReader,
  type IdentifierChanges,
  type IdentifierEntry,
  type IndexedCommand,
  type LogHead,
  type LogPage,
  type MatchDetail,
  type ReadAllOptions,
  type ReadStreamOptions,
} from '../event-store.port.js';
import type {
  IdentifierIndex,
  IdentifierIndexMaintenance,
  PlacedIdentifierChanges,
  SharedHash,
} from '../identifier-index.port.js';
import { withCommand } from '../logged-commands.js';
import { CommitSignal } from '../log-subscription.js';
import type { Snapshot, SnapshotStore } from '../snapshot-store.port.js';

const PAGE_SIZE = 2_000;
const HEX_BYTES = /^(?:[0-9a-f]{2})+$/;

/** JSON text, so that nobody who reads or wrote an event can change what the log holds. */
interface StoredEvent {
  readonly streamId: string;
  readonly revision: number;
  readonly type: string;
  readonly schemaVersion: number;
  readonly eventId: string;
  readonly data: string;
  readonly metadata: string;
  readonly recordedAt: string;
}

export interface MemoryEventStoreOptions {
  readonly upcast?: Upcast;
  /** As on EventStoreDB: no command index in the store, events carry what one is fed from. Default false. */
  readonly carriesCommands?: boolean;
}

/** The log, its indexes and snapshots in memory: the same promises as on disk, except surviving the process. */
export class MemoryEventStore
  implements
    EventStore,
    EventStoreReader,
    CommandIndex,
    IdentifierIndex,
    IdentifierIndexMaintenance,
    SnapshotStore
{
  private readonly log: StoredEvent[] = [];
  private readonly streams = new Map<string, number[]>();
  private readonly commands = new Map<string, IndexedCommand>();
  private readonly identifiers = new Map<string, Set<string>>();
  private readonly nameWords = new Map<string, Set<string>>();
  private readonly details = new Map<string, { [Detail in MatchDetail]?: string }>();
  private readonly erased = new Set<string>();
  private readonly snapshots = new Map<string, { snapshot: Snapshot; state: string }>();
  private readonly signal = new CommitSignal();
  private readonly upcast: Upcast;
  private closed = false;

  constructor(
    private readonly clock: Clock,
    private readonly options: MemoryEventStoreOptions = {},
  ) {
    this.upcast = options.upcast ?? upcastToLatest;
  }

  async append(request: AppendRequest): Promise<AppendResult> {
    this.assertOpen();
    const { streamId } = request;
    const { carriesCommands = false } = this.options;
    const events = carriesCommands ? withCommand(request.events, request.command) : request.events;
    const command = carriesCommands ? undefined : request.command;
    if (events.length === 0 || new Set(events.map((e) => e.eventId)).size < events.length)
      throw new RapportError('INTERNAL', 'An append needs events with distinct ids.');
    const positions = this.streams.get(streamId) ?? [];
    const expected = Number(request.expectedRevision);
    const current = positions.length - 1;
    const commandKey = command && JSON.stringify([streamId, command.commandKey]);
    const known = commandKey === undefined ? undefined : this.commands.get(commandKey);
    if (expected !== current) {
      const written = positions
        .slice(expected + 1, expected + 1 + events.length)
        .map((p) => this.log[p - 1]!);
      const isRetry =
        expected >= -1 &&
        written.length === events.length &&
        written.every((e, i) => e.eventId === events[i]!.eventId);
      if (isRetry)
        return {
          kind: 'appended',
          revision: BigInt(expected + events.length),
          position: BigInt(positions[expected + events.length]!),
          recordedAt: written.at(-1)!.recordedAt,
          idempotent: true,
        };
      if (known !== undefined) return { kind: 'duplicateCommand', entry: known };
      return { kind: 'conflict', currentRevision: BigInt(current) };
    }
    if (known !== undefined) return { kind: 'duplicateCommand', entry: known };

    const changes = request.identifiers;
    if ([...(changes?.add ?? []), ...(changes?.remove ?? [])].some(({ hash }) => !HEX_BYTES.test(hash)))
      throw new RapportError('INTERNAL', 'An identifier hash is not hexadecimal.');
    const recordedAt = isoOf(this.clock.nowMs());
    const stored = events.map((event, i): StoredEvent => ({
      streamId,
      revision: current + 1 + i,
      type: event.type,
      schemaVersion: event.schemaVersion,
      eventId: event.eventId,
      data: JSON.stringify(event.data),
      metadata: JSON.stringify({ ...event.metadata, recordedAt }),
      recordedAt,
    }));
    for (const event of stored) {
      this.log.push(event);
      positions.push(this.log.length);
    }
    this.streams.set(streamId, positions);
    if (changes !== undefined) this.applyChanges(changes);
    if (command !== undefined)
      this.commands.set(commandKey!, {
        streamId,
        commandKey: command.commandKey,
        requestHash: command.requestHash,
        firstRevision: BigInt(current + 1),
        lastRevision: BigInt(current + events.length),
        position: BigInt(this.log.length),
        ...(command.refusal ? { refusal: structuredClone(command.refusal) } : {}),
      });
    this.signal.notify();
    return {
      kind: 'appended',
      revision: BigInt(current + events.length),
      position: BigInt(this.log.length),
      recordedAt,
      idempotent: false,
    };
  }

  async readStream(streamId: string, options: ReadStreamOptions = {}): Promise<readonly RecordedEvent[]> {
    this.assertOpen();
    const positions = this.streams.get(streamId) ?? [];
    const from = options.fromRevision === undefined ? undefined : Number(options.fromRevision);
    const chosen =
      options.direction === 'backward'
        ? positions.slice(0, from === undefined ? undefined : Math.max(0, from + 1)).reverse()
        : positions.slice(Math.max(0, from ?? 0));
    return chosen.slice(0, options.maxCount).map((position) => this.eventAt(position));
  }

  async *readAll(options: ReadAllOptions = {}): AsyncGenerator<LogPage> {
    this.assertOpen();
    const through = Math.min(throughOf(options), this.log.length);
    let after = positionOf(options.after);
    while (after < through) {
      const page = this.page(after, through, options);
      yield page;
      after = Number(page.through);
      this.assertOpen();
    }
  }

  async *subscribeAll(options: ReadAllOptions & { readonly signal: AbortSignal }): AsyncGenerator<LogPage> {
    const last = throughOf(options);
    let after = positionOf(options.after);
    while (!options.signal.aborted && !this.closed && after < last) {
      if (this.log.length > after) {
        const page = this.page(after, Math.min(this.log.length, last), options);
        yield page;
        after = Number(page.through);
      } else {
        await this.signal.wait(options.signal);
      }
    }
  }

  async head(): Promise<LogHead> {
    this.assertOpen();
    return { position: BigInt(this.log.length), events: BigInt(this.log.length) };
  }

  checkpointAt(position: bigint): Checkpoint {
    return position <= 0n ? START : position.toString();
  }

  checkpointBefore(position: bigint): Checkpoint {
    return this.checkpointAt(position - 1n);
  }

  notify(): void {
    this.signal.notify();
  }

  async find(streamId: string, commandKey: string): Promise<IndexedCommand | undefined> {
    this.assertOpen();
    return this.commands.get(JSON.stringify([streamId, commandKey]));
  }

  async watermark(): Promise<undefined> {
    this.assertOpen();
    return undefined;
  }

  async customersWithIdentifier(hash: string): Promise<readonly string[]> {
    this.assertOpen();
    return [...(this.identifiers.get(hash) ?? [])];
  }

  async sharedHashes(page: { readonly afterHash?: string; readonly limit: number }) {
    this.assertOpen();
    const byMatchKey = new Map<string, Set<string>>();
    for (const [customerId, details] of this.details)
      for (const key of matchKeysOf(details))
        byMatchKey.set(key, (byMatchKey.get(key) ?? new Set()).add(customerId));
    const shared = (rows: ReadonlyMap<string, ReadonlySet<string>>, kind: SharedHash['kind']): SharedHash[] =>
      [...rows]
        .filter(([hash, customers]) => customers.size > 1 && hash > (page.afterHash ?? ''))
        .map(([hash, customers]) => ({ hash, kind, customerIds: [...customers].sort() }));
    return [...shared(this.identifiers, 'identifier'), ...shared(byMatchKey, 'matchKey')]
      .sort((a, b) => (a.hash < b.hash ? -1 : 1))
      .slice(0, page.limit);
  }

  async customersWithNameWords(
    hashes: readonly string[],
    page: { readonly afterCustomerId?: string; readonly limit: number },
  ): Promise<readonly string[]> {
    this.assertOpen();
    const [first, ...rest] = hashes.map((hash) => this.nameWords.get(hash) ?? new Set<string>());
    if (first === undefined) return [];
    return [...first]
      .filter((id) => rest.every((set) => set.has(id)))
      .filter((id) => page.afterCustomerId === undefined || id > page.afterCustomerId)
      .sort()
      .slice(0, page.limit);
  }

  async erasedCustomers(): Promise<readonly string[]> {
    this.assertOpen();
    return [...this.erased].sort();
  }

  async clearIdentifiers(): Promise<void> {
    this.assertOpen();
    this.identifiers.clear();
    this.nameWords.clear();
    this.details.clear();
    this.erased.clear();
  }

  async applyIdentifierChanges(changes: readonly PlacedIdentifierChanges[]): Promise<void> {
    this.assertOpen();
    for (const change of changes) this.applyChanges(change);
  }

  async load(streamId: string, stateSchemaVersion: number): Promise<Snapshot | undefined> {
    this.assertOpen();
    const saved = this.snapshots.get(streamId);
    if (saved === undefined || saved.snapshot.stateSchemaVersion !== stateSchemaVersion) return undefined;
    return { ...saved.snapshot, state: JSON.parse(saved.state) as unknown };
  }

  async save(snapshot: Snapshot): Promise<void> {
    this.assertOpen();
    const known = this.snapshots.get(snapshot.streamId)?.snapshot;
    if (known?.stateSchemaVersion === snapshot.stateSchemaVersion && known.revision >= snapshot.revision)
      return;
    this.snapshots.set(snapshot.streamId, { snapshot, state: JSON.stringify(snapshot.state) });
  }

  async dropAll(): Promise<void> {
    this.assertOpen();
    this.snapshots.clear();
  }

  async close(): Promise<void> {
    this.closed = true;
    this.signal.notify();
  }

  private assertOpen(): void {
    if (this.closed) throw new RapportError('UNAVAILABLE', 'The store is closed.');
  }

  private page(after: number, through: number, options: ReadAllOptions): LogPage {
    const complete = Math.min(through, after + (options.pageSize ?? PAGE_SIZE));
    const events: RecordedEvent[] = [];
    for (let position = after + 1; position <= complete; position++) {
      const { streamId, type } = this.log[position - 1]!;
      if (options.accept?.(streamId, type) ?? true) events.push(this.eventAt(position));
    }
    return { events, checkpoint: String(complete), through: BigInt(complete) };
  }

  private eventAt(position: number): RecordedEvent {
    const stored = this.log[position - 1]!;
    const latest = this.upcast(
      stored.type,
      stored.schemaVersion,
      JSON.parse(stored.data) as Record<string, unknown>,
    );
    return {
      eventId: stored.eventId,
      type: stored.type,
      schemaVersion: latest.schemaVersion,
      streamId: stored.streamId,
      revision: BigInt(stored.revision),
      position: BigInt(position),
      data: latest.data,
      metadata: JSON.parse(stored.metadata) as RecordedEvent['metadata'],
    };
  }

  private rowsOf(kind: IdentifierEntry['kind']): Map<string, Set<string>> {
    return kind === 'identifier' ? this.identifiers : this.nameWords;
  }

  private applyChanges(changes: IdentifierChanges): void {
    const removeEverywhere = (rows: Map<string, Set<string>>, customerId: string): void => {
      for (const customers of rows.values()) customers.delete(customerId);
    };
    for (const customerId of erasedBy(changes)) {
      removeEverywhere(this.identifiers, customerId);
      removeEverywhere(this.nameWords, customerId);
      this.details.delete(customerId);
      this.erased.add(customerId);
    }
    if (changes.removeNameWordsOf !== undefined) removeEverywhere(this.nameWords, changes.removeNameWordsOf);
    for (const { hash, kind, customerId } of changes.remove ?? [])
      this.rowsOf(kind).get(hash)?.delete(customerId);
    for (const { hash, kind, customerId } of changes.add ?? []) {
      const rows = this.rowsOf(kind);
      const customers = rows.get(hash) ?? new Set();
      rows.set(hash, customers.add(customerId));
    }
    for (const { customerId, detail, hash } of changes.details ?? []) {
      const { [detail]: _before, ...others } = this.details.get(customerId) ?? {};
      this.details.set(customerId, hash === null ? others : { ...others, [detail]: hash });
    }
  }
}

const positionOf = (checkpoint: Checkpoint | undefined): number =>
  checkpoint === undefined || checkpoint === START ? 0 : Number(checkpoint);

const throughOf = (options: ReadAllOptions): number =>
  options.throughPosition === undefined ? Number.MAX_SAFE_INTEGER : Number(options.throughPosition);
