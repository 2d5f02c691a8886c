import type { DataOf, Money, OpportunityAdvanced, OpportunityOpened } from '@rapport/contracts';

export type OpportunityStage = DataOf<typeof OpportunityAdvanced>['to'];
export type OpportunityKind = DataOf<typeof OpportunityOpened>['kind'];

/** One opportunity. Key: `<customerId>/o:<opportunityId>`. */
export interface OpportunityDocument {
  type: 'opportunity';
  opportunityId: string;
  kind: OpportunityKind;
  stage: OpportunityStage;
  status: 'open' | 'won' | 'lost';
  ownerId: string | null;
  /** Minor units of `currency`. */
  expectedMinor: number;
  currency: string;
  /** 0-100. */
  probabilityPct: number;
  /** yyyy-mm-dd. */
  expectedCloseDate: string | null;
  /** Ids, at most 50. */
  productIds: string[];
  leadId: string | null;
  campaignId: string | null;
  /** Business time of the opening and of the latest step, epoch ms. */
  openedMs: number;
  stageSinceMs: number;
  /** Won or lost; null while it is open. */
  decidedMs: number | null;
  /** Of a won one: what it brought, in `wonCurrency`; the margin where it was told. */
  wonMinor: number | null;
  wonCurrency: string | null;
  marginMinor: number | null;
  /** Of a lost one. */
  lossReasonCode: string | null;
  competitor: string | null;
  /** Times it was reopened. */
  reopened: number;
}

/** One lead. Key: `<customerId>/l:<leadId>`. */
export interface LeadDocument {
  type: 'lead';
  leadId: string;
  status: 'identified' | 'qualified' | 'disqualified' | 'opened';
  source: string | null;
  /** 0-100; null = not scored. */
  score: number | null;
  ownerId: string | null;
  campaignId: string | null;
  /** Business time, epoch ms. */
  identifiedMs: number;
  /** Business time of the latest step, epoch ms. */
  sinceMs: number;
  reasonCode: string | null;
}

export type SalesPipelineDocument = OpportunityDocument | LeadDocument;

/** Open opportunities of one stage, owner and currency. */
export interface PipelineRow {
  readonly stage: OpportunityStage;
  readonly ownerId: string | null;
  readonly opportunities: number;
  readonly expected: Money;
  /** Expected times the chance of winning. */
  readonly weighted: Money;
}

export interface PipelineAnswer {
  /** ISO-8601 UTC. */
  readonly asOf: string;
  readonly rows: readonly PipelineRow[];
  /** By currency, all stages and owners together. */
  readonly totals: readonly Omit<PipelineRow, 'stage' | 'ownerId'>[];
}

/** What one month is expected to bring, and what it has brought. */
export interface ForecastMonth {
  /** yyyy-mm of the expected decision, or of the decision; null = no date was named. */
  readonly month: string | null;
  readonly currency: string;
  readonly open: number;
  readonly expected: Money;
  readonly weighted: Money;
  readonly won: number;
  readonly wonAmount: Money;
}

export interface ForecastAnswer {
  readonly asOf: string;
  readonly months: readonly ForecastMonth[];
  /** Open although the expected day has passed: the forecast counts them in their month. */
  readonly overdue: readonly { readonly opportunities: number; readonly expected: Money }[];
}

export interface Decided {
  readonly won: number;
  readonly lost: number;
  /** Won of all decided, 0 to 1; null while none is. */
  readonly winRate: number | null;
  /** Days from the opening to winning; null without a won one. */
  readonly meanDaysToWin: number | null;
  readonly medianDaysToWin: number | null;
}

export interface WinRateAnswer {
  readonly asOf: string;
  readonly all: Decided;
  readonly byOwner: readonly ({ readonly ownerId: string | null } & Decided)[];
  readonly byKind: readonly ({ readonly kind: OpportunityKind } & Decided)[];
  /** Won amounts by currency. */
  readonly won: readonly { readonly opportunities: number; readonly amount: Money; readonly margin: Money }[];
  readonly lossReasons: readonly {
    readonly lossReasonCode: string;
    readonly opportunities: number;
    /** Of all lost, 0 to 1. */
    readonly share: number;
  }[];
  readonly competitors: readonly { readonly competitor: string; readonly opportunities: number }[];
}

export interface OpportunityRow {
  readonly customerId: string;
  readonly opportunityId: string;
  readonly kind: OpportunityKind;
  readonly stage: OpportunityStage;
  readonly status: OpportunityDocument['status'];
  readonly ownerId: string | null;
  readonly expected: Money;
  readonly probabilityPct: number;
  readonly expectedCloseDate: string | null;
  readonly overdue: boolean;
  /** Whole days since the latest step. */
  readonly daysInStage: number;
  readonly productIds: readonly string[];
  readonly campaignId: string | null;
}

/** What became of the leads of one source. */
export interface LeadSource {
  readonly source: string | null;
  readonly leads: number;
  readonly identified: number;
  readonly qualified: number;
  readonly disqualified: number;
  /** An opportunity came of them. */
  readonly opened: number;
  /** Opened of all, 0 to 1. */
  readonly conversionRate: number;
}

export interface LeadRow {
  readonly customerId: string;
  readonly leadId: string;
  readonly status: LeadDocument['status'];
  readonly source: string | null;
  readonly score: number | null;
  readonly ownerId: string | null;
  readonly campaignId: string | null;
  /** ISO-8601 UTC. */
  readonly identifiedAt: string;
  /** Whole days since the latest step. */
  readonly daysWaiting: number;
}
