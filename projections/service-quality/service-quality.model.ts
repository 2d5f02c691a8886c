import type { CASE_KINDS } from '@rapport/contracts';

/** What a customer's reaction was like; unknown is not neutral: without a sign there is no row. */
export type Mood = 'positive' | 'neutral' | 'negative';

interface RowBase {
  /** Product or service concerned; null = not said. */
  productId: string | null;
  /** Day it counts in (UTC day number): of the opening for a case, else of the fact. */
  dayNumber: number;
}

/** One case, counted in the period it was opened in. Key: `<customerId>/case:<caseId>`. */
export interface CaseRow extends RowBase {
  kind: 'case';
  caseKind: (typeof CASE_KINDS)[number];
  /** 1 worst … 4 least. */
  severity: number;
  /** Of a complaint. */
  reasonCode: string | null;
  /** Epoch ms. */
  openedAtMs: number;
  /** To be resolved by: as opened, and after the latest reopening. */
  firstDueAtMs: number;
  dueAtMs: number;
  /** First sign from us (acknowledgement, answer or resolution), epoch ms. */
  firstResponseAtMs: number | null;
  firstResolvedAtMs: number | null;
  /** Resolution in force; null = open. */
  resolvedAtMs: number | null;
  reopenedAtMs: number | null;
  reopenings: number;
  replies: number;
  escalations: number;
  compensations: number;
  /** 1 not … 5 very satisfied; latest word. */
  satisfaction: number | null;
  handlerId: string | null;
}

/** One sign of how the customer took it. Key: `<customerId>/<eventId>`, of a return with `/<productId>`. */
export interface ReactionRow extends RowBase {
  kind: 'reaction';
  mood: Mood;
  reasonCode: string | null;
}

/** Pieces sold or returned. Key: `<customerId>/<eventId>/<productId>/<kind>`. */
export interface VolumeRow extends RowBase {
  kind: 'sale' | 'return';
  qty: number;
}

/** A need of a customer, counted where it became known. Key: `<customerId>/need:<needId>`. */
export interface NeedRow extends RowBase {
  kind: 'need';
  status: 'open' | 'met' | 'unmet';
}

export type ServiceQualityRow = CaseRow | ReactionRow | VolumeRow | NeedRow | { kind: null };

/** Minutes of the cases that have come so far: half of them took at most the median. Null without one. */
export interface Duration {
  readonly cases: number;
  readonly meanMinutes: number | null;
  readonly medianMinutes: number | null;
  readonly p90Minutes: number | null;
}

/** What happened to one product or service in one period. */
export interface ServiceQuality {
  /** Null = facts that name no product. */
  readonly productId: string | null;
  /** yyyy-mm-dd, yyyy-mm, yyyy-Qn or yyyy; null = the whole time asked for. */
  readonly period: string | null;
  /** Pieces. */
  readonly sold: number;
  readonly returned: number;
  readonly reactions: {
    readonly positive: number;
    readonly neutral: number;
    readonly negative: number;
    /** Of the reactions that were not neutral, 0 to 1; null without one. */
    readonly positiveShare: number | null;
  };
  /** Are present needs met? Of needs that several products could serve, the first counts. */
  readonly needs: {
    readonly open: number;
    readonly met: number;
    readonly unmet: number;
    /** Of those decided, 0 to 1; null without one. */
    readonly metShare: number | null;
  };
  /** If negative, why: most frequent first, at most ten; the rest is in `reasons`. */
  readonly negativeReasons: readonly ReasonCount[];
  readonly cases: {
    readonly opened: number;
    readonly complaints: number;
    readonly open: number;
    readonly resolved: number;
    readonly reopened: number;
    /** Resolved at the first contact: at most one answer, no escalation, never reopened. */
    readonly firstContactResolved: number;
    /** Of the resolved ones, 0 to 1; null without one. */
    readonly firstContactShare: number | null;
    readonly firstResponse: Duration;
    readonly resolution: Duration;
    /** Resolved in time, in every round. */
    readonly slaKept: number;
    /** Resolved too late, or still open at `asOf` after they were due. */
    readonly slaBroken: number;
    /** Of those decided, 0 to 1; null without one. */
    readonly slaKeptShare: number | null;
    readonly compensated: number;
    /** 1 to 5; null when nobody said. */
    readonly meanSatisfaction: number | null;
  };
}

export interface ReasonCount {
  readonly reasonCode: string;
  readonly count: number;
  /** Of the negative reactions, 0 to 1. */
  readonly share: number;
}

export interface QualityAnswer {
  /** ISO-8601 UTC: open cases are looked at from it. */
  readonly asOf: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly rows: readonly ServiceQuality[];
}

export interface OpenCase {
  readonly customerId: string;
  readonly caseId: string;
  readonly kind: CaseRow['caseKind'];
  readonly severity: number;
  readonly productId: string | null;
  readonly reasonCode: string | null;
  readonly handlerId: string | null;
  /** ISO-8601 UTC. */
  readonly openedAt: string;
  readonly dueAt: string;
  readonly overdue: boolean;
  readonly answered: boolean;
  readonly reopenings: number;
}
