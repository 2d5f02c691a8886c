import { ModelFitted, type NewEvent } from '@rapport/contracts';
import { createEventCodec, createIdentifierHasher, MemoryEventStore, MemoryKeyStore } from '@rapport/event-store'; // prettier-ignore
import { loadDefaultRuleBook } from '@rapport/domain';
import { SimulatedTime } from '@rapport/runtime';
import type { Principal } from '../access/principal.js';
import { requestHashWith } from '../customers/request-hash.js';
import type { Aggregate } from './aggregate.js';
import { AggregateCommands, type AggregateWrite } from './aggregate-commands.js';
import { AggregateReader } from './aggregate-reader.js';

interface Shelf {
  readonly things: number;
}
/** A shelf with room for three. */
const shelf: Aggregate<Shelf, { readonly type: string; readonly shelfId: string }> = {
  idField: 'shelfId',
  decider: {
    category: 'model',
    stateSchemaVersion: 1,
    initialState: () => ({ things: 0 }),
    evolve: ({ things }) => ({ things: things + 1 }),
    decide: ({ things }) =>
      things < 3
        ? { kind: 'accepted', events: [{ type: 'ModelFitted', data: ModelFitted.example } as NewEvent] }
        : { kind: 'refused', refusal: { code: 'NOTHING_TO_DO', sentence: 'The shelf is full.', wayOut: [] } },
  },
};
const principal: Principal = { subject: 'erp', roles: ['service'], scopes: ['*'] };
const put = (idempotencyKey: string, changes: Partial<AggregateWrite> = {}): AggregateWrite => ({
  category: 'model',
  command: 'PutThing',
  fields: { shelfId: 'left' },
  idempotencyKey,
  principal,
  correlationId: 'c-1',
  ...changes,
});

async function setUp(othersWriteEveryMs = 0) {
  const time = new SimulatedTime(1_700_000_000_000);
  const store = new MemoryEventStore(time);
  const keys = new MemoryKeyStore();
  const readerOf = () => new AggregateReader([shelf], store, time, othersWriteEveryMs);
  const commandsWith = async (reader: AggregateReader) =>
    new AggregateCommands({
      aggregates: [shelf],
      reader,
      store,
      commandIndex: store,
      snapshots: store,
      keys,
      codec: createEventCodec({ keys }),
      hasher: await createIdentifierHasher(keys),
      clock: time,
      scheduler: time,
      ruleBookFor: () => loadDefaultRuleBook(),
      requestHash: requestHashWith(new Uint8Array(32)),
      partitionOf: () => 7,
    });
  const reader = readerOf();
  return { time, store, reader, readerOf, commandsWith, commands: await commandsWith(reader) };
}

describe('Commands on aggregates besides the customer', () => {
  it('record on the stream of the instance, once for a key', async () => {
    const { commands, store } = await setUp();
    const first = await commands.carryOut(put('1'));
    expect(first).toMatchObject({ kind: 'recorded', id: 'left', revision: 0n, replayed: false });
    expect(await commands.carryOut(put('1'))).toEqual({ ...first, replayed: true });
    await expect(commands.carryOut(put('1', { fields: { shelfId: 'left', wide: true } }))).rejects.toMatchObject({ code: 'KEY_REUSED' }); // prettier-ignore
    const [event] = await store.readStream('model-left');
    expect(event).toMatchObject({ type: 'ModelFitted', metadata: { commandKey: 'k:1', actor: { kind: 'system', id: 'erp' } } }); // prettier-ignore
    expect(event!.metadata.customerId).toBeUndefined();
  });

  it('name an instance that the caller did not name, the same one for the same key', async () => {
    const { commands } = await setUp();
    const named = await commands.carryOut(put('1', { fields: {} }));
    expect(named.id).toMatch(/^[0-9a-f-]{36}$/);
    expect(await commands.carryOut(put('1', { fields: {} }))).toMatchObject({ id: named.id, replayed: true });
    expect((await commands.carryOut(put('2', { fields: {} }))).id).not.toBe(named.id);
  });

  it('are refused with their code and leave nothing behind; a dry run says so before', async () => {
    const { commands, store } = await setUp();
    for (const key of ['1', '2', '3']) await commands.carryOut(put(key));
    const refused = { kind: 'refused', refusal: { code: 'NOTHING_TO_DO' } };
    expect(await commands.carryOut(put('4', { dryRun: true }))).toMatchObject(refused);
    expect(await commands.carryOut(put('4'))).toMatchObject(refused);
    expect(await store.readStream('model-left')).toHaveLength(3);
  });

  it('show in the state read from the stream at once', async () => {
    const { commands, reader } = await setUp();
    expect(await reader.stateOf('model', 'left')).toBeUndefined();
    await commands.carryOut(put('1'));
    expect(await reader.stateOf('model', 'left')).toEqual({ things: 1 });
    await commands.carryOut(put('2'));
    expect(await reader.stateOf('model', 'left')).toEqual({ things: 2 });
  });

  it('of another process show after at most the time said', async () => {
    const { commandsWith, readerOf, reader, time } = await setUp(1_000);
    const elsewhere = await commandsWith(readerOf());
    await elsewhere.carryOut(put('1'));
    expect(await reader.stateOf('model', 'left')).toEqual({ things: 1 });
    await elsewhere.carryOut(put('2'));
    expect(await reader.stateOf('model', 'left')).toEqual({ things: 1 });
    await time.advance(1_000);
    expect(await reader.stateOf('model', 'left')).toEqual({ things: 2 });
  });
});
