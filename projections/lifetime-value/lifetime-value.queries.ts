import { Type } from '@sinclair/typebox';
import { tabulateSummaries } from '@rapport/analytics';
import type { PurchaseSummary, SpendSummary, SummaryTable, TimeUnit } from '@rapport/analytics';
import { dayNumberOf, epochMsOf, isoDateOfDay, isoOf } from '@rapport/contracts';
import type { NamedQuery, Page, ProjectionReader, QueryContext } from '@rapport/projection-engine';
import { customerValueOf, spendFiguresOf, summaryOfDays } from '../_parts/customer-value.js';
import type { SpendFigures } from '../_parts/customer-value.js';
import { purchaseModelForValue, spendModelOf } from '../_parts/fitted-models.js';
import type { FittedPurchases, FittedSpend } from '../_parts/fitted-models.js';
import { pageOf } from '../_parts/paging.js';
import { buyingDays, netMinorOf } from '../_parts/purchase-days.js';
import type {
  LifetimeValueAnswer,
  LifetimeValueDocument,
  ModelReference,
  StatedTerms,
  SummaryRow,
  ValueTotal,
  ValueTotalsAnswer,
} from './lifetime-value.model.js';

/** `currency` index of a customer who bought in several. */
export const MIXED = 'mixed';

/** Roles that buy; for the others lifetime value is "not applicable" unless they bought all the same. */
const BUYING_ROLES: readonly string[] = ['customer', 'candidate'];

const customerId = Type.String({ format: 'uuid', description: 'the customer' });
const ValueParams = Type.Object({ customerId }, { additionalProperties: false });

/** What has this customer been worth, and what will they be within the horizon? Null for an unknown customer. */
export const value: NamedQuery<LifetimeValueDocument, typeof ValueParams, LifetimeValueAnswer | null> = {
  name: 'value',
  question: 'What has this customer been worth, and what will they be within the horizon?',
  scope: 'customer',
  params: ValueParams,
  run: async (reader, params, context) => {
    const stored = await reader.get(params.customerId);
    return stored ? lifetimeValueOf(params.customerId, stored.document, context) : null;
  },
};

/** The value figures of one document, with the terms they are stated in. */
export function lifetimeValueOf(
  customer: string,
  document: LifetimeValueDocument,
  context: QueryContext,
): LifetimeValueAnswer {
  const { asOfMs, models, valueTerms } = context;
  const purchases = purchaseModelForValue(models);
  const spend = spendModelOf(models);
  const figures = customerValueOf(document.ledger, purchases, spend, valueTerms, dayNumberOf(asOfMs));
  const currencies = figures.currencies.map((one) => {
    const historic = Math.round(one.netMinor * valueTerms.margin);
    const predicted = one.predictedMinor === null ? null : Math.round(one.predictedMinor);
    return {
      currency: one.currency,
      historicRevenueMinor: one.netMinor,
      historicClvMinor: historic,
      predictedClvMinor: predicted,
      totalClvMinor: predicted === null ? null : historic + predicted,
      numberOfOrders: one.purchaseDays,
      averageOrderValueMinor: one.purchaseDays === 0 ? null : Math.round(one.netMinor / one.purchaseDays),
      expectedOrderValueMinor: one.meanSpendMinor === null ? null : Math.round(one.meanSpendMinor),
      ...(one.notModelledReason ? { notModelledReason: one.notModelledReason } : {}),
    };
  });
  const buys = figures.purchaseDays > 0 || document.roles.some((role) => BUYING_ROLES.includes(role));
  const missing = figures.purchaseDays === 0 ? 'noPurchases' : purchases ? undefined : 'noPurchaseModel';
  return {
    customerId: customer,
    ...(!buys
      ? { status: 'notApplicable', reason: 'roleDoesNotBuy' }
      : missing
        ? { status: 'notModelled', reason: missing }
        : { status: 'modelled' }),
    terms: statedTerms(context, purchases, spend),
    groupCode: document.groupCode,
    historicNumberOfOrders: figures.purchaseDays,
    predictedNumberOfOrders: figures.predictedPurchases,
    averageDaysBetweenOrders: figures.rhythm?.averageGapDays ?? null,
    churnProbability: figures.pAlive === null ? null : 1 - figures.pAlive,
    expectedDateOfNextOrder: figures.nextOrder ? isoDateOfFarDay(figures.nextOrder.dayNumber) : null,
    expectedDateBasis: figures.nextOrder?.basis ?? null,
    firstOrderDate: figures.firstDay === null ? null : isoDateOfDay(figures.firstDay),
    lastOrderDate: figures.lastDay === null ? null : isoDateOfDay(figures.lastDay),
    currencies,
    erased: document.erased,
  };
}

