import { RapportError } from '@rapport/contracts';
import {
  type EventFeed,
  type FeedAssignment,
  type FeedBatch,
  type FeedHealth,
  type FeedProgress,
  type ConsumeOptions,
  type ReplayOptions,
} from '../event-feed.port.js';
import { endAt, type EventPublisher, type FeedRecord, type PartitionEnd } from '../event-publisher.port.js';
import { FeedSession, type CommittedProgress, type FeedCounters } from '../feed-session.js';
import { replayFromLog, type FeedHistory } from '../log-replay.js';
import type { Partitioning } from '../partitioning.js';
import type { StoredRecord } from '../record-batches.js';

const START = 'start';
const MAX_QUEUED = 4_000;

/** A topic in memory with consumer groups: the promises of the broker's, and its faults on request. */
export class MemoryTopic implements EventPublisher {
  private partitions: { firstOffset: number; records: (FeedRecord | undefined)[] }[] = [];
  private readonly groups = new Map<string, MemoryGroup>();
  /** While set, publishing fails; records before that number of the call are written all the same. */
  failAfter: number | undefined;
  private isDown = false;

  constructor(readonly partitioning: Partitioning) {
    this.clear();
  }

  async ends(): Promise<readonly PartitionEnd[]> {
    this.assertUp();
    return this.partitions.map(({ firstOffset, records }): PartitionEnd => {
      const last = records.findLast((record) => record !== undefined);
      if (last) return endAt(last);
      return { kind: firstOffset > 0 ? 'expired' : 'empty' };
    });
  }

  async publish(records: readonly FeedRecord[]): Promise<void> {
    this.assertUp();
    const { failAfter } = this;
    for (const record of records.slice(0, failAfter))
      this.partitions[record.partition]!.records.push(structuredClone(record));
    for (const group of this.groups.values()) group.pump();
    if (failAfter === undefined) return;
    this.failAfter = undefined;
    throw new RapportError('UNAVAILABLE', 'the topic took only a part of the records');
  }

  async close(): Promise<void> {
    // Nothing is held open.
  }

  /** Every record of a partition that is still kept, in order. */
  recordsOf(partition: number): readonly FeedRecord[] {
    return this.partitions[partition]!.records.filter((record) => record !== undefined);
  }

  /** From now on nothing can be written or asked, until told otherwise. */
  setDown(isDown: boolean): void {
    this.isDown = isDown;
  }

  /** A record that is not ours: readers skip and count it. */
  pollute(partition: number): void {
    this.partitions[partition]!.records.push(undefined);
    for (const group of this.groups.values()) group.pump();
  }

  /** Retention: the oldest records of a partition are gone. */
  expire(partition: number, count: number): void {
    const kept = this.partitions[partition]!;
    kept.records.splice(0, count);
    kept.firstOffset += count;
  }

  /** Deleted and made anew: offsets begin at 0 again. */
  clear(): void {
    this.partitions = Array.from({ length: this.partitioning.partitions }, () => ({
      firstOffset: 0,
      records: [],
    }));
    for (const group of this.groups.values()) group.pump();
  }

  /** Records from an offset on; an offset that is out of range goes back to the oldest one. */
  read(partition: number, offset: bigint): { records: StoredRecord[]; nextOffset: bigint } {
    const { firstOffset, records } = this.partitions[partition]!;
    const asked = Number(offset) - firstOffset;
    const from = asked < 0 || asked > records.length ? 0 : asked;
    return {
      records: records
        .slice(from)
        .map((record, i) => ({ record, nextOffset: BigInt(firstOffset + from + i + 1) })),
      nextOffset: BigInt(firstOffset + records.length),
    };
  }

  groupOf(name: string): MemoryGroup {
    const group = this.groups.get(name) ?? new MemoryGroup(this);
    this.groups.set(name, group);
    return group;
  }

  private assertUp(): void {
    if (this.isDown) throw new RapportError('UNAVAILABLE', 'the topic is down', { retryAfterS: 1 });
  }
}

