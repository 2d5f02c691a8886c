/**
 * Glossary
 * - stream: everything one aggregate recorded, in order; `customer-<customerId>` for a customer.
 * - revision: place of an event in its stream, 0, 1, 2 … without gaps (bigint).
 * - position: place of an event in the whole log, strictly increasing (bigint; may have gaps).
 * - occurredAt: when it happened in the business; recordedAt: when we came to know it. Never mixed.
 */

export const CHANNELS = [
  'branch', 'callCentre', 'fieldSales', 'web', 'mobileApp', 'email', 'ivr', 'chat', 'social', 'mail', 'partnerAgency', 'external',
] as const; // prettier-ignore
export type Channel = (typeof CHANNELS)[number];

export const ACTOR_KINDS = ['customer', 'employee', 'agent', 'partner', 'system'] as const;
export interface Actor {
  readonly kind: (typeof ACTOR_KINDS)[number];
  readonly id: string;
}

/** What every event carries besides its data. Instants are ISO-8601 UTC with milliseconds. */
export interface EventMetadata {
  readonly customerId?: string;
  readonly occurredAt: string;
  readonly recordedAt: string;
  /** When the sender sent it, by the sender's clock: shows clock skew. */
  readonly sentAt?: string;
  readonly sourceSystem: string;
  readonly sourceEventId?: string;
  /** Sender's own order among events of the same instant. */
  readonly sourceSeq?: number;
  readonly channel: Channel;
  readonly actor: Actor;
  readonly correlationId: string;
  readonly causationId: string;
  /** Command or source key that made it: the idempotency key within the stream. */
  readonly commandKey: string;
  readonly ruleBookVersion?: string;
  /** True when occurredAt lies behind the stream's business clock: a late fact. */
  readonly late?: true;
  /**
   * On the last event of a command, where the log itself carries the command index (EventStoreDB): keyed hash of the
   * canonical request, how many events the command recorded, and the refusal when it recorded a refused decision.
   */
  readonly requestHash?: string;
  readonly commandEvents?: number;
  readonly refusal?: Readonly<Record<string, unknown>>;
}

/** An event a decision produced, not yet stored: plain values, no ids. */
export interface NewEvent<Type extends string = string, Data = unknown> {
  readonly type: Type;
  readonly data: Data;
  /** Business time when it differs from the command's (a review fires at its due instant). */
  readonly occurredAt?: string;
  /** Set on decisions made by rules. */
  readonly ruleBookVersion?: string;
}

/**
 * An event as everybody reads it: the latest schema version, personal values as tokens
 * (see `personal/personal-token.ts`). Only the API and export edge opens tokens.
 */
export interface RecordedEvent<Type extends string = string, Data = unknown> {
  readonly eventId: string;
  readonly type: Type;
  readonly schemaVersion: number;
  readonly streamId: string;
  readonly revision: bigint;
  readonly position: bigint;
  readonly data: Data;
  readonly metadata: EventMetadata;
}

/**
 * An event as the fold of its own stream sees it. Its place in the whole log is not part of that: an append learns the
 * place of its last event only, and a state must not depend on who else wrote meanwhile.
 */
export type StreamEvent<Type extends string = string, Data = unknown> = Omit<
  RecordedEvent<Type, Data>,
  'position'
>;

/** Timeline order: occurredAt, then the sender's own sequence, then event id. Equal instants are all kept. */
export function compareForTimeline(
  a: Pick<RecordedEvent, 'metadata' | 'eventId'>,
  b: Pick<RecordedEvent, 'metadata' | 'eventId'>,
): number {
  if (a.metadata.occurredAt !== b.metadata.occurredAt)
    return a.metadata.occurredAt < b.metadata.occurredAt ? -1 : 1;
  const bySequence = (a.metadata.sourceSeq ?? 0) - (b.metadata.sourceSeq ?? 0);
  if (bySequence !== 0) return bySequence;
  return a.eventId < b.eventId ? -1 : a.eventId > b.eventId ? 1 : 0;
}
