import { defaultRuleBookDocument } from '@rapport/domain';
import { ApiUnderTest } from './api-under-test.js';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a spec changes a document in any place
type Loose = any;
const bookWith = (version: string, change: (document: Loose) => void = () => undefined): Loose => {
  const document = structuredClone(defaultRuleBookDocument) as Loose;
  document.version = version;
  change(document);
  return document;
};
const coolingOff = (document: Loose): Loose =>
  document.offers.stages.involvement.crossSell.needs.find(
    (need: Loose) => need.rule === 'offerNeedsNoOpenCase',
  );

describe('Rule books through the API', () => {
  let api: ApiUnderTest;
  beforeAll(async () => {
    api = await ApiUnderTest.start();
  });
  afterAll(() => api.stop());

  const at = (occurredAt: string) => ({ occurredAt });
  const register = async (email: string): Promise<string> => {
    const { body } = await api.record('/v1/customers', {
      roles: ['customer'],
      identifiers: [{ type: 'email', value: email }],
      channel: 'web',
      ...at('2026-01-01T08:00:00.000Z'),
    });
    return body.customerId as string;
  };
  const offer = (customerId: string, occurredAt: string) =>
    api.post(`/v1/customers/${customerId}/offers`, {
      productId: 'grinder',
      channel: 'email',
      initiative: 'firm',
      ...at(occurredAt),
    });

  it('begin with the one that ships, in force from the beginning', async () => {
    const { body } = await api.get('/v1/rule-books');
    expect(body.data).toEqual([
      {
        version: 'default-1',
        author: 'rapport',
        objective: expect.any(String),
        effectiveFrom: '0001-01-01T00:00:00.000Z',
        publishedAt: null,
        eventId: null,
        inForce: true,
      },
    ]);
    expect((await api.get('/v1/rule-books/default-1')).body.data.rules).toEqual(defaultRuleBookDocument);
    expect((await api.get('/v1/rule-books/none')).status).toBe(404);
    expect((await api.get('/v1/rule-books?asOf=yesterday')).status).toBe(422);
  });

  it('are refused by naming the place and the reason, and checked by a dry run', async () => {
    const wrong = bookWith('wrong-1', (d) => (coolingOff(d).when = { is: 'moonIsFull' }));
    const refused = await api.post('/v1/rule-books', { rules: wrong });
    expect(refused).toMatchObject({
      status: 422,
      body: {
        code: 'RULE_BOOK_INVALID',
        detail:
          '$.offers.stages.involvement.crossSell.needs[1].when.is: no predicate is called "moonIsFull".',
      },
    });
    const possible = await api.post('/v1/rule-books', { rules: bookWith('dry-1'), dryRun: true });
    expect(possible).toMatchObject({
      status: 200,
      body: { dryRun: true, eventTypes: ['RuleBookPublished', 'RuleBookPublished'] },
    });
    expect((await api.get('/v1/rule-books')).body.data).toHaveLength(1);
    const token = await api.tokenOf('rep');
    expect((await api.post('/v1/rule-books', { rules: wrong }, { authorization: `Bearer ${token}` })).status).toBe(403); // prettier-ignore
  });

  it('decide from their date on, and what was decided before is explained by the book it was decided under', async () => {
    await api.record('/v1/products', { productId: 'grinder', name: 'Grinder', family: 'grinders', tier: 1, kind: 'durable', listPrice: { amountMinor: 9_900, currency: 'EUR' } }); // prettier-ignore
    const ada = await register('ada@example.com');
    await api.record(`/v1/customers/${ada}/purchases`, {
      orderId: 'o-1',
      total: { amountMinor: 10_000, currency: 'EUR' },
      ...at('2026-01-02T08:00:00.000Z'),
    });
    await api.record(`/v1/customers/${ada}/cases`, { caseId: 'c-1', kind: 'question', severity: 4, ...at('2026-01-03T08:00:00.000Z') }); // prettier-ignore
    const before = await offer(ada, '2026-01-04T08:00:00.000Z');
    expect(before).toMatchObject({ status: 409, body: { ruleBookVersion: 'default-1' } });

    const tolerant = bookWith('tolerant-2', (d) => (coolingOff(d).when = { not: { is: 'complaintOpen', with: { maxSeverity: 2 } } })); // prettier-ignore
    await api.record('/v1/rule-books', { rules: tolerant, effectiveFrom: '2026-02-01T00:00:00.000Z' });
    // Published now, but the day of the decision comes before its date.
    expect(await offer(ada, '2026-01-31T23:59:59.000Z')).toMatchObject({ status: 409, body: { ruleBookVersion: 'default-1' } }); // prettier-ignore
    expect((await offer(ada, '2026-02-01T00:00:00.000Z')).status).toBe(201);

    expect((await api.get('/v1/rule-books')).body.data.map((b: Loose) => [b.version, b.inForce])).toEqual([
      ['default-1', false],
      ['tolerant-2', true],
    ]);
    const then = await api.get('/v1/rule-books?asOf=2026-01-15T00:00:00Z');
    expect(then.body.data.map((b: Loose) => b.inForce)).toEqual([true, false]);

    const [suppressed] = before.body.eventIds as string[];
    const { body } = await api.get(`/v1/customers/${ada}/decisions/${suppressed}`);
    expect(body.data).toMatchObject({
      type: 'OfferSuppressed',
      ruleBookVersion: 'default-1',
      ruleBook: { version: 'default-1' },
      decision: { suppressedBy: ['openCase'] },
    });
    const unmet = (body.data.rules as Loose[]).filter(({ answer }) => !answer.met);
    expect(unmet).toMatchObject([
      {
        name: 'offerNeedsNoOpenCase',
        answer: { rule: 'not', met: false, parts: [{ rule: 'caseOpen', met: true }] },
      },
    ]);
  });

  it('explain a move by its guard, with the facts that showed it', async () => {
    const bob = await register('bob@example.com');
    const { body } = await api.record(`/v1/customers/${bob}/purchases`, {
      orderId: 'o-2',
      total: { amountMinor: 10_000, currency: 'EUR' },
      ...at('2026-01-05T08:00:00.000Z'),
    });
    const [purchase, move] = body.eventIds as string[];
    const explained = (await api.get(`/v1/customers/${bob}/decisions/${move}`)).body.data;
    expect(explained).toMatchObject({
      type: 'RelationshipStageMoved',
      decision: { from: 'contact', to: 'involvement', reasonCode: 'firstPurchase' },
      rules: [{ name: 'G1', answer: { rule: 'all', met: true } }],
    });
    expect(JSON.stringify(explained.rules)).toContain(purchase);
    // A fact is no decision; somebody else's decision is not theirs.
    expect((await api.get(`/v1/customers/${bob}/decisions/${purchase}`)).status).toBe(404);
    const cyd = await register('cyd@example.com');
    expect((await api.get(`/v1/customers/${cyd}/decisions/${move}`)).status).toBe(404);
    expect((await api.get(`/v1/customers/email:nobody@example.com/decisions/${move}`)).status).toBe(404);
  });

  it('are followed by the list of due reviews without a restart of the service', async () => {
    const eve = await register('eve@example.com');
    await api.record(`/v1/customers/${eve}/purchases`, {
      orderId: 'o-3',
      total: { amountMinor: 10_000, currency: 'EUR' },
      ...at('2026-02-02T08:00:00.000Z'),
    });
    const due = async (): Promise<string | undefined> => {
      const { body } = await api.get('/v1/read-models/due-reviews/due?by=2100-01-01T00:00:00Z');
      return (body.data.rows as Loose[]).find((row) => row.customerId === eve)?.dueAt as string | undefined;
    };
    await api.runtime.catchUp(10_000);
    expect(await due()).toBe('2026-08-01T08:00:00.000Z');
    const strict = bookWith('strict-3', (d) =>
      Object.assign(d.roleSets[0].guards.G7.when.all[0].with, {
        days: 30,
        groupMedianGapDays: { consumer: 15, smallBusiness: 15, corporation: 15 },
      }),
    );
    await api.record('/v1/rule-books', { rules: strict, effectiveFrom: '2026-02-10T00:00:00.000Z' });
    const deadlineMs = Date.now() + 20_000;
    while ((await due()) !== '2026-03-04T08:00:00.000Z' && Date.now() < deadlineMs)
      await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await due()).toBe('2026-03-04T08:00:00.000Z');
    expect(api.runtime.health()).toMatchObject({ ready: true, restarts: 0 });
  });
});
