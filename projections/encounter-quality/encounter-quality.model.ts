import type { Channel } from '@rapport/contracts';

/** One step of an encounter: a touch point that names the encounter. */
export interface EncounterStep {
  eventId: string;
  /** Place in the encounter as the sender says; null = not said. */
  index: number | null;
  /** Business time, epoch ms. */
  atMs: number;
  channel: Channel;
  /** -100 … 100; null = not known. */
  sentiment: number | null;
  /** Customer effort 1 … 7; null = not known. */
  effort: number | null;
  /** As recorded; null = nothing was said. */
  unpleasant: boolean | null;
  pleasant: boolean | null;
  choiceOffered: boolean | null;
  ritualId: string | null;
}

/**
 * The rules of a good encounter (Chase & Dasu 2001), each kept, broken or not to be judged (null):
 * - finishStrong: the last step felt good, and no worse than the steps before it did on average;
 * - badEarly: no unpleasant step lies in the second half;
 * - painCombined: two or more unpleasant steps follow each other without a pause;
 * - pleasureSegmented: two or more pleasant steps do not all follow each other;
 * - choiceOffered: the customer was given a choice.
 */
export interface EncounterRules {
  finishStrong: boolean | null;
  badEarly: boolean | null;
  painCombined: boolean | null;
  pleasureSegmented: boolean | null;
  choiceOffered: boolean | null;
}
export type EncounterRule = keyof EncounterRules;
export const ENCOUNTER_RULES = [
  'finishStrong',
  'badEarly',
  'painCombined',
  'pleasureSegmented',
  'choiceOffered',
] as const satisfies readonly EncounterRule[];

/** How an encounter felt and which rules it kept; follows from its steps. */
export interface EncounterQuality extends EncounterRules {
  /** The strongest feeling of all, -100 … 100; of equally strong ones the later. null = none is known. */
  peak: number | null;
  /** How the last step felt, -100 … 100; null = not known. */
  end: number | null;
  /** Mean of peak and end: what is remembered. null unless both are known. */
  peakEnd: number | null;
  /** Mean of all feelings: what was lived through. null = none is known. */
  mean: number | null;
  /** Highest customer effort, 1 … 7; null = not known. */
  effort: number | null;
  /** Distinct rituals of its steps, sorted. */
  rituals: string[];
}

/** One encounter. Key: `<customerId>/<encounterId>`. */
export interface EncounterDocument {
  /** In the order of the encounter, capped (see `MAX_ENDS`). */
  steps: EncounterStep[];
  /** Steps ever recorded. */
  stepCount: number;
  quality: EncounterQuality;
}

/** An encounter as it is answered. */
export interface EncounterEntry {
  readonly customerId: string;
  readonly encounterId: string;
  /** ISO-8601 UTC. */
  readonly startedAt: string;
  readonly endedAt: string;
  readonly channels: readonly Channel[];
  readonly stepCount: number;
  readonly quality: EncounterQuality;
  readonly steps: readonly (Omit<EncounterStep, 'atMs'> & { readonly at: string })[];
}

/** How often a rule was kept. */
export interface RuleFigures {
  readonly rule: EncounterRule;
  readonly kept: number;
  readonly broken: number;
  /** Encounters in which it could not be judged. */
  readonly unknown: number;
  /** Kept of those judged, 0 to 1; null while none was. */
  readonly keptShare: number | null;
}

export interface EncounterFigures {
  readonly encounters: number;
  readonly rules: readonly RuleFigures[];
  /** Means over encounters whose peak and end are known, -100 … 100; null without one. */
  readonly meanPeak: number | null;
  readonly meanEnd: number | null;
  readonly meanPeakEnd: number | null;
  /** Encounters with at least one ritual. */
  readonly withRitual: number;
}
