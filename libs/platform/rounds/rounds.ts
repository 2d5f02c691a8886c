import { RapportError } from '@rapport/contracts';
import type { Scheduler } from '@rapport/runtime';
import type { Logger } from '../observability/logger.js';

/** Something the product looks after by itself, again and again. */
export interface Round {
  /** For the log, as in "due reviews could not go on". */
  readonly name: string;
  /** 0: never. */
  readonly everyMs: number;
  /** What it meets is logged and met again the next time. */
  readonly run: () => Promise<unknown>;
}

/** A read model that is still being filled for the first time: nothing is known yet that could be looked after. */
const NOT_YET: ReadonlySet<string> = new Set(['UNAVAILABLE', 'UNKNOWN_PROJECTION']);

/** Starts all of them; answers how to stop. One that takes long delays its own next round, and no other. */
export function startRounds(
  rounds: readonly Round[],
  { scheduler, logger }: { readonly scheduler: Scheduler; readonly logger: Logger },
): () => void {
  const timers = rounds
    .filter(({ everyMs }) => everyMs > 0)
    .map(({ name, everyMs, run }) =>
      scheduler.every(everyMs, async () => {
        try {
          await run();
        } catch (error) {
          const level = error instanceof RapportError && NOT_YET.has(error.code) ? 'debug' : 'warn';
          logger[level]({ err: error }, `${name} could not go on`);
        }
      }),
    );
  return () => timers.forEach((timer) => timer.stop());
}
