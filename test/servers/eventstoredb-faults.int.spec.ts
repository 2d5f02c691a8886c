import { randomUUID } from 'node:crypto';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { binaryEvent, EventStoreDBClient, jsonEvent, NO_STREAM } from '@eventstore/db-client';
import {
  createCommandHandler,
  createEventCodec,
  createIdentifierHasher,
  indexedCommandsOf,
  logSize,
  MemoryCommandIndex,
  MemoryEventStore,
  MemoryKeyStore,
  openEventStoreDbEventStore,
  START,
  type AppendRequest,
  type Decider,
  type EventStore,
  type EventStoreDbEventStore,
  type EventStoreDbNotice,
  type EventStoreDbOptions,
  type EventToAppend,
  type IdentifierChanges,
} from '@rapport/event-store';
import { systemClock, systemScheduler } from '@rapport/runtime';
import { EventStoreDbStandIn } from './eventstoredb-stand-in/stand-in.server.js';

const DEADLINE_MS = 15_000;
/** Time for an append whose reply is lost. */
const HASTY_MS = 500;

const touch = (overrides: Partial<EventToAppend> = {}): EventToAppend => ({
  eventId: randomUUID(),
  type: 'TouchPointRecorded',
  schemaVersion: 1,
  data: { direction: 'in', kind: 'call' },
  metadata: {
    occurredAt: '2026-11-23T10:00:00.000Z',
    sourceSystem: 'spec',
    channel: 'web',
    actor: { kind: 'agent', id: 'agent-3' },
    correlationId: 'corr-1',
    causationId: 'corr-1',
    commandKey: 'k:1',
  },
  ...overrides,
});
const freshStream = (): string => `customer-${randomUUID()}`;
const request = (overrides: Partial<AppendRequest> = {}): AppendRequest => ({
  streamId: freshStream(),
  expectedRevision: -1n,
  events: [touch()],
  ...overrides,
});

