import { eventIdFor, RapportError, type StreamEvent } from '@rapport/contracts';
import { SimulatedTime } from '@rapport/runtime';
import { createEventCodec } from './codec/event-codec.js';
import type { Decider } from './decider.js';
import { completeErasures } from './erasure.js';
import { touch } from './event-store.contract.js';
import type { AppendRequest, AppendResult } from './event-store.port.js';
import {
  createCommandHandler,
  type CommandHandler,
  type CommandHandlerParts,
  type CommandOutcome,
  type CommandRequest,
} from './handle-command.js';
import { createIdentifierHasher } from './identifiers/identifier-changes.js';
import { rebuildIdentifierIndex } from './identifiers/rebuild-identifier-index.js';
import { indexedCommandsOf } from './logged-commands.js';
import { MemoryCommandIndex } from './memory/memory-command-index.adapter.js';
import { MemoryEventStore } from './memory/memory-event-store.adapter.js';
import { MemoryKeyStore } from './memory/memory-key-store.adapter.js';

type Command =
  | {
      readonly type: 'touch';
      readonly count?: number;
      readonly subject?: string;
      readonly occurredAt?: string;
    }
  | { readonly type: 'register'; readonly name: string; readonly email: string }
  | { readonly type: 'rename'; readonly name: string }
  | { readonly type: 'offer' }
  | { readonly type: 'only-once' }
  | { readonly type: 'nothing' }
  | { readonly type: 'invalid' }
  | { readonly type: 'erase' };

interface State {
  touches: number;
  registered: boolean;
  clockMs: number;
  tokens: unknown[];
}

const REFUSAL = { code: 'STAGE_FORBIDS_UP_SELL', sentence: 'Not now.', wayOut: [] };
const NOW = Date.UTC(2026, 10, 23, 10);

const decider: Decider<State, Command> = {
  category: 'customer',
  stateSchemaVersion: 1,
  initialState: () => ({ touches: 0, registered: false, clockMs: 0, tokens: [] }),
  evolve: (state, event) => {
    const data = event.data as Record<string, unknown>;
    if (event.type === 'TouchPointRecorded') state.touches++;
    if (event.type === 'CustomerRegistered') state.registered = true;
    if (data.displayName !== undefined) state.tokens.push(data.displayName);
    state.clockMs = Math.max(state.clockMs, Date.parse(event.metadata.occurredAt));
    return state;
  },
  decide: (state, command, context) => {
    switch (command.type) {
      case 'touch':
        return {
          kind: 'accepted',
          events: Array.from({ length: command.count ?? 1 }, (_, i) => ({
            type: 'TouchPointRecorded',
            data: {
              direction: 'in',
              kind: 'call',
              durationS: state.touches + i,
              ...(command.subject ? { subject: command.subject } : {}),
            },
            ...(command.occurredAt ? { occurredAt: command.occurredAt } : {}),
          })),
        };
      case 'register':
        return {
          kind: 'accepted',
          events: [
            {
              type: 'CustomerRegistered',
              data: {
                roles: ['customer'],
                displayName: command.name,
                identifiers: [{ type: 'email', value: command.email }],
                acquisitionChannel: 'web',
              },
            },
          ],
        };
      case 'rename':
        return {
          kind: 'accepted',
          events: [
            {
              type: 'CustomerDetailsCorrected',
              data: {
                changes: [{ field: 'displayName', value: command.name, source: 'web', confidencePct: 100 }],
              },
            },
          ],
        };
      case 'offer':
        return {
          kind: 'refused',
          refusal: REFUSAL,
          events: [{ type: 'GoodbyeSaid', data: { reasonCode: 'customerLeft' } }],
        };
      case 'only-once':
        return state.touches > 0
          ? { kind: 'refused', refusal: REFUSAL }
          : {
              kind: 'accepted',
              events: [
                {
                  type: 'TouchPointRecorded',
                  data: { direction: 'in', kind: 'call' },
                  ruleBookVersion: String(context.ruleBook),
                },
              ],
            };
      case 'nothing':
        return { kind: 'accepted', events: [] };
      case 'invalid':
        return {
          kind: 'accepted',
          events: [{ type: 'TouchPointRecorded', data: { direction: 'sideways' } }],
        };
      case 'erase':
        return {
          kind: 'accepted',
          events: [{ type: 'CustomerErased', data: { basis: 'request', keptForLaw: [] } }],
        };
    }
  },
};

const CUSTOMER = '3f2b8a34-7c35-5c4e-9b52-2a43c9f0d111';
const STREAM = `customer-${CUSTOMER}`;

/** Brings an index fed from the log up to a position, or to the head. */
async function feed(store: MemoryEventStore, index: MemoryCommandIndex, through?: bigint): Promise<void> {
  const after = store.checkpointAt(await index.watermark());
  for await (const page of store.readAll({ after, throughPosition: through }))
    await index.applyCommands(indexedCommandsOf(page.events), page.through);
}

/** An index fed from the log that is never far behind: it looks at the log whenever it is asked. */
class PromptIndex extends MemoryCommandIndex {
  constructor(private readonly store: MemoryEventStore) {
    super();
  }
  override async find(streamId: string, commandKey: string) {
    await feed(this.store, this, undefined);
    return super.find(streamId, commandKey);
  }
}

