import { RapportError, isoOf } from '@rapport/contracts';
import {
  openProjection,
  type AnyProjection,
  type PageEnd,
  type ValueTerms,
} from '@rapport/projection-engine';
import type { DueReview } from '@rapport/projections';
import type { ReadModelStore } from '@rapport/read-model';
import type { Principal } from '../access/principal.js';
import type { CustomerCommands } from '../customers/customer-commands.js';
import type { Logger } from '../observability/logger.js';
import type { AnyQuery } from '../read-side/read-side.js';
import { underLease, type Alone, type LeaseParts } from '../rounds/under-lease.js';

export interface DueReviewsParts extends LeaseParts {
  readonly readModels: ReadModelStore & LeaseParts['readModels'];
  readonly projections: readonly AnyProjection[];
  readonly customers: Pick<CustomerCommands, 'carryOut'>;
  readonly valueTerms: ValueTerms;
  readonly logger: Logger;
}

const PRINCIPAL: Principal = { subject: 'rapport-reviews', roles: ['service'], scopes: ['customers:write'] };
/** Customers looked at in one round: an import of old history makes many fall due at once, and callers come first. */
const MOST_PER_ROUND = 2_000;
const PAGE = 200;
/** Of several API processes one reviews; should it die, another does so after this. */
export const REVIEWS_LEASE = 'due-reviews';
const LEASE_MS = 30_000;

/** Lets the rules look at customers whose review fell due while nothing happened; only one process at a time does so. */
export async function reviewDueRelationships(parts: DueReviewsParts): Promise<void> {
  const reviewed = await underLease(REVIEWS_LEASE, LEASE_MS, parts, (alone) => reviewUnder(parts, alone));
  if (reviewed) parts.logger.info({ reviewed }, 'due reviews applied');
}

/** How many customers were looked at before none was left, the round was full, or the lease had passed to another. */
async function reviewUnder(parts: DueReviewsParts, alone: Alone): Promise<number> {
  const { readModels, projections, clock, valueTerms } = parts;
  const due = (projections.find(({ name }) => name === 'due-reviews')?.queries as readonly AnyQuery[]).find(({ name }) => name === 'due')!; // prettier-ignore
  const nowMs = clock.nowMs();
  let reviewed = 0;
  for (let after: PageEnd | undefined; reviewed < MOST_PER_ROUND;) {
    const { reader } = await openProjection(readModels, 'due-reviews');
    const page = (await due.run(reader, { by: isoOf(nowMs), limit: PAGE, after }, { asOfMs: nowMs, models: {}, valueTerms })) as { rows: readonly DueReview[]; next?: PageEnd }; // prettier-ignore
    if (!(await alone.renew())) return reviewed;
    await Promise.all(page.rows.map((row) => review(parts, row, nowMs, alone)));
    reviewed += page.rows.length;
    if (!page.next) break;
    after = page.next;
  }
  return reviewed;
}

async function review(
  { customers, logger }: DueReviewsParts,
  { customerId, dueAt }: DueReview,
  nowMs: number,
  { mayWrite }: Alone,
) {
  try {
    await customers.carryOut({
      command: 'ReviewRelationship',
      fields: {},
      reference: customerId,
      occurredAt: isoOf(nowMs),
      // The day is part of the key: a review that changed nothing may be tried again, one that did is not repeated.
      idempotencyKey: `review ${dueAt} ${isoOf(nowMs)}`,
      mayWrite,
      principal: PRINCIPAL,
      correlationId: `review-${customerId}`,
    });
  } catch (error) {
    const code = error instanceof RapportError ? error.code : 'INTERNAL';
    logger.warn({ customerId, code }, 'a due review could not be applied');
  }
}
