import { RapportError, type ErrorCode } from '@rapport/contracts';
import type { Scheduler } from '@rapport/runtime';

/** Errors that go away by themselves; everything else is a defect or needs an operator. */
const TRANSIENT: ReadonlySet<ErrorCode> = new Set([
  'UNAVAILABLE',
  'STORAGE_FULL',
  'STORE_LOCKED',
  'OUTCOME_UNKNOWN',
]);

export const isTransient = (error: unknown): boolean =>
  error instanceof RapportError && TRANSIENT.has(error.code);

const FIRST_DELAY_MS = 50;
/** A recovered store is used again within 5 s. */
const LONGEST_DELAY_MS = 5_000;

/** Delay before attempt n + 1 (n from 1): doubling from 50 ms to 5 s, spread over its upper half. */
export const backoffMs = (attempt: number, random: () => number): number =>
  Math.min(FIRST_DELAY_MS * 2 ** (attempt - 1), LONGEST_DELAY_MS) * (0.5 + random() / 2);

export interface RetryOptions {
  readonly scheduler: Scheduler;
  readonly random: () => number;
  readonly signal: AbortSignal;
  readonly onRetry?: (error: unknown, attempt: number, delayMs: number) => void;
}

/** Repeats work while it fails for a transient reason; gives up when aborted. */
export async function untilItSucceeds<T>(work: () => Promise<T>, options: RetryOptions): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!isTransient(error) || options.signal.aborted) throw error;
      const delayMs = backoffMs(attempt, options.random);
      options.onRetry?.(error, attempt, delayMs);
      await options.scheduler.sleep(delayMs, options.signal);
      if (options.signal.aborted) throw error;
    }
  }
}
