import type { CampaignPlanned, Channel, DataOf, Money } from '@rapport/contracts';

/** What a campaign is and has cost beside its contacts. Key: `<campaignId>`. */
export interface CampaignDocument {
  type: 'campaign';
  campaignId: string;
  name: string;
  objective: DataOf<typeof CampaignPlanned>['objective'];
  targetRule: string;
  status: 'planned' | 'launched' | 'closed';
  productId: string | null;
  /** Minor units of `currency`. */
  budgetMinor: number;
  /** The latest figure told, without the cost of single contacts. */
  costMinor: number;
  currency: string;
  /** 0-100. */
  controlPct: number;
  variants: string[];
  attributionDays: number;
  /** Business time, epoch ms. */
  plannedMs: number;
  launchedMs: number | null;
  closedMs: number | null;
}

/** One customer of one campaign. Key: `<customerId>/<campaignId>`. */
export interface MemberDocument {
  type: 'member';
  campaignId: string;
  /** `uncontacted`: responded although nobody contacted them. */
  group: 'contacted' | 'heldOut' | 'uncontacted';
  variant: string | null;
  channel: Channel | null;
  /** First event of the campaign with this customer, business time, epoch ms. */
  firstMs: number;
  /** Times contacted, and what became of it. */
  contacts: number;
  delivered: number;
  opened: number;
  clicked: number;
  bounced: number;
  responses: number;
  optedOut: boolean;
  /** Currency of the campaign; null where no contact told it. */
  currency: string | null;
  /** Of the contacts; minor units of the campaign's currency. */
  costMinor: number;
  /** Worth of responses as they were told, minor units by currency. */
  responseValueMinor: Record<string, number>;
  /** Sales within the attribution time. */
  conversions: number;
  /** Minor units by currency. */
  revenueMinor: Record<string, number>;
}

export type CampaignResultsDocument = CampaignDocument | MemberDocument;

/** What one group of customers did. Shares are of its customers, 0 to 1; null without any. */
export interface GroupFigures {
  readonly customers: number;
  readonly contacts: number;
  readonly delivered: number;
  readonly opened: number;
  readonly clicked: number;
  readonly bounced: number;
  readonly responded: number;
  readonly optedOut: number;
  /** Customers with at least one sale in the attribution time. */
  readonly converted: number;
  readonly responseRate: number | null;
  readonly conversionRate: number | null;
  /** In the currency of the campaign; sales in others are counted as conversions only. */
  readonly revenue: Money;
  readonly revenuePerCustomer: Money | null;
  readonly contactCost: Money;
}

/** What the campaign brought beyond what would have happened anyway. */
export interface CampaignEffect {
  /** Conversion rate of those contacted less that of those held out, −1 to 1. */
  readonly lift: number;
  /** 95 % interval of the lift (Newcombe 1998). */
  readonly liftLow: number;
  readonly liftHigh: number;
  /** The interval does not hold 0. */
  readonly isSignificant: boolean;
  readonly incrementalConversions: number;
  /** Revenue a customer contacted, less that of one held out, times the customers contacted. */
  readonly incrementalRevenue: Money;
  /** `margin` of the revenue. */
  readonly incrementalMargin: Money;
  /** Incremental margin less cost, over cost; null without a cost. */
  readonly returnOnInvestment: number | null;
  readonly costPerIncrementalConversion: Money | null;
}

export interface CampaignResultsAnswer {
  /** ISO-8601 UTC. */
  readonly asOf: string;
  readonly campaignId: string;
  readonly name: string;
  readonly objective: CampaignDocument['objective'];
  readonly targetRule: string;
  readonly status: CampaignDocument['status'];
  readonly budget: Money;
  /** What the campaign cost itself and its contacts together. */
  readonly cost: Money;
  readonly budgetUsedPct: number | null;
  readonly controlPct: number;
  readonly attributionDays: number;
  /** Share of revenue that is margin: a term of the figures. */
  readonly margin: number;
  readonly contacted: GroupFigures;
  readonly heldOut: GroupFigures;
  /** Responses of customers nobody contacted. */
  readonly uncontactedResponses: number;
  readonly costPerResponse: Money | null;
  /** Null while there is nobody in one of the two groups. */
  readonly effect: CampaignEffect | null;
  readonly variants: readonly ({ readonly variant: string | null } & GroupFigures)[];
  readonly channels: readonly ({ readonly channel: Channel | null } & GroupFigures)[];
}

export interface CampaignRow {
  readonly campaignId: string;
  readonly name: string;
  readonly objective: CampaignDocument['objective'];
  readonly status: CampaignDocument['status'];
  readonly budget: Money;
  readonly controlPct: number;
  /** ISO-8601 UTC. */
  readonly plannedAt: string;
  readonly launchedAt: string | null;
  readonly closedAt: string | null;
}

export interface MemberRow {
  readonly customerId: string;
  readonly campaignId: string;
  readonly group: MemberDocument['group'];
  readonly variant: string | null;
  readonly channel: Channel | null;
  /** ISO-8601 UTC. */
  readonly firstAt: string;
  readonly contacts: number;
  readonly responses: number;
  readonly optedOut: boolean;
  readonly conversions: number;
}
