import fc from 'fast-check';
import { customerIdFor, customerStreamId, isoOf, MS_PER_DAY, RapportError } from '@rapport/contracts';
import { customerDecider, loadDefaultRuleBook } from '@rapport/domain';
import type { CustomerRequest } from '@rapport/domain';
import { createCommandHandler, createEventCodec, createIdentifierHasher, MemoryEventStore, MemoryKeyStore } from '@rapport/event-store'; // prettier-ignore
import { defineProcess, PROCESSES, processSwitchDecider } from '@rapport/processes';
import type { AnyProcess } from '@rapport/processes';
import { openMemoryReadModels } from '@rapport/read-model';
import { SimulatedTime } from '@rapport/runtime';
import type { Principal } from '../access/principal.js';
import { AggregateCommands } from '../aggregates/aggregate-commands.js';
import { AggregateReader } from '../aggregates/aggregate-reader.js';
import { requestHashWith } from '../customers/request-hash.js';
import type { CustomerCommands } from '../customers/customer-commands.js';
import { Processes } from './processes.js';

const START_MS = 1_767_225_600_000;
const ADA = customerIdFor('test', 'ada');
const BOB = customerIdFor('test', 'bob');
const principal: Principal = { subject: 'desk', roles: ['owner'], scopes: ['*'] };
const SWITCH = [{ decider: processSwitchDecider, idField: 'processId' }];
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const requestHash = requestHashWith(new Uint8Array(32));

/** A log with customers, and processes over it that can be broken and started anew. */
async function setUp(processes?: readonly AnyProcess[]) {
  const time = new SimulatedTime(START_MS);
  const log = new MemoryEventStore(time);
  const keys = new MemoryKeyStore();
  const common = {
    store: log,
    commandIndex: log,
    snapshots: log,
    keys,
    codec: createEventCodec({ keys }),
    hasher: await createIdentifierHasher(keys),
    clock: time,
    scheduler: time,
    ruleBookFor: () => loadDefaultRuleBook(),
  };
  const reader = new AggregateReader(SWITCH, log, time, 0);
  const aggregates = new AggregateCommands({
    ...common,
    aggregates: SWITCH,
    reader,
    requestHash,
    partitionOf: () => 0,
  });
  const handler = createCommandHandler({
    ...common,
    decider: customerDecider,
    businessClockMs: (state) => state.businessClockMs,
  });
  let keyNumber = 0;
  const carryOut = async (
    customerId: string,
    { type, ...fields }: CustomerRequest,
    key = `${keyNumber++}`,
    occurredAtMs = time.nowMs(),
  ) => {
    const outcome = await handler.handle({
      streamId: customerStreamId(customerId),
      customerId,
      commandKey: `k:${key}`,
      requestHash: requestHash({ type, fields }),
      command: { type, ...fields } as CustomerRequest,
      envelope: {
        occurredAtMs,
        channel: 'web',
        actor: { kind: 'system', id: 'x' },
        sourceSystem: 'x',
        correlationId: 'c',
        causationId: 'c',
      },
    });
    if (outcome.kind === 'accepted')
      return { ...outcome, kind: 'recorded', customerId, token: '0:1' } as const;
    if (outcome.kind === 'refused') return { ...outcome, customerId, eventIds: [] } as const;
    throw new Error(outcome.kind);
  };
  let sent = 0;
  /** How many commands go through before the process dies in the middle of a round. */
  let diesAfter = Infinity;
  let saves = 0;
  let savesDieAfter = Infinity;
  const customers: Pick<CustomerCommands, 'carryOut'> = {
    carryOut: async (write) => {
      const outcome = await carryOut(
        write.reference!,
        { type: write.command, ...write.fields } as CustomerRequest,
        write.idempotencyKey,
      );
      if (++sent > diesAfter) throw new Crash();
      return outcome as never;
    },
  };
  let store = openMemoryReadModels();
  const breakable = () =>
    new Proxy(store, {
      get: (target, name) => {
        if (name !== 'saveMany')
          return ((value: unknown) =>
            typeof value === 'function' ? (value.bind(target) as unknown) : value)(
            target[name as keyof typeof target],
          );
        return async (...args: Parameters<typeof target.saveMany>) => {
          if (++saves > savesDieAfter) throw new Crash();
          return target.saveMany(...args);
        };
      },
    });
  const start = (holder?: string) =>
    new Processes({
      ...(holder === undefined ? {} : { holder }),
      events: log,
      store: breakable(),
      customers,
      switchOf: (name) => reader.stateOf('process', name),
      clock: time,
      logger: silent,
      ...(processes ? { processes } : {}),
    });
  const turn = (command: 'StartProcess' | 'StopProcess', processId: string, fields: object = {}) =>
    aggregates.carryOut({
      category: 'process',
      command,
      fields: { processId, ...(command === 'StartProcess' ? { ownerId: 'desk-1' } : { reasonCode: 'enough' }), ...fields },
      idempotencyKey: `switch-${keyNumber++}`,
      principal,
      correlationId: 'c',
    }); // prettier-ignore
  const typesOf = async (customerId: string, type: string) =>
    (await log.readStream(customerStreamId(customerId))).filter((event) => event.type === type);
  return {
    time, log, carryOut, start, turn, typesOf,
    /** The next rounds die after so many commands or saves. */
    breakAfter: (commands: number, writes: number) => { sent = 0; saves = 0; diesAfter = commands; savesDieAfter = writes; },
    forgetReadModels: () => { store = openMemoryReadModels(); },
  }; // prettier-ignore
}

