import type { DataOf, Money, Stage } from '@rapport/contracts';
import type { CoCreationEnded, CoCreationStarted, StrategicAccountDesignated } from '@rapport/contracts';
import type { Stamp } from '../_parts/business-order.js';

export type Standing = DataOf<typeof StrategicAccountDesignated>['standing'];

/** Something made together with the customer. */
export interface JointProject {
  projectId: string;
  role: DataOf<typeof CoCreationStarted>['role'] | null;
  /** Business time, epoch ms; null while only contributions are known. */
  startedAtMs: number | null;
  endedAtMs: number | null;
  outcome: DataOf<typeof CoCreationEnded>['outcome'] | null;
  /** The customer's share of the rights, 0-100. */
  rightsSharePct: number | null;
  contributions: number;
  /** Hours the customer gave. */
  hours: number;
  problemsSolved: number;
  /** What the customer put in and got out, minor units by currency. */
  contributedMinor: Record<string, number>;
  returnMinor: Record<string, number>;
}

/** The relationship went bad while somebody answered for it. */
export interface SponsorAlert {
  /** Event that moved the stage. */
  eventId: string;
  /** Epoch ms. */
  atMs: number;
  from: Stage;
  to: Stage;
  reasonCode: string;
  /** Back in a good stage, or the standing withdrawn; null = still so. */
  endedAtMs: number | null;
}

/** One customer as a strategic account, a candidate, or somebody who might become one. Key: `<customerId>`. */
export interface StrategicAccountsDocument {
  needLevel: (Stamp & { level: number }) | null;
  designation: {
    standing: Standing;
    sponsorId: string;
    planId: string | null;
    /** Business time of the first designation without a break, epoch ms. */
    sinceMs: number;
  } | null;
  jointInvestmentMinor: Record<string, number>;
  jointProblems: { problemId: string; solvedOn: string | null }[];
  projects: JointProject[];
  stage: Stage;
  stageSinceMs: number;
  /** Oldest first, the last 20. */
  alerts: SponsorAlert[];
  erased: boolean;
}

export interface JointProjectAnswer {
  readonly projectId: string;
  readonly role: string | null;
  readonly status: 'running' | 'ended';
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly outcome: string | null;
  readonly rightsSharePct: number | null;
  readonly contributions: number;
  readonly hours: number;
  readonly problemsSolved: number;
  /** What the customer put in, worth in money. */
  readonly contributed: readonly Money[];
  /** What the customer earned or saved by it: their own return. */
  readonly customerReturn: readonly Money[];
}

export interface StrategicAccountRow {
  readonly customerId: string;
  /** null = neither a candidate nor strategic. */
  readonly standing: Standing | null;
  readonly sponsorId: string | null;
  readonly planId: string | null;
  readonly since: string | null;
  /** 1 utility … 6 co-creation; null = never assessed. */
  readonly needLevel: number | null;
  readonly stage: Stage;
  readonly daysInStage: number;
  readonly jointInvestment: readonly Money[];
  readonly problemsSolved: number;
  readonly runningProjects: number;
  /** Sum over the joint projects. */
  readonly customerReturn: readonly Money[];
  readonly alert: { readonly since: string; readonly stage: Stage; readonly reasonCode: string } | null;
  readonly erased: boolean;
}

export interface StrategicAccountAnswer extends StrategicAccountRow {
  readonly jointProblems: readonly { readonly problemId: string; readonly solvedOn: string | null }[];
  readonly projects: readonly JointProjectAnswer[];
  readonly alerts: readonly {
    readonly eventId: string;
    readonly at: string;
    readonly from: Stage;
    readonly to: Stage;
    readonly reasonCode: string;
    readonly endedAt: string | null;
  }[];
}

export interface StrategicFigures {
  /** All customers by level of need; null = never assessed. */
  readonly needLevels: readonly { readonly needLevel: number | null; readonly customers: number }[];
  readonly standings: readonly {
    readonly standing: Standing;
    readonly customers: number;
    readonly withAlert: number;
  }[];
  /** Most accounts first. */
  readonly sponsors: readonly {
    readonly sponsorId: string;
    readonly accounts: number;
    readonly withAlert: number;
  }[];
}