async function until(what: string, isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const deadlineMs = Date.now() + DEADLINE_MS;
  while (!(await isTrue())) {
    if (Date.now() > deadlineMs) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('The event store on EventStoreDB, when things go wrong', () => {
  let server: EventStoreDbStandIn;
  let stores: EventStoreDbEventStore[];
  let notices: EventStoreDbNotice[];
  let store: EventStoreDbEventStore;
  let raw: EventStoreDBClient;
  const open = async (options: Partial<EventStoreDbOptions> = {}): Promise<EventStoreDbEventStore> => {
    const opened = await openEventStoreDbEventStore({
      connectionString: server.connectionString,
      clock: systemClock,
      // Long enough for a busy machine; specs that lose replies take a shorter one.
      appendDeadlineMs: 5_000,
      silenceMs: 100,
      onNotice: (notice) => notices.push(notice),
      ...options,
    });
    stores.push(opened);
    return opened;
  };
  beforeEach(async () => {
    server = new EventStoreDbStandIn();
    await server.start();
    stores = [];
    notices = [];
    store = await open();
    raw = EventStoreDBClient.connectionString(server.connectionString);
  });
  afterEach(async () => {
    await Promise.all([...stores.map((one) => one.close()), raw.dispose()]);
    await server.close();
  });
  const reasons = (): string[] => notices.flatMap((n) => (n.kind === 'resubscribed' ? [n.reason] : []));

  /** Follows the log from the start; what it delivered so far, and how to stop it. */
  const follow = (from: EventStore = store) => {
    const abort = new AbortController();
    const positions: bigint[] = [];
    const ended = (async () => {
      for await (const page of from.subscribeAll({ after: START, signal: abort.signal }))
        positions.push(...page.events.map((event) => event.position));
    })();
    return {
      positions,
      stop: () => {
        abort.abort();
        return ended;
      },
    };
  };
  const write = async (count: number): Promise<bigint[]> => {
    const positions: bigint[] = [];
    for (let i = 0; i < count; i++) {
      const result = await store.append(request());
      if (result.kind === 'appended') positions.push(result.position);
    }
    return positions;
  };

  describe('when an append is not answered', () => {
    it.each(['lose', 'cut'] as const)(
      'says so, and gives the first answer when asked again (%s)',
      async (fault) => {
        const append = request({ events: [touch(), touch()] });
        const hasty = await open({ appendDeadlineMs: HASTY_MS });
        await write(1);
        server.failNextAppend(fault);
        await expect(hasty.append(append)).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
        const stored = await store.readStream(append.streamId);
        expect(stored).toHaveLength(2);
        expect(await hasty.append(append)).toEqual({
          kind: 'appended',
          revision: 1n,
          position: stored[1]!.position,
          recordedAt: stored[1]!.metadata.recordedAt,
          idempotent: true,
        });
      },
    );

    it('does not know the outcome when the server stops meanwhile', async () => {
      const append = request();
      await write(1);
      server.delayReplies(60_000);
      const answer = store.append(append);
      answer.catch(() => undefined);
      await until('the append', () => server.callsOf('Append') === 2);
      await server.stop();
      await expect(answer).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
      server.delayReplies(0);
      await server.start();
      await until('the server', () =>
        store.head().then(
          () => true,
          () => false,
        ),
      );
      expect(await store.append(append)).toMatchObject({ revision: 0n, idempotent: true });
    });

    it('knows that nothing was recorded when no server is there, and works when it is back', async () => {
      await write(1);
      await server.stop();
      const append = request();
      // The connection that was broken may still be tried once.
      await store.append(request()).catch(() => undefined);
      await expect(store.append(append)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      await expect(store.readStream(append.streamId)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      await server.start();
      await until('the server', () =>
        store.head().then(
          () => true,
          () => false,
        ),
      );
      expect(await store.append(append)).toMatchObject({ kind: 'appended', idempotent: false });
    });

    it('makes its client anew after three deadlines in a row', async () => {
      // Any call that is answered shows that the client is alive: nothing else may be going on.
      const patient = await open({ silenceMs: 60_000, appendDeadlineMs: HASTY_MS });
      await write(1);
      const reading = follow(patient);
      await until('the first event', () => reading.positions.length === 1);
      server.delayReplies(60_000);
      for (let i = 0; i < 3; i++)
        await expect(patient.append(request())).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
      expect(notices).toContainEqual({ kind: 'clientRenewed' });
      server.delayReplies(0);
      await write(1);
      await until('all events', () => reading.positions.length === 5);
      expect(new Set(reading.positions).size).toBe(5);
      await reading.stop();
    });

    it('has a bounded number of appends under way and refuses what waited too long', async () => {
      const narrow = await open({ maxAppendsInFlight: 2, appendDeadlineMs: 3_000 });
      await write(1);
      server.delayReplies(60_000);
      const before = server.callsOf('Append');
      const results = await Promise.allSettled(Array.from({ length: 6 }, () => narrow.append(request())));
      const codes = results.map((r) => (r.status === 'rejected' ? (r.reason as { code: string }).code : ''));
      expect(codes.slice(0, 2)).toEqual(['OUTCOME_UNKNOWN', 'OUTCOME_UNKNOWN']);
      expect(codes.slice(2)).toEqual(Array.from({ length: 4 }, () => 'UNAVAILABLE'));
      expect(server.callsOf('Append') - before).toBe(2);
      server.delayReplies(0);
      const many = await Promise.all(Array.from({ length: 12 }, () => narrow.append(request())));
      expect(many.every((result) => result.kind === 'appended')).toBe(true);
    });

    it('never uses the call that all clients of a process share', async () => {
      await write(3);
      expect(server.callsOf('Append')).toBe(3);
      expect(server.callsOf('BatchAppend')).toBe(0);
    });
  });

  it('records every command once, whatever becomes of the answers', async () => {
    const keys = new MemoryKeyStore();
    const index = new MemoryCommandIndex();
    const decider: Decider<{ touches: number }, { readonly n: number }> = {
      category: 'customer',
      stateSchemaVersion: 1,
      initialState: () => ({ touches: 0 }),
      evolve: (state) => ({ touches: state.touches + 1 }),
      decide: (state) => ({
        kind: 'accepted',
        events: [
          { type: 'TouchPointRecorded', data: { direction: 'in', kind: 'call', durationS: state.touches } },
          { type: 'TouchPointRecorded', data: { direction: 'in', kind: 'call' } },
        ],
      }),
    };
    const parts = {
      commandIndex: index,
      snapshots: new MemoryEventStore(systemClock),
      keys,
      codec: createEventCodec({ keys }),
      hasher: await createIdentifierHasher(keys),
      clock: systemClock,
      scheduler: systemScheduler,
      decider,
      ruleBookFor: () => undefined,
      businessClockMs: () => 0,
      snapshotEvery: 5,
    };
    const hasty = { appendDeadlineMs: HASTY_MS };
    const [one, other] = [await open(hasty), await open(hasty)].map((each) =>
      createCommandHandler({ ...parts, store: each }),
    );
    const streamId = freshStream();
    const send = (handler: typeof one, n: number) =>
      handler!.handle({
        streamId,
        commandKey: `k:${n}`,
        requestHash: 'ab'.repeat(32),
        command: { n },
        envelope: {
          occurredAtMs: systemClock.nowMs(),
          channel: 'web',
          actor: { kind: 'agent', id: 'agent-3' },
          sourceSystem: 'spec',
          correlationId: 'corr-1',
          causationId: 'corr-1',
        },
      });
    for (let n = 0; n < 24; n++) {
      if (n % 4 === 1) server.failNextAppend('lose');
      if (n % 4 === 3) server.failNextAppend('cut');
      const first = await send(n % 2 === 0 ? one : other, n).catch(() => undefined);
      const again = await send(n % 3 === 0 ? one : other, n);
      if (first !== undefined)
        expect(again).toMatchObject({ revision: (first as { revision: bigint }).revision });
      if (n === 12)
        for await (const page of store.readAll())
          await index.applyCommands(indexedCommandsOf(page.events), page.through);
    }
    const events = await store.readStream(streamId);
    expect(events.filter((_, i) => i % 2 === 0).map((e) => e.metadata.commandKey)).toEqual(
      Array.from({ length: 24 }, (_, n) => `k:${n}`),
    );
    expect(events).toHaveLength(48);
    expect(new Set(events.map((e) => e.eventId)).size).toBe(48);
  });

  describe('while it follows the log', () => {
    it.each<[string, () => void | Promise<void>]>([
      [
        'the server stops and starts',
        async () => {
          await server.stop();
          await server.start();
        },
      ],
      ['the connection breaks', () => server.cutConnections()],
      ['the subscription ends without an error', () => server.endSubscriptions()],
      ['the subscription falls silent', () => server.muteSubscriptions()],
    ])('goes on without a gap or a repetition after %s', async (_, fault) => {
      const written = await write(5);
      const reading = follow();
      await until('the first events', () => reading.positions.length === 5);
      await fault();
      await until('the server', () =>
        store.head().then(
          () => true,
          () => false,
        ),
      );
      written.push(...(await write(5)));
      await until('the other events', () => reading.positions.length >= 10);
      expect(reading.positions).toEqual(written);
      expect(reasons().length).toBeGreaterThan(0);
      await reading.stop();
    });

    it('does not take a quiet log for a silent subscription', async () => {
      const [position] = await write(1);
      const patient = await open({ silenceMs: 20 });
      const reading = follow(patient);
      await until('the event', () => reading.positions.length === 1);
      const before = server.callsOf('Read');
      await until('some looks at the head', () => server.callsOf('Read') >= before + 5);
      expect(reasons()).toEqual([]);
      expect(reading.positions).toEqual([position]);
      await reading.stop();
    });

    it('gives the subscription of a slow consumer up and takes another when it comes back', async () => {
      const written = await write(40);
      const busy = await open({ slowConsumerMs: 30 });
      const seen: bigint[] = [];
      const abort = new AbortController();
      for await (const page of busy.subscribeAll({ after: START, pageSize: 10, signal: abort.signal })) {
        seen.push(...page.events.map((event) => event.position));
        if (seen.length === 10)
          await until('the subscription to be given up', () => server.openSubscriptions === 0);
        if (seen.length === 40) break;
      }
      expect(seen).toEqual(written);
      expect(reasons()).toContain('slow consumer');
      await until('the last subscription to end', () => server.openSubscriptions === 0);
    });

    it('refuses the eleventh subscription, and gives a place back that was left', async () => {
      const readings = Array.from({ length: 10 }, () => follow());
      await until('ten subscriptions', () => server.openSubscriptions === 10);
      await expect(store.subscribeAll({ signal: new AbortController().signal }).next()).rejects.toMatchObject(
        {
          code: 'UNAVAILABLE',
        },
      );
      await readings[0]!.stop();
      const [position] = await write(1);
      const again = follow();
      await until('the event', () => again.positions.length === 1);
      expect(again.positions).toEqual([position]);
      await Promise.all([...readings.slice(1), again].map((reading) => reading.stop()));
    });

    it('refuses a checkpoint that is not of this log', async () => {
      const [position] = await write(1);
      const signal = new AbortController().signal;
      for (const [after, code] of [
        [store.checkpointAt(position! + 1_000_000n), 'POSITION_BEYOND_HEAD'],
        [store.checkpointAt(position! - 3n), 'INVALID_VALUE'],
        ['12', 'INTERNAL'],
      ] as const) {
        await expect(store.subscribeAll({ after, signal }).next()).rejects.toMatchObject({ code });
        await expect(store.readAll({ after }).next()).rejects.toMatchObject({ code });
      }
    });
  });

  describe('when the log holds what it should not', () => {
    const metadata = { ...touch().metadata, recordedAt: '2026-11-23T10:00:00.000Z', schemaVersion: 1 };
    const redactedBytes = new Uint8Array(20).fill(0xff);

    it('skips what belongs to the server or to others', async () => {
      const [first] = await write(1);
      await raw.setStreamMetadata('customer-none', { maxCount: 3 });
      await raw.appendToStream('other-1', jsonEvent({ type: 'Foreign', data: {} }));
      const [second] = await write(1);
      expect(await logSize(store)).toEqual({ position: second, events: 2 });
      await raw.appendToStream('other-1', jsonEvent({ type: 'Foreign', data: {} }));
      expect((await (await open()).head()).position).toBe(second);
      const reading = follow();
      await until('both events', () => reading.positions.length === 2);
      expect(reading.positions).toEqual([first, second]);
      await reading.stop();
    });

    it('leaves out the tombstone of a stream of ours and goes on behind it', async () => {
      const tombstoned = request();
      await store.append(tombstoned);
      await raw.tombstoneStream(tombstoned.streamId);
      const [last] = await write(1);
      const reading = follow();
      await until('both events', () => reading.positions.length === 2);
      expect(reading.positions.at(-1)).toBe(last);
      const types: string[] = [];
      for await (const page of store.readAll()) types.push(...page.events.map((event) => event.type));
      expect(types).toEqual(['TouchPointRecorded', 'TouchPointRecorded']);
      expect(notices).toContainEqual({
        kind: 'systemEventSkipped',
        streamId: tombstoned.streamId,
        type: '$streamDeleted',
      });
      await reading.stop();
    });

    it('reads a redacted event as one that says no more than that', async () => {
      const streamId = freshStream();
      await raw.appendToStream(streamId, [
        jsonEvent({ type: 'TouchPointRecorded', data: touch().data as Record<string, unknown>, metadata }),
        binaryEvent({ type: 'PurchaseRecorded', data: redactedBytes, metadata: redactedBytes }),
        binaryEvent({
          type: 'CaseOpened',
          data: redactedBytes,
          metadata: Buffer.from(JSON.stringify(metadata)),
        }),
      ]);
      const events = await store.readStream(streamId);
      expect(events.map((e) => [e.type, e.revision])).toEqual([
        ['TouchPointRecorded', 0n],
        ['EventRedacted', 1n],
        ['EventRedacted', 2n],
      ]);
      expect(events[1]!.data).toEqual({ originalType: 'PurchaseRecorded' });
      expect(events[2]!.metadata).toMatchObject({ commandKey: 'k:1', occurredAt: metadata.occurredAt });
      expect(notices).toContainEqual({ kind: 'redacted', streamId, revision: 1n });
    });

    it('refuses to read an event of ours that is none', async () => {
      const streamId = freshStream();
      await raw.appendToStream(streamId, jsonEvent({ type: 'TouchPointRecorded', data: {} }));
      await expect(store.readStream(streamId)).rejects.toMatchObject({ code: 'CORRUPT_EVENT' });
      await expect(store.readAll().next()).rejects.toMatchObject({ code: 'CORRUPT_EVENT' });
      const signal = new AbortController().signal;
      await expect(store.subscribeAll({ signal }).next()).rejects.toMatchObject({ code: 'CORRUPT_EVENT' });
    });

    it('refuses a stream of which events are missing', async () => {
      const truncated = request({ events: [touch(), touch(), touch()] });
      await store.append(truncated);
      await raw.setStreamMetadata(truncated.streamId, { truncateBefore: 1 });
      const backward = { direction: 'backward' } as const;
      for (const options of [{}, { fromRevision: 0n }, backward])
        await expect(store.readStream(truncated.streamId, options)).rejects.toMatchObject({
          code: 'CORRUPT_EVENT',
        });
      expect(await store.readStream(truncated.streamId, { fromRevision: 1n })).toHaveLength(2);

      const deleted = request();
      await store.append(deleted);
      await raw.deleteStream(deleted.streamId);
      await expect(store.append(deleted)).rejects.toMatchObject({ code: 'CORRUPT_EVENT' });
      await raw.tombstoneStream(deleted.streamId);
      await expect(store.append(deleted)).rejects.toMatchObject({ code: 'CORRUPT_EVENT' });
      await expect(store.readStream(deleted.streamId)).rejects.toMatchObject({ code: 'CORRUPT_EVENT' });
    });
  });

  it('says that an append is too large, and goes on', async () => {
    const text = 'x'.repeat(1_048_576);
    const patient = await open({ appendDeadlineMs: 10_000 });
    await expect(store.append(request({ events: [touch({ data: { text } })] }))).rejects.toMatchObject({
      code: 'PAYLOAD_TOO_LARGE',
    });
    await expect(
      patient.append(request({ events: [touch({ data: { text: text.repeat(17) } })] })),
    ).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    expect(await write(1)).toHaveLength(1);
  });

  it('refuses to write a stream that no reader follows', async () => {
    await expect(store.append(request({ streamId: 'somethingElse-1' }))).rejects.toMatchObject({
      code: 'INTERNAL',
    });
  });

  it('carries what a command index is fed from', async () => {
    const refusal = { code: 'STAGE_FORBIDS_UP_SELL', sentence: 'Not now.', wayOut: [] };
    const requestHash = 'ab'.repeat(32);
    const append = request({
      events: [touch(), touch(), touch()],
      command: { commandKey: 'k:1', requestHash, refusal },
    });
    const result = await store.append(append);
    const events = await store.readStream(append.streamId);
    expect(indexedCommandsOf(events)).toEqual([
      {
        streamId: append.streamId,
        commandKey: 'k:1',
        requestHash,
        firstRevision: 0n,
        lastRevision: 2n,
        position: (result as { position: bigint }).position,
        refusal,
      },
    ]);
    // A page may end inside an append: the entry comes with the last event, whole.
    expect(indexedCommandsOf(events.slice(0, 2))).toEqual([]);
    expect(indexedCommandsOf(events.slice(2))).toHaveLength(1);
  });

  it('writes identifiers before it answers, and answers although they cannot be written', async () => {
    const applied: IdentifierChanges[] = [];
    let fails = false;
    const finding = await open({
      identifiers: {
        applyIdentifierChanges: async (changes) => {
          if (fails) throw new Error('not now');
          applied.push(...changes);
        },
      },
    });
    const identifiers = { add: [{ hash: 'ab', kind: 'identifier', customerId: 'c' } as const] };
    const first = await finding.append(request({ identifiers }));
    const { position } = first as Extract<typeof first, { kind: 'appended' }>;
    expect(applied).toEqual([{ ...identifiers, position }]);
    fails = true;
    const late = request({ identifiers });
    expect(await finding.append(late)).toMatchObject({ kind: 'appended' });
    expect(notices).toContainEqual({ kind: 'identifiersBehind', streamId: late.streamId });
  });

  it('never repeats a connection string that is not valid', async () => {
    const connectionString = 'esdb://user:secret-canary@host:notaport';
    await expect(openEventStoreDbEventStore({ connectionString, clock: systemClock })).rejects.toMatchObject({
      code: 'INTERNAL',
      message: expect.not.stringContaining('canary'),
    });
  });
});

describe('The stand-in', () => {
  it('stops as the server does: calls break off without a status, and the same client works when it is back', async () => {
    const server = new EventStoreDbStandIn();
    await server.start();
    const client = EventStoreDBClient.connectionString(server.connectionString);
    const said: unknown[] = [];
    const subscription = client.subscribeToAll({ fromPosition: 'end' });
    for (const name of ['end', 'close'] as const) subscription.on(name, () => said.push(name));
    subscription.on('error', (error) => said.push(error));
    let isConfirmed = false;
    subscription.on('confirmation', () => (isConfirmed = true));
    subscription.resume();
    await until('the confirmation', () => isConfirmed);
    await server.stop();
    await until('an error', () => said.length > 0);
    expect(said).toEqual([
      expect.objectContaining({
        type: 'unknown',
        code: 13,
        message: expect.stringContaining('Received RST_STREAM with code 0'),
      }),
    ]);
    await expect(client.appendToStream('a', jsonEvent({ type: 'T', data: {} }))).rejects.toMatchObject({
      code: 14,
    });
    await server.start();
    await until('the server', () =>
      client.appendToStream('a', jsonEvent({ type: 'T', data: {} })).then(
        () => true,
        () => false,
      ),
    );
    await client.dispose();
    await server.close();
  });

  it('has the log again from its file after a restart, and forgets the ids it saw as the server does', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rapport-stand-in-'));
    const file = join(folder, 'log');
    try {
      const event = jsonEvent({ id: randomUUID(), type: 'T', data: { n: 1 } });
      let before: unknown[] = [];
      for (const turn of ['first', 'second']) {
        const server = new EventStoreDbStandIn({ file });
        await server.start();
        const client = EventStoreDBClient.connectionString(server.connectionString);
        const log = async () => {
          const events: unknown[] = [];
          for await (const resolved of client.readAll()) events.push(resolved);
          return events;
        };
        if (turn === 'first') {
          await client.appendToStream('a', [event], { expectedRevision: NO_STREAM });
          await client.setStreamMetadata('a', { maxCount: 7 });
          await client.appendToStream('b', jsonEvent({ type: 'T', data: {} }));
          await client.tombstoneStream('b');
          before = await log();
          // What a kill in the middle of a write leaves.
          appendFileSync(file, Buffer.from([0, 0, 0, 1, 0, 10, 20]));
        } else {
          expect(await log()).toEqual(before);
          expect((await client.getStreamMetadata('a')).metadata).toEqual({ maxCount: 7 });
          await expect(client.appendToStream('b', event)).rejects.toMatchObject({ type: 'stream-deleted' });
          const again = await client.appendToStream('a', [event], { expectedRevision: NO_STREAM });
          expect(again.nextExpectedRevision).toBe(0n);
          expect((await client.appendToStream('a', [event])).nextExpectedRevision).toBe(1n);
        }
        await client.dispose();
        await server.close();
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