class Crash extends Error {}

const register = (implicit = false): CustomerRequest =>
  ({
    type: 'RegisterCustomer',
    roles: ['customer'],
    identifiers: [{ type: 'email', value: 'ada@example.com' }],
    ...(implicit ? { implicit } : {}),
  }) as CustomerRequest;
const question = (caseId: string): CustomerRequest => ({
  type: 'OpenCase',
  caseId,
  kind: 'question',
  severity: 3,
});
const complaint = (caseId: string): CustomerRequest => ({ type: 'RaiseComplaint', caseId, reasonCode: 'broken', severity: 1 }); // prettier-ignore
const manager: CustomerRequest = { type: 'AssignAccountManager', managerId: 'am-7', fromDate: '2026-01-01', basis: 'manual' }; // prettier-ignore

/** Under the name of another one, because only known names can be switched on. Its command would pass any number of times. */
const notes = defineProcess({
  name: 'welcome',
  purpose: 'Every case has one note.',
  rows: ['S18'],
  metric: { name: 'notes', meaning: 'notes', better: 'higher' },
  events: ['CaseOpened', 'ComplaintRaised'],
  react: ({ data }) => [
    { step: 'note', command: { type: 'AddCaseNote', caseId: data.caseId, authorId: 'p', text: 'seen' } },
  ],
});

