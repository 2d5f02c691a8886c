import {
  duplicatesOf,
  translated,
  unlessDuplicate,
  upsertGuarded,
  type GuardedUpsert,
  type MongoConnection,
} from '@rapport/connections';
import { RapportError } from '@rapport/contracts';
import type { AnyBulkWriteOperation, Collection } from 'mongodb';
import { RETRY_REQUESTS_KEPT_MS, type DeadLetterStore, type ParkedEvent, type ParkedSequence, type RetryRequest } from '../dead-letters.port.js'; // prettier-ignore
import type { Lease, LeaseAnswer, LeaseStore } from '../lease.port.js';
import { collectionNameOf } from '../collection-name.js';
import type {
  CheckpointWrite,
  CollectionSpec,
  CollectionState,
  Condition,
  DocumentWrite,
  GroupQuery,
  GroupRow,
  IndexValue,
  LoadedDocument,
  Query,
  QueryRow,
  ReadModelStore,
  SaveResult,
  ScannedDocument,
  StoredDocument,
} from '../read-model.port.js';
import { documentOf, storedBodyOf, type StoredBody } from './mongo-document.js';
import { MongoGenerations, PARKED_EVENTS, type Target } from './mongo-generations.adapter.js';
import { furthest, furthestOfEach, type PlacedCheckpoint } from './mongo-progress.adapter.js';
import {
  countLive,
  groupPipeline,
  keyText,
  NOT_REMOVED,
  rowQuery,
  scalar,
  whereFilter,
  type RowFilter,
} from './mongo-query.js';

const LEASES = '_rapport_leases';
const RETRY_REQUESTS = '_rapport_retry_requests';

/** Documents of one bulk write: larger ones gain nothing and delay everybody else's. */
const SAVE_CHUNK = 1_000;
/** Keys of one look-up: about a millisecond of a server's time for every twenty. */
const LOAD_CHUNK = 500;
/** Chunks under way at once. */
const PARALLEL = 2;
/** Writers that meet at one record all but one of them try again. */
const MAX_ROUNDS = 10;

type Row = { readonly _id: string; readonly position: bigint } & (
  | (StoredBody & {
      /** Values of the index columns, each a field of its own. */
      readonly ix: Readonly<Record<string, IndexValue>>;
    })
  | { readonly removed: true }
);
/** A row as read. */
interface ReadRow {
  readonly _id: string;
  readonly position: bigint;
  /** What is left of a removed document: its guard. */
  readonly removed?: true;
  readonly document?: object;
  readonly json?: string;
  readonly ix?: Readonly<Record<string, IndexValue>>;
}

interface LeaseRecord {
  readonly _id: string;
  readonly holder: string;
  readonly token: bigint;
  readonly expiresAtMs: number;
}

type RetryRecord = Omit<RetryRequest, 'id'> & { readonly _id: string };
type ParkedRecord = ParkedEvent & { readonly _id: string; readonly storage: string };

/** Read models of one MongoDB database. Closing the store leaves the connection to whoever opened it. */
export const openMongoReadModels = (connection: MongoConnection): MongoReadModelStore =>
  new MongoReadModelStore(connection);

/**
 * Read models, checkpoints, parked events and leases in MongoDB. Every write is a guarded single-document write with
 * majority; there are no transactions.
 *
 * A commit (`inOneCommit`) therefore runs its calls in order and is not undone when one fails. What makes that safe is
 * its end: checkpoints given meanwhile are stored last, after every document and parked event of the commit is durable.
 * A commit that failed has moved no checkpoint, so its events come again, and the guards drop what was applied.
 */
export class MongoReadModelStore implements ReadModelStore, DeadLetterStore, LeaseStore {
  private readonly all: MongoGenerations;
  private readonly parked: Collection<ParkedRecord>;
  private readonly leases: Collection<LeaseRecord>;
  private readonly requests: Collection<RetryRecord>;
  private readonly prepared: Promise<unknown>[] = [];
  private commits: Promise<unknown> = Promise.resolve();
  /** Checkpoints that the open commit stores at its end, by record id. */
  private pending: Map<string, PlacedCheckpoint<Target>> | undefined;

  /** Collections that the open commit wrote to, by storage: its end asks once whether all of them are still there. */
  private written: Map<string, Target> | undefined;

