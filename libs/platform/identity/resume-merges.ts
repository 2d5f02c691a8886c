import type { IdentityDocument } from '@rapport/projections';
import type { ReadModelStore } from '@rapport/read-model';
import type { Logger } from '../observability/logger.js';
import { askActive } from '../read-side/projection-readers.js';
import { underLease, type LeaseParts } from '../rounds/under-lease.js';
import type { Merges } from './merges.js';

export interface ResumeMergesParts extends LeaseParts {
  readonly merges: Pick<Merges, 'continue'>;
  readonly readModels: ReadModelStore & LeaseParts['readModels'];
  readonly logger: Logger;
}

const PAGE = 200;
const LEASE_MS = 30_000;
export const MERGES_LEASE = 'merges';

/**
 * Takes up merges and unmerges that a process left half done, at start and every few seconds; of several processes one
 * does so. Whoever asked for a merge carries it out at once and without the right: steps have keys that follow from the
 * merge, so what two do at the same time counts once. Throws UNAVAILABLE before the first generation is there.
 */
export async function resumeMerges(parts: ResumeMergesParts): Promise<void> {
  const { merges, readModels, logger } = parts;
  const { data: open } = await askActive(readModels, 'identity', (reader) =>
    reader.query({ where: [{ index: 'isOpen', op: '=', value: 1 }], limit: PAGE }),
  );
  if (open.length === 0) return;
  await underLease(MERGES_LEASE, LEASE_MS, parts, async ({ mayWrite, renew }) => {
    for (const { document } of open) {
      const survivorId = (document as IdentityDocument).merges.at(-1)?.survivorId;
      if (survivorId === undefined) continue;
      if (!(await renew())) return;
      try {
        await merges.continue(survivorId, mayWrite);
      } catch (error) {
        // The others do not wait for one that cannot go on.
        logger.warn({ err: error, survivorId }, 'a merge could not be taken up again');
      }
    }
  });
}
