import type { RecordedEvent } from '@rapport/contracts';
import type { FeedBatch, FeedProgress } from '@rapport/event-feed';
import type { EventStore } from '@rapport/event-store';
import type {
  CheckpointWrite,
  CollectionState,
  DeadLetterStore,
  DocumentWrite,
  LoadedDocument,
  ParkedEvent,
  ReadModelStore,
} from '@rapport/read-model';
import { ownerOfStream, reasonOf, type CompiledProjection } from './compiled-projection.js';
import { DocumentCache, type CachedDocument } from './document-cache.js';
import { foldOwner, isTurn, type FoldedDocument } from './owner-fold.js';
import type { ProjectionStatus } from './progress-board.js';

export interface HostedProjectionContext {
  readonly store: ReadModelStore & DeadLetterStore;
  readonly history: Pick<EventStore, 'readStream'>;
  readonly retrying: <T>(work: () => Promise<T>) => Promise<T>;
  readonly start: FeedProgress;
  readonly nowMs: () => number;
  readonly cachedDocuments: number;
  readonly onParked: (event: ParkedEvent) => void;
}

/** Events of a stream read at once when a failure makes it necessary. */
const STREAM_PAGE = 500;
/** Reason of a parked event that only waits behind its head. */
const QUEUED = 'queued';

const NONE: readonly CachedDocument[] = [];

/** Below this all pages concerned are in the store's cache anyway. */
const WORTH_SORTING = 2_000;

interface Work {
  readonly event: RecordedEvent;
  readonly keys: readonly string[];
  /** Documents of the keys, once in memory. */
  documents: readonly CachedDocument[];
  /** Set when the definition could not even say which documents are concerned. */
  readonly error?: unknown;
}

/** One generation of one projection while events are folded into it. Used by the live runner and by rebuilds. */
export class HostedProjection {
  readonly name: string;
  readonly collection: string;
  wasActivated = false;
  private readonly cache: DocumentCache;
  private readonly folded = new Map<number, FeedProgress>();
  private readonly committed = new Map<number, FeedProgress>();
  /** Progress others have stored for partitions that are theirs. */
  private readonly elsewhere = new Map<number, bigint>();
  /** Streams with a parked sequence, by where its head stands: what comes before the head is folded as ever. */
  private readonly parkedFrom = new Map<string, bigint>();
  private newlyParked: ParkedEvent[] = [];
  private prepared: readonly DocumentWrite[] | undefined;
  private staleWrites = 0;
  private received = 0;
  private applied = 0;
  private duplicate = 0;
  private parked = 0;
  /** The counters as of the last save: what is dropped unsaved is counted when it comes again. */
  private savedCounts = { received: 0, applied: 0, duplicate: 0, parked: 0 };

  constructor(
    readonly projection: CompiledProjection,
    public state: CollectionState,
    /** Positions per partition at which a generation being filled becomes the active one; undefined: not by itself. */
    private readonly activateAt: ReadonlyMap<number, bigint> | undefined,
    private readonly context: HostedProjectionContext,
  ) {
    this.name = projection.name;
    this.collection = state.collection;
    this.cache = new DocumentCache(context.cachedDocuments);
    this.adoptProgress(state);
  }

  async loadParked(): Promise<void> {
    for (const sequence of await this.context.store.parkedSequences(this.collection)) {
      this.parkedFrom.set(sequence.streamId, sequence.head.position);
      this.received += sequence.events;
      this.parked += sequence.events;
    }
    this.savedCounts = this.counts();
  }

  /**
   * Drops everything in memory and goes on from what is stored: other partitions are ours now, or the store has lost
   * writes that we took for durable.
   */
  async resume(state: CollectionState): Promise<void> {
    this.adopt(state);
    this.cache.clear();
    this.prepared = undefined;
    this.staleWrites = 0;
    this.newlyParked = [];
    this.parkedFrom.clear();
    this.folded.clear();
    this.committed.clear();
    this.adoptProgress(state);
    const { received, applied, duplicate, parked } = this.savedCounts;
    this.received = received - parked;
    this.applied = applied;
    this.duplicate = duplicate;
    this.parked = 0;
    await this.loadParked();
  }

  /** True when the store stands behind what we saved: it has lost acknowledged writes. */
  hasLost(stored: CollectionState): boolean {
    for (const [partition, { through }] of this.committed) {
      const kept = stored.checkpoints.find((c) => c.partition === partition);
      if (through > (kept?.through ?? this.context.start.through)) return true;
    }
    return false;
  }

