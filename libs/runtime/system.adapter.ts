import { randomUUID } from 'node:crypto';
import type { Clock } from './clock.port.js';
import type { IdGenerator } from './id-generator.port.js';
import type { Scheduler } from './scheduler.port.js';

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};

export const systemIds: IdGenerator = { uuid: () => randomUUID() };

/** A random number from 0 to below 1: for jitter, never for decisions or ids. */
export const systemRandom = (): number => Math.random();

export const systemScheduler: Scheduler = {
  sleep: (delayMs, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const done = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, delayMs);
      signal?.addEventListener('abort', done, { once: true });
    }),
  every: (intervalMs, task) => {
    let stopped = false;
    let timer: NodeJS.Timeout;
    const run = async (): Promise<void> => {
      await task();
      if (!stopped) timer = setTimeout(() => void run(), intervalMs);
    };
    timer = setTimeout(() => void run(), intervalMs);
    return {
      stop: () => {
        stopped = true;
        clearTimeout(timer);
      },
    };
  },
};