  constructor(private readonly connection: MongoConnection) {
    this.all = new MongoGenerations(connection);
    this.parked = connection.collection(PARKED_EVENTS);
    this.leases = connection.collection(LEASES);
    this.requests = connection.collection(RETRY_REQUESTS);
  }

  async createGeneration(spec: CollectionSpec): Promise<void> {
    await this.all.create(spec);
  }

  async finishFilling(collection: string, checkpoint: CheckpointWrite): Promise<void> {
    const target = await this.all.target(collection);
    await this.buildIndexes(target);
    await this.all.confirm(target);
    await this.pass(target, checkpoint);
  }

  async generations(projection?: string): Promise<readonly CollectionState[]> {
    return (await this.all.generations(projection)).map((state) => this.withPending(state));
  }

  async activate(projection: string, version: number, generation: number): Promise<void> {
    const collection = collectionNameOf({ projection, version, generation });
    const target = await this.all.target(collection);
    await this.buildIndexes(target);
    // Readers of the new generation must not find it less far than it is.
    await this.storePending(target);
    await this.all.activate(projection, collection);
  }

  async dropGeneration(projection: string, version: number, generation: number): Promise<void> {
    await this.all.drop(projection, collectionNameOf({ projection, version, generation }));
  }

  async loadMany(collection: string, keys: readonly string[]): Promise<ReadonlyMap<string, LoadedDocument>> {
    const target = await this.all.target(collection);
    const found = new Map<string, LoadedDocument>();
    await inChunks([...new Set(keys)].map(keyText), LOAD_CHUNK, async (some) => {
      const rows = await translated(() =>
        this.documents(target)
          .find({ _id: { $in: [...some] } }, { batchSize: LOAD_CHUNK + 1 })
          .toArray(),
      );
      for (const row of rows)
        found.set(
          row._id,
          row.removed ? { key: row._id, position: BigInt(row.position), document: null } : storedOf(row),
        );
    });
    if (found.size === 0) await this.all.confirm(target);
    return found;
  }

  async saveMany(
    collection: string,
    writes: readonly DocumentWrite[],
    checkpoint?: CheckpointWrite,
  ): Promise<SaveResult> {
    const target = await this.all.target(collection);
    const [stale] = await both(this.saveGuarded(target, writes), this.confirm(target));
    if (checkpoint) await this.pass(target, checkpoint);
    return { applied: writes.length - stale, stale };
  }

  async insertMany(collection: string, writes: readonly DocumentWrite[]): Promise<void> {
    const target = await this.all.target(collection);
    const documents = this.documents(target);
    const inserting = inChunks(
      writes.filter((write) => write.document !== null),
      SAVE_CHUNK,
      async (some) => {
        const refused = await duplicatesOf(() =>
          documents.insertMany(
            some.map((write) => rowOf(target, write)),
            { ordered: false },
          ),
        );
        if (refused.length === 0) return;
        // An insert that is asked again after its answer was lost finds its own documents.
        const stored = await this.positionsOf(
          target,
          refused.map((i) => some[i]!.key),
        );
        const other = refused.map((i) => some[i]!).find(({ key, position }) => stored.get(key) !== position);
        if (other)
          throw new RapportError('INTERNAL', `a document was filled into ${collection} a second time`);
      },
    );
    await both(inserting, this.confirm(target));
  }

  async checkpoint(collection: string, partition: number): Promise<CheckpointWrite | undefined> {
    const target = await this.targetIfAny(collection);
    if (!target) return undefined;
    const checkpoints = (await this.all.progress.of([target.projection]))(target.storage);
    const stored = checkpoints.find((checkpoint) => checkpoint.partition === partition);
    return furthest(stored, this.pending?.get(checkpointId(target, partition))?.write);
  }

  async activeCollection(projection: string): Promise<CollectionState> {
    return this.withPending(await this.all.active(projection));
  }

  async collectionState(collection: string): Promise<CollectionState | undefined> {
    const state = await this.all.state(collection);
    return state && this.withPending(state);
  }

  async get<Document>(collection: string, key: string): Promise<StoredDocument<Document> | undefined> {
    const target = await this.all.target(collection);
    const row = await translated(() => this.documents(target).findOne({ _id: { $eq: keyText(key) } }));
    if (!row) await this.all.confirm(target);
    return row && !row.removed ? storedOf<Document>(row) : undefined;
  }

