import { isoOf } from '@rapport/contracts';
import type { Actor, AnyNewEvent, Channel, EventType, NewEvent, References } from '@rapport/contracts';
import type { RuleBook } from '../rule-book/rule-book.js';
import { ruleBookAt } from '../rule-book/rules-in-force.js';
import type { RulesInForce } from '../rule-book/rules-in-force.js';
import { evolveOccurrence } from './customer.evolve.js';
import type { CustomerState } from './customer.state.js';
import type { DataOfType } from './occurrence.js';

/** What a decision knows besides the state: time, actor, ids and rule book are arguments, never read from outside. */
export interface DecisionContext {
  /** Business time of the command, epoch ms. */
  readonly occurredAtMs: number;
  /** Wall-clock time of handling, epoch ms; only for "not in the future" checks. */
  readonly nowMs: number;
  readonly actor: Actor;
  readonly channel: Channel;
  readonly sourceSystem: string;
  /** The rule book that decides at the business time being looked at. */
  readonly ruleBook: RuleBook;
  /** Customer decided on, where the caller says it. */
  readonly customerId?: string;
  /** What other streams say that the decision needs: products of the catalogue. */
  readonly references?: References;
  /** Id that the n-th event of this type in this decision will get: lets one event cite another. */
  readonly eventIdOf: (type: string, index: number) => string;
}

/** What a caller of the decider knows: the rules through time, of which each instant is decided by one book. */
export type GivenContext = Omit<DecisionContext, 'ruleBook'> & { readonly ruleBook: RulesInForce };

/**
 * A decision in the making: every event recorded here is folded at once into a copy of the state, so that what follows
 * in the same decision sees it. The state it began with is never changed.
 */
export class Draft {
  state: CustomerState;
  context: DecisionContext;
  readonly events: NewEvent[] = [];
  /** The rule books through time. */
  readonly rules: RulesInForce;

  constructor(state: CustomerState, given: GivenContext) {
    this.state = state;
    this.rules = given.ruleBook;
    const clockMs = Math.max(state.businessClockMs, given.occurredAtMs);
    this.context = { ...given, ruleBook: ruleBookAt(given.ruleBook, clockMs) };
  }

  /** From here on the book in force at `atMs` decides: a review that fell due is decided by the book of its own instant. */
  decideUnderBookOf(atMs: number): void {
    const ruleBook = ruleBookAt(this.rules, atMs);
    if (ruleBook !== this.context.ruleBook) this.context = { ...this.context, ruleBook };
  }

  /** `atMs` is the business time when it is not the command's: a review happens at its due instant. */
  record<T extends EventType>(
    type: T,
    data: DataOfType<T>,
    at: { readonly atMs?: number; readonly byRuleBook?: boolean } = {},
  ): void {
    // To the millisecond, as it will be recorded: what follows in this decision sees what every fold will see.
    const atMs = Math.trunc(at.atMs ?? this.context.occurredAtMs);
    let index = 0;
    for (const event of this.events) if (event.type === type) index += 1;
    this.events.push({
      type,
      data,
      ...(atMs === this.context.occurredAtMs ? {} : { occurredAt: isoOf(atMs) }),
      ...(at.byRuleBook ? { ruleBookVersion: this.context.ruleBook.version } : {}),
    });
    this.state = evolveOccurrence(this.state, { type, data } as AnyNewEvent, {
      id: this.context.eventIdOf(type, index),
      atMs,
      seq: this.state.seq + 1,
      channel: this.context.channel,
    });
  }

  /** Business clock of the decision: what rules call "now". */
  get clockMs(): number {
    return Math.max(this.state.businessClockMs, this.context.occurredAtMs);
  }
}
