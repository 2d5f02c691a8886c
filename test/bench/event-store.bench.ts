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
import { DatabaseSync } from 'node:sqlite';
import { customerIdFor, customerStreamId, eventIdFor } from '@rapport/contracts';
import {
  createCommandHandler,
  createEventCodec,
  createIdentifierHasher,
  MemoryEventStore,
  MemoryKeyStore,
  openSqliteEventStore,
  EVENTS_FILE,
  openSqliteEventStoreReader,
  type AppendRequest,
  type CommandHandler,
  type CommandRequest,
  type Decider,
  type EventStore,
  type EventToAppend,
  type SqliteEventStore,
} from '@rapport/event-store';
import { systemClock, systemScheduler } from '@rapport/runtime';
import { atLeast, atMost, observed, reaches, staysBelow, type Figure } from './figure.js';

const RECORD_BYTES = 512;
const CALLERS = 64;
const SCAN_EVENTS = 300_000;
const STREAMS = 20_000;
/** Customers of the handler's part: all of them fit into its memory. */
const HOT_CUSTOMERS = 5_000;
const PAGE = 2_000;
/** Rounds of lone appends and of the bare rate beside them: the disk of a shared machine changes from second to second. */
const ROUNDS = 15;
const BULK_APPENDS = 50_000;
const LONG_HISTORY = 100_000;
const SHORT_HISTORY = 10;
const COLD_ROUNDS = 31;
const MIN_SCAN_RATIO = 0.8;
const MAX_COMMAND_MICROSECONDS = 60;

