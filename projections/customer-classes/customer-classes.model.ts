import type { DataOf, Money } from '@rapport/contracts';
import type { CustomerClassified, ServiceLevelSet } from '@rapport/contracts';
import type { Stamp } from '../_parts/business-order.js';

/** The class a customer was put into, with what it rested on. */
export interface Classification extends Stamp {
  /** 1 low value wanting high grade … 4 high value needing low grade; null = unclassified. */
  customerClass: number | null;
  /** All amounts a year, minor units of `currency`. */
  valueMinor: number;
  potentialMinor: number;
  currency: string;
  serviceGradeWanted: DataOf<typeof CustomerClassified>['serviceGradeWanted'];
  highValueFromMinor: number;
  highPotentialFromMinor: number;
  ruleBookVersion: string;
  /** Whether somebody stated the value or the rules found it. */
  basis: 'stated' | 'rules';
  /** Until when what was stated stands against the rules, epoch ms; null = it does not. */
  heldUntilMs: number | null;
}

export interface ServiceLevelHeld extends Stamp {
  level: string;
  slaHours: number;
  reason: DataOf<typeof ServiceLevelSet>['reason'];
}

/** Class and service level of one customer. Key: `<customerId>`. */
export interface CustomerClassesDocument {
  groupCode: string | null;
  /** null = nobody looked at it yet. */
  classification: Classification | null;
  serviceLevel: ServiceLevelHeld | null;
  erased: boolean;
}

/** `unclassified`: looked at, but low value that wants little; `notLookedAt`: no value was ever stated. */
export const CLASS_NAMES = ['1', '2', '3', '4', 'unclassified', 'notLookedAt'] as const;
export type ClassName = (typeof CLASS_NAMES)[number];

/** What the classes stand for (S10). */
export const CLASS_MEANINGS: Readonly<Record<ClassName, string>> = {
  '1': 'low value wanting a high grade of service',
  '2': 'low value with potential',
  '3': 'high value wanting a high grade of service',
  '4': 'high value needing a low grade of service',
  unclassified: 'low value without potential that wants a low grade of service',
  notLookedAt: 'value not stated yet',
};

/** Customers of one class. */
export interface ClassCount {
  readonly class: ClassName;
  readonly meaning: string;
  readonly customers: number;
  /** Share of all customers counted, 0 to 1. */
  readonly share: number;
  /** Sums of what was stated at the latest classification, a year, by currency. */
  readonly worth: readonly {
    readonly currency: string;
    readonly customers: number;
    readonly valueMinor: number;
    readonly potentialMinor: number;
  }[];
  /** Customers by level of service held; null = none set. */
  readonly serviceLevels: readonly { readonly level: string | null; readonly customers: number }[];
}

export interface ClassesAnswer {
  readonly customers: number;
  readonly classes: readonly ClassCount[];
}

/** A class the customer is not in, and what is missing for it by the thresholds they were looked at with. */
export interface WayToClass {
  readonly class: '1' | '2' | '3' | '4';
  /** Further value a year. */
  readonly moreValue?: Money;
  /** Further potential value a year. */
  readonly morePotential?: Money;
  /** The customer would have to want this grade of service. */
  readonly serviceGradeWanted?: 'low' | 'high';
}

export interface ClassMember {
  readonly customerId: string;
  readonly class: ClassName;
  readonly groupCode: string | null;
  /** A year; null while nobody stated it. */
  readonly value: Money | null;
  readonly potentialValue: Money | null;
  readonly serviceGradeWanted: 'low' | 'high' | null;
  /** ISO-8601 UTC; null while not looked at. */
  readonly classifiedAt: string | null;
  readonly ruleBookVersion: string | null;
  /** Whether somebody stated the value or the rules found it; null while not looked at. */
  readonly basis: 'stated' | 'rules' | null;
  /** Until when what was stated stands against the rules, ISO-8601; null = it does not. */
  readonly heldUntil: string | null;
  readonly serviceLevel: {
    readonly level: string;
    readonly slaHours: number;
    readonly reason: string;
  } | null;
  readonly erased: boolean;
}

export interface CustomerClassAnswer extends ClassMember {
  readonly meaning: string;
  /** Thresholds of the rule book that decided; null while not looked at. */
  readonly thresholds: { readonly highValueFrom: Money; readonly highPotentialFrom: Money } | null;
  /** Nearest first: what it would take to be in another class. Empty while not looked at. */
  readonly whatItWouldTake: readonly WayToClass[];
}
