import { Type } from '@sinclair/typebox';
import { dayNumberOfIsoDate } from '@rapport/contracts';
import type { Condition, GroupRow, NamedQuery, Page, ProjectionReader } from '@rapport/projection-engine';
import { addMinor } from '../_parts/amounts.js';
import { pageOf } from '../_parts/paging.js';
import { fromTo } from '../_parts/periods.js';
import { CustomerParams } from '../_parts/query-params.js';
import type {
  BandMargin,
  CustomerMargin,
  CustomerProfit,
  CustomerProfitAnswer,
  DiscountBand,
  Margin,
  ProductMargin,
  ProfitabilityDocument,
  ProfitRow,
  ProfitSums,
  RegionMargin,
} from './profitability.model.js';

/** `currency` index of a customer with amounts in several. */
export const MIXED = 'mixed';

const groupParam = Type.Optional(
  Type.Unsafe<string>({
    type: 'string',
    enum: ['consumer', 'smallBusiness', 'corporation'],
    description: 'only this customer group',
  }),
);
const LINE_SUMS = ['revenueMinor', 'discountMinor', 'refundedMinor', 'costedRevenueMinor', 'costOfGoodsMinor', 'returnedCostMinor'] as const; // prettier-ignore
const CUSTOMER_SUMS = [...LINE_SUMS, 'orders', 'serviceCostMinor', 'compensationMinor', 'writtenOffMinor', 'fraudLossMinor'] as const; // prettier-ignore

type LineSums = Pick<ProfitSums, (typeof LINE_SUMS)[number]>;
const lineSumsOf = (row: GroupRow): LineSums =>
  Object.fromEntries(LINE_SUMS.map((field) => [field, row.sums[field] ?? 0])) as unknown as LineSums;
const sumsOf = (row: GroupRow): ProfitSums =>
  Object.fromEntries(CUSTOMER_SUMS.map((field) => [field, row.sums[field] ?? 0])) as unknown as ProfitSums;

/** What is left of the sums, with an assumed margin on revenue whose cost nobody knows. */
function marginOf(sums: LineSums, currency: string, assumedMargin: number): Margin {
  const {
    revenueMinor,
    refundedMinor,
    costedRevenueMinor,
    costOfGoodsMinor,
    returnedCostMinor,
    discountMinor,
  } = sums;
  const estimatedMarginMinor = Math.round((revenueMinor - costedRevenueMinor) * assumedMargin);
  return {
    currency,
    netRevenueMinor: revenueMinor - refundedMinor,
    revenueMinor,
    discountMinor,
    refundedMinor,
    costOfGoodsMinor,
    returnedCostMinor,
    costKnownShare: revenueMinor > 0 ? costedRevenueMinor / revenueMinor : null,
    estimatedMarginMinor,
    grossMarginMinor:
      costedRevenueMinor - costOfGoodsMinor + estimatedMarginMinor - refundedMinor + returnedCostMinor,
  };
}

function customerMarginOf(sums: ProfitSums, currency: string, assumedMargin: number): CustomerMargin {
  const margin = marginOf(sums, currency, assumedMargin);
  const { orders, serviceCostMinor, compensationMinor, writtenOffMinor, fraudLossMinor } = sums;
  const costToServeMinor = serviceCostMinor + compensationMinor + writtenOffMinor + fraudLossMinor;
  return {
    ...margin,
    orders,
    serviceCostMinor,
    compensationMinor,
    writtenOffMinor,
    fraudLossMinor,
    costToServeMinor,
    contributionMinor: margin.grossMarginMinor - costToServeMinor,
  };
}

/** What did this customer bring, and what did serving them cost? Null for an unknown customer. */
export const customer: NamedQuery<ProfitabilityDocument, typeof CustomerParams, CustomerProfitAnswer | null> =
  {
    name: 'customer',
    question: 'What did this customer bring, and what did serving them cost?',
    scope: 'customer',
    params: CustomerParams,
    run: async (reader, { customerId }, { valueTerms }) => {
      const document = (await reader.get(customerId))?.document as CustomerProfit | undefined;
      if (!document) return null;
      return {
        customerId,
        groupCode: document.groupCode,
        regionCode: document.regionCode,
        country: document.country,
        assumedMargin: valueTerms.margin,
        currencies: Object.keys(document.money)
          .sort()
          .map((currency) => customerMarginOf(document.money[currency]!, currency, valueTerms.margin)),
        serviceCosts: [...document.activities].sort((a, b) => b.costMinor - a.costMinor),
        erased: document.erased,
      };
    },
  };

