import { Type } from '@sinclair/typebox';
import { dayNumberOf, isoDateOfDay } from '@rapport/contracts';
import type { Condition, NamedQuery, Page } from '@rapport/projection-engine';
import { pageOf } from '../_parts/paging.js';
import { rowsOfCustomer } from '../_parts/rows-of-customer.js';
import type {
  CategoryShare,
  ShareOfWalletDocument,
  WalletReport,
  WalletShare,
} from './share-of-wallet.model.js';

const categoryParam = Type.String({
  pattern: '^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$',
  description: 'category of spending',
});
const currencyParam = Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217 currency of the reports' });

export const MONTHS_PER_YEAR = 12;

/** An amount of the report's period as one of a year, minor units. */
export const perYear = ({ periodMonths }: WalletReport, amountMinor: number): number =>
  Math.round((amountMinor * MONTHS_PER_YEAR) / periodMonths);

const shareOf = (own: number, total: number): number | null => (total > 0 ? own / total : null);

function answerOf(document: ShareOfWalletDocument, asOfMs: number): WalletShare {
  const latest = document.latest!;
  return {
    customerId: document.customerId,
    category: document.category,
    currency: latest.currency,
    ownMinorPerYear: perYear(latest, latest.ownMinor),
    totalMinorPerYear: perYear(latest, latest.totalMinor),
    gapMinorPerYear: perYear(latest, latest.totalMinor - latest.ownMinor),
    share: shareOf(latest.ownMinor, latest.totalMinor),
    asOfDate: isoDateOfDay(latest.day),
    ageDays: Math.max(0, dayNumberOf(asOfMs) - latest.day),
    source: latest.source,
    confidencePct: latest.confidencePct,
    reports: document.reports,
  };
}

/** What does this customer spend in each category, with us and elsewhere? */
export const customer = rowsOfCustomer<ShareOfWalletDocument, WalletShare>(
  'What does this customer spend in each category, with us and elsewhere?',
  ['category', 'asc'],
  ({ document }, { asOfMs }) => answerOf(document, asOfMs),
);

const CategoryParams = Type.Object(
  { category: Type.Optional(categoryParam) },
  { additionalProperties: false },
);

/** What is our share of all that the customers who told us spend in each category? */
export const byCategory: NamedQuery<
  ShareOfWalletDocument,
  typeof CategoryParams,
  { readonly categories: readonly CategoryShare[] }
> = {
  name: 'by-category',
  question: 'What is our share of all that the customers who told us spend in each category?',
  scope: 'figures',
  params: CategoryParams,
  run: async (reader, { category }) => {
    const rows = await reader.group({
      groupBy: ['category', 'currency'],
      where: category === undefined ? [] : [{ index: 'category', op: '=', value: category }],
      sum: ['ownMinorPerYear', 'totalMinorPerYear', 'gapMinorPerYear'],
    });
    const categories = rows.map((row): CategoryShare => {
      const own = row.sums['ownMinorPerYear'] ?? 0;
      const total = row.sums['totalMinorPerYear'] ?? 0;
      return {
        category: String(row.group['category']),
        currency: String(row.group['currency']),
        customers: row.count,
        ownMinorPerYear: own,
        totalMinorPerYear: total,
        gapMinorPerYear: row.sums['gapMinorPerYear'] ?? 0,
        share: shareOf(own, total),
      };
    });
    const nameOf = (one: CategoryShare): string => `${one.category} ${one.currency}`;
    return { categories: categories.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)) };
  },
};

const GapParams = Type.Object(
  { category: categoryParam, currency: currencyParam },
  { additionalProperties: false },
);

/** Which customers spend most in this category elsewhere? */
export const gaps: NamedQuery<ShareOfWalletDocument, typeof GapParams, Page<WalletShare>> = {
  name: 'gaps',
  question: 'Which customers spend most in this category elsewhere?',
  scope: 'list',
  params: GapParams,
  run: (reader, params, { asOfMs }) => {
    const where: Condition[] = [
      { index: 'category', op: '=', value: params.category },
      { index: 'currency', op: '=', value: params.currency },
    ];
    return pageOf(
      reader,
      { where, orderBy: [{ index: 'gapMinorPerYear', direction: 'desc' }] },
      params,
      ({ document }) => answerOf(document, asOfMs),
    );
  },
};
