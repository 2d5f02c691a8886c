import { epochMsOf, RapportError, type RecordedEvent } from '@rapport/contracts';
import type { EventPublisher, FeedRecord } from '@rapport/event-feed';
import { backoffMs, type EventStore, type LogHead, type LogPage } from '@rapport/event-store';
import type { Lease, LeaseStore } from '@rapport/read-model';
import type { Clock, Scheduler } from '@rapport/runtime';
import type { RelayCheckpointStore } from './relay-checkpoint.port.js';
import { whereToStart, type RelayPosition } from './relay-start.js';

export interface RelayOptions {
  readonly store: Pick<EventStore, 'subscribeAll' | 'readAll' | 'head' | 'checkpointAt'>;
  readonly publisher: EventPublisher;
  readonly checkpoints: RelayCheckpointStore;
  readonly leases: LeaseStore;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** 0 to below 1, for jitter. */
  readonly random: () => number;
  /** Who relays: shown to another relay that waits. */
  readonly holder: string;
  /** Events of one batch at most; default 2,000. */
  readonly batchEvents?: number;
  /** Time from one batch to the next at least, ms; default 20: what comes meanwhile is one request to Kafka. A batch that took longer is followed at once. */
  readonly batchEveryMs?: number;
  /** How often quiet partitions are told how far they are complete, ms; default 1,000. */
  readonly progressMs?: number;
  /** A relay that dies blocks the next one for this long at most, ms; default 10,000. */
  readonly leaseMs?: number;
  /** The checkpoint is stored at most this often, ms; default 250. What comes after it is skipped after a restart. */
  readonly checkpointMs?: number;
  /** A subscription that says nothing for this long while the log grows is replaced, ms; default 10,000. */
  readonly silenceMs?: number;
  readonly onTrouble?: (trouble: RelayTrouble) => void;
}

export interface RelayTrouble {
  readonly kind: 'retrying' | 'leaseLost' | 'subscriptionReplaced' | 'checkpointNotSaved';
  readonly error: Error;
  readonly delayMs?: number;
}

export interface RelayStatus {
  /** `standby`: another relay holds the lease, or nobody could be asked. */
  readonly role: 'standby' | 'leader' | 'stopped';
  readonly ready: boolean;
  /** Why it is not ready. */
  readonly reason?: string;
  /** Events read from the log and records acknowledged by the topic, since the start of the process. */
  readonly read: number;
  readonly produced: number;
  readonly progressRecords: number;
  /** Events skipped because the topic had them. */
  readonly skipped: number;
  readonly retries: number;
  readonly resubscriptions: number;
  /** Position the topic is complete to. */
  readonly position: bigint;
  readonly head: bigint;
  /** Counted up to 10,000 where the log does not know its size. */
  readonly lagEvents: number;
  /** Age of the oldest event that is not in the topic, as far as known; 0 when complete. */
  readonly lagSeconds: number;
}

const DEFAULTS = {
  batchEvents: 2_000,
  batchEveryMs: 20,
  progressMs: 1_000,
  leaseMs: 10_000,
  checkpointMs: 250,
  silenceMs: 10_000,
};
const LEASE = 'relay';
/** The lease is renewed this often in its time, and no longer trusted in its last part. */
const RENEWALS = 3;
const TRUSTED_PART = 0.8;
/** A log that does not know its size is counted this often, and so far ahead, to say how many events are missing. */
const COUNT_EVERY_MS = 5_000;
const COUNTED_AHEAD = 10_000;

/**
 * Copies the log to the topic: in order, acknowledged, each partition a chain without a missing link.
 *
 * - One relay works at a time, under a lease; the checkpoint is stored with the lease's fencing token. A relay that was
 *   stopped and wakes too late can at most repeat records, which consumers drop.
 * - The checkpoint follows the acknowledgement. At a start the end of each partition says what is there already: a
 *   restart at any step writes nothing twice and leaves nothing out.
 * - Quiet partitions get a progress record every second while the log grows, so that consumers of them know how far
 *   they are complete.
 * - What fails is tried again for ever, with capped and jittered delays, from the last acknowledged record; the
 *   subscription is pulled, so an outage holds one batch and one page in memory. Only what cannot go away by itself
 *   ends `run`: PARTITIONING_CHANGED, INTERNAL (the log ends before what was copied).
 */
