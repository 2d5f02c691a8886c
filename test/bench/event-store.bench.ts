/**
 * What the embedded log does on this disk, beside the bare write + fdatasync of the same disk in the same minute:
 * durable appends one at a time, from 64 callers, in bulk; scans; opening; and what handling one command costs.
 */
import {
  closeSync,
  fdatasyncSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { customerIdFor, customerStreamId, eventIdFor } from '@rapport/contracts';
import {
  createCommandHandler,
  createEventCodec,
  createIdentifierHasher,
  MemoryEventStore,
  MemoryKeyStore,
  openSqliteEventStore,
  openSqliteEventStoreReader,
  type AppendRequest,
  type CommandHandler,
  type Decider,
  type EventStore,
} from '@rapport/event-store';
import { systemClock, systemScheduler } from '@rapport/runtime';
import { observed, reaches, staysBelow, type Figure } from './figure.js';

const RECORD_BYTES = 512;
const CALLERS = 64;
const SCAN_EVENTS = 300_000;
const STREAMS = 20_000;
/** Customers of the handler's part: all of them fit into its memory. */
const HOT_CUSTOMERS = 5_000;
const PAGE = 2_000;
const BULK_APPENDS = 50_000;
const MIN_SCAN_RATE = 400_000;
const MAX_COMMAND_MICROSECONDS = 60;

/** Measures the event store's bars of issue 4 in a folder of its own below `parent` (the disk that counts). */
export async function eventStoreBench(parent = '.rapport-bench'): Promise<readonly Figure[]> {
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, 'event-store-'));
  try {
    return [...(await appends(folder)), ...(await commands(folder))];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function appends(folder: string): Promise<Figure[]> {
  const figures: Figure[] = [];
  const dataFolder = join(folder, 'data');
  let store = openSqliteEventStore({ folder: dataFolder, clock: systemClock });
  const work = workload();

  // Disk rates drift: the bare rate and ours alternate, and the medians are compared.
  const bare: number[] = [];
  const single: number[] = [];
  // A store at work: every stream exists and the write-ahead log has its blocks.
  await concurrent(store, work, 1_000, STREAMS);
  for (let round = 0; round < 5; round++) {
    bare.push(bareRate(folder, 700));
    single.push(await oneAtATime(store, work, 700));
  }
  const bareRateMedian = median(bare);
  const one = median(single);
  figures.push(observed('bare write + fdatasync, 512 B, preallocated', bareRateMedian, '1/s'));
  figures.push({
    ...reaches('one durable append at a time', one, 'events/s', 0.5 * bareRateMedian),
    reference: { name: 'bare write + fdatasync', value: bareRateMedian },
    ratio: one / bareRateMedian,
  });

  await concurrent(store, work, CALLERS, 2_000);
  const shared = median([
    await concurrent(store, work, CALLERS, 10_000),
    await concurrent(store, work, CALLERS, 10_000),
    await concurrent(store, work, CALLERS, 10_000),
  ]);
  figures.push({
    ...reaches(`durable appends, ${CALLERS} callers`, shared, 'events/s', 7 * one),
    reference: { name: 'one at a time', value: one },
    ratio: shared / one,
  });

  const bulk = await concurrent(store, work, 1_000, BULK_APPENDS);
  figures.push(observed('durable appends, 1,000 callers (shared commits)', bulk, 'events/s'));

  while (work.written() < SCAN_EVENTS) await concurrent(store, work, 1_000, 20_000);
  await store.close();

  const openedAt = performance.now();
  store = openSqliteEventStore({ folder: dataFolder, clock: systemClock });
  figures.push(
    staysBelow(`open a log of ${work.written()} events`, (performance.now() - openedAt) / 1_000, 's', 1),
  );

  const reader = openSqliteEventStoreReader(dataFolder);
  const scans: number[] = [];
  for (let i = 0; i < 4; i++) {
    const startedAt = performance.now();
    let events = 0;
    for await (const page of reader.readAll({ pageSize: PAGE })) events += page.events.length;
    scans.push(events / ((performance.now() - startedAt) / 1_000));
  }
  figures.push(
    reaches('scan the log: read, verify, parse', median(scans.slice(1)), 'events/s', MIN_SCAN_RATE),
  );
  const startedAt = performance.now();
  for (let i = 0; i < 2_000; i++) await reader.readStream(work.streamOf(i));
  figures.push(
    observed('read one stream of about 15 events', ((performance.now() - startedAt) / 2_000) * 1_000, 'µs'),
  );
  await reader.close();
  await store.close();
  return figures;
}

/** Cost of the handler itself: state folded from tokens, a decision, ids, validation, group commit on disk and in memory. */
async function commands(folder: string): Promise<Figure[]> {
  const keys = new MemoryKeyStore();
  const codec = createEventCodec({ keys });
  const hasher = await createIdentifierHasher(keys);
  const handlerOn = (
    store: ReturnType<typeof openSqliteEventStore> | MemoryEventStore,
  ): CommandHandler<TouchCommand> =>
    createCommandHandler({
      store,
      commandIndex: store,
      snapshots: store,
      keys,
      codec,
      hasher,
      clock: systemClock,
      scheduler: systemScheduler,
      decider: touchDecider,
      ruleBookFor: () => undefined,
      businessClockMs: (state) => state.clockMs,
    });
  const disk = openSqliteEventStore({ folder: join(folder, 'commands'), clock: systemClock });
  const onDisk = handlerOn(disk);
  await handleMany(onDisk, 'warm', 20_000);
  const cpuBefore = process.cpuUsage();
  const perSecond = await handleMany(onDisk, 'measured', 30_000);
  const cpu = process.cpuUsage(cpuBefore);
  await disk.close();
  const inMemory = handlerOn(new MemoryEventStore(systemClock));
  await handleMany(inMemory, 'warm', 20_000);
  const memoryPerSecond = await handleMany(inMemory, 'measured', 30_000);
  return [
    observed('commands handled, 64 callers, on disk', perSecond, 'commands/s'),
    observed('processor time per command, commit included', (cpu.user + cpu.system) / 30_000, 'µs'),
    staysBelow(
      'handling one command, without the disk',
      1_000_000 / memoryPerSecond,
      'µs',
      MAX_COMMAND_MICROSECONDS,
    ),
  ];
}

interface TouchCommand {
  readonly type: 'RecordTouchPoint';
  readonly durationS: number;
}
interface TouchState {
  touches: number;
  clockMs: number;
}
const touchDecider: Decider<TouchState, TouchCommand> = {
  category: 'customer',
  stateSchemaVersion: 1,
  initialState: () => ({ touches: 0, clockMs: 0 }),
  evolve: (state) => {
    state.touches++;
    return state;
  },
  decide: (_state, command) => ({
    kind: 'accepted',
    events: [
      {
        type: 'TouchPointRecorded',
        data: {
          direction: 'in',
          kind: 'call',
          durationS: command.durationS,
          outcome: 'solved',
          sentiment: 20,
        },
      },
    ],
  }),
};

async function handleMany(
  handler: CommandHandler<TouchCommand>,
  run: string,
  count: number,
): Promise<number> {
  let next = 0;
  const startedAt = performance.now();
  const caller = async (): Promise<void> => {
    while (next < count) {
      const n = next++;
      const customerId = customerIds[n % HOT_CUSTOMERS]!;
      await handler.handle({
        streamId: customerStreamId(customerId),
        customerId,
        commandKey: `k:${run}-${n}`,
        requestHash: 'a3'.repeat(32),
        command: { type: 'RecordTouchPoint', durationS: n % 600 },
        envelope: {
          occurredAtMs: systemClock.nowMs(),
          channel: 'web',
          actor: { kind: 'agent', id: 'agent-3' },
          sourceSystem: 'bench',
          correlationId: customerId,
          causationId: customerId,
        },
      });
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
  return count / ((performance.now() - startedAt) / 1_000);
}

const customerIds = Array.from({ length: STREAMS }, (_, i) => customerIdFor('bench', String(i)));

/** Appends of one touch point (about 370 B) to streams taken in a scattered, repeatable order. */
function workload() {
  const revisions = new Map<string, bigint>();
  let count = 0;
  const streamOf = (n: number): string => customerStreamId(customerIds[(n * 7_919) % STREAMS]!);
  return {
    streamOf,
    written: () => count,
    next(): AppendRequest {
      const n = count++;
      const streamId = streamOf(n);
      const expectedRevision = revisions.get(streamId) ?? -1n;
      revisions.set(streamId, expectedRevision + 1n);
      const commandKey = `s:bench:${n}`;
      const eventId = eventIdFor(streamId, commandKey, 'TouchPointRecorded', 0);
      return {
        streamId,
        expectedRevision,
        command: { commandKey, requestHash: 'a3'.repeat(32) },
        events: [
          {
            eventId,
            type: 'TouchPointRecorded',
            schemaVersion: 1,
            data: {
              direction: 'in',
              kind: 'call',
              durationS: n % 600,
              outcome: 'solved',
              sentiment: 20,
              productId: 'p-17',
              campaignId: 'c-2026-11',
            },
            metadata: {
              customerId: streamId.slice('customer-'.length),
              occurredAt: '2026-11-23T10:00:00.000Z',
              sourceSystem: 'bench',
              channel: 'web',
              actor: { kind: 'agent', id: 'agent-3' },
              correlationId: eventId,
              causationId: eventId,
              commandKey,
            },
          },
        ],
      };
    },
  };
}

async function oneAtATime(
  store: EventStore,
  work: ReturnType<typeof workload>,
  count: number,
): Promise<number> {
  const requests = Array.from({ length: count }, () => work.next());
  const startedAt = performance.now();
  for (const request of requests) await appended(store, request);
  return count / ((performance.now() - startedAt) / 1_000);
}

async function concurrent(
  store: EventStore,
  work: ReturnType<typeof workload>,
  callers: number,
  count: number,
): Promise<number> {
  const requests = Array.from({ length: count }, () => work.next());
  let next = 0;
  const startedAt = performance.now();
  const caller = async (): Promise<void> => {
    while (next < count) await appended(store, requests[next++]!);
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return count / ((performance.now() - startedAt) / 1_000);
}

async function appended(store: EventStore, request: AppendRequest): Promise<void> {
  const result = await store.append(request);
  if (result.kind !== 'appended') throw new Error(`append answered ${result.kind}`);
}

/** Writes of one record, each followed by fdatasync, into a file whose blocks exist: the most any log can do here. */
function bareRate(folder: string, count: number): number {
  const file = join(folder, 'bare');
  const descriptor = openSync(file, 'w+');
  writeSync(descriptor, Buffer.alloc(RECORD_BYTES * count, 1));
  fsyncSync(descriptor);
  const record = Buffer.alloc(RECORD_BYTES, 2);
  const startedAt = performance.now();
  for (let i = 0; i < count; i++) {
    writeSync(descriptor, record, 0, RECORD_BYTES, i * RECORD_BYTES);
    fdatasyncSync(descriptor);
  }
  const rate = count / ((performance.now() - startedAt) / 1_000);
  closeSync(descriptor);
  return rate;
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;
