import { customerStreamId, RapportError, type RecordedEvent } from '@rapport/contracts';
import { customerDecider, rulesBehind, type CustomerState, type ExplainedRule } from '@rapport/domain';
import { stateOfJoined, type EventStore } from '@rapport/event-store';
import type { PublishedRuleBook, RuleBooks } from './rule-books.js';

/** A decision as recorded, the version it was made under, and the rules of that version that spoke on it. */
export interface ExplainedDecision {
  readonly eventId: string;
  readonly type: string;
  readonly occurredAt: string;
  readonly recordedAt: string;
  /** What was recorded; personal values hidden by who answers. */
  readonly decision: unknown;
  /** Version, author, objective and date; the rules themselves are at /v1/rule-books/{version}. Null: not known here. */
  readonly ruleBook: Omit<PublishedRuleBook, 'rules'> | null;
  readonly ruleBookVersion: string;
  readonly rules: readonly ExplainedRule[];
}

/** Events read at once while looking for the decision. */
const PAGE = 500;

/**
 * Why was this decided? Answered by the rule book the decision cites, however many were published since, from the customer as
 * they were just before it. Throws NOT_FOUND (the customer has no such decision).
 */
export async function explainDecision(
  { events, books }: { readonly events: Pick<EventStore, 'readStream'>; readonly books: RuleBooks },
  customerId: string,
  eventId: string,
): Promise<ExplainedDecision> {
  const streamId = customerStreamId(customerId);
  for (let fromRevision = 0n; ;) {
    const page: readonly RecordedEvent[] = await events.readStream(streamId, {
      fromRevision,
      maxCount: PAGE,
    });
    const decision = page.find((event) => event.eventId === eventId);
    if (decision) {
      // As decided then: with whoever was part of the customer at that time.
      const { state } = await stateOfJoined<CustomerState>(
        customerDecider,
        events,
        streamId,
        decision.revision,
      );
      return explained(decision, state);
    }
    if (page.length < PAGE) throw new RapportError('NOT_FOUND', 'The customer has no such decision.');
    fromRevision = page.at(-1)!.revision + 1n;
  }

  function explained(event: RecordedEvent, state: CustomerState): ExplainedDecision {
    const version =
      event.metadata.ruleBookVersion ?? (event.data as { readonly ruleBookVersion?: string }).ruleBookVersion;
    if (version === undefined) throw new RapportError('NOT_FOUND', 'The event is no decision by rules.');
    const known = books.bookOf(version);
    const { rules: _rules, ...ruleBook } = known?.published ?? { rules: {} };
    return {
      eventId,
      type: event.type,
      occurredAt: event.metadata.occurredAt,
      recordedAt: event.metadata.recordedAt,
      decision: event.data,
      ruleBook: known ? (ruleBook as Omit<PublishedRuleBook, 'rules'>) : null,
      ruleBookVersion: version,
      rules: known ? rulesBehind(state, event, known.book) : [],
    };
  }
}
