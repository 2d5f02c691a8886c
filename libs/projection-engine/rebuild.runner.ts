import { RapportError } from '@rapport/contracts';
import type { EventFeed } from '@rapport/event-feed';
import { logSize, type EventStore } from '@rapport/event-store';
import {
  haveSameShape,
  type CollectionState,
  type DeadLetterStore,
  type Lease,
  type LeaseStore,
  type ReadModelStore,
} from '@rapport/read-model';
import type { Clock, Scheduler } from '@rapport/runtime';
import { compareGenerations, type GenerationComparison } from './compare-generations.js';
import { compileProjection, type CompiledProjection } from './compiled-projection.js';
import type { AnyProjection } from './definition.js';
import { RebuildStopped, type ShardFolder, type ShardTask } from './fold-shard.js';
import { HostedProjection } from './hosted-projection.js';
import { rebuildLeaseName } from './rebuild-lease.js';
import { untilItSucceeds } from './retry.js';

export type RebuildPhase = 'plan' | 'fold' | 'catchUp' | 'compare' | 'activate' | 'done';

export interface RebuildProgress {
  readonly phase: RebuildPhase;
  /** Events of the log folded so far, of `totalEvents`. */
  readonly events: number;
  readonly totalEvents: number;
  readonly documents: number;
  readonly eventsPerSecond: number;
  /** Until the fold is done, ms; undefined while unknown. */
  readonly etaMs?: number;
}

export interface RebuiltProjection {
  readonly projection: string;
  readonly version: number;
  readonly generation: number;
  readonly collection: string;
  readonly documents: number;
  /** Absent when there was no active generation to compare with. */
  readonly comparison?: GenerationComparison;
  /** The generation readers had before; kept for `rollback`. */
  readonly previous?: string;
}

export interface RebuildReport {
  /** `declined`: `confirm` answered no; like `cancelled` it leaves everything as it was. */
  readonly outcome: 'activated' | 'declined' | 'cancelled';
  readonly projections: readonly RebuiltProjection[];
  /** Position up to which events were folded in parallel. */
  readonly fence: bigint;
  readonly events: number;
  /** Reading, folding and writing up to the fence. */
  readonly foldMs: number;
  readonly totalMs: number;
  readonly eventsPerSecond: number;
}

export interface RebuildContext {
  readonly history: Pick<EventStore, 'head' | 'checkpointAt' | 'readStream' | 'readAll'>;
  /** The feed of the log, one partition: history after the fence is replayed from it. */
  readonly feed: EventFeed;
  readonly store: ReadModelStore & DeadLetterStore & LeaseStore;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly random: () => number;
  /** Who rebuilds: shown to whoever is refused meanwhile. */
  readonly holder: string;
  /** A rebuild that dies blocks others for this long at most; default 15,000. */
  readonly leaseMs?: number;
  readonly signal?: AbortSignal;
}

export interface RebuildOptions extends RebuildContext {
  readonly projections: readonly AnyProjection[];
  readonly shards: ShardFolder;
  /** Bounds memory: a shard folds about this many events at a time in each thread; default 400,000. */
  readonly eventsPerShard?: number;
  /** Asked before the swap when an active generation exists; default yes. */
  readonly confirm?: (comparisons: readonly GenerationComparison[]) => boolean | Promise<boolean>;
  readonly onProgress?: (progress: RebuildProgress) => void;
}

interface Green {
  readonly projection: CompiledProjection;
  readonly lease: Lease;
  readonly state: CollectionState;
}

const PARTITION = 0;
/** Pause before documents that moved during the comparison are looked at again. */
const PATIENCE_MS = 100;
/** Write-behind while catching up. */
const CATCH_UP_EVENTS = 20_000;

/**
 * Rebuilds projections beside the running ones: new generations are folded from the log up to a fence, each document
 * written once, brought up to date, compared with the active generations and swapped in at once. Readers are never
 * interrupted and never see a half-built model; several projections share one pass.
 *
 * Throws REBUILD_RUNNING when another holds the lease; RebuildStopped at the first event that cannot be folded. After
 * an error, a cancellation or a kill the active generations are as before; the next rebuild removes what is left over.
 */
