import { describeProjection, eventBuilder, testCustomerId } from '@rapport/testing';
import { contextAt, foldAll, readerOf } from '../_parts/customer-events.builder.js';
import type { HolderDocument, ProductHoldingsDocument } from './product-holdings.model.js';
import { productHoldings } from './product-holdings.projection.js';
import { customer, distribution, product, products } from './product-holdings.queries.js';

const eur = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });
const line = (productId: string, productFamily: string, productKind: 'durable' | 'consumable', qty = 1) =>
  ({ productId, productFamily, productTier: 1, productKind, qty, unitPrice: eur(1_000) }) as const;
const contract = { contractId: 'k-1', productId: 'care', productFamily: 'care', productTier: 1 };

describeProjection(productHoldings, [
  {
    it: 'knows what is held: durables bought and not given back, services under contract, never consumables',
    given: (history) =>
      history
        .type('PurchaseRecorded', { orderId: 'o-1', lines: [line('em-1', 'machines', 'durable', 2), line('beans', 'beans', 'consumable', 5)] })
        .type('ReturnRecorded', { orderId: 'o-1', lines: [{ productId: 'em-1', qty: 1 }] })
        .type('ContractSigned', contract),
    then: {
      ada: { held: [{ productId: 'em-1', family: 'machines', pieces: 1, contractIds: [] }, { productId: 'care', pieces: 0, contractIds: ['k-1'] }] },
      'ada/beans/EUR': { pieces: 5, revenueMinor: 5_000 },
      'ada/em-1/EUR': { pieces: 2, returnedPieces: 1 },
    },
  },
  {
    it: 'lets go of what was given back in full and of contracts that ended; an amended one is for another product',
    given: (history) =>
      history
        .type('PurchaseRecorded', { orderId: 'o-1', lines: [line('em-1', 'machines', 'durable')] })
        .type('ReturnRecorded', { orderId: 'o-1', lines: [{ productId: 'em-1', qty: 1 }] })
        .type('ContractSigned', contract)
        .type('ContractAmended', { contractId: 'k-1', productId: 'care-plus' })
        .type('ContractSigned', { ...contract, contractId: 'k-2' })
        .type('ContractExpired', { contractId: 'k-2' }),
    then: { ada: { held: [{ productId: 'care-plus', contractIds: ['k-1'] }] } },
  },
  {
    it: 'keeps the catalogue as it was revised last',
    given: (history) =>
      history
        .stream('product-em-1')
        .type('ProductDefined', { productId: 'em-1', name: 'Machine', family: 'machines', tier: 1 })
        .raw('ProductRevised', { productId: 'em-1', tier: 2 }),
    then: (documents) => expect(documents['em-1']).toMatchObject({ type: 'product', name: 'Machine', tier: 2 }),
  },
]); // prettier-ignore

describe('The questions about products', () => {
  const events = eventBuilder()
    .stream('product-em-2')
    .type('ProductDefined', { productId: 'em-2', name: 'Big machine', family: 'machines', tier: 2, kind: 'durable' })
    .stream('product-em-1')
    .type('ProductDefined', { productId: 'em-1', name: 'Machine', family: 'machines', tier: 1, kind: 'durable' })
    .customer('ada')
    .type('PurchaseRecorded', { orderId: 'o-1', lines: [line('em-1', 'machines', 'durable'), line('grinder', 'grinders', 'durable')] })
    .customer('bob')
    .type('PurchaseRecorded', { orderId: 'o-1', lines: [line('em-1', 'machines', 'durable')] })
    .build(); // prettier-ignore
  const documents = foldAll<ProductHoldingsDocument>(productHoldings, events);
  const at = contextAt('2026-06-01T00:00:00.000Z');

  it('tell what a customer holds, and how many hold how many', async () => {
    const reader = await readerOf(productHoldings, documents);
    expect(await customer.run(reader, { customerId: testCustomerId('ada') }, at)).toMatchObject({ productsHeld: 2, familiesHeld: 2 }); // prettier-ignore
    expect(await customer.run(reader, { customerId: testCustomerId('cyd') }, at)).toMatchObject({ productsHeld: 0, held: [] }); // prettier-ignore
    expect(await distribution.run(reader, {}, at)).toMatchObject({
      customers: 2,
      meanProductsHeld: 1.5,
      byProductsHeld: [{ productsHeld: 1, customers: 1 }, { productsHeld: 2, customers: 1 }],
    }); // prettier-ignore
  });

  it('list the catalogue by family and tier, and tell how often a product was bought', async () => {
    const reader = await readerOf(productHoldings, documents);
    const { rows } = await products.run(reader, { family: 'machines' }, at);
    expect(rows.map(({ productId }) => productId)).toEqual(['em-1', 'em-2']);
    expect(await product.run(reader, { productId: 'em-1' }, at)).toMatchObject({ name: 'Machine', sales: [{ customers: 2, pieces: 2, returnedPieces: 0, revenue: eur(2_000) }] }); // prettier-ignore
    expect(await product.run(reader, { productId: 'unheard-of' }, at)).toBeNull();
  });

  it('count what merged customers hold once', () => {
    const [ada, bob] = ['ada', 'bob'].map((name) => documents.get(testCustomerId(name))!);
    const both = productHoldings.combine!([ada!, bob!]) as HolderDocument;
    expect(both.held).toMatchObject([{ productId: 'em-1', pieces: 2 }, { productId: 'grinder', pieces: 1 }]); // prettier-ignore
  });
});
