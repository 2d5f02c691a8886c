import type { Stamp } from '../business-order.js';

/**
 * - active: buys or renews again and again, of their own will, over a long time;
 * - passiveCaptive: transacts, but is bound and nothing shows that they are satisfied;
 * - passiveSilent: no transaction for long, still in touch with us;
 * - dormant: neither.
 * Passive is never taken for satisfaction: what shows satisfaction is told apart.
 */
export const LOYALTY_MODES = ['active', 'passiveCaptive', 'passiveSilent', 'dormant'] as const;
export type LoyaltyMode = (typeof LOYALTY_MODES)[number];

/** Why there is no mode: nothing was ever bought, it is too early to tell, or the relationship was ended. */
export type NoModeReason = 'neverBought' | 'tooEarly' | 'ended';

/**
 * - suspect: we know them, they never came to us; prospect: they did; customer: they bought;
 * - supporter: the latest word of a customer about us is a good one;
 * - advocate: recommended us, in private or in public, and did not speak against us since;
 * - advertiser: somebody bought on their recommendation, or they recommended us three times.
 */
export const LADDER = ['suspect', 'prospect', 'customer', 'supporter', 'advocate', 'advertiser'] as const;
export type Rung = (typeof LADDER)[number];

/** What somebody's latest word about us was. */
export type Satisfaction = 'positive' | 'neutral' | 'negative';

export interface ContractHeld {
  contractId: string;
  /** Day numbers (UTC), both inclusive; null = open-ended. */
  startDay: number;
  endDay: number | null;
}

export interface ReferralMoney {
  /** Minor units. */
  valueMinor: number;
  marginMinor: number;
  costMinor: number;
}

/** What decides one customer's loyalty. Day numbers: whole days since 1970-01-01 UTC. */
export interface LoyaltyFacts {
  /** Distinct days with a purchase, sorted; the first one and the latest. */
  purchaseDays: number[];
  /** Contracts that were not over when the latest ones were signed. */
  contracts: ContractHeld[];
  /** First day on which the customer renewed a contract themselves; null = never. */
  renewedDay: number | null;
  /** Latest word about us: surveys, reviews, recommendations, complaints, accepted resolutions. */
  word: (Stamp & { satisfaction: Satisfaction }) | null;
  /** How easily the customer could leave, 0 not at all … 100; the latest measure. */
  easeOfLeaving: (Stamp & { score: number }) | null;
  /** Latest contact the customer began, epoch ms. */
  lastInboundMs: number | null;
  /** Something shows that they might buy: a contact of theirs, a lead, an opportunity. */
  interested: boolean;
  referralsMade: number;
  referralsConverted: number;
  /** Reviews and testimonials. */
  advocacies: number;
  publicComplaints: number;
  lastRecommendation: Stamp | null;
  lastPublicComplaint: Stamp | null;
  /** By ISO 4217 currency. */
  referralMoney: Record<string, ReferralMoney>;
  /** Latest goodbye, epoch ms. */
  goodbyeMs: number | null;
}

/** Days between which something holds; compared with the day of the question. */
export interface Standing {
  /** Ever bought or was under contract. */
  transacts: boolean;
  /** Said goodbye and did not come back. */
  ended: boolean;
  /** From this day on they are seen to come back again and again. */
  loyalFromDay: number;
  /** Through this day they count as transacting. */
  activeUntilDay: number;
  /** Through this day they are bound. */
  boundUntilDay: number;
  /** Through this day their good word counts. */
  positiveUntilDay: number;
  /** Through this day they count as being in touch. */
  contactUntilDay: number;
  rung: Rung;
}

/** Loyalty as it is answered for a day. */
export interface LoyaltyAnswer {
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
