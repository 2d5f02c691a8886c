import { ApiUnderTest } from './api-under-test.js';

const EUR = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });
const daysAgo = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString();

describe('Customers over HTTP', () => {
  let api: ApiUnderTest;
  beforeAll(async () => {
    api = await ApiUnderTest.start();
  });
  afterAll(() => api.stop());

  let customers = 0;
  /** Address of a customer nobody has heard of. */
  const somebody = (): string => `/v1/customers/shop%2FcustomerNo:${++customers}`;
  const seen = async (path: string, after: string) => (await api.get(path, { 'rapport-token': after })).body;

  it('are registered, corrected and read', async () => {
    const registered = await api.record('/v1/customers', {
      roles: ['customer'],
      displayName: 'Ada Example',
      identifiers: [
        { type: 'email', value: 'ada@example.com', verified: true },
        { type: 'customerNo', value: '4711', sourceSystem: 'shop' },
      ],
      channel: 'web',
      country: 'NL',
    });
    expect(registered.headers).toMatchObject({ etag: '"0"', 'rapport-token': registered.body.token });
    const { customerId } = registered.body;
    const path = `/v1/customers/${customerId}`;
    const byNumber = await api.get('/v1/customers/shop%2FcustomerNo:4711', { 'rapport-token': registered.body.token });
    expect(byNumber.body.data).toMatchObject({ customerId, displayName: 'Ada Example', country: 'NL', acquisitionChannel: 'web' });
    expect(byNumber.body.meta).toMatchObject({ projection: 'customer-360', version: expect.any(Number), generation: 1, position: expect.stringMatching(/^\d+$/) });

    const change = { changes: [{ field: 'displayName', value: 'Ada B. Example', source: 'callCentre', confidencePct: 100 }] };
    const stale = await api.post(`${path}/corrections`, change, { 'if-match': '"7"' });
    expect([stale.status, stale.body.code]).toEqual([412, 'STALE_PRECONDITION']);
    const corrected = await api.record(`${path}/corrections`, change, { 'if-match': '"0"' });
    expect((await seen(path, corrected.body.token)).data.displayName).toBe('Ada B. Example');

    const again = await api.post('/v1/customers', { roles: ['customer'], identifiers: [{ type: 'email', value: 'ADA@example.com' }], channel: 'web' });
    expect([again.status, again.body.code, again.body.customerId]).toEqual([409, 'ALREADY_REGISTERED', customerId]);
  }); // prettier-ignore

  it('are found by identifier and by how words of the name begin', async () => {
    for (const n of [1, 2, 3])
      await api.record('/v1/customers', { roles: ['customer'], displayName: `Grace Hopper${n}`, identifiers: [{ type: 'email', value: `grace${n}@example.com` }], channel: 'web' }); // prettier-ignore
    await api.runtime.catchUp(5_000);
    const names = (rows: { displayName: string }[]): string[] => rows.map((row) => row.displayName).sort();
    const byName = await api.get('/v1/customers?name=hop%20gra');
    expect(names(byName.body.data.rows)).toEqual(['Grace Hopper1', 'Grace Hopper2', 'Grace Hopper3']);
    const first = await api.get('/v1/customers?name=grace&limit=2');
    const second = await api.get(`/v1/customers?name=grace&limit=2&cursor=${first.body.meta.next}`);
    expect(names([...first.body.data.rows, ...second.body.data.rows])).toEqual(names(byName.body.data.rows));
    expect(second.body.meta.next).toBeUndefined();
    expect((await api.get('/v1/customers?identifier=email:grace2@example.com')).body.data.rows).toHaveLength(
      1,
    );
    expect((await api.get('/v1/customers?identifier=email:nobody@example.com')).body.data.rows).toEqual([]);
  });

  it('are registered by a fact about an unknown identifier, but by nothing else', async () => {
    const path = somebody();
    const refused = await api.post(`${path}/payments`, { invoiceId: 'i-1', amount: EUR(100) });
    expect([refused.status, refused.body.code]).toEqual([404, 'CUSTOMER_NOT_FOUND']);
    const { body } = await api.record(`${path}/purchases`, { total: EUR(2_500), channel: 'web' });
    expect(body.eventIds.length).toBeGreaterThanOrEqual(2);
    const { data } = await seen(path, body.token);
    expect(data).toMatchObject({ customerId: body.customerId, relationship: { stage: 'involvement' } });
    expect((await api.get('/v1/customers/3f2b8a34-7c35-4c4e-9b52-2a43c9f0d111')).status).toBe(404);
    expect((await api.post('/v1/customers/3f2b8a34-7c35-4c4e-9b52-2a43c9f0d111/purchases', { total: EUR(1) })).body.code).toBe('CUSTOMER_NOT_FOUND'); // prettier-ignore
  });

  it('are written once for a key, for ever, and once for a sender’s own id', async () => {
    const path = somebody();
    const purchase = { total: EUR(100), occurredAt: daysAgo(1) };
    const first = await api.record(`${path}/purchases`, purchase, { 'idempotency-key': 'same' });
    const second = await api.post(`${path}/purchases`, { ...purchase, sentAt: daysAgo(0) }, { 'idempotency-key': 'same' }); // prettier-ignore
    expect([second.status, second.body]).toEqual([201, { ...first.body, replayed: true }]);
    const own = { ...purchase, sourceSystem: 'till', sourceEventId: 'receipt-1' };
    const [a, b] = [await api.record(`${path}/purchases`, own), await api.post(`${path}/purchases`, own)];
    expect(b.body).toEqual({ ...a.body, replayed: true });
    const { data } = await seen(path, b.body.token);
    expect(data.money).toMatchObject([{ currency: 'EUR', purchasedMinor: 200 }]);
  });

  describe('in every area', () => {
    const path = '/v1/customers/shop%2FcustomerNo:areas';
    const write = async (what: string, body: object): Promise<void> => {
      const { status, body: answer } = await api.post(`${path}/${what}`, body);
      expect({ what, status, code: answer.code }).toEqual({ what, status: 201, code: undefined });
    };

    it('take what happened', async () => {
      await write('touch-points', { direction: 'in', kind: 'call', occurredAt: daysAgo(50) });
      await write('consents', {
        decision: 'granted',
        purpose: 'marketing',
        channelScope: 'email',
        legalBasis: 'consent',
        textVersion: '1',
      });
      await write('consents', { decision: 'revoked', purpose: 'marketing', channelScope: 'email' });
      await write('consents', {
        decision: 'denied',
        purpose: 'research',
        channelScope: 'any',
        textVersion: '1',
      });
      await write('identifiers', { identifierType: 'email', value: 'areas@example.com' });
      await write('identifier-removals', {
        identifierType: 'email',
        value: 'areas@example.com',
        reason: 'typo',
      });
      await write('groups', { groupCode: 'consumer' });
      await write('account-manager', { managerId: 'am-1', fromDate: '2026-01-01', basis: 'manual' });
      await write('account-manager-releases', { managerId: 'am-1', reason: 'moved' });
      await write('need-levels', { level: 3, reason: 'likes comfort' });
      await write('profile-facts', {
        category: 'taste',
        key: 'coffee',
        value: 'espresso',
        source: 'survey',
        confidencePct: 80,
      });
      await write('preferences', { kind: 'channel', key: 'contact', value: 'email', source: 'web' });
      await write('parties', {
        otherCustomerId: '3f2b8a34-7c35-5c4e-9b52-2a43c9f0d111',
        role: 'household',
        fromDate: '2026-01-01',
      });
      await write('survey-responses', { instrument: 'NPS', score: 9, comment: 'good' });
      await write('referrals', { referralId: 'ref-1', cost: EUR(1_000) });
      await write('referrals/ref-1/conversions', { value: EUR(20_000), margin: EUR(5_000) });
      await write('external-data', {
        agency: 'creditBureau',
        dataset: 'solvency',
        asOf: '2026-01-01',
        facts: [{ key: 'solvencyClass', value: 'B' }],
        licence: 'contract-4',
      });
      for (const activityId of ['act-1', 'act-2'])
        await write('activities', { activityId, kind: 'call', dueAt: daysAgo(-2), subject: 'how it went' });
      await write('activities/act-1/reschedulings', { dueAt: daysAgo(-3), reasonCode: 'away' });
      await write('activities/act-1/completion', {
        outcome: 'reached',
        touch: { direction: 'out', kind: 'call', durationS: 90, subject: 'how it went' },
      });
      await write('activities/act-2/cancellation', { reasonCode: 'notNeeded' });
      for (const needId of ['need-1', 'need-2'])
        await write('needs', { needId, needCode: 'quietGrinder', basis: 'stated', source: 'call' });
      await write('needs/need-1/closure', { outcome: 'met', productIds: ['grinder'] });
      await write('needs/need-2/closure', {
        outcome: 'unmet',
        gapCode: 'noQuietModel',
        bridge: 'newProduct',
      });
      await write('advocacies', { kind: 'review' });
      for (const promiseId of ['p-1', 'p-2'])
        await write('promises', { promiseId, by: 'firm', what: 'callback', dueAt: daysAgo(-3) });
      await write('promises/p-1/kept', {});
      await write('purchases', {
        orderId: 'o-1',
        lines: [{ productId: 'grinder', qty: 1, unitPrice: EUR(5_000) }],
        total: EUR(5_000),
      });
      await write('returns', { orderId: 'o-1', refund: EUR(500), reasonCode: 'scratch' });
      for (const invoiceId of ['i-1', 'i-2'])
        await write('invoices', { invoiceId, amount: EUR(4_500), dueDate: '2026-01-31' });
      await write('payments', { invoiceId: 'i-1', amount: EUR(4_500) });
      await write('payment-failures', { invoiceId: 'i-2', reasonCode: 'insufficientFunds' });
      await write('service-costs', { amount: EUR(100), activity: 'visit' });
      await write('fraud-signals', { signalId: 'f-1', ruleId: 'velocity', score: 10 });
      await write('fraud-signals/f-1/cleared', {});
      await write('contracts', {
        contractId: 'k-1',
        productId: 'care',
        startDate: '2026-01-01',
        endDate: '2027-12-31',
        periodMonths: 12,
        autoRenew: false,
        noticeDays: 30,
      });
      await write('contracts/k-1/renewals', { newEndDate: '2028-12-31' });
      await write('contracts/k-1/cancellations', {
        effectiveDate: '2028-12-31',
        reasonCode: 'moved',
        byCustomer: true,
      });
      for (const opportunityId of ['op-1', 'op-2'])
        await write('opportunities', {
          opportunityId,
          kind: 'new',
          initiative: 'customer',
          expected: EUR(9_000),
          probabilityPct: 50,
        });
      await write('opportunities/op-1/won', { amount: EUR(9_000) });
      await write('opportunities/op-2/lost', { lossReasonCode: 'price' });
      await write('relation-traits', { trait: 'trust', side: 'customer', score: 70, method: 'survey' });
      await write('co-creations', { projectId: 'prj-1', role: 'betaTester' });
      await write('co-creations/prj-1/contributions', { kind: 'test', hours: 4 });
      await write('co-creations/prj-1/end', { outcome: 'launched', customerReturn: EUR(1_000) });
      await write('model-evidence', { pAlive: 0.9, modelRunId: 'mbgNbd-1', asOf: daysAgo(0) });
      await write('cases', { caseId: 'c-1', kind: 'question', severity: 3 });
      await write('cases/c-1/acknowledgements', { handlerId: 'agent-1' });
      await write('cases/c-1/replies', { handlerId: 'agent-1', text: 'we look into it' });
      await write('cases/c-1/escalations', { toHandlerId: 'lead-1', reason: 'beyond SLA' });
      await write('cases/c-1/resolutions', { ...resolution });
      await write('cases/c-1/reopenings', { reasonCode: 'notSolved' });
      await write('cases/c-1/resolutions', { ...resolution });
      await write('cases/c-1/acceptances', { satisfaction: 4 });
      await write('reviews', {});
      const { body } = await api.get(`${path}/history?limit=200`);
      const touch = body.data.rows.find((row: { type: string }) => row.type === 'TouchPointRecorded');
      await write('touch-point-corrections', {
        targetEventId: touch.eventId,
        changes: { sentiment: -20 },
        reason: 'wrong mood',
      });
      await write('promises/p-2/broken', { reasonCode: 'forgotten' });
      await write('complaints', { caseId: 'c-2', reasonCode: 'late', severity: 2 });
      await write('defaults', { invoiceId: 'i-2', amount: EUR(4_500) });
      await write('repairs', {
        repairId: 'r-1',
        ownerId: 'am-1',
        caseIds: ['c-2'],
        plan: 'call and replace',
        dueAt: daysAgo(-14),
      });
      await write('defaults/i-2/cured', {});
      await write('goodbyes', { reasonCode: 'customerLeft' });
    }, 30_000);
    const resolution = { resolutionCode: 'explained', effort: 2 };

    it('refuse what the rules forbid, with a way out; a dry run says so beforehand', async () => {
      const fresh = somebody();
      await api.record(`${fresh}/touch-points`, { direction: 'in', kind: 'call' });
      const refused = await api.post(`${fresh}/stage-moves`, { to: 'involvement', reasonCode: 'feelsReady' });
      expect([refused.status, refused.body.code]).toEqual([409, 'STAGE_GUARD_NOT_MET']);
      expect(refused.body).toMatchObject({ ruleBookVersion: expect.any(String), wayOut: expect.arrayContaining([expect.objectContaining({ rule: expect.any(String), sentence: expect.any(String) })]) });
      const winBack = await api.post(`${path}/win-backs`, { winBackId: 'w-1', channel: 'email', reason: 'new product' });
      expect(winBack.status).toBe(409);
      await api.record('/v1/products', { productId: 'grinder-2', name: 'Grinder', family: 'grinder', tier: 2, kind: 'durable', listPrice: { amountMinor: 9_900, currency: 'EUR' } });
      const offer = { offerId: 'of-1', productId: 'grinder-2', channel: 'email', initiative: 'firm' };
      const dry = await api.post(`${path}/offers`, { ...offer, dryRun: true });
      expect(dry.status).toBe(409);
      expect(dry.body.eventIds).toBeUndefined();
      const suppressed = await api.post(`${path}/offers`, offer);
      expect([suppressed.status, suppressed.body.code]).toEqual([409, dry.body.code]);
      expect(suppressed.body.eventIds).toHaveLength(1);
      const fact = await api.post(`${path}/purchases`, { orderId: 'dry', total: EUR(1), dryRun: true });
      expect([fact.status, fact.body.eventTypes[0]]).toEqual([200, 'PurchaseRecorded']);
      expect((await api.post(`${path}/returns`, { orderId: 'dry', refund: EUR(1), reasonCode: 'x', dryRun: true })).body.code).toBe('UNKNOWN_ORDER');
    }); // prettier-ignore

    it('say what a permitted command would record without recording it', async () => {
      const fresh = somebody();
      await api.record(`${fresh}/touch-points`, { direction: 'in', kind: 'call' });
      const before = await api.get(`${fresh}`);
      const dry = await api.post(`${fresh}/opportunities`, { kind: 'new', initiative: 'customer', expected: EUR(1), probabilityPct: 10, dryRun: true });
      expect([dry.status, dry.body]).toEqual([200, { customerId: before.body.data.customerId, dryRun: true, eventTypes: ['OpportunityOpened'] }]);
      expect((await api.get(fresh)).body.meta.position).toBe(before.body.meta.position);
    }); // prettier-ignore
  });

  it('are seen as they were, as we knew them, and never before they were known', async () => {
    const path = somebody();
    const early = await api.record(`${path}/purchases`, { total: EUR(100), occurredAt: daysAgo(400) });
    await api.record(`${path}/purchases`, { total: EUR(200), occurredAt: daysAgo(100) });
    const purchased = (body: { data: { money: { purchasedMinor: number }[] } }): number => body.data.money[0]!.purchasedMinor; // prettier-ignore
    const late = await api.record(`${path}/purchases`, { total: EUR(50), occurredAt: daysAgo(390) });
    expect(purchased(await seen(path, late.body.token))).toBe(350);
    expect(purchased((await api.get(`${path}?asOf=${daysAgo(200)}`)).body)).toBe(150);
    const position = early.body.token.split(':')[1];
    const then = await api.get(`${path}?knownAt=${position}`);
    expect(purchased(then.body)).toBe(100);
    expect(then.body.meta).toMatchObject({ knownAt: position, position });
    expect((await api.get(`${path}?asOf=${daysAgo(500)}`)).body.code).toBe('CUSTOMER_NOT_FOUND');
    const funnel = await api.get(`/v1/funnel?knownAt=${position}`);
    expect(funnel.body.meta.knownAt).toBe(position);
    expect(funnel.body.data.customers).toBeLessThan((await api.get('/v1/funnel')).body.data.customers + 1);
    const history = await api.get(`${path}/history?from=${daysAgo(395)}&to=${daysAgo(300)}`);
    expect(history.body.data.rows.map((row: { type: string }) => row.type)).toContain('PurchaseRecorded');
  });

  it('show a write to whoever asks with its token', async () => {
    const path = somebody();
    for (let n = 1; n <= 20; n++) {
      const { body } = await api.record(`${path}/purchases`, { total: EUR(1) });
      const read = await api.get(`${path}?after=${body.token}`);
      expect(read.body.data.money[0].purchasedMinor).toBe(n);
    }
  });

  it('are found with the name they were just given by whoever asks with the token of the write', async () => {
    for (let n = 1; n <= 20; n++) {
      const identifiers = [{ type: 'email', value: `found-${n}@example.com` }];
      const { body } = await api.record('/v1/customers', { roles: ['customer'], displayName: `Fenna Found${n}`, identifiers, channel: 'web' });
      const found = await api.get(`/v1/customers?identifier=email:found-${n}@example.com&after=${body.token}`);
      expect(found.body.data.rows).toMatchObject([{ customerId: body.customerId, displayName: `Fenna Found${n}` }]);
    }
    expect((await api.get('/v1/customers?name=fenna&after=0:999999999')).body.code).toBe('POSITION_BEYOND_HEAD');
  }); // prettier-ignore

  it('page through the history of one instant without losing or doubling a touch', async () => {
    const path = somebody();
    const occurredAt = daysAgo(3);
    const items = Array.from({ length: 205 }, (_, i) => ({ command: 'RecordTouchPoint', customer: `shop/customerNo:${customers}`, sourceEventId: `t-${i}`, occurredAt, direction: 'in', kind: 'pageView' }));
    const { body } = await api.post('/v1/batch', { items });
    expect(body).toMatchObject({ accepted: 205, refused: 0, invalid: 0 });
    const seenIds: string[] = [];
    for (let cursor = ''; ; ) {
      const page = await api.get(`${path}/history?limit=50&after=${body.token}${cursor}`);
      seenIds.push(...page.body.data.rows.filter((row: { type: string }) => row.type === 'TouchPointRecorded').map((row: { eventId: string }) => row.eventId));
      if (!page.body.meta.next) break;
      cursor = `&cursor=${page.body.meta.next}`;
    }
    expect([seenIds.length, new Set(seenIds).size]).toEqual([205, 205]);
  }); // prettier-ignore

  it('are registered in a batch before what follows under the same identifier', async () => {
    const system = { sourceSystem: 'shop', channel: 'web' };
    const { body } = await api.post('/v1/batch', {
      items: [
        { ...system, command: 'RegisterCustomer', idempotencyKey: 'b-1', roles: ['customer'], identifiers: [{ type: 'customerNo', value: 'batch-1' }] },
        { ...system, command: 'AssignCustomerGroup', idempotencyKey: 'b-2', customer: 'customerNo:batch-1', groupCode: 'consumer' },
        { ...system, command: 'RecordPurchase', idempotencyKey: 'b-3', customer: 'shop/customerNo:batch-1', total: EUR(100) },
      ],
    }); // prettier-ignore
    expect(body).toMatchObject({ accepted: 3, refused: 0, invalid: 0 });
    expect(new Set(body.results.map((result: { customerId: string }) => result.customerId)).size).toBe(1);
  });

  it('are forgotten: what is left answers erased, and nothing finds them', async () => {
    const registered = await api.record('/v1/customers', { roles: ['customer'], displayName: 'Vera Vanish', identifiers: [{ type: 'email', value: 'vera@example.com' }], channel: 'web' });
    const path = `/v1/customers/${registered.body.customerId}`;
    await api.record(`${path}/touch-points`, { direction: 'in', kind: 'message', subject: 'a secret', body: 'about Vera' });
    const purchase = await api.record(`${path}/purchases`, { total: EUR(700) });
    const erased = await api.record(`${path}/erasure`, { basis: 'request' });
    const { data } = await seen(path, erased.body.token);
    expect(data).toMatchObject({ erased: true, displayName: null, money: [{ purchasedMinor: 700 }] });
    const history = await seen(`${path}/history`, erased.body.token);
    expect(history.meta.erased).toBe(true);
    expect(JSON.stringify([data, history])).not.toMatch(/Vera|vera@|secret/);
    expect((await api.get('/v1/customers?name=vera')).body.data.rows).toEqual([]);
    expect((await api.get('/v1/customers?identifier=email:vera@example.com')).body.data.rows).toEqual([]);
    expect((await api.get(`${path}?asOf=${daysAgo(0)}`)).body.data.displayName).toBeNull();
    expect((await api.post(`${path}/purchases`, { total: EUR(1) })).body.code).toBe('CUSTOMER_ERASED');
    expect((await api.post(`${path}/purchases`, { total: EUR(700) }, { 'idempotency-key': 'x' })).status).toBe(409);
    expect(purchase.status).toBe(201);
  }); // prettier-ignore

  it('may come back after they were forgotten, as somebody new; what is sent again from before makes nobody', async () => {
    const registration = { roles: ['customer'], displayName: 'Ruth Return', identifiers: [{ type: 'email', value: 'ruth@example.com' }], channel: 'web' };
    const touch = { direction: 'in', kind: 'message', channel: 'web' };
    const path = '/v1/customers/email:ruth@example.com';
    const first = await api.record('/v1/customers', registration, { 'idempotency-key': 'ruth-1' });
    await api.record(`${path}/touch-points`, touch, { 'idempotency-key': 'ruth-touch' });
    await api.record(`${path}/erasure`, { basis: 'request' });

    const late = await api.post('/v1/customers', registration, { 'idempotency-key': 'ruth-1' });
    expect(late.body).toMatchObject({ customerId: first.body.customerId, replayed: true });
    expect((await api.post(`${path}/touch-points`, touch, { 'idempotency-key': 'ruth-late' })).body.code).toBe('CUSTOMER_ERASED');

    const second = await api.record('/v1/customers', registration, { 'idempotency-key': 'ruth-2' });
    expect(second.body.customerId).not.toBe(first.body.customerId);
    const again = await api.post('/v1/customers', registration, { 'idempotency-key': 'ruth-2' });
    expect(again.body).toMatchObject({ customerId: second.body.customerId, replayed: true });
    const fact = await api.record(`${path}/touch-points`, touch);
    expect(fact.body.customerId).toBe(second.body.customerId);
    const { data } = await seen(`/v1/customers/${second.body.customerId}`, fact.body.token);
    expect(data).toMatchObject({ erased: false, displayName: 'Ruth Return' });

    await api.record(`${path}/erasure`, { basis: 'request' });
    const third = await api.record('/v1/customers', registration, { 'idempotency-key': 'ruth-3' });
    expect(new Set([first, second, third].map(({ body }) => body.customerId)).size).toBe(3);
  }); // prettier-ignore

  it('are found by an id only when there is such a customer', async () => {
    const { body } = await api.record('/v1/customers/shop%2FcustomerNo:find-me/touch-points', { direction: 'in', kind: 'call', channel: 'web' });
    expect((await api.get(`/v1/customers?identifier=${body.customerId}`)).body.data.rows).toMatchObject([{ customerId: body.customerId }]);
    expect((await api.get('/v1/customers?identifier=00000000-0000-4000-8000-000000000000')).body.data.rows).toEqual([]);
  }); // prettier-ignore

  it('keep the keys of systems apart whose names hold a colon', async () => {
    const fact = (sourceSystem: string, sourceEventId: string) =>
      api.post('/v1/customers/shop%2FcustomerNo:colon/touch-points', { direction: 'in', kind: 'call', channel: 'web', sourceSystem, sourceEventId });
    expect((await fact('crm', 'eu:1')).status).toBe(201);
    expect((await fact('crm:eu', '1')).status).toBe(201);
  }); // prettier-ignore
});
