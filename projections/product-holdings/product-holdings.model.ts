import type { Money, ProductKind } from '@rapport/contracts';

/** A product as the catalogue has it. Key: `<productId>`. */
export interface ProductDocument {
  type: 'product';
  productId: string;
  name: string;
  family: string;
  tier: number;
  kind: ProductKind;
  complements: string[];
  listPrice: Money | null;
  cost: Money | null;
  /** Business time, epoch ms. */
  definedMs: number;
}

export interface HeldProduct {
  productId: string;
  family: string;
  tier: number;
  kind: ProductKind;
  /** Pieces bought less pieces given back; a consumable is never held. */
  pieces: number;
  /** Contracts for it that have not ended. */
  contractIds: string[];
  /** First and latest purchase or signature, business time, epoch ms. */
  firstMs: number;
  lastMs: number;
}

/** What one customer holds. Key: `<customerId>`. */
export interface HolderDocument {
  type: 'holder';
  /** At most 200; what was acquired longest ago goes first. */
  held: HeldProduct[];
}

/** What one customer bought of one product in one currency. Key: `<customerId>/<productId>/<currency>`. */
export interface BoughtDocument {
  type: 'bought';
  productId: string;
  currency: string;
  pieces: number;
  returnedPieces: number;
  /** Pieces at their unit prices, minor units; returns are not taken off. */
  revenueMinor: number;
}

export type ProductHoldingsDocument = ProductDocument | HolderDocument | BoughtDocument;

export interface HoldingsAnswer {
  readonly customerId: string;
  /** Different products, and families of them. */
  readonly productsHeld: number;
  readonly familiesHeld: number;
  readonly held: readonly (Omit<HeldProduct, 'firstMs' | 'lastMs'> & {
    /** ISO-8601 UTC. */
    readonly firstAt: string;
    readonly lastAt: string;
  })[];
}

export interface DistributionAnswer {
  /** ISO-8601 UTC. */
  readonly asOf: string;
  /** Customers who ever held anything. */
  readonly customers: number;
  readonly meanProductsHeld: number | null;
  readonly byProductsHeld: readonly { readonly productsHeld: number; readonly customers: number }[];
  readonly byFamiliesHeld: readonly { readonly familiesHeld: number; readonly customers: number }[];
}

export type CatalogueRow = Omit<ProductDocument, 'type' | 'definedMs'> & {
  /** ISO-8601 UTC. */
  readonly definedAt: string;
};

export interface ProductAnswer extends CatalogueRow {
  readonly asOf: string;
  /** By currency: customers who bought it, pieces, pieces given back, revenue. */
  readonly sales: readonly {
    readonly customers: number;
    readonly pieces: number;
    readonly returnedPieces: number;
    readonly revenue: Money;
  }[];
}
