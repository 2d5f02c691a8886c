/** Wakes readers that wait at the head of the log. */
export class CommitSignal {
  private waiting: (() => void)[] = [];

  notify(): void {
    if (this.waiting.length === 0) return;
    const woken = this.waiting;
    this.waiting = [];
    for (const wake of woken) wake();
  }

  /** Resolves at the next `notify`, or when `signal` aborts, or after what `also` arranges (a timer); `also` returns its own undoing. */
  wait(signal: AbortSignal, also?: (wake: () => void) => () => void): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const wake = (): void => {
        signal.removeEventListener('abort', wake);
        const index = this.waiting.indexOf(wake);
        if (index >= 0) this.waiting.splice(index, 1);
        undo?.();
        resolve();
      };
      signal.addEventListener('abort', wake, { once: true });
      this.waiting.push(wake);
      const undo = also?.(wake);
    });
  }
}
