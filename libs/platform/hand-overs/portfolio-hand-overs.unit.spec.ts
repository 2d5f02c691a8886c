import { customerIdFor, customerStreamId, RapportError } from '@rapport/contracts';
import { businessClockMs, customerDecider, loadDefaultRuleBook, type CustomerRequest, type CustomerState } from '@rapport/domain'; // prettier-ignore
import { createCommandHandler, createEventCodec, createIdentifierHasher, MemoryEventStore, MemoryKeyStore } from '@rapport/event-store'; // prettier-ignore
import type { AnyProjection } from '@rapport/projection-engine';
import { accountPortfolio, portfolioHandOvers } from '@rapport/projections';
import { openMemoryReadModels } from '@rapport/read-model';
import { SimulatedTime } from '@rapport/runtime';
import type { Principal } from '../access/principal.js';
import { AggregateCommands } from '../aggregates/aggregate-commands.js';
import { AggregateReader } from '../aggregates/aggregate-reader.js';
import { AGGREGATES } from '../aggregates/aggregates.js';
import type { CustomerWrite, WriteOutcome } from '../customers/customer-write.js';
import { requestHashWith } from '../customers/request-hash.js';
import { continueHandOvers, type PortfolioHandOversParts } from './portfolio-hand-overs.scheduler.js';

const PRINCIPAL: Principal = { subject: 'spec', roles: ['steward'], scopes: ['*'] };
const CUSTOMERS = 5;
const idOf = (n: number): string => customerIdFor('spec', `customerNo:${n}`);

/** A log with real deciders, and read models that are behind it until they are asked to catch up. */
async function aCompany() {
  const time = new SimulatedTime(1_767_225_600_000);
  const store = new MemoryEventStore(time);
  const keys = new MemoryKeyStore();
  const shared = {
    store,
    commandIndex: store,
    snapshots: store,
    keys,
    codec: createEventCodec({ keys }),
    hasher: await createIdentifierHasher(keys),
    clock: time,
    scheduler: time,
    ruleBookFor: () => loadDefaultRuleBook(),
  };
  const requestHash = requestHashWith(new Uint8Array(32));
  const handler = createCommandHandler<CustomerState, CustomerRequest, ReturnType<typeof loadDefaultRuleBook>>({ ...shared, decider: customerDecider as never, maxHotStates: 100, businessClockMs }); // prettier-ignore
  const aggregates = new AggregateCommands({
    ...shared,
    aggregates: AGGREGATES,
    reader: new AggregateReader(AGGREGATES, store, time, 0),
    requestHash,
    partitionOf: () => 0,
  });
  const readModels = openMemoryReadModels();
  const projections: readonly AnyProjection[] = [accountPortfolio, portfolioHandOvers];
  for (const { name, version, indexes = {} } of projections) {
    await readModels.createGeneration({ projection: name, version, generation: 1, indexes: Object.keys(indexes) }); // prettier-ignore
    await readModels.activate(name, version, 1);
  }
  const catchUp = async (): Promise<void> => {
    for (const projection of projections) {
      const documents = new Map<string, { document: object; position: bigint }>();
      for await (const page of store.readAll({}))
        for (const event of page.events) {
          if (!(projection.events as readonly string[]).includes(event.type)) continue;
          for (const key of projection.keys(event as never)) {
            const before = documents.get(key)?.document ?? projection.initial(key);
            documents.set(key, { document: projection.evolve(before, event as never, key)!, position: event.position }); // prettier-ignore
          }
        }
      const { collection } = await readModels.activeCollection(projection.name);
      await readModels.saveMany(
        collection,
        [...documents].map(([key, { document, position }]) => ({
          key,
          position,
          document,
          indexes: Object.fromEntries(Object.entries(projection.indexes ?? {}).map(([name, valueOf]) => [name, valueOf(document)])), // prettier-ignore
        })),
      );
    }
  };
  const carryOut = async (write: CustomerWrite): Promise<WriteOutcome> => {
    const customerId = write.reference!;
    const outcome = await handler.handle({
      streamId: customerStreamId(customerId),
      customerId,
      commandKey: `k:${write.idempotencyKey!}`,
      requestHash: requestHash(write.fields),
      command: { type: write.command, ...write.fields } as unknown as CustomerRequest,
      envelope: { occurredAtMs: time.nowMs(), channel: 'external', actor: { kind: 'system', id: 'spec' }, sourceSystem: 'spec', correlationId: 'c', causationId: 'c' }, // prettier-ignore
    });
    if (outcome.kind === 'wouldBeAccepted' || outcome.kind === 'moved')
      throw new Error('neither a dry run nor a merged customer was asked for');
    return outcome.kind === 'refused'
      ? { kind: 'refused', customerId, refusal: outcome.refusal, eventIds: [], replayed: outcome.replayed }
      : { kind: 'recorded', customerId, eventIds: outcome.eventIds, revision: outcome.revision, token: '0:0', replayed: outcome.replayed }; // prettier-ignore
  };
  let keysGiven = 0;
  const tell = (n: number, command: CustomerWrite['command'], fields: Record<string, unknown>): Promise<WriteOutcome> =>
    carryOut({ command, fields, reference: idOf(n), idempotencyKey: `given ${keysGiven++}`, principal: PRINCIPAL, correlationId: 'c' }); // prettier-ignore
  const assign = (n: number, managerId: string) =>
    tell(n, 'AssignAccountManager', { managerId, fromDate: '2026-01-01', basis: 'manual' });
  for (let n = 0; n < CUSTOMERS; n += 1) {
    await tell(n, 'RegisterCustomer', { roles: ['customer'], identifiers: [{ type: 'customerNo', value: String(n) }] }); // prettier-ignore
    await assign(n, n === CUSTOMERS - 1 ? 'am-other' : 'am-1');
  }
  const handOver = () =>
    aggregates.carryOut({ category: 'accountManager', command: 'HandOverPortfolio', fields: { managerId: 'am-1', handOverId: 'ho-1', toManagerId: 'am-2', fromDate: '2026-02-01', reasonCode: 'retired' }, idempotencyKey: 'h', principal: PRINCIPAL, correlationId: 'c' }); // prettier-ignore
  const parts: PortfolioHandOversParts = {
    readModels,
    customers: { carryOut },
    aggregates,
    catchUp,
    clock: time,
    logger: { warn: () => undefined, info: () => undefined } as never,
    holder: 'spec',
  };
  const managersOf = async (n: number): Promise<string[]> =>
    (await store.readStream(customerStreamId(idOf(n))))
      .filter(({ type }) => type === 'AccountManagerAssigned')
      .map(({ data }) => (data as { managerId: string }).managerId);
  const endOf = async () =>
    (await store.readStream('accountManager-am-1')).filter(
      ({ type }) => type === 'PortfolioHandOverCompleted',
    );
  return { time, parts, catchUp, assign, tell, handOver, managersOf, endOf };
}