const INDEXES = {
  'written with the append': (time: SimulatedTime) => {
    const store = new MemoryEventStore(time);
    return { store, commandIndex: store };
  },
  'fed from the log': (time: SimulatedTime) => {
    const store = new MemoryEventStore(time, { carriesCommands: true });
    return { store, commandIndex: new PromptIndex(store) };
  },
  'that never hears of anything': (time: SimulatedTime) => {
    const store = new MemoryEventStore(time, { carriesCommands: true });
    return { store, commandIndex: new MemoryCommandIndex() };
  },
} as const;
type Index = keyof typeof INDEXES;

async function setUpWith(
  index: Index,
  overrides: Partial<CommandHandlerParts<State, Command, unknown>> = {},
) {
  const time = new SimulatedTime(NOW);
  const { store, commandIndex } = INDEXES[index](time);
  const keys = new MemoryKeyStore();
  const codec = createEventCodec({ keys });
  const hasher = await createIdentifierHasher(keys);
  const parts: CommandHandlerParts<State, Command, unknown> = {
    store,
    commandIndex,
    snapshots: store,
    keys,
    codec,
    hasher,
    clock: time,
    scheduler: time,
    decider,
    ruleBookFor: () => 'default@1',
    businessClockMs: (state) => state.clockMs,
    ...overrides,
  };
  const another = (changes: Partial<typeof parts> = {}): CommandHandler<Command> =>
    createCommandHandler({ ...parts, ...changes });
  return { time, store, commandIndex, keys, codec, hasher, parts, handler: another(), another };
}

const request = (
  commandKey: string,
  command: Command,
  overrides: Partial<Omit<CommandRequest<Command>, 'envelope'>> & { occurredAtMs?: number } = {},
): CommandRequest<Command> => ({
  streamId: STREAM,
  customerId: CUSTOMER,
  commandKey,
  requestHash: JSON.stringify(command),
  command,
  envelope: {
    occurredAtMs: overrides.occurredAtMs ?? NOW,
    channel: 'web',
    actor: { kind: 'agent', id: 'agent-3' },
    sourceSystem: 'spec',
    sourceEventId: 'src-1',
    sourceSeq: 3,
    sentAt: '2026-11-23T09:59:00.000Z',
    correlationId: 'corr-1',
    causationId: 'cause-1',
  },
  ...overrides,
});

/** A store that does something else on chosen appends. */
const withAppend = (
  store: MemoryEventStore,
  append: (request: AppendRequest, call: number) => Promise<AppendResult>,
) => {
  let calls = 0;
  return {
    append: (appendRequest: AppendRequest) => append(appendRequest, ++calls),
    readStream: store.readStream.bind(store),
  };
};

const write = (store: MemoryEventStore, expectedRevision: bigint) =>
  store.append({
    streamId: STREAM,
    expectedRevision,
    events: [touch({ metadata: { commandKey: 'k:foreign' } })],
  });

