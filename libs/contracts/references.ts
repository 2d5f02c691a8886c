import type { Actor, Channel } from './envelope.js';
import type { CONSENT_PURPOSES } from './events/consent.events.js';
import type { TOUCH_KINDS } from './events/touch-points.events.js';

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

export const CAMPAIGN_OBJECTIVES = ['acquire', 'crossSell', 'upSell', 'retain', 'winBack'] as const;

/** What a campaign says to a decision on one customer. */
export interface CampaignReference {
  readonly campaignId: string;
  readonly status: 'planned' | 'launched' | 'closed';
  readonly objective: (typeof CAMPAIGN_OBJECTIVES)[number];
  /** Consent a contact needs. */
  readonly purpose: (typeof CONSENT_PURPOSES)[number];
  /** ISO 4217, of the budget. */
  readonly currency: string;
  readonly attributionDays: number;
  /** This customer is left out, so that the effect can be measured. */
  readonly heldOut: boolean;
  /** Whom it is meant for, as a condition of the rules. */
  readonly target?: Readonly<Record<string, unknown>>;
  /** The variant this customer gets. */
  readonly variant?: string;
}

/** A touch point as it was recorded, for whoever corrects it. */
export interface TouchReference {
  readonly eventId: string;
  readonly original: {
    /** ISO-8601 UTC. */
    readonly occurredAt: string;
    readonly channel: Channel;
    readonly direction: 'in' | 'out';
    readonly kind: (typeof TOUCH_KINDS)[number];
    readonly actorKind: Actor['kind'];
    readonly durationS?: number;
    readonly sentiment?: number;
  };
  /** Every product it was ever said to be about. */
  readonly productIds: readonly string[];
}

/**
 * What other streams say that a decision needs: read before deciding and handed in, never looked up while deciding. What
 * a decision took from here is kept in its events, so that a replay needs no look-up.
 */
export interface References {
  /** Products named by the command that the catalogue knows, by id. */
  readonly products?: ReadonlyMap<string, ProductReference>;
  /** Campaigns named by the command that were planned, by id, as they stand to this customer. */
  readonly campaigns?: ReadonlyMap<string, CampaignReference>;
  /** The touch that the command corrects, by event id; of the customer's own log, which the decision state forgets. */
  readonly touches?: ReadonlyMap<string, TouchReference>;
}
