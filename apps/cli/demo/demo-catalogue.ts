import { isoOf } from '@rapport/contracts';
import { CATALOGUE, SERVICE } from './demo-names.table.js';

/** Bodies of `POST /v1/products`: everything the demo's customers buy, are offered or sign for. */
export const demoProducts = (definedAtMs: number) =>
  [...CATALOGUE, SERVICE].map((product) => ({
    productId: product.productId,
    name: product.name,
    family: product.productFamily,
    tier: product.productTier,
    kind: product.kind,
    listPrice: { amountMinor: product.priceMinor, currency: 'EUR' },
    cost: { amountMinor: product.costMinor, currency: 'EUR' },
    occurredAt: isoOf(definedAtMs),
  }));
