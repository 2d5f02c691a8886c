import { epochMsOf, RapportError } from '@rapport/contracts';
import { ruleBookAt } from '@rapport/domain';
import type { EventStore } from '@rapport/event-store';
import type { Clock } from '@rapport/runtime';
import type { Principal } from '../access/principal.js';
import type { CustomerReferences } from '../customers/customer-references.js';
import type { ReadSide } from '../read-side/read-side.js';
import { explainDecision, type ExplainedDecision } from './decisions.js';
import type { PublishedRuleBook, RuleBooks } from './rule-books.js';

/** A version of the rules in a list. */
export interface ShownRuleBook extends Omit<PublishedRuleBook, 'rules'> {
  /** True when it decides at the instant asked about. */
  readonly inForce: boolean;
}

export interface RulesParts {
  readonly books: RuleBooks;
  readonly events: Pick<EventStore, 'readStream'>;
  readonly references: CustomerReferences;
  readonly readSide: Pick<ReadSide, 'revealFor'>;
  readonly clock: Clock;
}

/** Questions about the rules: which there are, which decides, and why something was decided. */
export class Rules {
  constructor(private readonly parts: RulesParts) {}

  /** Every version, in the order of publication; `asOfMs`: which of them decides then (default now). */
  list(asOfMs: number = this.parts.clock.nowMs()): readonly ShownRuleBook[] {
    const { books } = this.parts;
    const { version } = ruleBookAt(books.rules, asOfMs);
    return books.all().map(({ rules: _rules, ...shown }) => ({ ...shown, inForce: shown.version === version && epochMsOf(shown.effectiveFrom) <= asOfMs })); // prettier-ignore
  }

  /** A version with its rules. Throws NOT_FOUND. */
  book(version: string): PublishedRuleBook {
    const known = this.parts.books.bookOf(version);
    if (!known) throw new RapportError('NOT_FOUND', 'No rule book has this version.');
    return known.published;
  }

  /** Why was this decided about the customer? Throws CUSTOMER_NOT_FOUND, NOT_FOUND, INVALID_VALUE. */
  async decision(principal: Principal, reference: string, eventId: string): Promise<ExplainedDecision> {
    const { references, readSide } = this.parts;
    const found = await references.resolve(reference, principal.subject);
    if (found.unknownIdentifier)
      throw new RapportError('CUSTOMER_NOT_FOUND', 'Nobody is known under this id or identifier.');
    const explained = await explainDecision(this.parts, found.customerId, eventId);
    const { data } = await readSide.revealFor(principal, explained.decision);
    return { ...explained, decision: data };
  }
}
