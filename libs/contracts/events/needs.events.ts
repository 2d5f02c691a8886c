import { Type } from '@sinclair/typebox';
import { defineEvent } from './event-contract.js';
import { code, object, oneOf, percent, personalText } from './schema.js';

const base = { category: 'customer', area: 'needs', rows: ['S13', 'S14'] } as const;

const needId = code('id of the need within the customer');
const productIds = Type.Array(code('product'), { maxItems: 20, description: 'products that could serve it' });

export const NeedRecorded = defineEvent({
  ...base,
  type: 'NeedRecorded',
  kind: 'fact',
  meaning: 'The customer needs something: they said so, or it was inferred from what they do.',
  emittedBy: ['RecordNeed'],
  schema: object({
    needId,
    needCode: code('kind of need, as the business groups them'),
    basis: oneOf(['stated', 'inferred'], 'stated = the customer said it'),
    source: code('conversation, survey, model or system it comes from'),
    confidencePct: Type.Optional(percent('how sure the source is')),
    productIds: Type.Optional(productIds),
    description: Type.Optional(personalText('the need in words (personal)')),
  }),
  personal: [{ path: 'description', fieldId: 'need.description' }],
  example: {
    needId: 'need-1',
    needCode: 'quietGrinder',
    basis: 'stated',
    source: 'call',
    productIds: ['grinder-2'],
    description: 'grinds before the children wake up',
  },
});

export const NeedMet = defineEvent({
  ...base,
  type: 'NeedMet',
  kind: 'fact',
  meaning: 'A need of the customer is met, at once or after its gap was bridged.',
  emittedBy: ['CloseNeed'],
  schema: object({
    needId,
    productIds: Type.Optional(
      Type.Array(code('product'), { maxItems: 20, description: 'products that meet it' }),
    ),
    note: Type.Optional(personalText('how it is met (personal)')),
  }),
  personal: [{ path: 'note', fieldId: 'need.note' }],
  example: { needId: 'need-1', productIds: ['grinder-2'] },
});

export const GAP_BRIDGES = [
  'newProduct',
  'changedProduct',
  'service',
  'price',
  'information',
  'partner',
  'none',
] as const;

export const NeedUnmet = defineEvent({
  ...base,
  type: 'NeedUnmet',
  kind: 'fact',
  meaning: 'We cannot meet a need of the customer: what is missing, and how the gap could be bridged.',
  emittedBy: ['CloseNeed'],
  schema: object({
    needId,
    gapCode: code('what is missing'),
    bridge: oneOf(GAP_BRIDGES, 'how the gap could be bridged; none = not at all'),
    note: Type.Optional(personalText('the gap in words (personal)')),
  }),
  personal: [{ path: 'note', fieldId: 'need.note' }],
  example: { needId: 'need-1', gapCode: 'noQuietModel', bridge: 'newProduct' },
});
