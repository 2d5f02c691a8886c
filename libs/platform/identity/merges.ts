import { parse } from 'uuid';
import {
  customerStreamId, epochMsOf, RapportError, uuidV5, type CustomersMerged, type DataOf, type MatchProposed, type MergeAbandoned,
  type RecordedEvent, type Refusal,
} from '@rapport/contracts'; // prettier-ignore
import { identityDecider, type ClusterState, type CustomerRequest, type IdentityCommand, type MergeState } from '@rapport/domain'; // prettier-ignore
import type { CommandEnvelope, CommandHandler, CommandOutcome, EventStore } from '@rapport/event-store';
import type { Clock } from '@rapport/runtime';
import type { CustomerReferences } from '../customers/customer-references.js';
import { commandKeyOf, envelopeOf, sourceSystemOf, type WriteEnvelope } from '../writes/write-envelope.js';

export type MatchRule = DataOf<typeof CustomersMerged>['matchRule'];
export type ChosenField = NonNullable<DataOf<typeof CustomersMerged>['fieldChoices']>[number]['field'];

export interface MergeWrite extends WriteEnvelope {
  /** Customer that goes on, by id or identifier. */
  readonly survivor: string;
  readonly members: readonly string[];
  readonly matchRule: MatchRule;
  /** Whose value of a field counts, by id or identifier; not named: the latest. */
  readonly fieldChoices?: readonly { readonly field: ChosenField; readonly from: string }[];
  readonly reasonCode?: string;
}
export interface UnmergeWrite extends WriteEnvelope {
  readonly survivor: string;
  /** The merge meant; default the latest. */
  readonly mergeId?: string;
  readonly reasonCode: string;
}
export interface MatchWrite extends WriteEnvelope {
  readonly customers: readonly [string, string];
}

/** What became of a merge, an unmerge or a match. */
export type IdentityOutcome =
  | {
      readonly kind: 'recorded';
      /** Customer that goes on, or went on. */
      readonly customerId: string;
      readonly mergeId?: string;
      readonly memberIds: readonly string[];
      readonly eventIds: readonly string[];
      /** Read-your-writes tokens: one for each customer concerned. */
      readonly tokens: readonly string[];
      readonly replayed: boolean;
    }
  | { readonly kind: 'possible'; readonly customerId: string; readonly memberIds: readonly string[] }
  | { readonly kind: 'refused'; readonly customerId: string; readonly refusal: Refusal };

export interface MergesParts {
  readonly customers: CommandHandler<CustomerRequest>;
  readonly identity: CommandHandler<IdentityCommand>;
  readonly events: Pick<EventStore, 'readStream'>;
  readonly references: Pick<CustomerReferences, 'resolve' | 'forget'>;
  readonly clock: Clock;
  readonly requestHash: (request: unknown) => string;
  readonly hasCarriedOut: (streamId: string, commandKey: string) => Promise<boolean>;
  readonly partitionOf: (streamId: string) => number;
}

const ID_NAMESPACE = parse('6f1f0f2e-3b0a-5d0c-9c0a-0d5a2f6f1b05');
const identityStreamId = (id: string): string => `identity-${id}`;
/** Id under which is kept what was found of two customers, whichever is named first. */
export const matchIdOf = (a: string, b: string): string =>
  uuidV5(JSON.stringify(['match', ...[a, b].sort()]), ID_NAMESPACE);

const ABANDONED = 'One of the customers changed while they were being merged; nothing was merged.';

/** Whether this process still has the right to carry merges out; asked in every write. Absent: nobody else has it. */
type MayWrite = () => Promise<boolean>;

/** A merge and who decided it: what its steps are made from, whoever carries them out. */
interface Decided {
  readonly merge: MergeState;
  readonly envelope: CommandEnvelope;
  readonly mayWrite?: MayWrite;
}

/**
 * Merging and unmerging customers: a decision on `identity-<survivorId>` and then one step on each customer's stream.
 * Every step is a command whose key follows from the merge, so a process that dies anywhere is taken up again by
 * `resume`, here or elsewhere, and a step carried out twice counts once.
 *
 * merge: hold the survivor → seal each member → the survivor takes them in → completed. A step that is refused, because
 * somebody merged or erased one of them meanwhile, abandons the merge: what was sealed is unsealed, the hold released.
 * unmerge: the survivor lets the members go → unseal each → completed.
 */
export class Merges {
  constructor(private readonly parts: MergesParts) {}

