import { MS_PER_DAY } from '@rapport/contracts';
import type { Stage } from '@rapport/contracts';
import { expireConsent, nextConsentEnd } from '../consent/consent.decider.js';
import { concludeContract, nextContractEnd } from '../contracts/contracts.decider.js';
import type { CustomerState } from '../customer.state.js';
import { classifyByRules, isClassDue, nextClassTurn } from '../profile/classification.rules.js';
import type { Draft } from '../draft.js';
import { isAtMost } from '../../rule-book/rule-book.js';
import type { Exit, RuleBook } from '../../rule-book/rule-book.js';
import { nextRuleChangeMs, ruleBookAt } from '../../rule-book/rules-in-force.js';
import type { RulesInForce } from '../../rule-book/rules-in-force.js';
import { breakPromise, nextPromiseEnd } from '../touch-points/promise.rules.js';
import { POSITIVE_STAGES } from './relationship.state.js';
import type { PositiveStage } from './relationship.state.js';

const NEVER = Number.POSITIVE_INFINITY;
const NO_SUBJECT = {};
/** More evidence than a person reads; the rest is in the log. */
const EVIDENCE_CITED = 20;
/** A fact leads through at most this many stages at once (dissolution → contact → involvement → deterioration). */
const MOVES_AT_ONCE = 4;

/** Ways out of the stage the customer is in, under the rules for their roles. */
export const exitsOf = (state: CustomerState, ruleBook: RuleBook): readonly Exit[] =>
  ruleBook.roleSetFor(state.profile.roles).exits[state.relationship.stage];

/** The stage an exit leads to: `before` is the one held before deterioration, contact when there was none. */
export const targetOf = (exit: Exit, state: CustomerState): Stage =>
  exit.to === 'before' ? (state.relationship.stageBefore ?? 'contact') : exit.to;

/** Stages a repaired relationship may return to: at most the one held before. */
export const returnTargets = (state: CustomerState): readonly PositiveStage[] =>
  POSITIVE_STAGES.filter((stage) => isAtMost(stage, state.relationship.stageBefore ?? 'contact'));

export const daysInStage = (state: CustomerState, atMs: number): number =>
  Math.max(0, Math.floor((atMs - state.relationship.sinceMs) / MS_PER_DAY));

/** Event ids that show a condition is met, at most 20, each once. */
export const evidenceOf = (exit: Pick<Exit, 'guard'>, state: CustomerState, atMs: number): string[] => {
  const ids = new Set<string>();
  for (const mark of exit.guard.when.evidence(state, atMs, NO_SUBJECT)) ids.add(mark.id);
  return [...ids].slice(0, EVIDENCE_CITED);
};

const isHeld = (state: CustomerState, atMs: number): boolean =>
  state.relationship.holdUntilMs !== null && atMs < state.relationship.holdUntilMs;

/** The move the rules make at this instant, if any: the first automatic exit whose guard is met. */
function dueExit(state: CustomerState, ruleBook: RuleBook, atMs: number): Exit | undefined {
  if (isHeld(state, atMs)) return undefined;
  for (const exit of exitsOf(state, ruleBook))
    if (exit.automatic && exit.guard.when.isMet(state, atMs, NO_SUBJECT)) return exit;
  return undefined;
}

const winBackEndsMs = (state: CustomerState, ruleBook: RuleBook): number =>
  state.relationship.winBack === null ? NEVER : state.relationship.winBack.atMs + ruleBook.winBackWindowMs;

/**
 * Instant of the next thing the calendar does without a guard: a contract or a consent ends, a promise of ours is broken,
 * a win-back window closes.
 */
const calendarMs = (state: CustomerState, ruleBook: RuleBook): number =>
  Math.min(
    nextContractEnd(state.contracts)?.atMs ?? NEVER,
    nextConsentEnd(state.consent)?.atMs ?? NEVER,
    nextPromiseEnd(state.touchPoints, ruleBook.promiseGraceMs)?.atMs ?? NEVER,
    winBackEndsMs(state, ruleBook),
  );

const isSomethingDue = (state: CustomerState, ruleBook: RuleBook, atMs: number): boolean =>
  calendarMs(state, ruleBook) <= atMs ||
  isClassDue(state, ruleBook, atMs) ||
  dueExit(state, ruleBook, atMs) !== undefined;

