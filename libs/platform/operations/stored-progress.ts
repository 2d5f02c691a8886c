import { RapportError } from '@rapport/contracts';
import type { EventStore } from '@rapport/event-store';
import { freshnessOf, ProgressBoard, type AnyProjection, type ProjectionStatus, type RetryOutcome, type WaitOptions } from '@rapport/projection-engine'; // prettier-ignore
import type { CollectionState, DeadLetterStore, ParkedSequence, ReadModelStore } from '@rapport/read-model';
import type { Clock, Scheduler } from '@rapport/runtime';
import type { ProjectorView, RuntimeHealth } from '../runtime.js';

export interface StoredProgressParts {
  readonly projections: readonly AnyProjection[];
  readonly readModels: Pick<ReadModelStore, 'generations' | 'activeCollection'> & Pick<DeadLetterStore, 'parkedSequences' | 'requestRetry'>; // prettier-ignore
  readonly history: Pick<EventStore, 'head'>;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly scheduler: Scheduler;
  /** Other reasons not to be ready: what follows the log in this process. */
  readonly trouble?: () => string | undefined;
}

/** Projectors look for requests every five seconds. */
const RETRY_MS = 20_000;
const RETRY_LOOK_MS = 200;
/** How often everything is looked at, ms. */
const LOOK_EVERY_MS = 1_000;
/** Pause between two looks at what somebody waits for, ms; at least as long as the look took, or a busy document server would be asked without a break. */
const AWAITED_EVERY_MS = 10;
/** Silence of the servers after which this process says that it is not ready, ms. */
const SILENCE_MS = 10_000;

/**
 * Projectors in processes of their own, seen through what they store: how far each read model is complete, and waiting
 * for a position. Ready means that the log and the read models answer.
 */
export class StoredProgress implements ProjectorView {
  private readonly board: ProgressBoard;
  private readonly awaited = new Map<string, number>();
  private readonly statuses = new Map<string, ProjectionStatus>();
  private readonly lifetime = new AbortController();
  private looking: Promise<void> = Promise.resolve();
  private isFollowing = false;
  private head = 0n;
  private answeredMs: number | undefined;
  private reason: string | undefined = 'the servers have not answered yet';

  constructor(private readonly parts: StoredProgressParts) {
    this.board = new ProgressBoard(parts.scheduler);
  }

  /** Looks once, then every second until `stop`. */
  async start(): Promise<void> {
    await this.look();
    this.looking = this.lookAgain();
  }

  async stop(): Promise<void> {
    this.lifetime.abort();
    await this.looking;
  }

  status(): readonly ProjectionStatus[] {
    return this.board.current();
  }

  health(): RuntimeHealth {
    const isSilent =
      this.answeredMs === undefined || this.parts.clock.monotonicMs() - this.answeredMs > SILENCE_MS;
    const reason = isSilent ? (this.reason ?? 'the servers have fallen silent') : this.parts.trouble?.();
    return { ready: reason === undefined, restarts: 0, ...(reason === undefined ? {} : { reason }) };
  }

  async waitFor(position: bigint, timeoutMs: number, options: WaitOptions = {}): Promise<void> {
    const names = options.projections ?? this.parts.projections.map(({ name }) => name);
    for (const name of names) this.awaited.set(name, (this.awaited.get(name) ?? 0) + 1);
    if (!this.isFollowing) void this.follow();
    try {
      await this.board.waitFor(position, timeoutMs, { ...options, projections: names });
    } finally {
      for (const name of names) {
        const left = this.awaited.get(name)! - 1;
        if (left > 0) this.awaited.set(name, left);
        else this.awaited.delete(name);
      }
    }
  }

  /** The projectors see for themselves that another generation is active. */
  async reload(): Promise<void> {
    await this.look();
  }