describe('Processes', () => {
  it('do nothing until they are switched on, and nothing about what came before', async () => {
    const { carryOut, start, turn, typesOf } = await setUp();
    await carryOut(ADA, register());
    const processes = start();
    await processes.round();
    expect(await typesOf(ADA, 'ActivityPlanned')).toEqual([]);
    await turn('StartProcess', 'welcome');
    await processes.round();
    expect(await typesOf(ADA, 'ActivityPlanned')).toEqual([]);
    await carryOut(BOB, register());
    await processes.round();
    expect(await typesOf(BOB, 'ActivityPlanned')).toMatchObject([
      { data: { activityId: 'welcome', ownerId: 'desk-1', dueAt: isoOf(START_MS + 2 * MS_PER_DAY) } },
    ]);
    await turn('StopProcess', 'welcome');
    await processes.round();
    expect((await processes.one('welcome')).running).toBe(false);
  });

  it('make up for what was recorded while they were off, from the point the start names, once', async () => {
    const { time, log, carryOut, start, turn, typesOf } = await setUp();
    const processes = start();
    const [old, recent, before, behind] = ['old', 'recent', 'before', 'behind'].map((name) => customerIdFor('test', name)); // prettier-ignore
    await carryOut(old!, register());
    await turn('StartProcess', 'welcome');
    await processes.round();
    await turn('StopProcess', 'welcome');
    await time.advance(10 * MS_PER_DAY);
    await carryOut(recent!, register());
    await time.advance(10 * MS_PER_DAY);
    await turn('StartProcess', 'welcome', { recordedFrom: isoOf(START_MS + 5 * MS_PER_DAY) });
    await processes.round();
    expect(await typesOf(recent!, 'ActivityPlanned')).toHaveLength(1);
    expect(await typesOf(old!, 'ActivityPlanned')).toEqual([]);

    await turn('StopProcess', 'welcome');
    await carryOut(before!, register());
    const { position } = await log.head();
    await carryOut(behind!, register());
    await turn('StartProcess', 'welcome', { afterPosition: String(position) });
    await processes.round();
    expect(await typesOf(behind!, 'ActivityPlanned')).toHaveLength(1);
    expect(await typesOf(before!, 'ActivityPlanned')).toEqual([]);
    await turn('StopProcess', 'welcome');
    await turn('StartProcess', 'welcome', { recordedFrom: isoOf(START_MS) });
    await processes.round();
    expect(await typesOf(old!, 'ActivityPlanned')).toHaveLength(1);
    for (const customer of [recent!, behind!])
      expect(await typesOf(customer, 'ActivityPlanned')).toHaveLength(1);
  });

  it('pass over an imported past', async () => {
    const { carryOut, start, turn, typesOf } = await setUp();
    await turn('StartProcess', 'welcome', { maxAgeDays: 7 });
    await carryOut(ADA, register(), undefined, START_MS - 8 * MS_PER_DAY);
    await carryOut(BOB, register(), undefined, START_MS - 6 * MS_PER_DAY);
    const processes = start();
    await processes.round();
    expect(await typesOf(ADA, 'ActivityPlanned')).toEqual([]);
    expect(await typesOf(BOB, 'ActivityPlanned')).toHaveLength(1);
    expect(await processes.one('welcome')).toMatchObject({ acted: 1, passedOver: 1, lag: '1', failed: 0 });
  });

  it('welcome once who registers, and who becomes involved without having registered', async () => {
    const { carryOut, start, turn, typesOf } = await setUp();
    await turn('StartProcess', 'welcome');
    await carryOut(ADA, register());
    const visit: CustomerRequest = {
      type: 'RecordTouchPoint',
      direction: 'in',
      kind: 'pageView',
      registerFirst: { identifiers: [{ type: 'cookie', value: 'c-1' }] },
    };
    await carryOut(BOB, visit);
    const processes = start();
    await processes.round();
    expect(await typesOf(BOB, 'ActivityPlanned')).toEqual([]);
    for (const customer of [ADA, BOB]) {
      await carryOut(customer, { type: 'CompleteActivity', activityId: 'welcome', outcome: 'done' });
      await carryOut(customer, { type: 'RecordPurchase', orderId: 'o-1', total: { amountMinor: 100, currency: 'EUR' } }); // prettier-ignore
    }
    await processes.round();
    expect(await typesOf(BOB, 'ActivityPlanned')).toHaveLength(1);
    expect(await typesOf(ADA, 'ActivityPlanned')).toHaveLength(1);
  });

  it('wait to see whether an enquiry is answered by itself', async () => {
    const { time, carryOut, start, turn, typesOf } = await setUp();
    await turn('StartProcess', 'enquiry-follow-up');
    for (const customer of [ADA, BOB]) {
      await carryOut(customer, register());
      await carryOut(customer, question('c-1'));
    }
    const processes = start();
    await processes.round();
    expect(await processes.one('enquiry-follow-up')).toMatchObject({ waiting: 2, acted: 0 });
    await carryOut(BOB, { type: 'ReplyToCase', caseId: 'c-1', handlerId: 'h' });
    await time.advance(loadDefaultRuleBook().slaMs(3) / 2 + 1);
    await processes.round();
    expect(await typesOf(ADA, 'ActivityPlanned')).toMatchObject([{ data: { caseId: 'c-1' } }]);
    expect(await typesOf(BOB, 'ActivityPlanned')).toEqual([]);
    expect(await processes.one('enquiry-follow-up')).toMatchObject({ waiting: 0, acted: 1 });
  });

  it('alert the account manager of a severe complaint, and repair what deteriorates over it', async () => {
    const { time, carryOut, start, turn, typesOf } = await setUp();
    await turn('StartProcess', 'problem-management');
    for (const customer of [ADA, BOB]) await carryOut(customer, register());
    await carryOut(ADA, manager);
    for (const customer of [ADA, BOB]) await carryOut(customer, complaint('c-1'));
    const processes = start();
    await processes.round();
    expect(await typesOf(ADA, 'ActivityPlanned')).toMatchObject([
      { data: { ownerId: 'am-7', caseId: 'c-1' } },
    ]);
    expect(await typesOf(BOB, 'ActivityPlanned')).toEqual([]);
    await time.advance(3 * MS_PER_DAY);
    for (const customer of [ADA, BOB]) await carryOut(customer, { type: 'ReviewRelationship' });
    await processes.round();
    expect(await typesOf(ADA, 'RepairStarted')).toMatchObject([
      { data: { ownerId: 'am-7', caseIds: ['c-1'] } },
    ]);
    expect(await typesOf(BOB, 'RepairStarted')).toEqual([]);
  });

  it('alert the sponsor of a strategic account that deteriorates, who keeps the standing', async () => {
    const { carryOut, start, turn, typesOf } = await setUp();
    await turn('StartProcess', 'problem-management');
    for (const customer of [ADA, BOB]) await carryOut(customer, register());
    await carryOut(ADA, { type: 'SetNeedLevel', level: 5, reason: 'seen' });
    await carryOut(ADA, { type: 'DesignateStrategicAccount', standing: 'candidate', sponsorId: 'board-1', jointProblems: [], reason: 'shapes it' }); // prettier-ignore
    const processes = start();
    for (const customer of [ADA, BOB])
      await carryOut(customer, { type: 'RecordAdvocacy', kind: 'publicComplaint' } as CustomerRequest);
    await processes.round();
    await processes.round();
    expect(await typesOf(ADA, 'RelationshipStageMoved')).toMatchObject([{ data: { to: 'deterioration' } }]);
    expect(await typesOf(ADA, 'ActivityPlanned')).toMatchObject([{ data: { ownerId: 'board-1', kind: 'call' } }]); // prettier-ignore
    expect(await typesOf(BOB, 'ActivityPlanned')).toEqual([]);
    expect(await typesOf(ADA, 'StrategicAccountWithdrawn')).toEqual([]);
  });

  it('ask again on the date that a refusal names: a lost customer is asked back when the rules allow it', async () => {
    const { time, carryOut, start, turn, typesOf } = await setUp();
    await turn('StartProcess', 'win-back');
    for (const customer of [ADA, BOB]) {
      await carryOut(customer, register());
      await carryOut(customer, { type: 'RecordGoodbye', reasonCode: 'customerLeft' });
    }
    await carryOut(ADA, { type: 'GrantConsent', purpose: 'marketing', channelScope: 'email', legalBasis: 'consent', textVersion: '1' }); // prettier-ignore
    const processes = start();
    await processes.round();
    expect(await typesOf(ADA, 'WinBackStarted')).toEqual([]);
    expect(await processes.one('win-back')).toMatchObject({ waiting: 1, refused: 0 });
    await time.advance(31 * MS_PER_DAY);
    await processes.round();
    expect(await typesOf(ADA, 'WinBackStarted')).toMatchObject([{ data: { channel: 'email' } }]);
    expect(await typesOf(BOB, 'WinBackStarted')).toEqual([]);
  });

  it('leave a customer they cannot handle to an operator, and go on with the others', async () => {
    let broken = true;
    const process = defineProcess({
      name: 'welcome',
      purpose: 'Fails for one customer.',
      rows: ['S18'],
      metric: { name: 'm', meaning: 'm', better: 'higher' },
      events: ['CaseOpened'],
      react: (trigger) => {
        if (broken && trigger.streamId === customerStreamId(ADA)) throw new TypeError('secret@example.com');
        return [
          { step: 'note', command: { type: 'AddCaseNote', caseId: 'c-1', authorId: 'p', text: 'seen' } },
        ];
      },
    });
    const { time, carryOut, start, turn, typesOf } = await setUp([process]);
    await turn('StartProcess', 'welcome');
    for (const customer of [ADA, BOB]) {
      await carryOut(customer, register());
      await carryOut(customer, question('c-1'));
    }
    const processes = start();
    for (let round = 0; round < 5; round++) {
      await processes.round();
      await time.advance(3_600_000);
    }
    expect(await typesOf(BOB, 'CaseNoteAdded')).toHaveLength(1);
    const shown = await processes.one('welcome');
    expect(shown).toMatchObject({ failed: 1, waiting: 0, failures: [{ customerId: ADA, attempts: 3, reason: 'TypeError' }] }); // prettier-ignore
    expect(JSON.stringify(shown)).not.toContain('secret');
    broken = false;
    expect(await processes.retry('welcome')).toBe(1);
    await processes.round();
    expect(await typesOf(ADA, 'CaseNoteAdded')).toHaveLength(1);
    expect(await processes.one('welcome')).toMatchObject({ failed: 0, acted: 2 });
    await expect(processes.one('unknown')).rejects.toBeInstanceOf(RapportError);
  });

  it('go on from where they stand when another owner is named', async () => {
    const { carryOut, start, turn, typesOf } = await setUp();
    await turn('StartProcess', 'welcome');
    await carryOut(ADA, register());
    await turn('StartProcess', 'welcome', { ownerId: 'desk-2' });
    expect(await turn('StartProcess', 'welcome', { ownerId: 'desk-2' })).toMatchObject({
      kind: 'refused',
      refusal: { code: 'NOTHING_TO_DO' },
    });
    expect(await turn('StartProcess', 'nobody')).toMatchObject({ refusal: { code: 'UNKNOWN_PROCESS' } });
    await start().round();
    expect(await typesOf(ADA, 'ActivityPlanned')).toMatchObject([{ data: { ownerId: 'desk-2' } }]);
  });

  it('are worked by one process of the API, and by another when that one is gone', async () => {
    const { time, carryOut, start, turn, typesOf } = await setUp();
    await turn('StartProcess', 'welcome');
    const [first, second] = [start('api-1'), start('api-2')];
    await first.round();
    await carryOut(ADA, register());
    await second.round();
    expect(await typesOf(ADA, 'ActivityPlanned')).toEqual([]);
    expect(await second.one('welcome')).toMatchObject({ runBy: 'api-1', acted: 0 });
    await first.round();
    expect(await typesOf(ADA, 'ActivityPlanned')).toHaveLength(1);
    // The first one is stopped in the middle of something and falls silent.
    await time.advance(16_000);
    await carryOut(BOB, register());
    await second.round();
    expect(await typesOf(BOB, 'ActivityPlanned')).toHaveLength(1);
    expect(await second.one('welcome')).toMatchObject({ runBy: 'api-2', acted: 2 });
    // It wakes up: what it believes to be open is not its own any more, and nothing happens twice.
    await first.round();
    await second.stop();
    await first.round();
    expect(await first.one('welcome')).toMatchObject({ runBy: 'api-1', acted: 2 });
    expect(await typesOf(BOB, 'ActivityPlanned')).toHaveLength(1);
  });

  it('act once about each trigger, whatever dies when, and however often the log is read again', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            customer: fc.nat({ max: 3 }),
            days: fc.integer({ min: 0, max: 3 }),
            dies: fc.tuple(fc.nat({ max: 4 }), fc.nat({ max: 4 })),
            wipes: fc.boolean(),
            act: fc.constantFrom('question', 'complaint', 'goodbye', 'review', 'nothing'),
          }),
          { minLength: 1, maxLength: 12 },
        ),
        async (story) => {
          const { time, log, carryOut, start, turn, breakAfter, forgetReadModels } = await setUp([notes, ...PROCESSES.slice(1)]); // prettier-ignore
          const names = ['welcome', 'enquiry-follow-up', 'problem-management', 'win-back'];
          for (const name of names) await turn('StartProcess', name, { maxAgeDays: 3_650 });
          const ids = [0, 1, 2, 3].map((n) => customerIdFor('test', `c-${n}`));
          for (const id of ids) await carryOut(id, register());
          for (const id of ids.slice(0, 2)) await carryOut(id, manager);
          let cases = 0;
          for (const { customer, days, dies, wipes, act } of story) {
            const id = ids[customer]!;
            if (act === 'question') await carryOut(id, question(`c-${cases++}`));
            if (act === 'complaint') await carryOut(id, complaint(`c-${cases++}`));
            if (act === 'goodbye') await carryOut(id, { type: 'RecordGoodbye', reasonCode: 'customerLeft' });
            if (act === 'review') await carryOut(id, { type: 'ReviewRelationship' });
            // Dies somewhere, and is started anew; the read models may be gone as well.
            breakAfter(...dies);
            await start().round();
            if (wipes) forgetReadModels();
            breakAfter(Infinity, Infinity);
            await time.advance(days * MS_PER_DAY);
            await start().round();
          }
          await time.advance(60 * MS_PER_DAY);
          for (let round = 0; round < 3; round++) await start().round();
          const before = (await log.head()).position;
          forgetReadModels();
          await start().round();
          expect((await log.head()).position).toBe(before);

          for (const id of ids) {
            const events = await log.readStream(customerStreamId(id));
            const byProcess = events.filter(({ type }) => ['ActivityPlanned', 'RepairStarted', 'WinBackStarted'].includes(type)); // prettier-ignore
            const keys = byProcess.map(({ metadata }) => metadata.commandKey);
            expect(new Set(keys).size).toBe(keys.length);
            const planned = byProcess.map(({ data }) => (data as { activityId?: string }).activityId).filter(Boolean); // prettier-ignore
            expect(new Set(planned).size).toBe(planned.length);
            const cases = events.filter(({ type }) => type === 'CaseOpened' || type === 'ComplaintRaised').length; // prettier-ignore
            expect(events.filter(({ type }) => type === 'CaseNoteAdded')).toHaveLength(cases);
            const severe = events.filter(({ type }) => type === 'ComplaintRaised').length;
            const alerts = planned.filter((activityId) => activityId!.startsWith('problem-')).length;
            expect(alerts).toBe(ids.indexOf(id) < 2 ? severe : 0);
          }
        },
      ),
      { numRuns: 40 },
    );
  }, 60_000);
});
