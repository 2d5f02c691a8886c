import type { MessagePort } from 'node:worker_threads';
import type { Scheduler } from '@rapport/runtime';
import type { EventFeed } from '@rapport/event-feed';
import { foldShard, type FoldShardOptions } from './fold-shard.js';
import { LiveRunner, type LiveRunnerOptions } from './live.runner.js';
import { rebuildProjections, type RebuildOptions } from './rebuild.runner.js';
import {
  toThreadError,
  type FromProjector,
  type FromRebuildThread,
  type FromShardThread,
  type ProjectorThreadData,
  type ToProjector,
  type ToRebuildThread,
  type ToShardThread,
} from './thread-protocol.js';

/** The other side may be told at most this often how far a shard is. */
const SHARD_PROGRESS_EVENTS = 4;

/** Folds shards on request until the port closes: the body of a shard thread. */
export function serveShards(port: MessagePort, options: FoldShardOptions): void {
  const send = (message: FromShardThread): void => port.postMessage(message);
  let abort = new AbortController();
  port.on('message', (message: ToShardThread) => {
    if (message.kind === 'cancel') return abort.abort();
    abort = new AbortController();
    let reports = 0;
    foldShard(message.task, options, {
      signal: abort.signal,
      onProgress: (progress) => {
        if (reports++ % SHARD_PROGRESS_EVENTS === 0) send({ kind: 'progress', progress });
      },
    }).then(
      (documents) => send({ kind: 'folded', documents }),
      (error: unknown) => send({ kind: 'failed', error: toThreadError(error) }),
    );
  });
}

/** Coordinates one rebuild and reports: the body of a rebuild thread. */
export async function serveRebuild(
  port: MessagePort,
  options: Omit<RebuildOptions, 'signal' | 'confirm' | 'onProgress'> & { readonly asksBeforeSwap: boolean },
): Promise<void> {
  const send = (message: FromRebuildThread): void => port.postMessage(message);
  const abort = new AbortController();
  let confirmed: (yes: boolean) => void = () => undefined;
  port.on('message', (message: ToRebuildThread) => {
    if (message.kind === 'confirmed') return confirmed(message.yes);
    abort.abort();
    confirmed(false);
  });
  try {
    const report = await rebuildProjections({
      ...options,
      signal: abort.signal,
      onProgress: (progress) => send({ kind: 'progress', progress }),
      ...(options.asksBeforeSwap
        ? {
            confirm: (comparisons) =>
              new Promise<boolean>((resolve) => {
                confirmed = resolve;
                send({ kind: 'confirm', comparisons });
              }),
          }
        : {}),
    });
    send({ kind: 'done', report });
  } catch (error) {
    send({ kind: 'failed', error: toThreadError(error) });
  } finally {
    await options.shards.close();
    port.close();
  }
}

/** A sign of life is sent this often; after several missing ones the thread counts as dead. */
export const ALIVE_EVERY_MS = 2_000;

/** Runs the live projector until told to stop: the body of a projector thread. Resolves when the last commit stands. */
export async function serveProjector(
  port: MessagePort,
  { wakeFlag }: ProjectorThreadData,
  options: Omit<LiveRunnerOptions, 'onProgress' | 'onParked' | 'onRetry'> & {
    readonly feed: EventFeed;
    readonly scheduler: Scheduler;
  },
): Promise<void> {
  const send = (message: FromProjector): void => port.postMessage(message);
  const abort = new AbortController();
  const runner = new LiveRunner({
    ...options,
    onProgress: (statuses) => send({ kind: 'progress', statuses }),
    onParked: (event) => send({ kind: 'parked', event }),
    onRetry: (error, attempt, delayMs) =>
      send({ kind: 'retrying', error: toThreadError(error), attempt, delayMs }),
  });
  const answer = (id: number, work: Promise<Partial<FromProjector & { kind: 'answer' }>>): void =>
    void work.then(
      (extra) => send({ ...extra, kind: 'answer', id }),
      (error: unknown) => send({ kind: 'answer', id, error: toThreadError(error) }),
    );
  port.on('message', (message: ToProjector) => {
    switch (message.kind) {
      case 'wake':
        Atomics.store(wakeFlag, 0, 0);
        return options.feed.wake();
      case 'stop':
        return abort.abort();
      case 'reload':
        return answer(
          message.id,
          runner.reload().then(() => ({})),
        );
      case 'retryParked':
        return answer(
          message.id,
          runner.retryParked(message.projection, message.owner).then((outcomes) => ({ outcomes })),
        );
    }
  });
  const heart = options.scheduler.every(ALIVE_EVERY_MS, () => send({ kind: 'alive' }));
  try {
    await runner.run(abort.signal);
  } catch (error) {
    send({ kind: 'failed', error: toThreadError(error) });
  } finally {
    heart.stop();
    port.close();
  }
}
