import { RapportError } from '@rapport/contracts';

export interface InFlightLimits {
  /** Calls under way at the same time. */
  readonly atOnce: number;
  /** Calls that may wait for their turn. */
  readonly waiting: number;
  /** How long one may wait, ms. */
  readonly waitMs: number;
}

interface Waiting {
  start(): void;
}

/**
 * Lets so many calls through at a time, the others in the order they came. What cannot be begun is refused with UNAVAILABLE:
 * a server that is slow meets a bounded number of calls, and the time a call may take counts from its beginning.
 */
export class InFlight {
  private running = 0;
  private readonly queue = new Set<Waiting>();

  constructor(private readonly limits: InFlightLimits) {}

  async run<T>(call: () => Promise<T>): Promise<T> {
    if (this.running >= this.limits.atOnce) await this.turn();
    else this.running++;
    try {
      return await call();
    } finally {
      this.leave();
    }
  }

  /** Resolves when a place is free, which is then taken. */
  private turn(): Promise<void> {
    if (this.queue.size >= this.limits.waiting) return Promise.reject(overloaded());
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        start: () => {
          clearTimeout(timer);
          resolve();
        },
      };
      const timer = setTimeout(() => {
        this.queue.delete(waiting);
        reject(overloaded());
      }, this.limits.waitMs);
      this.queue.add(waiting);
    });
  }

  private leave(): void {
    const next = this.queue.values().next().value;
    if (next === undefined) {
      this.running--;
      return;
    }
    // The place passes from one to the other.
    this.queue.delete(next);
    next.start();
  }
}

const overloaded = (): RapportError =>
  new RapportError('UNAVAILABLE', 'Too many writes wait for the event store.', { retryAfterS: 1 });