  /** Throws INVALID_VALUE, CUSTOMER_NOT_FOUND, KEY_REUSED, CONFLICT, OUTCOME_UNKNOWN, RATE_LIMITED, UNAVAILABLE. */
  async merge(write: MergeWrite): Promise<IdentityOutcome> {
    const sourceSystem = sourceSystemOf(write);
    const commandKey = commandKeyOf(write, sourceSystem);
    const survivorId = await this.currentOf(await this.idOf(write.survivor, sourceSystem));
    const named = await Promise.all(write.members.map((member) => this.idOf(member, sourceSystem)));
    // Who is part of the survivor already keeps the own name: the decision says that they are one, or answers as before.
    const mergedIds = await Promise.all(
      named.map(async (id) => {
        const current = await this.currentOf(id);
        return current === survivorId ? id : current;
      }),
    );
    const fieldChoices = await this.choicesOf(write, survivorId, named, mergedIds, sourceSystem);
    const streamId = identityStreamId(survivorId);
    const mergeId = uuidV5(JSON.stringify(['merge', streamId, commandKey]), ID_NAMESPACE);
    const envelope = envelopeOf(write, sourceSystem, this.parts.clock.nowMs());
    const command: IdentityCommand = {
      type: 'MergeCustomers',
      mergeId,
      survivorId,
      mergedIds,
      matchRule: write.matchRule,
      ...(fieldChoices.length > 0 ? { fieldChoices } : {}),
      ...(write.reasonCode === undefined ? {} : { reasonCode: write.reasonCode }),
    };
    if (!(await this.parts.hasCarriedOut(streamId, commandKey))) {
      const refusal = await this.whyNot({ ...command, status: 'merging', eventId: '' }, envelope);
      if (refusal) return { kind: 'refused', customerId: survivorId, refusal };
    }
    const { occurredAt: _now, principal: _who, correlationId: _thread, dryRun: _dry, ...asked } = write;
    const decision = await this.decide(streamId, commandKey, command, envelope, asked, write.dryRun);
    if (decision.kind === 'refused') return { ...decision, customerId: survivorId };
    if (decision.kind === 'wouldBeAccepted') return { kind: 'possible', customerId: survivorId, memberIds: mergedIds }; // prettier-ignore
    await this.continue(survivorId);
    this.parts.references.forget();
    const refusal = (await this.clusterOf(survivorId)).abandoned.get(mergeId);
    if (refusal !== undefined) return { kind: 'refused', customerId: survivorId, refusal };
    const { eventIds, replayed } = decision;
    return { kind: 'recorded', customerId: survivorId, mergeId, memberIds: mergedIds, eventIds, replayed, tokens: await this.tokensOf([survivorId, ...mergedIds]) }; // prettier-ignore
  } // prettier-ignore

  /** Takes the latest merge of a survivor back. Throws as `merge`. */
  async unmerge(write: UnmergeWrite): Promise<IdentityOutcome> {
    const sourceSystem = sourceSystemOf(write);
    const survivorId = await this.idOf(write.survivor, sourceSystem);
    const streamId = identityStreamId(survivorId);
    const commandKey = commandKeyOf(write, sourceSystem);
    const envelope = envelopeOf(write, sourceSystem, this.parts.clock.nowMs());
    const { merges } = await this.clusterOf(survivorId);
    const latest = merges.at(-1);
    if (latest !== undefined && !(await this.parts.hasCarriedOut(streamId, commandKey))) {
      const release = { type: 'ReleaseMembers', mergeId: latest.mergeId } as const;
      const outcome = await this.step({ merge: latest, envelope }, survivorId, 'release', release, true);
      if (outcome.kind === 'refused' && latest.status === 'merged')
        return { kind: 'refused', customerId: survivorId, refusal: outcome.refusal };
    }
    const { survivor, mergeId, reasonCode } = write;
    const command: IdentityCommand = { type: 'UnmergeCustomers', reasonCode, ...(mergeId === undefined ? {} : { mergeId }) }; // prettier-ignore
    const decision = await this.decide(streamId, commandKey, command, envelope, { survivor, mergeId, reasonCode }, write.dryRun); // prettier-ignore
    if (decision.kind === 'refused') return { ...decision, customerId: survivorId };
    const memberIds = latest?.mergedIds ?? [];
    if (decision.kind === 'wouldBeAccepted') return { kind: 'possible', customerId: survivorId, memberIds };
    const ended = await this.continue(survivorId);
    this.parts.references.forget();
    if (ended !== undefined) return { kind: 'refused', customerId: survivorId, refusal: ended };
    const { eventIds, replayed } = decision;
    return { kind: 'recorded', customerId: survivorId, ...(latest ? { mergeId: latest.mergeId } : {}), memberIds, eventIds, replayed, tokens: await this.tokensOf([survivorId, ...memberIds]) }; // prettier-ignore
  } // prettier-ignore

