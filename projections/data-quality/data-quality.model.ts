import type { DataQualityLimits } from '@rapport/projection-engine';
import type { ProfileQuality, ProfileQualityAnswer } from '../_parts/profile-quality.js';

/** How good is what is known of one customer. Key: `<customerId>`. */
export interface CustomerQualityDocument {
  type: 'customer';
  quality: ProfileQuality;
  erased: boolean;
}

/** Two customers that were found to be perhaps one. Key: `<matchId>/match`. */
export interface MatchDocument {
  type: 'match';
  status: 'proposed' | 'rejected' | 'accepted';
  /** How strongly it was proposed, 0-100. */
  scorePct: number;
}

export type DataQualityDocument = CustomerQualityDocument | MatchDocument;

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

/** What the queue of matches says about uniqueness; candidates that nobody proposed are not in it. */
export interface MatchFigures {
  /** Pairs nobody has decided on. */
  readonly undecided: number;
  readonly rejected: number;
  readonly merged: number;
  /** Customers on file too often, were each undecided match right as often as its strength says; at most. */
  readonly expectedDuplicates: number;
  /** Customers on file once, 0-100: 100 − expected duplicates per 100 customers; null while no match was ever proposed. */
  readonly expectedUniquenessPct: number | null;
}

export interface QualityAnswer {
  /** ISO-8601 UTC. */
  readonly asOf: string;
  /** By the rule book in force, or as asked for. */
  readonly limits: DataQualityLimits;
  readonly all: Omit<QualityFigures, 'stewardId'>;
  /** null when asked about one group: a match belongs to two customers, each with a group of its own. */
  readonly matches: MatchFigures | null;
  /** Most customers first. */
  readonly stewards: readonly QualityFigures[];
}