  /** What other processes have stored meanwhile counts for the activation. */
  noteProgress(stored: CollectionState): void {
    for (const { partition, through } of stored.checkpoints) this.elsewhere.set(partition, through);
  }

  private adoptProgress(state: CollectionState): void {
    for (const { partition, checkpoint, through } of state.checkpoints) {
      this.folded.set(partition, { checkpoint, through });
      this.committed.set(partition, { checkpoint, through });
    }
  }

  /** The generation became active, here or elsewhere. */
  adopt(state: CollectionState): void {
    this.state = state;
    this.wasActivated = false;
  }

  progressOf(partition: number): FeedProgress {
    return this.folded.get(partition) ?? this.context.start;
  }

  get changedDocuments(): number {
    return this.cache.changed.length;
  }

  get isUncommitted(): boolean {
    for (const [partition, { through }] of this.folded)
      if (through !== this.committed.get(partition)?.through) return true;
    return this.cache.changed.length > 0 || this.newlyParked.length > 0 || this.isReadyToActivate;
  }

  /** Complete to a position without events in between. */
  advance(partition: number, { checkpoint, through }: FeedProgress): void {
    if (through > this.progressOf(partition).through) this.folded.set(partition, { checkpoint, through });
  }

  /** Folds what the projection wants of a batch, in position order, into documents in memory. */
  async fold(events: readonly RecordedEvent[], batch: FeedBatch): Promise<void> {
    this.prepared = undefined;
    const work = this.newWorkOf(events, this.progressOf(batch.partition).through);
    const failed: RecordedEvent[] = [];
    let rest = work;
    while (rest.length > 0) {
      const at = rest.findIndex(({ event }) => isTurn(event));
      const before = at < 0 ? rest : rest.slice(0, at);
      await this.context.retrying(() => this.load(before));
      for (const item of before) {
        if (this.isQueued(item.event)) continue;
        try {
          if ('error' in item) throw item.error;
          if (this.apply(item)) this.applied++;
          else this.duplicate++;
        } catch (error) {
          failed.push(item.event);
          this.parkHead(item.event, error);
        }
      }
      if (at < 0) break;
      const { event } = rest[at]!;
      if (!this.isQueued(event))
        try {
          await this.turn(event);
          this.applied++;
        } catch (error) {
          failed.push(event);
          this.parkHead(event, error);
        }
      rest = rest.slice(at + 1);
    }
    // A definition may change a document before it throws: take the stream back to just before the failure.
    for (const event of failed) await this.context.retrying(() => this.restoreBefore(event, batch.partition));
    this.advance(batch.partition, batch);
  }

  /** Encodes what the next save writes: done before a commit begins, so that other writers wait less for it. */
  prepare(): readonly DocumentWrite[] {
    if (this.prepared) return this.prepared;
    const writes: DocumentWrite[] = [];
    for (const changed of this.cache.changed) {
      const write = this.writeOf(changed);
      if (write) writes.push(write);
    }
    // Neighbours in the store's trees are written together: cheaper than random order once pages leave its cache.
    if (writes.length >= WORTH_SORTING) writes.sort((a, b) => (a.key < b.key ? -1 : 1));
    this.prepared = writes;
    return writes;
  }

  /** Writes everything folded since the last save. Call within a commit, then `saved` once that commit stands. */
  async save(): Promise<void> {
    const { store } = this.context;
    const writes = this.prepare();
    const [first, ...others] = this.newProgress();
    const { stale } = await store.saveMany(this.collection, writes, first);
    // The documents are stored: checkpoints may follow in any order.
    await Promise.all(others.map((checkpoint) => store.saveMany(this.collection, [], checkpoint)));
    if (this.newlyParked.length > 0) await store.park(this.newlyParked);
    if (this.isReadyToActivate) {
      await store.activate(this.name, this.state.version, this.state.generation);
      this.wasActivated = true;
    }
    this.staleWrites = stale;
  }

  saved(): void {
    this.prepared = undefined;
    this.cache.saved();
    // Somebody else has written newer documents: ours are outdated, read them again.
    if (this.staleWrites > 0) this.cache.clear();
    for (const [partition, progress] of this.folded) this.committed.set(partition, progress);
    this.savedCounts = this.counts();
    const parked = this.newlyParked;
    this.newlyParked = [];
    for (const event of parked) if (event.reason !== QUEUED) this.context.onParked(event);
  }

