import type { FeedAssignment, FeedBatch, FeedProgress } from './event-feed.port.js';
import type { FeedHistory } from './log-replay.js';
import { sortRecords, type StoredRecord } from './record-batches.js';

/** What the group remembers of a partition: where to begin, and what the documents were complete to then. */
export interface CommittedProgress extends FeedProgress {
  /** Offset of the first record not consumed yet. */
  readonly offset: bigint;
}

export interface FeedSessionOptions {
  readonly history: FeedHistory;
  /** Events per batch at most. */
  readonly batchSize: number;
  /** Records held before a fetcher has to wait: bounds memory. */
  readonly maxQueued: number;
}

/** Counted over all sessions of a feed. */
export interface FeedCounters {
  duplicates: number;
  gaps: number;
  skipped: number;
}

interface Fetched {
  readonly partition: number;
  readonly records: readonly StoredRecord[];
  readonly isLast: boolean;
}

/** One assignment of partitions from its beginning to its end: records come in from fetchers, batches go out. */
export class FeedSession {
  private readonly queue: Fetched[] = [];
  private queued = 0;
  private ended = false;
  private waiting: (() => void)[] = [];
  private readonly lastSeen = new Map<number, bigint>();
  private readonly delivered = new Map<number, CommittedProgress[]>();

  constructor(
    readonly assignment: FeedAssignment,
    /** What the group remembers of the assigned partitions. */
    private readonly committed: ReadonlyMap<number, CommittedProgress>,
    private readonly counters: FeedCounters,
    private readonly options: FeedSessionOptions,
  ) {}

  get isEnded(): boolean {
    return this.ended;
  }

  /** The partitions are somebody else's from now on. */
  end(): void {
    this.ended = true;
    this.queue.length = 0;
    this.wakeAll();
  }

  /** Takes fetched records; `isLast` when the partition holds nothing behind them. */
  offer(partition: number, records: readonly StoredRecord[], isLast: boolean): void {
    if (this.ended || records.length === 0) return;
    this.queue.push({ partition, records, isLast });
    this.queued += records.length;
    this.wakeAll();
  }

  /** True while a fetcher should not bring more. */
  get isFull(): boolean {
    return !this.ended && this.queued >= this.options.maxQueued;
  }

  /** Resolves at the next change: something came, was taken, or the session ended. */
  changed(signal?: AbortSignal): Promise<void> {
    if (this.ended || signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      signal?.addEventListener('abort', wake, { once: true });
      this.waiting.push(wake);
    });
  }

  /** Batches until the session ends or `signal` aborts. */
  async *batches(from: (partition: number) => FeedProgress, signal: AbortSignal): AsyncIterable<FeedBatch> {
    for (const partition of this.assignment.partitions) {
      const { through } = from(partition);
      const committed = this.committed.get(partition);
      this.lastSeen.set(partition, through);
      if (!committed || committed.through <= through) continue;
      // The documents were further once: they have lost writes, and the offset no longer brings those events.
      this.counters.gaps++;
      this.lastSeen.set(partition, committed.through);
      const { checkpoint, through: previous } = committed;
      yield { partition, events: [], checkpoint, through: previous, previous, more: true };
    }
    while (!this.ended && !signal.aborted) {
      const fetched = this.queue[0];
      if (!fetched) {
        await this.changed(signal);
        continue;
      }
      for (const batch of this.sorted(fetched)) {
        if (this.ended || signal.aborted) return;
        yield batch;
      }
      // Taken out when all of it was asked for: whoever consumes anew in the same session finds the rest.
      if (this.queue[0] !== fetched) continue;
      this.queue.shift();
      this.queued -= fetched.records.length;
      this.wakeAll();
    }
  }

  /** The offset that may be forgotten to when documents are complete to a position; undefined when nothing new. */
  committable(partition: number, through: bigint): CommittedProgress | undefined {
    const delivered = this.delivered.get(partition);
    let reached: CommittedProgress | undefined;
    while (delivered?.[0] && delivered[0].through <= through) reached = delivered.shift();
    return reached;
  }

  private *sorted({ partition, records, isLast }: Fetched): Iterable<FeedBatch> {
    const { history, batchSize } = this.options;
    const sorted = sortRecords(records, this.lastSeen.get(partition) ?? 0n, batchSize);
    this.counters.duplicates += sorted.duplicates;
    this.counters.gaps += sorted.gaps;
    this.counters.skipped += sorted.skipped;
    this.lastSeen.set(partition, sorted.lastSeen);
    for (const [i, batch] of sorted.batches.entries()) {
      const { events, previous, through, nextOffset } = batch;
      const checkpoint = batch.checkpoint ?? history.checkpointAt(through);
      this.delivers(partition, { offset: nextOffset, through, checkpoint });
      const isLastOfPartition = isLast && i === sorted.batches.length - 1;
      yield {
        partition,
        events,
        previous,
        through,
        checkpoint,
        more: !isLastOfPartition || this.queue.length > 1,
      };
    }
    // What was dropped at the end of the fetch may be forgotten with what came before it.
    const through = sorted.lastSeen;
    this.delivers(partition, {
      offset: sorted.nextOffset,
      through,
      checkpoint: history.checkpointAt(through),
    });
  }

  private delivers(partition: number, progress: CommittedProgress): void {
    const delivered = this.delivered.get(partition) ?? [];
    const last = delivered.at(-1);
    if (last && last.through === progress.through)
      delivered[delivered.length - 1] = { ...last, offset: progress.offset };
    else delivered.push(progress);
    this.delivered.set(partition, delivered);
  }

  private wakeAll(): void {
    const { waiting } = this;
    this.waiting = [];
    for (const wake of waiting) wake();
  }
}
