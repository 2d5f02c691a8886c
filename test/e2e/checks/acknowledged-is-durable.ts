import { customerStreamId, type RecordedEvent } from '@rapport/contracts';
import type { Acknowledged } from '../../chaos/acknowledgements.js';
import type { CheckResult } from './check-result.js';

/** I1: everything that was acknowledged stands in the log as an event of that command, where the answer said. */
export function acknowledgedIsDurable(
  acknowledged: Iterable<readonly [string, Acknowledged]>,
  log: readonly RecordedEvent[],
): CheckResult {
  const byId = new Map(log.map((event) => [event.eventId, event]));
  const violations: string[] = [];
  let checked = 0;
  for (const [key, { customerId, eventIds, revision }] of acknowledged)
    for (const [i, eventId] of eventIds.entries()) {
      checked++;
      const event = byId.get(eventId);
      const due = BigInt(revision) - BigInt(eventIds.length - 1 - i);
      if (!event) violations.push(`${key}: event ${eventId} was acknowledged and is not in the log`);
      else if (!key.endsWith(` ${event.metadata.sourceEventId}`))
        violations.push(`${key}: was answered with ${eventId}, an event of ${event.metadata.sourceEventId}`);
      else if (event.streamId !== customerStreamId(customerId) || event.revision !== due)
        violations.push(
          `${key}: acknowledged at revision ${due} of ${customerId}, stands at ${event.revision} of ${event.streamId}`,
        );
    }
  return { name: 'I1 acknowledged is durable', checked, violations };
}
