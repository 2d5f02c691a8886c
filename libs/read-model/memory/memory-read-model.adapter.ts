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
import {
  assertIndexNames,
  assertKnownIndex,
  assertSorted,
  collectionNameOf,
  subKeysFrom,
  subKeysUpTo,
} from '../collection-name.js';
import { compareText, compareValues, matches } from './ordering.js';

interface Row {
  readonly key: string;
  readonly position: bigint;
  /** JSON text: what is read back is what any other store would give. */
  readonly text: string;
  readonly indexes: Readonly<Record<string, IndexValue>>;
}

interface Collection {
  readonly spec: Required<CollectionSpec>;
  readonly rows: Map<string, Row>;
  readonly checkpoints: Map<number, CheckpointWrite>;
}

/** What several memory stores share: one "file". */
export class MemoryReadModelData {
  readonly collections = new Map<string, Collection>();
  readonly status = new Map<string, GenerationStatus>();
  /** `<collection> <streamId>` → events by position. */
  readonly parked = new Map<string, ReadonlyMap<bigint, ParkedEvent>>();
  readonly retryRequests = new Map<string, RetryRequest>();
  readonly leases = new Map<string, Lease>();
}

/** Read models kept in memory: for tests, as-of answers and what-if. Stores opened on the same data see each other. */
export function openMemoryReadModels(data = new MemoryReadModelData()): MemoryReadModelStore {
  return new MemoryReadModelStore(data);
}

export class MemoryReadModelStore implements ReadModelStore, DeadLetterStore, LeaseStore {
  private commits: Promise<unknown> = Promise.resolve();
  /** How to take back the open commit, last change first. */
  private undo: (() => void)[] | undefined;

  constructor(private readonly data = new MemoryReadModelData()) {}

  async createGeneration(spec: CollectionSpec): Promise<void> {
    const collection = collectionNameOf(spec);
    assertIndexNames(spec);
    if (this.data.collections.has(collection)) return;
    this.set(this.data.collections, collection, {
      spec: structuredClone({ ...spec, sortedBy: spec.sortedBy ?? spec.indexes }),
      rows: new Map(),
      checkpoints: new Map(),
    });
    this.set(this.data.status, collection, 'filling');
  }

  async finishFilling(collection: string, checkpoint: CheckpointWrite): Promise<void> {
    this.writeCheckpoint(this.collection(collection), checkpoint);
  }

  async generations(projection?: string): Promise<readonly CollectionState[]> {
    return [...this.data.collections]
      .filter(([, { spec }]) => projection === undefined || spec.projection === projection)
      .sort(
        ([, { spec: a }], [, { spec: b }]) =>
          compareText(a.projection, b.projection) || a.generation - b.generation || a.version - b.version,
      )
      .map(([name]) => this.state(name)!);
  }

  async activate(projection: string, version: number, generation: number): Promise<void> {
    const collection = collectionNameOf({ projection, version, generation });
    this.collection(collection);
    for (const [name, { spec }] of this.data.collections)
      if (spec.projection === projection && name !== collection && this.data.status.get(name) === 'active')
        this.set(this.data.status, name, 'previous');
    this.set(this.data.status, collection, 'active');
  }

  async dropGeneration(projection: string, version: number, generation: number): Promise<void> {
    const collection = collectionNameOf({ projection, version, generation });
    if (!this.data.collections.has(collection)) return;
    if (this.data.status.get(collection) === 'active')
      throw new RapportError('CONFLICT', `${collection} is active and cannot be dropped`);
    this.delete(this.data.collections, collection);
    this.delete(this.data.status, collection);
    for (const sequence of [...this.data.parked.keys()])
      if (sequence.startsWith(`${collection} `)) this.delete(this.data.parked, sequence);
  }

  async loadMany(collection: string, keys: readonly string[]): Promise<ReadonlyMap<string, StoredDocument>> {
    const { rows } = this.collection(collection);
    const found = new Map<string, StoredDocument>();
    for (const key of keys) {
      const row = rows.get(key);
      if (row) found.set(key, documentOf(row));
    }
    return found;
  }

