import { RapportError } from '@rapport/contracts';
import { openProjection, type Condition, type PageEnd } from '@rapport/projection-engine';
import type { PortfolioHandOversDocument } from '@rapport/projections';
import type { ReadModelStore } from '@rapport/read-model';
import type { Principal } from '../access/principal.js';
import type { AggregateCommands } from '../aggregates/aggregate-commands.js';
import type { CustomerCommands } from '../customers/customer-commands.js';
import type { Logger } from '../observability/logger.js';
import { underLease, type Alone, type LeaseParts } from '../rounds/under-lease.js';

export interface PortfolioHandOversParts extends LeaseParts {
  readonly readModels: ReadModelStore & LeaseParts['readModels'];
  readonly customers: Pick<CustomerCommands, 'carryOut'>;
  readonly aggregates: Pick<AggregateCommands, 'carryOut'>;
  /** Resolves when the read models named hold every event of the log as it is now. Throws READ_YOUR_WRITES_TIMEOUT. */
  readonly catchUp: (projections: readonly string[], timeoutMs: number) => Promise<void>;
  readonly logger: Logger;
}

const PRINCIPAL: Principal = {
  subject: 'rapport-hand-overs',
  roles: ['service'],
  scopes: ['customers:write'],
};
const PORTFOLIO = 'account-portfolio';
const HAND_OVERS = 'portfolio-hand-overs';
const PAGE = 200;
/** Customers assigned at the same time: callers' commands keep most of the store. */
const AT_ONCE = 16;
const LEASE_MS = 60_000;
const CATCH_UP_MS = 60_000;
/** Nothing may be recorded of them, or somebody else was put in charge meanwhile: they stay as they are. */
const LEFT_ALONE: ReadonlySet<string> = new Set([
  'NOTHING_TO_DO',
  'OTHER_ACCOUNT_MANAGER',
  'CUSTOMER_ERASED',
]);

/**
 * Goes on with every hand-over that was begun and not completed: assigns the successor customer by customer. The log is
 * the progress: a customer who was moved is no longer in the portfolio, and a repeat has the same key, so a process killed
 * anywhere, or two at once, assign each customer once. Throws UNAVAILABLE before the read model is there. (S4)
 */
export async function continueHandOvers(parts: PortfolioHandOversParts): Promise<void> {
  const { reader } = await openProjection(parts.readModels, HAND_OVERS);
  const running = await reader.query({
    where: [{ index: 'status', op: '=', value: 'running' }],
    limit: PAGE,
  });
  for (const { document } of running) {
    const handOver = document as PortfolioHandOversDocument;
    const { managerId, handOverId } = handOver;
    try {
      await underLease(`hand-over ${managerId}`, LEASE_MS, parts, (alone) =>
        handOverAll(parts, handOver, alone),
      );
    } catch (error) {
      parts.logger.warn({ err: error, managerId, handOverId }, 'a hand-over stopped and will go on');
    }
  }
}

/** Passes over the portfolio until one of them finds nobody to move: meanwhile customers may have come to it. */
async function handOverAll(
  parts: PortfolioHandOversParts,
  handOver: PortfolioHandOversDocument,
  alone: Alone,
): Promise<void> {
  const { managerId, handOverId } = handOver;
  for (let moved = Number.POSITIVE_INFINITY; moved > 0;) {
    await parts.catchUp([PORTFOLIO], CATCH_UP_MS);
    const pass = await passOver(parts, handOver, alone);
    if (pass === 'notFinished') return;
    moved = pass.moved;
  }
  const { reader } = await openProjection(parts.readModels, PORTFOLIO);
  const countOf = (index: string, value: string): Promise<number> =>
    reader.count([{ index, op: '=', value } satisfies Condition]);
  const outcome = await parts.aggregates.carryOut({
    category: 'accountManager',
    command: 'CompleteHandOver',
    fields: {
      managerId,
      handOverId,
      customersMoved: await countOf('handOverId', handOverId),
      customersLeft: await countOf('managerId', managerId),
    },
    idempotencyKey: `hand-over ${handOverId} completed`,
    principal: PRINCIPAL,
    correlationId: `hand-over-${handOverId}`,
  });
  if (outcome.kind === 'recorded') parts.logger.info({ managerId, handOverId }, 'a portfolio was handed over');
} // prettier-ignore

/** Customers moved now; `notFinished`: some could not be moved yet, or another process goes on. */
async function passOver(
  parts: PortfolioHandOversParts,
  handOver: PortfolioHandOversDocument,
  alone: Alone,
): Promise<{ readonly moved: number } | 'notFinished'> {
  let moved = 0;
  let failed = 0;
  for (let after: PageEnd | undefined; ;) {
    const { reader } = await openProjection(parts.readModels, PORTFOLIO);
    const page = await reader.query({
      where: [{ index: 'managerId', op: '=', value: handOver.managerId }],
      limit: PAGE,
      ...(after ? { after } : {}),
    });
    for (let from = 0; from < page.length; from += AT_ONCE) {
      const assigned = await Promise.all(
        page.slice(from, from + AT_ONCE).map(({ key }) => assignSuccessor(parts, handOver, key, alone)),
      );
      moved += assigned.filter((one) => one === 'moved').length;
      failed += assigned.filter((one) => one === 'failed').length;
    }
    const last = page.at(-1);
    if (page.length < PAGE || !last) return failed > 0 ? 'notFinished' : { moved };
    after = { values: last.values, key: last.key };
    if (!(await alone.renew())) return 'notFinished';
  }
}

/** What became of one customer; `failed`: looked at again the next time, and nobody else waits for them. */
async function assignSuccessor(
  { customers, logger }: PortfolioHandOversParts,
  { managerId, toManagerId, fromDate, handOverId }: PortfolioHandOversDocument,
  customerId: string,
  { mayWrite }: Alone,
): Promise<'moved' | 'left' | 'failed'> {
  let code = 'INTERNAL';
  try {
    const outcome = await customers.carryOut({
      command: 'AssignAccountManager',
      fields: { managerId: toManagerId, fromDate, basis: 'succession', replacing: managerId, handOverId },
      reference: customerId,
      idempotencyKey: `hand-over ${handOverId}`,
      mayWrite,
      principal: PRINCIPAL,
      correlationId: `hand-over-${handOverId}`,
    });
    if (outcome.kind === 'recorded') return outcome.replayed ? 'left' : 'moved';
    if (outcome.kind === 'refused') code = outcome.refusal.code;
  } catch (error) {
    if (error instanceof RapportError) code = error.code;
  }
  if (LEFT_ALONE.has(code)) return 'left';
  logger.warn({ customerId, handOverId, code }, 'a customer could not be handed over yet');
  return 'failed';
}
