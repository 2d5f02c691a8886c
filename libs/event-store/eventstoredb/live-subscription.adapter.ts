import {
  START,
  streamNameFilter,
  type AllStreamResolvedEvent,
  type EventStoreDBClient,
  type Position,
} from '@eventstore/db-client';
import type { StoredEvent } from './event-envelope.js';

/** Events a filtered catch-up looks at per page of the server, and pages per checkpoint. */
const SEARCH_WINDOW = 256;
const CHECKPOINT_INTERVAL = 4;
/** Events waiting for the consumer at most; beyond that the server is not read from. */
const BUFFERED = 512;

/** What a subscription says, in its order. */
export type Said =
  | { readonly kind: 'event'; readonly event: StoredEvent }
  /** Everything up to here was said or is none of ours. */
  | { readonly kind: 'checkpoint'; readonly position: Position }
  | { readonly kind: 'caughtUp' };

/**
 * One subscription of the client, pulled instead of pushing. Checkpoints and "caught up" stand in the same queue as the
 * events, so none overtakes an event that was not taken yet. Over for good at the first error, end or close.
 */
export class LiveSubscription {
  private readonly subscription;
  private over: string | undefined;
  private wake: () => void = () => undefined;

  constructor(client: EventStoreDBClient, from: Position | undefined, prefixes: readonly string[]) {
    const say = (said: Said): void => void this.subscription.push(said);
    this.subscription = client.subscribeToAll(
      {
        fromPosition: from ?? START,
        filter: streamNameFilter({
          prefixes: [...prefixes],
          maxSearchWindow: SEARCH_WINDOW,
          checkpointInterval: CHECKPOINT_INTERVAL,
          checkpointReached: (_subscription, position) => say({ kind: 'checkpoint', position }),
        }),
      },
      { highWaterMark: BUFFERED },
    );
    // Attached before anything is awaited: an error without a listener would end the process.
    this.subscription.on('error', (error: unknown) => {
      this.error = error;
      this.end('error');
    });
    this.subscription.on('end', () => this.end('end'));
    this.subscription.on('close', () => this.end('close'));
    this.subscription.on('caughtUp', () => say({ kind: 'caughtUp' }));
    this.subscription.on('readable', () => this.wake());
  }

  /** What ended it, when it was an error. */
  error: unknown;
  /** Did it say anything: was it ever a working subscription? */
  hasSpoken = false;

  /** Why it is over; undefined while it lives. */
  get reason(): string | undefined {
    return this.over;
  }

  /** The next thing said, if it is there already. */
  take(): Said | undefined {
    const item = this.subscription.read() as Said | AllStreamResolvedEvent | null;
    if (item === null) return undefined;
    this.hasSpoken = true;
    if ('kind' in item) return item;
    // A link that leads nowhere has no event.
    return item.event === undefined ? this.take() : { kind: 'event', event: item.event as StoredEvent };
  }

  /** Resolves when there may be something to take or it is over, at the latest after `timeoutMs`; answers whether it waited that long. */
  wait(timeoutMs: number, signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      if (this.over !== undefined || signal.aborted || this.subscription.readableLength > 0)
        return resolve(false);
      const done = (timedOut: boolean): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', stop);
        this.wake = () => undefined;
        resolve(timedOut);
      };
      const stop = (): void => done(false);
      const timer = setTimeout(() => done(true), timeoutMs);
      signal.addEventListener('abort', stop, { once: true });
      this.wake = stop;
    });
  }

  /** Gives the subscription up; what was not taken is forgotten. */
  close(reason: string): void {
    this.end(reason);
    this.subscription.unsubscribe().catch(() => undefined);
    this.subscription.destroy();
  }

  private end(reason: string): void {
    this.over ??= reason;
    this.wake();
  }
}
