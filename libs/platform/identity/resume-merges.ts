import { RapportError } from '@rapport/contracts';
import type { IdentityDocument } from '@rapport/projections';
import type { ReadModelStore } from '@rapport/read-model';
import type { Logger } from '../observability/logger.js';
import { askActive } from '../read-side/projection-readers.js';
import type { Merges } from './merges.js';

const PAGE = 200;
const NOT_YET: ReadonlySet<string> = new Set(['UNAVAILABLE', 'UNKNOWN_PROJECTION']);

/**
 * Takes up merges and unmerges that a process left half done: at start and every few seconds. Those that are being
 * carried out elsewhere just now are carried out twice and count once.
 */
export async function resumeMerges(
  merges: Pick<Merges, 'continue'>,
  readModels: ReadModelStore,
  logger: Logger,
): Promise<void> {
  try {
    const { data: open } = await askActive(readModels, 'identity', (reader) =>
      reader.query({ where: [{ index: 'isOpen', op: '=', value: 1 }], limit: PAGE }),
    );
    for (const { document } of open) {
      const survivorId = (document as IdentityDocument).merges.at(-1)?.survivorId;
      if (survivorId !== undefined) await merges.continue(survivorId);
    }
  } catch (error) {
    // Before the first generation is there, nothing is known that could be taken up.
    if (error instanceof RapportError && NOT_YET.has(error.code)) return;
    logger.warn({ err: error }, 'merges could not be taken up again');
  }
}
