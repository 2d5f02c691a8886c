import type { RecordedEvent } from '@rapport/contracts';
import {
  MemoryTopic,
  murmur2Partitioning,
  positionOfRecord,
  type EventPublisher,
  type FeedRecord,
} from '@rapport/event-feed';
import { MemoryEventStore, type EventToAppend, type LogPage } from '@rapport/event-store';
import { MemoryReadModelData, openMemoryReadModels } from '@rapport/read-model';
import { systemClock, systemScheduler } from '@rapport/runtime';
import { eventBuilder, waitUntil } from '@rapport/testing';
import { MemoryRelayCheckpoint } from './memory/memory-relay-checkpoint.adapter.js';
import type { RelayCheckpoint } from './relay-checkpoint.port.js';
import { RelayMetrics } from './relay-metrics.js';
import { Relay, type RelayOptions } from './relay.runner.js';

const DEADLINE_MS = 5_000;
const PARTITIONS = 4;

const until = (what: string, isTrue: () => boolean | Promise<boolean>): Promise<boolean> =>
  waitUntil(what, DEADLINE_MS, isTrue, 2);

describe('Relay', () => {
  let store: MemoryEventStore;
  let topic: MemoryTopic;
  let checkpoints: MemoryRelayCheckpoint;
  let leaseData: MemoryReadModelData;
  let builder: ReturnType<typeof eventBuilder>;
  let built: number;
  let relays: { relay: Relay; stop(): Promise<void> }[];

  beforeEach(() => {
    store = new MemoryEventStore(systemClock);
    topic = new MemoryTopic(murmur2Partitioning(PARTITIONS));
    checkpoints = new MemoryRelayCheckpoint();
    leaseData = new MemoryReadModelData();
    builder = eventBuilder();
    built = 0;
    relays = [];
  });
  afterEach(async () => {
    await Promise.all(relays.map((r) => r.stop()));
  });

  /** Events of customers in turn, into the log. */
  const append = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) builder.customer(`c-${built++ % 9}`).type('PurchaseRecorded');
    for (const event of builder.build().slice(-count))
      await store.append({
        streamId: event.streamId,
        expectedRevision: event.revision - 1n,
        events: [event as EventToAppend],
      });
  };
  const start = (options: Partial<RelayOptions> = {}) => {
    const relay = new Relay({
      store,
      publisher: topic,
      checkpoints,
      leases: openMemoryReadModels(leaseData),
      clock: systemClock,
      scheduler: systemScheduler,
      random: () => 0,
      holder: 'spec',
      batchEveryMs: 1,
      progressMs: 10,
      checkpointMs: 1,
      leaseMs: 300,
      ...options,
    });
    const abort = new AbortController();
    const running = relay.run(abort.signal);
    running.catch(() => undefined);
    const started = {
      relay,
      running,
      stop: async () => {
        abort.abort();
        await running.catch(() => undefined);
      },
    };
    relays.push(started);
    return started;
  };
  const records = (): FeedRecord[][] =>
    Array.from({ length: PARTITIONS }, (_, partition) => [...topic.recordsOf(partition)]);
  const eventsOf = (partition: readonly FeedRecord[]): RecordedEvent[] =>
    partition.flatMap((record) => (record.kind === 'event' ? [record.event] : []));
  const count = (): number => records().reduce((sum, partition) => sum + eventsOf(partition).length, 0);
  const relayed = (events: number): Promise<boolean> =>
    until(`${events} events in the topic`, () => count() >= events);
  /** Everything of the log, once, in order, in its partition, each partition a chain. */
  const assertComplete = async (): Promise<void> => {
    const log: RecordedEvent[] = [];
    for await (const page of store.readAll()) log.push(...page.events);
    for (const [partition, found] of records().entries()) {
      expect(eventsOf(found)).toEqual(
        log.filter((event) => topic.partitioning.partitionOf(event.streamId) === partition),
      );
      for (const [i, record] of found.entries())
        expect(record.previous).toBe(i === 0 ? 0n : positionOfRecord(found[i - 1]!));
      for (const record of found)
        if (record.kind === 'event') expect(record.ordinal).toBe(record.event.position);
    }
  };

  it('copies the log in order, each partition a chain with ordinals', async () => {
    await append(40);
    const { relay } = start({ batchEvents: 7 });
    await relayed(40);
    await append(20);
    await relayed(60);
    await assertComplete();
    await until('the head to be known', () => relay.status().head === 60n);
    expect(relay.status()).toMatchObject({
      role: 'leader',
      ready: true,
      read: 60,
      produced: 60,
      skipped: 0,
      position: 60n,
      lagEvents: 0,
      lagSeconds: 0,
    });
  });

  it('tells quiet partitions how far they are complete, and then says nothing', async () => {
    await append(3);
    const { relay } = start();
    await until('every partition to be complete', async () =>
      (await topic.ends()).every((end) => end.kind === 'record' && end.position === 3n),
    );
    await assertComplete();
    const { progressRecords } = relay.status();
    await append(1);
    await until('the next progress', () => relay.status().progressRecords > progressRecords);
    expect(relay.status().progressRecords).toBe(progressRecords + PARTITIONS - 1);
  });

  it('goes on after a restart without writing anything twice', async () => {
    await append(30);
    const first = start();
    await relayed(30);
    await first.stop();
    await append(30);
    const second = start();
    await relayed(60);
    await assertComplete();
    expect(second.relay.status()).toMatchObject({ read: 30, skipped: 0, produced: 30 });
  });

  it('writes nothing twice when its checkpoint was never stored', async () => {
    await append(30);
    const lost = {
      load: () => checkpoints.load(),
      save: async () => true,
    };
    const first = start({ checkpoints: lost });
    await relayed(30);
    await first.stop();
    await append(30);
    start();
    await relayed(60);
    await assertComplete();
  });

  it.each([0, 1, 2, 3, 5, 8, 13])(
    'loses and doubles nothing when a batch fails after %i of its records',
    async (written) => {
      await append(20);
      topic.failAfter = written;
      const { relay } = start({ batchEvents: 20 });
      await relayed(20);
      await assertComplete();
      expect(relay.status()).toMatchObject({ retries: 1, ready: true });
    },
  );

  it('survives a failure at every step', async () => {
    // Each operation of each port fails once, one after the other; the topic must be complete all the same.
    let operation = 0;
    for (let failing = 1; failing <= 25; failing++) {
      operation = 0;
      const fails = async <T>(work: () => Promise<T>, after = false): Promise<T> => {
        const isNow = ++operation === failing;
        if (isNow && !after)
          throw Object.assign(new Error(`operation ${operation}`), { code: 'UNAVAILABLE' });
        const result = await work();
        if (isNow) throw new Error(`after operation ${operation}`);
        return result;
      };
      const publisher: EventPublisher = {
        partitioning: topic.partitioning,
        ends: () => fails(() => topic.ends()),
        // Acknowledged or not, the answer was lost.
        publish: (r) => fails(() => topic.publish(r), failing % 2 === 0),
        close: () => topic.close(),
      };
      const faulty = {
        load: () => fails(() => checkpoints.load()),
        save: (checkpoint: RelayCheckpoint, token: bigint) =>
          fails(() => checkpoints.save(checkpoint, token)),
      };
      const before = count();
      await append(6);
      const run = start({ publisher, checkpoints: faulty, batchEvents: 2 });
      await relayed(before + 6);
      await until('the failure to have come', () => operation >= failing);
      await run.stop();
      await assertComplete();
    }
  });

  it('waits while the topic is down, says so, holds little, and catches up', async () => {
    await append(10);
    const { relay } = start({ batchEvents: 5 });
    await relayed(10);
    topic.setDown(true);
    await append(50);
    await until('the trouble to show', () => !relay.status().ready);
    expect(relay.status()).toMatchObject({ ready: false, reason: 'UNAVAILABLE: the topic is down' });
    topic.setDown(false);
    await relayed(60);
    await until('readiness', () => relay.status().ready);
    await assertComplete();
  });

  it('lets one relay work and another take over', async () => {
    await append(10);
    const first = start({ holder: 'first' });
    await relayed(10);
    const second = start({ holder: 'second' });
    await append(10);
    await relayed(20);
    expect([first, second].map(({ relay }) => relay.status().role)).toEqual(['leader', 'standby']);
    expect(second.relay.status().ready).toBe(true);
    await first.stop();
    await append(10);
    await relayed(30);
    await assertComplete();
    expect(second.relay.status()).toMatchObject({ role: 'leader', produced: 10 });
  });

  it('fences a relay that wakes after another has taken over', async () => {
    await append(10);
    let wake: () => void = () => undefined;
    let isAsleep = false;
    let wantsSleep = false;
    // Stopped from outside in the middle of a write, its lease running out meanwhile.
    const publisher: EventPublisher = {
      partitioning: topic.partitioning,
      ends: () => topic.ends(),
      publish: async (r) => {
        if (wantsSleep) {
          isAsleep = true;
          await new Promise<void>((resolve) => (wake = resolve));
        }
        await topic.publish(r);
      },
      close: () => topic.close(),
    };
    const zombieLeases = openMemoryReadModels(leaseData);
    const sleepingLeases = Object.assign(Object.create(zombieLeases) as typeof zombieLeases, {
      renewLease: (...args: Parameters<typeof zombieLeases.renewLease>) =>
        isAsleep ? new Promise<boolean>(() => undefined) : zombieLeases.renewLease(...args),
    });
    const zombie = start({ publisher, leases: sleepingLeases, holder: 'zombie' });
    await relayed(10);
    wantsSleep = true;
    await append(5);
    await until('the zombie to sleep', () => isAsleep);
    const successor = start({ holder: 'successor' });
    await relayed(15);
    await append(5);
    await relayed(20);
    expect(successor.relay.status().role).toBe('leader');
    const stored = await checkpoints.load();
    wantsSleep = false;
    wake();
    // What it had in flight comes twice; consumers drop that. Its checkpoint is refused, and it stands back.
    await until('the zombie to stand back', () => zombie.relay.status().role !== 'leader');
    expect((await checkpoints.load())!.position).toBeGreaterThanOrEqual(stored!.position);
    await append(5);
    const distinct = (): number => new Set(records().flatMap((found) => eventsOf(found).map((e) => e.position))).size; // prettier-ignore
    await until('all events in the topic', () => distinct() === 25);
    expect(count()).toBeGreaterThan(25);
    expect(successor.relay.status().role).toBe('leader');
  });

  it('fills a topic that was made anew, from the log', async () => {
    await append(30);
    const first = start();
    await relayed(30);
    await first.stop();
    topic.clear();
    await append(5);
    start();
    await relayed(35);
    await assertComplete();
  });

  it('fills only what one partition lost', async () => {
    await append(40);
    const first = start({ progressMs: 60_000 });
    await relayed(40);
    await first.stop();
    const before = records();
    topic.clear();
    const losing = before.findIndex((partition) => partition.length > 3);
    for (const [partition, kept] of before.entries())
      await topic.publish(partition === losing ? kept.slice(0, 2) : kept);
    const second = start({ progressMs: 60_000 });
    await relayed(40);
    await assertComplete();
    expect(second.relay.status().produced).toBe(before[losing]!.length - 2);
  });

  it('knows by its checkpoint what retention has removed', async () => {
    await append(30);
    const first = start({ progressMs: 60_000 });
    await relayed(30);
    await first.stop();
    for (const [partition, found] of records().entries()) topic.expire(partition, found.length);
    await append(4);
    const second = start({ progressMs: 60_000 });
    await relayed(4);
    expect(second.relay.status()).toMatchObject({ read: 4, produced: 4 });
    for (const [first_] of records()) if (first_) expect(first_.previous).toBeGreaterThan(0n);
  });

  it('replaces a subscription that fell silent while the log grows', async () => {
    let subscriptions = 0;
    const silent = {
      head: () => store.head(),
      checkpointAt: (position: bigint) => store.checkpointAt(position),
      readAll: (options: Parameters<MemoryEventStore['readAll']>[0]) => store.readAll(options),
      subscribeAll: (options: Parameters<MemoryEventStore['subscribeAll']>[0]): AsyncIterable<LogPage> =>
        ++subscriptions === 1
          ? { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined) }) }
          : store.subscribeAll(options),
    };
    await append(5);
    const { relay } = start({ store: silent, silenceMs: 30 });
    await relayed(5);
    await assertComplete();
    expect(relay.status().resubscriptions).toBe(1);
  });

  it('subscribes again when a subscription ends or fails', async () => {
    let subscriptions = 0;
    const ending = {
      head: () => store.head(),
      checkpointAt: (position: bigint) => store.checkpointAt(position),
      readAll: (options: Parameters<MemoryEventStore['readAll']>[0]) => store.readAll(options),
      subscribeAll: async function* (options: Parameters<MemoryEventStore['subscribeAll']>[0]) {
        subscriptions++;
        if (subscriptions === 1) return;
        if (subscriptions === 2) throw new Error('the connection was reset');
        yield* store.subscribeAll(options);
      },
    };
    await append(5);
    const { relay } = start({ store: ending });
    await relayed(5);
    await assertComplete();
    expect(relay.status()).toMatchObject({ retries: 2, ready: true });
  });

  it('stops for good where the log ends before what was copied', async () => {
    await append(10);
    const first = start();
    await relayed(10);
    await first.stop();
    store = new MemoryEventStore(systemClock);
    builder = eventBuilder();
    await append(3);
    const { running, relay } = start();
    await expect(running).rejects.toThrow('the log ends at 3, before 10');
    expect(relay.status()).toMatchObject({ role: 'stopped', ready: false });
  });

  it('refuses another partitioning than the topic was filled with', async () => {
    await append(10);
    const first = start();
    await relayed(10);
    await first.stop();
    topic = new MemoryTopic(murmur2Partitioning(PARTITIONS + 1));
    await expect(start().running).rejects.toMatchObject({ code: 'PARTITIONING_CHANGED' });
  });

  it('measures itself', async () => {
    await append(10);
    const { relay } = start();
    await relayed(10);
    await until('the head to be known', () => relay.status().head === 10n);
    const text = await new RelayMetrics(() => relay.status()).text();
    for (const line of [
      'rapport_relay_read_events 10',
      'rapport_relay_produced_events 10',
      'rapport_relay_position 10',
      'rapport_relay_head 10',
      'rapport_relay_lag_events 0',
      'rapport_relay_lag_seconds 0',
      'rapport_relay_leader 1',
      'rapport_relay_ready 1',
    ])
      expect(text).toContain(`\n${line}\n`);
  });

  it('says how many events and how many seconds it is behind', async () => {
    await append(10);
    const { relay } = start();
    await relayed(10);
    topic.setDown(true);
    await until('the trouble to show', async () => {
      await append(1);
      return !relay.status().ready;
    });
    topic.setDown(false);
    await until('readiness', () => relay.status().ready);
    await until('no lag', () => relay.status().lagEvents === 0 && relay.status().lagSeconds === 0);
  });
});