  /** Asks the projectors through the store and waits until each sequence is gone or was tried again. */
  async retryParked(projection: string, owner?: string): Promise<readonly RetryOutcome[]> {
    const { readModels, clock, scheduler, newId } = this.parts;
    const { collection } = await readModels.activeCollection(projection);
    const parked = async (): Promise<readonly ParkedSequence[]> =>
      (await readModels.parkedSequences(collection)).filter(
        (one) => owner === undefined || one.owner === owner,
      );
    const before = await parked();
    if (before.length === 0) return [];
    await readModels.requestRetry({
      id: newId(),
      projection,
      ...(owner === undefined ? {} : { owner }),
      requestedAtMs: clock.nowMs(),
    });
    const deadlineMs = clock.monotonicMs() + RETRY_MS;
    for (;;) {
      const after = new Map((await parked()).map((one) => [one.streamId, one]));
      const isUntouched = ({ streamId, head, events }: ParkedSequence): boolean => {
        const now = after.get(streamId);
        return (
          now?.head.position === head.position && now.head.attempts === head.attempts && now.events >= events
        );
      };
      if (!before.some(isUntouched))
        return before.map(({ streamId, owner: whose, events }) => {
          const now = after.get(streamId);
          return {
            projection,
            owner: whose,
            drained: Math.max(0, events - (now?.events ?? 0)),
            ...(now ? { stuckAt: now.head } : {}),
          };
        });
      if (clock.monotonicMs() > deadlineMs)
        throw new RapportError('UNAVAILABLE', 'No projector has tried the parked events yet; it will.', {
          retryAfterS: 5,
        });
      await scheduler.sleep(RETRY_LOOK_MS);
    }
  }

  private async lookAgain(): Promise<void> {
    while (!this.lifetime.signal.aborted) {
      await this.parts.scheduler.sleep(LOOK_EVERY_MS, this.lifetime.signal);
      if (!this.lifetime.signal.aborted) await this.look();
    }
  }

  private async look(): Promise<void> {
    const { history, projections, clock } = this.parts;
    try {
      this.head = (await history.head()).position;
      await this.refresh(projections.map(({ name }) => name), true);
      this.answeredMs = clock.monotonicMs();
      this.reason = undefined;
    } catch (error) {
      this.reason = `the servers do not answer: ${error instanceof RapportError ? error.detail : (error as Error).name}`;
    }
  } // prettier-ignore

  /** Looks often while somebody waits. */
  private async follow(): Promise<void> {
    const { clock, scheduler } = this.parts;
    this.isFollowing = true;
    while (this.awaited.size > 0 && !this.lifetime.signal.aborted) {
      const startedMs = clock.monotonicMs();
      await this.refresh([...this.awaited.keys()], false).catch(() => undefined);
      const tookMs = clock.monotonicMs() - startedMs;
      await scheduler.sleep(Math.max(AWAITED_EVERY_MS, tookMs), this.lifetime.signal);
    }
    this.isFollowing = false;
  }

  private async refresh(names: readonly string[], countsParked: boolean): Promise<void> {
    const sequences = countsParked ? await this.parts.readModels.parkedSequences() : undefined;
    await Promise.all(
      names.map(async (name) => {
        const state = await this.stateOf(name);
        if (!state) return;
        const known = this.statuses.get(name);
        const parked = sequences?.filter(({ collection }) => collection === state.collection);
        this.statuses.set(name, {
          ...statusOf(state, this.head),
          parked: parked?.reduce((sum, { events }) => sum + events, 0) ?? known?.parked ?? 0,
          parkedSequences: parked?.length ?? known?.parkedSequences ?? 0,
        });
      }),
    );
    this.board.update([...this.statuses.values()]);
  }

  /** The active generation, else the newest that is being filled. */
  private async stateOf(name: string): Promise<CollectionState | undefined> {
    const { readModels } = this.parts;
    try {
      return await readModels.activeCollection(name);
    } catch (error) {
      if (!(error instanceof RapportError) || !['UNAVAILABLE', 'UNKNOWN_PROJECTION'].includes(error.code)) throw error;
      return (await readModels.generations(name)).at(-1);
    }
  } // prettier-ignore
}

function statusOf(state: CollectionState, head: bigint): ProjectionStatus {
  const { projection, version, generation, collection, status, checkpoints } = state;
  const partitions = checkpoints.map(({ partition, through }) => ({ partition, through }));
  const { position } = freshnessOf(state);
  return {
    projection,
    version,
    generation,
    collection,
    status,
    position,
    partitions,
    head,
    lag: head > position ? head - position : 0n,
    received: 0,
    applied: 0,
    duplicate: 0,
    parked: 0,
    parkedSequences: 0,
  };
}
