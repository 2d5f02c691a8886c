import { ApiUnderTest } from './api-under-test.js';

const EUR = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });

describe('Standing and portfolios over HTTP', () => {
  let api: ApiUnderTest;
  beforeAll(async () => {
    api = await ApiUnderTest.start();
  });
  afterAll(() => api.stop());

  let customers = 0;
  const register = async (more: object = {}): Promise<string> => {
    const identifiers = [{ type: 'customerNo', value: `standing-${++customers}` }];
    const { body } = await api.record('/v1/customers', { roles: ['customer'], identifiers, channel: 'branch', ...more }); // prettier-ignore
    return body.customerId as string;
  };
  const seen = async (path: string): Promise<{ data: any; meta: any }> => { // eslint-disable-line @typescript-eslint/no-explicit-any -- each test knows the answer it asked for
    await api.runtime.catchUp(5_000);
    const { status, body } = await api.get(path);
    expect(status).toBe(200);
    return body;
  }; // prettier-ignore

  it('register a customer by one identifier, one role and the channel, and by nothing less', async () => {
    const needed = { identifiers: [{ type: 'email', value: 'least@example.com' }], roles: ['customer'], channel: 'branch' }; // prettier-ignore
    const { body } = await api.record('/v1/customers', needed);
    expect((await seen(`/v1/customers/${body.customerId}`)).data).toMatchObject({ roles: ['customer'], acquisitionChannel: 'branch', displayName: null }); // prettier-ignore
    for (const [field, nothing] of [['identifiers', []], ['roles', []], ['channel', '']] as const) {
      const { [field]: _left, ...rest } = needed;
      for (const lacking of [rest, { ...rest, [field]: nothing }]) {
        const answer = await api.post('/v1/customers', lacking);
        expect([answer.status, answer.body.errors[0].pointer]).toEqual([422, `/${field}`]);
      }
    }
    const { body: document } = await api.get('/docs/openapi.json');
    expect([...document.components.schemas.RegisterCustomerBody.required].sort()).toEqual(['channel', 'identifiers', 'roles']); // prettier-ignore
  }); // prettier-ignore

  it('show how loyal a customer is beside everything else, for the day asked for', async () => {
    const customer = await register();
    const { data: before, meta } = await seen(`/v1/customers/${customer}`);
    expect(before.loyalty).toMatchObject({ mode: null, noModeReason: 'neverBought', rung: 'suspect' });
    const bought = await api.record(`/v1/customers/${customer}/purchases`, { total: EUR(500) });
    const { body } = await api.get(`/v1/customers/${customer}?after=${bought.body.token}`);
    expect(body.data.loyalty).toMatchObject({ rung: 'customer', purchaseDays: 1 });
    const { body: past } = await api.get(`/v1/customers/${customer}?knownAt=${meta.position}`); // prettier-ignore
    expect(past.data.loyalty).toMatchObject({ noModeReason: 'neverBought' });
    expect((await api.get(`/v1/read-models/customer-360/customer?customerId=${customer}`)).body.data.loyalty).toMatchObject({ rung: 'customer' }); // prettier-ignore
  });

  it('put customers into classes and say what another class would take', async () => {
    const customer = await register();
    const worth = { value: EUR(180_000), potentialValue: EUR(10), serviceGradeWanted: 'high' };
    const possible = await api.post(`/v1/customers/${customer}/classifications`, { ...worth, dryRun: true });
    expect(possible.body.eventTypes).toEqual(['CustomerClassified', 'ServiceLevelSet']);
    await api.record(`/v1/customers/${customer}/classifications`, worth);
    const { data } = await seen(`/v1/read-models/customer-classes/customer?customerId=${customer}`);
    expect(data).toMatchObject({ class: '3', serviceLevel: { level: 'premium', slaHours: 24 }, whatItWouldTake: [{ class: '4' }] }); // prettier-ignore
    const { data: members } = await seen('/v1/read-models/customer-classes/members?class=3');
    expect(members.rows).toMatchObject([{ customerId: customer }]);
    const refused = await api.post(`/v1/customers/${customer}/classifications`, { ...worth, value: { amountMinor: 1, currency: 'ZAR' }, potentialValue: { amountMinor: 1, currency: 'ZAR' } }); // prettier-ignore
    expect([refused.status, refused.body.code]).toEqual([409, 'NO_VALUE_THRESHOLDS']);
  });

  it('refuse a strategic account with the way out, and name it once that was gone', async () => {
    const customer = await register();
    const designate = (dryRun = false) =>
      api.post(`/v1/customers/${customer}/strategic-designations`, { standing: 'strategic', sponsorId: 'board-1', reason: 'we build together', ...(dryRun ? { dryRun } : {}) }); // prettier-ignore
    const refused = await designate(true);
    expect(refused.body.code).toBe('NEED_LEVEL_TOO_LOW');
    expect(refused.body.wayOut.map((way: { fact: { eventType: string } }) => way.fact.eventType)).toEqual(['NeedLevelAssessed', 'CoCreationStarted', 'CoCreationContributed']); // prettier-ignore
    await api.record(`/v1/customers/${customer}/need-levels`, { level: 6, reason: 'shapes our plans' });
    await api.record(`/v1/customers/${customer}/co-creations`, { projectId: 'line-2', role: 'coInvestor' });
    expect((await designate()).status).toBe(201);
    const { data } = await seen('/v1/read-models/strategic-accounts/accounts?sponsorId=board-1');
    expect(data.rows).toMatchObject([{ customerId: customer, standing: 'strategic', needLevel: 6, runningProjects: 1 }]); // prettier-ignore
  });

  it('tell a steward whose data to look at', async () => {
    const customer = await register({ identifiers: [{ type: 'email', value: 'not an address' }] });
    await api.record(`/v1/customers/${customer}/data-steward`, { stewardId: 'steward-9' });
    const { data } = await seen(
      '/v1/read-models/data-quality/worklist?problem=malformed&stewardId=steward-9',
    );
    expect(data.rows).toMatchObject([{ customerId: customer, malformed: ['email'], validityPct: 0 }]);
  });

  it('hand a portfolio over in one command: listed before, done once, counted after', async () => {
    const moving: string[] = [];
    for (let n = 0; n < 3; n += 1) {
      const customer = await register();
      await api.record(`/v1/customers/${customer}/account-manager`, { managerId: 'am-old', fromDate: '2026-01-01', basis: 'manual' }); // prettier-ignore
      moving.push(customer);
    }
    const command = {
      handOverId: 'ho-1',
      toManagerId: 'am-new',
      fromDate: '2026-04-01',
      reasonCode: 'retired',
    };
    await api.runtime.catchUp(5_000);
    const dry = await api.post('/v1/account-managers/am-old/hand-overs', { ...command, dryRun: true });
    expect(dry.body).toMatchObject({
      managerId: 'am-old',
      dryRun: true,
      eventTypes: ['PortfolioHandedOver'],
    });
    expect(dry.body.preview.data.rows.map((row: { customerId: string }) => row.customerId).sort()).toEqual([...moving].sort()); // prettier-ignore
    await api.record('/v1/account-managers/am-old/hand-overs', command);
    const completed = async (): Promise<boolean> =>
      (await api.get('/v1/read-models/portfolio-hand-overs/hand-overs?status=completed')).body.data.rows.length > 0; // prettier-ignore
    const deadline = Date.now() + 20_000;
    // Gives way to timers: the hand-over goes on by the clock.
    while (!(await completed()) && Date.now() < deadline) await new Promise((goOn) => setImmediate(goOn));
    const { data: handOvers } = await seen('/v1/read-models/portfolio-hand-overs/hand-overs');
    expect(handOvers.rows).toMatchObject([{ managerId: 'am-old', toManagerId: 'am-new', status: 'completed', customersMoved: 3, customersLeft: 0 }]); // prettier-ignore
    expect((await seen('/v1/read-models/account-portfolio/hand-over?handOverId=ho-1&managerId=am-old')).data).toEqual({ customersMoved: 3, customersRemaining: 0 }); // prettier-ignore
    const { data } = await seen('/v1/read-models/account-portfolio/portfolios?managerId=am-new&by=stage');
    expect(data.managers).toMatchObject([{ managerId: 'am-new', customers: 3, groups: [{ value: 'contact', customers: 3 }] }]); // prettier-ignore
    const again = await api.post('/v1/account-managers/am-old/hand-overs', command);
    expect([again.status, again.body.code]).toEqual([409, 'ID_ALREADY_USED']);
  });
});
