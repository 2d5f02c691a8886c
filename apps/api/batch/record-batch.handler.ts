import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { RapportError } from '@rapport/contracts';
import { CustomerCommands, mayAccess, type CustomerWrite, type Logger, type NamedCustomer, type Principal, type WriteOutcome } from '@rapport/platform'; // prettier-ignore
import { itemDto, type CommandRoute } from '../http/command-route.js';
import type { DtoClass } from '../http/dto-from-schema.js';
import { invalid, problemOf, refusalError, type Problem } from '../http/problem.js';
import { ROUTE_OF_COMMAND } from '../customer/customer-command.controllers.js';
import { recordedBody, refusedMembers } from '../customer/write-answer.js';
import { writeOf } from '../http/write-request.js';
import { LOGGER } from '../tokens.js';

export interface BatchItemResult {
  readonly index: number;
  readonly status: 'accepted' | 'replayed' | 'refused' | 'invalid';
  readonly problem?: Problem;
  readonly [member: string]: unknown;
}

export interface BatchAnswer {
  readonly results: readonly BatchItemResult[];
  readonly accepted: number;
  readonly replayed: number;
  readonly refused: number;
  readonly invalid: number;
  /** Token of the last write: a read with it sees the whole batch. */
  readonly token?: string;
}

export class RecordBatch extends Command<BatchAnswer> {
  constructor(
    readonly items: readonly unknown[],
    readonly principal: Principal,
    readonly correlationId: string,
  ) {
    super();
  }
}

/**
 * `write` is there for items whose customer only the checked item tells. The others are checked when their turn comes:
 * what waits is copied by the collector, and a checked item is several times what was sent.
 */
interface WaitingItem {
  readonly index: number;
  readonly item: unknown;
  readonly write: CustomerWrite | undefined;
}

const LARGEST_ITEM_BYTES = 64 * 1_024;
const ITEM_CLASSES: ReadonlyMap<string, { readonly route: CommandRoute; readonly dto: DtoClass }> = new Map(
  [...ROUTE_OF_COMMAND].map(([command, route]) => [
    command,
    { route: { ...route, path: '' }, dto: itemDto(route) },
  ]),
);

/**
 * Customers of one batch whose commands are under way at a time: enough to share a disk flush, few enough that what is
 * under way dies young (the collector copies about what does not: a fifth of the time with all 1,000 of four batches,
 * 15 % with 256, 12.5 % with 64, before items waited unchecked; since then 128 are a tenth faster than 64 and 256).
 */
const SIDE_BY_SIDE = 128;

/** Carries out items that name their customer alike in order, others side by side. */
@CommandHandler(RecordBatch)
export class RecordBatchHandler implements ICommandHandler<RecordBatch> {
  constructor(
    @Inject(CustomerCommands) private readonly commands: CustomerCommands,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async execute({ items, principal, correlationId }: RecordBatch): Promise<BatchAnswer> {
    const results = new Array<BatchItemResult>(items.length);
    const queues = new Map<string, WaitingItem[]>();
    const invalidItem = (index: number, error: unknown): void => {
      results[index] = { index, status: 'invalid', problem: this.problem(error, correlationId, index) };
    };
    items.forEach((item, index) => {
      try {
        const named = namedCustomer(item, principal);
        const write = named ? undefined : this.writeOfItem(item, principal, correlationId);
        const owner = this.commands.queueKeyOf(named ?? write!);
        const queue = queues.get(owner);
        if (queue) queue.push({ index, item, write });
        else queues.set(owner, [{ index, item, write }]);
      } catch (error) {
        invalidItem(index, error);
      }
    });
    let last: bigint | undefined;
    let token: string | undefined;
    const seen = (outcome: WriteOutcome): void => {
      if (outcome.kind === 'possible' || outcome.token === undefined) return;
      const position = BigInt(outcome.token.slice(outcome.token.indexOf(':') + 1));
      if (last === undefined || position > last) [last, token] = [position, outcome.token];
    };
    const waiting = queues.values();
    const lane = async (): Promise<void> => {
      for (const queue of waiting)
        for (const { index, item, write: known } of queue) {
          let write: CustomerWrite;
          try {
            write = known ?? this.writeOfItem(item, principal, correlationId);
          } catch (error) {
            invalidItem(index, error);
            continue;
          }
          try {
            const outcome = await this.commands.carryOut(write);
            seen(outcome);
            results[index] = this.resultOf(index, outcome, correlationId);
          } catch (error) {
            results[index] = { index, status: 'refused', problem: this.problem(error, correlationId, index) };
          }
        }
    };
    await Promise.all(Array.from({ length: Math.min(SIDE_BY_SIDE, queues.size) }, lane));
    const count = { accepted: 0, replayed: 0, refused: 0, invalid: 0 };
    for (const result of results) count[result.status]++;
    return { results, ...count, ...(token === undefined ? {} : { token }) };
  }

  private writeOfItem(item: unknown, principal: Principal, correlationId: string): CustomerWrite {
    const values = (typeof item === 'object' && item !== null ? item : {}) as Record<string, unknown>;
    const known = typeof values['command'] === 'string' ? ITEM_CLASSES.get(values['command']) : undefined;
    if (!known)
      throw invalid('The item names no command.', [{ pointer: '/command', code: 'IS_IN', message: 'must be the name of a command' }]); // prettier-ignore
    if (!mayAccess(principal, known.route.access))
      throw new RapportError('FORBIDDEN', 'The roles and scopes of the token do not include this command.');
    if (isLarge(item))
      throw new RapportError('PAYLOAD_TOO_LARGE', `An item is larger than ${LARGEST_ITEM_BYTES} bytes.`);
    return writeOf(known.route, known.dto, item, {}, {
      principal,
      correlationId,
      idempotencyKey: values['idempotencyKey'] as string | undefined,
      ...(values['customer'] === undefined ? {} : { reference: values['customer'] as string }),
    }); // prettier-ignore
  }

  private resultOf(index: number, outcome: WriteOutcome, correlationId: string): BatchItemResult {
    switch (outcome.kind) {
      case 'recorded':
        return { index, status: outcome.replayed ? 'replayed' : 'accepted', ...recordedBody(outcome) };
      case 'possible':
        return { index, status: 'accepted', customerId: outcome.customerId, dryRun: true };
      case 'refused': {
        const error = refusalError(outcome.refusal, refusedMembers(outcome));
        return { index, status: 'refused', customerId: outcome.customerId, problem: this.problem(error, correlationId, index) }; // prettier-ignore
      }
    }
  }

  private problem(error: unknown, correlationId: string, index: number): Problem {
    const instance = `${correlationId}/${index}`;
    if (error instanceof RapportError) return problemOf(error, instance);
    this.logger.error({ err: error, requestId: instance }, 'batch item failed inside');
    return problemOf(new RapportError('INTERNAL', 'Something went wrong inside.'), instance);
  }
}

/** Whom an item concerns that says so itself: enough to put it in its place. */
function namedCustomer(item: unknown, principal: Principal): NamedCustomer | undefined {
  const { customer, sourceSystem } = (item ?? {}) as Record<string, unknown>;
  if (typeof customer !== 'string' || (sourceSystem !== undefined && typeof sourceSystem !== 'string'))
    return undefined;
  return { reference: customer, sourceSystem, principal };
}

/** True for an item beyond the limit. A character takes at most three bytes, so most are not measured exactly. */
function isLarge(item: unknown): boolean {
  const text = JSON.stringify(item) ?? '';
  return text.length * 3 > LARGEST_ITEM_BYTES && Buffer.byteLength(text) > LARGEST_ITEM_BYTES;
}
