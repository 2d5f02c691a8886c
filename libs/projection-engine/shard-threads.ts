import { Worker } from 'node:worker_threads';
import type { ShardContext, ShardFolder, ShardTask } from './fold-shard.js';
import { FOLDING_MEMORY } from './thread-memory.js';
import { fromThreadError, type FromShardThread, type ToShardThread } from './thread-protocol.js';

export interface ShardThreadsOptions {
  /** Entry that calls `serveShards`. */
  readonly workerUrl: URL;
  /** What the entry needs to open its connections. */
  readonly workerData: Readonly<Record<string, unknown>>;
  /** Threads: as many as cores that may be used. */
  readonly size: number;
}

/** Folds shards in worker threads, each with connections of its own; threads are started when needed and kept. */
export function foldShardsInThreads({ workerUrl, workerData, size }: ShardThreadsOptions): ShardFolder {
  const idle: Worker[] = [];
  const all = new Set<Worker>();
  const start = (): Worker => {
    const worker = new Worker(workerUrl, { workerData, resourceLimits: FOLDING_MEMORY });
    all.add(worker);
    return worker;
  };
  // Started at once: they load while the plan is made.
  for (let i = 0; i < size; i++) idle.push(start());
  return {
    concurrency: size,
    fold: (task: ShardTask, { signal, onProgress }: ShardContext) => {
      const worker = idle.pop() ?? start();
      const send = (message: ToShardThread): void => worker.postMessage(message);
      return new Promise<number>((resolve, reject) => {
        const cancel = (): void => send({ kind: 'cancel' });
        const settle = (isUsable: boolean, end: () => void): void => {
          signal.removeEventListener('abort', cancel);
          worker.removeAllListeners();
          if (isUsable) idle.push(worker);
          else {
            all.delete(worker);
            void worker.terminate();
          }
          end();
        };
        worker.on('message', (message: FromShardThread) => {
          if (message.kind === 'progress') onProgress(message.progress);
          else if (message.kind === 'folded') settle(true, () => resolve(message.documents));
          else settle(true, () => reject(fromThreadError(message.error)));
        });
        worker.on('error', (error) => settle(false, () => reject(error)));
        worker.on('exit', (code) =>
          settle(false, () => reject(new Error(`a shard thread ended with exit code ${code}`))),
        );
        send({ kind: 'fold', task });
        signal.addEventListener('abort', cancel, { once: true });
        if (signal.aborted) cancel();
      });
    },
    close: async () => {
      await Promise.all([...all].map((worker) => worker.terminate()));
      all.clear();
      idle.length = 0;
    },
  };
}