  async query<Document>(collection: string, query: Query): Promise<readonly QueryRow<Document>[]> {
    const target = await this.all.target(collection);
    const { filter, sort, hint } = rowQuery(target, query);
    // The server takes a limit of 0 for none at all.
    if (query.limit <= 0) return [];
    const rows = await translated(() =>
      this.documents(target)
        .find({ $and: [filter, NOT_REMOVED] } as RowFilter & object, {
          sort,
          limit: query.limit,
          batchSize: query.limit + 1,
          ...(hint ? { hint } : {}),
        })
        .toArray(),
    );
    if (rows.length === 0) await this.all.confirm(target);
    return rows.map((row) => ({
      ...storedOf<Document>(row),
      values: (query.orderBy ?? []).map(({ index }) => row.ix?.[index] ?? null),
    }));
  }

  async group(collection: string, query: GroupQuery): Promise<readonly GroupRow[]> {
    const target = await this.all.target(collection);
    const pipeline = groupPipeline(target, query);
    const sum = query.sum ?? [];
    const found = await translated(() =>
      this.documents(target)
        .aggregate<Record<string, unknown>>([{ $match: NOT_REMOVED }, ...pipeline], { allowDiskUse: true })
        .toArray(),
    );
    if (found.length === 0) await this.all.confirm(target);
    const rows = found.length === 0 && query.groupBy.length === 0 ? [{ _id: null, count: 0 }] : found;
    return rows.map((row: Record<string, unknown>) => ({
      group: Object.fromEntries(
        query.groupBy.map((index, i) => [index, (row._id as Record<string, IndexValue>)[`g${i}`] ?? null]),
      ),
      count: Number(row.count),
      sums: Object.fromEntries(sum.map((index, i) => [index, Number(row[`s${i}`] ?? 0)])),
    }));
  }

  async count(collection: string, where?: readonly Condition[]): Promise<number> {
    const target = await this.all.target(collection);
    const filter = whereFilter(target, where);
    const count = await countLive(this.documents(target), filter);
    if (count === 0) await this.all.confirm(target);
    return count;
  }

  async *scan(collection: string, pageSize = 1_000): AsyncIterable<readonly ScannedDocument[]> {
    const target = await this.all.target(collection);
    let after: string | undefined;
    for (;;) {
      // By key, not by one long cursor: a server forgets cursors when it restarts.
      const rows = await translated(() =>
        this.documents(target)
          .find(after === undefined ? NOT_REMOVED : { ...NOT_REMOVED, _id: { $gt: after } }, {
            sort: { _id: 1 },
            limit: pageSize,
            batchSize: pageSize + 1,
          })
          .toArray(),
      );
      if (rows.length < pageSize) await this.all.confirm(target);
      if (rows.length > 0)
        yield rows.map((row) => ({
          ...storedOf(row),
          indexes: Object.fromEntries(target.indexes.map((index) => [index, row.ix?.[index] ?? null])),
        }));
      if (rows.length < pageSize) return;
      after = rows.at(-1)!._id;
    }
  }

