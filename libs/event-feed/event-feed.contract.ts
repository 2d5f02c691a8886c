import type { EventFeed, FeedBatch, FeedProgress } from './event-feed.port.js';

/** A feed with a way to append events behind it, one position each, starting at 1. */
export interface FeedUnderTest {
  readonly feed: EventFeed;
  append(count: number): Promise<void>;
}

/** What every feed promises; run by each adapter. `open` gives batches of at most three events. */
export function describeEventFeed(name: string, open: () => Promise<FeedUnderTest>): void {
  describe(`${name} event feed`, () => {
    const positions = (batches: readonly FeedBatch[]): number[] =>
      batches.flatMap((batch) => batch.events.map((event) => Number(event.position)));

    /** Consumes until complete to a position. */
    const consumeTo = async (feed: EventFeed, from: FeedProgress, through: bigint): Promise<FeedBatch[]> => {
      const stop = new AbortController();
      const batches: FeedBatch[] = [];
      for await (const batch of feed.consume({ from: () => from, signal: stop.signal })) {
        batches.push(batch);
        if (batch.through >= through) stop.abort();
      }
      return batches;
    };

    it('delivers everything in order, each batch joined to the one before', async () => {
      const { feed, append } = await open();
      await append(8);
      const batches = await consumeTo(feed, feed.start, 8n);
      expect(positions(batches)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
      let previous = 0n;
      for (const batch of batches) {
        expect(batch.partition).toBe(0);
        expect(batch.previous).toBe(previous);
        expect(batch.through).toBeGreaterThanOrEqual(batch.events.at(-1)!.position);
        expect(batch.events.length).toBeLessThanOrEqual(3);
        previous = batch.through;
      }
    });

    it('says which batches have more behind them', async () => {
      const { feed, append } = await open();
      await append(7);
      expect((await consumeTo(feed, feed.start, 7n)).map((batch) => batch.more)).toEqual([true, true, false]);
    });

    it('goes on after the progress it is given', async () => {
      const { feed, append } = await open();
      await append(5);
      const [first] = await consumeTo(feed, feed.start, 1n);
      await append(2);
      expect(positions(await consumeTo(feed, first!, 7n))).toEqual([4, 5, 6, 7]);
    });

    it('waits at the head and delivers what comes when woken', async () => {
      const { feed, append } = await open();
      await append(1);
      const stop = new AbortController();
      const batches = feed.consume({ from: () => feed.start, signal: stop.signal })[Symbol.asyncIterator]();
      await batches.next();
      const next = batches.next();
      await append(1);
      feed.wake();
      expect(positions([(await next).value as FeedBatch])).toEqual([2]);
      const end = batches.next();
      stop.abort();
      expect((await end).done).toBe(true);
    });

    it('replays a bounded part of history', async () => {
      const { feed, append } = await open();
      await append(9);
      const [first] = await consumeTo(feed, feed.start, 1n);
      const batches: FeedBatch[] = [];
      for await (const batch of feed.replay(0, { after: first!, through: 8n })) batches.push(batch);
      expect(positions(batches)).toEqual([4, 5, 6, 7, 8]);
      expect(batches.at(-1)!.through).toBe(8n);
    });

    it('names the head to measure lag against', async () => {
      const { feed, append } = await open();
      expect((await feed.head(0)).through).toBe(0n);
      await append(4);
      const head = await feed.head(0);
      expect(head.through).toBe(4n);
      await append(1);
      expect(positions(await consumeTo(feed, head, 5n))).toEqual([5]);
    });
  });
}
