import type { Stage, WayOut } from '@rapport/contracts';
import { explainCondition } from '../rule-book/explain-condition.js';
import type { ExplainedCondition } from '../rule-book/explain-condition.js';
import type { NextBestAction, Need, RuleBook } from '../rule-book/rule-book.js';
import { ruleBookAt } from '../rule-book/rules-in-force.js';
import type { RulesInForce } from '../rule-book/rules-in-force.js';
import type { CustomerState } from './customer.state.js';
import { Draft } from './draft.js';
import { applyDueReviews } from './relationship/relationship.rules.js';
import { earliestOf } from './relationship/way-out.rules.js';
import { heldBack } from './sales/offer.rules.js';
import type { OfferKind } from './sales/sales.state.js';

/** Answers that offers of one kind got, at a stage or by a channel. */
export interface Answers {
  readonly answered: number;
  readonly accepted: number;
}

/** What the log teaches about offers: answers by `<kind> <stage>` and by `<kind> <channel>`. */
export interface OfferExperience {
  readonly byStage: ReadonlyMap<string, Answers>;
  readonly byChannel: ReadonlyMap<string, Answers>;
}

/** A condition that speaks for an action. */
export interface Because {
  readonly rule: string;
  readonly meaning: string;
  /** Ids of the events that show it. */
  readonly evidence: readonly string[];
}

export interface RankedAction {
  readonly action: string;
  readonly sentence: string;
  /** Priority of the rule book times what was learned; the first of the list has the highest. */
  readonly score: number;
  /** 0–100, before anything was learned. */
  readonly priority: number;
  readonly because: readonly Because[];
  /** Of an offer: kind, channels that are open to it (the best first), and the acceptance it may expect. */
  readonly offer?: {
    readonly kind: OfferKind;
    readonly channels: readonly string[];
    /** Share of yes, 0–1: the expectation of the rule book, moved by the answers of the stage. */
    readonly acceptance: number;
    readonly expectedAcceptance: number;
    /** Answers it was learned from. */
    readonly answered: number;
  };
}

export interface SuppressedAction {
  readonly action: string;
  readonly sentence: string;
  readonly priority: number;
  readonly because: readonly Because[];
  /** What holds it back: stage, consent, openCase, coolingOff, frequencyCap … */
  readonly suppressedBy: readonly string[];
  /** Why, in words. */
  readonly reason: string;
  /** What would permit it. */
  readonly wayOut: readonly WayOut[];
  /** From when time alone permits it. */
  readonly earliestAt?: string;
}

export interface NextBestActions {
  readonly stage: Stage;
  readonly ruleBookVersion: string;
  readonly actions: readonly RankedAction[];
  readonly suppressed: readonly SuppressedAction[];
}

/** Channels by which we may turn to a customer; without other experience the gentler ones first. */
const OUTBOUND = ['email', 'mobileApp', 'mail', 'callCentre', 'fieldSales', 'branch'] as const;

/**
 * What is best done for this customer at an instant, why, and what is held back by what. Reviews that fell due by then are
 * taken into account, so that the stage is the one a decision would find. Pure: nothing is recorded.
 */
export function nextBestActions(
  customer: CustomerState,
  rules: RulesInForce,
  atMs: number,
  { channel, experience }: { readonly channel?: string; readonly experience: OfferExperience },
): NextBestActions {
  const state = afterDueReviews(customer, rules, atMs);
  const ruleBook = ruleBookAt(rules, atMs);
  const channels = channel === undefined ? OUTBOUND : [channel];
  const actions: RankedAction[] = [];
  const suppressed: SuppressedAction[] = [];
  for (const rule of ruleBook.nextBestActions.actions) {
    if (!rule.when.isMet(state, atMs, {})) continue;
    const { action, sentence, priority } = rule;
    const common = {
      action,
      sentence,
      priority,
      because: reasonsIn(explainCondition(rule.asWritten, state, atMs)),
    };
    const unmet = rule.needs.filter((need) => !need.when.isMet(state, atMs, {}));
    const held = unmet.length > 0 ? byNeeds(unmet, state, atMs) : null;
    if (held !== null) {
      suppressed.push({ ...common, ...held });
    } else if (rule.offer === null) {
      actions.push({ ...common, score: priority });
    } else {
      const asOffer = offerOf(rule, rule.offer, state, ruleBook, atMs, channels, experience);
      if ('suppressedBy' in asOffer) suppressed.push({ ...common, ...asOffer });
      else actions.push({ ...common, ...asOffer });
    }
  }
  const byScore = actions.map((one, index) => ({ one, index })).sort((a, b) => b.one.score - a.one.score || a.index - b.index); // prettier-ignore
  return {
    stage: state.relationship.stage,
    ruleBookVersion: ruleBook.version,
    actions: byScore.map(({ one }) => one),
    suppressed: suppressed.sort((a, b) => b.priority - a.priority),
  };
}

