import { Type } from '@sinclair/typebox';
import { PRODUCT_KINDS } from '../references.js';
import { defineEvent } from './event-contract.js';
import { code, integer, money, object, oneOf, text } from './schema.js';

const base = { category: 'product', area: 'catalogue', rows: ['S6', 'S13'] } as const;
const productId = code('id of the product');
const catalogueEntry = {
  name: text('name of the product', 200),
  family: code('what it belongs to: products of one family replace each other'),
  tier: integer('how far up its family it stands; a higher one is an up-sell', 0, 1_000),
  kind: oneOf(PRODUCT_KINDS, 'a consumable is used up, a durable is owned, a service is received'),
  complements: Type.Array(code('product'), { maxItems: 100, description: 'products it goes well with' }),
  listPrice: money('price of one piece or one billing period in the catalogue'),
  cost: money('what one piece or one billing period costs us'),
};

export const ProductDefined = defineEvent({
  ...base,
  type: 'ProductDefined',
  kind: 'fact',
  meaning: 'A product entered the catalogue.',
  emittedBy: ['DefineProduct'],
  schema: object({
    productId,
    ...catalogueEntry,
    complements: Type.Optional(catalogueEntry.complements),
    cost: Type.Optional(money('what one piece or one billing period costs us')),
  }),
  example: {
    productId: 'em-2',
    name: 'Espresso machine, two circuits',
    family: 'espresso-machines',
    tier: 2,
    kind: 'durable',
    complements: ['grinder-1'],
    listPrice: { amountMinor: 89900, currency: 'EUR' },
    cost: { amountMinor: 52000, currency: 'EUR' },
  },
});

export const ProductRevised = defineEvent({
  ...base,
  type: 'ProductRevised',
  kind: 'fact',
  meaning:
    'What the catalogue says of a product changed; fields not named stay. Decisions made before keep what they rested on.',
  emittedBy: ['ReviseProduct'],
  schema: object({ productId, ...Type.Partial(object(catalogueEntry)).properties }),
  example: { productId: 'em-2', listPrice: { amountMinor: 84900, currency: 'EUR' } },
});
