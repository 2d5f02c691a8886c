import { describeProjection } from '@rapport/testing';
import { contextAt, CustomerEvents, foldAll, readerOf } from '../_parts/customer-events.builder.js';
import type { AccountPortfolioDocument } from './account-portfolio.model.js';
import { accountPortfolio } from './account-portfolio.projection.js';
import { customers, handOver, portfolios } from './account-portfolio.queries.js';

const customerNumber = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const AT = contextAt('2026-06-01T00:00:00.000Z');
const euro = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });

const registered = (n: number, groupCode: 'consumer' | 'corporation' = 'consumer'): CustomerEvents =>
  new CustomerEvents(customerNumber(n)).record('CustomerRegistered', {
    roles: ['customer'],
    identifiers: [{ type: 'customerNo', value: 'pv1.x' }],
    acquisitionChannel: 'web',
    groupCode,
    country: 'NL',
  });
const managed = (n: number, managerId: string, groupCode?: 'consumer' | 'corporation'): CustomerEvents =>
  registered(n, groupCode).record('AccountManagerAssigned', { managerId, fromDate: '2026-01-05', basis: 'manual' }); // prettier-ignore
const documentsOf = (...all: CustomerEvents[]): Map<string, AccountPortfolioDocument> =>
  foldAll<AccountPortfolioDocument>(accountPortfolio, all.flatMap(({ events }) => events)); // prettier-ignore

const FIVE = [
  managed(1, 'am-1').purchase(1_000),
  managed(2, 'am-1', 'corporation').purchase(500).purchase(300, undefined, 'USD'),
  managed(3, 'am-1', 'corporation').purchase(50).record('CustomerGrouped', { groupCode: 'corporation', activityType: 'bakery', regionCode: 'north' }), // prettier-ignore
  managed(4, 'am-2'),
  registered(5).purchase(7),
];

describe('Account portfolios', () => {
  it('count the customers of each manager and what they bought in every currency', async () => {
    const answer = await portfolios.run(await readerOf(accountPortfolio, documentsOf(...FIVE)), {}, AT);
    expect(answer).toEqual({
      by: null,
      customers: 5,
      net: [euro(1_557), { amountMinor: 300, currency: 'USD' }],
      managers: [
        { managerId: 'am-1', customers: 3, net: [euro(1_550), { amountMinor: 300, currency: 'USD' }], groups: [] },
        { managerId: null, customers: 1, net: [euro(7)], groups: [] },
        { managerId: 'am-2', customers: 1, net: [], groups: [] },
      ],
    }); // prettier-ignore
  });

  it.each([
    ['groupCode', [['corporation', 2], ['consumer', 1]]],
    ['activityType', [[null, 2], ['bakery', 1]]],
    ['regionCode', [[null, 2], ['north', 1]]],
    ['country', [['NL', 3]]],
    ['stage', [['contact', 3]]],
    ['customerClass', [[null, 3]]],
  ] as const)('are split by %s', async (by, groups) => {
    const reader = await readerOf(accountPortfolio, documentsOf(...FIVE));
    const [portfolio] = (await portfolios.run(reader, { by, managerId: 'am-1' }, AT)).managers;
    expect(portfolio!.groups.map(({ value, customers: count }) => [value, count])).toEqual(groups);
  }); // prettier-ignore

  it('list the customers of a manager, of one kind, and those without one', async () => {
    const reader = await readerOf(accountPortfolio, documentsOf(...FIVE));
    const ask = async (params: Parameters<typeof customers.run>[1]) =>
      (await customers.run(reader, params, AT)).rows.map((row) => row.customerId);
    expect(await ask({ managerId: 'am-1' })).toEqual([1, 2, 3].map(customerNumber));
    expect(await ask({ managerId: 'am-1', groupCode: 'corporation', regionCode: 'north' })).toEqual([customerNumber(3)]); // prettier-ignore
    expect(await ask({ managerId: 'nobody' })).toEqual([customerNumber(5)]);
  });

  it('take returns off and follow a succession', () => {
    const one = managed(1, 'am-1')
      .purchase(1_000)
      .record('ReturnRecorded', { orderId: 'o-1', refund: euro(400), reasonCode: 'broken' })
      .record('AccountManagerAssigned', { managerId: 'am-2', fromDate: '2026-03-01', basis: 'succession', previousManagerId: 'am-1', handOverId: 'h-1' }); // prettier-ignore
    expect([...documentsOf(one).values()]).toMatchObject([
      {
        managerId: 'am-2',
        basis: 'succession',
        handOverId: 'h-1',
        managersBefore: 1,
        netMinor: { EUR: 600 },
      },
    ]);
    one.record('AccountManagerReleased', { managerId: 'am-9', reason: 'pv1.r' });
    expect([...documentsOf(one).values()][0]!.managerId).toBe('am-2');
    one.record('AccountManagerReleased', { managerId: 'am-2', reason: 'pv1.r' });
    expect([...documentsOf(one).values()][0]).toMatchObject({ managerId: null, managersBefore: 2 });
  });

  it('tell how far a hand-over is', async () => {
    const moved = managed(6, 'am-1').record('AccountManagerAssigned', { managerId: 'am-2', fromDate: '2026-03-01', basis: 'succession', handOverId: 'h-1' }); // prettier-ignore
    const reader = await readerOf(accountPortfolio, documentsOf(...FIVE, moved));
    expect(await handOver.run(reader, { handOverId: 'h-1', managerId: 'am-1' }, AT)).toEqual({ customersMoved: 1, customersRemaining: 3 }); // prettier-ignore
  });

  it('read every customer who bought in several currencies, beyond one page', async () => {
    const many = Array.from({ length: 201 }, (_, n) => managed(n, 'am-1').purchase(1).purchase(2, undefined, 'USD')); // prettier-ignore
    const answer = await portfolios.run(await readerOf(accountPortfolio, documentsOf(...many)), {}, AT);
    expect(answer.net).toEqual([euro(201), { amountMinor: 402, currency: 'USD' }]);
  });

  it('of a merged customer are those of the manager assigned last, with the money of all', () => {
    const later = registered(6).purchase(3).record('AccountManagerAssigned', { managerId: 'am-3', fromDate: '2026-02-01', basis: 'rule' }); // prettier-ignore
    const documents = [...documentsOf(...FIVE, later).values()];
    const combined = accountPortfolio.combine!(documents);
    expect(combined).toMatchObject({ managerId: 'am-3', netMinor: { EUR: 1_560, USD: 300 } });
    expect(accountPortfolio.combine!([...documents].reverse())).toMatchObject({ managerId: 'am-3', netMinor: { EUR: 1_560, USD: 300 } }); // prettier-ignore
  });
});

describeProjection(accountPortfolio, [
  {
    it: 'follows the stage, the class and the level of need',
    given: (history) =>
      history
        .type('RelationshipStageMoved', { to: 'involvement' })
        .type('CustomerClassified', { class: 4 })
        .type('NeedLevelAssessed', { level: 5 }),
    then: { ada: { stage: 'involvement', customerClass: 4, needLevel: 5 } },
  },
]);
