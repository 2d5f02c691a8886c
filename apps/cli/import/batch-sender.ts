import type { Scheduler } from '@rapport/runtime';
import { CliError, EXIT } from '../exit-codes.js';
import type { BatchItem } from './row-mapper.js';

/** Result of one item of `POST /v1/batch`. */
export interface ItemResult {
  readonly index: number;
  readonly status: 'accepted' | 'replayed' | 'refused' | 'invalid';
  readonly customerId?: string;
  readonly eventIds?: readonly string[];
  readonly revision?: string;
  readonly problem?: {
    readonly code?: string;
    readonly status?: number;
    readonly detail?: string;
    readonly title?: string;
  };
}
export interface BatchAnswer {
  readonly results: readonly ItemResult[];
  /** Read-your-writes token of the last write. */
  readonly token?: string;
}

/** What the sender needs of a connection; `retryable` failures leave it open whether the batch was carried out. */
export interface BatchTarget {
  send(items: readonly BatchItem[], signal?: AbortSignal): Promise<BatchAnswer>;
}

/** The batch may or may not have been carried out: send it again with the same keys. */
export class AmbiguousBatch extends Error {
  override readonly name = 'AmbiguousBatch';
  constructor(
    message: string,
    readonly retryAfterMs?: number,
  ) {
    super(message);
  }
}

export interface Sent<Origin> {
  readonly origin: Origin;
  readonly result: ItemResult;
}

export interface BatchSenderOptions<Origin> {
  readonly target: BatchTarget;
  readonly scheduler: Scheduler;
  /** Batches in flight at the same time; items of one order key always travel in the same lane, in order. */
  readonly lanes: number;
  /** Items in a batch, at most 1,000. */
  readonly batchSize: number;
  readonly onSent: (sent: readonly Sent<Origin>[], answer: BatchAnswer) => void;
  /** How long to go on when the service does not answer. */
  readonly retryForMs: number;
  readonly nowMs: () => number;
  readonly signal?: AbortSignal;
}

/** Below the 4 MiB that the service takes, with room for the brackets. */
const MAX_BATCH_BYTES = 3_900_000;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;
/** Codes after which the same item with the same key may succeed. */
const TRY_AGAIN = new Set([
  'CONFLICT',
  'IN_PROGRESS',
  'OUTCOME_UNKNOWN',
  'UNAVAILABLE',
  'RATE_LIMITED',
  'READ_YOUR_WRITES_TIMEOUT',
]);

interface Pending<Origin> {
  readonly item: BatchItem;
  readonly origin: Origin;
}
interface Lane<Origin> {
  buffer: Pending<Origin>[];
  bytes: number;
  inFlight: Promise<void> | undefined;
}

/**
 * Sends items in batches with a bounded number in flight. Each lane has one batch on its way and at most one being
 * filled, so memory stays flat, and items with the same order key are carried out in the order they were added.
 * An ambiguous failure is repeated with the same keys: the service answers `replayed` for what it had done.
 */
export class BatchSender<Origin> {
  private readonly lanes: Lane<Origin>[];
  private failure: unknown;

  constructor(private readonly options: BatchSenderOptions<Origin>) {
    this.lanes = Array.from({ length: options.lanes }, () => ({ buffer: [], bytes: 0, inFlight: undefined }));
  }

  async add(orderKey: string, item: BatchItem, origin: Origin): Promise<void> {
    this.throwFailure();
    const lane = this.lanes[laneOf(orderKey, this.lanes.length)]!;
    const bytes = Buffer.byteLength(JSON.stringify(item)) + 1;
    if (lane.bytes + bytes > MAX_BATCH_BYTES) await this.launch(lane);
    lane.buffer.push({ item, origin });
    lane.bytes += bytes;
    if (lane.buffer.length >= this.options.batchSize) await this.launch(lane);
  }

  /** Sends what is left and waits for every answer. */
  async flush(): Promise<void> {
    for (const lane of this.lanes) if (lane.buffer.length > 0) await this.launch(lane);
    await Promise.all(this.lanes.map(async (lane) => lane.inFlight));
    this.throwFailure();
  }

  private async launch(lane: Lane<Origin>): Promise<void> {
    await lane.inFlight;
    this.throwFailure();
    const batch = lane.buffer;
    lane.buffer = [];
    lane.bytes = 0;
    lane.inFlight = this.deliver(batch).catch((error: unknown) => {
      this.failure ??= error;
    });
  }

  private throwFailure(): void {
    if (this.failure !== undefined) throw this.failure;
  }

  private async deliver(batch: readonly Pending<Origin>[]): Promise<void> {
    const { target, scheduler, nowMs, retryForMs, signal, onSent } = this.options;
    const deadlineMs = nowMs() + retryForMs;
    let open = batch;
    for (let pauseMs = FIRST_PAUSE_MS; open.length > 0; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      if (signal?.aborted) throw new CliError(EXIT.interrupted, 'interrupted');
      let reason: string;
      let waitMs = pauseMs;
      try {
        const answer = await target.send(
          open.map(({ item }) => item),
          signal,
        );
        const settled: Sent<Origin>[] = [];
        const again: Pending<Origin>[] = [];
        for (const result of answer.results) {
          const pending = open[result.index]!;
          if (result.problem?.code !== undefined && TRY_AGAIN.has(result.problem.code)) again.push(pending);
          else settled.push({ origin: pending.origin, result });
        }
        if (settled.length > 0) onSent(settled, answer);
        if (again.length < open.length) pauseMs = FIRST_PAUSE_MS;
        open = again;
        reason = 'items stay unavailable';
      } catch (error) {
        if (!(error instanceof AmbiguousBatch)) throw error;
        reason = error.message;
        waitMs = error.retryAfterMs ?? pauseMs;
      }
      if (open.length === 0) return;
      if (nowMs() > deadlineMs)
        throw new CliError(
          EXIT.dependencyDown,
          `the service does not answer (${reason}); run the same import again, nothing is recorded twice`,
        );
      await scheduler.sleep(waitMs, signal);
    }
  }
}

/** FNV-1a: every run puts a customer into the same lane. */
export function laneOf(key: string, lanes: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % lanes;
}

/** Of two `partition:position` tokens the one that has seen more. */
export function laterToken(a: string | undefined, b: string): string {
  const positionOf = (token: string): bigint => BigInt(token.slice(token.indexOf(':') + 1));
  return a === undefined || positionOf(b) > positionOf(a) ? b : a;
}