describe.each(Object.keys(INDEXES) as Index[])('Command handler with an index %s', (index) => {
  const setUp = (overrides?: Partial<CommandHandlerParts<State, Command, unknown>>) =>
    setUpWith(index, overrides);

  it('records the events of a decision under deterministic ids with all their metadata', async () => {
    const { handler, store } = await setUp();
    const outcome = await handler.handle(request('k:1', { type: 'touch', count: 2 }));
    const ids = [0, 1].map((i) => eventIdFor(STREAM, 'k:1', 'TouchPointRecorded', i));
    expect(outcome).toEqual({
      kind: 'accepted',
      eventIds: ids,
      revision: 1n,
      position: 2n,
      recordedAt: '2026-11-23T10:00:00.000Z',
      replayed: false,
    });
    const events = await store.readStream(STREAM);
    expect(events.map((e) => e.eventId)).toEqual(ids);
    expect(events[0]!.metadata).toEqual({
      customerId: CUSTOMER,
      occurredAt: '2026-11-23T10:00:00.000Z',
      recordedAt: '2026-11-23T10:00:00.000Z',
      sentAt: '2026-11-23T09:59:00.000Z',
      sourceSystem: 'spec',
      sourceEventId: 'src-1',
      sourceSeq: 3,
      channel: 'web',
      actor: { kind: 'agent', id: 'agent-3' },
      correlationId: 'corr-1',
      causationId: 'cause-1',
      commandKey: 'k:1',
    });
  });

  it('decides on what was recorded before, in memory or loaded', async () => {
    const { handler, another, store } = await setUp();
    for (let i = 0; i < 3; i++) await handler.handle(request(`k:${i}`, { type: 'touch' }));
    await another().handle(request('k:3', { type: 'touch' }));
    const durations = (await store.readStream(STREAM)).map(
      (e) => (e.data as { durationS: number }).durationS,
    );
    expect(durations).toEqual([0, 1, 2, 3]);
  });

  it('carries the rule book version a decision names', async () => {
    const { handler, store } = await setUp();
    await handler.handle(request('k:1', { type: 'only-once' }));
    expect((await store.readStream(STREAM))[0]!.metadata.ruleBookVersion).toBe('default@1');
  });

  it('flags facts that lie behind the business clock as late, each by its own time', async () => {
    const { handler, store } = await setUp();
    await handler.handle(request('k:1', { type: 'touch' }));
    await handler.handle(request('k:2', { type: 'touch' }, { occurredAtMs: NOW - 1 }));
    await handler.handle(request('k:3', { type: 'touch' }, { occurredAtMs: NOW }));
    await handler.handle(request('k:4', { type: 'touch', occurredAt: '2026-01-01T00:00:00.000Z' }));
    expect((await store.readStream(STREAM)).map((e) => e.metadata.late)).toEqual([
      undefined,
      true,
      undefined,
      true,
    ]);
  });

  it('refuses business time more than five minutes ahead', async () => {
    const { handler } = await setUp();
    const at = (occurredAtMs: number) =>
      handler.handle(request(`k:${occurredAtMs}`, { type: 'touch' }, { occurredAtMs }));
    await expect(at(NOW + 300_001)).rejects.toMatchObject({ code: 'OCCURRED_IN_FUTURE' });
    await expect(at(Number.NaN)).rejects.toMatchObject({ code: 'OCCURRED_IN_FUTURE' });
    await expect(at(NOW + 300_000)).resolves.toMatchObject({ kind: 'accepted' });
  });

  describe('when a command is delivered again', () => {
    it('gives the first answer, in the same process and in another', async () => {
      const { handler, another, store } = await setUp();
      const first = (await handler.handle(request('k:1', { type: 'touch', count: 2 }))) as object;
      await handler.handle(request('k:2', { type: 'touch' }));
      for (const each of [handler, another()])
        expect(await each.handle(request('k:1', { type: 'touch', count: 2 }))).toEqual({
          ...first,
          replayed: true,
        });
      expect(await store.readStream(STREAM)).toHaveLength(3);
    });

    it('gives the first answer although it would be refused now', async () => {
      const { handler } = await setUp();
      await handler.handle(request('k:1', { type: 'only-once' }));
      expect(await handler.handle(request('k:1', { type: 'only-once' }))).toMatchObject({
        kind: 'accepted',
        replayed: true,
      });
      expect(await handler.handle(request('k:2', { type: 'only-once' }))).toEqual({
        kind: 'refused',
        refusal: REFUSAL,
        revision: 0n,
        position: 0n,
        replayed: false,
      });
    });

    it('gives the recorded refusal again', async () => {
      const { handler, another, store } = await setUp();
      const first = (await handler.handle(request('k:1', { type: 'offer' }))) as object;
      expect(first).toMatchObject({ kind: 'refused', refusal: REFUSAL, position: 1n, replayed: false });
      expect(await another().handle(request('k:1', { type: 'offer' }))).toEqual({ ...first, replayed: true });
      expect(await store.readStream(STREAM)).toHaveLength(1);
    });

    it('refuses the key with another request', async () => {
      const { handler } = await setUp();
      await handler.handle(request('k:1', { type: 'only-once' }));
      await expect(handler.handle(request('k:1', { type: 'touch' }))).rejects.toMatchObject({
        code: 'KEY_REUSED',
      });
      await expect(handler.handle(request('k:1', { type: 'nothing' }))).rejects.toMatchObject({
        code: 'KEY_REUSED',
      });
      await expect(handler.handle(request('k:1', { type: 'invalid' }))).rejects.toMatchObject({
        code: 'KEY_REUSED',
      });
    });

    it('records it once when many deliveries arrive at once', async () => {
      const { handler, store } = await setUp();
      const outcomes = await Promise.all(
        Array.from({ length: 10 }, () => handler.handle(request('k:1', { type: 'touch' }))),
      );
      expect(outcomes.filter((o) => (o as { replayed: boolean }).replayed)).toHaveLength(9);
      expect(await store.readStream(STREAM)).toHaveLength(1);
    });
  });

  describe('when others write to the stream', () => {
    it('reads what they wrote and decides again', async () => {
      const { handler, another, store } = await setUp();
      const other = another();
      await handler.handle(request('k:1', { type: 'only-once' }, { streamId: `${STREAM}` }));
      await other.handle(request('k:2', { type: 'touch' }));
      const outcome = await handler.handle(request('k:3', { type: 'touch' }));
      expect(outcome).toMatchObject({ revision: 2n });
      const durations = (await store.readStream(STREAM)).map(
        (e) => (e.data as { durationS?: number }).durationS,
      );
      expect(durations).toEqual([undefined, 1, 2]);
    });

    it('refuses what the new facts forbid', async () => {
      const { store, another } = await setUp();
      const handler = another({
        store: withAppend(store, async (appendRequest, call) => {
          if (call === 1) await write(store, -1n);
          return store.append(appendRequest);
        }),
      });
      expect(await handler.handle(request('k:1', { type: 'only-once' }))).toMatchObject({ kind: 'refused' });
    });

    it('gives up with a conflict after three decisions anew, and recovers afterwards', async () => {
      const { store, another } = await setUp();
      let calls = 0;
      const handler = another({
        store: withAppend(store, async (appendRequest, call) => {
          calls = call;
          if (call <= 4) await write(store, BigInt(call - 2));
          return store.append(appendRequest);
        }),
      });
      await expect(handler.handle(request('k:1', { type: 'touch' }))).rejects.toMatchObject({
        code: 'CONFLICT',
      });
      expect(calls).toBe(4);
      expect(await handler.handle(request('k:1', { type: 'touch' }))).toMatchObject({ revision: 4n });
    });

    it('recognises its own events behind a conflict that was none', async () => {
      const { store, another } = await setUp();
      const handler = another({
        store: withAppend(store, async (appendRequest) => {
          await store.append(appendRequest);
          return { kind: 'conflict', currentRevision: 0n };
        }),
      });
      expect(await handler.handle(request('k:1', { type: 'touch' }))).toMatchObject({
        kind: 'accepted',
        revision: 0n,
      });
      expect(await store.readStream(STREAM)).toHaveLength(1);
    });
  });

  it('appends nothing once the right to write has passed to another process', async () => {
    const { handler, store } = await setUp();
    let holds = false;
    const mayWrite = async (): Promise<boolean> => holds;
    await expect(handler.handle(request('k:1', { type: 'touch' }, { mayWrite }))).rejects.toMatchObject({
      code: 'STALE_PRECONDITION',
    });
    expect(await store.readStream(STREAM)).toEqual([]);
    holds = true;
    expect(await handler.handle(request('k:1', { type: 'touch' }, { mayWrite }))).toMatchObject({
      kind: 'accepted',
      replayed: false,
    });
  });

  it('carries a command out only at the revision it insists on, and replays it afterwards', async () => {
    const { handler } = await setUp();
    await handler.handle(request('k:1', { type: 'touch' }));
    await expect(
      handler.handle(request('k:2', { type: 'touch' }, { ifRevision: -1n })),
    ).rejects.toMatchObject({
      code: 'STALE_PRECONDITION',
    });
    await handler.handle(request('k:3', { type: 'touch' }, { ifRevision: 0n }));
    expect(await handler.handle(request('k:3', { type: 'touch' }, { ifRevision: 0n }))).toMatchObject({
      kind: 'accepted',
      revision: 1n,
      replayed: true,
    });
  });

  describe('when the outcome of an append is unknown', () => {
    const unknown = () => new RapportError('OUTCOME_UNKNOWN', 'no answer');

    it('asks again with the same revision and ids, and finds what was recorded', async () => {
      const { store, another, time } = await setUp();
      const requests: AppendRequest[] = [];
      const handler = another({
        store: withAppend(store, async (appendRequest, call) => {
          requests.push(appendRequest);
          const result = await store.append(appendRequest);
          if (call < 3) throw unknown();
          return result;
        }),
      });
      const outcome = handler.handle(request('k:1', { type: 'touch' }));
      await settleWith(time, outcome);
      expect(await outcome).toMatchObject({ kind: 'accepted', revision: 0n });
      expect(new Set(requests.map((r) => `${r.expectedRevision} ${r.events[0]!.eventId}`)).size).toBe(1);
      expect(await store.readStream(STREAM)).toHaveLength(1);
      expect(await another().handle(request('k:2', { type: 'touch' }))).toMatchObject({ revision: 1n });
    });

    it('says so after two seconds; the same key then gives the truth', async () => {
      const { store, another, time } = await setUp();
      const handler = another({
        store: withAppend(store, async (appendRequest) => {
          await store.append(appendRequest);
          throw unknown();
        }),
      });
      const outcome = handler.handle(request('k:1', { type: 'touch' }));
      await settleWith(time, outcome);
      await expect(outcome).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
      expect(time.nowMs() - NOW).toBeLessThanOrEqual(2_000);
      expect(await another().handle(request('k:1', { type: 'touch' }))).toMatchObject({
        kind: 'accepted',
        replayed: true,
      });
    });

    it('still says so when the store is gone on asking again', async () => {
      const { store, another, time } = await setUp();
      const handler = another({
        store: withAppend(store, async (appendRequest, call) => {
          if (call > 1) throw new RapportError('UNAVAILABLE', 'nobody there');
          await store.append(appendRequest);
          throw unknown();
        }),
      });
      const outcome = handler.handle(request('k:1', { type: 'touch' }));
      await settleWith(time, outcome);
      await expect(outcome).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
      expect(await another().handle(request('k:1', { type: 'touch' }))).toMatchObject({ replayed: true });
    });

    it('says at once that the store is not there when nothing was sent', async () => {
      const { another, store } = await setUp();
      const handler = another({
        store: withAppend(store, () => Promise.reject(new RapportError('UNAVAILABLE', 'nobody there'))),
      });
      await expect(handler.handle(request('k:1', { type: 'touch' }))).rejects.toMatchObject({
        code: 'UNAVAILABLE',
      });
    });

    it('does not decide on a state the failed append may have left behind', async () => {
      const { store, another } = await setUp();
      let fails = true;
      const handler = another({
        retryForMs: 0,
        store: withAppend(store, async (appendRequest) => {
          const result = await store.append(appendRequest);
          if (fails) throw unknown();
          return result;
        }),
      });
      await expect(handler.handle(request('k:1', { type: 'touch' }))).rejects.toMatchObject({
        code: 'OUTCOME_UNKNOWN',
      });
      fails = false;
      await handler.handle(request('k:2', { type: 'touch' }));
      expect(
        (await store.readStream(STREAM)).map((e) => (e.data as { durationS: number }).durationS),
      ).toEqual([0, 1]);
    });
  });

  describe('when nothing is to be recorded', () => {
    it('says what a dry run would record or refuse, and records nothing', async () => {
      const { handler, store } = await setUp();
      const dry = (command: Command): Promise<CommandOutcome> =>
        handler.handle(request('k:1', command, { dryRun: true }));
      expect(await dry({ type: 'touch', count: 2 })).toEqual({
        kind: 'wouldBeAccepted',
        eventTypes: ['TouchPointRecorded', 'TouchPointRecorded'],
        revision: -1n,
      });
      expect(await dry({ type: 'offer' })).toMatchObject({ kind: 'refused', refusal: REFUSAL });
      await expect(dry({ type: 'invalid' })).rejects.toMatchObject({ code: 'INVALID_VALUE' });
      expect((await store.head()).events).toBe(0n);
      expect(await handler.handle(request('k:1', { type: 'touch' }))).toMatchObject({ replayed: false });
    });

    it('accepts a decision without events', async () => {
      const { handler } = await setUp();
      expect(await handler.handle(request('k:1', { type: 'nothing' }))).toMatchObject({
        kind: 'accepted',
        eventIds: [],
        revision: -1n,
        position: 0n,
      });
    });

    it('records nothing of invalid data', async () => {
      const { handler, store } = await setUp();
      await expect(handler.handle(request('k:1', { type: 'invalid' }))).rejects.toMatchObject({
        code: 'INVALID_VALUE',
      });
      expect((await store.head()).events).toBe(0n);
    });
  });

  describe('with personal values', () => {
    const register: Command = { type: 'register', name: 'Ada Canary', email: 'ada@canary.example' };

    it('folds tokens, never plaintext, hot and cold', async () => {
      const seen: StreamEvent[] = [];
      const states: State[] = [];
      const watching: typeof decider = {
        ...decider,
        evolve: (state, event) => {
          seen.push(event);
          return decider.evolve(state, event);
        },
        decide: (state, command, context) => {
          states.push(structuredClone(state));
          return decider.decide(state, command, context);
        },
      };
      const { another, store } = await setUp({ decider: watching, snapshotEvery: 1 });
      const handler = another();
      await handler.handle(request('k:1', register));
      await handler.handle(request('k:2', { type: 'touch', subject: 'CanarySubject' }));
      await another().handle(request('k:3', { type: 'touch' }));
      const everything = JSON.stringify([seen, states, await store.load(STREAM, 1)], (_, v: unknown) =>
        typeof v === 'bigint' ? String(v) : v,
      );
      expect(everything).not.toMatch(/canary/i);
      expect(states.at(-1)!.tokens).toHaveLength(1);
    });

    it('finds the customer as soon as the command is answered, under the new name after a correction', async () => {
      const { handler, store, hasher } = await setUp();
      await handler.handle(request('k:1', register));
      const named = (text: string) => store.customersWithNameWords(hasher.nameQuery(text), { limit: 10 });
      expect(await store.customersWithIdentifier(hasher.identifier('email', 'ADA@canary.example')!)).toEqual([
        CUSTOMER,
      ]);
      expect(await named('can ada')).toEqual([CUSTOMER]);
      await handler.handle(request('k:2', { type: 'rename', name: 'Bob' }));
      expect(await named('ada')).toEqual([]);
      expect(await named('bob')).toEqual([CUSTOMER]);
    });

    it('forgets the person with the erasure: key, index rows, later personal values', async () => {
      const { handler, store, hasher, keys, codec } = await setUp();
      await handler.handle(request('k:1', register));
      await handler.handle(request('k:2', { type: 'erase' }));
      expect(await keys.isDestroyed(CUSTOMER)).toBe(true);
      expect(await store.customersWithIdentifier(hasher.identifier('email', 'ada@canary.example')!)).toEqual(
        [],
      );
      const [first] = await store.readStream(STREAM);
      expect(await codec.reveal(first!.data)).toMatchObject({ value: { displayName: null }, erased: true });
      await expect(handler.handle(request('k:3', { type: 'touch', subject: 'x' }))).rejects.toMatchObject({
        code: 'CUSTOMER_ERASED',
      });
      expect(await handler.handle(request('k:1', register))).toMatchObject({
        kind: 'accepted',
        replayed: true,
      });
    });

    it('ends an erasure that a crash interrupted, by the next start or the next delivery', async () => {
      for (const how of ['start', 'delivery']) {
        const { handler, another, store, keys } = await setUp();
        await handler.handle(request('k:1', register));
        const crashing = another({
          keys: Object.assign(Object.create(keys) as MemoryKeyStore, {
            destroy: () => Promise.reject(new Error('crash')),
          }),
        });
        await expect(crashing.handle(request('k:2', { type: 'erase' }))).rejects.toThrow('crash');
        expect(await keys.isDestroyed(CUSTOMER)).toBe(false);
        if (how === 'start') expect(await completeErasures(store, keys)).toBe(1);
        else
          expect(await another().handle(request('k:2', { type: 'erase' }))).toMatchObject({ replayed: true });
        expect(await keys.isDestroyed(CUSTOMER)).toBe(true);
        expect(await completeErasures(store, keys)).toBe(0);
      }
    });

    it('has an identifier index that can be rebuilt from the log', async () => {
      const { handler, store, hasher, codec } = await setUp();
      const erased = '3f2b8a34-7c35-5c4e-9b52-2a43c9f0d222';
      await handler.handle(request('k:1', register));
      await handler.handle(request('k:2', { type: 'rename', name: 'Bob' }));
      const other = { streamId: `customer-${erased}`, customerId: erased };
      await handler.handle(request('k:1', register, other));
      await handler.handle(request('k:2', { type: 'erase' }, other));
      const found = async () => [
        await store.customersWithIdentifier(hasher.identifier('email', 'ada@canary.example')!),
        await store.customersWithNameWords(hasher.nameQuery('bob'), { limit: 9 }),
        await store.customersWithNameWords(hasher.nameQuery('ada'), { limit: 9 }),
        await store.erasedCustomers(),
      ];
      const before = await found();
      expect(before).toEqual([[CUSTOMER], [CUSTOMER], [], [erased]]);
      await rebuildIdentifierIndex({ store, index: store, codec, hasher });
      expect(await found()).toEqual(before);
    });
  });

  describe('with snapshots', () => {
    it('saves one every so many events and loads it with the tail', async () => {
      const { another, store } = await setUp({ snapshotEvery: 10 });
      const handler = another();
      for (let i = 0; i < 25; i++) await handler.handle(request(`k:${i}`, { type: 'touch' }));
      expect(await store.load(STREAM, 1)).toMatchObject({ revision: 19n, state: { touches: 20 } });
      const evolved: bigint[] = [];
      const counting = another({
        decider: {
          ...decider,
          evolve: (state, event) => {
            evolved.push(event.revision);
            return decider.evolve(state, event);
          },
        },
      });
      await counting.handle(request('k:25', { type: 'touch' }));
      expect(evolved).toEqual([20n, 21n, 22n, 23n, 24n, 25n]);
      expect((await store.readStream(STREAM)).at(-1)!.data).toMatchObject({ durationS: 25 });
    });

    it('ignores those of another state schema and gives the same answers without any', async () => {
      const { another, store } = await setUp({ snapshotEvery: 5 });
      const handler = another();
      for (let i = 0; i < 12; i++) await handler.handle(request(`k:${i}`, { type: 'touch' }));
      await another({ decider: { ...decider, stateSchemaVersion: 2 } }).handle(
        request('k:12', { type: 'touch' }),
      );
      await store.dropAll();
      await another().handle(request('k:13', { type: 'touch' }));
      expect(
        (await store.readStream(STREAM)).map((e) => (e.data as { durationS: number }).durationS),
      ).toEqual(Array.from({ length: 14 }, (_, i) => i));
    });

    it('saves a long tail when it was loaded, so that the next load is short', async () => {
      const { handler, another, store } = await setUp();
      for (let i = 0; i < 40; i++) await handler.handle(request(`k:${i}`, { type: 'touch' }));
      expect(await store.load(STREAM, 1)).toBeUndefined();
      await another().handle(request('k:40', { type: 'nothing' }));
      expect(await store.load(STREAM, 1)).toMatchObject({ revision: 39n });
    });

    it('saves a state that leaves memory', async () => {
      const { another, store } = await setUp({ maxHotStates: 1 });
      const handler = another();
      for (let i = 0; i < 40; i++) await handler.handle(request(`k:${i}`, { type: 'touch' }));
      await handler.handle(
        request('k:1', { type: 'touch' }, { streamId: 'customer-2', customerId: undefined }),
      );
      expect(await store.load(STREAM, 1)).toMatchObject({ revision: 39n });
    });
  });

  describe('with many commands at once', () => {
    it('keeps the order within a stream and answers each item for itself', async () => {
      const { handler, store } = await setUp();
      const other = { streamId: 'customer-2', customerId: undefined };
      const outcomes = await handler.handleMany([
        request('k:1', { type: 'touch' }),
        request('k:1', { type: 'touch' }, other),
        request('k:2', { type: 'invalid' }),
        request('k:3', { type: 'touch' }),
        request('k:4', { type: 'only-once' }),
        request('k:2', { type: 'touch' }, other),
      ]);
      expect(outcomes.map((o) => (o.kind === 'done' ? o.outcome.kind : o.error.code))).toEqual([
        'accepted',
        'accepted',
        'INVALID_VALUE',
        'accepted',
        'refused',
        'accepted',
      ]);
      const keysOf = async (id: string) => (await store.readStream(id)).map((e) => e.metadata.commandKey);
      expect(await keysOf(STREAM)).toEqual(['k:1', 'k:3']);
      expect(await keysOf('customer-2')).toEqual(['k:1', 'k:2']);
    });

    it('has one append of a stream under way at a time', async () => {
      const { store, another } = await setUp();
      let running = 0;
      let most = 0;
      const handler = another({
        store: withAppend(store, async (appendRequest) => {
          most = Math.max(most, ++running);
          await new Promise((resolve) => setImmediate(resolve));
          running--;
          return store.append(appendRequest);
        }),
      });
      await Promise.all(
        Array.from({ length: 20 }, (_, i) => handler.handle(request(`k:${i}`, { type: 'touch' }))),
      );
      expect(most).toBe(1);
      expect(await store.readStream(STREAM)).toHaveLength(20);
    });

    it('turns callers away when too many wait for one stream', async () => {
      const { another } = await setUp({ maxWaitingPerStream: 5 });
      const handler = another();
      const results = await Promise.allSettled(
        Array.from({ length: 8 }, (_, i) => handler.handle(request(`k:${i}`, { type: 'touch' }))),
      );
      expect(
        results.filter((r) => r.status === 'rejected').map((r) => (r.reason as RapportError).code),
      ).toEqual(['RATE_LIMITED', 'RATE_LIMITED', 'RATE_LIMITED']);
      await expect(handler.handle(request('k:9', { type: 'touch' }))).resolves.toMatchObject({
        kind: 'accepted',
      });
    });
  });
});

