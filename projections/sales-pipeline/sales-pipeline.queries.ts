import { Type } from '@sinclair/typebox';
import { dayNumberOf, isoOf, MS_PER_DAY, OPPORTUNITY_KINDS, OPPORTUNITY_STAGES } from '@rapport/contracts';
import type { Money } from '@rapport/contracts';
import { ownerOfKey } from '@rapport/projection-engine';
import type { Condition, GroupRow, NamedQuery, Page } from '@rapport/projection-engine';
import { meanOf, medianOf } from '../_parts/histogram.js';
import { pageOf } from '../_parts/paging.js';
import type {
  Decided,
  ForecastAnswer,
  ForecastMonth,
  LeadDocument,
  LeadRow,
  LeadSource,
  OpportunityDocument,
  OpportunityKind,
  OpportunityRow,
  OpportunityStage,
  PipelineAnswer,
  PipelineRow,
  SalesPipelineDocument,
  WinRateAnswer,
} from './sales-pipeline.model.js';

const code = (description: string) =>
  Type.Optional(Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$', description }));
const date = (description: string) =>
  Type.Optional(Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$', description }));
const choice = <const T extends readonly string[]>(values: T, description: string) =>
  Type.Optional(Type.Unsafe<T[number]>({ type: 'string', enum: [...values], description }));

const ownerId = code('only those of this owner');
const kind = choice(OPPORTUNITY_KINDS, 'only this kind of sale');

const only = (values: Readonly<Record<string, string | undefined>>): Condition[] =>
  Object.entries(values).flatMap(([index, value]) =>
    value === undefined ? [] : [{ index, op: '=', value } as const],
  );
const money = (amountMinor: number | undefined, currency: unknown): Money => ({
  amountMinor: amountMinor ?? 0,
  currency: String(currency),
});
/** In the order of code units, null last. */
const byText = (a: string | null, b: string | null): number =>
  a === b ? 0 : a === null ? 1 : b === null ? -1 : a < b ? -1 : 1;

const PipelineParams = Type.Object({ ownerId, kind }, { additionalProperties: false });

/** What is open, by stage and owner, and what is it worth? */
export const pipeline: NamedQuery<SalesPipelineDocument, typeof PipelineParams, PipelineAnswer> = {
  name: 'pipeline',
  question: 'What is open, by stage and owner, and what is it worth?',
  scope: 'figures',
  params: PipelineParams,
  run: async (reader, { ownerId, kind }, { asOfMs }) => {
    const groups = await reader.group({
      groupBy: ['stage', 'ownerId', 'currency'],
      where: only({ type: 'opportunity', status: 'open', ownerId, kind }),
      sum: ['expectedMinor', 'weightedMinor'],
    });
    const worth = (rows: readonly GroupRow[], currency: unknown) => ({
      opportunities: rows.reduce((sum, row) => sum + row.count, 0),
      expected: money(sumOf(rows, 'expectedMinor'), currency),
      weighted: money(sumOf(rows, 'weightedMinor'), currency),
    });
    const rows = groups
      .map((row): PipelineRow => ({
        stage: row.group['stage'] as OpportunityStage,
        ownerId: row.group['ownerId'] as string | null,
        ...worth([row], row.group['currency']),
      }))
      .sort(
        (a, b) =>
          OPPORTUNITY_STAGES.indexOf(a.stage) - OPPORTUNITY_STAGES.indexOf(b.stage) ||
          byText(a.ownerId, b.ownerId) ||
          byText(a.expected.currency, b.expected.currency),
      );
    return {
      asOf: isoOf(asOfMs),
      rows,
      totals: grouped(groups, 'currency').map(([currency, own]) => worth(own, currency)),
    };
  },
};

const sumOf = (rows: readonly GroupRow[], name: string): number =>
  rows.reduce((sum, row) => sum + (row.sums[name] ?? 0), 0);

/** Groups by one of their columns, in the order of its values. */
const grouped = (rows: readonly GroupRow[], name: string): [string | null, GroupRow[]][] =>
  [...Map.groupBy(rows, (row) => row.group[name] as string | null)].sort(([a], [b]) => byText(a, b));

/** What will each month bring, weighted by the chance of winning, and what has it brought? */
export const forecast: NamedQuery<SalesPipelineDocument, typeof PipelineParams, ForecastAnswer> = {
  name: 'forecast',
  question: 'What will each month bring, weighted by the chance of winning, and what has it brought?',
  scope: 'figures',
  params: PipelineParams,
  run: async (reader, { ownerId, kind }, { asOfMs }) => {
    const today = isoOf(asOfMs).slice(0, 10);
    const open = only({ type: 'opportunity', status: 'open', ownerId, kind });
    const [expected, won, overdue] = await Promise.all([
      reader.group({
        groupBy: ['closeMonth', 'currency'],
        where: open,
        sum: ['expectedMinor', 'weightedMinor'],
      }),
      reader.group({
        groupBy: ['decidedMonth', 'wonCurrency'],
        where: only({ type: 'opportunity', status: 'won', ownerId, kind }),
        sum: ['wonMinor'],
      }),
      reader.group({
        groupBy: ['currency'],
        where: [...open, { index: 'closeDate', op: '<', value: today }],
        sum: ['expectedMinor'],
      }),
    ]);
    const months = new Map<string, ForecastMonth>();
    const add = (month: string | null, currency: string, more: Partial<ForecastMonth>): void => {
      const key = `${month} ${currency}`;
      const none = money(0, currency);
      const empty = { month, currency, open: 0, expected: none, weighted: none, won: 0, wonAmount: none };
      months.set(key, { ...(months.get(key) ?? empty), ...more });
    };
    for (const { group, count, sums } of expected)
      add(group['closeMonth'] as string | null, String(group['currency']), {
        open: count,
        expected: money(sums['expectedMinor'], group['currency']),
        weighted: money(sums['weightedMinor'], group['currency']),
      });
    for (const { group, count, sums } of won)
      add(group['decidedMonth'] as string | null, String(group['wonCurrency']), {
        won: count,
        wonAmount: money(sums['wonMinor'], group['wonCurrency']),
      });
    return {
      asOf: isoOf(asOfMs),
      months: [...months.values()].sort((a, b) => byText(a.month, b.month) || byText(a.currency, b.currency)),
      overdue: overdue.map(({ group, count, sums }) => ({
        opportunities: count,
        expected: money(sums['expectedMinor'], group['currency']),
      })),
    };
  },
};

const WinRateParams = Type.Object(
  { ownerId, kind, from: date('decided on or after this day'), to: date('decided on or before this day') },
  { additionalProperties: false },
);

/** How many of the decided opportunities were won, how fast, and why were the others lost? */
export const winRate: NamedQuery<SalesPipelineDocument, typeof WinRateParams, WinRateAnswer> = {
  name: 'win-rate',
  question: 'How many of the decided opportunities were won, how fast, and why were the others lost?',
  scope: 'figures',
  params: WinRateParams,
  run: async (reader, { ownerId, kind, from, to }, { asOfMs }) => {
    const where: Condition[] = [
      ...only({ type: 'opportunity', ownerId, kind }),
      { index: 'decidedDate', op: '>=', value: from ?? '0000-00-00' },
      ...(to === undefined ? [] : [{ index: 'decidedDate', op: '<=', value: to } as const]),
    ];
    const lost = [...where, ...only({ status: 'lost' })];
    const [rows, amounts, reasons, rivals] = await Promise.all([
      reader.group({ groupBy: ['status', 'ownerId', 'kind', 'daysToDecide'], where }),
      reader.group({
        groupBy: ['wonCurrency'],
        where: [...where, ...only({ status: 'won' })],
        sum: ['wonMinor', 'marginMinor'],
      }),
      reader.group({ groupBy: ['lossReasonCode'], where: lost }),
      reader.group({
        groupBy: ['competitor'],
        where: [...lost, { index: 'competitor', op: '!=', value: null }],
      }),
    ]);
    const lostCount = reasons.reduce((sum, row) => sum + row.count, 0);
    return {
      asOf: isoOf(asOfMs),
      all: decidedOf(rows),
      byOwner: grouped(rows, 'ownerId').map(([owner, own]) => ({ ownerId: owner, ...decidedOf(own) })),
      byKind: grouped(rows, 'kind').map(([name, own]) => ({
        kind: name as OpportunityKind,
        ...decidedOf(own),
      })),
      won: amounts.map(({ group, count, sums }) => ({
        opportunities: count,
        amount: money(sums['wonMinor'], group['wonCurrency']),
        margin: money(sums['marginMinor'], group['wonCurrency']),
      })),
      lossReasons: mostFirst(reasons).map(({ group, count }) => ({
        lossReasonCode: String(group['lossReasonCode']),
        opportunities: count,
        share: count / lostCount,
      })),
      competitors: mostFirst(rivals).map(({ group, count }) => ({
        competitor: String(group['competitor']),
        opportunities: count,
      })),
    };
  },
};

const mostFirst = (rows: readonly GroupRow[]): GroupRow[] => [...rows].sort((a, b) => b.count - a.count);

function decidedOf(rows: readonly GroupRow[]): Decided {
  const count = (status: string): number =>
    rows.filter((row) => row.group['status'] === status).reduce((sum, row) => sum + row.count, 0);
  const [won, lost] = [count('won'), count('lost')];
  const days = rows
    .filter((row) => row.group['status'] === 'won')
    .map((row) => ({ value: Number(row.group['daysToDecide']), count: row.count }));
  return {
    won,
    lost,
    winRate: won + lost === 0 ? null : won / (won + lost),
    meanDaysToWin: meanOf(days),
    medianDaysToWin: medianOf(days),
  };
}

const OpportunitiesParams = Type.Object(
  {
    ownerId,
    kind,
    stage: choice(OPPORTUNITY_STAGES, 'only at this step'),
    status: choice(['open', 'won', 'lost'] as const, 'default open'),
    campaignId: code('only those that came of this campaign'),
  },
  { additionalProperties: false },
);

/** Which opportunities are open (or were decided), the next decision first? */
export const opportunities: NamedQuery<
  SalesPipelineDocument,
  typeof OpportunitiesParams,
  Page<OpportunityRow>
> = {
  name: 'opportunities',
  question: 'Which opportunities are open (or were decided), the next decision first?',
  scope: 'list',
  params: OpportunitiesParams,
  run: (reader, params, { asOfMs }) => {
    const { ownerId, kind, stage, status = 'open', campaignId } = params;
    return pageOf(
      reader,
      {
        where: only({ type: 'opportunity', status, ownerId, kind, stage, campaignId }),
        orderBy: [{ index: 'closeDate', direction: 'asc' }],
      },
      params,
      ({ key, document }) => opportunityRow(ownerOfKey(key), document as OpportunityDocument, asOfMs),
    );
  },
};

const opportunityRow = (
  customerId: string,
  document: OpportunityDocument,
  asOfMs: number,
): OpportunityRow => ({
  customerId,
  opportunityId: document.opportunityId,
  kind: document.kind,
  stage: document.stage,
  status: document.status,
  ownerId: document.ownerId,
  expected: money(document.expectedMinor, document.currency),
  probabilityPct: document.probabilityPct,
  expectedCloseDate: document.expectedCloseDate,
  overdue:
    document.status === 'open' &&
    document.expectedCloseDate !== null &&
    document.expectedCloseDate < isoOf(asOfMs).slice(0, 10),
  daysInStage: Math.max(0, dayNumberOf(asOfMs) - dayNumberOf(document.stageSinceMs)),
  productIds: document.productIds,
  campaignId: document.campaignId,
});

const LeadSourcesParams = Type.Object(
  { ownerId, campaignId: code('only leads of this campaign') },
  { additionalProperties: false },
);

/** Which sources bring leads that become opportunities? */
export const leadSources: NamedQuery<
  SalesPipelineDocument,
  typeof LeadSourcesParams,
  { readonly asOf: string; readonly sources: readonly LeadSource[] }
> = {
  name: 'lead-sources',
  question: 'Which sources bring leads that become opportunities?',
  scope: 'figures',
  params: LeadSourcesParams,
  run: async (reader, { ownerId, campaignId }, { asOfMs }) => {
    const rows = await reader.group({
      groupBy: ['source', 'status'],
      where: only({ type: 'lead', ownerId, campaignId }),
    });
    return {
      asOf: isoOf(asOfMs),
      sources: grouped(rows, 'source').map(([source, own]) => {
        const count = (status: LeadDocument['status']): number =>
          own.filter((row) => row.group['status'] === status).reduce((sum, row) => sum + row.count, 0);
        const leads = own.reduce((sum, row) => sum + row.count, 0);
        return {
          source,
          leads,
          identified: count('identified'),
          qualified: count('qualified'),
          disqualified: count('disqualified'),
          opened: count('opened'),
          conversionRate: count('opened') / leads,
        };
      }),
    };
  },
};

const LeadsParams = Type.Object(
  {
    ownerId,
    status: choice(['identified', 'qualified', 'disqualified', 'opened'] as const, 'default identified'),
    campaignId: code('only leads of this campaign'),
  },
  { additionalProperties: false },
);

/** Which leads wait, the longest first? */
export const leads: NamedQuery<SalesPipelineDocument, typeof LeadsParams, Page<LeadRow>> = {
  name: 'leads',
  question: 'Which leads wait, the longest first?',
  scope: 'list',
  params: LeadsParams,
  run: (reader, params, { asOfMs }) =>
    pageOf(
      reader,
      {
        where: only({
          type: 'lead',
          status: params.status ?? 'identified',
          ownerId: params.ownerId,
          campaignId: params.campaignId,
        }),
        orderBy: [{ index: 'sinceMs', direction: 'asc' }],
      },
      params,
      ({ key, document }) => {
        const { leadId, status, source, score, ownerId, campaignId, identifiedMs, sinceMs } =
          document as LeadDocument;
        return {
          customerId: ownerOfKey(key),
          ...{ leadId, status, source, score, ownerId, campaignId },
          identifiedAt: isoOf(identifiedMs),
          daysWaiting: Math.max(0, Math.floor((asOfMs - sinceMs) / MS_PER_DAY)),
        };
      },
    ),
};