const ORDERS = ['netRevenueMinor', 'costToServeMinor'] as const;
const CustomersParams = Type.Object(
  {
    currency: Type.String({
      pattern: '^[A-Z]{3}$',
      description: 'customers with amounts in this currency alone',
    }),
    groupCode: groupParam,
    orderBy: Type.Optional(
      Type.Unsafe<(typeof ORDERS)[number]>({
        type: 'string',
        enum: [...ORDERS],
        description: 'largest first by this; default netRevenueMinor',
      }),
    ),
  },
  { additionalProperties: false },
);

/** Which customers bring most, or cost most to serve? */
export const customers: NamedQuery<ProfitabilityDocument, typeof CustomersParams, Page<ProfitRow>> = {
  name: 'customers',
  question: 'Which customers bring most, or cost most to serve?',
  scope: 'list',
  params: CustomersParams,
  run: (reader, params, { valueTerms }) =>
    pageOf(
      reader as ProjectionReader<CustomerProfit>,
      {
        where: [
          { index: 'kind', op: '=', value: 'customer' },
          { index: 'currency', op: '=', value: params.currency },
          ...(params.groupCode ? [{ index: 'groupCode', op: '=', value: params.groupCode } as const] : []),
        ],
        orderBy: [{ index: params.orderBy ?? 'netRevenueMinor', direction: 'desc' }],
      },
      params,
      ({ key, document }) => ({
        customerId: key,
        groupCode: document.groupCode,
        regionCode: document.regionCode,
        ...customerMarginOf(document.money[params.currency]!, params.currency, valueTerms.margin),
      }),
    ),
};

const PeriodParams = Type.Object(
  {
    ...fromTo,
    productId: Type.Optional(
      Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$', description: 'only this product' }),
    ),
  },
  { additionalProperties: false },
);

const within = (
  kind: 'line' | 'service',
  { from, to, productId }: { from?: string; to?: string; productId?: string },
): Condition[] => [
  { index: 'kind', op: '=', value: kind },
  ...(from ? [{ index: 'day', op: '>=', value: dayNumberOfIsoDate(from) } as const] : []),
  ...(to ? [{ index: 'day', op: '<=', value: dayNumberOfIsoDate(to) } as const] : []),
  ...(productId ? [{ index: 'productId', op: '=', value: productId } as const] : []),
];

/** What does each product earn after goods, returns, discounts and its own service? Returns reduce the day of the purchase. */
export const byProduct: NamedQuery<
  ProfitabilityDocument,
  typeof PeriodParams,
  { readonly assumedMargin: number; readonly products: readonly ProductMargin[] }
> = {
  name: 'by-product',
  question: 'What does each product earn after goods, returns, discounts and its own service?',
  scope: 'figures',
  params: PeriodParams,
  run: async (reader, params, { valueTerms }) => {
    const groupBy = ['productId', 'currency'];
    const [lines, services] = await Promise.all([
      reader.group({
        groupBy,
        where: within('line', params),
        sum: [...LINE_SUMS, 'pieces', 'returnedPieces'],
      }),
      reader.group({ groupBy, where: within('service', params), sum: ['serviceCostMinor'] }),
    ]);
    const serviceOf = new Map(
      services.map((row) => [JSON.stringify(row.group), row.sums['serviceCostMinor'] ?? 0]),
    );
    const nothing = Object.fromEntries(LINE_SUMS.map((field) => [field, 0]));
    const served = services
      .filter((row) => !lines.some((line) => JSON.stringify(line.group) === JSON.stringify(row.group)))
      .map((row): GroupRow => ({
        group: row.group,
        count: 0,
        sums: { ...nothing, pieces: 0, returnedPieces: 0 },
      }));
    const products = [...lines, ...served].map((row): ProductMargin => {
      const sums = lineSumsOf(row);
      const margin = marginOf(sums, String(row.group['currency']), valueTerms.margin);
      const serviceCostMinor = serviceOf.get(JSON.stringify(row.group)) ?? 0;
      return {
        productId: row.group['productId'] as string | null,
        ...margin,
        pieces: row.sums['pieces'] ?? 0,
        returnedPieces: row.sums['returnedPieces'] ?? 0,
        returnRate: sums.revenueMinor > 0 ? sums.refundedMinor / sums.revenueMinor : null,
        serviceCostMinor,
        contributionMinor: margin.grossMarginMinor - serviceCostMinor,
      };
    });
    products.sort(
      (a, b) =>
        (a.currency < b.currency ? -1 : a.currency > b.currency ? 1 : 0) ||
        b.contributionMinor - a.contributionMinor ||
        ((a.productId ?? '') < (b.productId ?? '') ? -1 : 1),
    );
    return { assumedMargin: valueTerms.margin, products };
  },
};

