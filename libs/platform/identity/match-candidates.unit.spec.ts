import { SignedCursors } from '../signed-cursor.js';
import { MatchCandidates } from './match-candidates.js';
import { identityUnderTest } from './merges.builder.js';

/** A base of customers, and the search for duplicates over it. */
async function aBase() {
  const test = await identityUnderTest();
  const candidates = new MatchCandidates({
    index: test.store,
    hasher: test.hasher,
    codec: test.codec,
    events: test.store,
    cursors: new SignedCursors(new Uint8Array(32)),
  });
  const principal = test.envelope().principal;
  let count = 0;
  /** A customer with a number of its own, a name and details, and telephones. */
  const customer = async (details: Record<string, string>, ...phones: string[]): Promise<string> => {
    const identifiers = [{ type: 'email', value: `somebody-${++count}@example.com` }];
    const { customerId: id } = await test.send('RegisterCustomer', undefined, { roles: ['customer'], identifiers }); // prettier-ignore
    const changes = Object.entries(details).map(([field, value]) => ({ field, value, source: 'till', confidencePct: 90 })); // prettier-ignore
    if (changes.length > 0) await test.send('CorrectCustomerDetails', id, { changes });
    for (const value of phones) await test.send('AddIdentifier', id, { identifierId: `p${value.slice(1)}`, identifierType: 'phone', value }); // prettier-ignore
    return id;
  };
  const pair = (a: string, b: string): string[] => [a, b].sort();
  const propose = (a: string, b: string, ...rules: 'samePhone'[]) => test.merges.propose({ ...test.envelope(), customers: [a, b], rules, scorePct: 60 }); // prettier-ignore
  const reject = (a: string, b: string) => test.merges.reject({ ...test.envelope(), customers: [a, b], reasonCode: 'siblings' }); // prettier-ignore
  const merge = (survivor: string, member: string) => test.merges.merge({ ...test.envelope(), survivor, members: [member], matchRule: 'manual' }); // prettier-ignore
  const find = (limit = 200, cursor?: string) => candidates.find({ limit, principal, ...(cursor === undefined ? {} : { cursor }) }); // prettier-ignore
  return { ...test, test, customer, pair, propose, reject, merge, find };
}
const PHONE = '+31201234567';

describe('Match candidates', () => {
  it('are found by name with postal code or birth date told in different events, until one of them changes', async () => {
    const { customer, pair, find, test } = await aBase();
    const ada = await customer({ displayName: 'Ada Müller', postalCode: '1012 AB' });
    const again = await customer({ postalCode: '1012ab', birthDate: '1990-05-01' });
    await customer({ displayName: 'Ben Müller', postalCode: '1012AB' });
    expect((await find()).rows).toEqual([]);
    await test.send('CorrectCustomerDetails', again, { changes: [{ field: 'displayName', value: 'mueller ada', source: 'till', confidencePct: 90 }] }); // prettier-ignore
    expect(await find()).toEqual({
      rows: [{ customerIds: pair(ada, again), rules: ['sameName', 'samePostalCode'], names: 'same', scorePct: 70, proposed: false }],
      leftOut: { households: 0, sharedByMany: 0, weaker: 0 },
    }); // prettier-ignore
    await test.send('CorrectCustomerDetails', ada, { changes: [{ field: 'birthDate', value: '1961-01-01', source: 'till', confidencePct: 90 }] }); // prettier-ignore
    expect((await find()).rows).toEqual([]);
  });

  it('are not found by anything of a person who was erased', async () => {
    const { customer, find, test } = await aBase();
    const details = { displayName: 'Ada Byron', postalCode: '1012AB', birthDate: '1990-05-01' };
    const ada = await customer(details, PHONE);
    await customer(details, PHONE);
    expect((await find()).rows).toHaveLength(1);
    await test.send('EraseCustomer', ada, { basis: 'request', keptForLaw: [] });
    expect((await find()).rows).toEqual([]);
  });

  it('once rejected do not come back, proposed before or not, through a merge neither; another reason is news', async () => {
    const { customer, pair, propose, reject, merge, find, test } = await aBase();
    const [ada, ben] = [await customer({ displayName: 'Ada' }, PHONE), await customer({ displayName: 'Ada' }, PHONE)]; // prettier-ignore
    expect((await find()).rows).toHaveLength(1);
    await reject(ada, ben);
    expect((await find()).rows).toEqual([]);
    const third = await customer({});
    await merge(third, ben);
    expect((await find()).rows).toEqual([]);

    const [cyd, dan] = [await customer({}, '+4912345678'), await customer({}, '+4912345678')];
    await propose(cyd, dan, 'samePhone');
    expect((await find()).rows).toMatchObject([{ customerIds: pair(cyd, dan), proposed: true }]);
    await reject(cyd, dan);
    expect((await find()).rows).toEqual([]);
    for (const id of [cyd, dan]) await test.send('AddIdentifier', id, { identifierId: 't', identifierType: 'taxId', value: 'NL001' }); // prettier-ignore
    expect((await find()).rows).toMatchObject([{ customerIds: pair(cyd, dan), rules: ['samePhone', 'sameTaxId'], proposed: false }]); // prettier-ignore
  });

  it('name the survivor of a member, once', async () => {
    const { customer, pair, merge, find } = await aBase();
    const [ada, again] = [await customer({}, PHONE), await customer({}, PHONE)];
    const other = await customer({}, PHONE);
    await merge(ada, again);
    expect((await find()).rows).toMatchObject([{ customerIds: pair(ada, other), rules: ['samePhone'] }]);
  });

  it('leave households and switchboards out, and say how many', async () => {
    const { customer, pair, find } = await aBase();
    const family = await Promise.all(['Ada', 'Ben', 'Cyd', 'Dan'].map((displayName) => customer({ displayName }, PHONE))); // prettier-ignore
    const again = await customer({ displayName: 'Ada' }, PHONE);
    for (let n = 0; n < 11; n++) await customer({}, '+4930000000');
    const nameless = await Promise.all([1, 2, 3, 4, 5, 6].map(() => customer({}, '+3221234567')));
    const { rows, leftOut } = await find();
    expect(rows[0]).toMatchObject({ customerIds: pair(family[0]!, again), rules: ['sameName', 'samePhone'], scorePct: 80 }); // prettier-ignore
    expect(rows.slice(1).every(({ customerIds }) => customerIds.every((id) => nameless.includes(id)))).toBe(true); // prettier-ignore
    expect(rows).toHaveLength(1 + 10);
    // Five share the telephone: ten pairs, of which one has the same name; fifteen pairs of six without a name.
    expect(leftOut).toEqual({ households: 9, sharedByMany: 1, weaker: 5 });
  });

  it('come page by page', async () => {
    const { customer, find } = await aBase();
    for (const phone of ['+31201', '+31202', '+31203']) for (let n = 0; n < 2; n++) await customer({}, `${phone}0000`); // prettier-ignore
    const pages = [];
    for (let next: string | undefined; ;) {
      const page = await find(1, next);
      pages.push(page.rows.length);
      if ((next = page.next) === undefined) break;
    }
    expect(pages.reduce((sum, rows) => sum + rows, 0)).toBe(3);
  });
});
