import { Type } from '@sinclair/typebox';
import { CHANNELS } from '../envelope.js';
import { CAMPAIGN_OBJECTIVES } from '../references.js';
import { CONSENT_PURPOSES } from './consent.events.js';
import { defineEvent } from './event-contract.js';
import { code, integer, isoDate, money, object, oneOf, percent, personalText, text } from './schema.js';

const rows = ['S3', 'S6', 'S19'];
const ofCampaign = { category: 'campaign', area: 'campaigns', rows } as const;
const ofCustomer = { category: 'customer', area: 'marketing', rows: ['S3', 'S18'] } as const;
const campaignId = code('id of the campaign');

export const CampaignPlanned = defineEvent({
  ...ofCampaign,
  type: 'CampaignPlanned',
  kind: 'fact',
  meaning:
    'A campaign was planned: what for, whom it is to reach, what it may cost, and how many are left out to measure it.',
  emittedBy: ['PlanCampaign'],
  schema: object({
    campaignId,
    name: text('name of the campaign', 200),
    objective: oneOf(
      CAMPAIGN_OBJECTIVES,
      'what it is for; the stage of each customer has to allow that kind of sale',
    ),
    targetRule: text('whom it is meant for, in words', 1_000),
    target: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), {
        description:
          'whom it is meant for, as a condition of predicates like those of a rule book (docs/reference/rules.md); absent = whoever is named',
      }),
    ),
    budget: money('what it may cost in all'),
    controlPct: percent(
      'share of the customers meant who are left out (hold-out group), so that the effect can be measured',
    ),
    purpose: Type.Optional(oneOf(CONSENT_PURPOSES, 'consent a contact needs; default marketing')),
    variants: Type.Optional(
      Type.Array(code('variant'), {
        maxItems: 20,
        description: 'versions compared with each other, shared out evenly',
      }),
    ),
    productId: Type.Optional(code('product it is about')),
    attributionDays: Type.Optional(
      integer('days after a contact in which a sale counts as its effect; default 30', 1, 3_650),
    ),
    startDate: Type.Optional(isoDate('planned start')),
    endDate: Type.Optional(isoDate('planned end')),
  }),
  example: {
    campaignId: 'spring-grinders',
    name: 'A grinder for every machine',
    objective: 'crossSell',
    targetRule: 'has a machine and no grinder',
    target: {
      all: [
        { is: 'familyHeld', with: { families: ['machines'] } },
        { not: { is: 'familyHeld', with: { families: ['grinders'] } } },
      ],
    },
    budget: { amountMinor: 500000, currency: 'EUR' },
    controlPct: 10,
    variants: ['a', 'b'],
    attributionDays: 30,
  },
});

export const CampaignLaunched = defineEvent({
  ...ofCampaign,
  type: 'CampaignLaunched',
  kind: 'fact',
  meaning: 'The campaign runs: customers may be contacted for it.',
  emittedBy: ['LaunchCampaign'],
  schema: object({
    campaignId,
    cost: Type.Optional(money('what it costs besides its contacts, as known at the launch')),
  }),
  example: { campaignId: 'spring-grinders', cost: { amountMinor: 120000, currency: 'EUR' } },
});

export const CampaignClosed = defineEvent({
  ...ofCampaign,
  type: 'CampaignClosed',
  kind: 'fact',
  meaning: 'The campaign is over: nobody is contacted for it any more.',
  emittedBy: ['CloseCampaign'],
  schema: object({
    campaignId,
    cost: Type.Optional(
      money('what it cost in the end besides its contacts; takes the place of the cost told at the launch'),
    ),
    reasonCode: Type.Optional(code('why it was closed, in a code of your own: ended, stopped …')),
  }),
  example: {
    campaignId: 'spring-grinders',
    cost: { amountMinor: 410000, currency: 'EUR' },
    reasonCode: 'ended',
  },
});

const channel = oneOf(CHANNELS, 'channel of the contact');
const variant = Type.Optional(code('variant of the campaign'));
/** What every reaction says of the contact it is one to; absent where nobody contacted the customer. */
const ofContact = { campaignId, variant, channel: Type.Optional(channel) };
const attribution = {
  currency: Type.String({ pattern: '^[A-Z]{3}$', description: 'currency of the campaign, ISO 4217' }),
  attributionDays: integer('days in which a sale counts as the effect', 1, 3_650),
};