  inOneCommit<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.commits.then(async () => {
      this.pending = new Map();
      this.written = new Map();
      try {
        const result = await work();
        // Progress beside a collection that was dropped meanwhile is nobody's; the next sweep takes it away.
        const confirming = Promise.all([...this.written.values()].map((target) => this.all.confirm(target)));
        await both(this.storePending(), confirming);
        return result;
      } finally {
        this.pending = undefined;
        this.written = undefined;
      }
    });
    this.commits = turn.catch(() => undefined);
    return turn;
  }

  async close(): Promise<void> {
    await this.commits;
  }

  async park(events: readonly ParkedEvent[]): Promise<void> {
    await this.prepare();
    const upserts: GuardedUpsert[] = [];
    for (const event of events) {
      const { storage } = await this.all.target(event.collection);
      const { reason, attempts, ...place } = event;
      upserts.push({
        filter: {
          _id: JSON.stringify([storage, event.streamId, String(event.position)]),
          attempts: { $lt: attempts },
        },
        update: { $set: { reason, attempts }, $setOnInsert: { ...place, storage } },
      });
    }
    await upsertGuarded(this.parked as never, upserts);
  }

  async parkedSequences(collection?: string): Promise<readonly ParkedSequence[]> {
    const target = collection === undefined ? undefined : await this.targetIfAny(collection);
    if (collection !== undefined && !target) return [];
    const sequences = await translated(() =>
      this.parked
        .aggregate<{ readonly head: ParkedRecord; readonly events: number | bigint }>([
          { $match: target ? { storage: { $eq: target.storage } } : {} },
          { $sort: { storage: 1, streamId: 1, position: 1 } },
          {
            $group: {
              _id: { storage: '$storage', streamId: '$streamId' },
              head: { $first: '$$ROOT' },
              events: { $sum: 1 },
            },
          },
          { $sort: { 'head.collection': 1, 'head.position': 1 } },
        ])
        .toArray(),
    );
    return sequences.map(({ head, events }) => {
      const { collection: of, projection, generation, streamId, owner } = head;
      return {
        collection: of,
        projection,
        generation,
        streamId,
        owner,
        head: parkedOf(head),
        events: Number(events),
      };
    });
  }

  async parkedEvents(collection: string, streamId: string): Promise<readonly ParkedEvent[]> {
    const target = await this.targetIfAny(collection);
    if (!target) return [];
    const rows = await translated(() =>
      this.parked
        .find({ storage: { $eq: target.storage }, streamId: { $eq: streamId } }, { sort: { position: 1 } })
        .toArray(),
    );
    return rows.map(parkedOf);
  }

  async unpark(collection: string, streamId: string, belowPosition?: bigint): Promise<void> {
    const target = await this.targetIfAny(collection);
    if (!target) return;
    await translated(() =>
      this.parked.deleteMany({
        storage: { $eq: target.storage },
        streamId: { $eq: streamId },
        ...(belowPosition === undefined ? {} : { position: { $lt: belowPosition } }),
      }),
    );
  }

  async requestRetry({ id, ...request }: RetryRequest): Promise<void> {
    await translated(() =>
      this.requests.deleteMany({ requestedAtMs: { $lt: request.requestedAtMs - RETRY_REQUESTS_KEPT_MS } }),
    );
    await translated(() => this.requests.replaceOne({ _id: { $eq: id } }, request, { upsert: true }));
  }

  async retryRequests(): Promise<readonly RetryRequest[]> {
    const records = await translated(() => this.requests.find().sort({ requestedAtMs: 1 }).toArray());
    return records.map(({ _id, requestedAtMs, ...request }) => ({
      id: _id,
      ...request,
      requestedAtMs: Number(requestedAtMs),
    }));
  }

  async acquireLease(name: string, holder: string, nowMs: number, ttlMs: number): Promise<LeaseAnswer> {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const granted = await unlessDuplicate(
        () =>
          this.leases.findOneAndUpdate(
            { _id: { $eq: name }, expiresAtMs: { $lte: nowMs } },
            { $set: { holder, expiresAtMs: nowMs + ttlMs }, $inc: { token: 1n } },
            { upsert: true, returnDocument: 'after' },
          ),
        null,
      );
      if (granted) return { kind: 'granted', lease: leaseOf(granted) };
      const current = await this.currentLease(name, nowMs);
      if (current) return { kind: 'held', by: current };
    }
    throw new RapportError('UNAVAILABLE', `too many ask for the lease ${name}`, { retryAfterS: 1 });
  }

  async renewLease(lease: Lease, nowMs: number, ttlMs: number): Promise<boolean> {
    return this.updateLease(lease, { expiresAtMs: nowMs + ttlMs });
  }

  /** Asked as a write that changes nothing: a primary that was replaced without noticing cannot get a majority for it. */
  async holdsLease(lease: Lease): Promise<boolean> {
    return this.updateLease(lease, { token: lease.token });
  }

  async releaseLease(lease: Lease): Promise<void> {
    // The record stays, expired: its token must never be given again.
    await this.updateLease(lease, { expiresAtMs: 0 });
  }

  async currentLease(name: string, nowMs: number): Promise<Lease | undefined> {
    const lease = await translated(() =>
      this.leases.findOne({ _id: { $eq: name }, expiresAtMs: { $gt: nowMs } }),
    );
    return lease ? leaseOf(lease) : undefined;
  }

  private async updateLease(lease: Lease, changes: Partial<LeaseRecord>): Promise<boolean> {
    const { matchedCount } = await translated(() =>
      this.leases.updateOne({ _id: { $eq: lease.name }, token: { $eq: lease.token } }, { $set: changes }),
    );
    return matchedCount === 1;
  }

  /** Throws UNKNOWN_PROJECTION when the collection was dropped: at once, or at the end of the open commit. */
  private async confirm(target: Target): Promise<void> {
    if (this.written) this.written.set(target.storage, target);
    else await this.all.confirm(target);
  }

  private documents(target: Target): Collection<ReadRow> {
    return this.connection.collection<ReadRow>(target.storage);
  }

  private async targetIfAny(collection: string): Promise<Target | undefined> {
    try {
      return await this.all.target(collection);
    } catch (error) {
      if (error instanceof RapportError && error.code === 'UNKNOWN_PROJECTION') return undefined;
      throw error;
    }
  }

  /** Writes with the guard; answers how many were stale. */
  private async saveGuarded(target: Target, writes: readonly DocumentWrite[]): Promise<number> {
    let stale = 0;
    // An unordered bulk write has no order: the second write of a key waits for the first.
    for (const wave of wavesOf(writes))
      await inChunks(wave, SAVE_CHUNK, async (some) => {
        const staleOnes = await this.replaceGuarded(target, await this.notInserted(target, some));
        stale += staleOnes;
      });
    return stale;
  }

  /**
   * Inserts what should be new, and answers what is left to be replaced: the rest, and what stands there after all. A
   * guarded replacement that finds nothing costs the server twice an insert (measured on SecantusDB), and most writes of
   * a history are new.
   */
  private async notInserted(
    target: Target,
    writes: readonly DocumentWrite[],
  ): Promise<readonly DocumentWrite[]> {
    const absent = writes.filter(({ wasAbsent, document }) => wasAbsent === true && document !== null);
    if (absent.length === 0) return writes;
    const documents = this.documents(target);
    const refused = await duplicatesOf(() =>
      documents.insertMany(
        absent.map((write) => rowOf(target, write)),
        { ordered: false },
      ),
    );
    const inserted = new Set(absent);
    for (const index of refused) inserted.delete(absent[index]!);
    return writes.filter((write) => !inserted.has(write));
  }

  /**
   * Replaces or creates; a removed document leaves its position, so that what comes late finds it. E11000 says that a document stands under the key which the guard does not match: one as new,
   * or one that another writer inserted a moment ago and that may well be older. Its position tells which.
   */
  private async replaceGuarded(target: Target, writes: readonly DocumentWrite[]): Promise<number> {
    const documents = this.documents(target);
    let stale = 0;
    let open = writes;
    for (let round = 0; open.length > 0; round++) {
      if (round === MAX_ROUNDS)
        throw new RapportError('UNAVAILABLE', 'other writers create the same documents again and again', {
          retryAfterS: 1,
        });
      const operations = open.map((write): AnyBulkWriteOperation<ReadRow> => {
        const { _id, ...replacement } = rowOf(target, write);
        return {
          replaceOne: { filter: { _id, position: { $lt: write.position } }, replacement, upsert: true },
        };
      });
      const refused = await duplicatesOf(() => documents.bulkWrite(operations, { ordered: false }));
      if (refused.length === 0) break;
      const contested = refused.map((index) => open[index]!);
      const stored = await this.positionsOf(
        target,
        contested.map(({ key }) => key),
      );
      open = contested.filter(({ key, position }) => (stored.get(key) ?? -1n) < position);
      stale += contested.length - open.length;
    }
    return stale;
  }

  private async positionsOf(target: Target, keys: readonly string[]): Promise<ReadonlyMap<string, bigint>> {
    const stored = new Map<string, bigint>();
    await inChunks(keys, LOAD_CHUNK, async (some) => {
      const rows = await translated(() =>
        this.documents(target)
          .find({ _id: { $in: [...some] } }, { projection: { position: 1 }, batchSize: LOAD_CHUNK + 1 })
          .toArray(),
      );
      for (const { _id, position } of rows) stored.set(_id, BigInt(position));
    });
    return stored;
  }

  private async buildIndexes(target: Target): Promise<void> {
    await this.prepare();
    await translated(() =>
      this.documents(target).createIndexes(
        [
          // With the key, which decides ties: a page in any ordering is then a walk along one index.
          ...target.sortedBy.map((index) => ({ key: { [`ix.${index}`]: 1, _id: 1 } as const })),
          // Removed documents are few, and counts leave them out.
          { key: { removed: 1 }, sparse: true },
        ],
        { commitQuorum: 'majority' },
      ),
    );
  }

  /** Indexes of our own collections, once for each store. */
  private async prepare(): Promise<void> {
    if (this.prepared.length === 0) {
      const options = { commitQuorum: 'majority' };
      const preparing = translated(() =>
        Promise.all([
          this.all.progress.prepare(),
          this.parked.createIndexes([{ key: { storage: 1, streamId: 1, position: 1 } }], options),
        ]),
      );
      this.prepared.push(preparing);
      preparing.catch(() => this.prepared.pop());
    }
    await this.prepared[0];
  }

  /** Stores a checkpoint, at the end of the open commit if there is one. */
  private async pass(target: Target, write: CheckpointWrite): Promise<void> {
    if (!this.pending) return this.all.progress.store([{ target, write }]);
    const id = checkpointId(target, write.partition);
    const known = this.pending.get(id);
    if (furthest(known?.write, write) === write) this.pending.set(id, { target, write });
  }

  private async storePending(of?: Target): Promise<void> {
    const pending = [...(this.pending ?? [])].filter(
      ([, { target }]) => !of || target.storage === of.storage,
    );
    await this.all.progress.store(pending.map(([, one]) => one));
    for (const [id] of pending) this.pending!.delete(id);
  }

  /** A state as the open commit leaves it. */
  private withPending<State extends CollectionState>(state: State): State {
    const own = [...(this.pending?.values() ?? [])].filter(
      ({ target }) => target.collection === state.collection,
    );
    if (own.length === 0) return state;
    const writes = own.map(({ write }) => write);
    return { ...state, checkpoints: furthestOfEach(state.checkpoints, writes) };
  }
}