export async function rebuildProjections(options: RebuildOptions): Promise<RebuildReport> {
  const { store, history, clock, projections } = options;
  const startedMs = clock.monotonicMs();
  return holdingLeases(projections, options, async (leases, signal) => {
    const greens: Green[] = [];
    const drop = async (): Promise<void> => {
      for (const { state } of greens)
        await store.dropGeneration(state.projection, state.version, state.generation);
    };
    try {
      for (const [i, projection] of projections.map(compileProjection).entries())
        greens.push({ projection, lease: leases[i]!, state: await freshGeneration(projection, store) });
      const { position: fence, events } = await logSize(history);
      const plan = { fence, events };
      const foldStartedMs = clock.monotonicMs();
      const documents = await foldToFence(greens, plan, options, signal);
      const checkpoint = {
        partition: PARTITION,
        checkpoint: history.checkpointAt(plan.fence),
        through: plan.fence,
      };
      for (const { state } of greens) await store.finishFilling(state.collection, checkpoint);
      const foldMs = clock.monotonicMs() - foldStartedMs;
      const report = (phase: RebuildPhase): void =>
        options.onProgress?.({
          phase,
          events: plan.events,
          totalEvents: plan.events,
          documents,
          eventsPerSecond: rate(plan.events, foldMs),
          etaMs: 0,
        });

      report('catchUp');
      const hosted = await Promise.all(
        greens.map((green) => hostedOf(green.projection, green.state, options, signal)),
      );
      await catchUpToHead(hosted, options, signal);

      report('compare');
      const comparisons: GenerationComparison[] = [];
      for (const { state } of greens) {
        const blue = await activeOf(state.projection, store);
        if (blue)
          comparisons.push(
            await compareGenerations(store, blue.collection, state.collection, async () => {
              await catchUpToHead(hosted, options, signal);
              // The active generation moves by itself: give its projector a moment.
              await options.scheduler.sleep(PATIENCE_MS, signal);
            }),
          );
      }
      const isWanted = comparisons.length === 0 || ((await options.confirm?.(comparisons)) ?? true);
      signal.throwIfAborted();
      const summary = (
        outcome: RebuildReport['outcome'],
        rebuilt: readonly RebuiltProjection[],
      ): RebuildReport => ({
        outcome,
        projections: rebuilt,
        fence: plan.fence,
        events: plan.events,
        foldMs,
        totalMs: clock.monotonicMs() - startedMs,
        eventsPerSecond: rate(plan.events, foldMs),
      });
      if (!isWanted) {
        await drop();
        return summary('declined', []);
      }

      report('activate');
      const previous = await swap(
        hosted,
        greens.map((g) => g.lease),
        options,
        signal,
      );
      await keepOnePrevious(
        greens.map((g) => g.state.projection),
        previous,
        store,
      );
      const rebuilt: RebuiltProjection[] = [];
      for (const { state } of greens)
        rebuilt.push({
          projection: state.projection,
          version: state.version,
          generation: state.generation,
          collection: state.collection,
          documents: await store.count(state.collection),
          comparison: comparisons.find((c) => c.projection === state.projection),
          previous: previous.get(state.projection),
        });
      report('done');
      return summary('activated', rebuilt);
    } catch (error) {
      const isLeaseLost = error instanceof LeaseLost || signal.reason instanceof LeaseLost;
      // After losing the lease the generation may be another's already: hands off.
      if (!isLeaseLost) await drop().catch(() => undefined);
      if (isLeaseLost) throw refused(projections[0]!.name, 'another process');
      if (options.signal?.aborted !== true) throw error;
      return {
        outcome: 'cancelled',
        projections: [],
        fence: 0n,
        events: 0,
        foldMs: 0,
        totalMs: clock.monotonicMs() - startedMs,
        eventsPerSecond: 0,
      };
    }
  });
}

/**
 * Makes the previous generation the active one again, brought up to date first. Throws NOT_FOUND without one, CONFLICT
 * when it is of another version than the running code: start that code, its projector then takes it up by itself.
 */
export async function rollback(projection: AnyProjection, context: RebuildContext): Promise<CollectionState> {
  return holdingLeases([projection], context, async ([lease], signal) => {
    const compiled = compileProjection(projection);
    const generations = await context.store.generations(projection.name);
    const state = generations.filter((g) => g.status === 'previous').at(-1);
    if (!state) throw new RapportError('NOT_FOUND', `${projection.name} has no previous generation`);
    if (!haveSameShape(state, compiled.shape))
      throw new RapportError(
        'CONFLICT',
        `the previous generation of ${projection.name} is version ${state.version}, this code folds version ${compiled.version}`,
      );
    const hosted = [await hostedOf(compiled, state, context, signal)];
    await catchUpToHead(hosted, context, signal);
    await swap(hosted, [lease!], context, signal);
    return (await context.store.collectionState(state.collection))!;
  });
}

/** Removes the generations kept for rollback. Answers which. Throws REBUILD_RUNNING. */
export async function dropPrevious(
  projection: Pick<AnyProjection, 'name'>,
  context: Pick<RebuildContext, 'store' | 'clock' | 'scheduler' | 'holder' | 'leaseMs' | 'signal'>,
): Promise<readonly string[]> {
  return holdingLeases([projection], context, async () => {
    const previous = (await context.store.generations(projection.name)).filter(
      (g) => g.status === 'previous',
    );
    for (const g of previous) await context.store.dropGeneration(g.projection, g.version, g.generation);
    return previous.map((g) => g.collection);
  });
}

