import { describeProjection } from '@rapport/testing';
import { contextAt, CustomerEvents, foldAll, readerOf } from '../_parts/customer-events.builder.js';
import type { TransactionDocument } from './transaction-history.model.js';
import { transactionHistory } from './transaction-history.projection.js';
import { clients, history } from './transaction-history.queries.js';

const EUR = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });
const NOW = contextAt('2027-01-01T00:00:00.000Z');

describeProjection(transactionHistory, [
  {
    it: 'keeps the client with what they traded',
    given: (log) =>
      log
        .type('PurchaseRecorded', { orderId: 'o-1', total: EUR(500) })
        .type('ReturnRecorded', { orderId: 'o-1', refund: EUR(100), reasonCode: 'late' })
        .type('CustomerGrouped', { groupCode: 'corporation', regionCode: 'north' }),
    then: {
      ada: {
        groupCode: 'corporation',
        regionCode: 'north',
        transactions: 2,
        money: { EUR: { boughtMinor: 500, refundedMinor: 100 } },
      },
    },
  },
]);

describe('The transactions of a client', () => {
  const of = (id: string, from: number, groupCode: 'corporation' | 'consumer') =>
    new CustomerEvents(`00000000-0000-5000-8000-00000000000${id}`, (index) => BigInt(index + from)).record(
      'CustomerGrouped',
      { groupCode },
    );
  const bank = of('a', 1, 'corporation')
    .record('PurchaseRecorded', {
      orderId: 'o-1',
      total: EUR(900),
      lines: [
        { productId: 'p', qty: 1, unitPrice: EUR(500) },
        { productId: 'q', qty: 1, unitPrice: EUR(400) },
      ],
    }, { at: '2026-02-01T00:00:00.000Z' })
    .record('InvoiceIssued', { invoiceId: 'i-1', amount: EUR(900), dueDate: '2026-03-01' }, { at: '2026-02-01T00:00:00.000Z', seq: 2 })
    .record('PaymentFailed', { invoiceId: 'i-1', reasonCode: 'funds' }, { at: '2026-03-01T00:00:00.000Z' })
    .record('PaymentReceived', { invoiceId: 'i-1', amount: EUR(900), daysLate: 3 }, { at: '2026-03-04T00:00:00.000Z' })
    .record('PurchaseRecorded', { orderId: 'o-0', total: EUR(50) }, { at: '2026-01-01T00:00:00.000Z' }); // prettier-ignore
  const person = of('b', 100, 'consumer').record('PurchaseRecorded', { orderId: 'o-1', total: EUR(7) });
  const idle = of('c', 200, 'corporation');
  const reader = () =>
    readerOf(
      transactionHistory,
      foldAll<TransactionDocument>(transactionHistory, [...bank.events, ...person.events, ...idle.events]),
    );

  it('are told newest first by business time, late ones at their place', async () => {
    const { rows } = await history.run(await reader(), { customerId: bank.customerId }, NOW);
    expect(rows.map(({ what, reference }) => `${what} ${reference}`)).toEqual([
      'payment i-1',
      'paymentFailure i-1',
      'invoice i-1',
      'purchase o-1',
      'purchase o-0',
    ]);
    expect(rows[3]).toMatchObject({ amount: EUR(900), productIds: ['p', 'q'] });
    expect(rows[1]).toMatchObject({ amount: null, reasonCode: 'funds' });
  });

  it('are told of a time and of a kind', async () => {
    const february = { customerId: bank.customerId, from: '2026-02-01', to: '2026-02-28' };
    expect((await history.run(await reader(), february, NOW)).rows).toHaveLength(2);
    const purchases = await history.run(await reader(), { ...february, what: 'purchase' }, NOW);
    expect(purchases.rows.map(({ reference }) => reference)).toEqual(['o-1']);
  });

  it('lead over pages without losing one', async () => {
    const seen: string[] = [];
    let after: { values: readonly (string | number | null)[]; key: string } | undefined;
    do {
      const page = await history.run(
        await reader(),
        { customerId: bank.customerId, limit: 2, ...(after ? { after } : {}) },
        NOW,
      );
      seen.push(...page.rows.map(({ eventId }) => eventId));
      after = page.next;
    } while (after);
    expect(new Set(seen).size).toBe(5);
  });

  it('make institutions a list: only those that trade', async () => {
    const page = await clients.run(await reader(), { groupCode: 'corporation' }, NOW);
    expect(page.rows).toEqual([
      expect.objectContaining({
        customerId: bank.customerId,
        transactions: 5,
        firstAt: '2026-01-01T00:00:00.000Z',
        lastAt: '2026-03-04T00:00:00.000Z',
        currencies: [
          { currency: 'EUR', boughtMinor: 950, refundedMinor: 0, invoicedMinor: 900, paidMinor: 900 },
        ],
      }),
    ]);
  });

  it('of merged clients add up, whichever comes first', () => {
    const documents = foldAll<TransactionDocument>(transactionHistory, [...bank.events, ...person.events]);
    const [a, b] = [bank, person].map(({ customerId }) => documents.get(customerId)!);
    const merged = transactionHistory.combine!([a!, b!]);
    expect(merged).toMatchObject({ transactions: 6, money: { EUR: { boughtMinor: 957 } } });
    expect(transactionHistory.combine!([b!, a!])).toMatchObject({
      transactions: 6,
      money: { EUR: { boughtMinor: 957 } },
    });
  });
});
