import type { Static, TObject } from '@sinclair/typebox';
import { MS_PER_DAY, dayNumberOf } from '@rapport/contracts';
import type { EventType } from '@rapport/contracts';
import type { CustomerState } from '../../customer/customer.state.js';
import type { Mark } from '../../customer/occurrence.js';

/**
 * Glossary
 * - predicate: a named question about a customer with a yes or no, with thresholds as parameters.
 * - way: what would turn the answer: a fact to record, or an instant to wait for.
 * - subject: what the decision is about besides the customer: the kind, product and channel of an offer.
 */

/** What predicates see of a customer. */
export type RelationshipView = CustomerState;

export interface Subject {
  readonly channel?: string | undefined;
  readonly kind?: string | undefined;
  readonly productId?: string | undefined;
}

/** One step that would turn a predicate's answer. */
export interface Way {
  readonly sentence: string;
  readonly fact?: { readonly eventType: EventType; readonly data?: Readonly<Record<string, unknown>> };
  /** Epoch ms before which it cannot help. */
  readonly earliestAtMs?: number;
}

/** A named, typed question. Unknown is never negative: without evidence a predicate about damage answers no. */
export interface Predicate<Schema extends TObject = TObject> {
  readonly name: string;
  /** What a yes means, as a sentence. */
  readonly meaning: string;
  /** Thresholds; each property documented with its unit. */
  readonly params: Schema;
  /** Thresholds that no customer could ever meet together: which one, and why. */
  readonly contradiction?: (
    params: Static<Schema>,
  ) => { readonly threshold: string; readonly reason: string } | undefined;
  readonly isMet: (
    view: RelationshipView,
    params: Static<Schema>,
    nowMs: number,
    subject: Subject,
  ) => boolean;
  /** Facts that show a yes. */
  readonly evidence?: (
    view: RelationshipView,
    params: Static<Schema>,
    nowMs: number,
    subject: Subject,
  ) => readonly (Mark | null)[];
  /** Next instant after `nowMs` at which the answer may change without a new fact; Infinity (or absent) = never. */
  readonly turnsAt?: (view: RelationshipView, params: Static<Schema>, nowMs: number) => number;
  /** Ways to turn a no into a yes. */
  readonly toMeet?: (
    view: RelationshipView,
    params: Static<Schema>,
    nowMs: number,
    subject: Subject,
  ) => readonly Way[];
  /** Ways to turn a yes into a no. */
  readonly toEnd?: (
    view: RelationshipView,
    params: Static<Schema>,
    nowMs: number,
    subject: Subject,
  ) => readonly Way[];
}

/** Declares a predicate; keeps the types of its parameters. */
export const definePredicate = <Schema extends TObject>(predicate: Predicate<Schema>): Predicate =>
  predicate as unknown as Predicate;

export const NEVER = Number.POSITIVE_INFINITY;

/** The instant when it lies ahead, else never. */
export const ifAhead = (atMs: number, nowMs: number): number => (atMs > nowMs ? atMs : NEVER);

/** A fact of the current stage: recorded after, and happened at or after, the stage was entered. */
export const inStage = (view: RelationshipView, mark: Mark | null): mark is Mark =>
  mark !== null &&
  mark.seq > view.relationship.countingFrom.seq &&
  mark.atMs >= view.relationship.countingFrom.atMs;

/** A negative signal that no recovery, return or override has settled since. */
export const unsettled = (view: RelationshipView, mark: Mark | null): mark is Mark =>
  mark !== null && mark.seq > view.relationship.settled.seq && mark.atMs >= view.relationship.settled.atMs;

/** The first instants, from now on, of so many days on which nothing is known yet. */
export function newDays(count: number, known: readonly Mark[], nowMs: number): number[] {
  const today = dayNumberOf(nowMs);
  const isTaken = known.some((mark) => dayNumberOf(mark.atMs) === today);
  const first = isTaken ? 1 : 0;
  return Array.from({ length: Math.max(0, count) }, (_, index) =>
    Math.max(nowMs, (today + first + index) * MS_PER_DAY),
  );
}
