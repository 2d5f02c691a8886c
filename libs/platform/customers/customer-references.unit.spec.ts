import { RapportError } from '@rapport/contracts';
import { createIdentifierHasher, MemoryKeyStore } from '@rapport/event-store';
import { CustomerReferences, parseReference } from './customer-references.js';

const ID = '3f2b8a34-7c35-5c4e-9b52-2a43c9f0d111';

describe('A customer reference', () => {
  it.each([
    [ID, { customerId: ID }],
    [ID.toUpperCase(), { customerId: ID }],
    ['email:ada@example.com', { identifier: { type: 'email', value: 'ada@example.com' } }],
    ['customerNo:42', { identifier: { type: 'customerNo', value: '42', sourceSystem: 'shop' } }],
    ['crm-2/crm:a:b/c', { identifier: { type: 'crm', value: 'a:b/c', sourceSystem: 'crm-2' } }],
  ])('%s is understood', (reference, parsed) => {
    expect(parseReference(reference, 'shop')).toEqual(parsed);
  });

  it.each(['', 'ada', 'customer-42', 'name:ada', 'email:', 'email: ', 'shop/email:a@b.c', 'email:a\u202eb', `email:${'x'.repeat(321)}`, '../x', '$all'])(
    '%j is refused',
    (reference) => {
      expect(() => parseReference(reference, 'shop')).toThrow(RapportError);
    },
  ); // prettier-ignore

  describe('of somebody nobody has heard of', () => {
    const references = async (found: string[] = []): Promise<CustomerReferences> => {
      const index = { customersWithIdentifier: async () => found, customersWithNameWords: async () => [], erasedCustomers: async () => [], sharedHashes: async () => [] }; // prettier-ignore
      return new CustomerReferences(index, await createIdentifierHasher(new MemoryKeyStore()));
    };

    it('always gives the same id, whatever the spelling, and another one in another system', async () => {
      const one = await references();
      const idOf = async (reference: string): Promise<string> => (await one.resolve(reference, 'shop')).customerId; // prettier-ignore
      expect(await idOf('customerNo:ab1')).toBe(await idOf('shop/customerNo:AB1 '));
      expect(await idOf('customerNo:ab1')).not.toBe(await idOf('till/customerNo:ab1'));
      expect(await idOf('email:Ada@Example.com')).toBe(await idOf('email:ada@example.com'));
      expect(await idOf('phone:+31 20 123 45 67')).toBe(await idOf('phone:0031201234567'));
    });

    it('is the first customer on file where there is one', async () => {
      const known = await references([ID]);
      expect(await known.resolve('email:ada@example.com', 'shop')).toEqual({ customerId: ID });
    });
  });

  describe('that were resolved before', () => {
    const OTHER = '3f2b8a34-7c35-5c4e-9b52-2a43c9f0d222';
    const setUp = async (hears = { others: true }) => {
      let owner = ID;
      let asked = 0;
      const index = { customersWithIdentifier: async () => (asked++, [owner]), customersWithNameWords: async () => [], erasedCustomers: async () => [], sharedHashes: async () => [] }; // prettier-ignore
      const references = new CustomerReferences(index, await createIdentifierHasher(new MemoryKeyStore()), 0, () => hears.others); // prettier-ignore
      const idOf = async (): Promise<string> => (await references.resolve('shop/customerNo:1', 'shop')).customerId; // prettier-ignore
      return { references, idOf, hears, asked: () => asked, moveTo: (id: string) => (owner = id) };
    };

    it('are not looked up again until something was taken away', async () => {
      const { references, idOf, asked, moveTo } = await setUp();
      expect([await idOf(), await idOf()]).toEqual([ID, ID]);
      expect(asked()).toBe(1);
      moveTo(OTHER);
      references.forget();
      expect(await idOf()).toBe(OTHER);
    });

    it('are looked up each time while nothing is heard of other processes', async () => {
      const { idOf, hears, moveTo } = await setUp();
      await idOf();
      hears.others = false;
      moveTo(OTHER);
      expect(await idOf()).toBe(OTHER);
    });

    it('are not remembered when what they lead to was taken away while they were looked up', async () => {
      const { references, idOf, moveTo } = await setUp();
      const looking = idOf();
      references.forget();
      await looking;
      moveTo(OTHER);
      expect(await idOf()).toBe(OTHER);
    });
  });
});
