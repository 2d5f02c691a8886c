import type { CampaignReference, Refusal, WayOut } from '@rapport/contracts';
import { planCampaign } from '../../campaign/campaign.decider.js';
import { compiledTarget } from '../../campaign/campaign-target.js';
import { consentFor } from '../consent/consent.decider.js';
import type { CustomerCommandOf } from '../customer.commands.js';
import type { Draft } from '../draft.js';
import type { DataOfType } from '../occurrence.js';
import { refuse } from '../refuse.js';
import { eachOnce, earliestOf } from '../relationship/way-out.rules.js';
import { heldBack } from '../sales/offer.rules.js';
import type { OfferKind } from '../sales/sales.state.js';
import { keysOfSale } from './marketing.state.js';
import type { CampaignEntry } from './marketing.state.js';

/** The kind of sale a campaign is for, as the stage table knows it. */
const OBJECTIVE_AS_OFFER: Readonly<Record<CampaignReference['objective'], OfferKind>> = {
  acquire: 'firstSale',
  crossSell: 'crossSell',
  upSell: 'upSell',
  retain: 'retain',
  winBack: 'winBack',
};

/**
 * UNKNOWN_CAMPAIGN, CAMPAIGN_NOT_RUNNING, CAMPAIGN_CURRENCY, ID_ALREADY_USED, UNKNOWN_CAMPAIGN_CONTACT, and for a contact
 * CONSENT_MISSING, STAGE_FORBIDS_*, OFFER_NOT_PERMITTED (also for whom the campaign is not meant) with the way out, and CAMPAIGN_HOLD_OUT, which records
 * CampaignHeldOut once. What customers do with a campaign is recorded whatever the stage.
 */
export function decideMarketing(
  draft: Draft,
  command: CustomerCommandOf<'ContactForCampaign' | 'RecordCampaignResponse'>,
): Refusal | undefined {
  return command.type === 'ContactForCampaign'
    ? decideContact(draft, command)
    : decideResponse(draft, command);
}

function decideContact(draft: Draft, command: CustomerCommandOf<'ContactForCampaign'>): Refusal | undefined {
  const { campaignId, contactId, channel, cost } = command;
  const campaign = runningCampaign(draft, campaignId);
  if ('code' in campaign) return campaign;
  if (cost !== undefined && cost.currency !== campaign.currency)
    return refuse('CAMPAIGN_CURRENCY', `The budget of the campaign is in ${campaign.currency}.`);
  const known = draft.state.marketing.campaigns.find((entry) => entry.campaignId === campaignId);
  if (known?.contactId === contactId)
    return refuse('ID_ALREADY_USED', 'The customer was contacted under this id.');
  const forbidden = notMeant(draft, campaign, channel) ?? contactForbidden(draft, campaign, channel);
  if (forbidden) return forbidden;
  const { currency, attributionDays, purpose, variant } = campaign;
  if (campaign.heldOut) {
    // The group must be known to be compared with; who is in it is told once.
    if (known === undefined)
      draft.record('CampaignHeldOut', { campaignId, channel, currency, attributionDays });
    return refuse('CAMPAIGN_HOLD_OUT', 'The customer is in the hold-out group of the campaign.');
  }
  const sent = {
    contactId,
    campaignId,
    ...(variant === undefined ? {} : { variant }),
    channel,
    purpose,
    ...(cost === undefined ? {} : { cost }),
    currency,
    attributionDays,
  };
  draft.record('CampaignContactSent', sent, { byRuleBook: true });
  return undefined;
}

/** The campaign when customers may be contacted for it now: UNKNOWN_CAMPAIGN, CAMPAIGN_NOT_RUNNING. */
export function runningCampaign(draft: Draft, campaignId: string): CampaignReference | Refusal {
  const campaign = draft.context.references?.campaigns?.get(campaignId);
  if (campaign === undefined)
    return refuse('UNKNOWN_CAMPAIGN', 'There is no such campaign.', { wayOut: [planCampaign(campaignId)] });
  return campaign.status === 'launched' ? campaign : notRunning(campaign);
}

/** OFFER_NOT_PERMITTED for somebody the campaign is not meant for, with what would make it meant for them. */
function notMeant(draft: Draft, { target }: CampaignReference, channel: string): Refusal | null {
  if (target === undefined) return null;
  const { state, clockMs } = draft;
  const condition = compiledTarget(target);
  if (condition.isMet(state, clockMs, { channel })) return null;
  const wayOut = condition
    .toMeet(state, clockMs, { channel })
    .map((way) => ({ ...way, rule: `campaignIsMeantFor: ${way.rule}` }));
  return refuse('OFFER_NOT_PERMITTED', 'The campaign is not meant for this customer.', {
    wayOut,
    ...earliestOf(wayOut),
  });
}

function notRunning({ campaignId, status }: CampaignReference): Refusal {
  const launch: WayOut = {
    rule: 'campaignIsLaunched',
    sentence: 'Launch the campaign.',
    fact: { eventType: 'CampaignLaunched', data: { campaignId } },
  };
  return refuse('CAMPAIGN_NOT_RUNNING', `The campaign is ${status}.`, {
    wayOut: status === 'planned' ? [launch] : [],
  });
}

