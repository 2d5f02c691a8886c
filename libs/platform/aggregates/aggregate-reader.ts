import type { StreamEvent } from '@rapport/contracts';
import type { EventStore } from '@rapport/event-store';
import type { Clock } from '@rapport/runtime';
import { LRUCache } from 'lru-cache';
import type { AnyAggregate } from './aggregate.js';

interface Folded {
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

  /** The state of one instance; undefined when nothing was recorded about it. Throws UNAVAILABLE. */
  async stateOf<State>(category: string, id: string): Promise<State | undefined> {
    const decider = this.deciders.get(category);
    if (!decider) throw new Error(`no aggregate ${category}`);
    const streamId = `${category}-${id}`;
    const kept = this.kept.get(streamId);
    const nowMs = this.clock.monotonicMs();
    if (kept && (this.othersWriteEveryMs === 0 || nowMs - kept.checkedAtMs < this.othersWriteEveryMs))
      return kept.state as State;
    const news = await this.store.readStream(streamId, { fromRevision: (kept?.revision ?? -1n) + 1n });
    if (!kept && news.length === 0) return undefined;
    const folded: Folded = kept ?? { state: decider.initialState(), revision: -1n, checkedAtMs: nowMs };
    folded.state = news.reduce((state: unknown, event: StreamEvent) => decider.evolve(state, event), folded.state);
    folded.revision = news.at(-1)?.revision ?? folded.revision;
    folded.checkedAtMs = nowMs;
    this.kept.set(streamId, folded);
    return folded.state as State;
  } // prettier-ignore

  /** The instance was written: the next question reads its stream. */
  forget(category: string, id: string): void {
    this.kept.delete(`${category}-${id}`);
  }
}