  /** Puts two customers into the queue of matches to decide. Throws as `merge`. */
  async propose(
    write: MatchWrite & Pick<DataOf<typeof MatchProposed>, 'rules' | 'scorePct'>,
  ): Promise<IdentityOutcome> {
    const { rules, scorePct } = write;
    return this.ofPair(write, (customerIds) => ({ type: 'ProposeMatch', customerIds, rules, scorePct }), {
      rules,
      scorePct,
    });
  }

  /** Says that two customers are two. Throws as `merge`. */
  async reject(write: MatchWrite & { readonly reasonCode: string }): Promise<IdentityOutcome> {
    const { reasonCode } = write;
    return this.ofPair(write, (customerIds) => ({ type: 'RejectMatch', customerIds, reasonCode }), {
      reasonCode,
    });
  }

  /**
   * Carries out what is left of the merges and unmerges of a survivor. Answers why it was given up, if it was.
   * Throws STALE_PRECONDITION (by `mayWrite`), CONFLICT, OUTCOME_UNKNOWN, RATE_LIMITED, UNAVAILABLE: to be called again.
   */
  async continue(survivorId: string, mayWrite?: MayWrite): Promise<Refusal | undefined> {
    const streamId = identityStreamId(survivorId);
    let refusal: Refusal | undefined;
    for (;;) {
      const { merges, decisions } = await this.clusterOf(survivorId);
      const merge = merges.at(-1);
      if (merge === undefined || merge.status === 'merged') return refusal;
      const decided: Decided = { merge, envelope: envelopeOfEvent(decisions.get(merge.mergeId)!), mayWrite };
      const record = async (name: string, command: IdentityCommand): Promise<void> => {
        const key = `merge:${merge.mergeId}:${name}`;
        await this.decide(streamId, key, command, decided.envelope, key, false, mayWrite);
      };
      const { mergeId } = merge;
      switch (merge.status) {
        case 'merging':
          refusal = await this.takeIn(decided);
          if (refusal) await record('abandon', { type: 'AbandonMerge', mergeId, reasonCode: refusal.code });
          else {
            await this.acceptMatches(decided);
            await record('complete', { type: 'CompleteMerge', mergeId });
          }
          break;
        case 'abandoned':
          await this.unseal(decided, 'abandoned');
          await this.step(decided, merge.survivorId, 'releaseHold', { type: 'ReleaseMergeHold', mergeId }); // prettier-ignore
          await record('abandoned', { type: 'CompleteUnmerge', mergeId });
          break;
        case 'unmerging': {
          const release = { type: 'ReleaseMembers', mergeId } as const;
          const outcome = await this.step(decided, merge.survivorId, 'release', release);
          if (outcome.kind === 'refused') {
            refusal = outcome.refusal;
            const attempt = decisions.get(`${mergeId} unmerge`)!.eventId;
            await record(`keep ${attempt}`, { type: 'AbandonUnmerge', mergeId, reasonCode: refusal.code });
          } else {
            await this.unseal(decided, 'unmerged');
            await record('unmerged', { type: 'CompleteUnmerge', mergeId });
          }
        }
      }
    }
  }

  /** Customers meant by references. Throws INVALID_VALUE, CUSTOMER_NOT_FOUND. */
  idsOf(references: readonly string[], write: WriteEnvelope): Promise<string[]> {
    return Promise.all(references.map((reference) => this.idOf(reference, sourceSystemOf(write))));
  }

  /** Customer that goes on for this one: itself unless it was merged. */
  async currentOf(customerId: string): Promise<string> {
    return (await survivorsOf(this.parts.events, customerId)).at(-1) ?? customerId;
  }

  /** What deciding knows of the merges of a survivor, and the events of the decisions by merge. */
  async clusterOf(survivorId: string): Promise<
    ClusterState & {
      readonly decisions: ReadonlyMap<string, RecordedEvent>;
      /** Why merges were given up. */
      readonly abandoned: ReadonlyMap<string, Refusal>;
    }
  > {
    const events = await this.parts.events.readStream(identityStreamId(survivorId));
    const decisions = new Map<string, RecordedEvent>();
    const abandoned = new Map<string, Refusal>();
    for (const event of events) {
      const { mergeId } = event.data as { mergeId?: string };
      if (event.type === 'CustomersMerged') decisions.set(mergeId!, event);
      if (event.type === 'MergeAbandoned') {
        const { reasonCode } = event.data as DataOf<typeof MergeAbandoned>;
        abandoned.set(mergeId!, { code: reasonCode, sentence: ABANDONED, wayOut: [] });
      }
      if (event.type === 'CustomersUnmerged') decisions.set(`${mergeId!} unmerge`, event);
    }
    return { ...events.reduce(identityDecider.evolve, identityDecider.initialState()), decisions, abandoned };
  }

