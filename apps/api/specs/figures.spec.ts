import { systemScheduler } from '@rapport/runtime';
import { ApiUnderTest } from './api-under-test.js';

const DAY_MS = 86_400_000;
const START_MS = Date.parse('2026-01-01T12:00:00Z');
const dayAfter = (days: number): string => new Date(START_MS + days * DAY_MS).toISOString();

describe('Figures and operations over HTTP', () => {
  let api: ApiUnderTest;
  beforeAll(async () => {
    api = await ApiUnderTest.start();
    // 300 customers who buy at their own pace, some of whom stop: enough for a fit.
    const items: object[] = [];
    let seed = 7;
    const random = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
    for (let customer = 0; customer < 300; customer++) {
      const gapDays = 5 + random() * 60;
      const stopsAfter = random() * 300;
      for (let day = random() * 60, n = 0; day < Math.min(250, stopsAfter) || n === 0; day += gapDays * (0.3 + random() * 1.4), n++)
        items.push({ command: 'RecordPurchase', customer: `shop/customerNo:${customer}`, sourceEventId: `${customer}-${n}`, occurredAt: dayAfter(day), total: { amountMinor: Math.round(500 + random() * 9_500), currency: 'EUR' } });
    }
    for (let from = 0; from < items.length; from += 1_000) {
      const { body } = await api.post('/v1/batch', { items: items.slice(from, from + 1_000) });
      expect(body.refused + body.invalid).toBe(0);
    }
    await api.runtime.catchUp(30_000);
  }, 60_000); // prettier-ignore
  afterAll(() => api.stop());

  it('need a fit before they predict anything', async () => {
    const { body } = await api.get('/v1/customers/shop%2FcustomerNo:1/value');
    expect(body.data).toMatchObject({ status: 'notModelled', reason: 'noPurchaseModel' });
    expect((await api.get('/v1/models')).body.data).toEqual([]);
  });

  it('are fitted at a cut-off, once for a key, and say which fit they rest on', async () => {
    const order = { cutoff: dayAfter(250), timeUnit: 'week' };
    const fit = await api.post('/v1/models/mbgNbd/fits', order, { 'idempotency-key': 'fit-1' });
    expect(fit.status).toBe(201);
    expect(fit.body.data).toMatchObject({ model: 'mbgNbd', modelRunId: 'mbgNbd-1', timeUnit: 'week', customers: 300, cutoff: order.cutoff });
    expect(['converged', 'dropoutNotIdentified']).toContain(fit.body.data.status);
    const again = await api.post('/v1/models/mbgNbd/fits', order, { 'idempotency-key': 'fit-1' });
    expect([again.status, again.body.data, again.body.meta]).toEqual([200, fit.body.data, { replayed: true }]);
    expect((await api.post('/v1/models/mbgNbd/fits', {}, { 'idempotency-key': 'fit-1' })).body.code).toBe('KEY_REUSED');
    expect((await api.post('/v1/models/gammaGamma/fits', order)).body.data).toMatchObject({ currency: 'EUR' });
    expect((await api.get('/v1/models')).body.data.map((run: { model: string }) => run.model)).toEqual(['mbgNbd', 'gammaGamma']);
    expect((await api.get('/v1/models/mbgNbd')).body.data).toHaveLength(1);
    expect((await api.post('/v1/models/prophet/fits', {})).body.code).toBe('NOT_FOUND');
    const value = await api.get(`/v1/customers/shop%2FcustomerNo:1/value?asOf=${dayAfter(260)}`);
    if (fit.body.data.status === 'converged') expect(value.body.data.terms.purchaseModel.modelRunId).toBe('mbgNbd-1');
    const before = await api.get(`/v1/customers/shop%2FcustomerNo:1/value?asOf=${dayAfter(200)}`);
    expect(before.body.data.terms.purchaseModel).toBeNull();
  }, 30_000); // prettier-ignore

  it('refuse a fit on too few customers', async () => {
    const answer = await api.post('/v1/models/bgNbd/fits', { cutoff: dayAfter(3) });
    expect([answer.status, answer.body.code]).toEqual([409, 'NOT_ENOUGH_DATA']);
  });

  it('rank customers by value at risk after a scoring run, which names its instant', async () => {
    expect((await api.get('/v1/lists/by-risk')).body.data).toEqual({ rows: [], asOf: null, modelRunId: null, modelRun: null, terms: null }); // prettier-ignore
    const run = await api.post('/v1/scoring-runs', { asOf: dayAfter(260) });
    expect([run.status, run.body.data]).toEqual([201, expect.objectContaining({ asOf: dayAfter(260), customers: 300 })]);
    const first = await api.get('/v1/lists/by-risk?limit=10');
    expect(first.body.data).toMatchObject({ asOf: dayAfter(260), modelRunId: run.body.data.modelRunId, terms: { horizonDays: 365, annualDiscountRate: 0.1, margin: 0.3 } });
    expect(first.body.meta.asOf).toBe(dayAfter(260));
    const second = await api.get(`/v1/lists/by-risk?limit=10&cursor=${first.body.meta.next}`);
    const amounts = [...first.body.data.rows, ...second.body.data.rows].map((row: { valueAtRiskMinor: number }) => row.valueAtRiskMinor);
    expect(amounts).toEqual([...amounts].sort((a, b) => b - a));
    const { body } = await api.get(`/v1/customers/${first.body.data.rows[0].customerId}/risk?asOf=${dayAfter(260)}`);
    expect(body.data.score.band).toBe(first.body.data.rows[0].band);
    await api.post('/v1/scoring-runs', {});
    expect((await api.get('/v1/lists/by-risk')).body.meta.generation).toBe(3);
  }, 30_000); // prettier-ignore

  it('rank customers for any other day and as known then, without a run of that day', async () => {
    const kept = (await api.get('/v1/lists/by-risk')).body;
    const then = (await api.get(`/v1/lists/by-risk?asOf=${dayAfter(120)}&limit=200`)).body;
    expect(then.data.asOf).toBe(dayAfter(120));
    expect(then.meta).toMatchObject({ projection: 'risk-scores', asOf: dayAfter(120) });
    expect(then.data.rows.length).toBeGreaterThan(50);
    const [row] = then.data.rows;
    const { body } = await api.get(`/v1/customers/${row.customerId}/risk?asOf=${dayAfter(120)}`);
    expect(body.data.score.valueAtRisk[0].amountMinor).toBe(row.valueAtRiskMinor);
    // What was recorded in the first 50 events, seen from the same day: fewer customers.
    const known = (await api.get(`/v1/lists/by-risk?asOf=${dayAfter(120)}&knownAt=50&limit=200`)).body;
    expect(known.meta).toMatchObject({ knownAt: '50', position: '50' });
    expect(known.data.rows.length).toBeLessThan(then.data.rows.length);
    expect((await api.get('/v1/lists/by-risk')).body).toEqual(kept);
  }, 30_000); // prettier-ignore

  it('show the fits that a day rests on, as far as they were known', async () => {
    const shown = async (query: string): Promise<unknown[]> =>
      (await api.get(`/v1/models${query}`)).body.data;
    expect(await shown(`?asOf=${dayAfter(260)}`)).toHaveLength(2);
    expect(await shown(`?asOf=${dayAfter(249)}`)).toEqual([]);
    expect(await shown('?knownAt=1')).toEqual([]);
    expect((await api.get('/v1/models/mbgNbd?knownAt=1')).body.data).toEqual([]);
    expect((await api.get('/v1/models?when=now')).body.code).toBe('UNKNOWN_PROPERTY');
  });

  it('answer every named query of the registry at its address', async () => {
    const customer = (await api.get('/v1/customers/shop%2FcustomerNo:1')).body.data.customerId;
    await api.record('/v1/crm-goals/company/goals', {
      goalId: 'nps',
      metric: 'netPromoterScore',
      baseline: 0,
      target: 30,
      startDate: '2026-01-01',
      dueDate: '2026-12-31',
    });
    await api.record('/v1/products', { productId: 'p-1', name: 'P', family: 'p', tier: 1, kind: 'durable', listPrice: { amountMinor: 100, currency: 'EUR' } }); // prettier-ignore
    const planned = await api.record('/v1/campaigns', {
      campaignId: 'spring',
      name: 'Spring',
      objective: 'acquire',
      targetRule: 'all',
      budget: { amountMinor: 1_000, currency: 'EUR' },
      controlPct: 10,
    });
    const values: Record<string, string> = {
      customerId: customer,
      campaignId: 'spring',
      scope: 'company',
      productId: 'p-1',
      stage: 'contact',
      currency: 'EUR',
    };
    const someOf = (schema: { enum?: readonly string[]; pattern?: string }): string =>
      schema.enum?.[0] ?? ['2026-01', '2026-01-01', 'x-1'].find((value) => new RegExp(schema.pattern ?? '').test(value))!; // prettier-ignore
    for (const { projection, query } of api.runtime.readSide.all()) {
      const required = (query.params.required as string[] | undefined) ?? [];
      const asked = [
        `after=${planned.body.token}`,
        ...required.map((name) => `${name}=${values[name] ?? someOf(query.params.properties[name])}`),
      ].join('&');
      const { status, body } = await api.get(`/v1/read-models/${projection}/${query.name}?${asked}`);
      expect({ projection, query: query.name, status, code: body.code }).toEqual({ projection, query: query.name, status: 200, code: undefined }); // prettier-ignore
      expect(body.meta).toMatchObject({ projection, position: expect.stringMatching(/^\d+$/) });
    }
    expect((await api.get('/v1/read-models/nothing/x')).status).toBe(404);
  });

  it('are rebuilt while they are read, and rolled back', async () => {
    const name = 'lifetime-value';
    const before = await api.get('/v1/customers/shop%2FcustomerNo:2/value?asOf=2026-10-01T00:00:00Z');
    const started = await api.post(`/v1/operations/projections/${name}/rebuilds`, '');
    expect(started.status).toBe(400);
    const headers = { authorization: `Bearer ${await api.tokenOf('operations')}` };
    const rebuild = await api.raw('POST', `/v1/operations/projections/${name}/rebuilds`, { headers });
    expect([rebuild.status, rebuild.body.data.status]).toEqual([202, 'running']);
    const second = await api.raw('POST', `/v1/operations/projections/${name}/rebuilds`, { headers });
    expect([second.status, second.body.code]).toEqual([409, 'REBUILD_RUNNING']);
    const deadline = Date.now() + 30_000;
    let current = rebuild.body.data;
    while (current.status === 'running' && Date.now() < deadline) {
      // Asking in process never leaves the thread; messages of the rebuild need a turn.
      await systemScheduler.sleep(20);
      current = (await api.raw('GET', `/v1/operations/projections/${name}/rebuilds/current`, { headers }))
        .body.data;
    }
    expect(current).toMatchObject({ status: 'activated', report: { projections: [{ generation: 2, comparison: { different: 0 } }] } }); // prettier-ignore
    expect(JSON.stringify(current)).not.toContain('ledger');
    const after = await api.get('/v1/customers/shop%2FcustomerNo:2/value');
    expect(after.body.meta.generation).toBe(2);
    expect((await api.get('/v1/customers/shop%2FcustomerNo:2/value?asOf=2026-10-01T00:00:00Z')).body.data).toEqual(before.body.data); // prettier-ignore
    const back = await api.raw('POST', `/v1/operations/projections/${name}/rollbacks`, { headers });
    expect(back.status).toBe(200);
    expect((await api.get('/v1/customers/shop%2FcustomerNo:2/value')).body.meta.generation).toBe(1);
    const dropped = await api.raw('DELETE', `/v1/operations/projections/${name}/generations/previous`, {
      headers,
    });
    expect(dropped.body.data.generations).toEqual([
      expect.objectContaining({ generation: 1, status: 'active' }),
    ]);
    expect((await api.get('/v1/customers/shop%2FcustomerNo:2/value')).body.meta.generation).toBe(1);
    const none = await api.raw('DELETE', `/v1/operations/projections/${name}/generations/previous`, {
      headers,
    });
    expect([none.status, none.body.code]).toEqual([404, 'NOT_FOUND']);
    const noWay = await api.raw('POST', `/v1/operations/projections/${name}/rollbacks`, { headers });
    expect(noWay.status).toBe(404);
    expect((await api.delete(`/v1/operations/projections/${name}/rebuilds/current`)).status).toBe(404);
    expect((await api.get('/v1/operations/parked')).body.data).toEqual([]);
    expect((await api.post('/v1/operations/parked/retries', { projection: name })).body.data).toEqual([]);
  }, 60_000);

  it('are watched: health, metrics, and the document of the API', async () => {
    expect((await api.get('/health/ready')).body).toMatchObject({ status: 'ready' });
    const metrics = (await api.get('/metrics')).body as string;
    for (const name of [
      'rapport_commands_total{command="RecordPurchase",outcome="recorded"}',
      'rapport_command_seconds_count',
      'rapport_projection_lag_events{projection="customer-360"} 0',
      'rapport_projection_parked_events',
      'rapport_projector_alive 1',
    ])
      // prettier-ignore
      expect(metrics).toContain(name);
    const { body } = await api.get('/docs/openapi.json');
    expect(body.openapi).toBe('3.1.0');
    const documented = Object.entries(body.paths as Record<string, object>).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
    );
    const served = api.api.routes.all().filter(({ url, method }) => url.startsWith('/v1') && method !== 'HEAD').map(({ method, url }) => `${method} ${url}`); // prettier-ignore
    expect(documented.sort()).toEqual([...new Set(served)].sort());
    const refs = [...new Set(JSON.stringify(body).match(/#\/components\/schemas\/\w+/g))];
    expect(refs.filter((ref) => !(ref.split('/').at(-1)! in body.components.schemas))).toEqual([]);
    expect((await api.get('/docs')).body).toContain('swagger-ui');
    expect((await api.get('/docs/assets/swagger-ui.css')).status).toBe(200);
  });
});
