import { parse } from 'uuid';
import { uuidV5, type Refusal } from '@rapport/contracts';
import { createCommandHandler, type CommandHandler, type CommandHandlerParts } from '@rapport/event-store';
import type { RuleBook } from '@rapport/domain';
import { measured, type OnOutcome } from '../writes/measured-write.js';
import { commandKeyOf, envelopeOf, hashedPart, sourceSystemOf, type WriteEnvelope } from '../writes/write-envelope.js'; // prettier-ignore
import type { AnyAggregate } from './aggregate.js';
import type { AggregateReader } from './aggregate-reader.js';

const OWN_ID_NAMESPACE = parse('6f1f0f2e-3b0a-5d0c-9c0a-0d5a2f6f1b04');

/** What a caller asks to be recorded about a product, a campaign …; checked for shape already. */
export interface AggregateWrite extends WriteEnvelope {
  /** Stream category: `product`. */
  readonly category: string;
  readonly command: string;
  /** Fields of the command; the one that names the instance is derived from the command key when absent. */
  readonly fields: Readonly<Record<string, unknown>>;
}

interface Written {
  readonly category: string;
  readonly idField: string;
  /** Id of the instance. */
  readonly id: string;
}
/** What became of a write. */
export type AggregateOutcome = Written &
  (
    | {
        readonly kind: 'recorded';
        readonly eventIds: readonly string[];
        readonly revision: bigint;
        /** Read-your-writes token: `<partition>:<position>`. */
        readonly token: string;
        readonly replayed: boolean;
      }
    | { readonly kind: 'possible'; readonly eventTypes: readonly string[] }
    | { readonly kind: 'refused'; readonly refusal: Refusal; readonly replayed: boolean }
  );

export interface AggregateCommandsParts extends Omit<
  CommandHandlerParts<unknown, unknown, RuleBook>,
  'decider' | 'businessClockMs' | 'maxHotStates'
> {
  readonly aggregates: readonly AnyAggregate[];
  readonly reader: AggregateReader;
  readonly requestHash: (request: unknown) => string;
  /** Partition of the feed that a stream is in: part of the token of a write. */
  readonly partitionOf: (streamId: string) => number;
  /** Awaited before a recorded command is answered. */
  readonly onRecorded?: (category: string) => Promise<void>;
  readonly onOutcome?: OnOutcome;
}

interface Served {
  readonly aggregate: AnyAggregate;
  readonly handler: CommandHandler<unknown>;
}

/** Carries out commands on every aggregate besides the customer: each exactly once, however often it is sent with its key. */
export class AggregateCommands {
  private readonly served: ReadonlyMap<string, Served>;

  constructor(private readonly parts: AggregateCommandsParts) {
    this.served = new Map(
      parts.aggregates.map((aggregate) => [
        aggregate.decider.category,
        {
          aggregate,
          handler: createCommandHandler<unknown, unknown, RuleBook>({
            ...parts,
            decider: aggregate.decider,
            // Nothing here is late: these streams are no histories of what happened to somebody.
            businessClockMs: () => Number.NEGATIVE_INFINITY,
          }),
        },
      ]),
    );
  }

  /**
   * Throws KEY_REUSED, STALE_PRECONDITION, OCCURRED_IN_FUTURE, CONFLICT, OUTCOME_UNKNOWN, RATE_LIMITED, INVALID_VALUE,
   * PAYLOAD_TOO_LARGE, STORAGE_FULL, UNAVAILABLE.
   */
  carryOut(write: AggregateWrite): Promise<AggregateOutcome> {
    const { clock, onOutcome } = this.parts;
    return measured(clock, onOutcome, write.command, () => this.carryOutOnce(write));
  }

  private async carryOutOnce(write: AggregateWrite): Promise<AggregateOutcome> {
    const served = this.served.get(write.category);
    if (!served) throw new Error(`no aggregate ${write.category}`);
    const { category } = write;
    const { idField } = served.aggregate;
    const sourceSystem = sourceSystemOf(write);
    const commandKey = commandKeyOf(write, sourceSystem);
    const id =
      (write.fields[idField] as string | undefined) ??
      uuidV5(JSON.stringify([category, commandKey]), OWN_ID_NAMESPACE);
    const streamId = `${category}-${id}`;
    const writing = served.handler.handle({
      streamId,
      commandKey,
      requestHash: this.parts.requestHash(hashedPart(write)),
      command: { type: write.command, ...write.fields, [idField]: id },
      envelope: envelopeOf(write, sourceSystem, this.parts.clock.nowMs()),
      ...(write.dryRun ? { dryRun: true } : {}),
      ...(write.ifRevision === undefined ? {} : { ifRevision: write.ifRevision }),
    });
    // Also after a failure: whether it was stored may be unknown.
    const outcome = await writing.finally(() => this.parts.reader.forget(category, id));
    const written: Written = { category, idField, id };
    switch (outcome.kind) {
      case 'accepted':
        await this.parts.onRecorded?.(category);
        return {
          ...written,
          kind: 'recorded',
          eventIds: outcome.eventIds,
          revision: outcome.revision,
          token: `${this.parts.partitionOf(streamId)}:${outcome.position}`,
          replayed: outcome.replayed,
        };
      case 'moved':
        throw new Error(`${category} streams do not join`);
      case 'wouldBeAccepted':
        return { ...written, kind: 'possible', eventTypes: outcome.eventTypes };
      case 'refused':
        return { ...written, kind: 'refused', refusal: outcome.refusal, replayed: outcome.replayed };
    }
  }
}
