import fc from 'fast-check';
import type { DataOf, PurchaseRecorded } from '@rapport/contracts';
import { describeProjection } from '@rapport/testing';
import { contextAt, CustomerEvents, foldAll, readerOf } from '../_parts/customer-events.builder.js';
import { discountBandOf, netOf, refundsOf, sharesOf, split } from './allocate.js';
import type { ProfitabilityDocument } from './profitability.model.js';
import { profitability } from './profitability.projection.js';
import { byDiscountBand, byProduct, byRegion, customer, customers } from './profitability.queries.js';

const EUR = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });
const line = (productId: string, qty: number, price: number, cost?: number) => ({
  productId,
  qty,
  unitPrice: EUR(price),
  ...(cost === undefined ? {} : { unitCost: EUR(cost) }),
});
const NOW = contextAt('2026-12-31T00:00:00.000Z');
const readerOver = (...histories: CustomerEvents[]) =>
  readerOf(
    profitability,
    foldAll<ProfitabilityDocument>(
      profitability,
      histories.flatMap(({ events }) => events),
    ),
  );

describeProjection(profitability, [
  {
    it: 'keeps what the customer brought and a row for each product of an order',
    given: (history) =>
      history.type('PurchaseRecorded', {
        orderId: 'o-1',
        lines: [line('machine', 1, 900, 500), line('beans', 10, 10)],
        total: EUR(1_100),
        tax: EUR(200),
        discount: EUR(100),
      }),
    then: {
      ada: { money: { EUR: { orders: 1, revenueMinor: 900, discountMinor: 100, costedRevenueMinor: 810, costOfGoodsMinor: 500 } } },
      'ada/o/o-1/machine': { revenueMinor: 810, costOfGoodsMinor: 500, discountBand: 'upTo10', pieces: 1 },
      'ada/o/o-1/beans': { revenueMinor: 90, costedRevenueMinor: 0, pieces: 10 },
    },
  },
  {
    it: 'takes a return from the line it belongs to, known or not yet',
    given: (history) =>
      history
        .type('ReturnRecorded', { orderId: 'o-1', refund: EUR(90), reasonCode: 'stale', lines: [{ productId: 'beans', qty: 10 }] })
        .type('PurchaseRecorded', { orderId: 'o-1', lines: [line('beans', 10, 9)], total: EUR(90) }),
    then: { 'ada/o/o-1/beans': { revenueMinor: 90, refundedMinor: 90, returnedPieces: 10 } },
  },
  {
    it: 'counts the cost of what came back as no cost of a sale, unless it is written off',
    given: (history) =>
      history
        .type('PurchaseRecorded', { orderId: 'o-1', lines: [line('machine', 3, 900, 500)], total: EUR(2_700) })
        .type('ReturnRecorded', { orderId: 'o-1', refund: EUR(900), reasonCode: 'late', lines: [{ productId: 'machine', qty: 1, costBack: EUR(500) }] })
        .type('ReturnRecorded', { orderId: 'o-1', refund: EUR(900), reasonCode: 'broken', goods: 'writtenOff', lines: [{ productId: 'machine', qty: 1, costBack: EUR(500) }] }),
    then: {
      ada: { money: { EUR: { refundedMinor: 1_800, costOfGoodsMinor: 1_500, returnedCostMinor: 500 } } },
      'ada/o/o-1/machine': { refundedMinor: 1_800, returnedPieces: 2, returnedCostMinor: 500 },
    },
  },
]); // prettier-ignore

it('A sale that was taken back whole and can be sold again earned and cost nothing', async () => {
  const told = new CustomerEvents()
    .record('PurchaseRecorded', { orderId: 'o-1', lines: [line('machine', 1, 900, 500)], total: EUR(900) })
    .record('ReturnRecorded', { orderId: 'o-1', refund: EUR(900), reasonCode: 'late', lines: [{ productId: 'machine', qty: 1, costBack: EUR(500) }] }); // prettier-ignore
  const answer = await customer.run(await readerOver(told), { customerId: told.customerId }, NOW);
  expect(answer!.currencies).toMatchObject([
    { netRevenueMinor: 0, grossMarginMinor: 0, returnedCostMinor: 500 },
  ]);
});

