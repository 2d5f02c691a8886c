import { describeProjection } from '@rapport/testing';
import { contextAt, CustomerEvents, foldAll, readerOf } from '../_parts/customer-events.builder.js';
import type { ShareOfWalletDocument } from './share-of-wallet.model.js';
import { shareOfWallet } from './share-of-wallet.projection.js';
import { byCategory, customer, gaps } from './share-of-wallet.queries.js';

const EUR = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });
const report = (own: number, total: number, more: object = {}) => ({
  category: 'coffee',
  ownSpend: EUR(own),
  totalSpend: EUR(total),
  source: 'survey',
  ...more,
});
const NOW = contextAt('2026-12-31T00:00:00.000Z');

describeProjection(shareOfWallet, [
  {
    it: 'keeps the report for the latest day, also when an older one comes later',
    given: (history) =>
      history
        .type('WalletShareReported', report(40, 100, { asOfDate: '2026-06-30' }))
        .type('WalletShareReported', report(10, 100, { asOfDate: '2025-12-31' })),
    then: { 'ada/coffee': { reports: 2, latest: { ownMinor: 40, totalMinor: 100, currency: 'EUR' } } },
  },
]);

describe('The share of wallet', () => {
  const of = (id: string, from: number) =>
    new CustomerEvents(`00000000-0000-5000-8000-00000000000${id}`, (index) => BigInt(index + from));
  const ada = of('a', 1)
    .record('WalletShareReported', report(100, 300, { periodMonths: 3, asOfDate: '2026-12-01' }))
    .record('WalletShareReported', report(0, 0, { category: 'tea' }), { at: '2026-12-30T00:00:00.000Z' });
  const ben = of('b', 100).record('WalletShareReported', report(1_000, 1_100));
  const documents = foldAll<ShareOfWalletDocument>(shareOfWallet, [...ada.events, ...ben.events]);

  it('of a customer is told per year, with the gap and its age; nothing spent is no share', async () => {
    const { rows } = await customer.run(
      await readerOf(shareOfWallet, documents),
      { customerId: ada.customerId },
      NOW,
    );
    expect(rows).toEqual([
      expect.objectContaining({ category: 'coffee', ownMinorPerYear: 400, totalMinorPerYear: 1_200, gapMinorPerYear: 800, share: 1 / 3, asOfDate: '2026-12-01', ageDays: 30 }),
      expect.objectContaining({ category: 'tea', share: null }),
    ]); // prettier-ignore
  });

  it('of a category is that of everybody who told', async () => {
    const { categories } = await byCategory.run(
      await readerOf(shareOfWallet, documents),
      { category: 'coffee' },
      NOW,
    );
    expect(categories).toEqual([
      { category: 'coffee', currency: 'EUR', customers: 2, ownMinorPerYear: 1_400, totalMinorPerYear: 2_300, gapMinorPerYear: 900, share: 1_400 / 2_300 },
    ]); // prettier-ignore
  });

  it('tells where most is spent elsewhere', async () => {
    const { rows } = await gaps.run(
      await readerOf(shareOfWallet, documents),
      { category: 'coffee', currency: 'EUR' },
      NOW,
    );
    expect(rows.map(({ customerId }) => customerId)).toEqual([ada.customerId, ben.customerId]);
  });

  it('of merged customers is the latest report, not two wallets', () => {
    const [a, b] = [ada, ben].map((one) => documents.get(`${one.customerId}/coffee`)!);
    const merged = shareOfWallet.combine!([a!, b!]);
    expect(merged.latest).toEqual(a!.latest);
    expect(shareOfWallet.combine!([b!, a!]).latest).toEqual(a!.latest);
  });
});
