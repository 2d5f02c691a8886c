import type { Money, Stage } from '@rapport/contracts';
import type { PositiveStage } from '../customer/relationship/relationship.state.js';
import type { OfferKind } from '../customer/sales/sales.state.js';
import type { Condition } from './condition.js';
import type { NeedDocument, RuleBookDocument } from './rule-book.schema.js';

/** Moves that exist at all; no rule book may add to them, only an override goes beyond. */
export const ALLOWED_MOVES: { readonly [S in Stage]: readonly Stage[] } = {
  contact: ['involvement', 'deterioration', 'dissolution'],
  involvement: ['contact', 'intimacy', 'deterioration', 'dissolution'],
  intimacy: ['involvement', 'deterioration', 'dissolution'],
  deterioration: ['repair', 'dissolution'],
  repair: ['contact', 'involvement', 'intimacy', 'deterioration', 'dissolution'],
  dissolution: ['contact'],
};

export interface Guard {
  readonly name: string;
  readonly sentence: string;
  readonly when: Condition;
  /** The condition as the rule book has it. */
  readonly asWritten: unknown;
}

export interface Exit {
  /** `before` = the stage held before deterioration, or a lower one. */
  readonly to: Stage | 'before';
  readonly guard: Guard;
  readonly automatic: boolean;
}

/** The rules of one kind of customer. */
export interface RoleSet {
  readonly name: string;
  readonly exits: { readonly [S in Stage]: readonly Exit[] };
  /** What a win-back on our own initiative needs (G8). */
  readonly winBackGuard: Guard;
}

/** 1 low value, wants high grade · 2 low value with potential · 3 high value, wants high grade · 4 high value, low grade will do. */
export type CustomerClass = 1 | 2 | 3 | 4;

/** What a customer is worth a year in one currency, and what service they want; what is not known is absent. */
export interface Worth {
  readonly value?: Money;
  readonly potentialValue?: Money;
  readonly serviceGradeWanted?: 'low' | 'high';
}

export interface Need {
  readonly rule: string;
  readonly sentence: string;
  readonly suppressedBy: NeedDocument['suppressedBy'];
  readonly whatever: boolean;
  readonly when: Condition;
  /** The condition as the rule book has it. */
  readonly asWritten: unknown;
}

/** Something worth doing for a customer when its condition is met. */
export interface NextBestAction {
  readonly action: string;
  readonly sentence: string;
  /** 0–100, before anything was learned. */
  readonly priority: number;
  readonly when: Condition;
  /** The condition as the rule book has it. */
  readonly asWritten: unknown;
  /** Of an offer: its kind and the share of yes (0–1) expected of it. */
  readonly offer: { readonly kind: OfferKind; readonly expectedAcceptance: number } | null;
  readonly needs: readonly Need[];
}

/** A rule book compiled for use: pure functions of a customer's state, nothing looked up while deciding. */
export interface RuleBook {
  readonly version: string;
  readonly objective: string;
  readonly document: RuleBookDocument;
  /**
   * Time in which a case of this severity (1 worst … 4) has to be resolved: the hours of the severity, or those of the
   * customer's level of service when they are fewer.
   */
  readonly slaMs: (severity: number, slaHoursOfLevel?: number) => number;
  /** Hours in which a case of a customer of this level has to be resolved; undefined: there is no such level. */
  readonly slaHoursOf: (level: string) => number | undefined;
  /** Class of a customer (S10): 1–4, or null when neither value nor wish says one. */
  readonly classOf: (worth: Worth) => CustomerClass | null;
  /** Level of service a class gets unless somebody sets another one. */
  readonly serviceLevelOf: (customerClass: CustomerClass | null) => string;
  readonly overrideMaxHoldMs: number;
  readonly winBackWindowMs: number;
  /** Time after its due instant before an open promise of ours is broken. */
  readonly promiseGraceMs: number;
  /** Rules for somebody with these roles. */
  readonly roleSetFor: (roles: readonly string[]) => RoleSet;
  readonly roleSets: readonly RoleSet[];
  /** What an offer of this kind needs at this stage; undefined when the stage forbids it. */
  readonly offerNeeds: (stage: Stage, kind: OfferKind) => readonly Need[] | undefined;
  /** What may be worth doing, and how many answers the expected acceptance of an offer counts as. */
  readonly nextBestActions: { readonly priorAnswers: number; readonly actions: readonly NextBestAction[] };
  /** What every offer needs. */
  readonly alwaysNeeds: readonly Need[];
}

const RANK: Readonly<Record<PositiveStage, number>> = { contact: 0, involvement: 1, intimacy: 2 };

/** True when the stage is at most as far as the other one. */
export const isAtMost = (stage: PositiveStage, limit: PositiveStage): boolean => RANK[stage] <= RANK[limit];