describe('An order divided by product', () => {
  it('adds up to what was paid for it, whatever the lines', () => {
    const money = fc.integer({ min: 0, max: 1_000_000 });
    const lines = fc.array(
      fc.record({
        productId: fc.constantFrom('a', 'b', 'c'),
        qty: fc.integer({ min: 1, max: 50 }),
        price: money,
        cost: fc.option(money),
      }),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(lines, money, money, money, (told, total, tax, discount) => {
        const purchase: DataOf<typeof PurchaseRecorded> = {
          orderId: 'o',
          lines: told.map(({ productId, qty, price, cost }) =>
            line(productId, qty, price, cost ?? undefined),
          ),
          total: EUR(total),
          tax: EUR(tax),
          discount: EUR(discount),
        };
        const shares = sharesOf(purchase);
        const sum = (of: (share: (typeof shares)[number]) => number) =>
          shares.reduce((whole, share) => whole + of(share), 0);
        expect(sum((share) => share.revenueMinor)).toBe(netOf(purchase));
        expect(sum((share) => share.discountMinor)).toBe(discount);
        expect(new Set(shares.map(({ productId }) => productId)).size).toBe(shares.length);
      }),
    );
  });

  it('splits whole numbers by weight, and evenly without any', () => {
    expect(split(100, [1, 1, 1])).toEqual([34, 33, 33]);
    expect(split(10, [0, 0])).toEqual([5, 5]);
    expect(split(-5, [1, 1]).reduce((a, b) => a + b)).toBe(-5);
  });

  it('knows how much was given away', () => {
    const bandOf = (total: number, discount: number) =>
      discountBandOf({ orderId: 'o', total: EUR(total), discount: EUR(discount) });
    expect([bandOf(100, 0), bandOf(95, 5), bandOf(90, 10), bandOf(80, 20), bandOf(70, 30)]).toEqual([
      'none',
      'upTo5',
      'upTo10',
      'upTo20',
      'over20',
    ]);
  });

  it('gives a refund of several products to each as said, the rest to none', () => {
    const refund = (
      lines: { productId: string; qty: number; refund?: { amountMinor: number; currency: string } }[],
    ) => refundsOf({ orderId: 'o', refund: EUR(100), reasonCode: 'x', lines });
    expect(refund([])).toEqual([{ productId: null, pieces: 0, refundMinor: 100, costBackMinor: 0 }]);
    expect(refund([{ productId: 'a', qty: 2 }])).toEqual([
      { productId: 'a', pieces: 2, refundMinor: 100, costBackMinor: 0 },
    ]);
    expect(refund([{ productId: 'a', qty: 1, refund: EUR(60) }, { productId: 'b', qty: 1 }])).toEqual([
      { productId: 'a', pieces: 1, refundMinor: 60, costBackMinor: 0 },
      { productId: 'b', pieces: 1, refundMinor: 0, costBackMinor: 0 },
      { productId: null, pieces: 0, refundMinor: 40, costBackMinor: 0 },
    ]); // prettier-ignore
  });
});

