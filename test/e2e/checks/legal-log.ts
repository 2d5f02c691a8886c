import type { RecordedEvent } from '@rapport/contracts';
import { ALLOWED_MOVES, customerDecider, stageOf, type CustomerState } from '@rapport/domain';
import { byStream, type CheckResult } from './check-result.js';

/**
 * I3: positions rise, revisions of every stream are 0, 1, 2 … and every prefix of it folds, each move of stage leaving
 * the stage the customer is in for one that may follow it. `broken` names streams that a test damaged on purpose, with the
 * revision of the damage: they are folded up to there.
 */
export function legalLog(
  log: readonly RecordedEvent[],
  broken: ReadonlyMap<string, bigint> = new Map(),
): CheckResult {
  const violations: string[] = [];
  let last = 0n;
  for (const { position } of log) {
    if (position <= last) violations.push(`position ${position} follows ${last}`);
    last = position;
  }
  for (const [streamId, events] of byStream(log)) {
    for (const [i, { revision }] of events.entries())
      if (revision !== BigInt(i)) violations.push(`${streamId}: revision ${revision} where ${i} is due`);
    if (!streamId.startsWith('customer-')) continue;
    const whole = broken.get(streamId);
    const complaint = foldEveryPrefix(
      events.filter(({ revision }) => whole === undefined || revision < whole),
    );
    if (complaint) violations.push(`${streamId}: ${complaint}`);
  }
  return { name: 'I3 legal log', checked: log.length, violations };
}

const MOVES = new Set(['RelationshipStageMoved', 'RelationshipStageChosen', 'RelationshipStageOverridden']);

function foldEveryPrefix(events: readonly RecordedEvent[]): string | undefined {
  let state: CustomerState = customerDecider.initialState();
  for (const event of events) {
    if (MOVES.has(event.type)) {
      const { from, to } = event.data as { from: string; to: string };
      if (from !== stageOf(state))
        return `revision ${event.revision} leaves stage ${from}, and the customer is in ${stageOf(state)}`;
      const allowed: readonly string[] = ALLOWED_MOVES[stageOf(state)] ?? [];
      // An override is what lies outside the rules on purpose.
      if (event.type !== 'RelationshipStageOverridden' && !allowed.includes(to))
        return `revision ${event.revision} moves from ${from} to ${to}, which may not follow it`;
    }
    try {
      state = customerDecider.evolve(state, event);
    } catch (error) {
      return `revision ${event.revision} cannot be folded: ${(error as Error).message}`;
    }
  }
  return undefined;
}
