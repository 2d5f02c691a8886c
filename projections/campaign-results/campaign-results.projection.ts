import type { EventFor, ProjectionDefinition } from '@rapport/projection-engine';
import { addMinor } from '../_parts/amounts.js';
import { occurredAtMsOf } from '../_parts/business-order.js';
import { ownerOf } from '../_parts/owner.js';
import type { CampaignDocument, CampaignResultsDocument, MemberDocument } from './campaign-results.model.js';
import { campaigns, customer, members, results } from './campaign-results.queries.js';
import { outcomeSetOf } from './outcomes.js';

const OF_CAMPAIGN = ['CampaignPlanned', 'CampaignLaunched', 'CampaignClosed'] as const;
const OF_CUSTOMER = [
  'CampaignContactSent', 'CampaignHeldOut', 'CampaignContactDelivered', 'CampaignContactOpened', 'CampaignContactClicked',
  'CampaignContactBounced', 'CampaignResponded', 'CampaignOptedOut', 'CampaignConverted',
] as const; // prettier-ignore
type Event = EventFor<(typeof OF_CAMPAIGN)[number] | (typeof OF_CUSTOMER)[number]>;
type CampaignEvent = EventFor<(typeof OF_CAMPAIGN)[number]>;
type MemberEvent = EventFor<(typeof OF_CUSTOMER)[number]>;

const DEFAULT_ATTRIBUTION_DAYS = 30;

const isOfCampaign = (event: Event): event is CampaignEvent =>
  (OF_CAMPAIGN as readonly string[]).includes(event.type);

/** What did a campaign cost, whom did it reach, and what did it bring beyond what would have happened anyway? (S3, S6, S15, S19) */
export const campaignResults: ProjectionDefinition<CampaignResultsDocument, Event['type']> = {
  name: 'campaign-results',
  version: 1,
  question:
    'What did a campaign cost, whom did it reach, and what did it bring beyond what would have happened anyway?',
  events: [...OF_CAMPAIGN, ...OF_CUSTOMER],
  keys: (event) =>
    isOfCampaign(event)
      ? [event.streamId.slice('campaign-'.length)]
      : [`${ownerOf(event)}/${event.data.campaignId}`],
  initial: (key) => {
    const slash = key.indexOf('/');
    return slash < 0 ? newCampaign(key) : newMember(key.slice(slash + 1));
  },
  evolve: (document, event) => {
    const atMs = occurredAtMsOf(event);
    if (document.type === 'campaign') evolveCampaign(document, event as CampaignEvent, atMs);
    else evolveMember(document, event as MemberEvent, atMs);
    return document;
  },
  sortedBy: ['campaignId', 'atMs'],
  indexes: {
    type: (document) => document.type,
    campaignId: (document) => document.campaignId,
    atMs: (document) => (document.type === 'campaign' ? document.plannedMs : document.firstMs),
    status: (document) => (document.type === 'campaign' ? document.status : null),
    group: (document) => (document.type === 'member' ? document.group : null),
    variant: (document) => (document.type === 'member' ? document.variant : null),
    channel: (document) => (document.type === 'member' ? document.channel : null),
    contacts: (document) => (document.type === 'member' ? document.contacts : 0),
    outcomes: (document) => (document.type === 'member' ? outcomeSetOf(document) : 0),
    revenueMinor: (document) =>
      document.type === 'member' && document.currency !== null
        ? (document.revenueMinor[document.currency] ?? 0)
        : 0,
    costMinor: (document) => (document.type === 'member' ? document.costMinor : 0),
  },
  combine: (documents) => documents.reduce(joined),
  queries: [results, campaigns, members, customer],
};

const newCampaign = (campaignId: string): CampaignDocument => ({
  type: 'campaign',
  campaignId,
  name: campaignId,
  objective: 'acquire',
  targetRule: '',
  status: 'planned',
  productId: null,
  budgetMinor: 0,
  costMinor: 0,
  currency: 'XXX',
  controlPct: 0,
  variants: [],
  attributionDays: DEFAULT_ATTRIBUTION_DAYS,
  plannedMs: 0,
  launchedMs: null,
  closedMs: null,
});

const newMember = (campaignId: string): MemberDocument => ({
  type: 'member',
  campaignId,
  group: 'uncontacted',
  variant: null,
  channel: null,
  firstMs: 0,
  contacts: 0,
  delivered: 0,
  opened: 0,
  clicked: 0,
  bounced: 0,
  responses: 0,
  optedOut: false,
  currency: null,
  costMinor: 0,
  responseValueMinor: {},
  conversions: 0,
  revenueMinor: {},
});