class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

const refused = (projection: string, holder: string): RapportError =>
  new RapportError('REBUILD_RUNNING', `${projection} is being rebuilt by ${holder}`, {
    members: { projection, holder },
  });

/** Runs with one lease per projection, renewed until the work ends; its signal aborts when a lease is lost. */
async function holdingLeases<T>(
  projections: readonly Pick<AnyProjection, 'name'>[],
  context: Pick<RebuildContext, 'store' | 'clock' | 'scheduler' | 'holder' | 'leaseMs' | 'signal'>,
  work: (leases: readonly Lease[], signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { store, clock, scheduler, holder, leaseMs = 15_000 } = context;
  const leases: Lease[] = [];
  const stop = new AbortController();
  const cancel = (): void => stop.abort(context.signal?.reason);
  context.signal?.addEventListener('abort', cancel, { once: true });
  if (context.signal?.aborted === true) cancel();
  const renewal = scheduler.every(leaseMs / 3, async () => {
    for (const lease of leases)
      if (!(await store.renewLease(lease, clock.nowMs(), leaseMs).catch(() => true)))
        stop.abort(new LeaseLost());
  });
  try {
    // In the order of names, so that two rebuilds of overlapping sets cannot hold half each for long.
    for (const { name } of [...projections].sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const answer = await store.acquireLease(rebuildLeaseName(name), holder, clock.nowMs(), leaseMs);
      if (answer.kind === 'held') throw refused(name, answer.by.holder);
      leases.push(answer.lease);
    }
    const inGivenOrder = projections.map((p) => leases.find((l) => l.name === rebuildLeaseName(p.name))!);
    return await work(inGivenOrder, stop.signal);
  } finally {
    renewal.stop();
    context.signal?.removeEventListener('abort', cancel);
    for (const lease of leases) await store.releaseLease(lease).catch(() => undefined);
  }
}

/** An empty generation to fill. What a rebuild that died left over is removed first: the lease says that it is nobody's. */
async function freshGeneration(
  projection: CompiledProjection,
  store: ReadModelStore,
): Promise<CollectionState> {
  const { name, shape } = projection;
  const generations = await store.generations(name);
  for (const g of generations)
    if (g.status === 'filling') await store.dropGeneration(g.projection, g.version, g.generation);
  const generation = Math.max(0, ...generations.map((g) => g.generation)) + 1;
  await store.createGeneration({ projection: name, ...shape, generation });
  const created = (await store.generations(name)).find((g) => g.generation === generation)!;
  return created;
}

async function activeOf(projection: string, store: ReadModelStore): Promise<CollectionState | undefined> {
  return (await store.generations(projection)).find((g) => g.status === 'active');
}

async function foldToFence(
  greens: readonly Green[],
  plan: { readonly fence: bigint; readonly events: number },
  options: RebuildOptions,
  signal: AbortSignal,
): Promise<number> {
  const { shards, clock, onProgress, eventsPerShard = 400_000 } = options;
  const of = Math.max(shards.concurrency, Math.ceil(plan.events / eventsPerShard));
  const startedMs = clock.monotonicMs();
  const through = new Array<bigint>(of).fill(0n);
  const documents = new Array<number>(of).fill(0);
  const stop = new AbortController();
  const abort = (): void => stop.abort(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();

  const report = (): void => {
    const folded = through.reduce((sum, t) => sum + Number(t), 0) / (Number(plan.fence) * of || 1);
    const events = Math.min(Math.round(folded * plan.events), plan.events);
    const elapsedMs = clock.monotonicMs() - startedMs;
    onProgress?.({
      phase: 'fold',
      events,
      totalEvents: plan.events,
      documents: documents.reduce((a, b) => a + b, 0),
      eventsPerSecond: rate(events, elapsedMs),
      ...(events > 0 ? { etaMs: (elapsedMs / events) * (plan.events - events) } : {}),
    });
  };
  onProgress?.({ phase: 'plan', events: 0, totalEvents: plan.events, documents: 0, eventsPerSecond: 0 });

  const waiting: ShardTask[] = Array.from({ length: of }, (_, shard) => ({
    targets: greens.map(({ state }) => ({ projection: state.projection, collection: state.collection })),
    shard,
    of,
    throughPosition: plan.fence,
  }));
  const foldOneAfterTheOther = async (): Promise<void> => {
    for (let task = waiting.shift(); task; task = waiting.shift()) {
      stop.signal.throwIfAborted();
      const { shard } = task;
      documents[shard] = await shards.fold(task, {
        signal: stop.signal,
        onProgress: (progress) => {
          through[shard] = progress.through;
          documents[shard] = progress.documents;
          report();
        },
      });
      through[shard] = plan.fence;
    }
  };
  try {
    const running = Array.from({ length: shards.concurrency }, () =>
      foldOneAfterTheOther().catch((error: unknown) => {
        stop.abort(error);
        throw error;
      }),
    );
    // All of them have stopped before anything is cleaned up.
    const failed = (await Promise.allSettled(running)).find((r) => r.status === 'rejected');
    if (failed) throw stop.signal.reason ?? failed.reason;
  } finally {
    signal.removeEventListener('abort', abort);
  }
  report();
  return documents.reduce((a, b) => a + b, 0);
}

async function hostedOf(
  projection: CompiledProjection,
  state: CollectionState,
  context: RebuildContext,
  signal: AbortSignal,
): Promise<HostedProjection> {
  const { store, history, feed, scheduler, random, clock } = context;
  const fresh = (await store.collectionState(state.collection)) ?? state;
  const hosted = new HostedProjection(projection, fresh, undefined, {
    store,
    history,
    retrying: (work) => untilItSucceeds(work, { scheduler, random, signal }),
    start: feed.start,
    nowMs: () => clock.nowMs(),
    cachedDocuments: 10_000,
    onParked: (event) => {
      if (fresh.status !== 'filling') return;
      const { projection: name, streamId, revision, position, eventId, eventType, reason } = event;
      throw new RebuildStopped({
        projection: name,
        streamId,
        revision,
        position,
        eventId,
        eventType,
        reason,
      });
    },
  });
  await hosted.loadParked();
  return hosted;
}

/** Replays what came since, until a head seen at the beginning of a round is reached without anything new. */
async function catchUpToHead(
  hosted: readonly HostedProjection[],
  context: RebuildContext,
  signal: AbortSignal,
): Promise<void> {
  const { feed, store } = context;
  const { through } = await feed.head(PARTITION);
  await replayTo(through, hosted, context, signal, async () => {
    await untilItSucceeds(
      () =>
        store.inOneCommit(async () => {
          for (const h of hosted) await h.save();
        }),
      { scheduler: context.scheduler, random: context.random, signal },
    );
    for (const h of hosted) h.saved();
  });
}

async function replayTo(
  through: bigint,
  hosted: readonly HostedProjection[],
  { feed }: Pick<RebuildContext, 'feed'>,
  signal: AbortSignal,
  save: () => Promise<void>,
): Promise<void> {
  for (;;) {
    const behind = hosted.filter((h) => h.progressOf(PARTITION).through < through);
    const last = behind.reduce<HostedProjection | undefined>(
      (a, b) => (a && a.progressOf(PARTITION).through <= b.progressOf(PARTITION).through ? a : b),
      undefined,
    );
    if (!last) break;
    const after = last.progressOf(PARTITION);
    const group = behind.filter((h) => h.progressOf(PARTITION).through === after.through);
    let events = 0;
    for await (const batch of feed.replay(PARTITION, { after, through })) {
      signal.throwIfAborted();
      for (const h of group) await h.fold(batch.events, batch);
      events += batch.events.length;
      if (events < CATCH_UP_EVENTS) continue;
      await save();
      events = 0;
    }
    if (last.progressOf(PARTITION).through === after.through) break;
  }
  if (hosted.some((h) => h.isUncommitted)) await save();
}

/**
 * Makes the generations active in one commit. While it is open no other writer can move the active generation, so the
 * last missing events are folded inside it: readers never see an older position after the swap than before.
 */
async function swap(
  hosted: readonly HostedProjection[],
  leases: readonly Lease[],
  context: RebuildContext,
  signal: AbortSignal,
): Promise<Map<string, string>> {
  const { store } = context;
  await catchUpToHead(hosted, context, signal);
  const previous = new Map<string, string>();
  await store.inOneCommit(async () => {
    for (const lease of leases) if (!(await store.holdsLease(lease))) throw new LeaseLost();
    for (const h of hosted) {
      const blue = await activeOf(h.name, store);
      if (blue && blue.collection !== h.collection) previous.set(h.name, blue.collection);
      const through = blue?.checkpoints.find((c) => c.partition === PARTITION)?.through ?? 0n;
      await replayTo(through, [h], context, signal, async () => undefined);
      await h.save();
      h.saved();
      await store.activate(h.name, h.state.version, h.state.generation);
    }
  });
  return previous;
}

/** One generation back is what a rollback can use; older ones only take space. */
async function keepOnePrevious(
  projections: readonly string[],
  previous: ReadonlyMap<string, string>,
  store: ReadModelStore,
): Promise<void> {
  for (const name of projections)
    for (const g of await store.generations(name))
      if (g.status === 'previous' && previous.has(name) && g.collection !== previous.get(name))
        await store.dropGeneration(g.projection, g.version, g.generation);
}

const rate = (events: number, elapsedMs: number): number =>
  elapsedMs > 0 ? (events / elapsedMs) * 1_000 : 0;