  async saveMany(
    collection: string,
    writes: readonly DocumentWrite[],
    checkpoint?: CheckpointWrite,
  ): Promise<SaveResult> {
    const target = this.collection(collection);
    let applied = 0;
    for (const write of writes) {
      const stored = target.rows.get(write.key);
      if (stored && stored.position >= write.position) continue;
      applied++;
      if (write.document === null) this.delete(target.rows, write.key);
      else this.set(target.rows, write.key, rowOf(write, target.spec.indexes));
    }
    if (checkpoint) this.writeCheckpoint(target, checkpoint);
    return { applied, stale: writes.length - applied };
  }

  async insertMany(collection: string, writes: readonly DocumentWrite[]): Promise<void> {
    const { rows, spec } = this.collection(collection);
    for (const write of writes)
      if (write.document !== null) this.set(rows, write.key, rowOf(write, spec.indexes));
  }

  async checkpoint(collection: string, partition: number): Promise<CheckpointWrite | undefined> {
    return this.data.collections.get(collection)?.checkpoints.get(partition);
  }

  async activeCollection(projection: string): Promise<CollectionState> {
    let isFilling = false;
    for (const [name, { spec }] of this.data.collections) {
      if (spec.projection !== projection) continue;
      if (this.data.status.get(name) === 'active') return this.state(name)!;
      isFilling = true;
    }
    throw isFilling
      ? new RapportError('UNAVAILABLE', `${projection} is being filled for the first time`, {
          retryAfterS: 1,
        })
      : new RapportError('UNKNOWN_PROJECTION', `there is no read model ${projection}`);
  }

  async collectionState(collection: string): Promise<CollectionState | undefined> {
    return this.state(collection);
  }

  async get<Document>(collection: string, key: string): Promise<StoredDocument<Document> | undefined> {
    const row = this.collection(collection).rows.get(key);
    return row && documentOf<Document>(row);
  }

  async query<Document>(collection: string, query: Query): Promise<readonly QueryRow<Document>[]> {
    const { rows, spec } = this.collection(collection);
    const orderBy = query.orderBy ?? [];
    for (const { index } of query.where ?? []) assertKnownIndex(spec.indexes, index, collection);
    assertSorted({ ...spec, collection }, query);
    const keyDirection = orderBy.at(-1)?.direction ?? 'asc';
    const compare = (aValues: readonly IndexValue[], aKey: string, b: Row): number => {
      for (const [i, { index, direction }] of orderBy.entries()) {
        const by = compareValues(aValues[i] ?? null, b.indexes[index] ?? null);
        if (by !== 0) return direction === 'asc' ? by : -by;
      }
      const by = compareText(aKey, b.key);
      return keyDirection === 'asc' ? by : -by;
    };
    const valuesOf = (row: Row): IndexValue[] => orderBy.map(({ index }) => row.indexes[index] ?? null);
    const { owner, after } = query;
    return [...rows.values()]
      .filter((row) => isOwned(row.key, owner) && isMatch(row, query.where))
      .filter((row) => !after || compare(after.values, after.key, row) < 0)
      .sort((a, b) => compare(valuesOf(a), a.key, b))
      .slice(0, query.limit)
      .map((row) => ({ ...documentOf<Document>(row), values: valuesOf(row) }));
  }