  /** Folds a parked sequence again. Nothing may be uncommitted. */
  async drain(streamId: string): Promise<{ drained: number; stuckAt?: ParkedEvent }> {
    const { store } = this.context;
    const sequence = await store.parkedEvents(this.collection, streamId);
    const head = sequence[0];
    if (!head) return { drained: 0 };
    const wanted = new Set(sequence.map((parked) => parked.position));
    const events = (await this.streamFrom(streamId, head.revision)).filter((e) => wanted.has(e.position));
    let failure: FoldFailure | undefined;
    let documents = await this.foldAlone(events, events.length).catch((error: unknown) => {
      if (!(error instanceof FoldFailure)) throw error;
      failure = error;
      return [] as CachedDocument[];
    });
    if (failure) documents = await this.foldAlone(events, failure.index);
    const drained = failure?.index ?? events.length;
    const stuck = failure && sequence[failure.index]!;
    const stuckAt = stuck && { ...stuck, reason: failure!.reason, attempts: stuck.attempts + 1 };
    await store.inOneCommit(async () => {
      const writes = documents.map((d) => this.writeOf(d)).filter((w) => w !== undefined);
      await store.saveMany(this.collection, writes);
      // Nothing leaves the sequence before it is folded, nor is taken out to be put back: where a commit is no
      // transaction, a crash in between would lose it.
      if (stuckAt) await store.park([stuckAt]);
      await store.unpark(this.collection, streamId, stuckAt?.position ?? sequence.at(-1)!.position + 1n);
    });
    this.forgetOwner(ownerOfStream(streamId));
    this.applied += drained;
    this.parked -= drained;
    this.savedCounts = this.counts();
    if (stuckAt) this.parkedFrom.set(streamId, stuckAt.position);
    else this.parkedFrom.delete(streamId);
    return { drained, ...(stuckAt ? { stuckAt } : {}) };
  }

  status(heads: ReadonlyMap<number, FeedProgress>): ProjectionStatus {
    const partitions = [...heads.keys()].map((partition) => ({
      partition,
      through: this.committed.get(partition)?.through ?? 0n,
    }));
    const position = partitions.reduce<bigint | undefined>(
      (least, p) => (least === undefined || p.through < least ? p.through : least),
      undefined,
    );
    let head = 0n;
    let lag = 0n;
    for (const { partition, through } of partitions) {
      const newest = heads.get(partition)!.through;
      if (newest > head) head = newest;
      if (newest > through) lag += newest - through;
    }
    return {
      projection: this.name,
      version: this.state.version,
      generation: this.state.generation,
      collection: this.collection,
      status: this.state.status,
      position: position ?? 0n,
      partitions,
      head,
      lag,
      received: this.received,
      applied: this.applied,
      duplicate: this.duplicate,
      parked: this.parked,
      parkedSequences: this.parkedFrom.size,
    };
  }

  get isReadyToActivate(): boolean {
    if (!this.activateAt || this.state.status === 'active' || this.wasActivated) return false;
    for (const [partition, position] of this.activateAt)
      if (this.progressOf(partition).through < position && (this.elsewhere.get(partition) ?? 0n) < position)
        return false;
    return true;
  }

  /** Checkpoints that moved since the last save. */
  private newProgress(): CheckpointWrite[] {
    const moved = [...this.folded].filter(([p, { through }]) => through !== this.committed.get(p)?.through);
    return moved.map(([partition, progress]) => ({ partition, ...progress }));
  }

  private counts() {
    const { received, applied, duplicate, parked } = this;
    return { received, applied, duplicate, parked };
  }

  private newWorkOf(events: readonly RecordedEvent[], through: bigint): Work[] {
    const work: Work[] = [];
    let last = through;
    for (const event of events) {
      if (!this.projection.wants(event.streamId, event.type)) continue;
      this.received++;
      if (event.position <= last) {
        this.duplicate++;
        continue;
      }
      last = event.position;
      try {
        work.push({ event, keys: this.projection.keysOf(event), documents: NONE });
      } catch (error) {
        work.push({ event, keys: [], documents: NONE, error });
      }
    }
    return work;
  }

