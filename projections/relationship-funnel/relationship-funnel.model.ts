import type { Stage } from '@rapport/contracts';

/** Where one customer's relationship stands and which way it came. Key: `<customerId>`. */
export interface RelationshipFunnelDocument {
  stage: Stage;
  /** Business time the stage was entered, epoch ms. */
  sinceMs: number;
  /** Business time of the registration, epoch ms. */
  registeredMs: number;
  groupCode: string | null;
  /** Time spent in stages that were left, ms by stage; the current one runs on and is computed when asked. */
  timeInStageMs: Partial<Record<Stage, number>>;
  /** Moves made, by `from>to`. */
  moves: Record<string, number>;
  /** Times a person set the stage against the guards. */
  overrides: number;
  /** Set while the current stage is an override: rules decide again from then, epoch ms. */
  heldUntilMs: number | null;
  erased: boolean;
}

/** How many customers stand in a stage, and how long they have. */
export interface StageCount {
  readonly stage: Stage;
  readonly customers: number;
  /** Share of all customers counted, 0 to 1. */
  readonly share: number;
  /** Days since the stage was entered (calendar days, UTC); null without customers. */
  readonly meanDaysInStage: number | null;
  readonly medianDaysInStage: number | null;
}

/** Of the customers that were ever in `from`: how many ever moved on to `to`. */
export interface StageConversion {
  readonly from: Stage;
  readonly to: Stage;
  readonly customersEverInFrom: number;
  readonly customersMoved: number;
  /** 0 to 1. */
  readonly rate: number;
}

export interface FunnelAnswer {
  /** ISO-8601 UTC: days in stage are counted to it. */
  readonly asOf: string;
  readonly customers: number;
  readonly stages: readonly StageCount[];
  readonly conversions: readonly StageConversion[];
  readonly overrides: {
    /** Stages set against the guards, ever. */
    readonly total: number;
    /** Customers with at least one. */
    readonly customers: number;
  };
}

export interface StageMember {
  readonly customerId: string;
  readonly stage: Stage;
  /** ISO-8601 UTC. */
  readonly since: string;
  readonly daysInStage: number;
  readonly groupCode: string | null;
  /** ISO-8601 UTC; null unless the stage is an override. */
  readonly heldUntil: string | null;
  readonly erased: boolean;
}

/** Customers registered in one month: where they are now and how far they came. */
export interface FunnelCohort {
  /** yyyy-mm of the registration (UTC). */
  readonly cohortMonth: string;
  readonly customers: number;
  /** Customers now in each stage. */
  readonly now: Readonly<Record<Stage, number>>;
  /** Customers that were ever in each stage. */
  readonly everReached: Readonly<Record<Stage, number>>;
}
