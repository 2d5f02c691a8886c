import { verifyReadModels } from '@rapport/projection-engine';
import { ApiUnderTest, type Answer } from './api-under-test.js';
import { eventIdsOf, minuteAfter, tellLongHistory, TOUCHES } from './long-history.js';

describe('Customers that are merged over HTTP', () => {
  let api: ApiUnderTest;
  let ids: { ada: string; again: string };
  const at = (reference: string): string => `/v1/customers/${encodeURIComponent(reference)}`;
  const settled = async (): Promise<void> => api.runtime.catchUp(60_000);
  const inFunnel = async (): Promise<number> => (await api.get('/v1/funnel')).body.data.customers as number;
  const isFoldOfLog = async (): Promise<void> => {
    await settled();
    const { projections, events, readModels } = api.runtime;
    const report = await verifyReadModels({ projections, history: events, store: readModels });
    expect(report.differences).toEqual([]);
  };
  const merge = (survivor: string, members: string[], more: object = {}): Promise<Answer> =>
    api.post('/v1/identity/merges', { survivor, members, matchRule: 'samePhone', ...more });
  const before: Record<string, unknown> = {};

  beforeAll(async () => {
    api = await ApiUnderTest.start();
    await tellLongHistory(api, 'shop/customerNo:1', 0);
    await tellLongHistory(api, 'till/customerNo:7', 1);
    await tellLongHistory(api, 'till/customerNo:8', 2);
    await settled();
    const idOf = async (reference: string): Promise<string> => (await api.get(at(reference))).body.data.customerId; // prettier-ignore
    ids = { ada: await idOf('shop/customerNo:1'), again: await idOf('till/customerNo:7') };
    await api.record(`${at(ids.ada)}/corrections`, { changes: [{ field: 'displayName', value: 'Ada Example', source: 'crm', confidencePct: 100 }] }); // prettier-ignore
    await api.record(`${at(ids.again)}/corrections`, { changes: [{ field: 'displayName', value: 'A. Example', source: 'till', confidencePct: 50 }] }); // prettier-ignore
    await settled();
    for (const id of Object.values(ids)) before[id] = (await api.get(at(id))).body.data;
  }, 120_000);
  afterAll(() => api.stop());

  it('show what a merge would do before anybody decides', async () => {
    const preview = await api.get(`${at(ids.ada)}/merge-preview?members=till%2FcustomerNo:7`);
    expect(preview.body.data).toMatchObject({
      survivorId: ids.ada,
      memberIds: [ids.again],
      possible: true,
      joined: [{ touches: TOUCHES + 20 }, { touches: TOUCHES + 20 }],
      conflicts: [{ field: 'displayName', values: [{ value: 'Ada Example' }, { value: 'A. Example' }], unlessChosen: ids.again }], // prettier-ignore
    });
    expect((await merge(ids.ada, [ids.again], { dryRun: true })).status).toBe(200);
    expect((await api.get(`${at(ids.ada)}/merge-preview`)).status).toBe(422);
  });

  it('lose nothing and double nothing: 1,000 touch points each, one customer in lists, figures and scores', async () => {
    const own = { ada: await eventIdsOf(api, ids.ada), again: await eventIdsOf(api, ids.again) };
    expect(await inFunnel()).toBe(3);
    const answer = await merge('shop/customerNo:1', ['till/customerNo:7'], { fieldChoices: [{ field: 'displayName', from: ids.ada }] }); // prettier-ignore
    expect([answer.status, answer.body]).toMatchObject([
      201,
      { customerId: ids.ada, memberIds: [ids.again] },
    ]);
    await settled();
    for (const reference of [ids.ada, ids.again, 'till/customerNo:7']) {
      const { data } = (await api.get(at(reference))).body;
      expect(data).toMatchObject({ customerId: ids.ada, displayName: 'Ada Example', members: [{ customerId: ids.again }] }); // prettier-ignore
      expect(data.money).toMatchObject([{ currency: 'EUR', purchases: 40 }]);
    }
    const joined = await eventIdsOf(api, ids.again);
    expect(new Set(joined).size).toBe(joined.length);
    expect([...joined].sort()).toEqual([...own.ada, ...own.again].sort());
    expect(await inFunnel()).toBe(2);
    const found = await api.get('/v1/customers?identifier=till%2FcustomerNo:7');
    expect(found.body.data.rows.map((row: { customerId: string }) => row.customerId)).toEqual([ids.ada]);
    await isFoldOfLog();
  }, 60_000);

  it('count a late purchase of before the merge once, and are two as of a day before it', async () => {
    await api.record(`${at('till/customerNo:7')}/purchases`, { orderId: 'late-1', occurredAt: minuteAfter(3), total: { amountMinor: 77, currency: 'EUR' } }); // prettier-ignore
    await settled();
    expect((await api.get(at(ids.again))).body.data.money).toMatchObject([{ purchases: 41 }]);
    const day = minuteAfter(300_000);
    const counts = await Promise.all([ids.ada, ids.again].map(async (id) => {
      const { data } = (await api.get(`${at(id)}?asOf=${day}`)).body;
      return [data.customerId, data.money[0].purchases];
    })); // prettier-ignore
    expect(counts).toEqual([[ids.ada, 21], [ids.again, 20]]); // prettier-ignore
    expect((await eventIdsOf(api, ids.ada)).length).toBeGreaterThan(2 * TOUCHES);
  });

  it('are as if never merged once that is taken back; what was recorded since stays', async () => {
    const preview = await api.get(`${at(ids.ada)}/unmerge-preview`);
    expect(preview.body.data).toMatchObject({ possible: true, memberIds: [ids.again], staysWithSurvivor: { latest: [{ type: 'PurchaseRecorded' }] } }); // prettier-ignore
    const answer = await api.post('/v1/identity/unmerges', { survivor: ids.ada, reasonCode: 'twoPersons' });
    expect(answer.status).toBe(201);
    await settled();
    const { data: again } = (await api.get(at(ids.again))).body;
    expect(again).toMatchObject({ customerId: ids.again, displayName: 'A. Example', members: [] });
    const same = (data: Record<string, unknown>) => ({ money: data['money'], touches: data['touches'], contacts: data['contacts'], relationship: data['relationship'] }); // prettier-ignore
    expect(same(again)).toEqual(same(before[ids.again] as Record<string, unknown>));
    expect((await api.get(at(ids.ada))).body.data).toMatchObject({ money: [{ purchases: 21 }] });
    expect(await inFunnel()).toBe(3);
    expect((await api.post('/v1/identity/unmerges', { survivor: ids.ada, reasonCode: 'x' })).body.code).toBe('UNKNOWN_MERGE'); // prettier-ignore
    await isFoldOfLog();
  }, 60_000);

  it('are proposed, rejected, and then not proposed again for the same reason', async () => {
    const match = { customers: [ids.ada, 'till/customerNo:8'], rules: ['sameEmail'], scorePct: 80 };
    await api.record('/v1/identity/match-proposals', match);
    await settled();
    const queue = await api.get('/v1/read-models/identity/matches');
    expect(queue.body.data.rows).toMatchObject([{ rules: ['sameEmail'], scorePct: 80, status: 'proposed' }]);
    await api.record('/v1/identity/match-rejections', { customers: match.customers, reasonCode: 'siblings' });
    expect((await api.post('/v1/identity/match-proposals', match)).body.code).toBe('MATCH_REJECTED');
    await settled();
    expect((await api.get('/v1/read-models/identity/matches')).body.data.rows).toEqual([]);
    expect((await api.get('/v1/read-models/identity/merges')).body.data.rows).toMatchObject([{ survivorId: ids.ada, merges: [{ status: 'unmerged' }] }]); // prettier-ignore
  });

  it('are found by what they have in common, over the whole base, until somebody decides', async () => {
    await api.record(`${at(ids.ada)}/identifiers`, { identifierType: 'email', value: 'Ada@Example.com' });
    await api.record(`${at(ids.again)}/identifiers`, { identifierType: 'email', value: 'ada@example.com ' });
    await api.record(`${at('till/customerNo:8')}/identifiers`, { identifierType: 'phone', value: '+31 20 1234567' }); // prettier-ignore
    await api.record(`${at(ids.again)}/identifiers`, { identifierType: 'phone', value: '0031201234567' });
    const found = async (): Promise<unknown> => (await api.get('/v1/identity/candidates')).body.data.rows;
    // One is called Ada Example, the other A. Example; of the third no name is known.
    expect(await found()).toMatchObject([{ rules: ['sameEmail'], names: 'alike', scorePct: 89, proposed: false }, { rules: ['samePhone'], names: 'unknown', scorePct: 60 }]); // prettier-ignore
    const pages: unknown[] = [];
    for (let cursor = ''; ;) {
      const { body } = await api.get(`/v1/identity/candidates?limit=1${cursor}`);
      pages.push(...body.data.rows);
      if (!body.meta.next) break;
      cursor = `&cursor=${encodeURIComponent(body.meta.next as string)}`;
    }
    expect(pages).toHaveLength(2);
    for (const id of [ids.ada, ids.again])
      await api.record(`${at(id)}/corrections`, { changes: [{ field: 'displayName', value: id === ids.ada ? 'Ada Müller' : 'MUELLER, ada', source: 'crm', confidencePct: 100 }, { field: 'postalCode', value: '1012 ab', source: 'crm', confidencePct: 90 }] }); // prettier-ignore
    expect(await found()).toMatchObject([{ rules: ['sameEmail', 'sameName', 'samePostalCode'], names: 'same', scorePct: 98 }, { rules: ['samePhone'] }]); // prettier-ignore
    await api.record('/v1/identity/match-rejections', { customers: [ids.again, 'till/customerNo:8'], reasonCode: 'household' }); // prettier-ignore
    expect((await merge(ids.ada, [ids.again])).status).toBe(201);
    // The survivor has the telephone of its member, of whom was said that it is another.
    expect((await api.get('/v1/identity/candidates')).body.data).toEqual({ rows: [], leftOut: { households: 0, sharedByMany: 0, weaker: 0 } }); // prettier-ignore
  });

  it('need a steward or a system', async () => {
    const headers = { authorization: `Bearer ${await api.tokenOf('rep')}` };
    expect((await api.post('/v1/identity/merges', { survivor: ids.ada, members: [ids.again] }, headers)).status).toBe(403); // prettier-ignore
  });
});
