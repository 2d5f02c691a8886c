import { Type } from '@sinclair/typebox';
import { CHANNELS } from '../envelope.js';
import { defineEvent } from './event-contract.js';
import { STAGES } from './relationship.events.js';
import { code, integer, isoDate, money, object, oneOf, percent, personalText } from './schema.js';

export const OFFER_KINDS = ['firstSale', 'upSell', 'crossSell', 'retain', 'winBack'] as const;
export const SUPPRESSORS = [
  'stage',
  'consent',
  'openCase',
  'coolingOff',
  'frequencyCap',
  'fraud',
  'rule',
] as const;

/** Steps of an open opportunity, in order; a decision (won, lost) may come at any of them. */
export const OPPORTUNITY_STAGES = ['identified', 'qualified', 'proposed', 'negotiated'] as const;
export const OPPORTUNITY_KINDS = ['new', 'crossSell', 'upSell', 'renewal', 'winBack'] as const;

const base = { category: 'customer', area: 'sales' } as const;
const leadId = code('id of the lead within the customer');
const opportunityId = code('id of the opportunity within the customer');
const score = integer('how promising, 0-100', 0, 100);
const opportunityStage = (description: string) => oneOf(OPPORTUNITY_STAGES, description);
const forecast = {
  expected: money('what the deal would bring in all'),
  probabilityPct: percent('chance of winning'),
  expectedCloseDate: Type.Optional(isoDate('expected decision')),
};
/** What an opportunity is about: products of the catalogue at the price asked. */
export const OpportunityProduct = object({
  productId: code('product of the catalogue'),
  qty: integer('pieces', 1, 1_000_000),
  price: Type.Optional(money('price of one piece')),
});
const products = Type.Optional(
  Type.Array(OpportunityProduct, { maxItems: 50, description: 'what it is about' }),
);
const ownerId = Type.Optional(code('who pursues it; default the account manager of the customer'));
const offer = {
  offerId: code('id of the offer within the customer'),
  kind: oneOf(OFFER_KINDS, 'derived from what the customer holds, never declared by the caller'),
  productId: code('product offered'),
  channel: oneOf(CHANNELS, 'channel of the offer'),
  initiative: oneOf(['firm', 'customer'], 'who started it'),
  productFamily: Type.Optional(code('family of the product in the catalogue when the kind was derived')),
  productTier: Type.Optional(integer('tier of the product when the kind was derived', 0, 1_000)),
  heldTier: Type.Optional(
    integer('highest tier of the family the customer had then; absent = none of it', 0, 1_000),
  ),
};

export const LeadIdentified = defineEvent({
  ...base,
  type: 'LeadIdentified',
  kind: 'fact',
  meaning: 'Somebody showed, or is thought to have, an interest in what we sell.',
  rows: ['S3', 'S18'],
  emittedBy: ['IdentifyLead'],
  schema: object({
    leadId,
    source: code('where the lead came from: campaign, referral, fair, website'),
    interest: Type.Optional(
      Type.Array(code('product or product family'), { maxItems: 50, description: 'what they may want' }),
    ),
    score: Type.Optional(score),
    budget: Type.Optional(money('what they have to spend')),
    campaignId: Type.Optional(code('campaign that brought it')),
    ownerId,
  }),
  example: { leadId: 'lead-1', source: 'fair', interest: ['espresso-machine'], score: 40 },
});

export const LeadQualified = defineEvent({
  ...base,
  type: 'LeadQualified',
  kind: 'fact',
  meaning: 'A look at the lead found a need and the means to meet it: worth an opportunity.',
  rows: ['S3', 'S18'],
  emittedBy: ['QualifyLead'],
  schema: object({
    leadId,
    score: Type.Optional(score),
    budget: Type.Optional(money('what they have to spend')),
    reasonCode: Type.Optional(code('what it was qualified for')),
  }),
  example: { leadId: 'lead-1', score: 75, budget: { amountMinor: 500000, currency: 'EUR' } },
});

export const LeadDisqualified = defineEvent({
  ...base,
  type: 'LeadDisqualified',
  kind: 'fact',
  meaning: 'The lead is not worth pursuing, and why.',
  rows: ['S3', 'S18'],
  emittedBy: ['DisqualifyLead'],
  schema: object({
    leadId,
    reasonCode: code('why nothing comes of it, in a code of your own: noBudget, noNeed …'),
  }),
  example: { leadId: 'lead-1', reasonCode: 'noBudget' },
});

export const OpportunityOpened = defineEvent({
  ...base,
  type: 'OpportunityOpened',
  kind: 'fact',
  meaning: 'A chance of a sale was seen.',
  rows: ['S3', 'S6'],
  emittedBy: ['OpenOpportunity'],
  schema: object({
    opportunityId,
    kind: oneOf(
      OPPORTUNITY_KINDS,
      'kind of sale; with products of the catalogue derived from what the customer holds',
    ),
    initiative: oneOf(['firm', 'customer'], 'who started it'),
    ...forecast,
    products,
    leadId: Type.Optional(code('lead it came of')),
    campaignId: Type.Optional(code('campaign it came of')),
    ownerId,
  }),
  example: {
    opportunityId: 'op-1',
    kind: 'new',
    initiative: 'customer',
    expected: { amountMinor: 500000, currency: 'EUR' },
    probabilityPct: 40,
  },
});

