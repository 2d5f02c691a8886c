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
        errors: [
          {
            pointer: '/rules/offers/stages/involvement/crossSell/needs/1/when/is',
            code: 'RULE_BOOK_INVALID',
            message: 'no predicate is called "moonIsFull"',
          },
        ],
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

  const guard = (document: Loose, path: string): Loose =>
    path.split('/').reduce((part, name) => part[name], document.roleSets[0].guards);
  const wrongBooks: readonly (readonly [title: string, body: object, status: number, code: string, pointer: string, message: RegExp])[] = [
    ['no rules', {}, 422, 'INVALID_VALUE', '/rules', /required/],
    ['rules that are no object', { rules: [] }, 422, 'INVALID_VALUE', '/rules', /must be an object/],
    ['rules without a version', { rules: {} }, 422, 'RULE_BOOK_INVALID', '/rules/version', /is required \(cited by every decision\)/],
    ['an unknown field', { rules: bookWith('w-1', (d) => (d.roleSets[0].guards.G1['a.b/c'] = 1)) }, 422, 'RULE_BOOK_INVALID', '/rules/roleSets/0/guards/G1/a.b~1c', /not known/],
    ['a value of another type', { rules: bookWith('w-2', (d) => (d.slaHoursBySeverity['1'] = 'a day')) }, 422, 'RULE_BOOK_INVALID', '/rules/slaHoursBySeverity/1', /must be a number \(hours\)/],
    ['negative days', { rules: bookWith('w-3', (d) => (d.winBackWindowDays = -5)) }, 422, 'RULE_BOOK_INVALID', '/rules/winBackWindowDays', /must be at least 1 \(days after which/],
    ['negative days of a threshold', { rules: bookWith('w-4', (d) => (guard(d, 'G1/when/all/0/any/3/with').withinDays = -5)) }, 422, 'RULE_BOOK_INVALID', '/rules/roleSets/0/guards/G1/when/all/0/any/3/with/withinDays', /must be at least 1/],
    ['an unknown guard', { rules: bookWith('w-5', (d) => (d.roleSets[0].exits.contact[0].guard = 'G99')) }, 422, 'RULE_BOOK_INVALID', '/rules/roleSets/0/exits/contact/0/guard', /no guard is called G99/],
    ['an unknown stage', { rules: bookWith('w-6', (d) => (d.roleSets[0].exits.contact[0].to = 'heaven')) }, 422, 'RULE_BOOK_INVALID', '/rules/roleSets/0/exits/contact/0/to', /must be one of contact, involvement, /],
    ['a window too short for what it asks', { rules: bookWith('w-7', (d) => Object.assign(guard(d, 'G1/when/all/0/any/3/with'), { days: 12, withinDays: 3 })) }, 422, 'RULE_BOOK_INVALID', '/rules/roleSets/0/guards/G1/when/all/0/any/3/with/days', /no period of 3 days touches 12 days/],
    ['less time for the lesser case', { rules: bookWith('w-8', (d) => (d.slaHoursBySeverity['1'] = 500)) }, 422, 'RULE_BOOK_INVALID', '/rules/slaHoursBySeverity/2', /shorter than the 500 hours of severity 1/],
    ['two sets for one role', { rules: bookWith('w-9', (d) => d.roleSets[1].appliesTo.push('customer')) }, 422, 'RULE_BOOK_INVALID', '/rules/roleSets/1/appliesTo/4', /the set customer applies to customer already/],
    ['a currency that is none', { rules: bookWith('w-10', (d) => (d.classification.highValueMinorPerYear.eur = 1)) }, 422, 'RULE_BOOK_INVALID', '/rules/classification/highValueMinorPerYear/eur', /not known/],
    ['an unknown customer group', { rules: bookWith('w-11', (d) => (guard(d, 'G7/when/all/0/with/groupMedianGapDays').consumers = 9)) }, 422, 'RULE_BOOK_INVALID', '/rules/roleSets/0/guards/G7/when/all/0/with/groupMedianGapDays/consumers', /not known/],
    ['a date that is none', { rules: bookWith('w-12'), effectiveFrom: 'tomorrow' }, 422, 'INVALID_VALUE', '/effectiveFrom', /instant/],
    ['a date that is past', { rules: bookWith('w-13'), effectiveFrom: '2020-01-01T00:00:00Z' }, 409, 'RULE_BOOK_BACKDATED', '/effectiveFrom', /more than a day before the publication/],
    ['a version that was used', { rules: bookWith('default-1') }, 409, 'RULE_BOOK_VERSION_TAKEN', '/rules/version', /was used/],
  ]; // prettier-ignore
  it.each(wrongBooks)(
    'with %s are refused at that place',
    async (_title, body, status, code, pointer, message) => {
      expect(await api.post('/v1/rule-books', body)).toMatchObject({
        status,
        body: { code, errors: [{ pointer, message: expect.stringMatching(message) }] },
      });
      expect((await api.get('/v1/rule-books')).body.data).toHaveLength(1);
    },
  );

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
    await api.record('/v1/rule-books', {
      rules: tolerant,
      effectiveFrom: '2026-02-01T00:00:00.000Z',
      ...at('2026-01-20T08:00:00.000Z'),
    });
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

  it('explain every decision by the book it was made under, whatever was published since, and list which book decided what', async () => {
    await api.record('/v1/products', { productId: 'mill', name: 'Mill', family: 'mills', tier: 1, kind: 'durable', listPrice: { amountMinor: 9_900, currency: 'EUR' } }); // prettier-ignore
    const fay = await register('fay@example.com');
    const path = `/v1/customers/${fay}`;
    const buy = { orderId: 'f-1', total: { amountMinor: 10_000, currency: 'EUR' } };
    await api.record(`${path}/purchases`, { ...buy, ...at('2026-02-05T08:00:00.000Z') });
    const classify = { value: { amountMinor: 150_000, currency: 'EUR' }, potentialValue: { amountMinor: 1, currency: 'EUR' }, serviceGradeWanted: 'low' }; // prettier-ignore
    await api.record(`${path}/classifications`, { ...classify, ...at('2026-02-06T08:00:00.000Z') });
    const listed = async (query = ''): Promise<Loose[]> => {
      await api.runtime.catchUp(10_000);
      return (await api.get(`${path}/decisions${query}`)).body.data.rows as Loose[];
    };
    const explained = async (): Promise<Loose[]> =>
      Promise.all(
        (await listed()).map(
          async ({ eventId }) => (await api.get(`${path}/decisions/${eventId}`)).body.data as Loose,
        ),
      );
    const before = await explained();
    expect(before.map(({ type, ruleBookVersion }) => [type, ruleBookVersion]).sort()).toEqual([
      ['CustomerClassified', 'tolerant-2'],
      ['RelationshipStageMoved', 'tolerant-2'],
      ['ServiceLevelSet', 'tolerant-2'],
    ]);

    // Another guard, other thresholds of value: under them Fay would have stayed at contact and be unclassified.
    const reserved = bookWith('reserved-3', (d) => {
      d.roleSets[0].guards.G1.when = { is: 'contractSignedInStage', reason: 'contractSigned' };
      d.classification.highValueMinorPerYear.EUR = 200_000;
    });
    await api.record('/v1/rule-books', {
      rules: reserved,
      effectiveFrom: '2026-02-08T00:00:00.000Z',
      ...at('2026-02-07T08:00:00.000Z'),
    });
    expect(await explained()).toEqual(before);
    const move = before.find(({ type }) => type === 'RelationshipStageMoved')!;
    expect(JSON.stringify(move.rules)).toContain('purchasedInStage');

    await api.record(`${path}/classifications`, { ...classify, ...at('2026-02-09T08:00:00.000Z') });
    const anew = await listed('?ruleBookVersion=reserved-3');
    expect(anew.map(({ type }) => type).sort()).toEqual(['CustomerClassified', 'ServiceLevelSet']);
    expect(anew.find(({ type }) => type === 'CustomerClassified')!.outcome).toEqual({
      class: 'unclassified',
    });
    expect(await listed('?ruleBookVersion=tolerant-2')).toHaveLength(3);
    const { books } = (await api.get('/v1/read-models/decisions/books')).body.data;
    expect(books.map((book: Loose) => book.ruleBookVersion)).toEqual(expect.arrayContaining(['default-1', 'reserved-3', 'tolerant-2'])); // prettier-ignore
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
    const strict = bookWith('strict-4', (d) =>
      Object.assign(d.roleSets[0].guards.G7.when.all[0].with, {
        days: 30,
        groupMedianGapDays: { consumer: 15, smallBusiness: 15, corporation: 15 },
      }),
    );
    await api.record('/v1/rule-books', {
      rules: strict,
      effectiveFrom: '2026-02-10T00:00:00.000Z',
      ...at('2026-02-09T08:00:00.000Z'),
    });
    const deadlineMs = Date.now() + 20_000;
    while ((await due()) !== '2026-03-04T08:00:00.000Z' && Date.now() < deadlineMs)
      await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await due()).toBe('2026-03-04T08:00:00.000Z');
    expect(api.runtime.health()).toMatchObject({ ready: true, restarts: 0 });
  });
});