type Held = Pick<SuppressedAction, 'suppressedBy' | 'reason' | 'wayOut' | 'earliestAt'>;

function byNeeds(unmet: readonly Need[], state: CustomerState, atMs: number): Held {
  const wayOut = unmet.flatMap((need) =>
    need.when.toMeet(state, atMs, {}).map((way) => ({ ...way, rule: need.rule })),
  );
  return {
    suppressedBy: [...new Set(unmet.map((need) => need.suppressedBy))],
    reason: unmet.map((need) => need.sentence).join(' '),
    wayOut,
    ...earliestOf(wayOut),
  };
}

function offerOf(
  rule: NextBestAction,
  { kind, expectedAcceptance }: NonNullable<NextBestAction['offer']>,
  state: CustomerState,
  ruleBook: RuleBook,
  atMs: number,
  channels: readonly string[],
  experience: OfferExperience,
): Held | Pick<RankedAction, 'score' | 'offer'> {
  const answers = channels.map((channel) => ({
    channel,
    held: heldBack(state, ruleBook, { kind, by: 'firm', channel }, atMs),
  }));
  const open = answers.filter(({ held }) => held === null).map(({ channel }) => channel);
  if (open.length === 0) {
    const { refusal } = answers[0]!.held!;
    return {
      suppressedBy: [...new Set(answers.flatMap(({ held }) => held!.suppressedBy))],
      reason: refusal.sentence,
      wayOut: refusal.wayOut,
      ...(refusal.earliestAt === undefined ? {} : { earliestAt: refusal.earliestAt }),
    };
  }
  const { priorAnswers } = ruleBook.nextBestActions;
  const learned = (known: Answers | undefined): number =>
    ((known?.accepted ?? 0) + expectedAcceptance * priorAnswers) / ((known?.answered ?? 0) + priorAnswers);
  const atStage = experience.byStage.get(`${kind} ${state.relationship.stage}`);
  const acceptance = learned(atStage);
  const shareBy = (channel: string): number => learned(experience.byChannel.get(`${kind} ${channel}`));
  return {
    score: (rule.priority * acceptance) / expectedAcceptance,
    offer: {
      kind,
      channels: [...open].sort((a, b) => shareBy(b) - shareBy(a)),
      acceptance,
      expectedAcceptance,
      answered: atStage?.answered ?? 0,
    },
  };
}

/** The single questions that were answered with yes, each once. */
function reasonsIn({ rule, met, meaning, evidence, parts }: ExplainedCondition): Because[] {
  if (!met || rule === 'not') return [];
  if (parts !== undefined) return parts.flatMap(reasonsIn);
  return [{ rule, meaning: meaning ?? rule, evidence: evidence ?? [] }];
}

function afterDueReviews(customer: CustomerState, rules: RulesInForce, atMs: number): CustomerState {
  const draft = new Draft(customer, {
    occurredAtMs: atMs,
    nowMs: atMs,
    actor: { kind: 'system', id: 'rapport' },
    channel: 'external',
    sourceSystem: 'rapport',
    ruleBook: rules,
    eventIdOf: (type, index) => `${type}#${index}`,
  });
  applyDueReviews(draft, atMs);
  return draft.state;
}