describe('Profitability', () => {
  const ada = () =>
    new CustomerEvents('00000000-0000-5000-8000-00000000000a', (index) => BigInt(index + 1))
      .record('CustomerGrouped', { groupCode: 'corporation', regionCode: 'north' })
      .record('PurchaseRecorded', { orderId: 'o-1', lines: [line('machine', 1, 1_000, 600)], total: EUR(1_000) }, { at: '2026-01-10T00:00:00.000Z' })
      .record('PurchaseRecorded', { orderId: 'o-2', total: EUR(500) }, { at: '2026-03-10T00:00:00.000Z' })
      .record('ReturnRecorded', { orderId: 'o-2', refund: EUR(100), reasonCode: 'late' })
      .record('ServiceCostRecorded', { amount: EUR(50), activity: 'visit', productId: 'machine' })
      .record('CaseResolved', { caseId: 'c-1', resolutionCode: 'paid', compensation: EUR(30) })
      .record('WrittenOff', { invoiceId: 'i-1', amount: EUR(20), reasonCode: 'insolvency' })
      .record('FraudSignalConfirmed', { signalId: 'f-1', loss: EUR(10) }); // prettier-ignore
  const ben = () =>
    new CustomerEvents('00000000-0000-5000-8000-00000000000b', (index) => BigInt(index + 101))
      .record('CustomerGrouped', { groupCode: 'corporation', regionCode: 'north' })
      .record('PurchaseRecorded', { orderId: 'o-1', lines: [line('machine', 2, 1_000, 600)], total: EUR(1_600), discount: EUR(400) }, { at: '2026-02-10T00:00:00.000Z' })
      .record('PurchaseRecorded', { orderId: 'o-2', total: { amountMinor: 700, currency: 'USD' } }); // prettier-ignore

  it('of a customer: known and assumed margins, less returns and all it cost to serve', async () => {
    const answer = await customer.run(await readerOver(ada()), { customerId: ada().customerId }, NOW);
    expect(answer).toMatchObject({ regionCode: 'north', assumedMargin: 0.3, serviceCosts: [{ activity: 'visit', costMinor: 50 }] }); // prettier-ignore
    expect(answer!.currencies).toEqual([
      {
        currency: 'EUR',
        orders: 2,
        revenueMinor: 1_500,
        discountMinor: 0,
        refundedMinor: 100,
        netRevenueMinor: 1_400,
        costOfGoodsMinor: 600,
        returnedCostMinor: 0,
        costKnownShare: 1_000 / 1_500,
        estimatedMarginMinor: 150,
        grossMarginMinor: 400 + 150 - 100,
        serviceCostMinor: 50,
        compensationMinor: 30,
        writtenOffMinor: 20,
        fraudLossMinor: 10,
        costToServeMinor: 110,
        contributionMinor: 340,
      },
    ]);
  });

  it('of products, within a time', async () => {
    const reader = await readerOver(ada(), ben());
    const all = await byProduct.run(reader, {}, NOW);
    expect(all.products.filter(({ productId }) => productId === 'machine')).toEqual([
      expect.objectContaining({ currency: 'EUR', pieces: 3, revenueMinor: 2_600, costOfGoodsMinor: 1_800, serviceCostMinor: 50, contributionMinor: 750 }),
    ]); // prettier-ignore
    expect(all.products.find(({ productId, currency }) => productId === null && currency === 'EUR')).toMatchObject({ refundedMinor: 100, returnRate: 0.2 }); // prettier-ignore
    const january = await byProduct.run(reader, { from: '2026-01-01', to: '2026-01-31' }, NOW);
    expect(january.products).toEqual([expect.objectContaining({ productId: 'machine', pieces: 1 })]);
  });

  it('of discounts', async () => {
    const { bands } = await byDiscountBand.run(await readerOver(ada(), ben()), { productId: 'machine' }, NOW);
    expect(bands.map(({ discountBand, grossMarginMinor }) => [discountBand, grossMarginMinor])).toEqual([
      ['none', 400],
      ['upTo20', 400],
    ]);
  });

  it('of regions, each customer once, however many currencies', async () => {
    const { regions } = await byRegion.run(await readerOver(ada(), ben()), { groupCode: 'corporation' }, NOW);
    expect(regions.map(({ region, currency, customers: count, netRevenueMinor }) => [region, currency, count, netRevenueMinor])).toEqual([
      ['north', 'EUR', 2, 3_000],
      ['north', 'USD', 1, 700],
    ]); // prettier-ignore
  });

  it('lists who costs most to serve', async () => {
    const page = await customers.run(
      await readerOver(ada(), ben()),
      { currency: 'EUR', orderBy: 'costToServeMinor' },
      NOW,
    );
    expect(page.rows.map(({ customerId, costToServeMinor }) => [customerId, costToServeMinor])).toEqual([
      [ada().customerId, 110],
    ]);
  });

  it('of merged customers is the sum of what both brought, whichever comes first', () => {
    const [a, b] = [ada(), ben()].map((one) =>
      foldAll<ProfitabilityDocument>(profitability, one.events).get(one.customerId)!,
    );
    const merged = profitability.combine!([structuredClone(a!), structuredClone(b!)]);
    expect(merged).toMatchObject({
      money: { EUR: { orders: 3, revenueMinor: 3_100 }, USD: { revenueMinor: 700 } },
    });
    expect(profitability.combine!([structuredClone(b!), structuredClone(a!)])).toEqual(merged);
  });
});
