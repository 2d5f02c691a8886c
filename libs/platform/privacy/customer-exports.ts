import { contractOf, customerStreamId, isoOf, RapportError } from '@rapport/contracts';
import type { RecordedEvent } from '@rapport/contracts';
import type { EventStore } from '@rapport/event-store';
import type { Clock } from '@rapport/runtime';
import type { Principal } from '../access/principal.js';
import type { ReadSide } from '../read-side/read-side.js';

export interface CustomerExportsParts {
  readonly events: EventStore;
  readonly readSide: ReadSide;
  readonly clock: Clock;
}

/** One thing recorded about the person, in words and as it was recorded. */
interface ExportedEvent {
  /** Customer it was recorded about: the person, or who was merged into them. */
  readonly customerId: string;
  readonly eventId: string;
  readonly type: string;
  readonly meaning: string;
  readonly occurredAt: string;
  readonly recordedAt: string;
  readonly channel: string;
  readonly sourceSystem: string;
  readonly data: unknown;
}

/** Events read at a time. */
const PAGE = 1_000;

/** All that is kept about one person (GDPR art. 15 and 20): every event of theirs, and everything derived from them. */
export class CustomerExports {
  constructor(private readonly parts: CustomerExportsParts) {}

  /**
   * Values are opened as far as the caller may see them; of an erased person what is left. Derived figures are folded
   * from the events for this answer, so they need not wait for any read model. Throws CUSTOMER_NOT_FOUND.
   */
  async of(customerId: string, principal: Principal): Promise<object> {
    const { readSide, clock } = this.parts;
    const asOfMs = clock.nowMs();
    const recorded: ExportedEvent[] = [];
    const people = [customerId];
    // Who was merged into the person is the person: their events stand on streams of their own.
    for (const person of people) {
      const history = await this.historyOf(person);
      recorded.push(...history.map((event) => exported(person, event)));
      for (const member of membersIn(history)) if (!people.includes(member)) people.push(member);
    }
    const derived: Record<string, unknown> = {};
    for (const { projection, query } of this.aboutOnePerson()) {
      const question = { projection, query: query.name, params: { customerId }, asOfMs, principal };
      const data = await readSide.ask(question).then((answer) => answer.data, nothingKept);
      if (data !== null) derived[`${projection}/${query.name}`] = data;
    }
    const { data, meta } = await readSide.revealFor(principal, { events: recorded });
    return { format: 'rapport-customer-export-1', customerId, exportedAt: isoOf(asOfMs), derived, ...(data as object), meta }; // prettier-ignore
  }

  private async historyOf(customerId: string): Promise<readonly RecordedEvent[]> {
    const history: RecordedEvent[] = [];
    for (let next = 0n; ; next = history.at(-1)!.revision + 1n) {
      const page = await this.parts.events.readStream(customerStreamId(customerId), {
        fromRevision: next,
        maxCount: PAGE,
      });
      history.push(...page);
      if (page.length < PAGE) return history;
    }
  }

  /** Questions that need nothing but the person; longer lists repeat the events. */
  private aboutOnePerson() {
    return this.parts.readSide
      .all()
      .filter(
        ({ query }) =>
          query.scope === 'customer' &&
          query.paged !== true &&
          ((query.params as { required?: readonly string[] }).required ?? []).join() === 'customerId',
      );
  }
}

/** A read model that keeps nothing about the person has no such customer. */
function nothingKept(error: unknown): null {
  if (error instanceof RapportError && error.code === 'CUSTOMER_NOT_FOUND') return null;
  throw error;
}

/** Customers taken in by merges that still hold. */
function membersIn(history: readonly RecordedEvent[]): readonly string[] {
  const byMerge = new Map<string, string[]>();
  for (const { type, data } of history) {
    const { mergeId, member } = data as { readonly mergeId: string; readonly member: string };
    if (type === 'CustomerAbsorbed') byMerge.set(mergeId, [...(byMerge.get(mergeId) ?? []), member]);
    if (type === 'MembersReleased') byMerge.delete(mergeId);
  }
  return [...byMerge.values()].flat();
}

function exported(customerId: string, { eventId, type, data, metadata }: RecordedEvent): ExportedEvent {
  const { occurredAt, recordedAt, channel, sourceSystem } = metadata;
  const meaning = contractOf(type)?.meaning ?? '';
  return { customerId, eventId, type, meaning, occurredAt, recordedAt, channel, sourceSystem, data };
}
