import type { Clock } from './clock.port.js';
import type { IdGenerator } from './id-generator.port.js';
import type { Scheduler } from './scheduler.port.js';

/** A clock that stands still until told to move; sleeping tasks wake in due order as it advances. */
export class SimulatedTime implements Clock, Scheduler {
  private readonly sleepers: { dueMs: number; order: number; wake: () => void }[] = [];
  private order = 0;

  constructor(private currentMs: number) {}

  nowMs(): number {
    return this.currentMs;
  }

  monotonicMs(): number {
    return this.currentMs;
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      this.sleepers.push({ dueMs: this.currentMs + delayMs, order: this.order++, wake: resolve });
      signal?.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  every(intervalMs: number, task: () => Promise<void> | void): { stop(): void } {
    const abort = new AbortController();
    const loop = async (): Promise<void> => {
      for (;;) {
        await this.sleep(intervalMs, abort.signal);
        if (abort.signal.aborted) return;
        await task();
      }
    };
    void loop();
    return { stop: () => abort.abort() };
  }

  /** Moves time forward, waking every sleeper whose time has come, in order. */
  async advance(byMs: number): Promise<void> {
    const targetMs = this.currentMs + byMs;
    for (;;) {
      this.sleepers.sort((a, b) => a.dueMs - b.dueMs || a.order - b.order);
      const next = this.sleepers[0];
      if (!next || next.dueMs > targetMs) break;
      this.sleepers.shift();
      this.currentMs = next.dueMs;
      next.wake();
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.currentMs = targetMs;
  }
}

/** Ids that are the same in every run: `00000000-0000-4000-8000-000000000001` … */
export function sequentialIds(): IdGenerator {
  let n = 0;
  return { uuid: () => `00000000-0000-4000-8000-${(++n).toString().padStart(12, '0')}` };
}
