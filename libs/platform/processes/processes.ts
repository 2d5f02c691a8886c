import { isoOf, RapportError } from '@rapport/contracts';
import { PROCESSES } from '@rapport/processes';
import type { AnyProcess } from '@rapport/processes';
import type { EventStore } from '@rapport/event-store';
import { ProcessHome } from './process-home.js';
import type { OpenHome } from './process-home.js';
import { ProcessRunner } from './process-runner.js';
import type { ProcessRunnerParts } from './process-runner.js';

export interface ProcessesParts extends ProcessRunnerParts {
  readonly events: Pick<EventStore, 'readAll' | 'readStream' | 'checkpointAt' | 'head'>;
  /** Default: those of the registry. */
  readonly processes?: readonly AnyProcess[];
}

/** Where a process stands, for operators. */
export interface ShownProcess {
  readonly name: string;
  readonly purpose: string;
  readonly rows: readonly string[];
  readonly metric: AnyProcess['metric'];
  readonly running: boolean;
  /** ISO-8601 UTC; null = never switched on. */
  readonly startedAt: string | null;
  readonly ownerId: string | null;
  readonly maxAgeDays: number | null;
  /** Log position it is complete to; null until its first round. */
  readonly position: string | null;
  readonly head: string;
  /** How far it is behind the log, in positions; null unless it runs. */
  readonly lag: string | null;
  readonly acted: number;
  readonly refused: number;
  readonly passedOver: number;
  /** Triggers that wait for their time or for another try. */
  readonly waiting: number;
  /** Triggers left to an operator. */
  readonly failed: number;
  readonly lastActedAt: string | null;
  readonly lastRefusal: string | null;
  readonly lastError: { readonly reason: string; readonly at: string } | null;
  /** Process of the API that runs it now, where there are several. */
  readonly runBy: string | null;
}

/** A trigger left to an operator: references, no payload. */
export interface ShownFailure {
  readonly customerId: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly attempts: number;
  readonly reason: string;
}

/** Every process of the product: runs those that are switched on, and tells operators where each stands. */
export class Processes {
  private readonly runners: readonly ProcessRunner[];
  private readonly stopping = new AbortController();
  private busy: Promise<void> = Promise.resolve();

  constructor(private readonly parts: ProcessesParts) {
    this.runners = (parts.processes ?? PROCESSES).map((process) => new ProcessRunner(process, parts));
  }

  /** A round of each; what one meets does not stop the others. */
  round(): Promise<void> {
    this.busy = this.busy.then(async () => {
      for (const runner of this.runners) {
        if (this.stopping.signal.aborted) return;
        try {
          await runner.round(this.stopping.signal);
        } catch (error) {
          this.parts.logger.warn({ err: error, process: runner.process.name }, 'a process could not go on');
        }
      }
    });
    return this.busy;
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.busy;
    await Promise.all(this.runners.map((runner) => runner.stop().catch(() => undefined)));
  }

  async list(): Promise<readonly ShownProcess[]> {
    return Promise.all(this.runners.map(({ process }) => this.shown(process)));
  }

  /** Throws UNKNOWN_PROCESS. */
  async one(name: string): Promise<ShownProcess & { readonly failures: readonly ShownFailure[] }> {
    const process = this.named(name);
    const home = await this.homeOf(process);
    const failures = home === undefined ? [] : await home.failedTasks();
    return {
      ...(await this.shown(process)),
      failures: failures.map(({ streamId, eventId, eventType, attempts, reason }) => ({
        customerId: streamId.slice('customer-'.length),
        eventId,
        eventType,
        attempts,
        reason: reason ?? '',
      })),
    };
  }

  /** Lets triggers that were left to an operator be looked at again; answers how many. Throws UNKNOWN_PROCESS. */
  async retry(name: string): Promise<number> {
    const process = this.named(name);
    const home = await this.homeOf(process);
    if (home === undefined) return 0;
    const failed = await home.failedTasks();
    const dueAtMs = this.parts.clock.nowMs();
    if (failed.length > 0)
      await home.saveTasks(
        failed.map((task) => ({ ...task, status: 'waiting', attempts: 0, dueAtMs, change: task.change + 1 })),
      );
    return failed.length;
  }

  private named(name: string): AnyProcess {
    const runner = this.runners.find(({ process }) => process.name === name);
    const names = this.runners.map(({ process }) => process.name).join(', ');
    if (!runner)
      throw new RapportError('UNKNOWN_PROCESS', `There is no process of this name, only ${names}.`);
    return runner.process;
  }

  private async homeOf(process: AnyProcess): Promise<OpenHome | undefined> {
    const started = (await this.parts.switchOf(process.name))?.started;
    return started ? new ProcessHome(process.name, this.parts.store).open(started.eventId) : undefined;
  }

  private async shown(process: AnyProcess): Promise<ShownProcess> {
    const { clock, events, store, switchOf } = this.parts;
    const state = await switchOf(process.name);
    const started = state?.started ?? null;
    const home = await this.homeOf(process);
    const { position: head } = await events.head();
    const counts = home?.counts;
    const position = home?.progress.through;
    const lease = await store.currentLease(`process-${process.name}`, clock.nowMs());
    return {
      name: process.name,
      purpose: process.purpose,
      rows: process.rows,
      metric: process.metric,
      running: state?.running ?? false,
      startedAt: started && isoOf(started.atMs),
      ownerId: started?.ownerId ?? null,
      maxAgeDays: started?.maxAgeDays ?? null,
      position: position?.toString() ?? null,
      head: head.toString(),
      lag:
        state?.running && position !== undefined ? (head > position ? head - position : 0n).toString() : null,
      acted: counts?.acted ?? 0,
      refused: counts?.refused ?? 0,
      passedOver: counts?.passedOver ?? 0,
      waiting: home ? await home.countTasks('waiting') : 0,
      failed: home ? await home.countTasks('failed') : 0,
      lastActedAt: counts?.lastActedAtMs == null ? null : isoOf(counts.lastActedAtMs),
      lastRefusal: counts?.lastRefusal ?? null,
      lastError: counts?.lastError
        ? { reason: counts.lastError.reason, at: isoOf(counts.lastError.atMs) }
        : null,
      runBy: lease?.holder ?? null,
    };
  }
}