export const CampaignContactSent = defineEvent({
  ...ofCustomer,
  type: 'CampaignContactSent',
  kind: 'fact',
  meaning: 'The customer was contacted for a campaign; consent, stage and campaign allowed it.',
  emittedBy: ['ContactForCampaign'],
  schema: object({
    contactId: code('id of the contact within the customer'),
    campaignId,
    variant,
    channel,
    purpose: oneOf(CONSENT_PURPOSES, 'consent it rested on'),
    cost: Type.Optional(money('what this contact cost us')),
    ...attribution,
  }),
  example: {
    contactId: 'cc-1',
    campaignId: 'spring-grinders',
    variant: 'a',
    channel: 'email',
    purpose: 'marketing',
    cost: { amountMinor: 12, currency: 'EUR' },
    currency: 'EUR',
    attributionDays: 30,
  },
});

export const CampaignHeldOut = defineEvent({
  ...ofCustomer,
  type: 'CampaignHeldOut',
  kind: 'fact',
  meaning:
    'The customer was to be contacted and belongs to the hold-out group: left alone, and compared with those contacted.',
  emittedBy: ['ContactForCampaign'],
  schema: object({ campaignId, channel, ...attribution }),
  example: { campaignId: 'spring-grinders', channel: 'email', currency: 'EUR', attributionDays: 30 },
});

export const CampaignContactDelivered = defineEvent({
  ...ofCustomer,
  type: 'CampaignContactDelivered',
  kind: 'fact',
  meaning: 'The contact reached the customer.',
  emittedBy: ['RecordCampaignResponse'],
  schema: object(ofContact),
  example: { campaignId: 'spring-grinders', variant: 'a', channel: 'email' },
});

export const CampaignContactOpened = defineEvent({
  ...ofCustomer,
  type: 'CampaignContactOpened',
  kind: 'fact',
  meaning: 'The customer opened the message.',
  emittedBy: ['RecordCampaignResponse'],
  schema: object(ofContact),
  example: { campaignId: 'spring-grinders', variant: 'a', channel: 'email' },
});

export const CampaignContactClicked = defineEvent({
  ...ofCustomer,
  type: 'CampaignContactClicked',
  kind: 'fact',
  meaning: 'The customer followed a link of the message.',
  emittedBy: ['RecordCampaignResponse'],
  schema: object(ofContact),
  example: { campaignId: 'spring-grinders', variant: 'a', channel: 'email' },
});

export const CampaignContactBounced = defineEvent({
  ...ofCustomer,
  type: 'CampaignContactBounced',
  kind: 'fact',
  meaning: 'The contact did not reach the customer.',
  emittedBy: ['RecordCampaignResponse'],
  schema: object({
    ...ofContact,
    reasonCode: Type.Optional(code('why it could not be delivered, as the carrier says')),
  }),
  example: { campaignId: 'spring-grinders', variant: 'a', channel: 'email', reasonCode: 'mailboxFull' },
});

export const CampaignResponded = defineEvent({
  ...ofCustomer,
  type: 'CampaignResponded',
  kind: 'fact',
  meaning: 'The customer answered a campaign: asked, ordered, came by, or said no.',
  emittedBy: ['RecordCampaignResponse'],
  schema: object({
    ...ofContact,
    responseKind: code('what the customer did: enquiry, order, visit, refusal'),
    value: Type.Optional(money('what the answer is worth, where the answer is a sale')),
    note: Type.Optional(personalText('what the customer said (personal)')),
  }),
  personal: [{ path: 'note', fieldId: 'campaign.response.note' }],
  example: { campaignId: 'spring-grinders', variant: 'a', channel: 'email', responseKind: 'enquiry' },
});

export const CampaignOptedOut = defineEvent({
  ...ofCustomer,
  type: 'CampaignOptedOut',
  kind: 'fact',
  meaning: 'The customer wants no more of this: the consent for the channel is revoked in the same breath.',
  emittedBy: ['RecordCampaignResponse'],
  schema: object(ofContact),
  example: { campaignId: 'spring-grinders', variant: 'a', channel: 'email' },
});

export const CampaignConverted = defineEvent({
  ...ofCustomer,
  type: 'CampaignConverted',
  kind: 'fact',
  meaning:
    'The customer bought within the attribution time of a campaign, contacted or held out: the difference between the two groups is the effect.',
  emittedBy: ['RecordPurchase', 'WinOpportunity'],
  schema: object({
    campaignId,
    group: oneOf(['contacted', 'heldOut'], 'whether the customer had been contacted'),
    variant,
    by: oneOf(['purchase', 'deal'], 'what kind of sale'),
    reference: code('order or opportunity'),
    sameAs: Type.Optional(
      code('opportunity or order that records the same sale: of the two only the one recorded first counts'),
    ),
    value: money('amount of the sale'),
  }),
  example: {
    campaignId: 'spring-grinders',
    group: 'contacted',
    variant: 'a',
    by: 'purchase',
    reference: 'o-1',
    value: { amountMinor: 18900, currency: 'EUR' },
  },
});
