import type {
  ConsumeOptions,
  EventFeed,
  FeedAssignment,
  FeedBatch,
  FeedHealth,
  FeedProgress,
  ReplayOptions,
} from '../event-feed.port.js';
import type { PartitionEnd } from '../event-publisher.port.js';
import { FeedSession, type CommittedProgress, type FeedCounters } from '../feed-session.js';
import { replayFromLog, type FeedHistory } from '../log-replay.js';
import type { Partitioning } from '../partitioning.js';
import { connectKafka, type KafkaConnectionOptions } from './kafka-connection.js';
import { assertPartitions, unavailable } from './kafka-event-publisher.adapter.js';
import { EVENTS_TOPIC } from './events-topic.js';
import { KafkaGroupMember } from './kafka-group-member.js';
import type { UpcastRecord } from './kafka-records.js';
import { readTopicEnds } from './topic-ends.js';

export interface KafkaEventFeedOptions extends KafkaConnectionOptions {
  readonly partitioning: Partitioning;
  readonly topic?: string;
  /** One group for each set of projections; its members share the partitions. */
  readonly group: string;
  /** Missing records are read from here. */
  readonly history: FeedHistory;
  readonly upcast: UpcastRecord;
  /** Events per batch at most; default 1,000. */
  readonly batchSize?: number;
  /** A member that says nothing for this long loses its partitions to the others, ms; default 10,000. */
  readonly sessionTimeoutMs?: number;
  /** A consumer with partitions that does nothing for this long is replaced, ms; default 20,000. */
  readonly silenceMs?: number;
  /**
   * A consumer that the group gives no partitions, not even none, for this long is replaced, ms; default four session
   * timeouts: a group waits one for who died before it, and one for each death meanwhile.
   */
  readonly joinMs?: number;
  /** Offsets are sent to the group at most this often, ms; default 500: a restart reads that much again. */
  readonly commitEveryMs?: number;
}

const START = 'start';
const BATCH_SIZE = 1_000;
/** Batches held before fetching waits. */
const QUEUED_BATCHES = 8;
const SESSION_TIMEOUT_MS = 10_000;
const SILENCE_MS = 20_000;
const SESSIONS_TO_JOIN = 4;
const COMMIT_EVERY_MS = 500;
const LOOK_EVERY_MS = 1_000;
const LONGEST_PAUSE_MS = 5_000;
const SHORTEST_PAUSE_MS = 100;

/** A member of a consumer group, supervised here: see `kafka-group-member.ts` for what is not left to the client. */
export function openKafkaEventFeed(options: KafkaEventFeedOptions): EventFeed {
  return new KafkaEventFeed(options);
}

class KafkaEventFeed implements EventFeed {
  readonly start: FeedProgress = { checkpoint: START, through: 0n };
  private readonly kafka;
  private readonly topic: string;
  private readonly batchSize: number;
  private readonly counters: FeedCounters = { duplicates: 0, gaps: 0, skipped: 0 };
  private readonly lifetime = new AbortController();
  private supervision: Promise<void> | undefined;
  private member: KafkaGroupMember | undefined;
  private session: FeedSession | undefined;
  private withoutPartitionsSinceMs = 0;
  private assignments = 0;
  private restarts = 0;
  private trouble: string | undefined = 'not started';
  private waiting: (() => void)[] = [];
  private uncommitted = new Map<number, CommittedProgress>();
  private flushing: NodeJS.Timeout | undefined;
  /** Being read: ends of all partitions are read together. */
  private ends: Promise<readonly PartitionEnd[]> | undefined;

  constructor(private readonly options: KafkaEventFeedOptions) {
    this.kafka = connectKafka(options);
    this.topic = options.topic ?? EVENTS_TOPIC;
    this.batchSize = options.batchSize ?? BATCH_SIZE;
  }

  async partitions(): Promise<readonly number[]> {
    const admin = this.kafka.admin();
    return unavailable('the topic cannot be seen', async () => {
      try {
        await admin.connect();
        const { topics } = await admin.fetchTopicMetadata({ topics: [this.topic] });
        assertPartitions(this.topic, topics[0]!.partitions.length, this.options.partitioning);
        return topics[0]!.partitions.map(({ partitionId }) => partitionId).sort((a, b) => a - b);
      } finally {
        await admin.disconnect();
      }
    });
  }