/** Measures the event store's bars of issue 4 in a folder of its own below `parent` (the disk that counts). */
export async function eventStoreBench(parent = join('dist', 'bench-data')): Promise<readonly Figure[]> {
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
  for (let round = 0; round < ROUNDS; round++) {
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
  const ceilings: number[] = [];
  for (let i = 0; i < 4; i++) {
    const startedAt = performance.now();
    let events = 0;
    for await (const page of reader.readAll({ pageSize: PAGE })) events += page.events.length;
    scans.push(events / ((performance.now() - startedAt) / 1_000));
    ceilings.push(await scanCeiling(dataFolder));
  }
  // The first round warms the caches of both.
  const scan = median(scans.slice(1));
  figures.push(
    atLeast(
      'scan the log: read, verify, parse',
      scan,
      'events/s',
      { name: 'read rows + JSON.parse of whole events', value: median(ceilings.slice(1)) },
      MIN_SCAN_RATIO,
    ),
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

/** Rate at which the rows can be fetched and as much JSON as the events are can be parsed: nothing verified, nothing built. */
async function scanCeiling(dataFolder: string): Promise<number> {
  const reader = openSqliteEventStoreReader(dataFolder);
  const texts: string[] = [];
  for await (const page of reader.readAll({ pageSize: PAGE, throughPosition: BigInt(PAGE) }))
    for (const event of page.events)
      texts.push(
        JSON.stringify(event, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
      );
  await reader.close();
  const database = new DatabaseSync(join(dataFolder, EVENTS_FILE), { readOnly: true });
  const statement = database.prepare(
    'SELECT position, stream, revision, checksum, body FROM events WHERE position > ? ORDER BY position LIMIT ?',
  );
  statement.setReturnArrays(true);
  const startedAt = performance.now();
  let events = 0;
  for (;;) {
    const rows = statement.all(events, PAGE);
    if (rows.length === 0) break;
    events += rows.length;
    const parsed: unknown[] = [];
    for (let i = 0; i < rows.length; i++) parsed.push(JSON.parse(texts[i]!));
    await new Promise((resolve) => setImmediate(resolve));
  }
  const rate = events / ((performance.now() - startedAt) / 1_000);
  database.close();
  return rate;
}

/** Cost of the handler itself: state folded from tokens, a decision, ids, validation, group commit on disk and in memory. */
async function commands(folder: string): Promise<Figure[]> {
  const keys = new MemoryKeyStore();
  const codec = createEventCodec({ keys });
  const hasher = await createIdentifierHasher(keys);
  const handlerOn = (store: SqliteEventStore | MemoryEventStore): CommandHandler<TouchCommand> =>
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
  const cold = await coldCommands(disk, () => handlerOn(disk));
  await disk.close();
  const inMemory = handlerOn(new MemoryEventStore(systemClock));
  await handleMany(inMemory, 'warm', 20_000);
  const memoryCpuBefore = process.cpuUsage();
  await handleMany(inMemory, 'measured', 30_000);
  const memoryCpu = process.cpuUsage(memoryCpuBefore);
  return [
    observed('commands handled, 64 callers, on disk', perSecond, 'commands/s'),
    observed('processor time per command, commit included', (cpu.user + cpu.system) / 30_000, 'µs'),
    staysBelow(
      'processor time per command, without the disk',
      (memoryCpu.user + memoryCpu.system) / 30_000,
      'µs',
      MAX_COMMAND_MICROSECONDS,
    ),
    cold,
  ];
}

/** One command on a customer nobody has in memory: with 100,000 touch points and a snapshot, beside one with 10. */
async function coldCommands(
  store: SqliteEventStore,
  newHandler: () => CommandHandler<TouchCommand>,
): Promise<Figure> {
  const long = customerIdFor('bench', 'long');
  const short = customerIdFor('bench', 'short');
  const histories = [
    [long, LONG_HISTORY],
    [short, SHORT_HISTORY],
  ] as const;
  for (const [customerId, count] of histories)
    for (let done = 0; done < count; done += 1_000) {
      const events = Array.from({ length: Math.min(1_000, count - done) }, (_, i) =>
        touchEvent(customerId, `history-${done + i}`, done + i),
      );
      const streamId = customerStreamId(customerId);
      await appended(store, { streamId, expectedRevision: BigInt(done - 1), events });
    }
  // The first load leaves the snapshot that the measured ones find.
  for (const [customerId] of histories) await newHandler().handle(touchRequest(customerId, 'first', 1));
  await store.save({
    streamId: customerStreamId(long),
    revision: BigInt(LONG_HISTORY),
    stateSchemaVersion: touchDecider.stateSchemaVersion,
    state: { touches: LONG_HISTORY + 1, clockMs: 0 } satisfies TouchState,
  });
  const times = new Map<string, number[]>(histories.map(([customerId]) => [customerId, []]));
  for (let i = 0; i < COLD_ROUNDS; i++)
    for (const [customerId] of histories) {
      const handler = newHandler();
      const startedAt = performance.now();
      await handler.handle(touchRequest(customerId, `cold-${i}`, i));
      times.get(customerId)!.push(performance.now() - startedAt);
    }
  return atMost(
    'a command on a customer with 100,000 touch points, not in memory',
    median(times.get(long)!),
    'ms',
    { name: 'on one with 10', value: median(times.get(short)!) },
    2,
  );
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

const touchRequest = (customerId: string, key: string, n: number): CommandRequest<TouchCommand> => ({
  streamId: customerStreamId(customerId),
  customerId,
  commandKey: `k:${key}`,
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
      await handler.handle(touchRequest(customerId, `${run}-${n}`, n));
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
      const event = touchEvent(streamId.slice('customer-'.length), String(n), n);
      return {
        streamId,
        expectedRevision,
        command: { commandKey: event.metadata.commandKey, requestHash: 'a3'.repeat(32) },
        events: [event],
      };
    },
  };
}

function touchEvent(customerId: string, key: string, n: number): EventToAppend {
  const commandKey = `s:bench:${key}`;
  const eventId = eventIdFor(customerStreamId(customerId), commandKey, 'TouchPointRecorded', 0);
  return {
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
      customerId,
      occurredAt: '2026-11-23T10:00:00.000Z',
      sourceSystem: 'bench',
      channel: 'web',
      actor: { kind: 'agent', id: 'agent-3' },
      correlationId: eventId,
      causationId: eventId,
      commandKey,
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
