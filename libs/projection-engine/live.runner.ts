import type { EventFeed, FeedAssignment, FeedBatch, FeedProgress } from '@rapport/event-feed';
import type { EventStore } from '@rapport/event-store';
import {
  haveSameShape,
  type CollectionState,
  type DeadLetterStore,
  type LeaseStore,
  type ParkedEvent,
  type ReadModelStore,
} from '@rapport/read-model';
import type { Clock, Scheduler } from '@rapport/runtime';
import { compileProjection, ownerOfStream, type CompiledProjection } from './compiled-projection.js';
import type { AnyProjection } from './definition.js';
import { HostedProjection } from './hosted-projection.js';
import { inPositionOrder } from './position-order.js';
import { ProgressBoard, type ProjectionStatus, type WaitOptions } from './progress-board.js';
import { backoffMs, isTransient, untilItSucceeds } from './retry.js';
import { rebuildLeaseName } from './rebuild-lease.js';

export interface LiveRunnerOptions {
  readonly projections: readonly AnyProjection[];
  readonly feed: EventFeed;
  /** Single streams are read again when one of their events could not be folded. */
  readonly history: Pick<EventStore, 'readStream'>;
  readonly store: ReadModelStore & DeadLetterStore & LeaseStore;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** 0 to below 1, for jitter. */
  readonly random: () => number;
  /** Documents kept in memory of all projections together, shared equally, in units of about half; default 120,000. */
  readonly cachedDocuments?: number;
  /** Events folded before a commit while behind; default 200,000: each document is then written seldom. */
  readonly commitEvents?: number;
  /** Time between commits while behind, ms; default 5,000: readers see progress. Longer where commits themselves are slow. */
  readonly commitMs?: number;
  /** Changed documents held before a commit while behind; default 100,000: bounds memory. */
  readonly commitDocuments?: number;
  /**
   * How often an idle runner looks whether the store still has what it saved and what others have saved, ms. Absent:
   * never, for a store that only this process writes and that keeps what it acknowledged.
   */
  readonly verifyMs?: number;
  readonly onProgress?: (statuses: readonly ProjectionStatus[]) => void;
  readonly onParked?: (event: ParkedEvent) => void;
  readonly onRetry?: (error: unknown, attempt: number, delayMs: number) => void;
  /** The store had lost writes it acknowledged; they are folded again from the log. */
  readonly onLoss?: (loss: { readonly projection: string; readonly collection: string }) => void;
}

/** What became of a retried sequence. */
export interface RetryOutcome {
  readonly projection: string;
  readonly owner: string;
  /** Events folded and taken out of the sequence. */
  readonly drained: number;
  /** Still parked, with the failing event at the head; absent when the sequence is empty. */
  readonly stuckAt?: ParkedEvent;
}

/** A few hundred MiB: documents take 1 to 20 kB in memory. */
const CACHED_DOCUMENTS = 120_000;
/** How often a projection without a usable generation (a rebuild holds it) is looked at again. */
const LOOK_AGAIN_MS = 1_000;
/** Of several processes one creates a generation; should it die meanwhile, another does so after this. */
const CREATION_LEASE_MS = 10_000;
/** While behind, at least this share of time goes to folding: a slow disk gets fewer, bigger commits. */
const FOLDING_PER_COMMITTING = 3;
/** Messages and timers of the thread get a turn at least this often. */
const BREATHE_MS = 50;

/**
 * Keeps a set of projections up to date: batches from the feed are grouped by document, folded in memory and saved
 * with one guarded write a document; documents, parked events and checkpoints of all projections are one commit.
 *
 * - While behind, commits are put off (write-behind) and each document is written once for many events; at the head
 *   every batch is committed at once.
 * - A projection that is behind the others replays on its own turn; the others do not wait for more than that turn.
 * - An event that cannot be folded parks its stream for that projection: it and later ones wait, others flow.
 * - Where processes share the partitions of the feed, each folds those assigned to it. With every new assignment what
 *   is not saved is dropped and folding goes on from the stored checkpoints; the guard of the documents fences a
 *   process that does not know yet that it has lost a partition.
 * - A store that lost acknowledged writes shows by its checkpoints: they are folded again from the log.
 * - Transient store errors are retried for ever with capped, jittered delays; other errors end `run`.
 */
