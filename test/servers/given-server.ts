import { EventStoreDBClient } from '@eventstore/db-client';
import { Kafka, logLevel } from 'kafkajs';
import { MongoClient } from 'mongodb';
import type { RunningServer, ServerName } from './running-server.js';

/** A server whose address was given: it must answer, and it is not ours to stop. Rejects when it does not answer. */
export async function givenServer(
  server: ServerName,
  address: string,
  patienceMs = 10_000,
): Promise<RunningServer> {
  const version = await ASK[server](address, patienceMs).catch((error: Error) => {
    throw new Error(`the given ${server} at ${address} does not answer: ${error.message}`);
  });
  const notOurs = async (): Promise<void> => {
    throw new Error(`the given ${server} is not ours to stop or start`);
  };
  return {
    server,
    name: server,
    version,
    mode: 'given',
    address,
    stop: notOurs,
    kill: notOurs,
    restart: notOurs,
    dispose: async () => undefined,
  };
}

/** Asks a server something and answers with its version. */
const ASK: Readonly<Record<ServerName, (address: string, patienceMs: number) => Promise<string>>> = {
  async eventstoredb(address, patienceMs) {
    const client = EventStoreDBClient.connectionString(address);
    try {
      for await (const event of client.readAll({ maxCount: 1, deadline: patienceMs })) void event;
    } finally {
      await client.dispose();
    }
    const { host, searchParams } = new URL(address);
    const scheme = searchParams.get('tls') === 'false' ? 'http' : 'https';
    return fetch(`${scheme}://${host}/info`, { signal: AbortSignal.timeout(patienceMs) })
      .then((answer) => answer.json() as Promise<{ esVersion?: string }>)
      .then(({ esVersion }) => esVersion ?? 'unknown', () => 'unknown'); // prettier-ignore
  },
  async kafka(address, patienceMs) {
    const admin = new Kafka({
      brokers: address.split(','),
      logLevel: logLevel.NOTHING,
      connectionTimeout: patienceMs,
      retry: { retries: 2 },
    }).admin();
    try {
      await admin.connect();
      await admin.describeCluster();
      return 'unknown';
    } finally {
      await admin.disconnect();
    }
  },
  async mongodb(address, patienceMs) {
    const client = new MongoClient(address, { serverSelectionTimeoutMS: patienceMs });
    try {
      const { version } = await client.db('admin').command({ buildInfo: 1 });
      return String(version);
    } finally {
      await client.close();
    }
  },
};
