import { customerStreamId } from '@rapport/contracts';
import { ApiUnderTest } from './api-under-test.js';

const NAMES = ['Qada', 'Qagain', 'Qthird'] as const;
type Name = (typeof NAMES)[number];
const BEFORE_MERGES = '2026-02-01T00:00:00.000Z';

/** Qthird was merged into Qagain, and that one into Qada. */
describe('The rights of a person who was merged', () => {
  let api: ApiUnderTest;
  const ids = {} as Record<Name, string>;
  const of = (reference: string, path = ''): string =>
    `/v1/customers/${encodeURIComponent(reference)}${path}`;
  const emailOf = (name: string): string => `email:${name.toLowerCase()}@example.com`;
  const exportOf = async (reference: string) => (await api.record(of(reference, '/data-exports'), { basis: 'access' })).body.export; // prettier-ignore

  beforeAll(async () => {
    api = await ApiUnderTest.start();
    for (const [n, name] of NAMES.entries()) {
      const occurredAt = `2026-01-0${n + 1}T10:00:00.000Z`;
      const identifiers = [{ type: 'email', value: `${name}@example.com` }];
      const { body } = await api.record('/v1/customers', { roles: ['customer'], displayName: `${name} Example`, identifiers, channel: 'web', occurredAt }); // prettier-ignore
      ids[name] = body.customerId;
      await api.record(of(ids[name], '/touch-points'), { direction: 'in', kind: 'call', channel: 'callCentre', subject: `${name} asked`, occurredAt }); // prettier-ignore
      await api.record(of(ids[name], '/corrections'), { changes: [{ field: 'postalCode', value: `10${n} ${name}`, source: 'crm', confidencePct: 90 }], occurredAt }); // prettier-ignore
      await api.record(of(ids[name], '/purchases'), { orderId: `o-${n}`, total: { amountMinor: 1_000, currency: 'EUR' }, occurredAt }); // prettier-ignore
    }
    await api.record(of(ids.Qthird, '/restrictions'), { scope: 'marketing', basis: 'objectionPending' });
    await api.record('/v1/identity/merges', { survivor: ids.Qagain, members: [ids.Qthird] });
    await api.record('/v1/identity/merges', { survivor: ids.Qada, members: [ids.Qagain] });
    await api.record(of(emailOf('Qthird'), '/touch-points'), { direction: 'in', kind: 'call', channel: 'callCentre', subject: 'Qthird called later' }); // prettier-ignore
    await api.runtime.catchUp(20_000);
  }, 60_000);
  afterAll(() => api.stop());

  it('reach from any member everything that is kept about all of them', async () => {
    for (const reference of [ids.Qada, ids.Qthird, emailOf('Qagain')]) {
      const { customerId, events, derived } = await exportOf(reference);
      expect(customerId).toBe(ids.Qada);
      const text = JSON.stringify(events);
      for (const name of NAMES) for (const told of [`${name} Example`, `${name}@example.com`, `${name} asked`]) expect(text).toContain(told); // prettier-ignore
      expect(text).toContain('Qthird called later');
      expect(new Set(events.map((event: { customerId: string }) => event.customerId))).toEqual(new Set(Object.values(ids))); // prettier-ignore
      expect(derived['lifetime-value/value']).toMatchObject({ historicNumberOfOrders: 3 });
    }
  });

  it('hold for all of them: what one member objected to is not done with the survivor', async () => {
    const offer = { kind: 'new', initiative: 'firm', expected: { amountMinor: 100, currency: 'EUR' }, probabilityPct: 10 }; // prettier-ignore
    expect((await api.post(of(ids.Qada, '/opportunities'), offer)).body.code).toBe('PROCESSING_RESTRICTED');
  });

  it('say before an unmerge what would have to be said again for the member it was about', async () => {
    await api.record(of(ids.Qagain, '/consents'), { decision: 'denied', purpose: 'research', channelScope: 'any', textVersion: '1' }); // prettier-ignore
    const { data } = (await api.get(of(ids.Qada, '/unmerge-preview'))).body;
    expect(data.staysWithSurvivor.latest.map(({ type }: { type: string }) => type)).toContain('TouchPointRecorded'); // prettier-ignore
    expect(data.sayAgainIfAboutMember).toMatchObject([{ type: 'ConsentDenied' }]);
  });

  it('forget all of them when any is to be forgotten: no value is read anywhere, figures stay, nobody is told apart', async () => {
    const requested = await api.record(of(emailOf('Qthird'), '/erasure-requests'), { basis: 'consentWithdrawn' }); // prettier-ignore
    const erased = await api.record(of(ids.Qthird, '/erasure'), { basis: 'request' });
    expect([requested.body.customerId, erased.body.customerId]).toEqual([ids.Qada, ids.Qada]);
    await api.runtime.catchUp(20_000);
    const answers: unknown[] = [];
    for (const id of Object.values(ids))
      for (const path of ['', '/history?limit=200', '/value', '/risk', `?asOf=${BEFORE_MERGES}`, `/history?limit=200&asOf=${BEFORE_MERGES}`]) {
        const { status, body } = await api.get(`/v1/customers/${id}${path}`);
        expect({ id, path, status }).toEqual({ id, path, status: 200 });
        answers.push(body);
      } // prettier-ignore
    for (const name of NAMES)
      for (const query of [`identifier=${encodeURIComponent(emailOf(name))}`, `name=${name}`])
        expect((await api.get(`/v1/customers?${query}`)).body.data.rows).toEqual([]);
    answers.push(await exportOf(ids.Qthird));
    answers.push((await api.get('/v1/identity/candidates')).body);
    for (const name of NAMES) expect(JSON.stringify(answers).toLowerCase()).not.toContain(name.toLowerCase());
    const page = (await api.get(of(ids.Qagain))).body.data;
    expect(page).toMatchObject({ customerId: ids.Qada, erased: true, money: [{ purchases: 3 }] });
    const log = await api.runtime.events.readStream(customerStreamId(ids.Qada));
    const { data } = log.find(({ type }) => type === 'CustomerErased')!;
    expect([...(data as { memberIds: string[] }).memberIds].sort()).toEqual([ids.Qagain, ids.Qthird].sort());
    expect((await api.post('/v1/identity/unmerges', { survivor: ids.Qada, reasonCode: 'x' })).body.code).toBe('CUSTOMER_ERASED'); // prettier-ignore
    for (const id of Object.values(ids)) {
      const purchase = await api.post(of(id, '/purchases'), { total: { amountMinor: 1, currency: 'EUR' } });
      expect(purchase.body.code).toBe('CUSTOMER_ERASED');
    }
  }, 30_000);

  it('leave whoever registers again under an identifier of a member somebody new', async () => {
    const identifiers = [{ type: 'email', value: 'Qthird@example.com' }];
    const { body } = await api.record('/v1/customers', { roles: ['customer'], identifiers, channel: 'web' });
    expect(Object.values(ids)).not.toContain(body.customerId);
  });
});
