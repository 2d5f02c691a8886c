import { eventIdFor, RapportError } from '@rapport/contracts';
import { systemClock, systemScheduler } from '@rapport/runtime';
import { createEventCodec, type EventCodec } from './codec/event-codec.js';
import { appended, touch } from './event-store.contract.js';
import type { Appended, ReadAllOptions } from './event-store.port.js';
import { createIdentifierHasher, type IdentifierHasher } from './identifiers/identifier-changes.js';
import { rebuildIdentifierIndex } from './identifiers/rebuild-identifier-index.js';
import { IndexFeeder, type IndexFeederParts, type IndexFeederStatus } from './index-feeder.js';
import { withCommand } from './logged-commands.js';
import { MemoryCommandIndex } from './memory/memory-command-index.adapter.js';
import { MemoryEventStore } from './memory/memory-event-store.adapter.js';
import { MemoryKeyStore } from './memory/memory-key-store.adapter.js';

const HASH = '0f'.repeat(32);
const customer = (n: number): string => `0000000${n}-0000-4000-8000-000000000000`;
/** Longest time a test waits: reached only when something is wrong. */
const DEADLINE_MS = 5_000;

describe('The index feeder', () => {
  let store: MemoryEventStore;
  let commands: MemoryCommandIndex;
  let identifiers: MemoryEventStore;
  let codec: EventCodec;
  let hasher: IdentifierHasher;
  let abort: AbortController;
  let watchers: ((status: IndexFeederStatus) => void)[];
  beforeEach(async () => {
    const keys = new MemoryKeyStore();
    store = new MemoryEventStore(systemClock);
    commands = new MemoryCommandIndex();
    identifiers = new MemoryEventStore(systemClock);
    codec = createEventCodec({ keys });
    hasher = await createIdentifierHasher(keys);
    abort = new AbortController();
    watchers = [];
  });

  const feederOn = (over: Partial<IndexFeederParts> = {}): IndexFeeder =>
    new IndexFeeder({
      store,
      commands,
      identifiers,
      codec,
      hasher,
      scheduler: systemScheduler,
      random: () => 0,
      onProgress: (status) => watchers.forEach((watch) => watch(status)),
      ...over,
    });

  const until = (feeder: IndexFeeder, isSo: (status: IndexFeederStatus) => boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      const late = setTimeout(
        () =>
          reject(
            new Error(
              `still ${JSON.stringify(feeder.status(), (_, v) => (typeof v === 'bigint' ? String(v) : v))}`,
            ),
          ),
        DEADLINE_MS,
      );
      const look = (): void => {
        if (!isSo(feeder.status())) return;
        clearTimeout(late);
        resolve();
      };
      watchers.push(look);
      look();
    });

  /** Runs a feeder until both indexes are complete to the head. */
  const feed = async (over: Partial<IndexFeederParts> = {}): Promise<IndexFeeder> => {
    const feeder = feederOn(over);
    const own = new AbortController();
    const running = feeder.run(own.signal);
    const { position } = await store.head();
    await until(feeder, ({ through }) => through >= position);
    own.abort();
    await running;
    return feeder;
  };

  /** One command as a log without an index of its own carries it. */
  const record = async (
    customerId: string,
    commandKey: string,
    events: readonly { type: string; data: object }[],
  ): Promise<Appended> => {
    const streamId = `customer-${customerId}`;
    const identified = events.map((event, i) => ({
      event,
      eventId: eventIdFor(streamId, commandKey, event.type, i),
    }));
    const encoded = await codec.encode(identified, customerId);
    const revision = BigInt((await store.readStream(streamId)).length) - 1n;
    return appended(store, {
      streamId,
      expectedRevision: revision,
      events: withCommand(
        encoded.map((data, i) =>
          touch({
            ...data,
            type: events[i]!.type,
            eventId: identified[i]!.eventId,
            metadata: { commandKey },
          }),
        ),
        { commandKey, requestHash: HASH },
      ),
    });
  };
  const registered = (email: string, displayName: string) => ({
    type: 'CustomerRegistered',
    data: {
      roles: ['customer'],
      displayName,
      identifiers: [{ type: 'email', value: email }],
      acquisitionChannel: 'web',
    },
  });
  const call = { type: 'TouchPointRecorded', data: { direction: 'in', kind: 'call', durationS: 5 } };
  const byEmail = (email: string) => identifiers.customersWithIdentifier(hasher.identifier('email', email)!);

  it('makes both indexes complete, whatever the size of pages', async () => {
    for (const pageSize of [1, 2, 1_000]) {
      commands = new MemoryCommandIndex();
      identifiers = new MemoryEventStore(systemClock);
      const key = `k:${pageSize}`;
      const email = `ada${pageSize}@example.com`;
      const { revision, position } = await record(customer(pageSize % 10), key, [
        registered(email, 'Ada Byron'),
        call,
        call,
      ]);
      const feeder = await feed({ pageSize });
      expect(await commands.find(`customer-${customer(pageSize % 10)}`, key)).toEqual({
        streamId: `customer-${customer(pageSize % 10)}`,
        commandKey: key,
        requestHash: HASH,
        firstRevision: revision - 2n,
        lastRevision: revision,
        position,
      });
      expect(await commands.watermark()).toBe(position);
      expect(await byEmail(email)).toEqual([customer(pageSize % 10)]);
      expect(await identifiers.customersWithNameWords(hasher.nameQuery('byron'), { limit: 10 })).toContain(
        customer(pageSize % 10),
      );
      expect(feeder.status()).toMatchObject({ state: 'stopped', failures: 0, through: position });
    }
  });

  it('goes on from the stored checkpoint', async () => {
    await record(customer(1), 'k:1', [call]);
    await feed();
    await record(customer(1), 'k:2', [call]);
    const asked: (string | undefined)[] = [];
    const pages = {
      subscribeAll: (options: ReadAllOptions & { signal: AbortSignal }) => {
        asked.push(options.after);
        return store.subscribeAll(options);
      },
    };
    const feeder = await feed({ store: pages });
    expect(asked).toEqual([store.checkpointAt(1n)]);
    expect(feeder.status().appliedPages).toBe(1);
    expect(await commands.find(`customer-${customer(1)}`, 'k:2')).toBeDefined();
  });

  it('waits out errors that go away, ever longer, and says so meanwhile', async () => {
    await record(customer(1), 'k:1', [registered('ada@example.com', 'Ada')]);
    let failures = 5;
    const failing = {
      applyIdentifierChanges: async (changes: Parameters<typeof identifiers.applyIdentifierChanges>[0]) => {
        if (failures-- > 0) throw new RapportError('UNAVAILABLE', 'away');
        await identifiers.applyIdentifierChanges(changes);
      },
    };
    const delays: number[] = [];
    const seen: IndexFeederStatus[] = [];
    watchers.push((status) => seen.push(status));
    const feeder = await feed({
      identifiers: failing,
      scheduler: {
        sleep: async (delayMs) => {
          delays.push(delayMs);
        },
      },
    });
    expect(delays).toEqual([25, 50, 100, 200, 400]);
    expect(seen).toContainEqual(
      expect.objectContaining({ state: 'waiting', failures: 5, error: 'RapportError: UNAVAILABLE: away' }),
    );
    expect(feeder.status()).toMatchObject({ failures: 0, error: undefined });
    expect(await byEmail('ada@example.com')).toEqual([customer(1)]);
  });

  it('ends with an error that does not go away, before the watermark passes it', async () => {
    await record(customer(1), 'k:1', [registered('ada@example.com', 'Ada')]);
    const feeder = feederOn({
      identifiers: {
        applyIdentifierChanges: async () => {
          throw new TypeError('broken');
        },
      },
    });
    await expect(feeder.run(abort.signal)).rejects.toThrow('broken');
    expect(feeder.status()).toMatchObject({ state: 'stopped', error: 'TypeError: broken', through: 0n });
    expect(await commands.watermark()).toBe(0n);
  });

  it('opens a subscription again that ended by itself', async () => {
    let opened = 0;
    const ending = {
      subscribeAll: (options: ReadAllOptions & { signal: AbortSignal }) =>
        ++opened < 3
          ? store.readAll({ ...options, throughPosition: BigInt(opened) })
          : store.subscribeAll(options),
    };
    for (let i = 1; i <= 4; i++) await record(customer(i), 'k:1', [call]);
    await feed({ store: ending, scheduler: { sleep: async () => undefined } });
    expect(opened).toBe(3);
    for (let i = 1; i <= 4; i++) expect(await commands.find(`customer-${customer(i)}`, 'k:1')).toBeDefined();
  });

  it('applies a page again when it failed between the indexes', async () => {
    await record(customer(1), 'k:1', [registered('ada@example.com', 'Ada')]);
    let isFirst = true;
    const crashing = Object.assign(Object.create(commands) as MemoryCommandIndex, {
      applyCommands: async (...applied: Parameters<typeof commands.applyCommands>) => {
        if (isFirst) {
          isFirst = false;
          throw new RapportError('OUTCOME_UNKNOWN', 'no answer');
        }
        return commands.applyCommands(...applied);
      },
    });
    await feed({ commands: crashing });
    expect(await byEmail('ada@example.com')).toEqual([customer(1)]);
    expect(await commands.watermark()).toBe(1n);
  });

  it('feeds again what the store lost after it had acknowledged it', async () => {
    const feeder = feederOn({ scheduler: { sleep: async () => undefined } });
    const running = feeder.run(abort.signal);
    await record(customer(1), 'k:1', [call]);
    await until(feeder, ({ through }) => through >= 1n);
    const kept = commands;
    const forgetful = new MemoryCommandIndex();
    await forgetful.applyCommands([], 1n, store.checkpointAt(1n));
    await record(customer(1), 'k:2', [call]);
    await until(feeder, ({ through }) => through >= 2n);
    // The server comes back as it was before the second command.
    for (const name of ['watermark', 'checkpoint', 'applyCommands', 'find'] as const)
      Object.assign(kept, { [name]: forgetful[name].bind(forgetful) });
    await record(customer(1), 'k:3', [call]);
    await until(feeder, ({ appliedPages }) => appliedPages >= 3);
    await until(feeder, ({ through, state }) => through >= 3n && state === 'following');
    abort.abort();
    await running;
    for (const key of ['k:2', 'k:3'])
      expect(await commands.find(`customer-${customer(1)}`, key)).toBeDefined();
    expect(await commands.watermark()).toBe(3n);
  });

  it('may run several times at once', async () => {
    const feeders = Array.from({ length: 4 }, () => feederOn({ pageSize: 3 }));
    const running = feeders.map((feeder) => feeder.run(abort.signal));
    for (let i = 0; i < 60; i++) await record(customer(i % 7), `k:${i}`, [call, call]);
    const { position } = await store.head();
    await Promise.all(feeders.map((feeder) => until(feeder, ({ through }) => through >= position)));
    abort.abort();
    await Promise.all(running);
    expect(await commands.watermark()).toBe(position);
    expect(await commands.checkpoint()).toBe(store.checkpointAt(position));
    for (let i = 0; i < 60; i++) {
      const entry = await commands.find(`customer-${customer(i % 7)}`, `k:${i}`);
      expect(entry!.lastRevision - entry!.firstRevision).toBe(1n);
    }
  });

  it('finds the same customers as an index made anew', async () => {
    await record(customer(1), 'k:1', [registered('ada@example.com', 'Ada Byron')]);
    await record(customer(2), 'k:1', [registered('ada@example.com', 'Bob')]);
    await record(customer(1), 'k:2', [
      {
        type: 'IdentifierRemoved',
        data: { type: 'email', value: 'ada@example.com', reason: 'given up' },
      },
    ]);
    await feed();
    const fed = await byEmail('ada@example.com');
    expect(fed).toEqual([customer(2)]);
    const counted = await rebuildIdentifierIndex({ store, index: identifiers, codec, hasher });
    expect(counted).toBe(3);
    expect(await byEmail('ada@example.com')).toEqual(fed);
  });

  it('says when an identifier no longer leads where it led', async () => {
    const customerId = '3f2b8a34-7c35-5c4e-9b52-2a43c9f0d777';
    const identifier = { type: 'email', value: 'ada@example.com' };
    let taken = 0;
    const fed = () => feed({ onIdentifiersTaken: () => taken++ });
    await record(customerId, 'k:1', [{ type: 'CustomerRegistered', data: { roles: ['customer'], identifiers: [identifier], acquisitionChannel: 'web' } }]); // prettier-ignore
    await fed();
    expect(taken).toBe(0);
    await record(customerId, 'k:2', [{ type: 'IdentifierRemoved', data: { ...identifier, reason: 'old' } }]);
    await fed();
    await record(customerId, 'k:3', [{ type: 'CustomerErased', data: { basis: 'request', keptForLaw: [] } }]);
    await fed();
    expect(taken).toBe(2);
  });
});
