import type { ParkedSequence } from '@rapport/read-model';
import type { CheckResult } from './check-result.js';

/** I8: an event that cannot be folded stops its own customer in some read model, and nobody else in any. */
export function blastRadius(
  parked: readonly Pick<ParkedSequence, 'projection' | 'streamId' | 'head'>[],
  poisoned: ReadonlyMap<string, bigint>,
): CheckResult {
  const violations: string[] = [];
  for (const { projection, streamId, head } of parked) {
    const from = poisoned.get(streamId);
    if (from === undefined)
      violations.push(`${projection}: ${streamId} is parked and was not poisoned (${head.reason})`);
    else if (head.revision !== from)
      violations.push(`${projection}: ${streamId} is parked from ${head.revision}, the poison is ${from}`);
  }
  for (const streamId of poisoned.keys())
    if (!parked.some((sequence) => sequence.streamId === streamId))
      violations.push(`${streamId} was poisoned and is parked nowhere`);
  return { name: 'I8 blast radius', checked: poisoned.size, violations };
}
