import type { Refusal } from '@rapport/contracts';
import type { CustomerCommandType, CustomerRequest } from '../customer.commands.js';
import type { Draft } from '../draft.js';
import { capped } from '../occurrence.js';
import type { SliceEvolvers } from '../occurrence.js';
import type { IdentityStep } from './identity.commands.js';
import { refuse } from '../refuse.js';

// Events: CustomerHeldForMerge, CustomerSealed, CustomerAbsorbed, MergeHoldReleased, MembersReleased, CustomerUnsealed.
// A merge is decided on `identity-<survivorId>`; these are its steps on the streams of the customers.

export interface IdentityState {
  /** Merge that this customer will survive and that is not completed: nothing else is decided meanwhile. */
  readonly heldFor: string | null;
  /** Set while the customer is part of another one. */
  readonly sealed: { readonly into: string; readonly mergeId: string } | null;
  /** Customers that are part of this one, those that they had taken in included. */
  readonly members: readonly { readonly member: string; readonly mergeId: string }[];
  /** Customers this one was part of before, the latest last: commands sent meanwhile were recorded there. */
  readonly formerSurvivors: readonly string[];
}

export const initialIdentity: IdentityState = {
  heldFor: null,
  sealed: null,
  members: [],
  formerSurvivors: [],
};

const FORMER_KEPT = 20;

export const identityEvolvers: SliceEvolvers<IdentityState> = {
  CustomerHeldForMerge: (identity, { mergeId }) => ({ ...identity, heldFor: mergeId }),
  MergeHoldReleased: (identity) => ({ ...identity, heldFor: null }),
  CustomerSealed: (identity, { into, mergeId }) => ({ ...identity, sealed: { into, mergeId } }),
  CustomerUnsealed: (identity, { from }) => ({
    ...identity,
    sealed: null,
    formerSurvivors: capped(
      identity.formerSurvivors.filter((known) => known !== from),
      from,
      FORMER_KEPT,
    ),
  }),
  CustomerAbsorbed: (identity, { member, mergeId }) => ({
    ...identity,
    heldFor: null,
    members: [...identity.members, { member, mergeId }],
  }),
  MembersReleased: (identity, { mergeId }) => ({
    ...identity,
    members: identity.members.filter((known) => known.mergeId !== mergeId),
  }),
};

/** Steps of merges. They are no events of the relationship: no review falls due by them and no stage moves. */
export const IDENTITY_COMMANDS: ReadonlySet<CustomerCommandType> = new Set<IdentityStep['type']>([
  'HoldForMerge',
  'SealCustomer',
  'AbsorbCustomers',
  'ReleaseMergeHold',
  'ReleaseMembers',
  'UnsealCustomer',
]);

const takesPart = (identity: IdentityState, mergeId: string): boolean =>
  identity.members.some((known) => known.mergeId === mergeId);

/**
 * The customer a request for this one goes to: the survivor once this one is sealed. undefined when it is decided
 * here, which is also so for a request that came from a customer this one has not taken in yet.
 */
export function survivorFor(
  { identity }: { readonly identity: IdentityState },
  request: CustomerRequest,
): { readonly into: string; readonly mergeId: string } | undefined {
  if (identity.sealed === null || IDENTITY_COMMANDS.has(request.type)) return undefined;
  if (request.via !== undefined && !takesPart(identity, request.via)) return undefined;
  return identity.sealed;
}

/** MERGE_IN_PROGRESS for whatever is asked of a customer between the steps of a merge. */
export function betweenSteps(identity: IdentityState, request: CustomerRequest): Refusal | undefined {
  const isWaited = request.via !== undefined && !takesPart(identity, request.via);
  if (identity.heldFor === null && identity.sealed === null && !isWaited) return undefined;
  return inProgress();
}

const inProgress = (): Refusal =>
  refuse('MERGE_IN_PROGRESS', 'The customer is being merged or unmerged; this takes a moment.');
const merged = (): Refusal =>
  refuse('CUSTOMER_MERGED', 'The customer was merged into another one meanwhile; address that one.');

/** MERGE_IN_PROGRESS, CUSTOMER_MERGED, UNKNOWN_MERGE, NOTHING_TO_DO. */
export function decideIdentity(draft: Draft, command: IdentityStep): Refusal | undefined {
  const { identity } = draft.state;
  const { mergeId } = command;
  switch (command.type) {
    case 'HoldForMerge':
      if (identity.sealed !== null) return merged();
      if (identity.heldFor !== null) return inProgress();
      draft.record('CustomerHeldForMerge', { mergeId });
      return undefined;
    case 'SealCustomer':
      if (identity.sealed !== null) return merged();
      if (identity.heldFor !== null) return inProgress();
      if (identity.members.some(({ member }) => member === command.into)) return merged();
      draft.record('CustomerSealed', { mergeId, into: command.into });
      return undefined;
    case 'AbsorbCustomers':
      if (identity.heldFor !== mergeId) return inProgress();
      for (const member of command.members) draft.record('CustomerAbsorbed', { mergeId, ...member });
      return undefined;
    case 'ReleaseMergeHold':
      if (identity.heldFor !== mergeId) return refuse('NOTHING_TO_DO', 'The customer does not wait for this merge.'); // prettier-ignore
      draft.record('MergeHoldReleased', { mergeId });
      return undefined;
    case 'ReleaseMembers':
      if (identity.sealed !== null) return merged();
      if (identity.heldFor !== null) return inProgress();
      if (!takesPart(identity, mergeId)) return refuse('UNKNOWN_MERGE', 'The customer did not survive this merge.'); // prettier-ignore
      draft.record('MembersReleased', { mergeId });
      return undefined;
    case 'UnsealCustomer':
      if (identity.sealed?.mergeId !== mergeId) return refuse('NOTHING_TO_DO', 'The customer was not sealed by this merge.'); // prettier-ignore
      draft.record('CustomerUnsealed', { mergeId, from: identity.sealed.into });
      return undefined;
    default:
      return command satisfies never;
  }
}