  /** Hold, seal, take in. Answers why a step was refused. */
  private async takeIn(decided: Decided): Promise<Refusal | undefined> {
    const { merge } = decided;
    const { mergeId, survivorId, mergedIds } = merge;
    const held = await this.step(decided, survivorId, 'hold', { type: 'HoldForMerge', mergeId });
    if (held.kind === 'refused') return held.refusal;
    const members = [];
    for (const member of mergedIds) {
      const sealed = await this.step(decided, member, 'seal', { type: 'SealCustomer', mergeId, into: survivorId }); // prettier-ignore
      if (sealed.kind === 'refused') return sealed.refusal;
      if (sealed.kind !== 'accepted') throw new Error('a seal is recorded or refused');
      members.push({ member, atRevision: Number(sealed.revision), ...keptOf(merge, member) });
    }
    const taken = await this.step(decided, survivorId, 'absorb', { type: 'AbsorbCustomers', mergeId, members }); // prettier-ignore
    return taken.kind === 'refused' ? taken.refusal : undefined;
  }

  private async unseal(decided: Decided, why: string): Promise<void> {
    const { mergeId, mergedIds } = decided.merge;
    for (const member of mergedIds)
      await this.step(decided, member, `unseal ${why}`, { type: 'UnsealCustomer', mergeId });
  }

  /** Takes the pairs out of the queue of matches. */
  private async acceptMatches({ merge, envelope, mayWrite }: Decided): Promise<void> {
    const { mergeId, survivorId, mergedIds } = merge;
    for (const member of mergedIds) {
      const streamId = identityStreamId(matchIdOf(survivorId, member));
      const known = await this.parts.events.readStream(streamId, { maxCount: 1 });
      if (known.length === 0) continue;
      const customerIds = [survivorId, member].sort() as [string, string];
      const key = `merge:${mergeId}:accept`;
      await this.decide(streamId, key, { type: 'AcceptMatch', customerIds, mergeId }, envelope, key, false, mayWrite); // prettier-ignore
    }
  }

  /** Would a step be refused as things stand? The decision itself comes after, and its steps may still be refused. */
  private async whyNot(merge: MergeState, envelope: CommandEnvelope): Promise<Refusal | undefined> {
    const { mergeId, survivorId, mergedIds } = merge;
    const decided: Decided = { merge, envelope };
    const held = await this.step(decided, survivorId, 'hold', { type: 'HoldForMerge', mergeId }, true);
    if (held.kind === 'refused') return held.refusal;
    for (const member of mergedIds) {
      if ((await this.currentOf(member)) === survivorId) continue;
      const sealed = await this.step(decided, member, 'seal', { type: 'SealCustomer', mergeId, into: survivorId }, true); // prettier-ignore
      if (sealed.kind === 'refused') return sealed.refusal;
    }
    return undefined;
  }

  private step(
    { merge: { mergeId }, envelope, mayWrite }: Decided,
    customerId: string,
    name: string,
    command: CustomerRequest,
    dryRun = false,
  ): Promise<CommandOutcome> {
    return this.parts.customers.handle({
      streamId: customerStreamId(customerId),
      customerId,
      commandKey: `merge:${mergeId}:${name}`,
      requestHash: this.parts.requestHash([mergeId, name]),
      command,
      envelope,
      ...(dryRun ? { dryRun } : {}),
      ...(mayWrite ? { mayWrite } : {}),
    });
  }

  private async decide(
    streamId: string,
    commandKey: string,
    command: IdentityCommand,
    envelope: CommandEnvelope,
    asked: unknown,
    dryRun = false,
    mayWrite?: MayWrite,
  ): Promise<Exclude<CommandOutcome, { kind: 'moved' }>> {
    const outcome = await this.parts.identity.handle({
      streamId,
      commandKey,
      requestHash: this.parts.requestHash([command.type, asked]),
      command,
      envelope,
      ...(dryRun ? { dryRun } : {}),
      ...(mayWrite ? { mayWrite } : {}),
    });
    if (outcome.kind === 'moved') throw new Error('identity streams do not join');
    return outcome;
  }