export class Relay {
  private readonly settings;
  private lease: Lease | undefined;
  private trustedUntilMs = 0;
  /** Copied and acknowledged, in this process; undefined until the first start under the lease. */
  private acknowledged: RelayPosition | undefined;
  private role: RelayStatus['role'] = 'standby';
  private failure: Error | undefined = new Error('starting');
  private head: LogHead = { position: 0n };
  /** Events of the log up to its head, as far as known. */
  private headOrdinal = 0n;
  private countedMs = -Infinity;
  private isAskingHead = false;
  private behindSinceMs: number | undefined;
  /** The newest event read, and when it was. */
  private lastRead: { readonly recordedAt: string; readonly atMs: number } | undefined;
  private readonly counts = {
    read: 0,
    produced: 0,
    progressRecords: 0,
    skipped: 0,
    retries: 0,
    resubscriptions: 0,
  };

  constructor(private readonly options: RelayOptions) {
    this.settings = {
      ...DEFAULTS,
      ...Object.fromEntries(
        Object.entries(options).filter(([name, value]) => name in DEFAULTS && value !== undefined),
      ),
    } as typeof DEFAULTS;
  }

  /** Relays until aborted, then stores the checkpoint and gives the lease back. */
  async run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    try {
      while (!signal.aborted) {
        try {
          await this.lead(signal, () => {
            failures = 0;
            this.failure = undefined;
          });
        } catch (error) {
          if (isFinal(error)) throw error;
          if (signal.aborted) break;
          this.failure = error as Error;
          this.counts.retries++;
          const delayMs = backoffMs(++failures, this.options.random);
          this.options.onTrouble?.({ kind: 'retrying', error: this.failure, delayMs });
          await this.options.scheduler.sleep(delayMs, signal);
        }
      }
    } finally {
      this.role = 'stopped';
    }
  }

  status(): RelayStatus {
    const { acknowledged, head, failure, role } = this;
    const position = acknowledged?.position ?? 0n;
    const reason = failure?.message ?? (role === 'stopped' ? 'stopped' : undefined);
    return {
      role,
      ready: reason === undefined,
      ...(reason === undefined ? {} : { reason }),
      ...this.counts,
      position,
      head: head.position > position ? head.position : position,
      lagEvents: this.isBehind ? Number(max(this.headOrdinal - (acknowledged?.ordinal ?? 0n), 0n)) : 0,
      lagSeconds: this.lagSeconds(),
    };
  }

  private get isBehind(): boolean {
    return this.head.position > (this.acknowledged?.position ?? 0n);
  }

  private lagSeconds(): number {
    const { behindSinceMs, lastRead } = this;
    if (behindSinceMs === undefined || !this.isBehind) return 0;
    const nowMs = this.options.clock.nowMs();
    // While catching up, what is read now says how old the rest is; what was read before the log grew says nothing.
    const isCatchingUp = lastRead !== undefined && lastRead.atMs >= behindSinceMs;
    const sinceMs = isCatchingUp ? Math.min(behindSinceMs, epochMsOf(lastRead.recordedAt)) : behindSinceMs;
    return Math.max(0, nowMs - sinceMs) / 1_000;
  }

  /** Takes the lease, or waits a while for it, and relays as long as it holds. */
  private async lead(signal: AbortSignal, onProgress: () => void): Promise<void> {
    const { leases, clock, scheduler, holder } = this.options;
    const { leaseMs } = this.settings;
    const askedMs = clock.monotonicMs();
    const answer = await leases.acquireLease(LEASE, holder, clock.nowMs(), leaseMs);
    if (answer.kind === 'held') {
      this.role = 'standby';
      onProgress();
      await scheduler.sleep(leaseMs / RENEWALS, signal);
      return;
    }
    this.lease = answer.lease;
    this.trust(askedMs);
    this.role = 'leader';
    // Another may have relayed since: its checkpoint counts, not our memory.
    this.acknowledged = undefined;
    const leading = new AbortController();
    const stop = (): void => leading.abort();
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    const renewing = this.keepLease(answer.lease, leading);
    try {
      await this.relay(answer.lease, leading.signal, onProgress);
    } finally {
      signal.removeEventListener('abort', stop);
      leading.abort();
      await renewing;
      this.role = 'standby';
      // After a failure nobody else would do better: the lease is free at once all the same.
      await leases.releaseLease(answer.lease).catch(() => undefined);
    }
  }

  private trust(fromMs: number): void {
    this.trustedUntilMs = fromMs + this.settings.leaseMs * TRUSTED_PART;
  }

  private async keepLease(lease: Lease, leading: AbortController): Promise<void> {
    const { leases, clock, scheduler, onTrouble } = this.options;
    const { leaseMs } = this.settings;
    const lose = (error: Error): void => {
      onTrouble?.({ kind: 'leaseLost', error });
      leading.abort();
    };
    while (!leading.signal.aborted) {
      await scheduler.sleep(leaseMs / RENEWALS, leading.signal);
      if (leading.signal.aborted) return;
      const askedMs = clock.monotonicMs();
      // An answer that does not come is no renewal.
      const late = scheduler.sleep(Math.max(0, this.trustedUntilMs - askedMs), leading.signal);
      const renewal = leases.renewLease(lease, clock.nowMs(), leaseMs).then(
        (isRenewed) => (isRenewed ? 'renewed' : 'taken'),
        () => 'failed',
      );
      const outcome = await Promise.race([renewal, late.then(() => 'late')]);
      if (leading.signal.aborted) return;
      if (outcome === 'taken') return lose(new Error('another relay has taken the lease'));
      if (outcome === 'renewed') this.trust(askedMs);
      else if (clock.monotonicMs() >= this.trustedUntilMs)
        return lose(new Error('the lease was not renewed in time'));
    }
  }

  private async relay(lease: Lease, signal: AbortSignal, onProgress: () => void): Promise<void> {
    const { store, publisher, checkpoints } = this.options;
    const [saved, ends] = [await checkpoints.load(), await publisher.ends()];
    if (saved && saved.partitioning !== publisher.partitioning.name)
      throw new RapportError(
        'PARTITIONING_CHANGED',
        `the topic was filled as ${saved.partitioning}, ${publisher.partitioning.name} is configured`,
      );
    this.head = await store.head();
    const start = whereToStart(saved, ends, this.head, (position) => store.checkpointAt(position));
    this.acknowledged = start;
    // A start is stored at once: a refused one is a newer relay.
    await this.saveOrYield(lease);
    onProgress();
    const copy = new Copy(start, publisher);
    const pages = new Pages(this.options, this.settings, () => this.acknowledged!.checkpoint);
    try {
      await this.copyPages(copy, pages, lease, signal, onProgress);
    } finally {
      pages.close();
      await this.save(lease).catch(() => undefined);
    }
  }

  private async copyPages(
    copy: Copy,
    pages: Pages,
    lease: Lease,
    signal: AbortSignal,
    onProgress: () => void,
  ): Promise<void> {
    const { clock, onTrouble } = this.options;
    const { progressMs, checkpointMs } = this.settings;
    let progressedMs = clock.monotonicMs();
    let savedMs = progressedMs;
    let saving: Promise<void> | undefined;
    let isFenced = false;
    while (!signal.aborted) {
      if (isFenced) throw newerRelay();
      const untilProgressMs = Math.max(0, progressedMs + progressMs - clock.monotonicMs());
      const batch = await pages.next(untilProgressMs, signal);
      if (signal.aborted) return;
      if (batch.length > 0) {
        const { records, skipped, read } = copy.recordsOf(batch);
        this.counts.read += read;
        this.counts.skipped += skipped;
        await this.publish(records);
        this.counts.produced += records.length;
        this.acknowledged = copy.position();
        const recordedAt = batch.at(-1)!.events.at(-1)?.metadata.recordedAt;
        if (recordedAt !== undefined) this.lastRead = { recordedAt, atMs: clock.nowMs() };
        onProgress();
      }
      if (clock.monotonicMs() - progressedMs >= progressMs) {
        const records = copy.progress();
        await this.publish(records);
        this.counts.progressRecords += records.length;
        this.acknowledged = copy.position();
        progressedMs = clock.monotonicMs();
        this.askHead();
        if (await pages.replaceIfSilent(this.head.position > this.acknowledged.position)) {
          this.counts.resubscriptions++;
          onTrouble?.({ kind: 'subscriptionReplaced', error: new Error('the subscription fell silent') });
        }
      }
      // Beside the copying: what is not stored yet when the relay dies is found at the ends of the partitions.
      if (!saving && clock.monotonicMs() - savedMs >= checkpointMs) {
        savedMs = clock.monotonicMs();
        saving = this.save(lease).then((isSaved) => {
          isFenced = !isSaved;
          saving = undefined;
        });
      }
    }
  }

  /** Writes under a lease that is still trusted, by our own clock: a relay that slept finds out here. */
  private async publish(records: readonly FeedRecord[]): Promise<void> {
    if (records.length === 0) return;
    if (this.options.clock.monotonicMs() >= this.trustedUntilMs)
      throw new RapportError('UNAVAILABLE', 'the lease was not renewed in time');
    await this.options.publisher.publish(records);
  }

  /** Throws UNAVAILABLE when a newer relay is at work: wait, and ask for the lease again. */
  private async saveOrYield(lease: Lease): Promise<void> {
    if (!(await this.save(lease))) throw newerRelay();
  }

  /** False when a newer relay has stored one. A store that does not answer holds nothing up. */
  private async save(lease: Lease): Promise<boolean> {
    const { checkpoints, publisher, onTrouble } = this.options;
    try {
      const isSaved = await checkpoints.save(
        { ...this.acknowledged!, partitioning: publisher.partitioning.name },
        lease.token,
      );
      if (!isSaved) onTrouble?.({ kind: 'leaseLost', error: new Error('a newer relay is at work') });
      return isSaved;
    } catch (error) {
      onTrouble?.({ kind: 'checkpointNotSaved', error: error as Error });
      return true;
    }
  }

  /** Lag is measured beside the copying, never in its way. */
  private askHead(): void {
    if (this.isAskingHead) return;
    this.isAskingHead = true;
    this.measure()
      .catch(() => undefined)
      .finally(() => (this.isAskingHead = false));
  }

  private async measure(): Promise<void> {
    const { store, clock } = this.options;
    const head = await store.head();
    this.head = head;
    if (!this.isBehind) {
      this.behindSinceMs = undefined;
      return;
    }
    this.behindSinceMs ??= clock.nowMs();
    if (head.events !== undefined) this.headOrdinal = head.events;
    else if (clock.monotonicMs() - this.countedMs >= COUNT_EVERY_MS) {
      this.countedMs = clock.monotonicMs();
      this.headOrdinal = await this.countTo(head.position);
    }
  }

  private async countTo(position: bigint): Promise<bigint> {
    const from = this.acknowledged!;
    let counted = 0;
    const accept = (): boolean => {
      counted++;
      return false;
    };
    const pages = this.options.store.readAll({ after: from.checkpoint, throughPosition: position, accept });
    for await (const _ of pages) if (counted >= COUNTED_AHEAD) break;
    return from.ordinal + BigInt(counted);
  }
}