  /** Brings the documents of the work into memory. */
  private async load(work: readonly Work[]): Promise<void> {
    const missing = new Set<string>();
    const incomplete: Work[] = [];
    for (const item of work) {
      const { keys } = item;
      if (keys.length === 0) continue;
      const documents = keys.map((key) => this.cache.get(key));
      if (!documents.includes(undefined)) item.documents = documents as CachedDocument[];
      // Nothing stored can be older than the first event of its owner, or of itself; where that is delivered again, all
      // that follows is too, and the guard of the save tells.
      else if (
        item.event.revision === 0n ||
        this.projection.definition.begins?.(item.event as never) === true
      )
        item.documents = keys.map(
          (key, i) => documents[i] ?? this.cache.add(this.cachedDocument(key, undefined)),
        );
      else {
        incomplete.push(item);
        for (const [i, key] of keys.entries()) if (!documents[i]) missing.add(key);
      }
    }
    if (missing.size === 0) return;
    const loaded = await this.context.store.loadMany(this.collection, [...missing]);
    for (const key of missing) this.cache.add(this.cachedDocument(key, loaded.get(key)));
    for (const item of incomplete) item.documents = item.keys.map((key) => this.cache.get(key)!);
  }

  private cachedDocument(key: string, stored: LoadedDocument | undefined): CachedDocument {
    return {
      key,
      document: stored?.document ?? null,
      position: stored?.position ?? 0n,
      storedIndexes: stored?.document ? this.projection.indexesOf(stored.document) : undefined,
      savedIndexes: undefined,
      isChanged: false,
    };
  }

  /** False when every document has seen the event already. */
  private apply({ event, documents }: Work): boolean {
    const { definition } = this.projection;
    let isNew = documents.length === 0;
    for (const target of documents) {
      if (target.position >= event.position) continue;
      const { key } = target;
      target.document = definition.evolve(target.document ?? definition.initial(key), event as never, key);
      target.position = event.position;
      this.cache.markChanged(target);
      isNew = true;
    }
    return isNew;
  }

  private writeOf(changed: CachedDocument): DocumentWrite | undefined {
    const { key, position, document, storedIndexes } = changed;
    if (document === null) return storedIndexes ? { key, position, document, indexes: {} } : undefined;
    const indexes = this.projection.indexesOf(document);
    const indexesUnchanged =
      storedIndexes !== undefined && this.projection.indexNames.every((n) => indexes[n] === storedIndexes[n]);
    changed.savedIndexes = indexes;
    const wasAbsent = storedIndexes === undefined;
    return { key, position, document, json: JSON.stringify(document), indexes, indexesUnchanged, wasAbsent };
  }

  /** Behind a parked head every event of the stream waits. */
  private isQueued(event: RecordedEvent): boolean {
    const parkedFrom = this.parkedFrom.get(event.streamId);
    if (parkedFrom === undefined || event.position < parkedFrom) return false;
    this.park(event, QUEUED);
    return true;
  }

  private parkHead(event: RecordedEvent, error: unknown): void {
    this.parkedFrom.set(event.streamId, event.position);
    this.park(event, reasonOf(error));
  }

  /** The owner's documents from here on hold another history: they are folded anew from the log. */
  private async turn(event: RecordedEvent): Promise<void> {
    const owner = ownerOfStream(event.streamId);
    const isOwned = (key: string): boolean => key === owner || key.startsWith(`${owner}/`);
    const { documents } = await this.context.retrying(() =>
      foldOwner(this.projection, this.context.history, event.streamId, upTo(event)),
    );
    const stored = await this.context.retrying(() => this.storedOf(owner, [...this.cache.keysThat(isOwned), ...documents.keys()])); // prettier-ignore
    this.cache.forget(isOwned);
    for (const [key, loaded] of stored) this.replace(this.cache.add(loaded), documents.get(key), event.position);
  } // prettier-ignore

  private replace(target: CachedDocument, by: FoldedDocument | undefined, position: bigint): void {
    if (target.position >= position) return;
    target.document = by?.document ?? null;
    target.position = position;
    this.cache.markChanged(target);
  }

  /** What is stored under an owner's keys, and nothing under those that are named and not stored. */
  private async storedOf(owner: string, named: readonly string[]): Promise<Map<string, CachedDocument>> {
    const { store } = this.context;
    const keys = new Set(named);
    for (let after: { values: []; key: string } | undefined; ;) {
      const page = await store.query(this.collection, { owner, limit: STREAM_PAGE, ...(after ? { after } : {}) }); // prettier-ignore
      for (const { key } of page) keys.add(key);
      if (page.length < STREAM_PAGE) break;
      after = { values: [], key: page.at(-1)!.key };
    }
    const loaded = await store.loadMany(this.collection, [...keys]);
    return new Map([...keys].map((key) => [key, this.cachedDocument(key, loaded.get(key))]));
  }

