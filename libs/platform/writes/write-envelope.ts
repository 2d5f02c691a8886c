import { epochMsOf, type Actor, type Channel } from '@rapport/contracts';
import type { CommandEnvelope } from '@rapport/event-store';
import type { Principal } from '../access/principal.js';

/** What every write says besides whom it concerns and what it asks for; checked for shape already. */
export interface WriteEnvelope {
  readonly occurredAt?: string;
  readonly channel?: Channel;
  /** Who acted, when it is not the caller: a system records what an agent or the customer did. */
  readonly actor?: Actor;
  /** Default: the subject of the principal. */
  readonly sourceSystem?: string;
  readonly sourceEventId?: string;
  readonly sourceSeq?: number;
  readonly sentAt?: string;
  /** Key of the caller; not needed beside a `sourceEventId`. */
  readonly idempotencyKey?: string;
  /** Decide and answer, record nothing. */
  readonly dryRun?: boolean;
  /** Refuse with STALE_PRECONDITION unless the stream is at this revision. */
  readonly ifRevision?: bigint;
  /** The right to write, asked just before the append: a process that lost it meanwhile records nothing. */
  readonly mayWrite?: () => Promise<boolean>;
  readonly principal: Principal;
  readonly correlationId: string;
  /** Event that made the sender ask; default the request itself. */
  readonly causationId?: string;
}

export const sourceSystemOf = (write: {
  readonly sourceSystem?: string | undefined;
  readonly principal: Principal;
}): string => write.sourceSystem ?? write.principal.subject;

/** Idempotency key of a write within its stream. */
export const commandKeyOf = (write: WriteEnvelope, sourceSystem: string): string =>
  write.sourceEventId === undefined
    ? `k:${write.idempotencyKey!}`
    : `s:${sourceSystem.replaceAll(':', '%3A')}:${write.sourceEventId}`;

/** The request as its sender means it: a repeat may be sent at another time. */
export const hashedPart = (write: WriteEnvelope & { readonly command: string; readonly fields: object }): unknown => ({
  command: write.command,
  fields: write.fields,
  occurredAt: write.occurredAt,
  channel: write.channel,
  actor: write.actor,
  sourceSystem: write.sourceSystem,
  sourceEventId: write.sourceEventId,
  sourceSeq: write.sourceSeq,
}); // prettier-ignore

export const envelopeOf = (write: WriteEnvelope, sourceSystem: string, nowMs: number): CommandEnvelope => ({
  occurredAtMs: write.occurredAt === undefined ? nowMs : epochMsOf(write.occurredAt),
  channel: write.channel ?? 'external',
  actor: write.actor ?? actorOf(write.principal),
  sourceSystem,
  sourceEventId: write.sourceEventId,
  sourceSeq: write.sourceSeq,
  sentAt: write.sentAt,
  correlationId: write.correlationId,
  causationId: write.causationId ?? write.correlationId,
});

const actorOf = ({ roles, subject }: Principal): Actor => ({
  kind: roles.includes('service') ? 'system' : 'employee',
  id: subject,
});