/** What is copied, as chains of records. */
class Copy {
  private readonly chain: bigint[];
  private through: Pick<RelayPosition, 'checkpoint' | 'position'>;
  private newest: bigint;
  private ordinal: bigint;

  constructor(
    start: RelayPosition,
    private readonly publisher: EventPublisher,
  ) {
    this.chain = [...start.chain];
    this.through = start;
    this.newest = start.newest;
    this.ordinal = start.ordinal;
  }

  /** Records of the events that their partition does not have yet. */
  recordsOf(pages: readonly LogPage[]): { records: FeedRecord[]; skipped: number; read: number } {
    const records: FeedRecord[] = [];
    let read = 0;
    for (const { events, checkpoint, through } of pages) {
      for (const event of events) {
        read++;
        this.ordinal++;
        this.newest = event.position;
        const record = this.recordOf(event);
        if (record) records.push(record);
      }
      this.through = { checkpoint, position: through };
    }
    return { records, skipped: read - records.length, read };
  }

  /** A record for each partition that ends before what was read. */
  progress(): FeedRecord[] {
    const { checkpoint, position: through } = this.through;
    const records: FeedRecord[] = [];
    for (const [partition, previous] of this.chain.entries())
      if (previous < through) {
        records.push({ kind: 'progress', partition, previous, ordinal: this.ordinal, through, checkpoint });
        this.chain[partition] = through;
      }
    return records;
  }

