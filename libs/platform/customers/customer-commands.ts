import { parse } from 'uuid';
import { customerIdOfStream, customerStreamId, RapportError, uuidV5 } from '@rapport/contracts';
import { FACT_COMMANDS, type CustomerRequest } from '@rapport/domain';
import type { CommandHandler, CommandMoved, CommandOutcome } from '@rapport/event-store';
import type { Clock } from '@rapport/runtime';
import {
  parseReference,
  type CustomerReferences,
  type NamedIdentifier,
  type ResolvedCustomer,
} from './customer-references.js';
import type { CustomerWrite, NamedCustomer, WriteOutcome } from './customer-write.js';
import type { ReadReferences } from './named-references.js';
import { measured, type OnOutcome } from '../writes/measured-write.js';
import { commandKeyOf, envelopeOf, hashedPart, sourceSystemOf } from '../writes/write-envelope.js';

const FACTS: ReadonlySet<string> = new Set(FACT_COMMANDS);
/** Identifiers that name a customer best first: numbers that systems gave them. */
const NAMING_ORDER: readonly string[] = ['customerNo', 'crm'];
const SCOPED: ReadonlySet<string> = new Set(['customerNo', 'crm', 'cookie', 'device']);
/** Commands whose identifier belongs to the sending system unless they say otherwise. */
const IDENTIFIER_COMMANDS: ReadonlySet<string> = new Set(['AddIdentifier', 'RemoveIdentifier']);
/** Commands after which an identifier may lead to somebody else, or to nobody. */
const TAKES_IDENTIFIERS: ReadonlySet<string> = new Set(['RemoveIdentifier', 'EraseCustomer']);
/** A chain of merges is as long as somebody merged survivors; longer ones go round in a circle. */
const MOST_HOPS = 100;
const OWN_ID_NAMESPACE = parse('6f1f0f2e-3b0a-5d0c-9c0a-0d5a2f6f1b03');

export interface CustomerCommandsParts {
  readonly handler: CommandHandler<CustomerRequest>;
  readonly references: CustomerReferences;
  readonly clock: Clock;
  /** Keyed hash of a request. */
  readonly requestHash: (request: unknown) => string;
  /** Partition of the feed that a stream is in: part of the token of a write. */
  readonly partitionOf: (streamId: string) => number;
  /** Does the log know the customer? */
  readonly isKnown: (customerId: string) => Promise<boolean>;
  /** Was the person behind this id forgotten? */
  readonly isErased: (customerId: string) => Promise<boolean>;
  readonly readReferences: ReadReferences;
  readonly hasCarriedOut: (streamId: string, commandKey: string) => Promise<boolean>;
  readonly onOutcome?: OnOutcome;
}

/** Turns what callers ask for into commands on the customer's stream: whom it concerns, under which key, by whom. */
export class CustomerCommands {
  /** Writes being carried out, by stream and key: the same one again meanwhile is told to wait. */
  private readonly inFlight = new Set<string>();

  constructor(private readonly parts: CustomerCommandsParts) {}

  /**
   * Writes with equal keys concern the same customer and must be carried out one after the other: a registration and
   * what follows it under the same identifier share a key. Throws INVALID_VALUE.
   */
  queueKeyOf(write: CustomerWrite | NamedCustomer): string {
    const system = sourceSystemOf(write);
    const named =
      'fields' in write && write.reference === undefined
        ? { identifier: withSystem(namingIdentifier(write), system) }
        : parseReference(write.reference!, system);
    if ('customerId' in named) return named.customerId;
    const { sourceSystem, type, value } = named.identifier;
    return `${sourceSystem ?? ''}/${type}:${value}`;
  }

  /**
   * Carries out one write exactly once, however often it is sent with its key.
   * Throws INVALID_VALUE, CUSTOMER_NOT_FOUND, KEY_REUSED, IN_PROGRESS, STALE_PRECONDITION, OCCURRED_IN_FUTURE, CONFLICT,
   * OUTCOME_UNKNOWN, RATE_LIMITED, STORAGE_FULL, UNAVAILABLE.
   */
  carryOut(write: CustomerWrite): Promise<WriteOutcome> {
    const { clock, onOutcome } = this.parts;
    return measured(clock, onOutcome, write.command, () => this.carryOutOnce(write));
  }

