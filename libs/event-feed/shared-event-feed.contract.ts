import type { RecordedEvent } from '@rapport/contracts';
import { eventBuilder, RecordedLog, TopicWriter, waitUntil } from '@rapport/testing';
import type { EventFeed, FeedBatch, FeedProgress } from './event-feed.port.js';
import type { EventPublisher } from './event-publisher.port.js';

/** A topic of some partitions, and members of one group that read it. */
export interface SharedFeedUnderTest {
  readonly publisher: EventPublisher;
  /** Opens a feed of the group, history being the log given. Batches hold at most 50 events. */
  join(log: RecordedLog): EventFeed;
  /** Retention: removes the oldest records of a partition. */
  expire(partition: number, count: number): Promise<void>;
  /** Deletes the topic with everything in it and makes it anew. */
  recreate(): Promise<void>;
  /** Writes a record without value and headers. */
  pollute(partition: number): Promise<void>;
  close(): Promise<void>;
}

export interface SharedFeedTimes {
  /** Until a change of the group is known to all members, at most. */
  readonly rebalanceMs: number;
}

const CUSTOMERS = 12;

/** What every feed promises whose partitions are shared by the members of a group. */
export function describeSharedEventFeed(
  name: string,
  open: () => Promise<SharedFeedUnderTest>,
  { rebalanceMs }: SharedFeedTimes,
): void {
  describe(`${name} event feed shared by a group`, () => {
    let topic: SharedFeedUnderTest;
    let log: RecordedLog;
    let writer: TopicWriter;
    let builder: ReturnType<typeof eventBuilder>;
    let built = 0;
    const consumers: Consumer[] = [];

    beforeEach(async () => {
      topic = await open();
      log = new RecordedLog();
      writer = new TopicWriter(topic.publisher, log);
      builder = eventBuilder();
      built = 0;
    });
    afterEach(async () => {
      await Promise.all(consumers.splice(0).map((consumer) => consumer.close()));
      await topic.close();
    });

    /** The next events of customers in turn. */
    const next = (count: number): readonly RecordedEvent[] => {
      for (let i = 0; i < count; i++) builder.customer(`c-${built++ % CUSTOMERS}`).type('PurchaseRecorded');
      return builder.build().slice(-count);
    };
    const join = (documents = new Documents()): Consumer => {
      const consumer = new Consumer(topic.join(log), documents);
      consumers.push(consumer);
      return consumer;
    };
    const all = (count: number): bigint[] => Array.from({ length: count }, (_, i) => BigInt(i + 1));

    it('gives every event of every partition, each partition in order', async () => {
      const consumer = join();
      await writer.write(next(100));
      await consumer.documents.reaches(100);
      expect(consumer.documents.positions()).toEqual(all(100));
      expect(consumer.documents.disorder).toEqual([]);
      expect(await consumer.feed.partitions()).toEqual(
        Array.from({ length: topic.publisher.partitioning.partitions }, (_, p) => p),
      );
      expect(consumer.feed.health()).toMatchObject({ ready: true, duplicates: 0, gaps: 0, skipped: 0 });
    });

    it('carries events exactly as the log has them', async () => {
      const consumer = join();
      const events = next(5);
      await writer.write(events);
      await consumer.documents.reaches(5);
      expect(consumer.documents.events()).toEqual(events);
    });

    it('shares the partitions among members and loses nothing when one comes or goes', async () => {
      const documents = new Documents();
      const first = join(documents);
      await writer.write(next(40));
      await documents.reaches(40);
      const second = join(documents);
      await waitUntil('both members to have partitions', rebalanceMs, () => {
        const [a, b] = [first, second].map((c) => c.feed.health().assigned);
        return a!.length > 0 && b!.length > 0 && !a!.some((p) => b!.includes(p));
      });
      await writer.write(next(40));
      await documents.reaches(80);
      await first.close();
      await writer.write(next(40));
      await documents.reaches(120, rebalanceMs);
      expect(documents.positions()).toEqual(all(120));
      expect(second.feed.health().assigned).toEqual(await second.feed.partitions());
    });

    it('goes on from what was committed when it is opened again', async () => {
      const documents = new Documents();
      const first = join(documents);
      await writer.write(next(30));
      await documents.reaches(30);
      await first.close();
      await writer.write(next(10));
      const again = join(documents);
      await documents.reaches(40);
      expect(documents.positions()).toEqual(all(40));
      expect(again.received.length).toBe(10);
      expect(again.feed.health()).toMatchObject({ gaps: 0 });
    });

    it('delivers again what was not committed, and drops what the documents have', async () => {
      const documents = new Documents();
      const first = join(documents);
      first.commits = false;
      await writer.write(next(30));
      await documents.reaches(30);
      await first.close();
      await writer.write(next(6));
      const again = join(documents);
      await documents.reaches(36);
      expect(documents.positions()).toEqual(all(36));
      expect(documents.twice).toEqual([]);
      expect(again.feed.health()).toMatchObject({ duplicates: 30, gaps: 0 });
    });

    it('drops records that come again, however often', async () => {
      const consumer = join();
      const records = writer.recordsOf(next(20));
      log.add(builder.build());
      await writer.publish(records);
      await writer.publish(records.slice(5));
      await writer.publish(records);
      await writer.write(next(1));
      await consumer.documents.reaches(21);
      await waitUntil(
        'the duplicates to be seen',
        rebalanceMs,
        () => consumer.feed.health().duplicates === 35,
      );
      expect(consumer.documents.twice).toEqual([]);
    });

    it('shows a gap, and the log fills it', async () => {
      const consumer = join();
      await writer.write(next(24));
      await consumer.documents.reaches(24);
      writer.lose(next(24));
      await writer.write(next(24));
      await consumer.documents.reaches(72);
      expect(consumer.documents.positions()).toEqual(all(72));
      expect(consumer.documents.disorder).toEqual([]);
      expect(consumer.feed.health().gaps).toBeGreaterThan(0);
    });

    it('notices by a progress record what is missing in a quiet partition', async () => {
      const consumer = join();
      writer.lose(next(24));
      await writer.progress(24n);
      await consumer.documents.reaches(24);
      expect(consumer.documents.positions()).toEqual(all(24));
    });

    it('fills from the log what retention removed before it was read', async () => {
      await writer.write(next(48));
      const { partitions } = topic.publisher.partitioning;
      for (let partition = 0; partition < partitions; partition++) await topic.expire(partition, 3);
      const consumer = join();
      await consumer.documents.reaches(48);
      expect(consumer.documents.positions()).toEqual(all(48));
      expect(consumer.feed.health().gaps).toBeGreaterThan(0);
    });

    it('never goes on at the newest record when its offsets are out of range', async () => {
      const documents = new Documents();
      const first = join(documents);
      await writer.write(next(48));
      await documents.reaches(48);
      await first.close();
      await topic.recreate();
      // A topic filled anew from the log, up to a little more than was consumed.
      const refill = new TopicWriter(topic.publisher, new RecordedLog());
      await refill.write(builder.build());
      const more = next(12);
      log.add(more);
      await refill.write(more);
      join(documents);
      await documents.reaches(60, rebalanceMs);
      expect(documents.positions()).toEqual(all(60));
    });

    it('notices when the documents are behind what it was told, with nothing new in the topic', async () => {
      const documents = new Documents();
      const first = join(documents);
      await writer.write(next(48));
      await documents.reaches(48);
      await first.close();
      documents.loseAfter(30n);
      join(documents);
      await documents.reaches(48, rebalanceMs);
      expect(documents.positions()).toEqual(all(48));
    });

    it('skips records that are none of ours', async () => {
      const consumer = join();
      await topic.pollute(0);
      await topic.pollute(1);
      await writer.write(next(24));
      await consumer.documents.reaches(24);
      expect(consumer.documents.positions()).toEqual(all(24));
      expect(consumer.feed.health()).toMatchObject({ ready: true, skipped: 2, gaps: 0 });
    });

    it('ends the iteration with the assignment', async () => {
      const feed = topic.join(log);
      const stop = new AbortController();
      try {
        const assignment = (await feed.assigned(stop.signal))!;
        const batches = feed.consume({ assignment, from: () => feed.start, signal: stop.signal });
        const next = batches[Symbol.asyncIterator]().next();
        await feed.close();
        expect((await next).done).toBe(true);
        const late = feed.consume({ assignment, from: () => feed.start, signal: stop.signal });
        expect((await late[Symbol.asyncIterator]().next()).done).toBe(true);
      } finally {
        stop.abort();
        await feed.close();
      }
    });
  });
}

