import { randomUUID } from 'node:crypto';
import { openMongoConnection } from '@rapport/connections';
import type { RecordedEvent } from '@rapport/contracts';
import { murmur2Partitioning, openKafkaEventFeed, openKafkaEventPublisher } from '@rapport/event-feed';
import { MemoryEventStore, upcastToLatest, type EventToAppend } from '@rapport/event-store';
import { LiveRunner } from '@rapport/projection-engine';
import { openMongoReadModels } from '@rapport/read-model';
import { openMongoRelayCheckpoint, Relay } from '@rapport/relay';
import { systemClock, systemScheduler } from '@rapport/runtime';
import { eventBuilder, foldPlainly, purchasesProjection, touchesProjection } from '@rapport/testing';
import { launchServers } from '../servers/launch-servers.js';
import type { RunningServer } from '../servers/running-server.js';

const PARTITIONS = 6;
const PROJECTIONS = [purchasesProjection, touchesProjection];
const DEADLINE_MS = 60_000;

/** Servers of their own, because they are killed; the document server acknowledges without syncing. */
describe('Projectors on Kafka and a document server that are killed', () => {
  it(
    'have every document as the log says, and no lag, after each kill',
    async () => {
      const servers = await launchServers({ servers: ['kafka', 'mongodb'], own: true });
      const broker = servers.kafka as RunningServer;
      const documentServer = servers.mongodb as RunningServer;
      const database = `spec_${randomUUID().replaceAll('-', '')}`;
      const connect = () =>
        openMongoConnection({ url: documentServer.address, database, serverSelectionTimeoutMs: 1_000 });
      const topic = {
        brokers: [broker.address],
        clientId: 'spec',
        partitioning: murmur2Partitioning(PARTITIONS),
      };
      const log = new MemoryEventStore(systemClock);
      const builder = eventBuilder();
      let built = 0;
      const append = async (count: number): Promise<void> => {
        for (let i = 0; i < count; i++)
          builder.customer(`c-${built % 60}`).type('PurchaseRecorded', { orderId: `o-${built++}` });
        for (const event of builder.build().slice(-count))
          await log.append({
            streamId: event.streamId,
            expectedRevision: event.revision - 1n,
            events: [event as EventToAppend],
          });
      };
      const closing: (() => Promise<unknown>)[] = [];
      const stop = new AbortController();
      const running: Promise<void>[] = [];

      const relayConnection = await connect();
      const publisher = await openKafkaEventPublisher(topic);
      closing.push(
        () => publisher.close(),
        () => relayConnection.close(),
      );
      const relay = new Relay({
        store: log,
        publisher,
        checkpoints: openMongoRelayCheckpoint(relayConnection),
        leases: openMongoReadModels(relayConnection),
        clock: systemClock,
        scheduler: systemScheduler,
        random: () => 0.5,
        holder: 'spec',
      });
      running.push(relay.run(stop.signal));

      const startProjector = async () => {
        const connection = await connect();
        const store = openMongoReadModels(connection);
        const feed = await openKafkaEventFeed({
          ...topic,
          group: 'projector',
          history: log,
          upcast: upcastToLatest,
          sessionTimeoutMs: 6_000,
        });
        const runner = new LiveRunner({
          projections: PROJECTIONS,
          feed,
          history: log,
          store,
          clock: systemClock,
          scheduler: systemScheduler,
          random: () => 0.5,
          commitMs: 100,
          verifyMs: 500,
        });
        running.push(runner.run(stop.signal));
        closing.push(
          () => feed.close(),
          () => connection.close(),
        );
        return { runner, feed };
      };

      const viewConnection = await connect();
      closing.push(() => viewConnection.close());
      const view = openMongoReadModels(viewConnection);
      const isComplete = async (): Promise<boolean> => {
        for (const { name } of PROJECTIONS) {
          const active = (await view.generations(name)).find((g) => g.status === 'active');
          if (active?.checkpoints.length !== PARTITIONS) return false;
          if (active.checkpoints.some(({ through }) => through < BigInt(built))) return false;
        }
        return true;
      };
      const complete = async (what: string): Promise<void> => {
        const deadlineMs = Date.now() + DEADLINE_MS;
        while (!(await isComplete().catch(() => false))) {
          if (Date.now() > deadlineMs) throw new Error(`not complete within ${DEADLINE_MS} ms after ${what}`);
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
        const events: RecordedEvent[] = [];
        for await (const page of log.readAll()) events.push(...page.events);
        for (const projection of PROJECTIONS) {
          const { collection } = await view.activeCollection(projection.name);
          const found: Record<string, object> = {};
          for await (const page of view.scan(collection))
            for (const { key, document } of page) found[key] = document;
          expect(found).toEqual(foldPlainly(projection, events));
        }
      };

      try {
        await append(300);
        const projectors = [await startProjector(), await startProjector()];
        await complete('the start');
        const deadlineMs = Date.now() + DEADLINE_MS;
        while (projectors.some(({ feed }) => feed.health().assigned.length !== PARTITIONS / 2)) {
          if (Date.now() > deadlineMs) throw new Error('the projectors do not share the partitions');
          await new Promise((resolve) => setTimeout(resolve, 50));
        }

        for (let kill = 1; kill <= 3; kill++) {
          const appending = append(300);
          await documentServer.kill();
          await appending;
          await documentServer.restart();
          await complete(`kill ${kill} of the document server`);
        }
        // Nothing comes any more: what the server lost has to be noticed all the same.
        await documentServer.kill();
        await documentServer.restart();
        await complete('a kill in silence');

        const appending = append(200);
        await broker.kill();
        await appending;
        await broker.restart();
        await append(50);
        await complete('a kill of the broker');

        const { feed } = projectors[0]!;
        await feed.close();
        await append(100);
        await complete('a projector left');
        for (const { runner } of projectors)
          for (const { received, applied, duplicate, parked } of runner.status())
            expect(received).toBe(applied + duplicate + parked);
      } finally {
        stop.abort();
        await Promise.allSettled(running);
        await Promise.allSettled(closing.map((close) => close()));
        await servers.dispose();
      }
    },
    8 * DEADLINE_MS,
  );
});
