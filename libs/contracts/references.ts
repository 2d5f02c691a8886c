/** Kinds of product: a consumable is used up, a durable is owned, a service is received; only the last two are held. */
export const PRODUCT_KINDS = ['consumable', 'durable', 'service'] as const;
export type ProductKind = (typeof PRODUCT_KINDS)[number];

/** What the catalogue says of a product. */
export interface ProductReference {
  readonly productId: string;
  /** What it belongs to: products of one family replace each other. */
  readonly family: string;
  /** How far up its family it stands; higher is more. */
  readonly tier: number;
  readonly kind: ProductKind;
}

/**
 * What other streams say that a decision needs: read before deciding and handed in, never looked up while deciding. What
 * a decision took from here is kept in its events, so that a replay needs no look-up.
 */
export interface References {
  /** Products named by the command that the catalogue knows, by id. */
  readonly products?: ReadonlyMap<string, ProductReference>;
}
