import type { DataQualityLimits } from '@rapport/projection-engine';
import type { ProfileQuality, ProfileQualityAnswer } from '../_parts/profile-quality.js';

/** How good is what is known of one customer. Key: `<customerId>`. */
export interface DataQualityDocument {
  quality: ProfileQuality;
  erased: boolean;
}

export interface CustomerQualityAnswer extends ProfileQualityAnswer {
  readonly customerId: string;
  readonly groupCode: string | null;
  readonly erased: boolean;
}

/** Customers of one steward and what their data are like. */
export interface QualityFigures {
  /** null = nobody answers for them. */
  readonly stewardId: string | null;
  readonly customers: number;
  /** 0-100. */
  readonly meanCompletenessPct: number;
  /** Over the customers with a value whose form can be checked; null without one. */
  readonly meanValidityPct: number | null;
  /** Over the customers that were assessed; null without one. */
  readonly meanUniquenessPct: number | null;
  /** Calendar days (UTC) to the day asked for. */
  readonly meanTimelinessDays: number | null;
  /** Customers below the limits of the answer. */
  readonly customersIncomplete: number;
  readonly customersInvalid: number;
  readonly customersStale: number;
}

export interface QualityAnswer {
  /** ISO-8601 UTC. */
  readonly asOf: string;
  /** By the rule book in force, or as asked for. */
  readonly limits: DataQualityLimits;
  readonly all: Omit<QualityFigures, 'stewardId'>;
  /** Most customers first. */
  readonly stewards: readonly QualityFigures[];
}