  private park(event: RecordedEvent, reason: string): void {
    this.parked++;
    this.newlyParked.push({
      collection: this.collection,
      projection: this.name,
      generation: this.state.generation,
      streamId: event.streamId,
      owner: ownerOfStream(event.streamId),
      position: event.position,
      revision: event.revision,
      eventId: event.eventId,
      eventType: event.type,
      reason,
      parkedAtMs: this.context.nowMs(),
      attempts: reason === QUEUED ? 0 : 1,
    });
  }

  /** Documents of the failed event's owner as they were just before it: what is stored plus what came since. */
  private async restoreBefore(failed: RecordedEvent, partition: number): Promise<void> {
    const committed = this.committed.get(partition)?.through ?? this.context.start.through;
    const since: RecordedEvent[] = [];
    let fromRevision = failed.revision - 1n;
    while (fromRevision >= 0n) {
      const page = await this.context.history.readStream(failed.streamId, {
        direction: 'backward',
        fromRevision,
        maxCount: STREAM_PAGE,
      });
      const fresh = page.filter((event) => event.position > committed);
      since.push(...fresh.filter((event) => this.projection.wants(event.streamId, event.type)));
      if (fresh.length < STREAM_PAGE) break;
      fromRevision = page.at(-1)!.revision - 1n;
    }
    since.reverse();
    const documents = await this.foldAlone(since, since.length);
    this.forgetOwner(ownerOfStream(failed.streamId));
    for (const document of documents) this.cache.markChanged(this.cache.add(document));
  }

  private forgetOwner(owner: string): void {
    this.cache.forget((key) => key === owner || key.startsWith(`${owner}/`));
  }

  /** Folds some events onto the stored documents, beside the cache. Throws FoldFailure. */
  private async foldAlone(events: readonly RecordedEvent[], count: number): Promise<CachedDocument[]> {
    const documents = new Map<string, CachedDocument>();
    const { definition } = this.projection;
    for (const [index, event] of events.slice(0, count).entries()) {
      if (isTurn(event)) {
        const owner = ownerOfStream(event.streamId);
        const folded = await foldOwner(this.projection, this.context.history, event.streamId, upTo(event)).catch((error: unknown) => { throw new FoldFailure(index, reasonOf(error)); }); // prettier-ignore
        const keys = [...documents.keys(), ...folded.documents.keys()];
        for (const [key, stored] of await this.storedOf(owner, keys)) {
          if (stored.position >= event.position) continue;
          stored.document = folded.documents.get(key)?.document ?? null;
          stored.position = event.position;
          documents.set(key, stored);
        }
        continue;
      }
      const keys = attempt(index, () => this.projection.keysOf(event));
      const missing = keys.filter((key) => !documents.has(key));
      if (missing.length > 0) {
        const loaded = await this.context.store.loadMany(this.collection, missing);
        for (const key of missing) documents.set(key, this.cachedDocument(key, loaded.get(key)));
      }
      attempt(index, () => {
        for (const key of keys) {
          const target = documents.get(key)!;
          if (target.position >= event.position) continue;
          target.document = definition.evolve(
            target.document ?? definition.initial(key),
            event as never,
            key,
          );
          target.position = event.position;
        }
      });
    }
    return [...documents.values()].filter((d) => d.position > 0n);
  }

  private async streamFrom(streamId: string, fromRevision: bigint): Promise<readonly RecordedEvent[]> {
    const events: RecordedEvent[] = [];
    for (let next = fromRevision; ;) {
      const page = await this.context.history.readStream(streamId, {
        fromRevision: next,
        maxCount: STREAM_PAGE,
      });
      events.push(...page);
      if (page.length < STREAM_PAGE) return events;
      next = page.at(-1)!.revision + 1n;
    }
  }
}

/** A stream's own events up to one of them, and whatever its members brought along. */
const upTo =
  (last: RecordedEvent) =>
  (event: RecordedEvent): boolean =>
    event.streamId !== last.streamId || event.revision <= last.revision;

function attempt<T>(index: number, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new FoldFailure(index, reasonOf(error));
  }
}

/** Which of the events could not be folded, and why. */
class FoldFailure extends Error {
  constructor(
    readonly index: number,
    readonly reason: string,
  ) {
    super(reason);
  }
}
