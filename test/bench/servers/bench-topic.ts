import { Kafka, logLevel, type Admin } from 'kafkajs';

/** Partitions of every topic of the bench: the product's default. */
export const PARTITIONS = 24;

async function withAdmin<T>(brokers: readonly string[], work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

export const createTopic = (brokers: readonly string[], topic: string): Promise<boolean> =>
  withAdmin(brokers, (admin) =>
    admin.createTopics({
      waitForLeaders: true,
      topics: [{ topic, numPartitions: PARTITIONS, replicationFactor: 1 }],
    }),
  );

/** Frees the disk; a topic still in use somewhere stays until it is not. */
export const deleteTopic = (brokers: readonly string[], topic: string): Promise<void> =>
  withAdmin(brokers, (admin) => admin.deleteTopics({ topics: [topic] }));

/** Bytes of the topic as the broker hands them out, headers and framing included. Reads all of it. */
export async function bytesOfTopic(brokers: readonly string[], topic: string): Promise<number> {
  const records = await withAdmin(brokers, async (admin) =>
    (await admin.fetchTopicOffsets(topic)).reduce(
      (sum, { high, low }) => sum + Number(high) - Number(low),
      0,
    ),
  );
  const consumer = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).consumer({
    groupId: `bytes-of-${topic}`,
  });
  let bytes = 0;
  consumer.on('consumer.network.request', ({ payload }) => {
    if (payload.apiName === 'Fetch') bytes += payload.size;
  });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  let seen = 0;
  await new Promise<void>((resolve, reject) => {
    consumer
      .run({
        autoCommit: false,
        eachBatch: async ({ batch }) => {
          seen += batch.messages.length;
          if (seen >= records) resolve();
        },
      })
      .catch(reject);
  });
  await consumer.disconnect();
  return bytes;
}