  position(): RelayPosition {
    const { checkpoint, position } = this.through;
    return { checkpoint, position, newest: this.newest, ordinal: this.ordinal, chain: [...this.chain] };
  }

  private recordOf(event: RecordedEvent): FeedRecord | undefined {
    const partition = this.publisher.partitioning.partitionOf(event.streamId);
    const previous = this.chain[partition]!;
    if (event.position <= previous) return undefined;
    this.chain[partition] = event.position;
    return { kind: 'event', partition, previous, ordinal: this.ordinal, event };
  }
}

/**
 * The subscription as batches of pages. While a batch is written the next one gathers, up to a batch of events: the
 * slower the topic answers, the larger the batches.
 */
class Pages {
  private subscription: { iterator: AsyncIterator<LogPage>; abort: AbortController } | undefined;
  private readonly gathered: LogPage[] = [];
  private gatheredEvents = 0;
  private failure: Error | undefined;
  private lastSignMs: number;
  /** When a batch was handed over last. */
  private handedOverMs = -Infinity;
  private onGathered: () => void = () => undefined;
  private onRoom: () => void = () => undefined;

  constructor(
    private readonly options: Pick<RelayOptions, 'store' | 'scheduler' | 'clock'>,
    private readonly settings: Pick<typeof DEFAULTS, 'batchEvents' | 'batchEveryMs' | 'silenceMs'>,
    private readonly resumeAfter: () => string,
  ) {
    this.lastSignMs = options.clock.monotonicMs();
  }

