import { RapportError } from '@rapport/contracts';
import type { GenerationStatus } from '@rapport/read-model';
import type { Scheduler } from '@rapport/runtime';

/** Where one projection stands. received = applied + duplicate + parked, counted since the runner started. */
export interface ProjectionStatus {
  readonly projection: string;
  readonly version: number;
  readonly generation: number;
  readonly collection: string;
  readonly status: GenerationStatus;
  /** Complete and durable to here, over all partitions. */
  readonly position: bigint;
  readonly partitions: readonly { readonly partition: number; readonly through: bigint }[];
  /** Newest position of the log the runner has seen. */
  readonly head: bigint;
  /** head - position: events behind, where positions have no gaps. */
  readonly lag: bigint;
  readonly received: number;
  readonly applied: number;
  readonly duplicate: number;
  /** Parked now; those found parked at the start count as received. */
  readonly parked: number;
  readonly parkedSequences: number;
}

export interface WaitOptions {
  /** Projections to wait for; default all known ones. */
  readonly projections?: readonly string[];
  /** Partition the position is of; default 0. */
  readonly partition?: number;
}

/** The last known status of every projection, and waiting for a position on it. */
export class ProgressBoard {
  private statuses: readonly ProjectionStatus[] = [];
  private readonly waiting = new Set<() => void>();

  constructor(private readonly scheduler: Scheduler) {}

  current(): readonly ProjectionStatus[] {
    return this.statuses;
  }

  /** True while somebody waits for a position. */
  get isAwaited(): boolean {
    return this.waiting.size > 0;
  }

  update(statuses: readonly ProjectionStatus[]): void {
    this.statuses = statuses;
    for (const check of [...this.waiting]) check();
  }

  /** Resolves when the projections are complete to the position. Throws READ_YOUR_WRITES_TIMEOUT, UNKNOWN_PROJECTION. */
  async waitFor(position: bigint, timeoutMs: number, options: WaitOptions = {}): Promise<void> {
    if (this.isComplete(position, options)) return;
    const timeout = new AbortController();
    let reached = false;
    const check = (): void => {
      if (!this.isComplete(position, options)) return;
      reached = true;
      timeout.abort();
    };
    this.waiting.add(check);
    try {
      await this.scheduler.sleep(timeoutMs, timeout.signal);
    } finally {
      this.waiting.delete(check);
    }
    if (reached || this.isComplete(position, options)) return;
    const behind = this.relevant(options)
      .filter((s) => throughOf(s, options.partition) < position)
      .map((s) => `${s.projection} at ${throughOf(s, options.partition)}`);
    throw new RapportError(
      'READ_YOUR_WRITES_TIMEOUT',
      `position ${position} not reached within ${timeoutMs} ms: ${behind.join(', ') || 'no projection runs'}`,
      { retryAfterS: 1 },
    );
  }

  private relevant({ projections }: WaitOptions): ProjectionStatus[] {
    return this.statuses.filter((s) => !projections || projections.includes(s.projection));
  }

  private isComplete(position: bigint, options: WaitOptions): boolean {
    const relevant = this.relevant(options);
    // A generation being filled is not read by anybody while another is active.
    return (
      relevant.length >= (options.projections?.length ?? 1) &&
      relevant.every((s) => throughOf(s, options.partition) >= position)
    );
  }
}

const throughOf = (status: ProjectionStatus, partition = 0): bigint =>
  status.partitions.find((p) => p.partition === partition)?.through ?? 0n;
