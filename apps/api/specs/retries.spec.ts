import { isoOf } from '@rapport/contracts';
import { systemClock } from '@rapport/runtime';
import { ApiUnderTest, type Answer } from './api-under-test.js';

const EUR = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });
const inSeconds = (seconds: number): string => isoOf(systemClock.nowMs() + seconds * 1_000);

/** What a sender that does not know whether it was heard may rely on. */
describe('Writes sent again', () => {
  let api: ApiUnderTest;
  beforeAll(async () => {
    api = await ApiUnderTest.start();
  });
  afterAll(() => api.stop());
  const head = async (): Promise<string> => (await api.get('/v1/operations/projections')).body.data[0].head;
  const key = (text: string) => ({ 'idempotency-key': text });

  it('are carried out once when fifty arrive together; the others are told to come back, and get the first answer', async () => {
    const send = (): Promise<Answer> => api.post('/v1/customers/email:once@example.com/purchases', { total: EUR(500) }, key('together')); // prettier-ignore
    const answers = await Promise.all(Array.from({ length: 50 }, send));
    const recorded = answers.filter(({ status, body }) => status === 201 && !body.replayed);
    expect(recorded).toHaveLength(1);
    for (const { status, body, headers } of answers.filter((answer) => answer.status !== 201)) {
      expect([status, body.code]).toEqual([409, 'IN_PROGRESS']);
      expect(headers['retry-after']).toBe('1');
    }
    const again = await Promise.all(Array.from({ length: 3 }, async () => (await send()).status));
    expect(again.some((status) => status === 201)).toBe(true);
    expect((await send()).body).toEqual({ ...recorded[0]!.body, replayed: true });
    const { body } = await api.get(`/v1/customers/email:once@example.com?after=${recorded[0]!.body.token}`);
    expect(body.data.money[0].purchasedMinor).toBe(500);
  });

  it('are known by the sender’s own id with and without a key, and not under another body', async () => {
    const path = '/v1/customers/email:own@example.com/purchases';
    const own = { total: EUR(700), sourceEventId: 's-1', occurredAt: inSeconds(-60) };
    const first = await api.record(path, own, key('a'));
    expect((await api.post(path, own, key('b'))).body).toEqual({ ...first.body, replayed: true });
    expect((await api.post(path, { ...own, total: EUR(701) })).body.code).toBe('KEY_REUSED');
  });

  it('are refused as the first time, also when the refusal was recorded', async () => {
    const path = '/v1/customers/email:offered@example.com';
    await api.record(`${path}/complaints`, { caseId: 'c-1', reasonCode: 'late', severity: 1 });
    await api.record('/v1/products', {
      productId: 'p-2',
      name: 'P',
      family: 'p',
      tier: 2,
      kind: 'durable',
      listPrice: EUR(9_900),
    });
    const offer = { offerId: 'of-1', productId: 'p-2', channel: 'email', initiative: 'firm' }; // prettier-ignore
    const first = await api.post(`${path}/offers`, offer, key('offer'));
    expect([first.status, first.body.eventIds.length]).toEqual([409, 1]);
    const before = await head();
    const again = await api.post(`${path}/offers`, offer, key('offer'));
    expect(again.body).toEqual({ ...first.body, instance: again.body.instance, replayed: true });
    expect((await api.post(`${path}/offers`, { ...offer, purpose: 'retain' }, key('offer'))).body.code).toBe('KEY_REUSED'); // prettier-ignore
    expect(await head()).toBe(before);
  });

  it('keep their first answer although the ETag has moved on', async () => {
    const path = '/v1/customers/email:edited@example.com';
    const { headers } = await api.record(`${path}/touch-points`, { direction: 'in', kind: 'call' });
    const match = { ...key('edit'), 'if-match': headers['etag']! };
    const first = await api.record(`${path}/groups`, { groupCode: 'consumer' }, match);
    expect((await api.post(`${path}/groups`, { groupCode: 'consumer' }, match)).body).toEqual({ ...first.body, replayed: true }); // prettier-ignore
    const late = await api.post(
      `${path}/groups`,
      { groupCode: 'corporation' },
      { 'if-match': headers['etag']! },
    );
    expect([late.status, late.body.code, late.body.currentRevision]).toEqual([412, 'STALE_PRECONDITION', first.body.revision]); // prettier-ignore
  });

  it('of a batch are told apart item by item', async () => {
    const item = {
      command: 'RecordPurchase',
      customer: 'email:batch@example.com',
      idempotencyKey: 'b',
      total: EUR(300),
    };
    const { body } = await api.post('/v1/batch', { items: [item, item, { ...item, total: EUR(400) }] });
    expect(body.results.map((one: { status: string; problem?: { code: string } }) => one.problem?.code ?? one.status)).toEqual(['accepted', 'replayed', 'KEY_REUSED']); // prettier-ignore
  });

  it('that are only tried record nothing, whatever they would come to', async () => {
    const path = '/v1/customers/email:once@example.com';
    const before = await head();
    for (const [what, body] of [
      ['stage-moves', { to: 'intimacy', reasonCode: 'wish' }],
      ['offers', { offerId: 'x', productId: 'p', channel: 'email', initiative: 'firm' }],
      ['opportunities', { kind: 'new', initiative: 'customer', expected: EUR(1), probabilityPct: 5 }],
      ['stage-overrides', { to: 'contact', note: 'n', holdUntil: inSeconds(3_600) }],
    ] as const) {
      expect([200, 409]).toContain((await api.post(`${path}/${what}`, { ...body, dryRun: true })).status);
      expect((await api.post(`/v1/customers/email:nobody@example.com/${what}`, { ...body, dryRun: true })).status).toBe(404);
    }
    expect(await head()).toBe(before);
  }); // prettier-ignore

  it('that a fast clock dated ahead are in nobody’s way', async () => {
    const path = '/v1/customers/email:ahead@example.com';
    const touch = { direction: 'in', kind: 'call' };
    expect((await api.post(`${path}/touch-points`, { ...touch, occurredAt: inSeconds(330) })).body.code).toBe('OCCURRED_IN_FUTURE'); // prettier-ignore
    await api.record(`${path}/touch-points`, { ...touch, occurredAt: inSeconds(290) });
    const { body } = await api.record(`${path}/purchases`, { total: EUR(100) });
    await api.record(`${path}/cases`, { caseId: 'c-1', kind: 'question', severity: 3 });
    await api.record(`${path}/cases/c-1/acknowledgements`, { handlerId: 'agent-1' });
    const { data } = (await api.get(`${path}?after=${body.token}`)).body;
    expect(data.relationship).toMatchObject({ stage: 'involvement', daysInStage: 0 });
    for (const part of ['value', 'risk', 'history'])
      expect((await api.get(`${path}/${part}`)).status).toBe(200);
    const funnel = (await api.get('/v1/funnel')).body.data.stages as { meanDaysInStage: number | null }[];
    for (const { meanDaysInStage } of funnel) expect(meanDaysInStage ?? 0).toBeGreaterThanOrEqual(0);
  });
});