/** What consumers keep durable: events by position and how far each partition is complete. */
class Documents {
  readonly progress = new Map<number, FeedProgress>();
  readonly twice: bigint[] = [];
  readonly disorder: string[] = [];
  private readonly kept = new Map<bigint, RecordedEvent>();

  take({ partition, events, checkpoint, through }: FeedBatch): void {
    let last = this.progress.get(partition)?.through ?? 0n;
    for (const event of events) {
      // The guard: what a document has seen changes nothing.
      if (event.position <= last) this.twice.push(event.position);
      else this.kept.set(event.position, event);
      if (event.position <= last) this.disorder.push(`${event.position} after ${last} in ${partition}`);
      last = event.position;
    }
    if (through > (this.progress.get(partition)?.through ?? 0n))
      this.progress.set(partition, { checkpoint, through });
  }

  /** A store that lost its newest writes. */
  loseAfter(position: bigint): void {
    for (const kept of this.kept.keys()) if (kept > position) this.kept.delete(kept);
    for (const [partition, { through }] of this.progress)
      if (through > position)
        this.progress.set(partition, { checkpoint: String(position), through: position });
  }

  positions(): bigint[] {
    return [...this.kept.keys()].sort((a, b) => (a < b ? -1 : 1));
  }

  events(): RecordedEvent[] {
    return this.positions().map((position) => this.kept.get(position)!);
  }

  reaches(count: number, timeoutMs = 20_000): Promise<boolean> {
    return waitUntil(`${count} events`, timeoutMs, () => this.kept.size >= count);
  }
}

/** Does what a projector does, in small: takes batches, replays what it missed, commits, follows assignments. */
class Consumer {
  readonly received: RecordedEvent[] = [];
  commits = true;
  private readonly stop = new AbortController();
  private readonly running: Promise<void>;

  constructor(
    readonly feed: EventFeed,
    readonly documents: Documents,
  ) {
    this.running = this.run();
  }

  async close(): Promise<void> {
    this.stop.abort();
    await this.running;
    await this.feed.close();
  }

  private async run(): Promise<void> {
    const { feed, documents } = this;
    const { signal } = this.stop;
    const from = (partition: number): FeedProgress => documents.progress.get(partition) ?? feed.start;
    while (!signal.aborted) {
      const assignment = await feed.assigned(signal);
      if (!assignment) return;
      for await (const batch of feed.consume({ assignment, from, signal })) {
        const after = from(batch.partition);
        if (batch.previous > after.through) {
          for await (const missed of feed.replay(batch.partition, { after, through: batch.previous }))
            this.take(missed);
        }
        this.take(batch);
        if (this.commits) await feed.commit(batch);
      }
    }
  }

  private take(batch: FeedBatch): void {
    this.received.push(...batch.events);
    this.documents.take(batch);
  }
}