/** Last day the calendar of yyyy-mm-dd can name; a hardly active customer's median wait may lie beyond it. */
const LAST_DAY = dayNumberOf(epochMsOf('9999-12-31T00:00:00.000Z'));
const isoDateOfFarDay = (dayNumber: number): string | null =>
  dayNumber <= LAST_DAY ? isoDateOfDay(dayNumber) : null;

const referenceOf = ({ run }: FittedPurchases | FittedSpend): ModelReference => ({
  model: run.model,
  modelRunId: run.modelRunId,
  timeUnit: run.timeUnit,
  cutoff: run.cutoff,
});

/** The terms every figure of an answer is stated in. */
export const statedTerms = (
  { asOfMs, valueTerms }: QueryContext,
  purchases: FittedPurchases | null,
  spend: FittedSpend | null,
): StatedTerms => ({
  ...valueTerms,
  asOf: isoOf(asOfMs),
  purchaseModel: purchases && referenceOf(purchases),
  spendModel: spend && { ...referenceOf(spend), currency: spend.currency },
});

/** A document as a fit takes it: facts of days after the cut-off's day are left out. */
export interface DocumentSummary<U extends TimeUnit> {
  readonly purchases: PurchaseSummary<U>;
  readonly spend: SpendFigures;
}

/**
 * What do the models need to know of this customer at the cut-off? Null when nothing was bought by then. A cut-off
 * counts with its whole day (UTC): customer-days cannot be split.
 */
export function documentSummary<U extends TimeUnit>(
  document: LifetimeValueDocument,
  cutoffMs: number,
  timeUnit: U,
  currency: string | null,
): DocumentSummary<U> | null {
  const cutoffDay = dayNumberOf(cutoffMs);
  const days = buyingDays(document.ledger, cutoffDay);
  const purchases = summaryOfDays(days, cutoffDay, timeUnit);
  if (!purchases) return null;
  const own = currency === null ? undefined : document.ledger[currency];
  return {
    purchases,
    spend: own ? spendFiguresOf(own, days[0]!, cutoffDay) : { x: 0, meanRepeatSpendMinor: null },
  };
}

/** Everything a fit of the three models needs. */
export interface FitInput<U extends TimeUnit> {
  /** For the purchase models. */
  readonly table: SummaryTable<U>;
  /** For the spend model, of the same customers in the same order. */
  readonly spend: readonly SpendSummary[];
  /** Currency of `spend`; null when nothing was ever bought. */
  readonly currency: string | null;
  readonly customers: number;
  readonly repeatCustomers: number;
}

/**
 * The summaries of all customers at a cut-off, for a fit. `currency` of the spend defaults to the one most customers
 * buy in. Streams the documents, keeps 24 bytes a customer and their spend.
 */