/** The same parts, whose process dies at the n-th thing it does: from then on nothing works, not even giving back a lease. */
function dyingAfter(steps: number, { customers, aggregates, ...parts }: PortfolioHandOversParts): PortfolioHandOversParts {
  let left = steps;
  const living = <A extends unknown[], R>(work: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      if (left <= 0) throw new RapportError('UNAVAILABLE', 'The process is dead.');
      left -= 1;
      return work(...args);
    };
  return {
    ...parts,
    readModels: new Proxy(parts.readModels, {
      get: (target, name) =>
        name === 'releaseLease'
          ? async (lease: never) => (left > 0 ? target.releaseLease(lease) : undefined)
          : (Reflect.get(target, name) as { bind(to: unknown): unknown }).bind(target),
    }),
    customers: { carryOut: living(customers.carryOut) },
    aggregates: { carryOut: living((write) => aggregates.carryOut(write)) },
  };
} // prettier-ignore

describe('A portfolio that is handed over', () => {
  it('gives every customer of the account manager to the successor, once, and nobody else', async () => {
    const company = await aCompany();
    await company.handOver();
    await company.catchUp();
    await continueHandOvers(company.parts);
    for (let n = 0; n < CUSTOMERS - 1; n += 1) expect(await company.managersOf(n)).toEqual(['am-1', 'am-2']);
    expect(await company.managersOf(CUSTOMERS - 1)).toEqual(['am-other']);
    expect(await company.endOf()).toMatchObject([{ data: { handOverId: 'ho-1', toManagerId: 'am-2', customersMoved: CUSTOMERS - 1, customersLeft: 0 } }]); // prettier-ignore
    await company.catchUp();
    await continueHandOvers(company.parts);
    expect(await company.endOf()).toHaveLength(1);
  });

  it.each(Array.from({ length: CUSTOMERS + 1 }, (_, steps) => [steps]))(
    'is completed by another process when the first dies after %i steps',
    async (steps) => {
      const company = await aCompany();
      await company.handOver();
      await company.catchUp();
      await continueHandOvers(dyingAfter(steps, company.parts));
      await company.time.advance(60_000);
      await company.catchUp();
      await continueHandOvers({ ...company.parts, holder: 'another' });
      for (let n = 0; n < CUSTOMERS - 1; n += 1)
        expect(await company.managersOf(n)).toEqual(['am-1', 'am-2']);
      expect(await company.endOf()).toMatchObject([{ data: { customersMoved: CUSTOMERS - 1, customersLeft: 0 } }]); // prettier-ignore
    },
  );

  it('leaves alone who was forgotten, and who got somebody else while it ran', async () => {
    const company = await aCompany();
    await company.tell(0, 'EraseCustomer', { basis: 'request', keptForLaw: [] });
    await company.handOver();
    await company.catchUp();
    await company.assign(1, 'am-3');
    await continueHandOvers({ ...company.parts, catchUp: () => Promise.resolve() });
    expect(await company.managersOf(0)).toEqual(['am-1']);
    expect(await company.managersOf(1)).toEqual(['am-1', 'am-3']);
    expect(await company.managersOf(2)).toEqual(['am-1', 'am-2']);
  });

  it('takes along who comes to the portfolio while it runs', async () => {
    const company = await aCompany();
    await company.handOver();
    await company.catchUp();
    let calls = 0;
    const customers = {
      carryOut: async (write: CustomerWrite) => {
        if (calls++ === 0) await company.assign(CUSTOMERS - 1, 'am-1');
        return company.parts.customers.carryOut(write);
      },
    };
    await continueHandOvers({ ...company.parts, customers });
    expect(await company.managersOf(CUSTOMERS - 1)).toEqual(['am-other', 'am-1', 'am-2']);
    expect(await company.endOf()).toMatchObject([{ data: { customersMoved: CUSTOMERS } }]);
  });

  it('is not completed while a customer could not be moved, and nobody else waits for them', async () => {
    const company = await aCompany();
    await company.handOver();
    await company.catchUp();
    const customers = {
      carryOut: (write: CustomerWrite) =>
        write.reference === idOf(2)
          ? Promise.reject(new RapportError('CONFLICT', 'busy'))
          : company.parts.customers.carryOut(write),
    };
    await continueHandOvers({ ...company.parts, customers });
    expect(await company.endOf()).toEqual([]);
    expect(await company.managersOf(3)).toEqual(['am-1', 'am-2']);
    await continueHandOvers(company.parts);
    expect(await company.managersOf(2)).toEqual(['am-1', 'am-2']);
    expect(await company.endOf()).toHaveLength(1);
  });

  it('waits for read models that are not there yet', async () => {
    const company = await aCompany();
    await company.handOver();
    const round = continueHandOvers({ ...company.parts, readModels: openMemoryReadModels() });
    await expect(round).rejects.toMatchObject({ code: 'UNKNOWN_PROJECTION' });
  });

  it('is not written by a process whose right has passed to another', async () => {
    const company = await aCompany();
    await company.handOver();
    await company.catchUp();
    const rightsLeft: boolean[] = [];
    const customers: typeof company.parts.customers = {
      carryOut: async (write) => {
        if (!(await write.mayWrite!())) throw new RapportError('STALE_PRECONDITION', 'passed');
        await company.time.advance(60_000);
        await company.parts.readModels.acquireLease(
          'hand-over am-1',
          'another',
          company.time.nowMs(),
          60_000,
        );
        rightsLeft.push(await write.mayWrite!());
        throw new RapportError('STALE_PRECONDITION', 'passed');
      },
    };
    await continueHandOvers({ ...company.parts, customers });
    expect(rightsLeft).toContain(false);
    expect(rightsLeft).not.toContain(true);
    expect(await company.endOf()).toEqual([]);
  });

  it('is worked on by one process at a time', async () => {
    const company = await aCompany();
    await company.handOver();
    await company.catchUp();
    await company.parts.readModels.acquireLease('hand-over am-1', 'another', company.time.nowMs(), 60_000);
    await continueHandOvers(company.parts);
    expect(await company.managersOf(0)).toEqual(['am-1']);
  });
});
