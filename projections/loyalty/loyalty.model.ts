import type {
  LoyaltyFacts,
  LoyaltyMode,
  NoModeReason,
  ReferralMoney,
  Rung,
  Satisfaction,
  Standing,
} from '../_parts/loyalty/loyalty.model.js';

/** One customer's loyalty. Key: `<customerId>`. */
export interface LoyaltyDocument extends LoyaltyFacts {
  groupCode: string | null;
  /** What follows from the facts. */
  standing: Standing;
}

export interface LoyaltyEntry {
  readonly customerId: string;
  readonly mode: LoyaltyMode | null;
  readonly noModeReason: NoModeReason | null;
  /** Latest word that still counts; unknown is no satisfaction and no dissatisfaction. */
  readonly satisfaction: Satisfaction | 'unknown';
  /** ISO-8601 UTC; null = nothing was ever said. */
  readonly saidAt: string | null;
  readonly rung: Rung;
  readonly bound: boolean;
  /** Of the latest purchase, yyyy-mm-dd. */
  readonly lastPurchaseDate: string | null;
  readonly purchaseDays: number;
  readonly lastInboundAt: string | null;
  readonly referralsMade: number;
  readonly referralsConverted: number;
  readonly advocacies: number;
  readonly publicComplaints: number;
  readonly referralSales: readonly (ReferralMoney & { readonly currency: string })[];
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
