import { Type } from '@sinclair/typebox';
import { isoOf, PRODUCT_KINDS } from '@rapport/contracts';
import type { Condition, NamedQuery, Page } from '@rapport/projection-engine';
import { meanOf } from '../_parts/histogram.js';
import { pageOf } from '../_parts/paging.js';
import { CustomerParams } from '../_parts/query-params.js';
import type {
  CatalogueRow,
  DistributionAnswer,
  HoldingsAnswer,
  ProductAnswer,
  ProductDocument,
  ProductHoldingsDocument,
} from './product-holdings.model.js';

const code = (description: string) =>
  Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$', description });
const only = (values: Readonly<Record<string, string | undefined>>): Condition[] =>
  Object.entries(values).flatMap(([index, value]) =>
    value === undefined ? [] : [{ index, op: '=', value } as const],
  );

/** Which products does this customer hold, owned or under contract? */
export const customer: NamedQuery<ProductHoldingsDocument, typeof CustomerParams, HoldingsAnswer> = {
  name: 'customer',
  question: 'Which products does this customer hold, owned or under contract?',
  scope: 'customer',
  params: CustomerParams,
  run: async (reader, { customerId }) => {
    const stored = await reader.get(customerId);
    const held = stored?.document.type === 'holder' ? stored.document.held : [];
    return {
      customerId,
      productsHeld: held.length,
      familiesHeld: new Set(held.map(({ family }) => family)).size,
      held: held.map(({ firstMs, lastMs, ...one }) => ({
        ...one,
        firstAt: isoOf(firstMs),
        lastAt: isoOf(lastMs),
      })),
    };
  },
};

const NoParams = Type.Object({}, { additionalProperties: false });

/** How many customers hold one product, two, three …? */
export const distribution: NamedQuery<ProductHoldingsDocument, typeof NoParams, DistributionAnswer> = {
  name: 'distribution',
  question: 'How many customers hold one product, two, three …?',
  scope: 'figures',
  params: NoParams,
  run: async (reader, _params, { asOfMs }) => {
    const by = async (index: string) =>
      (await reader.group({ groupBy: [index], where: only({ type: 'holder' }) }))
        .map(({ group, count }) => ({ value: Number(group[index]), count }))
        .sort((a, b) => a.value - b.value);
    const [products, families] = await Promise.all([by('productsHeld'), by('familiesHeld')]);
    return {
      asOf: isoOf(asOfMs),
      customers: products.reduce((sum, { count }) => sum + count, 0),
      meanProductsHeld: meanOf(products),
      byProductsHeld: products.map(({ value, count }) => ({ productsHeld: value, customers: count })),
      byFamiliesHeld: families.map(({ value, count }) => ({ familiesHeld: value, customers: count })),
    };
  },
};

const ProductsParams = Type.Object(
  {
    family: Type.Optional(code('only this family')),
    kind: Type.Optional(
      Type.Unsafe<(typeof PRODUCT_KINDS)[number]>({
        type: 'string',
        enum: [...PRODUCT_KINDS],
        description: 'only this kind',
      }),
    ),
  },
  { additionalProperties: false },
);

const rowOf = ({ type: _type, definedMs, ...document }: ProductDocument): CatalogueRow => ({
  ...document,
  definedAt: isoOf(definedMs),
});

/** What is in the catalogue, by family and tier? */
export const products: NamedQuery<ProductHoldingsDocument, typeof ProductsParams, Page<CatalogueRow>> = {
  name: 'products',
  question: 'What is in the catalogue, by family and tier?',
  scope: 'list',
  params: ProductsParams,
  run: (reader, params) =>
    pageOf(
      reader,
      {
        where: only({ type: 'product', family: params.family, kind: params.kind }),
        orderBy: [{ index: 'place', direction: 'asc' }],
      },
      params,
      ({ document }) => rowOf(document as ProductDocument),
    ),
};

const ProductParams = Type.Object({ productId: code('the product') }, { additionalProperties: false });

/** What is this product, and how often was it bought and given back? Null for one nobody defined. */
export const product: NamedQuery<ProductHoldingsDocument, typeof ProductParams, ProductAnswer | null> = {
  name: 'product',
  question: 'What is this product, and how often was it bought and given back?',
  scope: 'figures',
  params: ProductParams,
  run: async (reader, { productId }, { asOfMs }) => {
    const stored = await reader.get(productId);
    if (stored?.document.type !== 'product') return null;
    const rows = await reader.group({
      groupBy: ['currency'],
      where: only({ type: 'bought', productId }),
      sum: ['pieces', 'returnedPieces', 'revenueMinor'],
    });
    return {
      asOf: isoOf(asOfMs),
      ...rowOf(stored.document),
      sales: rows
        .map(({ group, count, sums }) => ({
          customers: count,
          pieces: sums['pieces'] ?? 0,
          returnedPieces: sums['returnedPieces'] ?? 0,
          revenue: { amountMinor: sums['revenueMinor'] ?? 0, currency: String(group['currency']) },
        }))
        .sort((a, b) => (a.revenue.currency < b.revenue.currency ? -1 : 1)),
    };
  },
};