export class LiveRunner {
  private readonly compiled: readonly CompiledProjection[];
  private readonly board: ProgressBoard;
  private hosted: HostedProjection[] = [];
  private isComplete = false;
  private readonly seen = new Map<number, FeedProgress>();
  private uncommittedEvents = 0;
  private lastCommitMs = 0;
  private lastCommitTookMs = 0;
  private lastBreathMs = 0;
  private readonly jobs: (() => Promise<void>)[] = [];
  private kick: () => void = () => undefined;
  private readonly commitMs: number;
  private signal: AbortSignal = new AbortController().signal;
  private lastTrouble: Error | undefined;
  private assignment: FeedAssignment | undefined;
  private verifiedMs = 0;
  private readonly retried = new Set<string>();

  constructor(private readonly options: LiveRunnerOptions) {
    this.compiled = options.projections.map(compileProjection);
    this.commitMs = options.commitMs ?? 5_000;
    this.board = new ProgressBoard(options.scheduler);
  }

  /** Runs until aborted; what was folded by then is committed. Rejects on errors that do not go away. */
  async run(signal: AbortSignal): Promise<void> {
    this.signal = signal;
    this.lastCommitMs = this.options.clock.monotonicMs();
    signal.addEventListener('abort', () => this.kick(), { once: true });
    await this.retrying(() => this.host());
    let failures = 0;
    while (!signal.aborted) {
      try {
        await this.follow(signal, () => (failures = 0));
      } catch (error) {
        if (signal.aborted) break;
        if (!isTransient(error)) throw error;
        await this.pause(error, ++failures);
      }
    }
    if (this.hosted.some((h) => h.isUncommitted)) await this.commit().catch(() => undefined);
  }

  status(): readonly ProjectionStatus[] {
    return this.board.current();
  }

  /** What is tried again just now and has not succeeded yet: nothing is kept up to date meanwhile. */
  trouble(): Error | undefined {
    return this.lastTrouble;
  }

  /** Resolves when projections are complete to a position. Throws READ_YOUR_WRITES_TIMEOUT. */
  waitFor(position: bigint, timeoutMs: number, options?: WaitOptions): Promise<void> {
    this.options.feed.wake();
    const reached = this.board.waitFor(position, timeoutMs, options);
    this.kick();
    return reached;
  }

  /** Looks again which generations are active: after a rebuild or a rollback. */
  reload(): Promise<void> {
    return this.between(() => this.host());
  }

  /**
   * Folds parked events again, in order, through the current code and upcasters: one owner's, or all of the
   * projection. A sequence that fails again stays parked at the failing event.
   */
  async retryParked(projection: string, owner?: string): Promise<readonly RetryOutcome[]> {
    let outcomes: readonly RetryOutcome[] = [];
    await this.between(async () => {
      outcomes = await this.drainParked(projection, owner);
    });
    return outcomes;
  }

  private async drainParked(projection: string, owner?: string): Promise<readonly RetryOutcome[]> {
    const outcomes: RetryOutcome[] = [];
    await this.commit();
    for (const h of this.hosted) {
      if (h.name !== projection) continue;
      const sequences = await this.options.store.parkedSequences(h.collection);
      for (const sequence of sequences)
        if ((owner === undefined || sequence.owner === owner) && this.isOurs(sequence.streamId))
          outcomes.push(await this.drain(h, sequence.streamId));
    }
    this.publish();
    return outcomes;
  }

