import { customerStreamId } from '@rapport/contracts';
import { openEventStoreDbEventStore } from '@rapport/event-store';
import { systemClock } from '@rapport/runtime';
import { ApiUnderTest, type Answer } from '../../apps/api/specs/api-under-test.js';
import { PARTITIONS, ProductOnServers } from './product-on-servers.js';
import { eventually } from '../support/server-folder.js';

/** What the embedded product's specs ask, asked across servers. */
describe('The product on servers', () => {
  let product: ProductOnServers;

  beforeAll(async () => {
    product = await ProductOnServers.start('rapport_product');
  });
  afterAll(() => product?.dispose());

  const touch = (subject: string, headers: Record<string, string> = {}): Promise<Answer> =>
    product.api.record(
      '/v1/customers/email:ada@example.com/touch-points',
      { direction: 'in', kind: 'call', channel: 'callCentre', subject },
      headers,
    );
  const read = (url: string): Promise<Answer> => product.read(url);

  it('shows a write to who brings its token, of whatever partition', async () => {
    const partitions = new Set<string>();
    for (let n = 0; n < 12; n++) {
      const url = `/v1/customers/shop%2FcustomerNo:${n}`;
      const { body } = await product.api.record(`${url}/touch-points`, {
        direction: 'in',
        kind: 'call',
        channel: 'web',
      });
      partitions.add(body.token.split(':')[0]);
      const { body: page } = await read(`${url}?after=${body.token}`);
      expect(page.data.contact.touches.length).toBeGreaterThan(0);
    }
    expect(partitions.size).toBeGreaterThan(1);
    expect(await product.api.get(`/v1/customers/shop%2FcustomerNo:1?after=${PARTITIONS}:1`)).toMatchObject({
      body: { code: 'POSITION_BEYOND_HEAD' },
    });
  });

  it('finds a customer by identifier and name as soon as the write is answered', async () => {
    await product.api.record('/v1/customers', {
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
    await product.api.stop({ keepsRoot: true });
    product.api = await ApiUnderTest.start(product.environment, product.api.root);
    expect((await touch('asks about delivery', { 'idempotency-key': 'call-1' })).body).toEqual(again.body);
    const other = await product.api.post(
      '/v1/customers/email:ada@example.com/touch-points',
      { direction: 'in', kind: 'call', channel: 'callCentre', subject: 'something else' },
      { 'idempotency-key': 'call-1' },
    );
    expect(other).toMatchObject({ status: 422, body: { code: 'KEY_REUSED' } });
  });

  it('answers as of a past day and for everybody', async () => {
    const { body } = await product.api.record('/v1/customers/shop%2FcustomerNo:1/purchases', {
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
    const started = await product.api.post('/v1/operations/projections/customer-360/rebuilds', {});
    expect(started.status).toBe(202);
    let writes = 0;
    await eventually('the rebuild ends', async () => {
      await touch(`while rebuilding ${writes++}`);
      const { body } = await product.api.get('/v1/operations/projections/customer-360/rebuilds/current');
      if (body.data.status === 'failed') throw new Error(JSON.stringify(body));
      return body.data.status === 'activated' ? true : undefined;
    });
    const last = await touch('after the swap');
    const after = await read(`/v1/customers/email:ada@example.com?after=${last.body.token}`);
    expect(after.body.meta.generation).toBe(before.body.meta.generation + 1);
    await product.expectClean();
    const rolledBack = await product.api.post('/v1/operations/projections/customer-360/rollbacks', {});
    expect(rolledBack.status).toBeLessThan(300);
    const token = (await touch('after the rollback')).body.token;
    const old = await read(`/v1/customers/email:ada@example.com?after=${token}`);
    expect(old.body.meta.generation).toBe(before.body.meta.generation);
    await product.expectClean();
  });

  it('parks an event that cannot be folded, alone, and tries it again when asked', async () => {
    const { body } = await product.api.record('/v1/customers/shop%2FcustomerNo:2/touch-points', {
      direction: 'in',
      kind: 'call',
      channel: 'web',
    });
    const streamId = customerStreamId(body.customerId);
    const log = await openEventStoreDbEventStore({
      connectionString: product.environment['EVENTSTOREDB_URL']!,
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
      (await product.api.get('/v1/operations/parked')).body.data;
    await eventually('the event is parked', async () =>
      (await parked()).some(({ projection }) => projection === 'customer-360') ? true : undefined,
    );
    const retried = await product.api.post('/v1/operations/parked/retries', { projection: 'customer-360' });
    expect(retried.body.data).toMatchObject([
      { drained: 0, stuckAt: { eventType: 'PurchaseRecorded', attempts: 2 } },
    ]);
    const other = await touch('others flow');
    await read(`/v1/customers/email:ada@example.com?after=${other.body.token}`);
  });

  it('forgets a person everywhere', async () => {
    const { body } = await product.api.record('/v1/customers/email:grace%40example.com/erasure', {
      basis: 'request',
      keptForLaw: [],
    });
    await eventually('the page says that the person was erased', async () => {
      const page = await product.api.get(`/v1/customers/${body.customerId}?after=${body.token}`);
      return page.status === 200 && page.body.data.erased && page.body.data.displayName === null
        ? true
        : undefined;
    });
    expect((await read('/v1/customers?name=grace')).body.data.rows).toEqual([]);
  });

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
    const second = await ApiUnderTest.start(product.environment, product.api.root);
    try {
      await product.api.record('/v1/processes/welcome/starts', { ownerId: 'desk-1' });
      for (let n = 0; n < 6; n++) await registers(n % 2 === 0 ? product.api : second, n);
      await eventually('six newcomers are welcomed', async () =>
        (await acted(product.api)) === 6 ? true : undefined,
      );
      await product.api.stop({ keepsRoot: true });
      for (let n = 6; n < 9; n++) await registers(second, n);
      await eventually('the other one goes on', async () => ((await acted(second)) === 9 ? true : undefined));
      product.api = await ApiUnderTest.start(product.environment, product.api.root);
      const { body } = await second.get('/v1/operations/processes/welcome');
      expect(body.data).toMatchObject({ running: true, failed: 0, acted: 9 });
    } finally {
      await second.stop({ keepsRoot: true });
    }
  }, 90_000);
});