  async group(collection: string, query: GroupQuery): Promise<readonly GroupRow[]> {
    const { rows, spec } = this.collection(collection);
    const sums = query.sum ?? [];
    for (const index of [...query.groupBy, ...sums, ...(query.where ?? []).map((c) => c.index)])
      assertKnownIndex(spec.indexes, index, collection);
    const groups = new Map<string, { values: IndexValue[]; count: number; sums: number[] }>();
    if (query.groupBy.length === 0) groups.set('[]', { values: [], count: 0, sums: sums.map(() => 0) });
    for (const row of rows.values()) {
      if (!isMatch(row, query.where)) continue;
      const values = query.groupBy.map((index) => row.indexes[index] ?? null);
      const name = JSON.stringify(values);
      const group = groups.get(name) ?? { values, count: 0, sums: sums.map(() => 0) };
      groups.set(name, group);
      group.count++;
      sums.forEach((index, i) => (group.sums[i]! += Number(row.indexes[index] ?? 0)));
    }
    return [...groups.values()]
      .sort((a, b) => {
        for (let i = 0; i < a.values.length; i++) {
          const by = compareValues(a.values[i]!, b.values[i]!);
          if (by !== 0) return by;
        }
        return 0;
      })
      .map((group) => ({
        group: Object.fromEntries(query.groupBy.map((index, i) => [index, group.values[i]!])),
        count: group.count,
        sums: Object.fromEntries(sums.map((index, i) => [index, group.sums[i]!])),
      }));
  }

  async count(collection: string, where?: readonly Condition[]): Promise<number> {
    const { rows, spec } = this.collection(collection);
    for (const { index } of where ?? []) assertKnownIndex(spec.indexes, index, collection);
    let count = 0;
    for (const row of rows.values()) if (isMatch(row, where)) count++;
    return count;
  }

  async *scan(collection: string, pageSize = 1_000): AsyncIterable<readonly ScannedDocument[]> {
    const keys = [...this.collection(collection).rows.keys()].sort(compareText);
    for (let from = 0; from < keys.length; from += pageSize) {
      const { rows } = this.collection(collection);
      const page: ScannedDocument[] = [];
      for (const key of keys.slice(from, from + pageSize)) {
        const row = rows.get(key);
        if (row) page.push({ ...documentOf(row), indexes: row.indexes });
      }
      if (page.length > 0) yield page;
    }
  }

