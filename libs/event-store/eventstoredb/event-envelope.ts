import { jsonEvent, type JSONEventData, type ResolvedEvent } from '@eventstore/db-client';
import { RapportError, type EventMetadata, type RecordedEvent } from '@rapport/contracts';
import type { Upcast } from '../codec/upcast.js';
import { withCommand } from '../logged-commands.js';
import type { AppendRequest } from '../event-store.port.js';

/**
 * An event as EventStoreDB keeps it: its type is our type, its data our data, its metadata all of ours together with
 * `recordedAt`, `schemaVersion` and what the command index needs (`requestHash`, `commandEvents`, `refusal`).
 */
export type StoredEvent = NonNullable<ResolvedEvent['event']>;

/** Type of what is left of an event whose content an operator redacted on the server. */
export const REDACTED_EVENT = 'EventRedacted';

export function storedEventsOf(
  { events, command }: Pick<AppendRequest, 'events' | 'command'>,
  recordedAt: string,
): JSONEventData[] {
  return withCommand(events, command).map(({ eventId, type, schemaVersion, data, metadata }) =>
    jsonEvent({
      id: eventId,
      type,
      data: data as Record<string, unknown>,
      metadata: { ...metadata, recordedAt, schemaVersion },
    }),
  );
}

type StoredMetadata = EventMetadata & { readonly schemaVersion: number };

/** Throws CORRUPT_EVENT for what is no event of ours. */
export function recordedEventOf(stored: StoredEvent, upcast: Upcast): RecordedEvent {
  const { id: eventId, streamId, revision, type } = stored;
  const position = positionOf(stored);
  const place = { eventId, streamId, revision, position };
  if (isRedacted(stored.data) || isRedacted(stored.metadata)) {
    const metadata = isStoredMetadata(stored.metadata) ? withoutVersion(stored.metadata) : metadataOf(stored);
    return { ...place, type: REDACTED_EVENT, schemaVersion: 1, data: { originalType: type }, metadata };
  }
  const data: unknown = stored.data;
  if (!isStoredMetadata(stored.metadata) || typeof data !== 'object' || data === null)
    throw new RapportError(
      'CORRUPT_EVENT',
      `Revision ${revision} of stream ${streamId} is no event of ours.`,
      {
        members: { streamId, revision: revision.toString() },
      },
    );
  const latest = upcast(type, stored.metadata.schemaVersion, data as Record<string, unknown>);
  return { ...place, type, ...latest, metadata: withoutVersion(stored.metadata) };
}

export function positionOf(stored: StoredEvent): bigint {
  if (stored.position === undefined)
    throw new RapportError('INTERNAL', 'The event store is older than 22.6: it gives events no position.');
  return stored.position.commit;
}

/** When a stored event was recorded, as its metadata says. */
export const recordedAtOf = (stored: StoredEvent): string =>
  isStoredMetadata(stored.metadata) ? stored.metadata.recordedAt : stored.created.toISOString();

function withoutVersion({ schemaVersion: _, ...metadata }: StoredMetadata): EventMetadata {
  return metadata;
}

function isStoredMetadata(metadata: unknown): metadata is StoredMetadata {
  if (typeof metadata !== 'object' || metadata === null) return false;
  const { recordedAt, occurredAt, commandKey, schemaVersion } = metadata as Partial<StoredMetadata>;
  return (
    typeof recordedAt === 'string' &&
    typeof occurredAt === 'string' &&
    typeof commandKey === 'string' &&
    typeof schemaVersion === 'number'
  );
}

/** Redaction overwrites content with 0xFF bytes; the client hands them over as bytes, or as text of replacement characters. */
function isRedacted(content: unknown): boolean {
  if (content instanceof Uint8Array) return content.length > 0 && content.every((byte) => byte === 0xff);
  return typeof content === 'string' && /^\ufffd+$/.test(content);
}

/** The little that is known of an event whose metadata is gone. */
function metadataOf(stored: StoredEvent): EventMetadata {
  const recordedAt = stored.created.toISOString();
  return {
    occurredAt: recordedAt,
    recordedAt,
    sourceSystem: 'event-store',
    channel: 'external',
    actor: { kind: 'system', id: 'redaction' },
    correlationId: stored.id,
    causationId: stored.id,
    commandKey: `redacted:${stored.id}`,
  };
}
