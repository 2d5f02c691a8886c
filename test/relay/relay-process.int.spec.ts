import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  openEventStoreDbEventStore,
  type EventStoreDbEventStore,
  type EventToAppend,
} from '@rapport/event-store';
import { systemClock } from '@rapport/runtime';
import { addressOf, eventBuilder, waitUntil } from '@rapport/testing';
import { Kafka, logLevel } from 'kafkajs';
import { startRoleProcess, type RoleProcess } from '../support/role-process.js';
import { openTopicReader } from './topic-reader.js';

const DEADLINE_MS = 40_000;
const PARTITIONS = 24;
const brokers = addressOf('kafka').split(',');

const until = <T>(what: string, ask: () => T | Promise<T>): Promise<NonNullable<T>> =>
  waitUntil(what, DEADLINE_MS, ask, 50);

const startRelayProcess = (environment: Readonly<Record<string, string>> = {}): Promise<RoleProcess> =>
  startRoleProcess('relay', { environment: { MONGODB_DATABASE: database, ...environment } });

const database = `relay_${randomUUID().replaceAll('-', '')}`;

describe('The relay as a process', () => {
  const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
  let log: EventStoreDbEventStore;
  let relay: RoleProcess | undefined;
  let reader: Awaited<ReturnType<typeof openTopicReader>> | undefined;
  const builder = eventBuilder();
  const prefix = randomUUID().slice(0, 8);
  let built = 0;

  beforeAll(async () => {
    log = await openEventStoreDbEventStore({
      connectionString: addressOf('eventstoredb'),
      clock: systemClock,
    });
    await admin.connect();
    // The product's own topic: begin with none.
    if ((await admin.listTopics()).includes('rapport.events.v1')) {
      await admin.deleteTopics({ topics: ['rapport.events.v1'] });
      await until(
        'the topic to be gone',
        async () => !(await admin.listTopics()).includes('rapport.events.v1'),
      );
    }
  });
  afterAll(async () => {
    await relay?.end('SIGKILL');
    await reader?.close();
    await admin.disconnect();
    await log.close();
  });

  const append = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) builder.customer(`${prefix}-${built++ % 30}`).type('PurchaseRecorded');
    for (const event of builder.build().slice(-count)) {
      const result = await log.append({
        streamId: event.streamId,
        expectedRevision: event.revision - 1n,
        events: [event as EventToAppend],
      });
      expect(result.kind).toBe('appended');
    }
  };
  const ready = (): Promise<unknown> =>
    until('the relay to be ready', async () => (await fetch(`${relay!.url}/health/ready`)).status === 200);

  it('copies the log, survives SIGKILL without a double, and ends with 0', async () => {
    await append(100);
    relay = await startRelayProcess();
    await ready();
    reader = await openTopicReader(brokers, PARTITIONS);
    const ours = () => reader!.events().filter((event) => event.streamId.length > 0);
    await until('the first hundred', () => ours().length >= 100);
    for (let kill = 0; kill < 3; kill++) {
      const appending = append(60);
      await until('some of them', () => ours().length > 100 + kill * 60);
      await relay.end('SIGKILL');
      await appending;
      relay = await startRelayProcess();
      await until('the rest', () => ours().length >= 160 + kill * 60);
    }
    const all: string[] = [];
    for await (const page of log.readAll()) all.push(...page.events.map((event) => event.eventId));
    await until('the whole log', () => ours().length >= all.length);
    expect(
      ours()
        .map((event) => event.eventId)
        .sort(),
    ).toEqual([...all].sort());
    // A kill between the write and its acknowledgement is found at the ends of the partitions.
    expect(reader.feed.health()).toMatchObject({ gaps: 0, skipped: 0, duplicates: 0 });
    const byStream = new Map<string, bigint>();
    for (const event of ours()) {
      expect(event.revision).toBe((byStream.get(event.streamId) ?? -1n) + 1n);
      byStream.set(event.streamId, event.revision);
    }
    await until('every partition to know it is complete', async () => {
      const { position } = await log.head();
      const through = [...reader!.through().values()];
      return through.length === PARTITIONS && through.every((t) => t >= position);
    });
    const metrics = await (await fetch(`${relay.url}/metrics`)).text();
    expect(metrics).toMatch(/\nrapport_relay_leader 1\n/);
    expect(metrics).toMatch(/\nrapport_relay_lag_events 0\n/);
    const startedMs = Date.now();
    expect(await relay.end('SIGTERM')).toBe(0);
    expect(Date.now() - startedMs).toBeLessThan(10_000);
  });

  it('says what is wrong with its configuration', async () => {
    await expect(startRelayProcess({ KAFKA_BROKERS: 'nowhere' })).rejects.toThrow(
      'the relay ended (2): relay: KAFKA_BROKERS must be host:port, several with a comma between them',
    );
    await expect(startRelayProcess({ EVENTSTOREDB_URL: '' })).rejects.toThrow(
      'the relay ended (2): relay: EVENTSTOREDB_URL is not set',
    );
  });

  it('refuses another number of partitions and says so', async () => {
    relay = await startRelayProcess({ RAPPORT_PARTITIONS: '12' });
    const { child } = relay;
    const [exitCode] = child.exitCode === null ? ((await once(child, 'exit')) as [number]) : [child.exitCode];
    expect(exitCode).toBe(5);
  });
});