  /** Runs a job between two batches. */
  private between(job: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.jobs.push(() => job().then(resolve, reject));
      this.kick();
    });
  }

  private async follow(signal: AbortSignal, onBatch: () => void): Promise<void> {
    const { feed } = this.options;
    const assignment = await this.untilAssigned(signal);
    if (!assignment || signal.aborted) return;
    await this.retrying(() => this.takeOver(assignment));
    for (const partition of assignment.partitions) this.seen.set(partition, this.furthest(partition));
    this.publish();
    const stop = new AbortController();
    const abort = (): void => stop.abort();
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    const batches = feed
      .consume({
        assignment,
        from: (partition) => this.seen.get(partition) ?? feed.start,
        signal: stop.signal,
      })
      [Symbol.asyncIterator]();
    let arrived: { result: IteratorResult<FeedBatch> } | { error: unknown } | undefined;
    const ask = (): void => {
      arrived = undefined;
      batches.next().then(
        (result) => ((arrived = { result }), this.kick()),
        (error: unknown) => ((arrived = { error }), this.kick()),
      );
    };
    try {
      ask();
      while (!signal.aborted) {
        for (let job = this.jobs.shift(); job; job = this.jobs.shift()) await job();
        if (!this.isComplete) await this.retrying(() => this.host());
        const behind = this.furthestBehind();
        if (!arrived && !behind) {
          const kicked = new Promise<void>((resolve) => (this.kick = resolve));
          if (!arrived && this.jobs.length === 0 && !signal.aborted) await this.idle(kicked);
          this.kick = () => undefined;
        }
        if (arrived) {
          if ('error' in arrived) throw arrived.error;
          if (arrived.result.done) return;
          const batch = arrived.result.value;
          ask();
          await this.take(batch);
          onBatch();
        }
        if (behind && !signal.aborted) await this.catchUp(behind.hosted, behind.partition);
        await this.breathe();
      }
    } finally {
      signal.removeEventListener('abort', abort);
      stop.abort();
      await batches.return?.();
    }
  }

  /** The partitions to fold; jobs are done while there are none. undefined when aborted. */
  private async untilAssigned(signal: AbortSignal): Promise<FeedAssignment | undefined> {
    let answered = false;
    const assigned = this.options.feed.assigned(signal).finally(() => {
      answered = true;
      this.kick();
    });
    assigned.catch(() => undefined);
    while (!answered && !signal.aborted) {
      for (let job = this.jobs.shift(); job; job = this.jobs.shift()) await job();
      const kicked = new Promise<void>((resolve) => (this.kick = resolve));
      // A promise that is settled says so in the next turn: look once more before waiting.
      await Promise.resolve();
      if (!answered && this.jobs.length === 0 && !signal.aborted) await kicked;
      this.kick = () => undefined;
    }
    return assigned;
  }

  /** Another assignment than before: what is not saved is dropped, what is stored is where to go on. */
  private async takeOver(assignment: FeedAssignment): Promise<void> {
    if (this.assignment?.id === assignment.id) return;
    this.seen.clear();
    this.uncommittedEvents = 0;
    for (const h of this.hosted) {
      const stored = await this.options.store.collectionState(h.collection);
      if (stored) await h.resume(stored);
    }
    await this.host();
    this.assignment = assignment;
  }

  /** Waits for news; what waits for a commit, or a projection for its generation, does not wait for ever. */
  private async idle(kicked: Promise<void>): Promise<void> {
    const { scheduler, clock } = this.options;
    const { verifyMs } = this.options;
    const isWaiting = this.hosted.some((h) => h.isUncommitted);
    if (this.isComplete && !isWaiting && verifyMs === undefined) return kicked;
    const sinceCommitMs = clock.monotonicMs() - this.lastCommitMs;
    const enough = new AbortController();
    const patienceMs = Math.min(
      isWaiting ? (this.board.isAwaited ? 0 : Math.max(this.commitMs - sinceCommitMs, 0)) : Infinity,
      this.isComplete ? Infinity : LOOK_AGAIN_MS,
      verifyMs ?? Infinity,
    );
    await Promise.race([kicked, scheduler.sleep(patienceMs, enough.signal)]);
    enough.abort();
    const isDue = this.board.isAwaited || clock.monotonicMs() - this.lastCommitMs >= this.commitMs;
    if (isWaiting && isDue) await this.commit();
    if (verifyMs !== undefined && clock.monotonicMs() - this.verifiedMs >= verifyMs)
      await this.retrying(() => this.verify());
  }

  /** Looks at what is stored: have writes been lost, and may a generation that others fill with us be activated? */
  private async verify(): Promise<void> {
    this.verifiedMs = this.options.clock.monotonicMs();
    for (const h of this.hosted) {
      const stored = await this.options.store.collectionState(h.collection);
      if (stored?.status !== h.state.status) return this.host();
      if (h.hasLost(stored)) await this.recover(h, stored);
      else h.noteProgress(stored);
    }
    if (this.hosted.some((h) => h.isReadyToActivate)) await this.commit();
    await this.retryAsRequested();
  }

  /** Folds again what operators asked for through the store, each request once. */
  private async retryAsRequested(): Promise<void> {
    const requests = await this.options.store.retryRequests();
    for (const { id, projection, owner } of requests)
      if (!this.retried.has(id)) {
        this.retried.add(id);
        await this.drainParked(projection, owner);
      }
    const kept = new Set(requests.map(({ id }) => id));
    for (const id of this.retried) if (!kept.has(id)) this.retried.delete(id);
  }

  /** Goes back to what the store kept; the turn of replay that every projection behind gets brings the rest. */
  private async recover(h: HostedProjection, stored: CollectionState): Promise<void> {
    await h.resume(stored);
    this.options.onLoss?.({ projection: h.name, collection: h.collection });
    this.publish();
  }

  private async take(batch: FeedBatch): Promise<void> {
    this.seen.set(batch.partition, batch);
    const inStep = this.hosted.filter((h) => h.progressOf(batch.partition).through >= batch.previous);
    await this.fold(inStep, batch);
    // Progress alone is stored with the next events or after a while, unless somebody waits for it.
    const isNews = batch.events.length > 0 || this.board.isAwaited;
    if (batch.more || !isNews) await this.commitIfDue();
    else await this.commit();
  }

  /** One turn of replay for the projection furthest behind and those that stand with it: up to one commit. */
  private async catchUp(last: HostedProjection, partition: number): Promise<void> {
    const after = last.progressOf(partition);
    const group = this.hosted.filter((h) => h.progressOf(partition).through === after.through);
    const { through } = this.seen.get(partition)!;
    for await (const batch of this.options.feed.replay(partition, { after, through })) {
      await this.fold(group, batch);
      if (this.isCommitDue() || this.signal.aborted) return this.commit();
      await this.commitIfDue();
    }
    for (const h of group) h.advance(partition, this.seen.get(partition)!);
    await this.commit();
  }

  private async fold(targets: readonly HostedProjection[], batch: FeedBatch): Promise<void> {
    const events = inPositionOrder(batch.events);
    // Each loads what it lacks: over a network all of them wait once instead of one after the other.
    await allDone(targets.map((target) => target.fold(events, batch)));
    this.uncommittedEvents += events.length;
  }

  private isCommitDue(): boolean {
    const { commitEvents = 200_000, clock } = this.options;
    if (this.uncommittedEvents >= commitEvents) return true;
    const patienceMs = Math.max(this.commitMs, this.lastCommitTookMs * FOLDING_PER_COMMITTING);
    if (clock.monotonicMs() - this.lastCommitMs >= patienceMs) return true;
    return false;
  }

  /**
   * Commits what is due. When only memory is short, the projection that holds most of it is saved alone: rows that are
   * written once gain nothing from waiting, documents that change again and again do.
   */
  private async commitIfDue(): Promise<void> {
    if (this.isCommitDue()) return this.commit();
    const { commitDocuments = 100_000 } = this.options;
    let most: HostedProjection | undefined;
    let changed = 0;
    for (const h of this.hosted) {
      changed += h.changedDocuments;
      if (h.changedDocuments > (most?.changedDocuments ?? 0)) most = h;
    }
    if (changed >= commitDocuments && most) await this.commit([most]);
  }

  /** Documents, parked events and checkpoints of every projection, in one commit. */
  private async commit(only?: readonly HostedProjection[]): Promise<void> {
    const { store, feed } = this.options;
    const startedMs = this.options.clock.monotonicMs();
    const waiting = (only ?? this.hosted).filter((h) => h.isUncommitted);
    let swapped: HostedProjection[] = [];
    let lost: { readonly h: HostedProjection; readonly stored: CollectionState }[] = [];
    if (waiting.length > 0) {
      for (const h of waiting) h.prepare();
      await this.retrying(async () => {
        swapped = [];
        lost = [];
        await store.inOneCommit(async () => {
          const states = await Promise.all(waiting.map((h) => store.collectionState(h.collection)));
          const ours = waiting.filter((h, i) => {
            // A rebuild may have swapped or dropped the generation since: then it is nobody's any more.
            const now = states[i];
            if (now?.status !== h.state.status) swapped.push(h);
            else if (h.hasLost(now)) lost.push({ h, stored: now });
            else {
              h.noteProgress(now);
              return true;
            }
            return false;
          });
          // All at once: a store over the network then answers all of them in the time of one.
          await allDone(ours.map((h) => h.save()));
        });
      });
      const unsaved = [...swapped, ...lost.map(({ h }) => h)];
      for (const h of waiting) if (!unsaved.includes(h)) h.saved();
      for (const { h, stored } of lost) await this.recover(h, stored);
      if (!only && unsaved.length === 0)
        for (const [partition, progress] of this.seen) await feed.commit({ partition, ...progress });
    }
    if (!only) {
      this.uncommittedEvents = 0;
      this.lastCommitMs = this.options.clock.monotonicMs();
      this.lastCommitTookMs = this.lastCommitMs - startedMs;
    }
    if (swapped.length > 0 || waiting.some((h) => h.wasActivated)) await this.host();
    this.publish();
  }

  /** Finds or creates the generation of each projection that events are folded into. */
  private async host(): Promise<void> {
    const { store, feed, clock } = this.options;
    const hosted: HostedProjection[] = [];
    for (const projection of this.compiled) {
      const state = await this.generationFor(projection);
      if (!state) continue;
      const same = this.hosted.find((h) => h.collection === state.collection);
      if (same) {
        same.adopt(state);
        hosted.push(same);
        continue;
      }
      const targets = new Map<number, bigint>();
      if (state.status !== 'active')
        await Promise.all(
          (await feed.partitions()).map(async (partition) =>
            targets.set(partition, (await feed.head(partition)).through),
          ),
        );
      const h = new HostedProjection(projection, state, targets, {
        store,
        history: this.options.history,
        retrying: (work) => this.retrying(work),
        start: feed.start,
        nowMs: () => clock.nowMs(),
        cachedDocuments: Math.ceil((this.options.cachedDocuments ?? CACHED_DOCUMENTS) / this.compiled.length),
        onParked: (event) => this.options.onParked?.(event),
      });
      await h.loadParked();
      hosted.push(h);
    }
    this.hosted = hosted;
    this.isComplete = hosted.length === this.compiled.length;
    // A generation filled from an empty log has nothing to wait for.
    if (hosted.some((h) => h.isUncommitted)) await this.commit();
    this.publish();
  }

  /** The active generation when it is of this version and shape; else one to be filled here, unless a rebuild fills it. */
  private async generationFor(projection: CompiledProjection): Promise<CollectionState | undefined> {
    const { store, clock } = this.options;
    const generations = await store.generations(projection.name);
    const usable = generations.filter((g) => haveSameShape(g, projection.shape));
    const active = usable.find((g) => g.status === 'active');
    if (active) return active;
    if (await store.currentLease(rebuildLeaseName(projection.name), clock.nowMs())) return undefined;
    // Without a checkpoint it is a half-filled one of a rebuild that died.
    const started = usable.filter((g) => g.checkpoints.length > 0).at(-1);
    if (started) return started;
    return this.createGeneration(projection);
  }

  /** A new generation to be filled here; undefined while another process is creating one. */
  private async createGeneration(projection: CompiledProjection): Promise<CollectionState | undefined> {
    const { store, clock, feed } = this.options;
    const { name, shape } = projection;
    const answer = await store.acquireLease(
      `creation ${name}`,
      'projector',
      clock.nowMs(),
      CREATION_LEASE_MS,
    );
    if (answer.kind === 'held') return undefined;
    try {
      const generations = await store.generations(name);
      const created = generations
        .filter((g) => g.version === shape.version && g.checkpoints.length > 0)
        .at(-1);
      if (created && haveSameShape(created, shape)) return created;
      const generation = Math.max(0, ...generations.map((g) => g.generation)) + 1;
      const [firstPartition = 0, ...others] = await feed.partitions();
      await store.inOneCommit(async () => {
        await store.createGeneration({ projection: name, ...shape, generation });
        const { collection } = (await store.generations(name)).find((g) => g.generation === generation)!;
        await store.finishFilling(collection, { partition: firstPartition, ...feed.start });
        for (const partition of others) await store.saveMany(collection, [], { partition, ...feed.start });
      });
      return (await store.generations(name)).find((g) => g.generation === generation);
    } finally {
      await store.releaseLease(answer.lease);
    }
  }

  /** A stream of a partition that is another's is retried there: it has the later events of the stream in its memory. */
  private isOurs(streamId: string): boolean {
    return this.assignment?.partitions.includes(this.options.feed.partitionOf(streamId)) ?? false;
  }

  private async drain(h: HostedProjection, streamId: string): Promise<RetryOutcome> {
    const outcome = await this.retrying(() => h.drain(streamId));
    return { projection: h.name, owner: ownerOfStream(streamId), ...outcome };
  }

  private furthest(partition: number): FeedProgress {
    let furthest = this.options.feed.start;
    for (const h of this.hosted) {
      const progress = h.progressOf(partition);
      if (progress.through > furthest.through) furthest = progress;
    }
    const seen = this.seen.get(partition);
    return seen && seen.through > furthest.through ? seen : furthest;
  }

  private furthestBehind(): { hosted: HostedProjection; partition: number } | undefined {
    let last: { hosted: HostedProjection; partition: number; through: bigint } | undefined;
    for (const [partition, seen] of this.seen)
      for (const hosted of this.hosted) {
        const { through } = hosted.progressOf(partition);
        if (through < seen.through && (!last || through < last.through))
          last = { hosted, partition, through };
      }
    return last;
  }

  private publish(): void {
    const statuses = this.hosted.map((h) => h.status(this.seen));
    this.board.update(statuses);
    this.options.onProgress?.(statuses);
  }

  /** Folding and SQLite are synchronous: without a pause a busy thread would never see its messages. */
  private async breathe(): Promise<void> {
    const { clock, scheduler } = this.options;
    const nowMs = clock.monotonicMs();
    if (nowMs - this.lastBreathMs < BREATHE_MS) return;
    await scheduler.sleep(0, this.signal);
    this.lastBreathMs = clock.monotonicMs();
  }

  private retryOptions() {
    const { scheduler, random, onRetry } = this.options;
    return {
      scheduler,
      random,
      signal: this.signal,
      onRetry: (error: unknown, attempt: number, delayMs: number) => {
        this.lastTrouble = error as Error;
        onRetry?.(error, attempt, delayMs);
      },
    };
  }

  private async retrying<T>(work: () => Promise<T>): Promise<T> {
    const done = await untilItSucceeds(work, this.retryOptions());
    this.lastTrouble = undefined;
    return done;
  }

  private async pause(error: unknown, attempt: number): Promise<void> {
    const { scheduler, random, onRetry } = this.options;
    const delayMs = backoffMs(attempt, random);
    this.lastTrouble = error as Error;
    onRetry?.(error, attempt, delayMs);
    await scheduler.sleep(delayMs, this.signal);
  }
}

/** Rejects with the first failure once none is under way: what comes next must not meet a straggler. */
async function allDone(works: readonly Promise<void>[]): Promise<void> {
  for (const end of await Promise.allSettled(works)) if (end.status === 'rejected') throw end.reason;
}