  inOneCommit<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.commits.then(async () => {
      this.undo = [];
      try {
        return await work();
      } catch (error) {
        for (const step of this.undo.reverse()) step();
        throw error;
      } finally {
        this.undo = undefined;
      }
    });
    this.commits = turn.catch(() => undefined);
    return turn;
  }

  async close(): Promise<void> {
    await this.commits;
  }

  async park(events: readonly ParkedEvent[]): Promise<void> {
    for (const event of events) {
      const name = `${event.collection} ${event.streamId}`;
      const sequence = this.data.parked.get(name) ?? new Map<bigint, ParkedEvent>();
      const known = sequence.get(event.position);
      if (known && known.attempts >= event.attempts) continue;
      const entry = known ? { ...known, reason: event.reason, attempts: event.attempts } : event;
      this.set(this.data.parked, name, new Map([...sequence, [event.position, entry]]));
    }
  }

  async parkedSequences(collection?: string): Promise<readonly ParkedSequence[]> {
    const sequences: ParkedSequence[] = [];
    for (const events of this.data.parked.values()) {
      const head = inOrder(events)[0];
      if (!head || (collection !== undefined && head.collection !== collection)) continue;
      const { projection, generation, streamId, owner } = head;
      sequences.push({
        collection: head.collection,
        projection,
        generation,
        streamId,
        owner,
        head,
        events: events.size,
      });
    }
    return sequences.sort(
      (a, b) => compareText(a.collection, b.collection) || (a.head.position < b.head.position ? -1 : 1),
    );
  }

  async parkedEvents(collection: string, streamId: string): Promise<readonly ParkedEvent[]> {
    return inOrder(this.data.parked.get(`${collection} ${streamId}`) ?? new Map());
  }

  async unpark(collection: string, streamId: string, belowPosition?: bigint): Promise<void> {
    const name = `${collection} ${streamId}`;
    const rest = [...(this.data.parked.get(name) ?? [])].filter(
      ([position]) => belowPosition !== undefined && position >= belowPosition,
    );
    if (rest.length > 0) this.set(this.data.parked, name, new Map(rest));
    else this.delete(this.data.parked, name);
  }

  async requestRetry(request: RetryRequest): Promise<void> {
    for (const [id, { requestedAtMs }] of this.data.retryRequests)
      if (requestedAtMs < request.requestedAtMs - RETRY_REQUESTS_KEPT_MS)
        this.delete(this.data.retryRequests, id);
    this.set(this.data.retryRequests, request.id, request);
  }

  async retryRequests(): Promise<readonly RetryRequest[]> {
    return [...this.data.retryRequests.values()].sort(byRequestTime);
  }

  async acquireLease(name: string, holder: string, nowMs: number, ttlMs: number): Promise<LeaseAnswer> {
    const current = this.data.leases.get(name);
    if (current && current.expiresAtMs > nowMs) return { kind: 'held', by: current };
    const lease = { name, holder, token: (current?.token ?? 0n) + 1n, expiresAtMs: nowMs + ttlMs };
    this.set(this.data.leases, name, lease);
    return { kind: 'granted', lease };
  }

  async renewLease(lease: Lease, nowMs: number, ttlMs: number): Promise<boolean> {
    if (!(await this.holdsLease(lease))) return false;
    this.set(this.data.leases, lease.name, { ...lease, expiresAtMs: nowMs + ttlMs });
    return true;
  }

  async holdsLease(lease: Lease): Promise<boolean> {
    return this.data.leases.get(lease.name)?.token === lease.token;
  }

  async releaseLease(lease: Lease): Promise<void> {
    // The entry stays, expired: its token must never be given again.
    if (await this.holdsLease(lease)) this.set(this.data.leases, lease.name, { ...lease, expiresAtMs: 0 });
  }

  async currentLease(name: string, nowMs: number): Promise<Lease | undefined> {
    const lease = this.data.leases.get(name);
    return lease && lease.expiresAtMs > nowMs ? lease : undefined;
  }

  private collection(name: string): Collection {
    const collection = this.data.collections.get(name);
    if (!collection) throw new RapportError('UNKNOWN_PROJECTION', `there is no collection ${name}`);
    return collection;
  }

  private state(name: string): CollectionState | undefined {
    const collection = this.data.collections.get(name);
    return (
      collection && {
        ...collection.spec,
        collection: name,
        status: this.data.status.get(name)!,
        checkpoints: [...collection.checkpoints.values()].sort((a, b) => a.partition - b.partition),
      }
    );
  }

  private writeCheckpoint(target: Collection, checkpoint: CheckpointWrite): void {
    const stored = target.checkpoints.get(checkpoint.partition);
    if (!stored || stored.through <= checkpoint.through)
      this.set(target.checkpoints, checkpoint.partition, { ...checkpoint });
  }

  private set<K, V>(map: Map<K, V>, key: K, value: V): void {
    this.remember(map, key);
    map.set(key, value);
  }

  private delete<K, V>(map: Map<K, V>, key: K): void {
    this.remember(map, key);
    map.delete(key);
  }

  private remember<K, V>(map: Map<K, V>, key: K): void {
    if (!this.undo) return;
    const had = map.has(key);
    const before = map.get(key) as V;
    this.undo.push(() => (had ? map.set(key, before) : map.delete(key)));
  }
}

const rowOf = (write: DocumentWrite, indexes: readonly string[]): Row => ({
  key: write.key,
  position: write.position,
  text: write.json ?? JSON.stringify(write.document),
  indexes: Object.fromEntries(indexes.map((index) => [index, write.indexes[index] ?? null])),
});

const documentOf = <Document = object>(row: Row): StoredDocument<Document> => ({
  key: row.key,
  position: row.position,
  document: JSON.parse(row.text) as Document,
});

const isOwned = (key: string, owner: string | undefined): boolean =>
  owner === undefined || key === owner || (key >= subKeysFrom(owner) && key < subKeysUpTo(owner));

const isMatch = (row: Row, where: readonly Condition[] | undefined): boolean =>
  (where ?? []).every((condition) => matches(row.indexes[condition.index] ?? null, condition));

const inOrder = (events: ReadonlyMap<bigint, ParkedEvent>): ParkedEvent[] =>
  [...events.values()].sort((a, b) => (a.position < b.position ? -1 : 1));

const byRequestTime = (a: RetryRequest, b: RetryRequest): number => a.requestedAtMs - b.requestedAtMs;