export async function collectSummaries<U extends TimeUnit>(
  reader: ProjectionReader<LifetimeValueDocument>,
  cutoffMs: number,
  timeUnit: U,
  currency?: string,
): Promise<FitInput<U>> {
  const spendCurrency = currency ?? (await mainCurrency(reader));
  const purchases: PurchaseSummary<U>[] = [];
  const spend: SpendSummary[] = [];
  let repeatCustomers = 0;
  for await (const page of reader.scan(1_000))
    for (const { document } of page) {
      const summary = documentSummary(document, cutoffMs, timeUnit, spendCurrency);
      if (!summary) continue;
      purchases.push(summary.purchases);
      spend.push(summary.spend);
      if (summary.purchases.x > 0) repeatCustomers += 1;
    }
  return {
    table: tabulateSummaries<U>(timeUnit, purchases),
    spend,
    currency: spendCurrency,
    customers: purchases.length,
    repeatCustomers,
  };
}

/** The currency most customers buy in; null before the first purchase. */
export async function mainCurrency(reader: ProjectionReader<LifetimeValueDocument>): Promise<string | null> {
  const groups = (await reader.group({ groupBy: ['currency'] }))
    .map((row) => ({ currency: row.group['currency'], count: row.count }))
    .filter((row): row is { currency: string; count: number } => typeof row.currency === 'string')
    .sort((a, b) => b.count - a.count || (a.currency < b.currency ? -1 : 1));
  const single = groups.find((row) => row.currency !== MIXED);
  if (single || groups.length === 0) return single?.currency ?? null;
  // Everybody buys in several currencies: the one with most purchase days of a page of customers.
  const page = await reader.query({ where: [{ index: 'currency', op: '=', value: MIXED }], limit: 200 });
  const days = new Map<string, number>();
  for (const { document } of page)
    for (const [currency, { bought }] of Object.entries(document.ledger))
      days.set(currency, (days.get(currency) ?? 0) + bought.length);
  return [...days].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0]?.[0] ?? null;
}

const SummaryParams = Type.Object(
  {
    cutoff: Type.Optional(
      Type.String({
        format: 'date-time',
        description: 'facts up to this day count (ISO-8601); default asOf',
      }),
    ),
    timeUnit: Type.Optional(
      Type.Unsafe<'day' | 'week'>({
        type: 'string',
        enum: ['day', 'week'],
        description: 'unit; default week',
      }),
    ),
    currency: Type.Optional(
      Type.String({ pattern: '^[A-Z]{3}$', description: 'currency of the spend; default the main one' }),
    ),
  },
  { additionalProperties: false },
);

/** What do the models need to know of each customer at a cut-off? Customers who had not bought by then are left out. */
export const summaries: NamedQuery<LifetimeValueDocument, typeof SummaryParams, Page<SummaryRow>> = {
  name: 'summaries',
  question: 'What do the value models need to know of each customer at a cut-off?',
  scope: 'list',
  params: SummaryParams,
  run: async (reader, params, { asOfMs }) => {
    const cutoffMs = params.cutoff ? epochMsOf(params.cutoff) : asOfMs;
    const currency = params.currency ?? (await mainCurrency(reader));
    const page = await pageOf(
      reader,
      { where: [{ index: 'currency', op: '>', value: '' }] },
      params,
      ({ key, document }) => ({
        key,
        summary: documentSummary(document, cutoffMs, params.timeUnit ?? 'week', currency),
      }),
    );
    const rows = page.rows.flatMap(({ key, summary }) =>
      summary
        ? [
            {
              customerId: key,
              x: summary.purchases.x,
              tX: summary.purchases.tX,
              T: summary.purchases.T,
              spendX: summary.spend.x,
              meanRepeatSpendMinor: summary.spend.meanRepeatSpendMinor,
            },
          ]
        : [],
    );
    return page.next ? { rows, next: page.next } : { rows };
  },
};

const TotalsParams = Type.Object(
  {
    predicted: Type.Optional(
      Type.Boolean({ description: 'add the predicted value: scores every customer, takes longer' }),
    ),
  },
  { additionalProperties: false },
);

