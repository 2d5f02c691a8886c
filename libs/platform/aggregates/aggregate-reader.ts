import type { StreamEvent } from '@rapport/contracts';
import type { EventStore } from '@rapport/event-store';
import type { Clock } from '@rapport/runtime';
import { LRUCache } from 'lru-cache';
import type { AnyAggregate } from './aggregate.js';

interface Folded {
  /** undefined: nothing was recorded. */
  state: unknown;
  revision: bigint;
  checkedAtMs: number;
}

/** Instances kept in memory; their streams are short and their states small. */
const MOST_KEPT = 10_000;

/**
 * The state of a product, a campaign … straight from its stream, for decisions on other streams: what a read model
 * shows may be a moment behind.
 */
export class AggregateReader {
  private readonly kept = new LRUCache<string, Folded>({ max: MOST_KEPT });
  /** How often something was forgotten: an answer from before that may be what was to be forgotten. */
  private forgotten = 0;
  private readonly deciders: ReadonlyMap<string, AnyAggregate['decider']>;

  /**
   * `othersWriteEveryMs`: a state older than this is looked at again, because other processes write as well;
   * 0 = this process alone writes, and forgets what it changed.
   */
  constructor(
    aggregates: readonly AnyAggregate[],
    private readonly store: Pick<EventStore, 'readStream'>,
    private readonly clock: Clock,
    private readonly othersWriteEveryMs: number,
  ) {
    this.deciders = new Map(aggregates.map(({ decider }) => [decider.category, decider]));
  }

  /** The state of one instance where it is in memory and may still be used: for the many that ask for the same few. */
  inMemory<State>(category: string, id: string): { readonly state: State | undefined } | undefined {
    const kept = this.kept.get(`${category}-${id}`);
    return kept && this.isFresh(kept) ? (kept as { readonly state: State | undefined }) : undefined;
  }

  /** The state of one instance; undefined when nothing was recorded about it. Throws UNAVAILABLE. */
  async stateOf<State>(category: string, id: string): Promise<State | undefined> {
    const decider = this.deciders.get(category);
    if (!decider) throw new Error(`no aggregate ${category}`);
    const streamId = `${category}-${id}`;
    const kept = this.kept.get(streamId);
    if (kept && this.isFresh(kept)) return kept.state as State | undefined;
    const checkedAtMs = this.clock.monotonicMs();
    const { forgotten } = this;
    const { state: known, revision } = kept ?? { state: undefined, revision: -1n };
    const news = await this.store.readStream(streamId, { fromRevision: revision + 1n });
    const state = news.reduce<unknown>(
      (before, event: StreamEvent) => decider.evolve(before ?? decider.initialState(), event),
      known,
    );
    // What somebody else may define any moment is asked for each time, or they would be refused what they just defined.
    const mayKeep = forgotten === this.forgotten && (state !== undefined || this.othersWriteEveryMs === 0);
    if (mayKeep) this.kept.set(streamId, { state, revision: news.at(-1)?.revision ?? revision, checkedAtMs });
    return state as State | undefined;
  }

  private isFresh({ checkedAtMs }: Folded): boolean {
    const { othersWriteEveryMs, clock } = this;
    return othersWriteEveryMs === 0 || clock.monotonicMs() - checkedAtMs < othersWriteEveryMs;
  }

  /** The instance was written: the next question reads its stream. */
  forget(category: string, id: string): void {
    this.forgotten++;
    this.kept.delete(`${category}-${id}`);
  }
}