describe('Command handler on a log that carries its commands', () => {
  /** An index that is fed only when the spec says so. */
  const setUp = async (overrides?: Partial<CommandHandlerParts<State, Command, unknown>>) => {
    const parts = await setUpWith('that never hears of anything', overrides);
    const commandIndex = parts.commandIndex as MemoryCommandIndex;
    return { ...parts, commandIndex, feed: (through?: bigint) => feed(parts.store, commandIndex, through) };
  };
  const keysOf = async (store: MemoryEventStore): Promise<string[]> =>
    (await store.readStream(STREAM)).map((event) => event.metadata.commandKey);

  it('finds a key before a snapshot that the index does not know yet', async () => {
    const { another, store, feed } = await setUp({ snapshotEvery: 10 });
    const handler = another();
    for (let i = 0; i < 150; i++) await handler.handle(request(`k:${i}`, { type: 'touch' }));
    expect(await store.load(STREAM, 1)).toMatchObject({ revision: 149n });
    await feed(20n);
    for (const i of [0, 19, 20, 21, 85, 149])
      expect(await another().handle(request(`k:${i}`, { type: 'touch' }))).toMatchObject({
        revision: BigInt(i),
        position: BigInt(i + 1),
        replayed: true,
      });
    expect(await keysOf(store)).toHaveLength(150);
  });

  it('reads no further back than the watermark', async () => {
    const { another, store, feed } = await setUp({ snapshotEvery: 10 });
    const handler = another();
    for (let i = 0; i < 40; i++) await handler.handle(request(`k:${i}`, { type: 'touch' }));
    const reads: unknown[] = [];
    const watched = {
      append: store.append.bind(store),
      readStream: (...parameters: Parameters<MemoryEventStore['readStream']>) => {
        reads.push(parameters[1]);
        return store.readStream(...parameters);
      },
    };
    await feed();
    await another({ store: watched }).handle(request('k:40', { type: 'touch' }));
    expect(reads).toEqual([{ fromRevision: 39n }]);
  });

  it('refuses a key with another request, from the stream as from the index', async () => {
    const { handler, another, feed } = await setUp();
    await handler.handle(request('k:1', { type: 'touch' }));
    const other = request('k:1', { type: 'touch', count: 2 });
    for (const each of [handler, another()])
      await expect(each.handle(other)).rejects.toMatchObject({ code: 'KEY_REUSED' });
    await feed();
    for (const each of [handler, another()])
      await expect(each.handle(other)).rejects.toMatchObject({ code: 'KEY_REUSED' });
  });

  it('refuses a key that another process used for another request at the same time', async () => {
    const { another, store } = await setUp();
    const other = another();
    const handler = another({
      store: withAppend(store, async (appendRequest, call) => {
        if (call === 1) await other.handle(request('k:1', { type: 'touch' }));
        return store.append(appendRequest);
      }),
    });
    await expect(handler.handle(request('k:1', { type: 'touch', count: 2 }))).rejects.toMatchObject({
      code: 'KEY_REUSED',
    });
    expect(await store.readStream(STREAM)).toHaveLength(1);
  });

  it('answers what another process recorded meanwhile, although its own state would refuse it', async () => {
    const { another, store } = await setUp();
    const [handler, other] = [another(), another()];
    await handler.handle(request('k:1', { type: 'touch' }));
    await other.handle(request('k:2', { type: 'touch' }));
    expect(await handler.handle(request('k:2', { type: 'touch' }, { ifRevision: 7n }))).toMatchObject({
      kind: 'accepted',
      revision: 1n,
      replayed: true,
    });
    await other.handle(request('k:3', { type: 'touch' }));
    await expect(handler.handle(request('k:3', { type: 'nothing' }))).rejects.toMatchObject({
      code: 'KEY_REUSED',
    });
    expect(await keysOf(store)).toEqual(['k:1', 'k:2', 'k:3']);
  });

  it('refuses on the state the log has, not on the one it remembers', async () => {
    const { another } = await setUp();
    const [handler, other] = [another(), another()];
    expect(await handler.handle(request('k:0', { type: 'nothing' }))).toMatchObject({ revision: -1n });
    await other.handle(request('k:1', { type: 'touch' }));
    expect(await handler.handle(request('k:2', { type: 'nothing' }))).toMatchObject({ revision: 0n });
    await other.handle(request('k:3', { type: 'touch' }));
    await expect(handler.handle(request('k:4', { type: 'touch' }, { ifRevision: 0n }))).rejects.toMatchObject(
      { extra: { members: { currentRevision: '1' } } },
    );
    await other.handle(request('k:5', { type: 'touch' }));
    expect(await handler.handle(request('k:6', { type: 'touch' }, { ifRevision: 2n }))).toMatchObject({
      revision: 3n,
    });
  });

  it('carries every command out once, wherever the index is fed in between', async () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      let state = seed;
      const random = (below: number): number => (state = (state * 48_271) % 2_147_483_647) % below;
      const { another, store, time, commandIndex, feed } = await setUp({ snapshotEvery: 7, maxHotStates: 2 });
      const sometimes: CommandHandlerParts<State, Command, unknown>['commandIndex'] = {
        find: async (...parameters) => {
          if (random(3) === 0) await feed();
          return commandIndex.find(...parameters);
        },
        watermark: async () => {
          const before = await commandIndex.watermark();
          // What is fed right behind the answer must not fall between the two places that are looked at.
          if (random(3) === 0) await feed();
          return before;
        },
      };
      const handlers = [1, 2, 3].map(() => another({ commandIndex: sometimes }));
      for (let i = 0; i < 200; i++) {
        await handlers[random(3)]!.handle(request(`k:${random(60)}`, { type: 'touch' }));
        await time.advance(random(700));
      }
      const keys = await keysOf(store);
      expect(new Set(keys).size).toBe(keys.length);
      expect(keys.length).toBeGreaterThan(50);
    }
  });

  it('keeps in memory only what the index does not know', async () => {
    const { another, store, commandIndex, time, feed } = await setUp();
    const asked: string[] = [];
    const handler = another({
      commandIndex: {
        watermark: () => commandIndex.watermark(),
        find: (streamId, commandKey) => {
          asked.push(commandKey);
          return commandIndex.find(streamId, commandKey);
        },
      },
    });
    for (let i = 0; i < 100; i++) await handler.handle(request(`k:${i}`, { type: 'touch' }));
    await feed();
    await time.advance(2_000);
    await handler.handle(request('k:100', { type: 'touch' }));
    asked.length = 0;
    expect(await handler.handle(request('k:1', { type: 'touch' }))).toMatchObject({ replayed: true });
    expect(await handler.handle(request('k:100', { type: 'touch' }))).toMatchObject({ replayed: true });
    expect(asked).toEqual(['k:1']);
    expect(await store.readStream(STREAM)).toHaveLength(101);
  });

  it('asks the index only about streams that it does not know whole', async () => {
    const { another, store, commandIndex, feed } = await setUp({ snapshotEvery: 10 });
    const asked: string[] = [];
    const watched = (): CommandHandler<Command> =>
      another({
        commandIndex: {
          watermark: () => commandIndex.watermark(),
          find: (streamId, commandKey) => {
            asked.push(commandKey);
            return commandIndex.find(streamId, commandKey);
          },
        },
      });
    const [first, second] = [watched(), watched()];
    for (let i = 0; i < 5; i++) await first.handle(request(`k:${i}`, { type: 'touch' }));
    await feed();
    // From the start of the stream, all of it indexed: what is new is known to be, what is not is asked for.
    await second.handle(request('k:5', { type: 'touch' }));
    expect(asked).toEqual([]);
    expect(await second.handle(request('k:2', { type: 'touch' }))).toMatchObject({ replayed: true });
    expect(asked).toEqual(['k:2']);
    // What the other one recorded meanwhile is found at the append.
    await expect(first.handle(request('k:5', { type: 'touch', count: 2 }))).rejects.toMatchObject({
      code: 'KEY_REUSED',
    });
    await second.handle(request('k:6', { type: 'touch' }));
    expect(await first.handle(request('k:6', { type: 'touch' }))).toMatchObject({ revision: 6n });
    expect(await keysOf(store)).toHaveLength(7);
    expect(asked).toEqual(['k:2']);
    for (let i = 7; i < 20; i++) await first.handle(request(`k:${i}`, { type: 'touch' }));
    // From a snapshot.
    await watched().handle(request('k:20', { type: 'touch' }));
    expect(asked).toEqual(['k:2', 'k:20']);
  });

  it('does not answer while the index cannot be asked', async () => {
    const { another, store } = await setUp({
      commandIndex: {
        watermark: () => Promise.reject(new RapportError('UNAVAILABLE', 'no answer')),
        find: () => Promise.reject(new RapportError('UNAVAILABLE', 'no answer')),
      },
    });
    await expect(another().handle(request('k:1', { type: 'touch' }))).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
    expect(await store.readStream(STREAM)).toEqual([]);
  });
});

it('never asks an index twice that is written with the append whether it is behind', async () => {
  let asked = 0;
  const { parts, store } = await setUpWith('written with the append');
  const handler = createCommandHandler({
    ...parts,
    commandIndex: {
      watermark: async () => {
        asked++;
        return undefined;
      },
      find: store.find.bind(store),
    },
  });
  for (let i = 0; i < 5; i++)
    await handler.handle(
      request('k:1', { type: 'touch' }, { streamId: `customer-${i}`, customerId: undefined }),
    );
  expect(asked).toBe(1);
});

/** Moves time until the promise has an answer. */
async function settleWith(time: SimulatedTime, promise: Promise<unknown>): Promise<void> {
  let settled = false;
  promise.then(
    () => (settled = true),
    () => (settled = true),
  );
  for (let i = 0; i < 200 && !settled; i++) {
    await new Promise((resolve) => setImmediate(resolve));
    if (!settled) await time.advance(25);
  }
}
