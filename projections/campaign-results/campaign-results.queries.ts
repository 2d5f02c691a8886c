import { Type } from '@sinclair/typebox';
import { differenceOfProportions } from '@rapport/analytics';
import { isoOf } from '@rapport/contracts';
import type { Channel, Money } from '@rapport/contracts';
import { ownerOfKey } from '@rapport/projection-engine';
import type { Condition, GroupRow, NamedQuery, Page, QueryRow } from '@rapport/projection-engine';
import { pageOf } from '../_parts/paging.js';
import { rowsOfCustomer } from '../_parts/rows-of-customer.js';
import type {
  CampaignDocument,
  CampaignEffect,
  CampaignResultsAnswer,
  CampaignResultsDocument,
  CampaignRow,
  GroupFigures,
  MemberDocument,
  MemberRow,
} from './campaign-results.model.js';
import { hasOutcome, type Outcome } from './outcomes.js';

const campaignId = Type.String({
  pattern: '^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$',
  description: 'the campaign',
});
const choice = <const T extends readonly string[]>(values: T, description: string) =>
  Type.Optional(Type.Unsafe<T[number]>({ type: 'string', enum: [...values], description }));
const only = (values: Readonly<Record<string, string | undefined>>): Condition[] =>
  Object.entries(values).flatMap(([index, value]) =>
    value === undefined ? [] : [{ index, op: '=', value } as const],
  );
const iso = (atMs: number | null): string | null => (atMs === null ? null : isoOf(atMs));

const ResultsParams = Type.Object({ campaignId }, { additionalProperties: false });

/** What did this campaign cost and bring, against its hold-out group and by variant? Null for an unknown campaign. */
export const results: NamedQuery<
  CampaignResultsDocument,
  typeof ResultsParams,
  CampaignResultsAnswer | null
> = {
  name: 'results',
  question: 'What did this campaign cost and bring, against its hold-out group and by variant?',
  scope: 'figures',
  params: ResultsParams,
  run: async (reader, params, { asOfMs, valueTerms }) => {
    const stored = await reader.get(params.campaignId);
    if (stored?.document.type !== 'campaign') return null;
    const campaign = stored.document;
    const rows = await reader.group({
      groupBy: ['group', 'variant', 'channel', 'outcomes'],
      where: only({ type: 'member', campaignId: params.campaignId }),
      sum: ['contacts', 'revenueMinor', 'costMinor'],
    });
    const { currency } = campaign;
    const money = (amountMinor: number): Money => ({ amountMinor: Math.round(amountMinor), currency });
    const of = (group: MemberDocument['group']): GroupRow[] =>
      rows.filter((row) => row.group['group'] === group);
    const contacted = figuresOf(of('contacted'), money);
    const heldOut = figuresOf(of('heldOut'), money);
    const costMinor = campaign.costMinor + contacted.contactCost.amountMinor;
    const by = <Name extends 'variant' | 'channel'>(name: Name) =>
      [...Map.groupBy(of('contacted'), (row) => row.group[name] as string | null)]
        .sort(([a], [b]) => ((a ?? '') < (b ?? '') ? -1 : 1))
        .map(([value, own]) => [value, figuresOf(own, money)] as const);
    return {
      asOf: isoOf(asOfMs),
      campaignId: campaign.campaignId,
      name: campaign.name,
      objective: campaign.objective,
      targetRule: campaign.targetRule,
      status: campaign.status,
      budget: money(campaign.budgetMinor),
      cost: money(costMinor),
      budgetUsedPct: campaign.budgetMinor > 0 ? Math.round((costMinor * 100) / campaign.budgetMinor) : null,
      controlPct: campaign.controlPct,
      attributionDays: campaign.attributionDays,
      margin: valueTerms.margin,
      contacted,
      heldOut,
      uncontactedResponses: figuresOf(of('uncontacted'), money).responded,
      costPerResponse: contacted.responded === 0 ? null : money(costMinor / contacted.responded),
      effect: effectOf(contacted, heldOut, costMinor, valueTerms.margin, money),
      variants: by('variant').map(([variant, figures]) => ({ variant, ...figures })),
      channels: by('channel').map(([channel, figures]) => ({
        channel: channel as Channel | null,
        ...figures,
      })),
    };
  },
};

