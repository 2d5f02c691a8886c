import { RapportError, isoOf } from '@rapport/contracts';
import {
  openProjection,
  type AnyProjection,
  type PageEnd,
  type ValueTerms,
} from '@rapport/projection-engine';
import type { DueReview } from '@rapport/projections';
import type { ReadModelStore } from '@rapport/read-model';
import type { Clock } from '@rapport/runtime';
import type { Principal } from '../access/principal.js';
import type { CustomerCommands } from '../customers/customer-commands.js';
import type { Logger } from '../observability/logger.js';
import type { AnyQuery } from '../read-side/read-side.js';

export interface DueReviewsParts {
  readonly readModels: ReadModelStore;
  readonly projections: readonly AnyProjection[];
  readonly customers: Pick<CustomerCommands, 'carryOut'>;
  readonly clock: Clock;
  readonly valueTerms: ValueTerms;
  readonly logger: Logger;
}

const PRINCIPAL: Principal = { subject: 'rapport-reviews', roles: ['service'], scopes: ['customers:write'] };
/** Customers looked at in one round: an import of old history makes many fall due at once, and callers come first. */
const MOST_PER_ROUND = 2_000;
const PAGE = 200;

/** Lets the rules look at customers whose review fell due while nothing happened. Returns how many were looked at. */
export async function reviewDueRelationships(parts: DueReviewsParts): Promise<void> {
  const { readModels, projections, clock, logger } = parts;
  const due = (projections.find(({ name }) => name === 'due-reviews')?.queries as readonly AnyQuery[]).find(({ name }) => name === 'due')!; // prettier-ignore
  try {
    const nowMs = clock.nowMs();
    let reviewed = 0;
    for (let after: PageEnd | undefined; reviewed < MOST_PER_ROUND;) {
      const { reader } = await openProjection(readModels, 'due-reviews');
      const page = (await due.run(reader, { by: isoOf(nowMs), limit: PAGE, after }, { asOfMs: nowMs, models: {}, valueTerms: parts.valueTerms })) as { rows: readonly DueReview[]; next?: PageEnd }; // prettier-ignore
      await Promise.all(page.rows.map((row) => review(parts, row, nowMs)));
      reviewed += page.rows.length;
      if (!page.next) break;
      after = page.next;
    }
    if (reviewed > 0) logger.info({ reviewed }, 'due reviews applied');
  } catch (error) {
    logger.warn({ err: error }, 'due reviews could not be applied');
  }
}

async function review(
  { customers, logger }: DueReviewsParts,
  { customerId, dueAt }: DueReview,
  nowMs: number,
) {
  try {
    await customers.carryOut({
      command: 'ReviewRelationship',
      fields: {},
      reference: customerId,
      occurredAt: isoOf(nowMs),
      // The day is part of the key: a review that changed nothing may be tried again, one that did is not repeated.
      idempotencyKey: `review ${dueAt} ${isoOf(nowMs)}`,
      principal: PRINCIPAL,
      correlationId: `review-${customerId}`,
    });
  } catch (error) {
    const code = error instanceof RapportError ? error.code : 'INTERNAL';
    logger.warn({ customerId, code }, 'a due review could not be applied');
  }
}
