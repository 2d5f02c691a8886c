import { isoOf, RapportError } from '@rapport/contracts';
import type { EventFeed } from '@rapport/event-feed';
import type { EventStore } from '@rapport/event-store';
import {
  dropPrevious, rebuildInThread, rebuildLeaseName, rollback, type AnyProjection, type ProjectionStatus, type RebuildProgress,
  type RebuildReport, type RetryOutcome,
} from '@rapport/projection-engine'; // prettier-ignore
import type { DeadLetterStore, LeaseStore, ReadModelStore } from '@rapport/read-model';
import type { Clock, Scheduler } from '@rapport/runtime';
import type { ProjectorView } from '../runtime.js';

export interface OperationsParts {
  readonly projections: readonly AnyProjection[];
  readonly projector: ProjectorView;
  readonly readModels: ReadModelStore & DeadLetterStore & LeaseStore;
  readonly history: Pick<EventStore, 'head' | 'checkpointAt' | 'readStream' | 'readAll'>;
  readonly feed: EventFeed;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly random: () => number;
  readonly rebuildWorker: URL;
  readonly rebuildSettings: Readonly<Record<string, unknown>>;
}

/** Where a projection stands, for operators. */
export interface ShownProjection {
  readonly name: string;
  readonly question: string;
  readonly version: number;
  /** Absent while nothing hosts it. */
  readonly generation?: number;
  /** Log position it is complete to. */
  readonly position: string;
  readonly head: string;
  /** Events behind the log. */
  readonly lag: string;
  readonly parked: number;
  readonly parkedSequences: number;
  readonly rebuilding: boolean;
  readonly generations: readonly {
    readonly generation: number;
    readonly version: number;
    readonly status: string;
    /** Counted where one read model is asked for, not in the list of all. */
    readonly documents?: number;
  }[];
}

/** A rebuild of this process, running or ended. */
export interface ShownRebuild {
  readonly projection: string;
  readonly status: 'running' | 'activated' | 'declined' | 'cancelled' | 'failed';
  readonly startedAt: string;
  readonly startedBy: string;
  readonly progress?: RebuildProgress;
  readonly report?: object;
  /** Why it failed: code or name, and one sentence. */
  readonly failure?: { readonly code: string; readonly detail: string };
}

interface RunningRebuild {
  shown: ShownRebuild;
  readonly cancel: AbortController;
  readonly done: Promise<void>;
}

/** What operators do: watch read models, rebuild them beside the running ones, retry what failed. Never sees payloads. */
export class Operations {
  private readonly rebuilds = new Map<string, RunningRebuild>();

  constructor(private readonly parts: OperationsParts) {}

  /** Without counts of documents: it is asked for often, and counting looks at all of them. */
  async projectionsStatus(): Promise<readonly ShownProjection[]> {
    return Promise.all(
      this.parts.projections.map((projection) => this.shown(projection, { counted: false })),
    );
  }

  /** Throws UNKNOWN_PROJECTION. */
  async projectionStatus(name: string): Promise<ShownProjection> {
    return this.shown(this.projectionNamed(name));
  }

  /** Starts a rebuild and answers at once. Throws UNKNOWN_PROJECTION, REBUILD_RUNNING. */
  async startRebuild(name: string, subject: string): Promise<ShownRebuild> {
    const { clock, readModels, projector, rebuildSettings, rebuildWorker } = this.parts;
    this.projectionNamed(name);
    const held = await readModels.currentLease(rebuildLeaseName(name), clock.nowMs());
    if (this.rebuilds.get(name)?.shown.status === 'running' || held)
      throw new RapportError('REBUILD_RUNNING', `${name} is being rebuilt${held ? ` by ${held.holder}` : ''}.`);
    const cancel = new AbortController();
    const running: { -readonly [K in keyof RunningRebuild]: RunningRebuild[K] } = {
      shown: { projection: name, status: 'running', startedAt: isoOf(clock.nowMs()), startedBy: subject },
      cancel,
      done: Promise.resolve(),
    };
    this.rebuilds.set(name, running);
    const end = (change: Partial<ShownRebuild>): void => void (running.shown = { ...running.shown, ...change });
    running.done = rebuildInThread({
      workerUrl: rebuildWorker,
      workerData: { ...rebuildSettings, projections: [name], threads: 1, holder: subject },
      signal: cancel.signal,
      onProgress: (progress) => end({ progress }),
    }).then(
      async (report) => {
        await projector.reload().catch(() => undefined);
        end({ status: report.outcome, report: shownReport(report) });
      },
      (error: unknown) => end({ status: 'failed', failure: failureOf(error) }),
    );
    return running.shown;
  } // prettier-ignore

  /** The rebuild that runs, or the last one of this process. Throws UNKNOWN_PROJECTION, NOT_FOUND. */
  currentRebuild(name: string): ShownRebuild {
    this.projectionNamed(name);
    const rebuild = this.rebuilds.get(name);
    if (!rebuild) throw new RapportError('NOT_FOUND', `No rebuild of ${name} was started.`);
    return rebuild.shown;
  }

