import { Type } from '@sinclair/typebox';
import { MS_PER_DAY } from '@rapport/contracts';
import type { NamedQuery } from '@rapport/projection-engine';
import type { TemplateNameAnswer, TemplateNameDocument } from './template-name.model.js';

const Params = Type.Object(
  { customerId: Type.String({ format: 'uuid', description: 'the customer' }) },
  { additionalProperties: false },
);

/** How often did this customer buy, and how long ago? Null for an unknown customer. */
export const customer: NamedQuery<TemplateNameDocument, typeof Params, TemplateNameAnswer | null> = {
  name: 'customer',
  question: 'How often did this customer buy, and how long ago?',
  scope: 'customer',
  params: Params,
  run: async (reader, params, { asOfMs }) => {
    const stored = await reader.get(params.customerId);
    if (!stored) return null;
    const { purchases, lastPurchaseMs } = stored.document;
    return {
      customerId: params.customerId,
      purchases,
      daysSinceLastPurchase:
        lastPurchaseMs === null ? null : Math.max(0, Math.floor((asOfMs - lastPurchaseMs) / MS_PER_DAY)),
    };
  },
};