/** Next instant after `afterMs` at which time alone may change an answer. */
function nextTurn(state: CustomerState, ruleBook: RuleBook, afterMs: number): number {
  let next = calendarMs(state, ruleBook);
  if (next <= afterMs) next = NEVER;
  next = Math.min(next, nextClassTurn(state, ruleBook, afterMs));
  const { holdUntilMs } = state.relationship;
  if (holdUntilMs !== null && holdUntilMs > afterMs) next = Math.min(next, holdUntilMs);
  for (const exit of exitsOf(state, ruleBook))
    if (exit.automatic) next = Math.min(next, exit.guard.when.turnsAt(state, afterMs));
  return next;
}

/** Instants tried before giving up: each is a threshold of one predicate, so a real state has far fewer. */
const TURNS_TRIED = 200;

/** First instant up to `untilMs` at which a review records something; null when there is none. */
function reviewWithin(state: CustomerState, rules: RulesInForce, untilMs: number): number | null {
  if (!state.profile.registered || state.profile.erased) return null;
  let atMs = state.businessClockMs;
  for (let turn = 0; turn < TURNS_TRIED; turn += 1) {
    const ruleBook = ruleBookAt(rules, atMs);
    if (isSomethingDue(state, ruleBook, atMs)) return atMs;
    // Another book may find something due where this one finds nothing.
    atMs = Math.min(nextTurn(state, ruleBook, atMs), nextRuleChangeMs(rules, atMs));
    if (atMs === NEVER || atMs > untilMs) return null;
  }
  return atMs;
}

/**
 * When a review of this customer will record something if nothing else happens first: epoch ms, or null for never.
 * Pure: depends on the state and the rule books alone, so a scheduler may ask at any time and gets the same answer.
 */
export const nextReviewAtMs = (state: CustomerState, rules: RulesInForce): number | null =>
  reviewWithin(state, rules, NEVER);

/** Records what is due at this instant: the calendar first, then what the rules make of it. */
export function settle(draft: Draft, atMs: number, trigger: 'fact' | 'review'): void {
  const { ruleBook } = draft.context;
  for (let moves = 0; moves <= MOVES_AT_ONCE;) {
    const end = nextContractEnd(draft.state.contracts);
    if (end !== null && end.atMs <= atMs) {
      concludeContract(draft, end.contract, atMs);
      continue;
    }
    const consentEnd = nextConsentEnd(draft.state.consent);
    if (consentEnd !== null && consentEnd.atMs <= atMs) {
      expireConsent(draft, consentEnd.entry, atMs);
      continue;
    }
    const promiseEnd = nextPromiseEnd(draft.state.touchPoints, ruleBook.promiseGraceMs);
    if (promiseEnd !== null && promiseEnd.atMs <= atMs) {
      breakPromise(draft, promiseEnd);
      continue;
    }
    if (winBackEndsMs(draft.state, ruleBook) <= atMs) {
      const { winBackId } = draft.state.relationship.winBack!;
      draft.record('WinBackConcluded', { winBackId, outcome: 'lost', reasonCode: 'windowPassed' }, { atMs });
      continue;
    }
    classifyByRules(draft, atMs);
    const exit = dueExit(draft.state, ruleBook, atMs);
    if (exit === undefined || moves === MOVES_AT_ONCE) return;
    moveByRule(draft, exit, atMs, trigger);
    moves += 1;
  }
}

function moveByRule(draft: Draft, exit: Exit, atMs: number, trigger: 'fact' | 'review'): void {
  const { state } = draft;
  const { winBack, stage } = state.relationship;
  const data = {
    from: stage,
    to: targetOf(exit, state),
    trigger,
    reasonCode: exit.guard.when.reason(state, atMs, NO_SUBJECT) ?? exit.guard.name,
    evidence: evidenceOf(exit, state, atMs),
    ruleBookVersion: draft.context.ruleBook.version,
    daysInStage: daysInStage(state, atMs),
  };
  // Somebody who comes back while we try to win them back was won.
  if (stage === 'dissolution' && winBack !== null)
    draft.record(
      'WinBackConcluded',
      { winBackId: winBack.winBackId, outcome: 'won', reasonCode: data.reasonCode },
      { atMs },
    );
  draft.record('RelationshipStageMoved', data, { atMs, byRuleBook: true });
}

/** Applies every review that fell due up to `untilMs`, each at its own instant, in order. */
export function applyDueReviews(draft: Draft, untilMs: number): void {
  let lastMs = Number.NEGATIVE_INFINITY;
  for (;;) {
    const dueMs = reviewWithin(draft.state, draft.rules, untilMs);
    // A rule book whose guards chase each other in a circle must not hold the decision for ever.
    if (dueMs === null || dueMs <= lastMs) return;
    lastMs = dueMs;
    draft.decideUnderBookOf(dueMs);
    settle(draft, dueMs, 'review');
  }
}
