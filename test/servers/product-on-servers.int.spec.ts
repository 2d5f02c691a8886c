import { readProjectorConfig, readRelayConfig, createLogger, openWholeLogStores, projectionDependencies, readRuleBook, type WholeLogStores } from '@rapport/platform'; // prettier-ignore
import { customerStreamId } from '@rapport/contracts';
import { openEventStoreDbEventStore } from '@rapport/event-store';
import { verifyReadModels } from '@rapport/projection-engine';
import { projectionsWith } from '@rapport/projections';
import { systemClock } from '@rapport/runtime';
import { ApiUnderTest, type Answer } from '../../apps/api/specs/api-under-test.js';
import { startProjector, type RunningProjector } from '../../apps/projector/projector.application.js';
import { startRelay, type RunningRelay } from '../../apps/relay/relay.application.js';
import { launchServers, type Servers } from './launch-servers.js';
import { eventually } from '../support/server-folder.js';

const DATABASE = 'rapport_product';
const PARTITIONS = 4;

/** The product with its parts apart, in one process: what the embedded product's specs ask, asked across servers. */
describe('The product on servers', () => {
  let servers: Servers;
  let environment: Record<string, string>;
  let relay: RunningRelay;
  let projector: RunningProjector;
  let api: ApiUnderTest;

  beforeAll(async () => {
    // Servers of its own: the topic is a copy of one log from its beginning.
    servers = await launchServers({ own: true });
    environment = {
      ...servers.environment,
      MONGODB_DATABASE: DATABASE,
      RAPPORT_STORE: 'servers',
      RAPPORT_PARTITIONS: String(PARTITIONS),
      RAPPORT_TOPIC_REPLICAS: '1',
      RAPPORT_PORT: '0',
    };
    const logger = createLogger('silent');
    relay = await startRelay(readRelayConfig(environment), logger);
    projector = await startProjector(readProjectorConfig(environment), logger);
    api = await ApiUnderTest.start(environment);
  });
  afterAll(async () => {
    await api?.stop();
    await projector?.stop();
    await relay?.stop();
    await servers?.dispose();
  });

  const touch = (subject: string, headers: Record<string, string> = {}): Promise<Answer> =>
    api.record(
      '/v1/customers/email:ada@example.com/touch-points',
      { direction: 'in', kind: 'call', channel: 'callCentre', subject },
      headers,
    );
  const read = async (url: string): Promise<Answer> => {
    let answer!: Answer;
    // The first generation is filled while the first reads come.
    await eventually(`GET ${url}`, async () => {
      answer = await api.get(url);
      if (answer.status === 400 || answer.status === 422) throw new Error(JSON.stringify(answer.body));
      return answer.status === 200 ? answer : undefined;
    });
    return answer;
  };
  const stores = (): Promise<WholeLogStores> =>
    openWholeLogStores({
      kind: 'servers',
      eventStoreDbUrl: environment['EVENTSTOREDB_URL']!,
      mongoDbUrl: environment['MONGODB_URL']!,
      mongoDbDatabase: DATABASE,
      partitions: PARTITIONS,
    });
  const projections = projectionsWith(projectionDependencies(readRuleBook(undefined)));

  it('shows a write to who brings its token, of whatever partition', async () => {
    const partitions = new Set<string>();
    for (let n = 0; n < 12; n++) {
      const url = `/v1/customers/shop%2FcustomerNo:${n}`;
      const { body } = await api.record(`${url}/touch-points`, {
        direction: 'in',
        kind: 'call',
        channel: 'web',
      });
      partitions.add(body.token.split(':')[0]);
      const { body: page } = await read(`${url}?after=${body.token}`);
      expect(page.data.contact.touches.length).toBeGreaterThan(0);
    }
    expect(partitions.size).toBeGreaterThan(1);
    expect(await api.get(`/v1/customers/shop%2FcustomerNo:1?after=${PARTITIONS}:1`)).toMatchObject({
      body: { code: 'POSITION_BEYOND_HEAD' },
    });
  });

  it('finds a customer by identifier and name as soon as the write is answered', async () => {
    await api.record('/v1/customers', {
      displayName: 'Grace Hopper',
      roles: ['customer'],
      identifiers: [{ type: 'email', value: 'grace@example.com' }],
      channel: 'web',
    });
    for (const query of ['identifier=email:Grace%40example.com', 'name=grace%20hop']) {
      const { body } = await read(`/v1/customers?${query}`);
      expect(body.data.rows).toHaveLength(1);
    }
  });

  it('carries a command out once, after a restart of the API too, and refuses another body under its key', async () => {
    const first = await touch('asks about delivery', { 'idempotency-key': 'call-1' });
    const again = await touch('asks about delivery', { 'idempotency-key': 'call-1' });
    expect(again.body).toEqual({ ...first.body, replayed: true });
    await api.stop({ keepsRoot: true });
    api = await ApiUnderTest.start(environment, api.root);
    expect((await touch('asks about delivery', { 'idempotency-key': 'call-1' })).body).toEqual(again.body);
    const other = await api.post(
      '/v1/customers/email:ada@example.com/touch-points',
      { direction: 'in', kind: 'call', channel: 'callCentre', subject: 'something else' },
      { 'idempotency-key': 'call-1' },
    );
    expect(other).toMatchObject({ status: 422, body: { code: 'KEY_REUSED' } });
  });

  it('answers as of a past day and for everybody', async () => {
    const { body } = await api.record('/v1/customers/shop%2FcustomerNo:1/purchases', {
      orderId: 'o-1',
      channel: 'web',
      occurredAt: '2026-03-01T10:00:00Z',
      lines: [{ productId: 'p', qty: 1, unitPrice: { amountMinor: 100, currency: 'EUR' } }],
      total: { amountMinor: 100, currency: 'EUR' },
    });
    await read(`/v1/customers/shop%2FcustomerNo:1?after=${body.token}`);
    expect((await read('/v1/funnel')).body.data.stages.length).toBeGreaterThan(0);
    expect((await read('/v1/funnel?asOf=2026-03-02T00:00:00Z')).status).toBe(200);
  });

  it('rebuilds beside the running projector while writes go on, and rolls back', async () => {
    const before = await read('/v1/customers/email:ada@example.com');
    const started = await api.post('/v1/operations/projections/customer-360/rebuilds', {});
    expect(started.status).toBe(202);
    let writes = 0;
    await eventually('the rebuild ends', async () => {
      await touch(`while rebuilding ${writes++}`);
      const { body } = await api.get('/v1/operations/projections/customer-360/rebuilds/current');
      if (body.data.status === 'failed') throw new Error(JSON.stringify(body));
      return body.data.status === 'activated' ? true : undefined;
    });
    const last = await touch('after the swap');
    const after = await read(`/v1/customers/email:ada@example.com?after=${last.body.token}`);
    expect(after.body.meta.generation).toBe(before.body.meta.generation + 1);
    await expectClean();
    const rolledBack = await api.post('/v1/operations/projections/customer-360/rollbacks', {});
    expect(rolledBack.status).toBeLessThan(300);
    const token = (await touch('after the rollback')).body.token;
    const old = await read(`/v1/customers/email:ada@example.com?after=${token}`);
    expect(old.body.meta.generation).toBe(before.body.meta.generation);
    await expectClean();
  });

  it('parks an event that cannot be folded, alone, and tries it again when asked', async () => {
    const { body } = await api.record('/v1/customers/shop%2FcustomerNo:2/touch-points', {
      direction: 'in',
      kind: 'call',
      channel: 'web',
    });
    const streamId = customerStreamId(body.customerId);
    const log = await openEventStoreDbEventStore({
      connectionString: environment['EVENTSTOREDB_URL']!,
      clock: systemClock,
    });
    await log.append({
      streamId,
      expectedRevision: BigInt(body.revision),
      events: [
        {
          eventId: '00000000-0000-4000-8000-00000000dead',
          type: 'PurchaseRecorded',
          schemaVersion: 1,
          data: { orderId: 'broken' },
          metadata: {
            customerId: body.customerId,
            occurredAt: '2026-03-01T10:00:00.000Z',
            sourceSystem: 'spec',
            channel: 'web',
            actor: { kind: 'system', id: 'spec' },
            correlationId: 'spec',
            causationId: 'spec',
            commandKey: 'k:broken',
          },
        },
      ],
    });
    await log.close();
    const parked = async (): Promise<{ projection: string; attempts: number }[]> =>
      (await api.get('/v1/operations/parked')).body.data;
    await eventually('the event is parked', async () =>
      (await parked()).some(({ projection }) => projection === 'customer-360') ? true : undefined,
    );
    const retried = await api.post('/v1/operations/parked/retries', { projection: 'customer-360' });
    expect(retried.body.data).toMatchObject([
      { drained: 0, stuckAt: { eventType: 'PurchaseRecorded', attempts: 2 } },
    ]);
    const other = await touch('others flow');
    await read(`/v1/customers/email:ada@example.com?after=${other.body.token}`);
  });

  it('forgets a person everywhere', async () => {
    const { body } = await api.record('/v1/customers/email:grace%40example.com/erasure', {
      basis: 'request',
      keptForLaw: [],
    });
    await eventually('the page says that the person was erased', async () => {
      const page = await api.get(`/v1/customers/${body.customerId}?after=${body.token}`);
      return page.status === 200 && page.body.data.erased && page.body.data.displayName === null
        ? true
        : undefined;
    });
    expect((await read('/v1/customers?name=grace')).body.data.rows).toEqual([]);
  });

  const expectClean = async (): Promise<void> => {
    const opened = await stores();
    try {
      const { position } = await opened.history.head();
      await eventually('every read model is complete', async () => {
        const states = await Promise.all(
          projections.map(({ name }) => opened.readModels.activeCollection(name)),
        );
        return states.every(({ checkpoints }) => checkpoints[0] && checkpoints[0].through >= position)
          ? true
          : undefined;
      });
      const report = await verifyReadModels({
        projections,
        history: opened.history,
        store: opened.readModels,
      });
      expect(report.differences).toEqual([]);
      expect(report.isClean).toBe(true);
    } finally {
      await opened.close();
    }
  };

  it('acts by itself once, however many processes of the API there are, and goes on when one is gone', async () => {
    const acted = async (from: ApiUnderTest): Promise<number> => {
      const { body } = await from.get('/v1/read-models/process-results/results');
      const processes = (body.data?.processes ?? []) as { process: string; acted: number }[];
      return processes.find(({ process }) => process === 'welcome')?.acted ?? 0;
    };
    const registers = (by: ApiUnderTest, n: number): Promise<Answer> =>
      by.record('/v1/customers', {
        roles: ['customer'],
        identifiers: [{ type: 'customerNo', value: `new-${n}`, sourceSystem: 'shop' }],
        channel: 'web',
      });
    const second = await ApiUnderTest.start(environment, api.root);
    try {
      await api.record('/v1/processes/welcome/starts', { ownerId: 'desk-1' });
      for (let n = 0; n < 6; n++) await registers(n % 2 === 0 ? api : second, n);
      await eventually('six newcomers are welcomed', async () =>
        (await acted(api)) === 6 ? true : undefined,
      );
      await api.stop({ keepsRoot: true });
      for (let n = 6; n < 9; n++) await registers(second, n);
      await eventually('the other one goes on', async () => ((await acted(second)) === 9 ? true : undefined));
      api = await ApiUnderTest.start(environment, api.root);
      const { body } = await second.get('/v1/operations/processes/welcome');
      expect(body.data).toMatchObject({ running: true, failed: 0, acted: 9 });
    } finally {
      await second.stop({ keepsRoot: true });
    }
  }, 90_000);
});