/** Where a checkpoint waits for the end of its commit. */
const checkpointId = (target: Target, partition: number): string => `${target.storage}/${partition}`;

const rowOf = (target: Target, write: DocumentWrite): Row => {
  const place = { _id: keyText(write.key), position: write.position };
  if (write.document === null) return { ...place, removed: true };
  return {
    ...place,
    ix: Object.fromEntries(target.indexes.map((index) => [index, scalar(write.indexes[index] ?? null)])),
    ...storedBodyOf(write.document, write.json),
  };
};

const storedOf = <Document = object>(row: ReadRow): StoredDocument<Document> => ({
  key: row._id,
  position: BigInt(row.position),
  document: documentOf(row) as Document,
});

const leaseOf = ({ _id, holder, token, expiresAtMs }: LeaseRecord): Lease => ({
  name: _id,
  holder,
  token: BigInt(token),
  expiresAtMs: Number(expiresAtMs),
});

const parkedOf = ({ _id, storage: _, ...event }: ParkedRecord): ParkedEvent => ({
  ...event,
  position: BigInt(event.position),
  revision: BigInt(event.revision),
  parkedAtMs: Number(event.parkedAtMs),
  attempts: Number(event.attempts),
});

/** Writes in waves that name each key once; nearly always one wave. */
function wavesOf(writes: readonly DocumentWrite[]): readonly (readonly DocumentWrite[])[] {
  const seen = new Map<string, number>();
  const waves: DocumentWrite[][] = [];
  for (const write of writes) {
    const wave = seen.get(write.key) ?? 0;
    seen.set(write.key, wave + 1);
    (waves[wave] ??= []).push(write);
  }
  return waves;
}

/** Runs work on chunks, a few of them at once; rejects with the first failure once none is under way. */
async function inChunks<T>(
  items: readonly T[],
  size: number,
  work: (chunk: readonly T[]) => Promise<void>,
): Promise<void> {
  let next = 0;
  let failed = false;
  const lane = async (): Promise<void> => {
    while (next < items.length && !failed) {
      const chunk = items.slice(next, (next += size));
      try {
        await work(chunk);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const lanes = Math.min(PARALLEL, Math.ceil(items.length / size));
  const ended = await Promise.allSettled(Array.from({ length: lanes }, lane));
  for (const end of ended) if (end.status === 'rejected') throw end.reason;
}

/** Both results; rejects with the first failure once neither is under way. */
async function both<A, B>(a: Promise<A>, b: Promise<B>): Promise<[A, B]> {
  const [first, second] = await Promise.allSettled([a, b]);
  if (first.status === 'rejected') throw first.reason;
  if (second.status === 'rejected') throw second.reason;
  return [first.value, second.value];
}
