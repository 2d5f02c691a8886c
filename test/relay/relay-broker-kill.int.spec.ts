import type { RecordedEvent } from '@rapport/contracts';
import { murmur2Partitioning, openKafkaEventPublisher } from '@rapport/event-feed';
import { MemoryEventStore, type EventToAppend } from '@rapport/event-store';
import { openMemoryReadModels } from '@rapport/read-model';
import { MemoryRelayCheckpoint, Relay } from '@rapport/relay';
import { systemClock, systemScheduler } from '@rapport/runtime';
import { eventBuilder, waitUntil } from '@rapport/testing';
import { launchServers } from '../servers/launch-servers.js';
import type { RunningServer } from '../servers/running-server.js';
import { openTopicReader } from './topic-reader.js';

const PARTITIONS = 6;
const DEADLINE_MS = 60_000;
const ROUNDS = 3;
const BURST = 400;

const until = (what: string, isTrue: () => boolean): Promise<boolean> =>
  waitUntil(what, DEADLINE_MS, isTrue, 20);

/** A broker of its own, because it is killed. */
describe('A relay whose broker is killed', () => {
  it(
    'loses nothing, doubles nothing and keeps the order, kill after kill',
    async () => {
      const servers = await launchServers({ servers: ['kafka'], own: true });
      const broker = servers.kafka as RunningServer;
      const brokers = [broker.address];
      const store = new MemoryEventStore(systemClock);
      const builder = eventBuilder();
      let built = 0;
      const append = async (count: number): Promise<void> => {
        for (let i = 0; i < count; i++) builder.customer(`c-${built++ % 50}`).type('PurchaseRecorded');
        for (const event of builder.build().slice(-count))
          await store.append({
            streamId: event.streamId,
            expectedRevision: event.revision - 1n,
            events: [event as EventToAppend],
          });
      };
      const publisher = await openKafkaEventPublisher({
        brokers,
        clientId: 'relay',
        partitioning: murmur2Partitioning(PARTITIONS),
      });
      const relay = new Relay({
        store,
        publisher,
        checkpoints: new MemoryRelayCheckpoint(),
        leases: openMemoryReadModels(),
        clock: systemClock,
        scheduler: systemScheduler,
        random: () => 0.5,
        holder: 'spec',
        batchEvents: 50,
      });
      const stop = new AbortController();
      const running = relay.run(stop.signal);
      try {
        await until('the first start', () => relay.status().ready);
        for (let round = 0; round < ROUNDS; round++) {
          await append(BURST);
          // In the middle of the burst: some batches are acknowledged, one is in flight.
          await until('the burst to begin', () => relay.status().produced > round * BURST);
          await broker.kill();
          await append(BURST / 4);
          await until('the trouble to show', () => !relay.status().ready);
          await broker.restart();
          await append(BURST / 4);
          await until('everything to be acknowledged', () => relay.status().position === BigInt(built));
        }
        const reader = await openTopicReader(brokers, PARTITIONS);
        await until('every event to be read', () => reader.events().length >= built);
        const log: RecordedEvent[] = [];
        for await (const page of store.readAll()) log.push(...page.events);
        const { partitionOf } = murmur2Partitioning(PARTITIONS);
        for (let partition = 0; partition < PARTITIONS; partition++)
          expect(
            reader.batches
              .filter((b) => b.partition === partition)
              .flatMap((b) => b.events.map((e) => e.position)),
          ).toEqual(log.filter((e) => partitionOf(e.streamId) === partition).map((e) => e.position));
        expect(reader.feed.health()).toMatchObject({ gaps: 0, skipped: 0, duplicates: 0 });
        expect(relay.status().retries).toBeGreaterThanOrEqual(ROUNDS);
        await reader.close();
      } finally {
        stop.abort();
        await running;
        await publisher.close();
        await servers.dispose();
      }
    },
    4 * DEADLINE_MS,
  );
});