/** Do discounts pay? Margin by how much of the price was given away. */
export const byDiscountBand: NamedQuery<
  ProfitabilityDocument,
  typeof PeriodParams,
  { readonly assumedMargin: number; readonly bands: readonly BandMargin[] }
> = {
  name: 'by-discount-band',
  question: 'Do discounts pay: what is left by how much of the price was given away?',
  scope: 'figures',
  params: PeriodParams,
  run: async (reader, params, { valueTerms }) => {
    const rows = await reader.group({
      groupBy: ['discountBand', 'currency'],
      where: within('line', params),
      sum: [...LINE_SUMS],
    });
    const bands = rows.map((row): BandMargin => ({
      discountBand: (row.group['discountBand'] ?? 'unknown') as DiscountBand | 'unknown',
      lines: row.count,
      ...marginOf(lineSumsOf(row), String(row.group['currency']), valueTerms.margin),
    }));
    bands.sort((a, b) =>
      a.currency !== b.currency
        ? a.currency < b.currency
          ? -1
          : 1
        : a.discountBand < b.discountBand
          ? -1
          : 1,
    );
    return { assumedMargin: valueTerms.margin, bands };
  },
};

const RegionParams = Type.Object({ groupCode: groupParam }, { additionalProperties: false });

/** What does each region earn, by customer group, after cost to serve? */
export const byRegion: NamedQuery<
  ProfitabilityDocument,
  typeof RegionParams,
  { readonly assumedMargin: number; readonly regions: readonly RegionMargin[] }
> = {
  name: 'by-region',
  question: 'What does each region earn, by customer group, after cost to serve?',
  scope: 'figures',
  params: RegionParams,
  run: async (reader, params, { valueTerms }) => {
    const where: Condition[] = [
      { index: 'kind', op: '=', value: 'customer' },
      ...(params.groupCode ? [{ index: 'groupCode', op: '=', value: params.groupCode } as const] : []),
    ];
    const totals = new Map<string, { customers: number; sums: ProfitSums }>();
    const add = (
      region: unknown,
      groupCode: unknown,
      currency: string,
      customers: number,
      sums: ProfitSums,
    ) => {
      const key = JSON.stringify([region, groupCode, currency]);
      const known = totals.get(key);
      if (!known) return totals.set(key, { customers, sums: { ...sums } });
      known.customers += customers;
      for (const field of CUSTOMER_SUMS) known.sums[field] = addMinor(known.sums[field], sums[field]);
      return totals;
    };
    for (const row of await reader.group({
      groupBy: ['region', 'groupCode', 'currency'],
      where,
      sum: [...CUSTOMER_SUMS],
    })) {
      const { region, groupCode, currency } = row.group;
      if (currency !== null && currency !== MIXED)
        add(region, groupCode, String(currency), row.count, sumsOf(row));
    }
    for await (const document of mixedCustomers(reader, where))
      for (const [currency, sums] of Object.entries(document.money))
        add(document.regionCode ?? document.country, document.groupCode, currency, 1, sums);
    const regions = [...totals].map(([key, { customers, sums }]): RegionMargin => {
      const [region, groupCode, currency] = JSON.parse(key) as [string | null, string | null, string];
      return { region, groupCode, customers, ...customerMarginOf(sums, currency, valueTerms.margin) };
    });
    const nameOf = (row: RegionMargin): string => JSON.stringify([row.region, row.groupCode, row.currency]);
    regions.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
    return { assumedMargin: valueTerms.margin, regions };
  },
};

const PAGE = 500;

/** Customers with several currencies: few, so they are added up one by one. */
async function* mixedCustomers(
  reader: ProjectionReader<ProfitabilityDocument>,
  where: readonly Condition[],
): AsyncGenerator<CustomerProfit> {
  let after: { values: readonly []; key: string } | undefined;
  for (;;) {
    const rows = await reader.query({
      where: [...where, { index: 'currency', op: '=', value: MIXED }],
      limit: PAGE,
      ...(after ? { after } : {}),
    });
    for (const { document } of rows) yield document as CustomerProfit;
    if (rows.length < PAGE) return;
    after = { values: [], key: rows.at(-1)!.key };
  }
}
