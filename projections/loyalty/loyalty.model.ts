import type {
  LoyaltyAnswer,
  LoyaltyFacts,
  LoyaltyMode,
  Rung,
  Standing,
} from '../_parts/loyalty/loyalty.model.js';

/** One customer's loyalty. Key: `<customerId>`. */
export interface LoyaltyDocument extends LoyaltyFacts {
  groupCode: string | null;
  /** What follows from the facts. */
  standing: Standing;
}

/** How one customer is loyal, and what shows it. */
export interface LoyaltyEntry extends LoyaltyAnswer {
  readonly customerId: string;
}

export interface ModeFigures {
  readonly mode: LoyaltyMode;
  readonly customers: number;
  /** Of all customers with a mode, 0 to 1; null without one. */
  readonly share: number | null;
  /** Of them with a good word that still counts: retention alone is none. */
  readonly satisfied: number;
}

export interface RungFigures {
  readonly rung: Rung;
  readonly customers: number;
  readonly referralsMade: number;
  readonly referralsConverted: number;
}
