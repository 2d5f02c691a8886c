import { Worker } from 'node:worker_threads';
import { RapportError } from '@rapport/contracts';
import type { ParkedEvent } from '@rapport/read-model';
import type { Clock, Scheduler } from '@rapport/runtime';
import type { RetryOutcome } from './live.runner.js';
import { ProgressBoard, type ProjectionStatus, type WaitOptions } from './progress-board.js';
import { backoffMs } from './retry.js';
import { ALIVE_EVERY_MS } from './serve-threads.js';
import { FOLDING_MEMORY } from './thread-memory.js';
import { fromThreadError, type FromProjector, type ToProjector } from './thread-protocol.js';

export interface ProjectorThreadOptions {
  /** Entry that calls `serveProjector`. */
  readonly workerUrl: URL;
  /** What the entry needs to open its connections. */
  readonly workerData: Readonly<Record<string, unknown>>;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** 0 to below 1, for jitter. */
  readonly random: () => number;
  readonly onParked?: (event: ParkedEvent) => void;
  /** The thread meets transient errors, or died and will be started again after `delayMs`. */
  readonly onTrouble?: (trouble: ProjectorTrouble) => void;
}

export interface ProjectorTrouble {
  readonly kind: 'retrying' | 'died';
  readonly error: Error;
  readonly attempt: number;
  readonly delayMs: number;
}

export interface ProjectorHealth {
  /** False while the thread is dead, silent or has not hosted its projections yet. */
  readonly ready: boolean;
  readonly restarts: number;
  /** Why it is not ready. */
  readonly reason?: string;
  readonly projections: readonly ProjectionStatus[];
}

/** Signs of life that may be missing: a big commit may keep the thread busy for seconds. */
const MISSED_SIGNS = 7;
/** A thread that lived this long is healthy: the next death starts with a short delay again. */
const HEALTHY_AFTER_MS = 60_000;

/** The live projector in a worker thread, seen from the thread that serves. */
export interface ProjectorThread {
  start(): void;
  /** Resolves when what was folded is committed and the thread has ended. */
  stop(): Promise<void>;
  /** What the projections are made from has changed: ends the thread when what it folded is committed, and starts it anew. */
  restart(): void;
  /** Something was appended: fold it at once. Cheap; call it after every commit. */
  wake(): void;
  health(): ProjectorHealth;
  status(): readonly ProjectionStatus[];
  /** For read-your-writes. Throws READ_YOUR_WRITES_TIMEOUT. */
  waitFor(position: bigint, timeoutMs: number, options?: WaitOptions): Promise<void>;
  /** After a rebuild or rollback: follow the new active generations at once. */
  reload(): Promise<void>;
  /** Folds parked events again after a fix. Throws UNAVAILABLE while the thread is dead. */
  retryParked(projection: string, owner?: string): Promise<readonly RetryOutcome[]>;
}

export function createProjectorThread(options: ProjectorThreadOptions): ProjectorThread {
  const { clock, scheduler, random } = options;
  const board = new ProgressBoard(scheduler);
  const wakeFlag = new Int32Array(new SharedArrayBuffer(4));
  const answers = new Map<
    number,
    { resolve: (outcomes: readonly RetryOutcome[]) => void; reject: (error: Error) => void }
  >();
  const lifetime = new AbortController();
  let worker: Worker | undefined;
  let ended: Promise<void> = Promise.resolve();
  let lastSignMs = 0;
  let hasReported = false;
  let restarts = 0;
  let deaths = 0;
  let lastError: Error | undefined;
  let nextId = 1;
  /** A new start was asked for: its short absence is no trouble. */
  let isRestarting = false;

  const send = (message: ToProjector): void => worker?.postMessage(message);

  const live = (): Promise<void> =>
    new Promise((resolve) => {
      const thread = new Worker(options.workerUrl, {
        workerData: { ...options.workerData, wakeFlag },
        resourceLimits: FOLDING_MEMORY,
      });
      worker = thread;
      const bornMs = clock.monotonicMs();
      lastSignMs = bornMs;
      Atomics.store(wakeFlag, 0, 0);
      thread.on('message', (message: FromProjector) => {
        lastSignMs = clock.monotonicMs();
        switch (message.kind) {
          case 'progress':
            hasReported = true;
            return board.update(message.statuses);
          case 'alive':
            return;
          case 'parked':
            return options.onParked?.(message.event);
          case 'retrying':
            return options.onTrouble?.({ ...message, error: fromThreadError(message.error) });
          case 'answer': {
            const waiting = answers.get(message.id);
            answers.delete(message.id);
            if (message.error) waiting?.reject(fromThreadError(message.error));
            else waiting?.resolve(message.outcomes ?? []);
            return;
          }
          case 'failed':
            lastError = fromThreadError(message.error);
        }
      });
      thread.on('error', (error) => (lastError = error as Error));
      thread.on('exit', () => {
        worker = undefined;
        if (!isRestarting) hasReported = false;
        if (clock.monotonicMs() - bornMs > HEALTHY_AFTER_MS) deaths = 0;
        for (const { reject } of answers.values())
          reject(new RapportError('UNAVAILABLE', 'the projector ended', { retryAfterS: 1 }));
        answers.clear();
        resolve();
      });
    });

  const liveAgain = async (): Promise<void> => {
    while (!lifetime.signal.aborted) {
      await live();
      if (lifetime.signal.aborted) return;
      if (isRestarting) {
        isRestarting = false;
        continue;
      }
      const delayMs = backoffMs(++deaths, random);
      restarts++;
      options.onTrouble?.({
        kind: 'died',
        error: lastError ?? new Error('the projector thread ended'),
        attempt: deaths,
        delayMs,
      });
      await scheduler.sleep(delayMs, lifetime.signal);
    }
  };

  const ask = (message: (id: number) => ToProjector): Promise<readonly RetryOutcome[]> => {
    if (!worker)
      return Promise.reject(
        new RapportError('UNAVAILABLE', 'the projector is not running', { retryAfterS: 1 }),
      );
    const id = nextId++;
    return new Promise((resolve, reject) => {
      answers.set(id, { resolve, reject });
      send(message(id));
    });
  };

  const wake = (): void => {
    if (worker && Atomics.exchange(wakeFlag, 0, 1) === 0) send({ kind: 'wake' });
  };

  return {
    start: () => {
      ended = liveAgain();
    },
    stop: async () => {
      lifetime.abort();
      send({ kind: 'stop' });
      await ended;
    },
    restart: () => {
      if (isRestarting || !worker) return;
      isRestarting = true;
      send({ kind: 'stop' });
    },
    wake,
    status: () => board.current(),
    health: () => {
      const silentMs = clock.monotonicMs() - lastSignMs;
      const reason =
        !worker && !isRestarting
          ? `not running: ${lastError?.message ?? 'not started'}`
          : silentMs > ALIVE_EVERY_MS * MISSED_SIGNS
            ? `silent for ${Math.round(silentMs / 1_000)} s`
            : !hasReported
              ? 'starting'
              : undefined;
      return { ready: reason === undefined, restarts, reason, projections: board.current() };
    },
    waitFor: (position, timeoutMs, waitOptions) => {
      wake();
      return board.waitFor(position, timeoutMs, waitOptions);
    },
    reload: async () => {
      await ask((id) => ({ kind: 'reload', id }));
    },
    retryParked: (projection, owner) => ask((id) => ({ kind: 'retryParked', id, projection, owner })),
  };
}
