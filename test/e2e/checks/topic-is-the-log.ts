import canonicalize from 'canonicalize';
import type { RecordedEvent } from '@rapport/contracts';
import { headerOf, type TopicRecord } from '../topic-copy.js';
import type { CheckResult } from './check-result.js';

/**
 * I4: after dropping repeats the topic holds the events of each stream in their order, in one partition, with nothing
 * missing and nothing else, and each record says what the log says.
 */
export function topicIsTheLog(
  records: readonly TopicRecord[],
  log: readonly RecordedEvent[],
): CheckResult & { readonly repeats: number } {
  const violations: string[] = [];
  const byId = new Map(log.map((event) => [event.eventId, event]));
  const seen = new Set<string>();
  const next = new Map<string, bigint>();
  const partitionOf = new Map<string, number>();
  let repeats = 0;
  for (const record of records) {
    const streamId = headerOf(record, 'ce_subject');
    if (streamId === undefined) continue;
    const eventId = headerOf(record, 'ce_id')!;
    const place = `${streamId} at ${headerOf(record, 'revision')}`;
    const home = partitionOf.get(streamId) ?? record.partition;
    partitionOf.set(streamId, home);
    if (home !== record.partition)
      violations.push(`${place}: in partition ${record.partition}, others in ${home}`);
    if (seen.has(eventId)) {
      repeats++;
      continue;
    }
    seen.add(eventId);
    const event = byId.get(eventId);
    if (!event) {
      violations.push(`${place}: event ${eventId} is not in the log`);
      continue;
    }
    const due = next.get(streamId) ?? 0n;
    if (event.revision !== due) violations.push(`${place}: comes where revision ${due} is due`);
    next.set(streamId, event.revision + 1n);
    if (!saysTheSame(record, event)) violations.push(`${place}: says something else than the log`);
  }
  for (const { eventId, streamId, revision } of log)
    if (!seen.has(eventId)) violations.push(`${streamId} at ${revision}: is missing in the topic`);
  return { name: 'I4 the topic is the log', checked: seen.size, violations, repeats };
}

const saysTheSame = (record: TopicRecord, event: RecordedEvent): boolean =>
  headerOf(record, 'ce_type') === event.type &&
  headerOf(record, 'ce_subject') === event.streamId &&
  headerOf(record, 'revision') === String(event.revision) &&
  headerOf(record, 'position') === String(event.position) &&
  headerOf(record, 'schemaversion') === String(event.schemaVersion) &&
  canonicalize(JSON.parse(record.value?.toString('utf8') ?? 'null')) === canonicalize(event.data);