  /** Ends a running rebuild; the active generation stays as it was. Throws UNKNOWN_PROJECTION, NOT_FOUND. */
  async cancelRebuild(name: string): Promise<ShownRebuild> {
    this.projectionNamed(name);
    const rebuild = this.rebuilds.get(name);
    if (rebuild?.shown.status !== 'running') throw new RapportError('NOT_FOUND', `No rebuild of ${name} is running.`); // prettier-ignore
    rebuild.cancel.abort();
    await rebuild.done;
    return rebuild.shown;
  }

  /** Makes the generation before the last rebuild the active one again. Throws UNKNOWN_PROJECTION, NOT_FOUND, CONFLICT, REBUILD_RUNNING. */
  async rollBack(name: string, subject: string): Promise<ShownProjection> {
    const projection = this.projectionNamed(name);
    const { readModels: store, history, feed, clock, scheduler, random, projector } = this.parts;
    await rollback(projection, { store, history, feed, clock, scheduler, random, holder: subject });
    await projector.reload();
    return this.shown(projection);
  }

  /**
   * Removes the generations kept for a rollback: their space is free, and there is no way back but a rebuild.
   * Throws UNKNOWN_PROJECTION, NOT_FOUND without one, REBUILD_RUNNING.
   */
  async dropPrevious(name: string, subject: string): Promise<ShownProjection> {
    const projection = this.projectionNamed(name);
    const { readModels: store, clock, scheduler, projector } = this.parts;
    const dropped = await dropPrevious(projection, { store, clock, scheduler, holder: subject });
    if (dropped.length === 0) throw new RapportError('NOT_FOUND', `${name} has no previous generation.`);
    await projector.reload();
    return this.shown(projection);
  }

  /** Customers whose events wait for a projection because one could not be folded: references, never payloads. */
  async parked(): Promise<readonly object[]> {
    const sequences = await this.parts.readModels.parkedSequences();
    return sequences.map(({ projection, generation, streamId, owner, events, head }) => ({
      projection,
      generation,
      streamId,
      owner,
      events,
      eventType: head.eventType,
      eventId: head.eventId,
      position: head.position.toString(),
      reason: head.reason,
      parkedAt: isoOf(head.parkedAtMs),
      attempts: head.attempts,
    }));
  }

  /** Folds parked events again, one owner's or all of a projection. Throws UNKNOWN_PROJECTION, UNAVAILABLE. */
  async retryParked(name: string, owner?: string): Promise<readonly object[]> {
    this.projectionNamed(name);
    return (await this.parts.projector.retryParked(name, owner)).map(shownOutcome);
  }

  /** Cancels what runs. */
  async stop(): Promise<void> {
    for (const { cancel } of this.rebuilds.values()) cancel.abort();
    await Promise.all([...this.rebuilds.values()].map(({ done }) => done));
  }

  private projectionNamed(name: string): AnyProjection {
    const projection = this.parts.projections.find((one) => one.name === name);
    if (!projection) throw new RapportError('UNKNOWN_PROJECTION', 'There is no projection of this name.');
    return projection;
  }

  private async shown(projection: AnyProjection, { counted = true } = {}): Promise<ShownProjection> {
    const { projector, readModels, history, clock } = this.parts;
    const status = projector.status().find((one) => one.projection === projection.name);
    const generations = await readModels.generations(projection.name);
    const lease = await readModels.currentLease(rebuildLeaseName(projection.name), clock.nowMs());
    const { position: head } = await history.head();
    const position = status?.position ?? 0n;
    return {
      name: projection.name,
      question: projection.question,
      version: projection.version,
      ...(status ? { generation: status.generation } : {}),
      position: position.toString(),
      head: head.toString(),
      lag: (head > position ? head - position : 0n).toString(),
      ...parkedOf(status),
      rebuilding: lease !== undefined,
      generations: await Promise.all(
        generations.map(async ({ collection, generation, version, status: state }) => ({
          generation,
          version,
          status: state,
          ...(counted ? { documents: await readModels.count(collection) } : {}),
        })),
      ),
    };
  }
}

const parkedOf = (status: ProjectionStatus | undefined) => ({
  parked: status?.parked ?? 0,
  parkedSequences: status?.parkedSequences ?? 0,
});

const shownOutcome = ({ projection, owner, drained, stuckAt }: RetryOutcome): object => ({
  projection,
  owner,
  drained,
  ...(stuckAt ? { stuckAt: { position: stuckAt.position.toString(), eventType: stuckAt.eventType, reason: stuckAt.reason, attempts: stuckAt.attempts } } : {}), // prettier-ignore
});

/** Sample differences hold documents: an operator sees how many, not what. */
const shownReport = ({ fence, projections, ...report }: RebuildReport): object => ({
  ...report,
  fence: fence.toString(),
  projections: projections.map(({ comparison, ...one }) => ({
    ...one,
    ...(comparison ? { comparison: countsOf(comparison) } : {}),
  })),
});

const countsOf = (comparison: object): object =>
  Object.fromEntries(Object.entries(comparison).filter(([, value]) => typeof value !== 'object').map(([name, value]) => [name, typeof value === 'bigint' ? value.toString() : (value as unknown)])); // prettier-ignore

function failureOf(error: unknown): { code: string; detail: string } {
  if (error instanceof RapportError) return { code: error.code, detail: error.detail };
  const { name, message } = error as Error;
  return { code: name, detail: message.slice(0, 500) };
}