interface Member {
  session: FeedSession | undefined;
  readonly fetched: Map<number, bigint>;
  open(assignment: FeedAssignment, committed: ReadonlyMap<number, CommittedProgress>): FeedSession;
}

/** Members share the partitions; each coming and going gives all of them a new assignment. */
class MemoryGroup {
  readonly committed = new Map<number, CommittedProgress>();
  private readonly members: Member[] = [];
  private generation = 0;

  constructor(private readonly topic: MemoryTopic) {}

  join(member: Member): void {
    this.members.push(member);
    this.assign();
  }

  leave(member: Member): void {
    const index = this.members.indexOf(member);
    if (index < 0) return;
    this.members.splice(index, 1);
    member.session?.end();
    this.assign();
  }

  pump(): void {
    for (const { session, fetched } of this.members) {
      if (!session) continue;
      for (const partition of session.assignment.partitions) {
        const { records, nextOffset } = this.topic.read(partition, fetched.get(partition)!);
        fetched.set(partition, nextOffset);
        session.offer(partition, records, true);
      }
    }
  }

  private assign(): void {
    this.generation++;
    const { partitions } = this.topic.partitioning;
    for (const [i, member] of this.members.entries()) {
      member.session?.end();
      const mine = Array.from({ length: partitions }, (_, p) => p).filter(
        (p) => p % this.members.length === i,
      );
      for (const partition of mine)
        member.fetched.set(partition, this.committed.get(partition)?.offset ?? 0n);
      member.session = member.open({ id: this.generation, partitions: mine }, new Map(this.committed));
    }
    this.pump();
  }
}

export interface MemoryEventFeedOptions {
  readonly history: FeedHistory;
  /** Feeds of one group share the partitions. */
  readonly group: string;
  readonly batchSize?: number;
}

/** A member of a group that consumes a topic in memory. */
export function openMemoryEventFeed(topic: MemoryTopic, options: MemoryEventFeedOptions): EventFeed {
  const { history } = options;
  const batchSize = options.batchSize ?? 1_000;
  const counters: FeedCounters = { duplicates: 0, gaps: 0, skipped: 0 };
  const group = topic.groupOf(options.group);
  const start: FeedProgress = { checkpoint: START, through: 0n };
  const member: Member = {
    session: undefined,
    fetched: new Map(),
    open: (assignment, committed) =>
      new FeedSession(assignment, committed, counters, { history, batchSize, maxQueued: MAX_QUEUED }),
  };
  group.join(member);

  return {
    start,
    partitions: async () => Array.from({ length: topic.partitioning.partitions }, (_, p) => p),
    partitionOf: (streamId) => topic.partitioning.partitionOf(streamId),
    assigned: async (signal) => {
      // Ended for good: it has left the group.
      if (member.session?.isEnded)
        await new Promise<void>((resolve) => {
          if (signal.aborted) resolve();
          signal.addEventListener('abort', () => resolve(), { once: true });
        });
      return signal.aborted ? undefined : member.session?.assignment;
    },
    health: (): FeedHealth => ({
      ready: member.session?.isEnded === false,
      assigned: member.session?.assignment.partitions ?? [],
      restarts: 0,
      ...counters,
    }),
    async *consume({ assignment, from, signal }: ConsumeOptions): AsyncIterable<FeedBatch> {
      const { session } = member;
      if (session && (!assignment || session.assignment.id === assignment.id))
        yield* session.batches(from, signal);
    },
    replay: (partition, replay: ReplayOptions) =>
      replayFromLog(history, topic.partitioning, partition, replay, batchSize),
    head: async (partition) => {
      const end = (await topic.ends())[partition]!;
      if (end.kind !== 'record') return start;
      return { checkpoint: history.checkpointAt(end.position), through: end.position };
    },
    commit: async ({ partition, through }) => {
      const progress = member.session?.committable(partition, through);
      if (progress) group.committed.set(partition, progress);
    },
    wake: () => undefined,
    close: async () => group.leave(member),
  };
}
