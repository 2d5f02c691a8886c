import type { VALUE_PILLARS } from '@rapport/contracts';

/** Berry's pillars of value: superior solutions, respect, emotional connection, fair prices, convenience. */
export type ValuePillar = (typeof VALUE_PILLARS)[number];

/** One piece of evidence about one pillar. Key: `<customerId>/<eventId>/<pillar>`, of a promise `<customerId>/promise:<id>`. */
export interface PillarEvidence {
  customerId: string;
  /** Null: a promise of the customer, or one whose making is not known. */
  pillar: ValuePillar | null;
  /** 0 hurts … 100 builds; null = nothing is known yet (an open promise). */
  score: number | null;
  /** Day of the fact (UTC day number). */
  dayNumber: number;
  /** Type of the event. */
  source: string;
  productId: string | null;
  reasonCode: string | null;
}

/** How a pillar stands, by its evidence. */
export interface PillarStanding {
  readonly pillar: ValuePillar;
  /** Mean of the scores of its evidence, 0 to 100; null without evidence: unknown is not bad. */
  readonly score: number | null;
  readonly evidence: number;
  /** Pieces of evidence below 50. */
  readonly hurting: number;
}

export interface PillarsAnswer {
  readonly from: string | null;
  readonly to: string | null;
  /** In Berry's order. */
  readonly pillars: readonly PillarStanding[];
  /** The value stands as its weakest pillar does, not as their mean: one that fails is not made up for by the others. */
  readonly weakest: PillarStanding | null;
}

export interface WeakestCount {
  readonly pillar: ValuePillar;
  /** Customers whose weakest pillar it is. */
  readonly customers: number;
  /** Of the customers with evidence, 0 to 1. */
  readonly share: number;
  /** Mean of its score among them, 0 to 100. */
  readonly meanScore: number;
}

export interface HurtingFact {
  readonly customerId: string;
  readonly pillar: ValuePillar;
  readonly score: number;
  /** yyyy-mm-dd. */
  readonly day: string;
  readonly source: string;
  readonly productId: string | null;
  readonly reasonCode: string | null;
}
