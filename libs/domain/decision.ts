import type { AnyNewEvent, ErrorCode, EventType, NewEvent, References, Refusal } from '@rapport/contracts';
import { refuse } from './customer/refuse.js';
import type { RuleBook } from './rule-book/rule-book.js';

/** What an aggregate besides the customer decided: events, or a coded refusal that leaves nothing behind. */
export type AggregateDecision =
  | { readonly kind: 'accepted'; readonly events: readonly NewEvent[] }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** What such a decision may know besides its own state. */
export interface AggregateContext {
  /** Business time of the command, epoch ms. */
  readonly occurredAtMs: number;
  readonly ruleBook: RuleBook;
  readonly references?: References;
}

export const accepted = <T extends EventType>(
  type: T,
  data: Extract<AnyNewEvent, { type: T }>['data'],
): AggregateDecision => ({ kind: 'accepted', events: [{ type, data }] });

export const refused = (
  code: ErrorCode,
  sentence: string,
  wayOut: Refusal['wayOut'] = [],
): AggregateDecision => ({ kind: 'refused', refusal: refuse(code, sentence, { wayOut }) });