  private async ofPair(
    write: MatchWrite,
    commandOf: (customerIds: [string, string]) => IdentityCommand,
    asked: unknown,
  ): Promise<IdentityOutcome> {
    const sourceSystem = sourceSystemOf(write);
    const ids = (await Promise.all(write.customers.map((one) => this.idOf(one, sourceSystem)))).sort();
    const [first, second] = ids as [string, string];
    const streamId = identityStreamId(matchIdOf(first, second));
    const key = commandKeyOf(write, sourceSystem);
    const envelope = envelopeOf(write, sourceSystem, this.parts.clock.nowMs());
    const outcome = await this.decide(streamId, key, commandOf([first, second]), envelope, asked, write.dryRun); // prettier-ignore
    switch (outcome.kind) {
      case 'refused':
        return { kind: 'refused', customerId: first, refusal: outcome.refusal };
      case 'wouldBeAccepted':
        return { kind: 'possible', customerId: first, memberIds: [second] };
      case 'accepted':
        return {
          kind: 'recorded',
          customerId: first,
          memberIds: [second],
          eventIds: outcome.eventIds,
          replayed: outcome.replayed,
          tokens: [`${this.parts.partitionOf(streamId)}:${outcome.position}`],
        };
    }
  }

  private async choicesOf(
    write: MergeWrite,
    survivorId: string,
    named: readonly string[],
    mergedIds: readonly string[],
    sourceSystem: string,
  ): Promise<{ field: ChosenField; from: string }[]> {
    return Promise.all(
      (write.fieldChoices ?? []).map(async ({ field, from }) => {
        const id = await this.idOf(from, sourceSystem);
        const at = named.indexOf(id);
        if (at >= 0) return { field, from: mergedIds[at]! };
        if (id === survivorId || (await this.currentOf(id)) === survivorId)
          return { field, from: survivorId };
        throw new RapportError(
          'INVALID_VALUE',
          'A field can only be taken from one of the customers merged.',
          {
            errors: [{ pointer: '/fieldChoices', code: 'IS_PART_OF_MERGE', message: 'must name the survivor or a member' }], // prettier-ignore
          },
        );
      }),
    );
  }

  private async idOf(reference: string, sourceSystem: string): Promise<string> {
    const { customerId, unknownIdentifier } = await this.parts.references.resolve(reference, sourceSystem);
    const isKnown = !unknownIdentifier && (await this.parts.events.readStream(customerStreamId(customerId), { maxCount: 1 })).length > 0; // prettier-ignore
    if (!isKnown)
      throw new RapportError('CUSTOMER_NOT_FOUND', 'Nobody is known under this id or identifier.');
    return customerId;
  }

  private async tokensOf(customerIds: readonly string[]): Promise<readonly string[]> {
    return Promise.all(
      customerIds.map(async (customerId) => {
        const streamId = customerStreamId(customerId);
        const [last] = await this.parts.events.readStream(streamId, { direction: 'backward', maxCount: 1 });
        return `${this.parts.partitionOf(streamId)}:${last?.position ?? 0n}`;
      }),
    );
  }
}

/** Whose value of each chosen field counts, as the event that takes a member in says it. */
function keptOf({ fieldChoices = [] }: MergeState, member: string) {
  const choices = fieldChoices.map(({ field, from }) => ({ field, keep: from === member ? ('member' as const) : ('survivor' as const) })); // prettier-ignore
  return choices.length > 0 ? { fieldChoices: choices } : {};
}

/** Steps are taken by whoever decided and when it was decided, however late they come. */
const envelopeOfEvent = ({ eventId, metadata }: RecordedEvent): CommandEnvelope => ({
  occurredAtMs: epochMsOf(metadata.occurredAt),
  channel: metadata.channel,
  actor: metadata.actor,
  sourceSystem: metadata.sourceSystem,
  correlationId: metadata.correlationId,
  causationId: eventId,
});

/** A chain of merges is as long as somebody merged survivors. */
const LONGEST_CHAIN = 100;

/** Customers that go on for this one, each for the one before; empty for a customer that was not merged. */
export async function survivorsOf(
  events: Pick<EventStore, 'readStream'>,
  customerId: string,
): Promise<readonly string[]> {
  const chain: string[] = [];
  for (let id = customerId; chain.length < LONGEST_CHAIN;) {
    const [last] = await events.readStream(customerStreamId(id), { direction: 'backward', maxCount: 1 });
    if (last?.type !== 'CustomerSealed') return chain;
    chain.push((id = (last.data as { into: string }).into));
  }
  return chain;
}
