import { Type } from '@sinclair/typebox';
import { dayNumberOf, isoOf } from '@rapport/contracts';
import type { Condition, NamedQuery, Page, ProjectionReader } from '@rapport/projection-engine';
import { addMinor } from '../_parts/amounts.js';
import { pageOf } from '../_parts/paging.js';
import { CustomerParams } from '../_parts/query-params.js';
import { RISK_BANDS } from './risk-and-fraud.model.js';
import type {
  CustomerRisk,
  CustomerRiskAnswer,
  Exposure,
  RiskBand,
  RiskDocument,
  RiskRow,
  RiskTotal,
  RuleOutcome,
} from './risk-and-fraud.model.js';
import { judge } from './risk-band.js';

/** `currency` index of a customer with amounts in several. */
export const MIXED = 'mixed';

/** Owed and not given up, minor units. */
export const exposureOf = (document: CustomerRisk, currency: string): number =>
  document.invoices
    .filter((invoice) => invoice.currency === currency)
    .reduce((sum, invoice) => addMinor(sum, invoice.openMinor - invoice.writtenOffMinor), 0);

const overdueDaysOf = (document: CustomerRisk, today: number): number =>
  document.invoices.reduce(
    (oldest, invoice) =>
      invoice.openMinor > invoice.writtenOffMinor ? Math.max(oldest, today - invoice.dueDay) : oldest,
    0,
  );

const exposuresOf = (document: CustomerRisk, today: number): Exposure[] =>
  Object.keys(document.money)
    .sort()
    .map((currency) => ({
      currency,
      exposureMinor: exposureOf(document, currency),
      overdueMinor: exposureOf(
        { ...document, invoices: document.invoices.filter(({ dueDay }) => dueDay < today) },
        currency,
      ),
      ...document.money[currency]!,
    }));

/** How does this customer pay, what is at risk, and what is suspected? Null for an unknown customer. */
export const customer: NamedQuery<RiskDocument, typeof CustomerParams, CustomerRiskAnswer | null> = {
  name: 'customer',
  question: 'How does this customer pay, what is at risk, and what is suspected?',
  scope: 'customer',
  params: CustomerParams,
  run: async (reader, { customerId }, { asOfMs }) => {
    const document = (await reader.get(customerId))?.document as CustomerRisk | undefined;
    if (!document) return null;
    const today = dayNumberOf(asOfMs);
    const oldestOverdueDays = overdueDaysOf(document, today);
    const { paidInTime, paidLate, latePayments } = document;
    const paid = paidInTime + paidLate;
    return {
      customerId,
      groupCode: document.groupCode,
      ...judge(document, oldestOverdueDays),
      exposures: exposuresOf(document, today),
      payment: {
        invoices: document.invoicesIssued,
        paidInTime,
        paidLate,
        lateShare: paid === 0 ? null : paidLate / paid,
        meanDaysLate: latePayments === 0 ? null : document.daysLateSum / latePayments,
        daysLateMax: document.daysLateMax,
        failures: document.failures,
        lastFailureAt: document.lastFailureAtMs === null ? null : isoOf(document.lastFailureAtMs),
        oldestOverdueDays,
      },
      defaults: { open: document.defaultsOpen, ever: document.defaultsEver },
      fraud: {
        open: document.signals.map(({ raisedAtMs, ...signal }) => ({
          ...signal,
          raisedAt: isoOf(raisedAtMs),
        })),
        raised: document.signalsRaised,
        cleared: document.signalsCleared,
        confirmed: document.signalsConfirmed,
      },
      erased: document.erased,
    };
  },
};

const bandParam = Type.Unsafe<RiskBand>({
  type: 'string',
  enum: [...RISK_BANDS],
  description: 'band by what was recorded; invoices that merely became overdue are told in the row',
});
const groupParam = Type.Optional(
  Type.Unsafe<string>({
    type: 'string',
    enum: ['consumer', 'smallBusiness', 'corporation'],
    description: 'only this customer group',
  }),
);
const BandParams = Type.Object({ band: bandParam, groupCode: groupParam }, { additionalProperties: false });

const ofCustomers = (groupCode: string | undefined): Condition[] => [
  { index: 'kind', op: '=', value: 'customer' },
  ...(groupCode ? [{ index: 'groupCode', op: '=', value: groupCode } as const] : []),
];

/** Which customers are in this band of risk, most exposed first? */
export const byBand: NamedQuery<RiskDocument, typeof BandParams, Page<RiskRow>> = {
  name: 'by-band',
  question: 'Which customers are in this band of risk, most exposed first?',
  scope: 'list',
  params: BandParams,
  run: (reader, params, { asOfMs }) => {
    const today = dayNumberOf(asOfMs);
    return pageOf(
      reader as ProjectionReader<CustomerRisk>,
      {
        where: [...ofCustomers(params.groupCode), { index: 'band', op: '=', value: params.band }],
        orderBy: [{ index: 'exposureMinor', direction: 'desc' }],
      },
      params,
      ({ key, document }) => ({
        customerId: key,
        groupCode: document.groupCode,
        ...judge(document, overdueDaysOf(document, today)),
        exposures: exposuresOf(document, today),
      }),
    );
  },
};