export const OpportunityRevised = defineEvent({
  ...base,
  type: 'OpportunityRevised',
  kind: 'fact',
  meaning: 'What is expected of an open opportunity was revised; fields not named stay as they were.',
  rows: ['S3', 'S6'],
  emittedBy: ['ReviseOpportunity'],
  schema: object({
    opportunityId,
    expected: Type.Optional(money('what the deal would bring in all')),
    probabilityPct: Type.Optional(forecast.probabilityPct),
    expectedCloseDate: forecast.expectedCloseDate,
    products,
    ownerId: Type.Optional(code('who pursues it from now on')),
  }),
  example: { opportunityId: 'op-1', probabilityPct: 60, expectedCloseDate: '2026-03-31' },
});

export const OpportunityAdvanced = defineEvent({
  ...base,
  type: 'OpportunityAdvanced',
  kind: 'fact',
  meaning: 'An open opportunity came one step further.',
  rows: ['S3'],
  emittedBy: ['AdvanceOpportunity'],
  schema: object({
    opportunityId,
    from: opportunityStage('step it was at'),
    to: opportunityStage('step it is at now'),
    reason: Type.Optional(personalText('what brought it further (personal)')),
  }),
  personal: [{ path: 'reason', fieldId: 'opportunity.advance.reason' }],
  example: { opportunityId: 'op-1', from: 'qualified', to: 'proposed' },
});

export const OpportunityReopened = defineEvent({
  ...base,
  type: 'OpportunityReopened',
  kind: 'fact',
  meaning: 'A lost opportunity is pursued again, at the step at which it was lost.',
  rows: ['S3'],
  emittedBy: ['ReopenOpportunity'],
  schema: object({
    opportunityId,
    initiative: oneOf(['firm', 'customer'], 'who started it again'),
    at: opportunityStage('step it goes on at'),
    reasonCode: Type.Optional(code('why there is hope again, in a code of your own')),
  }),
  example: { opportunityId: 'op-1', initiative: 'customer', at: 'proposed', reasonCode: 'budgetFound' },
});

export const OpportunityWon = defineEvent({
  ...base,
  type: 'OpportunityWon',
  kind: 'fact',
  meaning: 'The customer decided for us.',
  rows: ['S3'],
  emittedBy: ['WinOpportunity'],
  schema: object({
    opportunityId,
    amount: money('what the deal brings in all'),
    margin: Type.Optional(money('margin of the deal, part of the amount')),
    contractId: Type.Optional(code('contract that came of it')),
    orderId: Type.Optional(code('order that is the same sale')),
  }),
  example: { opportunityId: 'op-1', amount: { amountMinor: 480000, currency: 'EUR' } },
});

export const OpportunityLost = defineEvent({
  ...base,
  type: 'OpportunityLost',
  kind: 'fact',
  meaning: 'The customer decided against us, or not at all.',
  rows: ['S3'],
  emittedBy: ['LoseOpportunity'],
  schema: object({
    opportunityId,
    lossReasonCode: code('why it was lost, in a code of your own: price, competitor …'),
    competitor: Type.Optional(code('who won instead')),
  }),
  example: { opportunityId: 'op-1', lossReasonCode: 'price' },
});

export const OfferMade = defineEvent({
  ...base,
  type: 'OfferMade',
  kind: 'fact',
  meaning: 'We offered the customer a product, and the stage allowed it.',
  rows: ['S6', 'S8', 'S14'],
  emittedBy: ['OfferProduct'],
  schema: object({
    ...offer,
    stage: Type.Optional(
      oneOf(STAGES, 'where the relationship stood: what answers teach is learned by stage'),
    ),
    reason: Type.Optional(personalText('why this offer now (personal)')),
  }),
  personal: [{ path: 'reason', fieldId: 'offer.reason' }],
  example: {
    offerId: 'of-1',
    kind: 'crossSell',
    productId: 'grinder',
    channel: 'email',
    initiative: 'firm',
    stage: 'involvement',
    productFamily: 'grinders',
    productTier: 1,
  },
});

export const OfferAccepted = defineEvent({
  ...base,
  type: 'OfferAccepted',
  kind: 'fact',
  meaning: 'The customer accepted an offer.',
  rows: ['S6'],
  emittedBy: ['RecordOfferAnswer'],
  schema: object({ offerId: offer.offerId }),
  example: { offerId: 'of-1' },
});

export const OfferDeclined = defineEvent({
  ...base,
  type: 'OfferDeclined',
  kind: 'fact',
  meaning: 'The customer declined an offer.',
  rows: ['S6'],
  emittedBy: ['RecordOfferAnswer'],
  schema: object({
    offerId: offer.offerId,
    reasonCode: Type.Optional(code('why the customer said no, in a code of your own')),
  }),
  example: { offerId: 'of-1', reasonCode: 'notNow' },
});

export const OfferSuppressed = defineEvent({
  ...base,
  type: 'OfferSuppressed',
  kind: 'ruleDecision',
  meaning: 'An offer was about to be made and the rules held it back; the caller got the refusal.',
  rows: ['S8', 'S14'],
  emittedBy: ['OfferProduct'],
  schema: object({
    ...offer,
    suppressedBy: Type.Array(oneOf(SUPPRESSORS), {
      minItems: 1,
      maxItems: 10,
      description: 'what held it back',
    }),
    refusalCode: code('code of the refusal'),
    ruleBookVersion: code('rule book that decided'),
  }),
  example: {
    offerId: 'of-2',
    kind: 'crossSell',
    productId: 'grinder',
    channel: 'email',
    initiative: 'firm',
    suppressedBy: ['stage'],
    refusalCode: 'STAGE_FORBIDS_CROSS_SELL',
    ruleBookVersion: 'default-1',
  },
});
