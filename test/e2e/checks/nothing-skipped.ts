import type { RecordedEvent } from '@rapport/contracts';
import { wants, type AnyProjection, type ProjectionStatus } from '@rapport/projection-engine';
import type { ParkedSequence } from '@rapport/read-model';
import type { CheckResult } from './check-result.js';

export type Counts = Pick<ProjectionStatus, 'projection' | 'received' | 'applied' | 'duplicate' | 'parked'>;

export interface Conserved {
  /** Counters of each living projector, at rest. */
  readonly processes: Readonly<Record<string, readonly Counts[]>>;
  readonly parked: readonly Pick<ParkedSequence, 'projection' | 'streamId' | 'head' | 'events'>[];
  readonly projections: readonly AnyProjection[];
  readonly log: readonly RecordedEvent[];
}

/**
 * I9: received = applied + duplicate + parked, for each projection of each process, and a parked sequence holds every
 * event of its stream from its head on: nothing was skipped silently. (What was applied is checked by I5.)
 */
export function nothingSkipped({ processes, parked, projections, log }: Conserved): CheckResult {
  const violations: string[] = [];
  let checked = 0;
  for (const [process, counts] of Object.entries(processes))
    for (const { projection, received, applied, duplicate, parked: waiting } of counts) {
      checked += received;
      if (received !== applied + duplicate + waiting)
        violations.push(
          `${process} ${projection}: received ${received}, applied ${applied} + duplicate ${duplicate} + parked ${waiting}`,
        );
    }
  for (const sequence of parked) {
    const projection = projections.find(({ name }) => name === sequence.projection)!;
    const due = log.filter(
      (event) =>
        event.streamId === sequence.streamId &&
        event.revision >= sequence.head.revision &&
        wants(projection, event),
    ).length;
    if (due !== sequence.events)
      violations.push(
        `${sequence.projection} ${sequence.streamId}: ${sequence.events} parked, ${due} are due`,
      );
  }
  return { name: 'I9 nothing skipped', checked, violations };
}
