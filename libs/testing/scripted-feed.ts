import {
  ONLY_ASSIGNMENT,
  type ConsumeOptions,
  type EventFeed,
  type FeedAssignment,
  type FeedBatch,
  type FeedHealth,
  type FeedProgress,
  type ReplayOptions,
} from '@rapport/event-feed';
import type { RecordedEvent } from '@rapport/contracts';

/** One delivery: events as they arrive, repeated and shuffled as the test likes. */
export interface Delivery {
  readonly events: readonly RecordedEvent[];
  /** Position it is complete to. */
  readonly through: bigint;
  readonly more?: boolean;
}

const at = (through: bigint): FeedProgress => ({ checkpoint: `at-${through}`, through });

/** A feed of one partition that delivers exactly what it is told, then waits. */
export class ScriptedFeed implements EventFeed {
  readonly start = at(0n);
  readonly commits: bigint[] = [];

  constructor(private readonly deliveries: readonly Delivery[]) {}

  async partitions(): Promise<readonly number[]> {
    return [0];
  }

  partitionOf(): number {
    return 0;
  }

  async assigned(signal: AbortSignal): Promise<FeedAssignment | undefined> {
    return signal.aborted ? undefined : ONLY_ASSIGNMENT;
  }

  health(): FeedHealth {
    return { ready: true, assigned: [0], restarts: 0, duplicates: 0, gaps: 0, skipped: 0 };
  }

  async close(): Promise<void> {
    // Nobody is told: nobody shares it.
  }

  async head(): Promise<FeedProgress> {
    return at(this.deliveries.reduce((most, d) => (d.through > most ? d.through : most), 0n));
  }

  async *consume({ signal }: ConsumeOptions): AsyncIterable<FeedBatch> {
    let previous = 0n;
    for (const { events, through, more = false } of this.deliveries) {
      const reached = through > previous ? through : previous;
      yield { partition: 0, events: structuredClone(events), previous, more, ...at(reached) };
      previous = reached;
    }
    if (!signal.aborted)
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  }

  async *replay(_partition: number, { after, through }: ReplayOptions): AsyncIterable<FeedBatch> {
    const events = new Map<bigint, RecordedEvent>();
    for (const delivery of this.deliveries)
      for (const event of delivery.events)
        if (event.position > after.through && event.position <= through) events.set(event.position, event);
    const inOrder = [...events.values()].sort((a, b) => (a.position < b.position ? -1 : 1));
    yield {
      partition: 0,
      events: structuredClone(inOrder),
      previous: after.through,
      more: false,
      ...at(through),
    };
  }

  async commit({ through }: { readonly through: bigint }): Promise<void> {
    this.commits.push(through);
  }

  wake(): void {
    // Everything is delivered as soon as it is asked for.
  }
}