  partitionOf(streamId: string): number {
    return this.options.partitioning.partitionOf(streamId);
  }

  async assigned(signal: AbortSignal): Promise<FeedAssignment | undefined> {
    this.supervision ??= this.supervise();
    while (!signal.aborted) {
      if (this.living && !this.trouble) return this.living.assignment;
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          signal.removeEventListener('abort', wake);
          resolve();
        };
        signal.addEventListener('abort', wake, { once: true });
        this.waiting.push(wake);
      });
    }
    return undefined;
  }

  health(): FeedHealth {
    const { member, living } = this;
    const silence = member && this.silenceOf(member);
    const reason =
      this.trouble ?? (living ? silence && `the consumer ${silence}` : 'waits for its partitions');
    return {
      ready: reason === undefined,
      ...(reason === undefined ? {} : { reason }),
      assigned: living?.assignment.partitions ?? [],
      restarts: this.restarts,
      ...this.counters,
    };
  }

  async *consume({ assignment, from, signal }: ConsumeOptions): AsyncIterable<FeedBatch> {
    const current = assignment ?? (await this.assigned(signal));
    const { session } = this;
    if (!session || session.assignment.id !== current?.id) return;
    yield* session.batches(from, signal);
  }

  replay(partition: number, replay: ReplayOptions): AsyncIterable<FeedBatch> {
    const { history, partitioning } = this.options;
    return replayFromLog(history, partitioning, partition, replay, this.batchSize);
  }

  async head(partition: number): Promise<FeedProgress> {
    this.ends ??= unavailable('the ends of the topic cannot be read', () =>
      readTopicEnds(this.kafka, this.topic),
    ).finally(() => (this.ends = undefined));
    const end = (await this.ends)[partition];
    if (end?.kind !== 'record') return this.start;
    return { checkpoint: this.options.history.checkpointAt(end.position), through: end.position };
  }

  async commit({
    partition,
    through,
  }: {
    readonly partition: number;
    readonly through: bigint;
  }): Promise<void> {
    const progress = this.session?.committable(partition, through);
    if (!progress) return;
    this.uncommitted.set(partition, progress);
    this.flushing ??= setTimeout(() => void this.flush(), this.options.commitEveryMs ?? COMMIT_EVERY_MS);
  }

  wake(): void {
    // The broker answers as soon as there is something.
  }

  async close(): Promise<void> {
    await this.flush();
    this.lifetime.abort();
    this.session?.end();
    this.wakeAll();
    await this.supervision;
  }

  private get silenceMs(): number {
    return this.options.silenceMs ?? SILENCE_MS;
  }

  private get sessionTimeoutMs(): number {
    return this.options.sessionTimeoutMs ?? SESSION_TIMEOUT_MS;
  }

  /** The session whose partitions are this member's now. */
  private get living(): FeedSession | undefined {
    return this.session?.isEnded === false ? this.session : undefined;
  }

  /** Why a consumer should be replaced, if it should: what the client says of itself is not relied on. */
  private silenceOf(member: KafkaGroupMember): string | undefined {
    const joinMs = this.options.joinMs ?? this.sessionTimeoutMs * SESSIONS_TO_JOIN;
    const [sinceMs, limitMs, doing] = this.living
      ? [member.lastSignMs, this.silenceMs, 'did nothing']
      : [this.withoutPartitionsSinceMs, joinMs, 'was given no partitions'];
    const passedMs = performance.now() - sinceMs;
    return passedMs > limitMs ? `${doing} for ${Math.round(passedMs / 1_000)} s` : undefined;
  }

  private async flush(): Promise<void> {
    clearTimeout(this.flushing);
    this.flushing = undefined;
    const offsets = [...this.uncommitted].map(([partition, { offset, through, checkpoint }]) => ({
      partition,
      offset: String(offset),
      metadata: `${through} ${checkpoint}`,
    }));
    this.uncommitted.clear();
    if (offsets.length === 0 || !this.member || !this.living) return;
    // Lost offsets are read again and dropped: the documents know how far they are.
    await this.member
      .commit(offsets)
      .catch((error: unknown) => this.log('offsets were not committed', error));
  }

  /** Keeps one living consumer until closed. */
  private async supervise(): Promise<void> {
    const { signal } = this.lifetime;
    const closed = new Promise<string>((resolve) =>
      signal.addEventListener('abort', () => resolve('closed'), { once: true }),
    );
    let failures = 0;
    while (!signal.aborted) {
      const startedMs = performance.now();
      const watch: { timer?: NodeJS.Timeout } = {};
      let reason: string;
      try {
        await this.partitions();
        const member = this.newMember();
        this.member = member;
        this.withoutPartitionsSinceMs = performance.now();
        const silent = new Promise<string>((resolve) => {
          watch.timer = setInterval(() => {
            const silence = this.silenceOf(member);
            if (silence !== undefined) resolve(silence);
          }, LOOK_EVERY_MS);
        });
        const ended = Promise.race([member.death, silent, closed]);
        // Joining may never end without a broker: the watch is on from the beginning.
        reason = await Promise.race([member.start().then(() => ended), ended]);
      } catch (error) {
        reason = (error as Error).message;
      } finally {
        clearInterval(watch.timer);
      }
      this.revoke();
      const left = this.member?.discard();
      this.member = undefined;
      if (signal.aborted) return left;
      this.trouble = `the consumer ${reason}`;
      this.restarts++;
      this.log(`a consumer is replaced: it ${reason}`);
      failures = performance.now() - startedMs > this.silenceMs * 2 ? 1 : failures + 1;
      const pauseMs = Math.min(SHORTEST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS);
      await Promise.race([new Promise((resolve) => setTimeout(resolve, pauseMs)), closed]);
    }
  }

  private newMember(): KafkaGroupMember {
    const { sessionTimeoutMs } = this;
    const member: KafkaGroupMember = new KafkaGroupMember({
      kafka: this.kafka,
      topic: this.topic,
      group: this.options.group,
      upcast: this.options.upcast,
      sessionTimeoutMs,
      heartbeatMs: Math.round(sessionTimeoutMs / 5),
      session: () => (this.member === member ? this.session : undefined),
      onRevoked: () => this.member === member && this.revoke(),
      onAssigned: (partitions) => this.member === member && this.assign(partitions),
    });
    return member;
  }

  private revoke(): void {
    if (this.living) this.withoutPartitionsSinceMs = performance.now();
    this.session?.end();
    this.uncommitted.clear();
  }

  /** A new session; what the group remembers is asked for before anything is handed out. */
  private assign(partitions: readonly number[]): void {
    this.revoke();
    const { history } = this.options;
    const { batchSize, counters } = this;
    const id = ++this.assignments;
    const committed = new Map<number, CommittedProgress>();
    const session = new FeedSession({ id, partitions }, committed, counters, {
      history,
      batchSize,
      maxQueued: batchSize * QUEUED_BATCHES,
    });
    this.session = session;
    this.trouble = 'asks the group how far it is';
    this.committedProgress(partitions).then(
      (found) => {
        if (this.session !== session || session.isEnded) return;
        for (const [partition, progress] of found) committed.set(partition, progress);
        this.trouble = undefined;
        this.log(`assigned ${partitions.length} partitions`);
        this.wakeAll();
      },
      (error: unknown) => {
        this.log('the group does not say how far it is', error);
        // Without it lost documents would go unnoticed: begin again with a new consumer.
        if (this.session === session) void this.member?.discard();
      },
    );
  }

  private async committedProgress(partitions: readonly number[]): Promise<Map<number, CommittedProgress>> {
    const admin = this.kafka.admin();
    try {
      await admin.connect();
      const found = new Map<number, CommittedProgress>();
      const offsets = await admin.fetchOffsets({ groupId: this.options.group, topics: [this.topic] });
      for (const { partition, offset, metadata } of offsets[0]?.partitions ?? []) {
        const [through, checkpoint] = metadata?.split(' ') ?? [];
        if (partitions.includes(partition) && through && checkpoint && /^\d+$/.test(through))
          found.set(partition, { offset: BigInt(offset), through: BigInt(through), checkpoint });
      }
      return found;
    } finally {
      await admin.disconnect();
    }
  }

  private wakeAll(): void {
    const { waiting } = this;
    this.waiting = [];
    for (const wake of waiting) wake();
  }

  private log(message: string, error?: unknown): void {
    const fields = { topic: this.topic, group: this.options.group };
    this.options.log?.('warn', message, error === undefined ? fields : { ...fields, error: String(error) });
  }
}
