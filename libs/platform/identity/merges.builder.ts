import { CustomerCommands } from '../customers/customer-commands.js';
import { CustomerReferences } from '../customers/customer-references.js';
import { requestHashWith } from '../customers/request-hash.js';
import { businessClockMs, customerDecider, identityDecider, loadDefaultRuleBook, type ClusterState, type CustomerRequest, type CustomerState, type IdentityCommand, type RuleBook } from '@rapport/domain'; // prettier-ignore
import { createCommandHandler, createEventCodec, createIdentifierHasher, MemoryEventStore, MemoryKeyStore, type CommandHandler } from '@rapport/event-store'; // prettier-ignore
import { customerStreamId, isoOf } from '@rapport/contracts';
import { SimulatedTime } from '@rapport/runtime';
import type { Principal } from '../access/principal.js';
import type { CustomerWrite, WriteOutcome } from '../customers/customer-write.js';
import { Merges } from './merges.js';

const principal: Principal = { subject: 'crm', roles: ['service'], scopes: ['*'] };
export const START_MS = Date.UTC(2026, 0, 5, 9);

/** Customers, their commands and their merges over a log in memory, for specs. */
export async function identityUnderTest() {
  const time = new SimulatedTime(START_MS);
  const store = new MemoryEventStore(time);
  const keys = new MemoryKeyStore();
  const hasher = await createIdentifierHasher(keys);
  const codec = createEventCodec({ keys });
  const ruleBook = loadDefaultRuleBook();
  const parts = {
    store,
    commandIndex: store,
    snapshots: store,
    keys,
    codec,
    hasher,
    clock: time,
    scheduler: time,
    ruleBookFor: () => ruleBook,
  };
  /** Calls of the handlers that are still let through; then the process is as good as dead. */
  let left = Number.POSITIVE_INFINITY;
  const whenAlive = async (): Promise<void> => {
    if (left-- <= 0) throw new Error('killed');
  };
  const watched = <C>(handler: CommandHandler<C>, beforeStep: () => Promise<void>): CommandHandler<C> => ({
    ...handler,
    handle: async (request) => {
      if (request.dryRun !== true) await beforeStep();
      return handler.handle(request);
    },
  });
  const handlersAnew = () => ({
    customers: createCommandHandler<CustomerState, CustomerRequest, RuleBook>({ ...parts, decider: customerDecider, businessClockMs } as never), // prettier-ignore
    identity: createCommandHandler<ClusterState, IdentityCommand, RuleBook>({ ...parts, decider: identityDecider, businessClockMs: (state: ClusterState) => state.businessClockMs } as never), // prettier-ignore
  });
  const references = new CustomerReferences(store, hasher);
  const requestHash = requestHashWith(new Uint8Array(32));
  const hasCarriedOut = async (streamId: string, key: string) => (await store.find(streamId, key)) !== undefined; // prettier-ignore
  const open = (beforeStep: () => Promise<void> = whenAlive) => {
    const { customers, identity } = handlersAnew();
    return {
      commands: new CustomerCommands({
        handler: customers,
        references,
        clock: time,
        requestHash,
        partitionOf: () => 0,
        isKnown: async (id) => (await store.readStream(customerStreamId(id))).length > 0,
        isErased: (id) => keys.isDestroyed(id),
        hasCarriedOut,
        readReferences: () => undefined,
      }),
      merges: new Merges({
        customers: watched(customers, beforeStep),
        identity: watched(identity, beforeStep),
        events: store,
        references,
        clock: time,
        requestHash,
        hasCarriedOut,
        partitionOf: () => 0,
      }),
    };
  };
  let opened = open();
  let writes = 0;
  const envelope = (key?: string) => ({ principal, correlationId: 'c-1', idempotencyKey: key ?? `w-${++writes}` }); // prettier-ignore

  return {
    time,
    store,
    keys,
    hasher,
    codec,
    envelope,
    get merges() {
      return opened.merges;
    },
    /** Merges as another process carries them out, over the same log. */
    inAnotherProcess: (beforeStep: () => Promise<void>): Merges => open(beforeStep).merges,
    /** The process dies and another one starts: nothing but the log is left. */
    restart: () => {
      left = Number.POSITIVE_INFINITY;
      opened = open();
    },
    /** After so many more commands of merges nothing goes through any more. */
    dieAfter: (steps: number) => {
      left = steps;
    },
    /** Carries out a command, at a day of 2026 where given. */
    send: (
      command: CustomerWrite['command'],
      reference: string | undefined,
      fields: Record<string, unknown> = {},
      extra: Partial<CustomerWrite> = {},
    ): Promise<WriteOutcome> => {
      const base = envelope();
      return opened.commands.carryOut({ ...base, command, fields, ...(reference === undefined ? {} : { reference }), channel: 'callCentre', ...extra }); // prettier-ignore
    },
    register: async (email: string): Promise<string> => {
      const outcome = await opened.commands.carryOut({ ...envelope(), command: 'RegisterCustomer', fields: { roles: ['customer'], displayName: email, identifiers: [{ type: 'email', value: email }] }, channel: 'web' }); // prettier-ignore
      return outcome.customerId;
    },
    /** Types and data of a stream. */
    streamOf: async (id: string, category = 'customer') =>
      (await store.readStream(`${category}-${id}`)).map(({ type, data }) => ({ type, data })),
    dayMs: (day: number) => START_MS + day * 86_400_000,
    iso: (day: number) => isoOf(START_MS + day * 86_400_000),
  };
}
