import { randomUUID } from 'node:crypto';
import { systemClock, systemScheduler } from '@rapport/runtime';
import { freshMongoDatabase, mongoUrl, openFaultyLink } from '@rapport/testing';
import { createEventCodec } from '../codec/event-codec.js';
import { appended, touch } from '../event-store.contract.js';
import { createIdentifierHasher } from '../identifiers/identifier-changes.js';
import { IndexFeeder } from '../index-feeder.js';
import { withCommand } from '../logged-commands.js';
import { MemoryEventStore } from '../memory/memory-event-store.adapter.js';
import { MemoryKeyStore } from '../memory/memory-key-store.adapter.js';
import { openMongoCommandIndex } from './mongo-command-index.adapter.js';
import { openMongoIdentifierIndex } from './mongo-identifier-index.adapter.js';

const DEADLINE_MS = 20_000;

describe('Indexes on MongoDB fed from the log', () => {
  it('are complete although several feed them and the server goes away in between', async () => {
    const url = new URL(mongoUrl());
    const link = await openFaultyLink(url.host);
    url.host = link.address;
    // Else the driver learns the server's own address and goes around the link.
    url.searchParams.set('directConnection', 'true');
    const database = await freshMongoDatabase(url.href);
    const keys = new MemoryKeyStore();
    const hasher = await createIdentifierHasher(keys);
    const codec = createEventCodec({ keys });
    const store = new MemoryEventStore(systemClock);
    const abort = new AbortController();
    const retries: number[] = [];
    const feeders = await Promise.all(
      Array.from({ length: 3 }, async () => {
        const connection = await database.connect({ serverSelectionTimeoutMs: 200 });
        return new IndexFeeder({
          store,
          commands: openMongoCommandIndex(connection),
          identifiers: await openMongoIdentifierIndex(connection),
          codec,
          hasher,
          scheduler: systemScheduler,
          random: () => 0,
          pageSize: 7,
          onRetry: (_error, attempt) => retries.push(attempt),
        });
      }),
    );
    const running = feeders.map((feeder) => feeder.run(abort.signal));

    const customers = Array.from({ length: 40 }, () => randomUUID());
    const register = async (customerId: string): Promise<void> => {
      const event = {
        type: 'CustomerRegistered',
        data: {
          roles: ['customer'],
          displayName: 'Ada Byron',
          identifiers: [{ type: 'email', value: `${customerId}@example.com` }],
          acquisitionChannel: 'web',
        },
      };
      const eventId = randomUUID();
      const [encoded] = await codec.encode([{ event, eventId }], customerId);
      const commandKey = `k:${customerId}`;
      await appended(store, {
        streamId: `customer-${customerId}`,
        expectedRevision: -1n,
        events: withCommand([touch({ ...encoded!, type: event.type, eventId, metadata: { commandKey } })], {
          commandKey,
          requestHash: '0f'.repeat(32),
        }),
      });
    };
    for (const customerId of customers.slice(0, 20)) await register(customerId);
    await link.down();
    for (const customerId of customers.slice(20)) await register(customerId);
    const until = async (isSo: () => boolean, what: string): Promise<void> => {
      const deadline = Date.now() + DEADLINE_MS;
      while (!isSo()) {
        if (Date.now() > deadline) throw new Error(`still not ${what}`);
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    await until(() => retries.length >= 3, 'retrying');
    expect(feeders.map((feeder) => feeder.status().state)).toContain('waiting');
    await link.restore();
    const { position } = await store.head();
    await until(() => feeders.every((feeder) => feeder.status().through === position), 'complete');
    abort.abort();
    await Promise.all(running);

    const connection = await database.connect();
    const commands = openMongoCommandIndex(connection);
    const index = await openMongoIdentifierIndex(connection);
    expect(await commands.watermark()).toBe(position);
    for (const customerId of customers) {
      expect(await commands.find(`customer-${customerId}`, `k:${customerId}`)).toMatchObject({
        firstRevision: 0n,
      });
      const hash = hasher.identifier('email', `${customerId}@example.com`)!;
      expect(await index.customersWithIdentifier(hash)).toEqual([customerId]);
    }
    expect(await index.customersWithNameWords(hasher.nameQuery('ada by'), { limit: 100 })).toEqual(
      [...customers].sort(),
    );
    await database.dispose();
    await link.close();
  });
});
