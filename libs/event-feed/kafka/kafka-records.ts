import type { EventMetadata, RecordedEvent } from '@rapport/contracts';
import type { FeedRecord } from '../event-publisher.port.js';
import { partitionKeyOf } from '../partitioning.js';

/** Brings data of any released version to the latest one: what was published once is read by later programs. */
export type UpcastRecord = (
  type: string,
  schemaVersion: number,
  data: Readonly<Record<string, unknown>>,
) => { readonly schemaVersion: number; readonly data: Readonly<Record<string, unknown>> };

/** Type of the records that only say how far a partition is complete. */
export const PROGRESS_TYPE = 'rapport.progress.v1';

const SPEC_VERSION = '1.0';
const CONTENT_TYPE = 'application/json';

export interface EncodedRecord {
  readonly partition: number;
  readonly key: string | null;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A record as a broker gives it back. */
export interface RawRecord {
  readonly value: Buffer | null;
  readonly headers?: Readonly<Record<string, Buffer | string | (Buffer | string)[] | undefined>>;
}

/**
 * CloudEvents 1.0 in binary mode: the envelope in headers, the value is the JSON of the event's data with personal
 * values as the tokens they are in the log. `position`, `revision`, `ordinal` and `previous` are decimal strings.
 */
export function encodeRecord(record: FeedRecord): EncodedRecord {
  const chain = {
    ce_specversion: SPEC_VERSION,
    'content-type': CONTENT_TYPE,
    ordinal: String(record.ordinal),
    previous: String(record.previous),
  };
  if (record.kind === 'progress') {
    const { partition, through, checkpoint } = record;
    return {
      partition,
      key: null,
      value: '{}',
      headers: {
        ...chain,
        ce_id: `progress-${partition}-${through}`,
        ce_type: PROGRESS_TYPE,
        ce_source: '/rapport/relay',
        position: String(through),
        checkpoint,
      },
    };
  }
  const { eventId, type, schemaVersion, streamId, revision, position, data, metadata } = record.event;
  return {
    partition: record.partition,
    key: partitionKeyOf(streamId),
    value: JSON.stringify(data),
    headers: {
      ...chain,
      ce_id: eventId,
      ce_type: type,
      ce_source: `/rapport/${encodeURIComponent(metadata.sourceSystem)}`,
      ce_subject: streamId,
      ce_time: metadata.occurredAt,
      schemaversion: String(schemaVersion),
      revision: String(revision),
      position: String(position),
      metadata: JSON.stringify(metadata),
    },
  };
}

/** The record again, exactly; undefined for what is none of ours or cannot be read. Never throws. */
export function decodeRecord(
  partition: number,
  { value, headers = {} }: RawRecord,
  upcast: UpcastRecord,
): FeedRecord | undefined {
  const header = (name: string): string => {
    const found = headers[name];
    const first = Array.isArray(found) ? found[0] : found;
    if (first === undefined) throw new TypeError(`no header ${name}`);
    return first.toString();
  };
  try {
    const chain = {
      partition,
      ordinal: BigInt(header('ordinal')),
      previous: BigInt(header('previous')),
    };
    const position = BigInt(header('position'));
    const type = header('ce_type');
    if (type === PROGRESS_TYPE)
      return { kind: 'progress', ...chain, through: position, checkpoint: header('checkpoint') };
    const stored = JSON.parse(value!.toString('utf8')) as Record<string, unknown>;
    if (typeof stored !== 'object' || stored === null) return undefined;
    const schemaVersion = Number(header('schemaversion'));
    if (!Number.isInteger(schemaVersion)) return undefined;
    const event: RecordedEvent = {
      eventId: header('ce_id'),
      type,
      ...upcast(type, schemaVersion, stored),
      streamId: header('ce_subject'),
      revision: BigInt(header('revision')),
      position,
      metadata: JSON.parse(header('metadata')) as EventMetadata,
    };
    return { kind: 'event', ...chain, event };
  } catch {
    return undefined;
  }
}
