import { Type } from '@sinclair/typebox';
import { CHANNELS } from '../envelope.js';
import { Money } from '../money.js';
import { defineEvent } from './event-contract.js';
import { code, isoDate, object, oneOf, percent, personalText } from './schema.js';

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

const base = { category: 'customer', area: 'sales' } as const;
const opportunityId = code('id of the opportunity within the customer');
const offer = {
  offerId: code('id of the offer within the customer'),
  kind: oneOf(OFFER_KINDS, 'derived from what the customer holds, never declared by the caller'),
  productId: code('product offered'),
  channel: oneOf(CHANNELS, 'channel of the offer'),
  initiative: oneOf(['firm', 'customer'], 'who started it'),
};

export const OpportunityOpened = defineEvent({
  ...base,
  type: 'OpportunityOpened',
  kind: 'fact',
  meaning: 'A chance of a sale was seen.',
  rows: ['S3', 'S6'],
  emittedBy: ['OpenOpportunity'],
  schema: object({
    opportunityId,
    kind: oneOf(['new', 'crossSell', 'upSell', 'renewal', 'winBack'], 'kind of sale'),
    initiative: oneOf(['firm', 'customer'], 'who started it'),
    expected: Money,
    probabilityPct: percent('chance of winning'),
    expectedCloseDate: Type.Optional(isoDate('expected decision')),
  }),
  example: {
    opportunityId: 'op-1',
    kind: 'new',
    initiative: 'customer',
    expected: { amountMinor: 500000, currency: 'EUR' },
    probabilityPct: 40,
  },
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
    amount: Money,
    margin: Type.Optional(Money),
    contractId: Type.Optional(code('contract that came of it')),
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
    lossReasonCode: code('why'),
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
  schema: object({ ...offer, reason: Type.Optional(personalText('why this offer now (personal)')) }),
  personal: [{ path: 'reason', fieldId: 'offer.reason' }],
  example: { offerId: 'of-1', kind: 'crossSell', productId: 'grinder', channel: 'email', initiative: 'firm' },
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
  schema: object({ offerId: offer.offerId, reasonCode: Type.Optional(code('why')) }),
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