function evolveCampaign(document: CampaignDocument, event: CampaignEvent, atMs: number): void {
  switch (event.type) {
    case 'CampaignPlanned': {
      const { name, objective, targetRule, budget, controlPct, variants, productId, attributionDays } =
        event.data;
      Object.assign(document, { name, objective, targetRule, controlPct, plannedMs: atMs });
      document.variants = [...(variants ?? [])];
      document.productId = productId ?? null;
      document.budgetMinor = budget.amountMinor;
      document.currency = budget.currency;
      document.attributionDays = attributionDays ?? DEFAULT_ATTRIBUTION_DAYS;
      return;
    }
    case 'CampaignLaunched':
      document.status = 'launched';
      document.launchedMs = atMs;
      document.costMinor = event.data.cost?.amountMinor ?? document.costMinor;
      return;
    case 'CampaignClosed':
      document.status = 'closed';
      document.closedMs = atMs;
      document.costMinor = event.data.cost?.amountMinor ?? document.costMinor;
      return;
    default:
      event satisfies never;
  }
}

function evolveMember(document: MemberDocument, event: MemberEvent, atMs: number): void {
  if (document.firstMs === 0 || atMs < document.firstMs) document.firstMs = atMs;
  switch (event.type) {
    case 'CampaignContactSent': {
      const { variant, channel, cost, currency } = event.data;
      document.group = 'contacted';
      document.variant = variant ?? null;
      document.channel = channel;
      document.currency = currency;
      document.contacts += 1;
      if (cost?.currency === currency) document.costMinor = addMinor(document.costMinor, cost.amountMinor);
      return;
    }
    case 'CampaignHeldOut':
      document.group = 'heldOut';
      document.channel = event.data.channel;
      document.currency = event.data.currency;
      return;
    case 'CampaignContactDelivered':
      document.delivered += 1;
      return;
    case 'CampaignContactOpened':
      document.opened += 1;
      return;
    case 'CampaignContactClicked':
      document.clicked += 1;
      return;
    case 'CampaignContactBounced':
      document.bounced += 1;
      return;
    case 'CampaignResponded':
      document.responses += 1;
      add(document.responseValueMinor, event.data.value);
      return;
    case 'CampaignOptedOut':
      document.optedOut = true;
      return;
    case 'CampaignConverted':
      document.conversions += 1;
      add(document.revenueMinor, event.data.value);
      return;
    default:
      event satisfies never;
  }
}

function add(
  sums: Record<string, number>,
  money: { readonly amountMinor: number; readonly currency: string } | undefined,
): void {
  if (money) sums[money.currency] = addMinor(sums[money.currency] ?? 0, money.amountMinor);
}

const GROUPS: readonly MemberDocument['group'][] = ['uncontacted', 'heldOut', 'contacted'];

/** One customer of the members' documents: whoever of them was contacted counts as contacted, what they did adds up. */
function joined(a: CampaignResultsDocument, b: CampaignResultsDocument): CampaignResultsDocument {
  if (a.type === 'campaign' || b.type === 'campaign') return a;
  const [less, more] = GROUPS.indexOf(a.group) <= GROUPS.indexOf(b.group) ? [a, b] : [b, a];
  const sum: MemberDocument = {
    ...more,
    variant: more.variant ?? less.variant,
    channel: more.channel ?? less.channel,
    currency: more.currency ?? less.currency,
    firstMs: Math.min(a.firstMs, b.firstMs),
    contacts: a.contacts + b.contacts,
    delivered: a.delivered + b.delivered,
    opened: a.opened + b.opened,
    clicked: a.clicked + b.clicked,
    bounced: a.bounced + b.bounced,
    responses: a.responses + b.responses,
    optedOut: a.optedOut || b.optedOut,
    costMinor: addMinor(a.costMinor, b.costMinor),
    conversions: a.conversions + b.conversions,
    responseValueMinor: { ...a.responseValueMinor },
    revenueMinor: { ...a.revenueMinor },
  };
  for (const [currency, amountMinor] of Object.entries(b.responseValueMinor))
    add(sum.responseValueMinor, { amountMinor, currency });
  for (const [currency, amountMinor] of Object.entries(b.revenueMinor))
    add(sum.revenueMinor, { amountMinor, currency });
  return sum;
}
