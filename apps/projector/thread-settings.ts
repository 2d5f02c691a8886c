import type { EventStore } from '@rapport/event-store';
import { projectionDependencies, readRuleBook, rulesOfLog } from '@rapport/platform';
import type { AnyProjection } from '@rapport/projection-engine';
import { projectionsWith } from '@rapport/projections';

/** What every thread of the projector is started with. */
export interface ThreadSettings {
  /** The data folder. */
  readonly folder: string;
  /** How far the log is on the disk, as its writer says. */
  readonly durable?: SharedArrayBuffer;
  /** Rule book file; absent: the one that ships. */
  readonly ruleBookFile?: string;
  /** Projections the thread works on; absent: all. */
  readonly projections?: readonly string[];
}

/** Every projection of the registry, under the rule books of the log. */
export const projectionsOf = async (
  { ruleBookFile }: Pick<ThreadSettings, 'ruleBookFile'>,
  history: Pick<EventStore, 'readStream'>,
): Promise<readonly AnyProjection[]> =>
  projectionsWith(projectionDependencies(await rulesOfLog(readRuleBook(ruleBookFile), history)));
