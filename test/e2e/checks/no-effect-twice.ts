import type { RecordedEvent } from '@rapport/contracts';
import { byStream, type CheckResult } from './check-result.js';

/**
 * I2: no command was carried out twice: event ids are unique, the events of one key stand together once, and every
 * answer to one command says the same (`contradictions` of the record).
 */
export function noEffectTwice(log: readonly RecordedEvent[], contradictions: readonly string[]): CheckResult {
  const violations = [...contradictions];
  const ids = new Set<string>();
  for (const { eventId, streamId } of log) {
    if (ids.has(eventId)) violations.push(`event ${eventId} stands twice, in ${streamId}`);
    ids.add(eventId);
  }
  for (const [streamId, events] of byStream(log)) {
    const closed = new Set<string>();
    let open: string | undefined;
    for (const { metadata, revision } of events) {
      const { commandKey, commandEvents } = metadata;
      if (closed.has(commandKey) && commandKey !== open)
        violations.push(`${streamId}: command ${commandKey} was carried out again at revision ${revision}`);
      open = commandKey;
      closed.add(commandKey);
      // The last event of a command closes it: what comes under the same key now is a second effect.
      if (commandEvents !== undefined) open = undefined;
    }
  }
  return { name: 'I2 no effect twice', checked: log.length, violations };
}