/** The stage's word and the customer's: whatever either asks for is in one way out. */
function contactForbidden(
  draft: Draft,
  campaign: CampaignReference,
  channel: CustomerCommandOf<'ContactForCampaign'>['channel'],
): Refusal | null {
  const { state, clockMs } = draft;
  const { ruleBook } = draft.context;
  const initiative = { kind: OBJECTIVE_AS_OFFER[campaign.objective], by: 'firm', channel } as const;
  const held = heldBack(state, ruleBook, initiative, clockMs)?.refusal;
  const isGranted = consentFor(state.consent, campaign.purpose, channel, clockMs)?.status === 'granted';
  if (held === undefined && isGranted) return null;
  const consent: WayOut = {
    rule: 'campaignNeedsConsent',
    sentence: 'Record that the customer agreed.',
    fact: { eventType: 'ConsentGranted', data: { purpose: campaign.purpose, channelScope: channel } },
  };
  const wayOut = eachOnce([...(held?.wayOut ?? []), ...(isGranted ? [] : [consent])]);
  return refuse(
    (held?.code ?? 'CONSENT_MISSING') as 'CONSENT_MISSING',
    held?.sentence ?? `The customer has not agreed to ${campaign.purpose} on this channel.`,
    { ruleBookVersion: ruleBook.version, wayOut, ...earliestOf(wayOut) },
  );
}

function decideResponse(
  draft: Draft,
  command: CustomerCommandOf<'RecordCampaignResponse'>,
): Refusal | undefined {
  const { campaignId, outcome } = command;
  const { campaigns, campaignsForgotten } = draft.state.marketing;
  const entry = campaigns.find((known) => known.campaignId === campaignId && known.group === 'contacted');
  const contact = { campaignId, ...contactOf(entry, command) };
  switch (outcome) {
    case 'responded':
      draft.record('CampaignResponded', {
        ...contact,
        responseKind: command.responseKind ?? 'response',
        ...(command.value === undefined ? {} : { value: command.value }),
        ...(command.note === undefined ? {} : { note: command.note }),
      });
      return undefined;
    case 'optedOut':
      draft.record('CampaignOptedOut', contact);
      draft.record('ConsentRevoked', {
        purpose: entry?.purpose ?? 'marketing',
        channelScope: contact.channel ?? 'any',
      });
      return undefined;
    default:
  }
  if (entry === undefined && campaignsForgotten === 0)
    return refuse('UNKNOWN_CAMPAIGN_CONTACT', 'The customer was not contacted for this campaign.');
  switch (outcome) {
    case 'delivered':
      draft.record('CampaignContactDelivered', contact);
      return undefined;
    case 'opened':
      draft.record('CampaignContactOpened', contact);
      return undefined;
    case 'clicked':
      draft.record('CampaignContactClicked', contact);
      return undefined;
    case 'bounced':
      draft.record('CampaignContactBounced', {
        ...contact,
        ...(command.reasonCode === undefined ? {} : { reasonCode: command.reasonCode }),
      });
      return undefined;
    default:
      return outcome satisfies never;
  }
}

/** The contact a reaction belongs to: as it was sent, or by the channel the reaction came where nobody was contacted. */
function contactOf(
  entry: CampaignEntry | undefined,
  command: CustomerCommandOf<'RecordCampaignResponse'>,
): { readonly variant?: string; readonly channel?: CampaignEntry['channel'] } {
  const channel = entry?.channel ?? command.channel;
  return {
    ...(entry?.variant ? { variant: entry.variant } : {}),
    ...(channel === undefined ? {} : { channel }),
  };
}

/**
 * What the sales of this decision say of campaigns: each one that had to do with the customer, contacted or held out,
 * and whose attribution time the sale falls into is told of it. A campaign alone is judged by the difference between
 * its two groups, so a sale may count for several.
 */
export function attributeSales(draft: Draft): void {
  const { campaigns } = draft.state.marketing;
  if (campaigns.length === 0) return;
  const { salesCounted } = draft.state.marketing;
  // A sale recorded twice, as an order and as a won opportunity, counts when it was recorded first.
  const sales = draft.events
    .flatMap(saleOf)
    .filter((sale) => !keysOfSale(sale).some((key) => salesCounted.includes(key)));
  const atMs = draft.context.occurredAtMs;
  for (const sale of sales)
    for (const { campaignId, group, variant, atMs: sinceMs, untilMs } of campaigns)
      if (atMs >= sinceMs && atMs <= untilMs)
        draft.record('CampaignConverted', { campaignId, group, ...(variant ? { variant } : {}), ...sale });
}

type Sale = Pick<DataOfType<'CampaignConverted'>, 'by' | 'reference' | 'value' | 'sameAs'>;

function saleOf({ type, data }: { readonly type: string; readonly data: unknown }): readonly Sale[] {
  if (type === 'PurchaseRecorded') {
    const { orderId, total, opportunityId } = data as DataOfType<'PurchaseRecorded'>;
    return [{ by: 'purchase', reference: orderId, value: total, ...sameAs(opportunityId) }];
  }
  if (type !== 'OpportunityWon') return [];
  const { opportunityId, amount, orderId } = data as DataOfType<'OpportunityWon'>;
  return [{ by: 'deal', reference: opportunityId, value: amount, ...sameAs(orderId) }];
}

const sameAs = (id: string | undefined): Pick<Sale, 'sameAs'> => (id === undefined ? {} : { sameAs: id });
