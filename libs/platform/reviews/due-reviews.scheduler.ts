import { RapportError, isoOf } from '@rapport/contracts';
import {
  openProjection,
  type AnyProjection,
  type PageEnd,
  type ValueTerms,
} from '@rapport/projection-engine';
import type { DueReview } from '@rapport/projections';
import type { Lease, LeaseStore, ReadModelStore } from '@rapport/read-model';
import type { Clock } from '@rapport/runtime';
import type { Principal } from '../access/principal.js';
import type { CustomerCommands } from '../customers/customer-commands.js';
import type { Logger } from '../observability/logger.js';
import type { AnyQuery } from '../read-side/read-side.js';

export interface DueReviewsParts {
  readonly readModels: ReadModelStore & LeaseStore;
  readonly projections: readonly AnyProjection[];
  readonly customers: Pick<CustomerCommands, 'carryOut'>;
  readonly clock: Clock;
  readonly valueTerms: ValueTerms;
  readonly logger: Logger;
  /** This process, for people to read. */
  readonly holder: string;
}

const PRINCIPAL: Principal = { subject: 'rapport-reviews', roles: ['service'], scopes: ['customers:write'] };
/** Customers looked at in one round: an import of old history makes many fall due at once, and callers come first. */
const MOST_PER_ROUND = 2_000;
const PAGE = 200;
/** Of several API processes one reviews; should it die, another does so after this. */
export const REVIEWS_LEASE = 'due-reviews';
const LEASE_MS = 30_000;

/**
 * Lets the rules look at customers whose review fell due while nothing happened. Only one process at a time does so: it
 * holds the lease, and the token of the lease is looked at in every write, so that one that was held up and replaced
 * records nothing any more.
 */
export async function reviewDueRelationships(parts: DueReviewsParts): Promise<void> {
  const { readModels, clock, logger, holder } = parts;
  try {
    const answer = await readModels.acquireLease(REVIEWS_LEASE, holder, clock.nowMs(), LEASE_MS);
    if (answer.kind === 'held') return;
    try {
      const reviewed = await reviewUnder(parts, answer.lease);
      if (reviewed > 0) logger.info({ reviewed }, 'due reviews applied');
    } finally {
      await readModels.releaseLease(answer.lease);
    }
  } catch (error) {
    logger.warn({ err: error }, 'due reviews could not be applied');
  }
}

/** How many customers were looked at before none was left, the round was full, or the lease had passed to another. */
async function reviewUnder(parts: DueReviewsParts, lease: Lease): Promise<number> {
  const { readModels, projections, clock, valueTerms } = parts;
  const due = (projections.find(({ name }) => name === 'due-reviews')?.queries as readonly AnyQuery[]).find(({ name }) => name === 'due')!; // prettier-ignore
  const nowMs = clock.nowMs();
  let reviewed = 0;
  for (let after: PageEnd | undefined; reviewed < MOST_PER_ROUND;) {
    const { reader } = await openProjection(readModels, 'due-reviews');
    const page = (await due.run(reader, { by: isoOf(nowMs), limit: PAGE, after }, { asOfMs: nowMs, models: {}, valueTerms })) as { rows: readonly DueReview[]; next?: PageEnd }; // prettier-ignore
    if (!(await readModels.renewLease(lease, clock.nowMs(), LEASE_MS))) return reviewed;
    await Promise.all(page.rows.map((row) => review(parts, row, nowMs, lease)));
    reviewed += page.rows.length;
    if (!page.next) break;
    after = page.next;
  }
  return reviewed;
}

async function review(
  { customers, logger, readModels }: DueReviewsParts,
  { customerId, dueAt }: DueReview,
  nowMs: number,
  lease: Lease,
) {
  try {
    await customers.carryOut({
      command: 'ReviewRelationship',
      fields: {},
      reference: customerId,
      occurredAt: isoOf(nowMs),
      // The day is part of the key: a review that changed nothing may be tried again, one that did is not repeated.
      idempotencyKey: `review ${dueAt} ${isoOf(nowMs)}`,
      mayWrite: () => readModels.holdsLease(lease),
      principal: PRINCIPAL,
      correlationId: `review-${customerId}`,
    });
  } catch (error) {
    const code = error instanceof RapportError ? error.code : 'INTERNAL';
    logger.warn({ customerId, code }, 'a due review could not be applied');
  }
}
