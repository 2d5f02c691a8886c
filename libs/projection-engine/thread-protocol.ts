/**
 * Messages between a thread that serves and the threads that fold. Structured clone carries bigint; errors travel by
 * code.
 */
import { RapportError, type ErrorCode } from '@rapport/contracts';
import type { ParkedEvent } from '@rapport/read-model';
import type { GenerationComparison } from './compare-generations.js';
import { RebuildStopped, type FoldStop, type ShardProgress, type ShardTask } from './fold-shard.js';
import type { RetryOutcome } from './live.runner.js';
import type { ProjectionStatus } from './progress-board.js';
import type { RebuildProgress, RebuildReport } from './rebuild.runner.js';

export type ThreadError =
  | {
      readonly kind: 'coded';
      readonly code: ErrorCode;
      readonly detail: string;
      readonly extra: RapportError['extra'];
    }
  | { readonly kind: 'stopped'; readonly at: FoldStop }
  | { readonly kind: 'other'; readonly name: string; readonly message: string };

export function toThreadError(error: unknown): ThreadError {
  if (error instanceof RapportError)
    return { kind: 'coded', code: error.code, detail: error.detail, extra: error.extra };
  if (error instanceof RebuildStopped) return { kind: 'stopped', at: error.at };
  const { name = 'Error', message = String(error) } = (error ?? {}) as Partial<Error>;
  return { kind: 'other', name, message };
}

export function fromThreadError(error: ThreadError): Error {
  if (error.kind === 'coded') return new RapportError(error.code, error.detail, error.extra);
  if (error.kind === 'stopped') return new RebuildStopped(error.at);
  return Object.assign(new Error(error.message), { name: error.name });
}

/** To the live projector. */
export type ToProjector =
  | { readonly kind: 'wake' }
  | { readonly kind: 'stop' }
  | { readonly kind: 'reload'; readonly id: number }
  | {
      readonly kind: 'retryParked';
      readonly id: number;
      readonly projection: string;
      readonly owner?: string;
    };

/** From the live projector. */
export type FromProjector =
  | { readonly kind: 'progress'; readonly statuses: readonly ProjectionStatus[] }
  | { readonly kind: 'alive' }
  | { readonly kind: 'parked'; readonly event: ParkedEvent }
  | {
      readonly kind: 'retrying';
      readonly error: ThreadError;
      readonly attempt: number;
      readonly delayMs: number;
    }
  | {
      readonly kind: 'answer';
      readonly id: number;
      readonly outcomes?: readonly RetryOutcome[];
      readonly error?: ThreadError;
    }
  | { readonly kind: 'failed'; readonly error: ThreadError };

/** What a live projector thread is started with, besides what its entry needs. */
export interface ProjectorThreadData {
  /** One Int32: 1 while a wake message is on its way, so that a burst of appends sends one. */
  readonly wakeFlag: Int32Array;
}

/** To a thread that folds shards. */
export type ToShardThread = { readonly kind: 'fold'; readonly task: ShardTask } | { readonly kind: 'cancel' };
export type FromShardThread =
  | { readonly kind: 'progress'; readonly progress: ShardProgress }
  | { readonly kind: 'folded'; readonly documents: number }
  | { readonly kind: 'failed'; readonly error: ThreadError };

/** To a thread that coordinates a rebuild. */
export type ToRebuildThread =
  { readonly kind: 'cancel' } | { readonly kind: 'confirmed'; readonly yes: boolean };
export type FromRebuildThread =
  | { readonly kind: 'progress'; readonly progress: RebuildProgress }
  | { readonly kind: 'confirm'; readonly comparisons: readonly GenerationComparison[] }
  | { readonly kind: 'done'; readonly report: RebuildReport }
  | { readonly kind: 'failed'; readonly error: ThreadError };
