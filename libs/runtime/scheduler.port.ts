/** Waiting and repeating, so that a simulated clock can drive both. */
export interface Scheduler {
  /** Resolves after `delayMs`, or at once when `signal` aborts (it does not reject). */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
  /** Calls `task` every `intervalMs`; a slow task delays the next call, never overlaps. Returns how to stop it. */
  every(intervalMs: number, task: () => Promise<void> | void): { stop(): void };
}
