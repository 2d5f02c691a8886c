import { ApiUnderTest } from './api-under-test.js';

const EUR = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });

describe('Sales and marketing over HTTP', () => {
  let api: ApiUnderTest;
  beforeAll(async () => {
    api = await ApiUnderTest.start();
    for (const [productId, family, tier, kind] of [['em-1', 'machines', 1, 'durable'], ['em-2', 'machines', 2, 'durable'], ['grinder', 'grinders', 1, 'durable']] as const)
      await api.record('/v1/products', { productId, name: productId, family, tier, kind, listPrice: EUR(9_900) });
  }); // prettier-ignore
  afterAll(() => api.stop());

  const register = async (mail: string): Promise<string> => {
    const body = { roles: ['customer'], identifiers: [{ type: 'email', value: mail }], channel: 'web' };
    return (await api.record('/v1/customers', body)).body.customerId;
  };
  const agree = (customer: string) =>
    api.record(`/v1/customers/${customer}/consents`, { decision: 'granted', purpose: 'marketing', channelScope: 'email', legalBasis: 'consent', textVersion: '1' }); // prettier-ignore
  const buy = (customer: string, orderId: string, productId: string) =>
    api.record(`/v1/customers/${customer}/purchases`, { orderId, total: EUR(10_000), lines: [{ productId, qty: 1, unitPrice: EUR(10_000) }] }); // prettier-ignore
  const read = async (path: string, token: string) => (await api.get(`/v1/read-models/${path}${path.includes('?') ? '&' : '?'}after=${token}`)).body.data; // prettier-ignore

  it('derive what kind of offer it is from the catalogue and what was bought', async () => {
    const ada = await register('ada@example.com');
    await agree(ada);
    const offer = (productId: string) =>
      api.post(`/v1/customers/${ada}/offers`, { productId, channel: 'email', initiative: 'firm' });
    expect((await offer('unheard-of')).body).toMatchObject({ status: 409, code: 'UNKNOWN_PRODUCT', wayOut: [{ fact: { eventType: 'ProductDefined' } }] }); // prettier-ignore
    await offer('em-1');
    await buy(ada, 'o-1', 'em-1');
    await offer('em-2');
    const { body } = await offer('grinder');
    const overview = (await api.get(`/v1/customers/${ada}?after=${body.token}`)).body.data;
    expect(overview.openOffers.map((one: { kind: string }) => one.kind)).toEqual(['firstSale', 'upSell', 'crossSell']); // prettier-ignore
    const revised = await api.record('/v1/products/em-2/revisions', { tier: 1 });
    expect(revised.body).toMatchObject({ productId: 'em-2', revision: '1' });
    // What was decided before stays; what is decided now follows the catalogue as it is.
    const again = await offer('em-2');
    const later = (await api.get(`/v1/customers/${ada}?after=${again.body.token}`)).body.data;
    expect(later.openOffers.map((one: { kind: string }) => one.kind)).toEqual(['firstSale', 'upSell', 'crossSell', 'retain']); // prettier-ignore
  });

  it('take a lead to a won deal, and show it in the pipeline on the way', async () => {
    const at = '/v1/customers/email:prospect@example.com';
    await api.record(`${at}/leads`, { leadId: 'lead-1', source: 'fair', score: 50 });
    const tooEarly = await api.post(`${at}/opportunities`, { leadId: 'lead-1', initiative: 'customer', expected: EUR(50_000), probabilityPct: 40 }); // prettier-ignore
    expect([tooEarly.status, tooEarly.body.code]).toEqual([409, 'LEAD_STATE_FORBIDS']);
    await api.record(`${at}/leads/lead-1/qualifications`, { score: 80 });
    await api.record(`${at}/opportunities`, { opportunityId: 'op-1', leadId: 'lead-1', initiative: 'customer', expected: EUR(50_000), probabilityPct: 40, expectedCloseDate: '2099-01-31', ownerId: 'am-7' }); // prettier-ignore
    const jump = await api.post(`${at}/opportunities/op-1/advances`, { to: 'negotiated', dryRun: true });
    expect(jump.body.wayOut).toHaveLength(2);
    await api.record(`${at}/opportunities/op-1/advances`, { to: 'qualified' });
    const revised = await api.record(`${at}/opportunities/op-1/revisions`, { probabilityPct: 80 });
    const pipeline = await read('sales-pipeline/pipeline?ownerId=am-7', revised.body.token);
    expect(pipeline.rows).toEqual([{ stage: 'qualified', ownerId: 'am-7', opportunities: 1, expected: EUR(50_000), weighted: EUR(40_000) }]); // prettier-ignore
    await api.record(`${at}/opportunities/op-1/lost`, { lossReasonCode: 'price' });
    await api.record(`${at}/opportunities/op-1/reopenings`, { initiative: 'customer' });
    const noMoney = await api.post(`${at}/opportunities/op-1/won`, {});
    expect([noMoney.status, noMoney.body.code]).toEqual([422, 'INVALID_VALUE']);
    const won = await api.record(`${at}/opportunities/op-1/won`, { amount: EUR(45_000) });
    expect((await read('sales-pipeline/win-rate?ownerId=am-7', won.body.token)).all).toMatchObject({ won: 1, lost: 0, winRate: 1 }); // prettier-ignore
    expect((await api.get(`${at}?after=${won.body.token}`)).body.data.relationship.stage).toBe('involvement');
  });

  it('run a campaign: nobody without consent, nobody of the hold-out group, and the difference as its result', async () => {
    const plan = { objective: 'acquire', targetRule: 'everybody', budget: EUR(100_000), name: 'Spring' };
    await api.record('/v1/campaigns', {
      ...plan,
      campaignId: 'spring',
      controlPct: 50,
      variants: ['a', 'b'],
    });
    const customers = await Promise.all(Array.from({ length: 24 }, (_, i) => register(`spring-${i}@example.com`))); // prettier-ignore
    const contact = (customer: string, dryRun = false) =>
      api.post(`/v1/customers/${customer}/campaign-contacts`, { campaignId: 'spring', channel: 'email', cost: EUR(50), ...(dryRun ? { dryRun } : {}) }); // prettier-ignore
    expect((await contact(customers[0]!)).body.code).toBe('CAMPAIGN_NOT_RUNNING');
    await api.record('/v1/campaigns/spring/launch', { cost: EUR(1_000) });
    const withoutConsent = await contact(customers[0]!);
    expect(withoutConsent.body).toMatchObject({ code: 'CONSENT_MISSING', wayOut: expect.arrayContaining([expect.objectContaining({ fact: expect.objectContaining({ eventType: 'ConsentGranted' }) })]) }); // prettier-ignore
    await Promise.all(customers.map(agree));
    const heldOut: string[] = [];
    const contacted: string[] = [];
    for (const customer of customers) {
      const dry = await contact(customer, true);
      const { status, body } = await contact(customer);
      expect(dry.status).toBe(status === 201 ? 200 : 409);
      if (status !== 201) expect(body.code).toBe('CAMPAIGN_HOLD_OUT');
      (status === 201 ? contacted : heldOut).push(customer);
    }
    expect(Math.min(heldOut.length, contacted.length)).toBeGreaterThan(3);
    expect((await contact(heldOut[0]!)).body.code).toBe('CAMPAIGN_HOLD_OUT');
    for (const [i, customer] of contacted.slice(0, 3).entries()) await buy(customer, `s-${i}`, 'em-1');
    await api.record(`/v1/customers/${contacted[0]}/campaign-responses`, { campaignId: 'spring', outcome: 'opened' }); // prettier-ignore
    const optedOut = await api.record(`/v1/customers/${contacted[1]}/campaign-responses`, { campaignId: 'spring', outcome: 'optedOut' }); // prettier-ignore
    const results = await read('campaign-results/results?campaignId=spring', optedOut.body.token);
    expect(results.contacted).toMatchObject({ customers: contacted.length, opened: 1, optedOut: 1, converted: 3, revenue: EUR(30_000) }); // prettier-ignore
    expect(results.heldOut).toMatchObject({ customers: heldOut.length, contacts: 0, converted: 0 });
    expect(results.cost).toEqual(EUR(1_000 + 50 * contacted.length));
    expect(results.effect.incrementalConversions).toBeCloseTo(3, 9);
    expect(results.effect.incrementalRevenue).toEqual(EUR(30_000));
    expect((await contact(contacted[1]!)).body.code).toBe('CONSENT_MISSING');
    await api.record('/v1/campaigns/spring/closure', { cost: EUR(2_000) });
    expect((await contact(contacted[2]!)).body.code).toBe('CAMPAIGN_NOT_RUNNING');
    expect((await api.get('/v1/read-models/campaign-results/results?campaignId=autumn')).body.code).toBe('NOT_FOUND'); // prettier-ignore
  });

  it('hold a goal against what the log says', async () => {
    const goal = { goalId: 'buyers', metric: 'purchases', baseline: 0, target: 2, startDate: '2020-01-01', dueDate: '2099-12-31' }; // prettier-ignore
    await api.record('/v1/crm-goals/company/goals', goal);
    expect((await api.post('/v1/crm-goals/company/goals', goal)).body.code).toBe('NOTHING_TO_DO');
    expect((await api.post('/v1/crm-goals/company/measurements', { goalId: 'other', value: 1, asOf: '2026-01-01' })).body.code).toBe('UNKNOWN_GOAL'); // prettier-ignore
    await buy(await register('goal@example.com'), 'g-1', 'em-1');
    await api.record('/v1/crm-goals/company/benchmarks', { metric: 'purchases', source: 'rival', value: 5, asOf: '2026-01-01' }); // prettier-ignore
    const last = await buy(await register('goal-2@example.com'), 'g-2', 'em-1');
    const { goals } = await read('crm-goals/goals?scope=company', last.body.token);
    expect(goals).toMatchObject([{ goalId: 'buyers', measured: 'computed', status: 'reached', benchmarks: [{ source: 'rival', value: 5 }] }]); // prettier-ignore
  });
});