/** What are all customers worth, by currency and customer group? */
export const totals: NamedQuery<LifetimeValueDocument, typeof TotalsParams, ValueTotalsAnswer> = {
  name: 'totals',
  question: 'What are all customers worth, by currency and customer group?',
  scope: 'figures',
  params: TotalsParams,
  run: async (reader, params, context) => {
    const purchases = purchaseModelForValue(context.models);
    const spend = spendModelOf(context.models);
    const sums = new TotalsByCurrencyAndGroup();
    const asOfDay = dayNumberOf(context.asOfMs);
    if (params.predicted) {
      for await (const page of reader.scan(1_000))
        for (const { document } of page) {
          const figures = customerValueOf(document.ledger, purchases, spend, context.valueTerms, asOfDay);
          for (const one of figures.currencies)
            if (one.purchaseDays > 0 || one.netMinor !== 0)
              sums.add(
                one.currency,
                document.groupCode,
                1,
                one.netMinor,
                one.purchaseDays,
                one.predictedMinor,
              );
        }
    } else {
      for (const row of await reader.group({
        groupBy: ['currency', 'groupCode'],
        sum: ['netMinor', 'orders'],
      })) {
        const { currency, groupCode } = row.group;
        if (typeof currency !== 'string' || currency === MIXED) continue;
        sums.add(
          currency,
          groupCode as string | null,
          row.count,
          row.sums['netMinor'] ?? 0,
          row.sums['orders'] ?? 0,
          null,
        );
      }
      for await (const document of mixedDocuments(reader))
        for (const [currency, days] of Object.entries(document.ledger))
          sums.add(
            currency,
            document.groupCode,
            1,
            netMinorOf(days, Number.MAX_SAFE_INTEGER),
            days.bought.length / 2,
            null,
          );
    }
    return {
      terms: statedTerms(context, purchases, spend),
      totals: sums.rows(context.valueTerms.margin, params.predicted === true),
    };
  },
};

async function* mixedDocuments(
  reader: ProjectionReader<LifetimeValueDocument>,
): AsyncGenerator<LifetimeValueDocument> {
  const limit = 1_000;
  for (let after: { values: []; key: string } | undefined; ;) {
    const rows = await reader.query({
      where: [{ index: 'currency', op: '=', value: MIXED }],
      limit,
      ...(after ? { after } : {}),
    });
    for (const row of rows) yield row.document;
    const last = rows[rows.length - 1];
    if (rows.length < limit || !last) return;
    after = { values: [], key: last.key };
  }
}

class TotalsByCurrencyAndGroup {
  private readonly sums = new Map<
    string,
    {
      currency: string;
      groupCode: string | null;
      customers: number;
      netMinor: number;
      orders: number;
      predictedMinor: number;
      modelled: number;
    }
  >();

  add(
    currency: string,
    groupCode: string | null,
    customers: number,
    netMinor: number,
    orders: number,
    predictedMinor: number | null,
  ): void {
    const key = `${currency} ${groupCode ?? ''}`;
    const sum = this.sums.get(key) ?? {
      currency,
      groupCode,
      customers: 0,
      netMinor: 0,
      orders: 0,
      predictedMinor: 0,
      modelled: 0,
    };
    sum.customers += customers;
    sum.netMinor += netMinor;
    sum.orders += orders;
    if (predictedMinor !== null) {
      sum.predictedMinor += predictedMinor;
      sum.modelled += 1;
    }
    this.sums.set(key, sum);
  }

  rows(margin: number, withPrediction: boolean): ValueTotal[] {
    return [...this.sums.entries()]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, sum]) => ({
        currency: sum.currency,
        groupCode: sum.groupCode,
        customers: sum.customers,
        historicRevenueMinor: sum.netMinor,
        historicClvMinor: Math.round(sum.netMinor * margin),
        numberOfOrders: sum.orders,
        ...(withPrediction
          ? { predictedClvMinor: Math.round(sum.predictedMinor), customersModelled: sum.modelled }
          : {}),
      }));
  }
}
