import { MS_PER_DAY } from '@rapport/contracts';
import type { Channel, CampaignReference } from '@rapport/contracts';
import { capped, markOf, replacedAt } from '../occurrence.js';
import type { DataOfType, Mark, Occurrence, SliceEvolvers } from '../occurrence.js';

// Events: CampaignContactSent, CampaignHeldOut, CampaignContactDelivered, CampaignContactOpened, CampaignContactClicked,
// CampaignContactBounced, CampaignResponded, CampaignOptedOut, CampaignConverted.

/** What a campaign had to do with the customer. The mark is the first contact, or the moment they were left out. */
export interface CampaignEntry extends Mark {
  readonly campaignId: string;
  readonly group: 'contacted' | 'heldOut';
  readonly variant: string | null;
  /** Of the latest contact. */
  readonly channel: Channel;
  readonly contactId: string | null;
  readonly purpose: CampaignReference['purpose'];
  /** Sales up to here count as the effect: from the first contact on, so that both groups are measured alike. */
  readonly untilMs: number;
}

export interface MarketingState {
  /** The latest campaigns, by first contact. */
  readonly campaigns: readonly CampaignEntry[];
  readonly campaignsForgotten: number;
  /** The latest contacts of all campaigns, for frequency rules. */
  readonly contacts: readonly (Mark & { readonly channel: Channel })[];
  /** The latest sales that counted for a campaign, by both names of a sale that has two. */
  readonly salesCounted: readonly string[];
}

export const initialMarketing: MarketingState = {
  campaigns: [],
  campaignsForgotten: 0,
  contacts: [],
  salesCounted: [],
};

const CAMPAIGNS_KEPT = 50;
/** The most contacts a frequency rule may count. */
export const CAMPAIGN_CONTACTS_KEPT = 20;

/** Names of sales; an order follows its deal, or a deal its order, within days. */
const SALES_KEPT = 20;

/** How a sale is known: by its own record, and by the other record of the same sale. */
export const keysOfSale = ({
  by,
  reference,
  sameAs,
}: Pick<DataOfType<'CampaignConverted'>, 'by' | 'reference' | 'sameAs'>): readonly string[] => [
  `${by} ${reference}`,
  ...(sameAs === undefined ? [] : [`${by === 'purchase' ? 'deal' : 'purchase'} ${sameAs}`]),
];

const withCampaign = (state: MarketingState, entry: CampaignEntry): MarketingState => ({
  ...state,
  campaigns: capped(state.campaigns, entry, CAMPAIGNS_KEPT),
  campaignsForgotten: state.campaignsForgotten + (state.campaigns.length < CAMPAIGNS_KEPT ? 0 : 1),
});

const untilMsOf = (occurrence: Occurrence, attributionDays: number): number =>
  occurrence.atMs + attributionDays * MS_PER_DAY;

const contacted = (
  state: MarketingState,
  data: DataOfType<'CampaignContactSent'>,
  occurrence: Occurrence,
): MarketingState => {
  const mark = markOf(occurrence);
  const { campaignId, channel, contactId, purpose } = data;
  const contacts = capped(state.contacts, { ...mark, channel }, CAMPAIGN_CONTACTS_KEPT);
  const index = state.campaigns.findIndex((known) => known.campaignId === campaignId);
  const known = state.campaigns[index];
  if (known?.group === 'contacted') {
    const again = { ...known, channel, contactId };
    return { ...state, contacts, campaigns: replacedAt(state.campaigns, index, again) };
  }
  return withCampaign(
    { ...state, contacts },
    {
      ...mark,
      campaignId,
      group: 'contacted',
      variant: data.variant ?? null,
      channel,
      contactId,
      purpose,
      untilMs: untilMsOf(occurrence, data.attributionDays),
    },
  );
};

export const marketingEvolvers: SliceEvolvers<MarketingState> = {
  CampaignConverted: (state, data) => ({
    ...state,
    salesCounted: keysOfSale(data).reduce<readonly string[]>(
      (known, key) => (known.includes(key) ? known : capped(known, key, SALES_KEPT)),
      state.salesCounted,
    ),
  }),
  CampaignContactSent: contacted,
  CampaignHeldOut: (state, data, occurrence) =>
    withCampaign(state, {
      ...markOf(occurrence),
      campaignId: data.campaignId,
      group: 'heldOut',
      variant: null,
      channel: data.channel,
      contactId: null,
      purpose: 'marketing',
      untilMs: untilMsOf(occurrence, data.attributionDays),
    }),
};
