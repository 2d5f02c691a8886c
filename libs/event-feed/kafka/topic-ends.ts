import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Admin, Kafka } from 'kafkajs';
import { endAt, type PartitionEnd } from '../event-publisher.port.js';
import { decodeRecord } from './kafka-records.js';

/** How far back the newest record is looked for first: foreign records may stand behind it. */
const FIRST_WINDOW = 20n;
const DEADLINE_MS = 30_000;
const asTheyAre = (_type: string, schemaVersion: number, data: Readonly<Record<string, unknown>>) => ({
  schemaVersion,
  data,
});

/** The newest record of each partition, by number. Rejects when the broker does not answer in time. */
export async function readTopicEnds(kafka: Kafka, topic: string): Promise<readonly PartitionEnd[]> {
  const offsets = await offsetsOf(kafka, topic);
  const ends: PartitionEnd[] = [];
  let open = offsets.map(({ partition, high, low }) => {
    const range = { partition, high: BigInt(high), low: BigInt(low) };
    ends[partition] = range.high > 0n && range.high === range.low ? { kind: 'expired' } : { kind: 'empty' };
    return range;
  });
  open = open.filter(({ high, low }) => high > low);
  for (let window = FIRST_WINDOW; open.length > 0; window *= 50n) {
    const found = await readBack(kafka, topic, open.map((r) => ({ ...r, from: r.high - window > r.low ? r.high - window : r.low }))); // prettier-ignore
    for (const [partition, end] of found) ends[partition] = end;
    open = open.filter(({ partition, high, low }) => !found.has(partition) && high - window > low);
  }
  return ends;
}

/** A partition of a young topic, or of a broker that has just started, has no leader yet: the client does not ask again. */
async function offsetsOf(
  kafka: Kafka,
  topic: string,
): Promise<Awaited<ReturnType<Admin['fetchTopicOffsets']>>> {
  for (let attempt = 1; ; attempt++) {
    const admin = kafka.admin();
    try {
      await admin.connect();
      return await admin.fetchTopicOffsets(topic);
    } catch (error) {
      if (!NO_LEADER_YET.has(String((error as { type?: unknown }).type)) || attempt === LEADER_ATTEMPTS)
        throw error;
    } finally {
      await admin.disconnect();
    }
    await pause(LEADER_PAUSE_MS);
  }
}

const NO_LEADER_YET: ReadonlySet<string> = new Set([
  'NOT_LEADER_FOR_PARTITION',
  'LEADER_NOT_AVAILABLE',
  'UNKNOWN_TOPIC_OR_PARTITION',
]);
const LEADER_ATTEMPTS = 20;
const LEADER_PAUSE_MS = 250;

interface Range {
  readonly partition: number;
  readonly from: bigint;
  readonly high: bigint;
}

/** Reads each range to its end, as the only member of a group of its own, and keeps the last record of ours. */
async function readBack(
  kafka: Kafka,
  topic: string,
  ranges: readonly Range[],
): Promise<Map<number, PartitionEnd>> {
  const found = new Map<number, PartitionEnd>();
  const unread = new Map(ranges.map((range) => [range.partition, range]));
  const groupId = `rapport.ends.${randomUUID()}`;
  const consumer = kafka.consumer({
    groupId,
    allowAutoTopicCreation: false,
    maxWaitTimeInMs: 200,
    retry: { restartOnFailure: async () => false },
  });
  try {
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(
        () => reject(new Error(`the ends of ${topic} were not read within ${DEADLINE_MS} ms`)),
        DEADLINE_MS,
      );
      const settle = (error?: Error): void => {
        clearTimeout(late);
        if (error) reject(error);
        else resolve();
      };
      consumer.on(consumer.events.CRASH, ({ payload }) => settle(payload.error));
      consumer
        .run({
          autoCommit: false,
          eachBatchAutoResolve: false,
          eachBatch: async ({ batch, resolveOffset, isStale }) => {
            const range = unread.get(batch.partition);
            for (const message of batch.messages) {
              if (isStale()) return;
              resolveOffset(message.offset);
              const offset = BigInt(message.offset);
              // What a fetch brought before the seek took effect is older than the range.
              if (!range || offset < range.from) continue;
              const record = decodeRecord(batch.partition, message, asTheyAre);
              if (record) found.set(batch.partition, endAt(record));
            }
            if (range && BigInt(batch.lastOffset()) >= range.high - 1n) unread.delete(batch.partition);
            if (unread.size === 0) settle();
          },
        })
        .then(() => {
          for (const { partition, from } of ranges) consumer.seek({ topic, partition, offset: String(from) });
        })
        .catch(settle);
    });
    return found;
  } finally {
    await consumer.disconnect();
    const admin = kafka.admin();
    // The broker forgets an empty group by itself; telling it only spares it the wait.
    await admin
      .connect()
      .then(() => admin.deleteGroups([groupId]))
      .catch(() => undefined);
    await admin.disconnect();
  }
}
