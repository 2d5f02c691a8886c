import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import type { FeedSession } from '../feed-session.js';
import type { StoredRecord } from '../record-batches.js';
import { decodeRecord, type UpcastRecord } from './kafka-records.js';

export interface GroupMemberOptions {
  readonly kafka: Kafka;
  readonly topic: string;
  readonly group: string;
  readonly sessionTimeoutMs: number;
  readonly heartbeatMs: number;
  readonly upcast: UpcastRecord;
  /** The group gave this member partitions; the session to put their records into. */
  readonly onAssigned: (partitions: readonly number[]) => void;
  /** The partitions are not this member's any more. */
  readonly onRevoked: () => void;
  readonly session: () => FeedSession | undefined;
}

/** Partitions whose fetched records are handed over at the same time. */
const HANDED_OVER_AT_ONCE = 64;
const MAX_WAIT_MS = 500;
const GOODBYE_MS = 5_000;

/**
 * One kafkajs consumer, used once: when it dies or falls silent a new one takes its place. The client never restarts
 * itself, resolves or commits anything by itself, and no error of ours reaches it: a handler that throws would kill it.
 */
export class KafkaGroupMember {
  /** When the consumer last did something, by the monotonic clock of Node. */
  lastSignMs = performance.now();
  private readonly consumer: Consumer;
  private isDiscarded = false;
  private starting: Promise<void> = Promise.resolve();
  private died: (reason: string) => void = () => undefined;
  /** Resolves with the reason when the consumer can do no more. */
  readonly death = new Promise<string>((resolve) => (this.died = resolve));

  constructor(private readonly options: GroupMemberOptions) {
    this.consumer = options.kafka.consumer({
      groupId: options.group,
      allowAutoTopicCreation: false,
      sessionTimeout: options.sessionTimeoutMs,
      rebalanceTimeout: options.sessionTimeoutMs,
      heartbeatInterval: options.heartbeatMs,
      maxWaitTimeInMs: MAX_WAIT_MS,
      retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 5, restartOnFailure: async () => false },
    });
    const { events } = this.consumer;
    const sign = (): void => void (this.lastSignMs = performance.now());
    this.consumer.on(events.FETCH, sign);
    this.consumer.on(events.HEARTBEAT, sign);
    this.consumer.on(events.GROUP_JOIN, ({ payload }) => {
      sign();
      if (!this.isDiscarded) options.onAssigned(payload.memberAssignment[options.topic] ?? []);
    });
    this.consumer.on(events.REBALANCING, () => this.revoked());
    this.consumer.on(events.CRASH, ({ payload }) => this.died(`crashed: ${payload.error.message}`));
    this.consumer.on(events.STOP, () => this.died('stopped'));
    this.consumer.on(events.DISCONNECT, () => this.died('disconnected'));
  }

  /** Joins the group; records flow from then on. */
  start(): Promise<void> {
    this.starting = this.join();
    return this.starting;
  }

  private async join(): Promise<void> {
    await this.consumer.connect();
    // A group without offsets, or with offsets out of range, begins at the oldest record, never at the newest.
    await this.consumer.subscribe({ topic: this.options.topic, fromBeginning: true });
    await this.consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: HANDED_OVER_AT_ONCE,
      eachBatch: (payload) => this.handOver(payload),
    });
  }

  commit(offsets: readonly { partition: number; offset: string; metadata: string }[]): Promise<void> {
    const { topic } = this.options;
    return this.consumer.commitOffsets(offsets.map((offset) => ({ topic, ...offset })));
  }

  /**
   * Leaves the group, or is left to the session timeout when the broker does not answer. One that still joins leaves once
   * it has: told to stop before, the client goes on for ever as a member nobody knows of, and keeps partitions (kafkajs
   * #1639).
   */
  async discard(): Promise<void> {
    this.isDiscarded = true;
    const left = this.starting
      .catch(() => undefined)
      .then(() => this.consumer.disconnect())
      .catch(() => undefined);
    const late = new Promise<void>((resolve) => setTimeout(resolve, GOODBYE_MS).unref());
    await Promise.race([left, late]);
  }

  private async handOver({
    batch,
    resolveOffset,
    heartbeat,
    isRunning,
    isStale,
  }: EachBatchPayload): Promise<void> {
    const session = this.options.session();
    if (this.isDiscarded || !session || session.isEnded || !isRunning() || isStale()) return;
    const { partition, messages } = batch;
    if (!session.assignment.partitions.includes(partition)) return;
    const records: StoredRecord[] = messages.map((message) => ({
      record: decodeRecord(partition, message, this.options.upcast),
      nextOffset: BigInt(message.offset) + 1n,
    }));
    const isLast = BigInt(batch.lastOffset()) + 1n >= BigInt(batch.highWatermark);
    session.offer(partition, records, isLast);
    // Only where to fetch next; what is committed is the documents' business.
    resolveOffset(batch.lastOffset());
    try {
      await heartbeat();
      while (session.isFull && isRunning()) {
        await Promise.race([session.changed(), pause(this.options.heartbeatMs)]);
        await heartbeat();
      }
    } catch (error) {
      this.revoked();
      throw error;
    }
  }

  private revoked(): void {
    if (!this.isDiscarded) this.options.onRevoked();
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms).unref());