const ExposureParams = Type.Object({ groupCode: groupParam }, { additionalProperties: false });
const PAGE = 500;

/** How much is owed to us in each band of risk? */
export const exposure: NamedQuery<
  RiskDocument,
  typeof ExposureParams,
  { readonly totals: readonly RiskTotal[] }
> = {
  name: 'exposure',
  question: 'How much is owed to us in each band of risk?',
  scope: 'figures',
  params: ExposureParams,
  run: async (reader, params) => {
    const where = ofCustomers(params.groupCode);
    const totals = new Map<string, { customers: number; byCurrency: Map<string, number> }>();
    const totalOf = (band: unknown, groupCode: unknown) => {
      const key = JSON.stringify([band, groupCode]);
      const known = totals.get(key) ?? { customers: 0, byCurrency: new Map<string, number>() };
      totals.set(key, known);
      return known;
    };
    const add = (byCurrency: Map<string, number>, currency: string, amountMinor: number): void => {
      byCurrency.set(currency, addMinor(byCurrency.get(currency) ?? 0, amountMinor));
    };
    const rows = await reader.group({
      groupBy: ['band', 'groupCode', 'currency'],
      where,
      sum: ['exposureMinor'],
    });
    for (const row of rows) {
      const { band, groupCode, currency } = row.group;
      const total = totalOf(band, groupCode);
      total.customers += row.count;
      if (currency !== null && currency !== MIXED)
        add(total.byCurrency, String(currency), row.sums['exposureMinor'] ?? 0);
    }
    for (let after: { values: []; key: string } | undefined; ;) {
      const page = await reader.query({
        where: [...where, { index: 'currency', op: '=', value: MIXED }],
        limit: PAGE,
        ...(after ? { after } : {}),
      });
      for (const row of page) {
        const document = row.document as CustomerRisk;
        const { byCurrency } = totalOf(judge(document, 0).band, document.groupCode);
        for (const currency of Object.keys(document.money))
          add(byCurrency, currency, exposureOf(document, currency));
      }
      if (page.length < PAGE) break;
      after = { values: [], key: page.at(-1)!.key };
    }
    const answer = [...totals].map(([key, { customers, byCurrency }]): RiskTotal => {
      const [band, groupCode] = JSON.parse(key) as [RiskBand, string | null];
      const exposures = [...byCurrency]
        .map(([currency, exposureMinor]) => ({ currency, exposureMinor }))
        .sort((a, b) => (a.currency < b.currency ? -1 : 1));
      return { band, groupCode, customers, exposures };
    });
    answer.sort(
      (a, b) =>
        RISK_BANDS.indexOf(b.band) - RISK_BANDS.indexOf(a.band) ||
        ((a.groupCode ?? '') < (b.groupCode ?? '') ? -1 : 1),
    );
    return { totals: answer };
  },
};

const NoParams = Type.Object({}, { additionalProperties: false });

/** Which fraud rules are right, and how often? */
export const signalsByRule: NamedQuery<
  RiskDocument,
  typeof NoParams,
  { readonly rules: readonly RuleOutcome[] }
> = {
  name: 'signals-by-rule',
  question: 'Which fraud rules are right, and how often?',
  scope: 'figures',
  params: NoParams,
  run: async (reader) => {
    const rows = await reader.group({
      groupBy: ['ruleId', 'status'],
      where: [
        { index: 'kind', op: '=', value: 'signal' },
        // What was confirmed or cleared without ever being raised names no rule.
        { index: 'ruleId', op: '!=', value: null },
      ],
      sum: ['score'],
    });
    const rules = [...new Set(rows.map((row) => String(row.group['ruleId'])))].sort();
    return {
      rules: rules.map((ruleId): RuleOutcome => {
        const own = rows.filter((row) => row.group['ruleId'] === ruleId);
        const countOf = (status: string): number =>
          own.filter((row) => row.group['status'] === status).reduce((sum, row) => sum + row.count, 0);
        const raised = own.reduce((sum, row) => sum + row.count, 0);
        const [open, confirmed, cleared] = [countOf('open'), countOf('confirmed'), countOf('cleared')];
        const decided = confirmed + cleared;
        return {
          ruleId,
          raised,
          open,
          confirmed,
          cleared,
          precision: decided === 0 ? null : confirmed / decided,
          meanScore: own.reduce((sum, row) => sum + (row.sums['score'] ?? 0), 0) / raised,
        };
      }),
    };
  },
};