  /** Pages that came within `waitMs`, up to a batch of events; none when nothing came. */
  async next(waitMs: number, signal: AbortSignal): Promise<LogPage[]> {
    const { clock } = this.options;
    const { batchEvents, batchEveryMs } = this.settings;
    if (!this.subscription) this.open();
    const pages: LogPage[] = [];
    let events = 0;
    let untilMs = clock.monotonicMs() + waitMs;
    for (;;) {
      while (events < batchEvents && this.gathered.length > 0) {
        if (pages.length === 0) untilMs = this.handedOverMs + batchEveryMs;
        const page = this.gathered.shift()!;
        this.gatheredEvents -= page.events.length;
        pages.push(page);
        events += page.events.length;
        this.lastSignMs = clock.monotonicMs();
      }
      this.onRoom();
      const isDue = pages.length > 0 && untilMs <= clock.monotonicMs();
      if (isDue || events >= batchEvents || (this.failure && pages.length > 0)) {
        this.handedOverMs = clock.monotonicMs();
        return pages;
      }
      if (signal.aborted) return pages;
      if (this.failure) {
        const { failure } = this;
        this.close();
        throw failure;
      }
      const leftMs = untilMs - clock.monotonicMs();
      if (leftMs <= 0) return pages;
      await this.untilGathered(leftMs, signal);
    }
  }

  /** Begins a new subscription when this one says nothing although there is more. */
  async replaceIfSilent(hasMore: boolean): Promise<boolean> {
    const { clock } = this.options;
    if (!hasMore || clock.monotonicMs() - this.lastSignMs < this.settings.silenceMs) return false;
    this.close();
    this.lastSignMs = clock.monotonicMs();
    return true;
  }

  close(): void {
    const { subscription } = this;
    this.subscription = undefined;
    this.gathered.length = 0;
    this.gatheredEvents = 0;
    this.failure = undefined;
    this.onRoom();
    subscription?.abort.abort();
    // A subscription that hangs may never answer its end.
    void subscription?.iterator.return?.().catch(() => undefined);
  }

  /** Resolves when a page or a failure came, at the latest after `waitMs` or when aborted. */
  private async untilGathered(waitMs: number, signal: AbortSignal): Promise<void> {
    const enough = new AbortController();
    const stop = (): void => enough.abort();
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    const came = new Promise<void>((resolve) => (this.onGathered = resolve));
    try {
      await Promise.race([came, this.options.scheduler.sleep(waitMs, enough.signal)]);
    } finally {
      this.onGathered = () => undefined;
      signal.removeEventListener('abort', stop);
      enough.abort();
    }
  }

  private open(): void {
    const abort = new AbortController();
    const pages = this.options.store.subscribeAll({
      after: this.resumeAfter(),
      pageSize: this.settings.batchEvents,
      signal: abort.signal,
    });
    this.subscription = { iterator: pages[Symbol.asyncIterator](), abort };
    void this.gather(this.subscription);
  }

  /** Reads one subscription until it fails, ends or is given up. */
  private async gather(subscription: NonNullable<Pages['subscription']>): Promise<void> {
    const isCurrent = (): boolean => this.subscription === subscription;
    try {
      while (isCurrent()) {
        if (this.gatheredEvents >= this.settings.batchEvents) {
          await new Promise<void>((resolve) => (this.onRoom = resolve));
          continue;
        }
        const result = await subscription.iterator.next();
        if (!isCurrent()) return;
        if (result.done) throw new RapportError('UNAVAILABLE', 'the subscription to the log ended');
        this.lastSignMs = this.options.clock.monotonicMs();
        this.gathered.push(result.value);
        this.gatheredEvents += result.value.events.length;
        this.onGathered();
      }
    } catch (error) {
      if (!isCurrent()) return;
      this.failure = error as Error;
      this.onGathered();
    }
  }
}

const newerRelay = (): RapportError => new RapportError('UNAVAILABLE', 'a newer relay is at work');

const FINAL: ReadonlySet<string> = new Set(['PARTITIONING_CHANGED', 'INTERNAL', 'CORRUPT_EVENT']);
const isFinal = (error: unknown): boolean => error instanceof RapportError && FINAL.has(error.code);
const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);
