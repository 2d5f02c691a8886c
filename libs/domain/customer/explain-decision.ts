import { epochMsOf } from '@rapport/contracts';
import type { Stage, StreamEvent } from '@rapport/contracts';
import { explainCondition } from '../rule-book/explain-condition.js';
import type { ExplainedCondition } from '../rule-book/explain-condition.js';
import type { RuleBook } from '../rule-book/rule-book.js';
import type { CustomerState } from './customer.state.js';
import type { DataOfType } from './occurrence.js';
import { needsOf } from './sales/offer.rules.js';
import { exitsOf, returnTargets } from './relationship/relationship.rules.js';

/** A rule that spoke on a decision: its name in the rule book, what it asks for, and how it was answered then. */
export interface ExplainedRule {
  readonly name: string;
  readonly sentence: string;
  readonly answer: ExplainedCondition;
}

/**
 * The rules behind a recorded decision: of a move the guards on the way it took, of an offer, made or suppressed, what it needed.
 * `before` is the customer just before the event, `ruleBook` the one the event cites. Empty where no rule spoke: an override is
 * a person's word, a stage that allows no such offer has no needs to meet.
 */
export function rulesBehind(
  before: CustomerState,
  event: StreamEvent,
  ruleBook: RuleBook,
): readonly ExplainedRule[] {
  const atMs = epochMsOf(event.metadata.occurredAt);
  switch (event.type) {
    case 'RelationshipStageMoved':
    case 'RelationshipStageChosen': {
      const { from, to } = event.data as DataOfType<'RelationshipStageMoved'>;
      const there = { ...before, relationship: { ...before.relationship, stage: from } };
      return exitsOf(there, ruleBook)
        .filter((exit) => leadsTo(exit.to, to, there))
        .map(({ guard }) => ({
          name: guard.name,
          sentence: guard.sentence,
          answer: explainCondition(guard.asWritten, there, atMs),
        }));
    }
    case 'OfferMade':
    case 'OfferSuppressed': {
      const { kind, channel, initiative, productId } = event.data as DataOfType<'OfferSuppressed'>;
      return (needsOf(before, ruleBook, { kind, channel, by: initiative }) ?? []).map((need) => ({
        name: need.rule,
        sentence: need.sentence,
        answer: explainCondition(need.asWritten, before, atMs, { channel, kind, productId }),
      }));
    }
    case 'WinBackStarted': {
      const guard = ruleBook.roleSetFor(before.profile.roles).winBackGuard;
      const { channel } = event.data as { readonly channel?: string };
      return [
        {
          name: guard.name,
          sentence: guard.sentence,
          answer: explainCondition(guard.asWritten, before, atMs, channel === undefined ? {} : { channel }),
        },
      ];
    }
    default:
      return [];
  }
}

const leadsTo = (exit: Stage | 'before', to: Stage, state: CustomerState): boolean =>
  exit === 'before' ? returnTargets(state).some((stage) => stage === to) : exit === to;