  private async carryOutOnce(write: CustomerWrite): Promise<WriteOutcome> {
    const { handler, clock, requestHash } = this.parts;
    const sourceSystem = sourceSystemOf(write);
    const remembered = write.reference === undefined ? undefined : this.parts.references.remembered(write.reference, sourceSystem);
    const customer: ResolvedCustomer = remembered ? { customerId: remembered } : await this.customerOf(write, sourceSystem);
    const isFact = FACTS.has(write.command);
    // Where the index follows the log, somebody just registered may be in the log alone.
    if (customer.unknownIdentifier && !isFact && write.command !== 'RegisterCustomer' && !(await this.parts.isKnown(customer.customerId)))
      throw notFound();
    const streamId = customerStreamId(customer.customerId);
    const commandKey = commandKeyOf(write, sourceSystem);
    const flight = `${streamId} ${commandKey}`;
    if (this.inFlight.has(flight))
      throw new RapportError('IN_PROGRESS', 'The same request is being carried out.', { retryAfterS: 1 });
    this.inFlight.add(flight);
    try {
      const command = commandOf(write, sourceSystem, streamId, commandKey, isFact ? customer.unknownIdentifier : undefined);
      const referencesOf = (customerId: string) => this.parts.readReferences(command, customerId);
      const reading = referencesOf(customer.customerId);
      const request = {
        streamId,
        customerId: customer.customerId as string,
        commandKey,
        requestHash: requestHash(hashedPart(write)),
        command,
        references: reading instanceof Promise ? await reading : reading,
        envelope: envelopeOf(write, sourceSystem, clock.nowMs()),
        ...(write.dryRun ? { dryRun: true } : {}),
        ...(write.mayWrite === undefined ? {} : { mayWrite: write.mayWrite }),
        ...(write.ifRevision === undefined ? {} : { ifRevision: write.ifRevision }),
      };
      for (let hops = 0; hops < MOST_HOPS; hops++) {
        const outcome = await handler.handle(request);
        if (outcome.kind !== 'moved')
          return outcomeOf(request.customerId, outcome, this.parts.partitionOf(request.streamId));
        // Merged into another customer: that one goes on, and says whether it has taken this one in.
        const { streamId: into, joinId } = outcome.to;
        request.streamId = into;
        request.customerId = customerIdOfStream(into)!;
        request.command = { ...request.command, via: joinId };
        request.references = await referencesOf(request.customerId);
      }
      throw new RapportError('MERGE_IN_PROGRESS', 'The customer is being merged or unmerged.', { retryAfterS: 1 });
    } finally {
      this.inFlight.delete(flight);
      if (TAKES_IDENTIFIERS.has(write.command)) this.parts.references.forget();
    }
  } // prettier-ignore

  private async customerOf(write: CustomerWrite, sourceSystem: string): Promise<ResolvedCustomer> {
    const { references } = this.parts;
    if (write.reference !== undefined) return references.resolve(write.reference, sourceSystem);
    const named = withSystem(namingIdentifier(write), sourceSystem);
    const known = await references.customerWith(named);
    return { customerId: known ? (known as ResolvedCustomer['customerId']) : await this.newId(named, write, sourceSystem) };
  } // prettier-ignore

  /**
   * The id of somebody who registers. Who was erased and comes back under the same identifier is somebody new: a
   * registration that was carried out before stays what it was, a fact that comes late makes nobody.
   */
  private async newId(
    named: NamedIdentifier,
    write: CustomerWrite,
    sourceSystem: string,
  ): Promise<ResolvedCustomer['customerId']> {
    const { references, isErased, hasCarriedOut } = this.parts;
    for (let life = 1; ; life++) {
      const customerId = references.derivedId(named, life);
      if (!(await isErased(customerId))) return customerId;
      if (await hasCarriedOut(customerStreamId(customerId), commandKeyOf(write, sourceSystem)))
        return customerId;
    }
  }
}

const notFound = (): RapportError =>
  new RapportError('CUSTOMER_NOT_FOUND', 'Nobody is known under this id or identifier.');

/** The identifier a registration is filed under: a number of a system before an e-mail address. */
function namingIdentifier(write: CustomerWrite): NamedIdentifier {
  const identifiers = write.fields['identifiers'] as readonly NamedIdentifier[];
  for (const type of NAMING_ORDER) {
    const named = identifiers.find((identifier) => identifier.type === type);
    if (named) return named;
  }
  return identifiers[0]!;
}

const withSystem = <T extends { readonly type: string; readonly sourceSystem?: string }>(
  identifier: T,
  sourceSystem: string,
): T => (SCOPED.has(identifier.type) && identifier.sourceSystem === undefined ? { ...identifier, sourceSystem } : identifier); // prettier-ignore

function commandOf(
  write: CustomerWrite,
  sourceSystem: string,
  streamId: string,
  commandKey: string,
  registerUnder: NamedIdentifier | undefined,
): CustomerRequest {
  const command: Record<string, unknown> = { type: write.command, ...write.fields };
  if (write.ownId !== undefined && command[write.ownId] === undefined)
    command[write.ownId] = uuidV5(JSON.stringify([streamId, commandKey, write.ownId]), OWN_ID_NAMESPACE);
  if (write.command === 'RegisterCustomer')
    command['identifiers'] = (write.fields['identifiers'] as NamedIdentifier[]).map((one) => withSystem(one, sourceSystem)); // prettier-ignore
  if (IDENTIFIER_COMMANDS.has(write.command))
    Object.assign(
      command,
      systemOf(command as { identifierType: string; sourceSystem?: string }, sourceSystem),
    );
  if (registerUnder) command['registerFirst'] = { identifiers: [registerUnder] };
  return command as unknown as CustomerRequest;
}

const systemOf = (identifier: { readonly identifierType: string; readonly sourceSystem?: string }, sourceSystem: string) =>
  SCOPED.has(identifier.identifierType) && identifier.sourceSystem === undefined ? { sourceSystem } : {}; // prettier-ignore

function outcomeOf(
  customerId: string,
  outcome: Exclude<CommandOutcome, CommandMoved>,
  partition: number,
): WriteOutcome {
  switch (outcome.kind) {
    case 'accepted':
      return {
        kind: 'recorded',
        customerId,
        eventIds: outcome.eventIds,
        revision: outcome.revision,
        token: `${partition}:${outcome.position}`,
        replayed: outcome.replayed,
      };
    case 'wouldBeAccepted':
      return { kind: 'possible', customerId, eventTypes: outcome.eventTypes };
    case 'refused':
      if (outcome.refusal.code === 'NOT_REGISTERED' && outcome.revision < 0n) throw notFound();
      return {
        kind: 'refused',
        customerId,
        refusal: outcome.refusal,
        eventIds: outcome.eventIds ?? [],
        ...(outcome.position > 0n ? { token: `${partition}:${outcome.position}` } : {}),
        replayed: outcome.replayed,
      };
  }
}
