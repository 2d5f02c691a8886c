import { ApiUnderTest } from './api-under-test.js';

const NOTE = 'Qprivate';

describe('The rights of a person over HTTP', () => {
  let api: ApiUnderTest;
  beforeAll(async () => {
    api = await ApiUnderTest.start();
  });
  afterAll(() => api.stop());

  const registered = async (name: string): Promise<string> =>
    (
      await api.record('/v1/customers', {
        roles: ['customer'],
        displayName: `${name} ${NOTE}`,
        identifiers: [{ type: 'email', value: `${name}@example.com` }],
        channel: 'web',
      })
    ).body.customerId;
  const of = (customerId: string, path = ''): string => `/v1/customers/${customerId}${path}`;

  it('answer everything that is kept about the person, opened, and say that it was handed out', async () => {
    const ada = await registered('ada');
    await api.record(of(ada, '/touch-points'), { direction: 'in', kind: 'call', subject: `${NOTE} asked` });
    await api.record(of(ada, '/purchases'), { total: { amountMinor: 4_200, currency: 'EUR' } });
    const { body } = await api.record(of(ada, '/data-exports'), { basis: 'portability' });
    const { events, derived } = body.export;
    expect(body.export).toMatchObject({ format: 'rapport-customer-export-1', customerId: ada });
    expect(events.map(({ type }: { type: string }) => type)).toEqual([
      'CustomerRegistered',
      'TouchPointRecorded',
      'PurchaseRecorded',
      'RelationshipStageMoved',
      'CustomerDataExported',
    ]);
    expect(events[0].data).toMatchObject({
      displayName: `ada ${NOTE}`,
      identifiers: [{ value: 'ada@example.com' }],
    });
    expect(events[1]).toMatchObject({ data: { subject: `${NOTE} asked` }, meaning: expect.any(String) });
    expect(derived['customer-360/customer']).toMatchObject({ displayName: `ada ${NOTE}` });
    expect(derived['lifetime-value/value']).toMatchObject({ historicNumberOfOrders: 1 });
    const history = await api.get(of(ada), { 'rapport-token': body.token });
    expect(history.status).toBe(200);
  });

  it('are exercised by stewards only, and in no batch', async () => {
    const eve = await registered('eve');
    for (const role of ['rep', 'service', 'analyst', 'operations'] as const)
      expect(
        (await api.post(of(eve, '/data-exports'), { basis: 'access' }, { authorization: `Bearer ${await api.tokenOf(role)}` })).status,
      ).toBe(403); // prettier-ignore
    const steward = { authorization: `Bearer ${await api.tokenOf('steward')}` };
    await api.record(of(eve, '/data-exports'), { basis: 'access' }, steward);
    const batch = await api.post('/v1/batch', {
      items: [{ command: 'ExportCustomerData', customer: eve, basis: 'access', idempotencyKey: 'b-1' }],
    });
    expect(batch.body.results[0].status).toBe('invalid');
  });

  it('leave the other party of what two did together alone: its own data stays', async () => {
    const [anna, ben] = [await registered('anna'), await registered('ben')];
    await api.record(of(anna, '/parties'), {
      otherCustomerId: ben,
      role: 'household',
      fromDate: '2026-01-01',
    });
    await api.record(of(ben, '/parties'), {
      otherCustomerId: anna,
      role: 'household',
      fromDate: '2026-01-01',
    });
    await api.record(of(anna, '/referrals'), { referralId: 'r-1', referredCustomerId: ben });
    await api.record(of(ben, '/touch-points'), { direction: 'in', kind: 'call', subject: `${NOTE} by ben` });
    await api.record(of(anna, '/erasure-requests'), { basis: 'consentWithdrawn' });
    await api.record(of(anna, '/erasure'), { basis: 'request' });
    await api.runtime.catchUp(10_000);

    const benNow = (await api.get(of(ben))).body;
    expect(benNow.data).toMatchObject({ displayName: `ben ${NOTE}`, erased: false });
    expect(benNow.data.parties).toHaveLength(1);
    expect((await api.get('/v1/customers?identifier=email:ben@example.com')).body.data.rows).toHaveLength(1);
    expect(JSON.stringify((await api.get(of(ben, '/history'))).body)).toContain(`${NOTE} by ben`);
    const benExport = (await api.record(of(ben, '/data-exports'), { basis: 'access' })).body.export;
    expect(JSON.stringify(benExport)).not.toContain('anna');

    const annaNow = (await api.get(of(anna))).body;
    expect(annaNow.data).toMatchObject({ displayName: null, erased: true, referrals: 1 });
    expect((await api.get('/v1/customers?identifier=email:anna@example.com')).body.data.rows).toEqual([]);
    const left = (await api.record(of(anna, '/data-exports'), { basis: 'access' })).body.export;
    expect(JSON.stringify(left)).not.toContain(NOTE);
    expect(left.events.at(-1).type).toBe('CustomerDataExported');
    const purchase = await api.post(of(anna, '/purchases'), { total: { amountMinor: 1, currency: 'EUR' } });
    expect([purchase.status, purchase.body.code]).toEqual([409, 'CUSTOMER_ERASED']);
  });

  it('restrict what we begin until the restriction is lifted', async () => {
    const carl = await registered('carl');
    await api.record(of(carl, '/consents'), { decision: 'granted', purpose: 'marketing', channelScope: 'any', legalBasis: 'consent', textVersion: '1' }); // prettier-ignore
    await api.record(of(carl, '/restrictions'), { scope: 'all', basis: 'accuracyContested' });
    const open = { kind: 'new', initiative: 'firm', expected: { amountMinor: 100, currency: 'EUR' }, probabilityPct: 10 }; // prettier-ignore
    const refused = await api.post(of(carl, '/opportunities'), open);
    expect([refused.status, refused.body.code]).toEqual([409, 'PROCESSING_RESTRICTED']);
    expect(refused.body.wayOut[0].fact).toEqual({ eventType: 'RestrictionLifted', data: { scope: 'all' } });
    await api.record(of(carl, '/restrictions/all/lifting'), { reasonCode: 'dataCorrected' });
    expect((await api.post(of(carl, '/opportunities'), open)).status).toBe(201);
  });
});
