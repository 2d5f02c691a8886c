import { Worker } from 'node:worker_threads';
import type { GenerationComparison } from './compare-generations.js';
import type { RebuildProgress, RebuildReport } from './rebuild.runner.js';
import { fromThreadError, type FromRebuildThread, type ToRebuildThread } from './thread-protocol.js';

export interface RebuildThreadOptions {
  /** Entry that calls `serveRebuild`. */
  readonly workerUrl: URL;
  /** What the entry needs: folder, projections, threads, holder … */
  readonly workerData: Readonly<Record<string, unknown>>;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: RebuildProgress) => void;
  /** Asked before the swap; needs the entry to be started with `asksBeforeSwap`. */
  readonly confirm?: (comparisons: readonly GenerationComparison[]) => boolean | Promise<boolean>;
}

/**
 * Rebuilds in a thread of its own, so that the one that serves never waits for a write. Throws what
 * `rebuildProjections` throws.
 */
export function rebuildInThread(options: RebuildThreadOptions): Promise<RebuildReport> {
  const { workerUrl, workerData, signal, onProgress, confirm } = options;
  const worker = new Worker(workerUrl, {
    workerData: { ...workerData, role: 'coordinate', asksBeforeSwap: confirm !== undefined },
  });
  const send = (message: ToRebuildThread): void => worker.postMessage(message);
  return new Promise<RebuildReport>((resolve, reject) => {
    const cancel = (): void => send({ kind: 'cancel' });
    signal?.addEventListener('abort', cancel, { once: true });
    if (signal?.aborted === true) cancel();
    worker.on('message', (message: FromRebuildThread) => {
      switch (message.kind) {
        case 'progress':
          return onProgress?.(message.progress);
        case 'confirm':
          return void Promise.resolve(confirm?.(message.comparisons) ?? true).then(
            (yes) => send({ kind: 'confirmed', yes }),
            () => send({ kind: 'confirmed', yes: false }),
          );
        case 'done':
          return resolve(message.report);
        case 'failed':
          return reject(fromThreadError(message.error));
      }
    });
    worker.on('error', reject);
    worker.on('exit', (code) => {
      signal?.removeEventListener('abort', cancel);
      reject(new Error(`the rebuild thread ended with exit code ${code}`));
    });
  });
}