function figuresOf(rows: readonly GroupRow[], money: (amountMinor: number) => Money): GroupFigures {
  const sum = (name: string): number => rows.reduce((total, row) => total + (row.sums[name] ?? 0), 0);
  const having = (outcome: Outcome): number =>
    rows.reduce(
      (total, row) => total + (hasOutcome(Number(row.group['outcomes']), outcome) ? row.count : 0),
      0,
    );
  const customers = rows.reduce((total, row) => total + row.count, 0);
  const share = (part: number): number | null => (customers === 0 ? null : part / customers);
  const revenue = sum('revenueMinor');
  return {
    customers,
    contacts: sum('contacts'),
    delivered: having('delivered'),
    opened: having('opened'),
    clicked: having('clicked'),
    bounced: having('bounced'),
    responded: having('responded'),
    optedOut: having('optedOut'),
    converted: having('converted'),
    responseRate: share(having('responded')),
    conversionRate: share(having('converted')),
    revenue: money(revenue),
    revenuePerCustomer: customers === 0 ? null : money(revenue / customers),
    contactCost: money(sum('costMinor')),
  };
}

/** The effect is the difference between the two groups, scaled to those contacted: never what they bought in all. */
function effectOf(
  contacted: GroupFigures,
  heldOut: GroupFigures,
  costMinor: number,
  margin: number,
  money: (amountMinor: number) => Money,
): CampaignEffect | null {
  if (contacted.customers === 0 || heldOut.customers === 0) return null;
  const { difference, low, high } = differenceOfProportions(
    { successes: contacted.converted, trials: contacted.customers },
    { successes: heldOut.converted, trials: heldOut.customers },
  );
  const perContacted = contacted.revenue.amountMinor / contacted.customers;
  const perHeldOut = heldOut.revenue.amountMinor / heldOut.customers;
  const revenueMinor = (perContacted - perHeldOut) * contacted.customers;
  const marginMinor = revenueMinor * margin;
  const conversions = difference * contacted.customers;
  return {
    lift: difference,
    liftLow: low,
    liftHigh: high,
    isSignificant: low > 0 || high < 0,
    incrementalConversions: conversions,
    incrementalRevenue: money(revenueMinor),
    incrementalMargin: money(marginMinor),
    returnOnInvestment: costMinor > 0 ? (marginMinor - costMinor) / costMinor : null,
    costPerIncrementalConversion: conversions > 0 ? money(costMinor / conversions) : null,
  };
}

const CampaignsParams = Type.Object(
  { status: choice(['planned', 'launched', 'closed'] as const, 'only campaigns in this state') },
  { additionalProperties: false },
);

/** Which campaigns are there, the latest first? */
export const campaigns: NamedQuery<CampaignResultsDocument, typeof CampaignsParams, Page<CampaignRow>> = {
  name: 'campaigns',
  question: 'Which campaigns are there, the latest first?',
  scope: 'list',
  params: CampaignsParams,
  run: (reader, params) =>
    pageOf(
      reader,
      {
        where: only({ type: 'campaign', status: params.status }),
        orderBy: [{ index: 'atMs', direction: 'desc' }],
      },
      params,
      ({ document }) => {
        const one = document as CampaignDocument;
        return {
          campaignId: one.campaignId,
          name: one.name,
          objective: one.objective,
          status: one.status,
          budget: { amountMinor: one.budgetMinor, currency: one.currency },
          controlPct: one.controlPct,
          plannedAt: isoOf(one.plannedMs),
          launchedAt: iso(one.launchedMs),
          closedAt: iso(one.closedMs),
        };
      },
    ),
};

const MembersParams = Type.Object(
  { campaignId, group: choice(['contacted', 'heldOut', 'uncontacted'] as const, 'only this group') },
  { additionalProperties: false },
);

/** Which customers had to do with this campaign, in the order of their first contact? */
export const members: NamedQuery<CampaignResultsDocument, typeof MembersParams, Page<MemberRow>> = {
  name: 'members',
  question: 'Which customers had to do with this campaign, in the order of their first contact?',
  scope: 'list',
  params: MembersParams,
  run: (reader, params) =>
    pageOf(
      reader,
      {
        where: only({ type: 'member', campaignId: params.campaignId, group: params.group }),
        orderBy: [{ index: 'atMs', direction: 'asc' }],
      },
      params,
      memberRow,
    ),
};

/** Which campaigns had to do with this customer, the latest first? */
export const customer = rowsOfCustomer<CampaignResultsDocument, MemberRow>(
  'Which campaigns had to do with this customer, the latest first?',
  ['atMs', 'desc'],
  memberRow,
);

function memberRow({ key, document }: QueryRow<CampaignResultsDocument>): MemberRow {
  const member = document as MemberDocument;
  return {
    customerId: ownerOfKey(key),
    campaignId: member.campaignId,
    group: member.group,
    variant: member.variant,
    channel: member.channel,
    firstAt: isoOf(member.firstMs),
    contacts: member.contacts,
    responses: member.responses,
    optedOut: member.optedOut,
    conversions: member.conversions,
  };
}
