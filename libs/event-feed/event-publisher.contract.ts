import { eventBuilder, RecordedLog, TopicWriter } from '@rapport/testing';
import { positionOfRecord, type EventPublisher, type FeedRecord } from './event-publisher.port.js';

export interface PublisherUnderTest {
  /** Of four partitions, the topic missing or empty. */
  readonly publisher: EventPublisher;
  /** Another publisher of the same topic, as after a restart. */
  reopen(): EventPublisher;
  /** Every record of a partition, in the order of its offsets. */
  records(partition: number): Promise<readonly FeedRecord[]>;
  /** Retention: removes every record of a partition. */
  expireAll(partition: number): Promise<void>;
  close(): Promise<void>;
}

/** What every publisher promises; run by each adapter. */
export function describeEventPublisher(name: string, open: () => Promise<PublisherUnderTest>): void {
  describe(`${name} event publisher`, () => {
    let topic: PublisherUnderTest;
    let writer: TopicWriter;
    beforeEach(async () => {
      topic = await open();
      writer = new TopicWriter(topic.publisher, new RecordedLog());
    });
    afterEach(() => topic.close());

    const events = (count: number) => {
      const builder = eventBuilder();
      for (let i = 0; i < count; i++) builder.customer(`c-${i % 9}`).type('PurchaseRecorded');
      return builder.build();
    };
    const partitions = [0, 1, 2, 3];
    const positions = (records: readonly FeedRecord[]): bigint[] => records.map(positionOfRecord);

    it('makes the topic, empty in every partition', async () => {
      expect(await topic.publisher.ends()).toEqual(partitions.map(() => ({ kind: 'empty' })));
      expect(topic.publisher.partitioning.partitions).toBe(4);
    });

    it('keeps the order of each partition over one and many calls', async () => {
      await topic.publisher.ends();
      const records = writer.recordsOf(events(60));
      await topic.publisher.publish(records.slice(0, 25));
      await topic.publisher.publish(records.slice(25, 26));
      await topic.publisher.publish(records.slice(26));
      for (const partition of partitions)
        expect(await topic.records(partition)).toEqual(records.filter((r) => r.partition === partition));
    });

    it('names the end of each partition, also to another publisher', async () => {
      await topic.publisher.ends();
      const records = writer.recordsOf(events(30));
      await topic.publisher.publish(records);
      const ends = partitions.map((partition) => {
        const last = records.findLast((record) => record.partition === partition)!;
        return { kind: 'record', position: positionOfRecord(last), ordinal: last.ordinal };
      });
      expect(await topic.publisher.ends()).toEqual(ends);
      const again = topic.reopen();
      expect(await again.ends()).toEqual(ends);
      await again.close();
    });

    it('takes progress records into the chain', async () => {
      await topic.publisher.ends();
      await topic.publisher.publish(writer.recordsOf(events(8)));
      await writer.progress(9n);
      expect(await topic.publisher.ends()).toEqual(
        partitions.map(() => ({ kind: 'record', position: 9n, ordinal: 8n, checkpoint: '9' })),
      );
      for (const partition of partitions) {
        const records = await topic.records(partition);
        for (const [i, record] of records.entries())
          expect(record.previous).toBe(i === 0 ? 0n : positionOfRecord(records[i - 1]!));
      }
    });

    it('goes on after a failure from the ends, without doubles', async () => {
      await topic.publisher.ends();
      const records = writer.recordsOf(events(20));
      await topic.publisher.publish(records.slice(0, 10));
      const ends = await topic.publisher.ends();
      const missing = records.filter((record) => {
        const end = ends[record.partition]!;
        return end.kind !== 'record' || positionOfRecord(record) > end.position;
      });
      await topic.publisher.publish(missing);
      const written = await Promise.all(partitions.map(topic.records));
      expect(written.flatMap(positions).sort((a, b) => Number(a - b))).toEqual(positions(records));
    });

    it('tells a partition whose records have expired from one that never had any', async () => {
      await topic.publisher.ends();
      const records = writer.recordsOf(events(30)).filter((record) => record.partition < 2);
      await topic.publisher.publish(records);
      await topic.expireAll(0);
      expect((await topic.publisher.ends()).map(({ kind }) => kind)).toEqual([
        'expired',
        'record',
        'empty',
        'empty',
      ]);
    });

    it('takes more in one call than a broker takes in one request', async () => {
      await topic.publisher.ends();
      const builder = eventBuilder();
      const text = 'x'.repeat(60_000);
      for (let i = 0; i < 40; i++) builder.customer('big').type('PurchaseRecorded', { orderId: text });
      const records = writer.recordsOf(builder.build());
      await topic.publisher.publish(records);
      expect(positions(await topic.records(records[0]!.partition))).toEqual(positions(records));
    });
  });
}
