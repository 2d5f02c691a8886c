import { GROUP_CODES } from '@rapport/contracts';
import type { Refusal } from '@rapport/contracts';
import type { CustomerCommandOf, ImplicitRegistration } from '../customer.commands.js';
import { dataOf } from '../command-data.js';
import type { Draft } from '../draft.js';
import { capped } from '../occurrence.js';
import type { SliceEvolvers } from '../occurrence.js';
import { refuse } from '../refuse.js';

// Events: CustomerRegistered, CustomerDetailsCorrected, IdentifierAdded, IdentifierRemoved, CustomerGrouped,
// AccountManagerAssigned, AccountManagerReleased, NeedLevelAssessed, ProfileFactRecorded, PreferenceSet, PartyLinked, CustomerErased.

export interface ProfileState {
  readonly registered: boolean;
  readonly erased: boolean;
  readonly roles: readonly string[];
  readonly groupCode: string | null;
  readonly managerId: string | null;
  /** 1 utility … 6 co-creation; null = never assessed. */
  readonly needLevel: number | null;
  /** How many identifiers of each type are known; the values stay in the log as tokens. */
  readonly identifiers: Readonly<Record<string, number>>;
  /** `<otherCustomerId>/<role>` of the latest links. */
  readonly links: readonly string[];
}

export const initialProfile: ProfileState = {
  registered: false,
  erased: false,
  roles: [],
  groupCode: null,
  managerId: null,
  needLevel: null,
  identifiers: {},
  links: [],
};

/** Enough to notice a link recorded twice; older ones are in the log. */
const LINKS_KEPT = 50;

export const profileEvolvers: SliceEvolvers<ProfileState> = {
  CustomerRegistered: (profile, data) => ({
    ...profile,
    registered: true,
    roles: [...data.roles],
    groupCode: data.groupCode ?? profile.groupCode,
    identifiers: data.identifiers.reduce<Record<string, number>>(
      (counts, { type }) => ({ ...counts, [type]: (counts[type] ?? 0) + 1 }),
      {},
    ),
  }),
  IdentifierAdded: (profile, data) => ({
    ...profile,
    identifiers: { ...profile.identifiers, [data.type]: (profile.identifiers[data.type] ?? 0) + 1 },
  }),
  IdentifierRemoved: (profile, data) => ({
    ...profile,
    identifiers: {
      ...profile.identifiers,
      [data.type]: Math.max(0, (profile.identifiers[data.type] ?? 0) - 1),
    },
  }),
  CustomerGrouped: (profile, data) => ({ ...profile, groupCode: data.groupCode }),
  AccountManagerAssigned: (profile, data) => ({ ...profile, managerId: data.managerId }),
  AccountManagerReleased: (profile) => ({ ...profile, managerId: null }),
  NeedLevelAssessed: (profile, data) => ({ ...profile, needLevel: data.level }),
  PartyLinked: (profile, data) => ({
    ...profile,
    links: capped(profile.links, `${data.otherCustomerId}/${data.role}`, LINKS_KEPT),
  }),
  CustomerErased: (profile) => ({ ...profile, erased: true }),
};

/** True for a customer that is a company, so that one person's survey answer does not speak for it (guard G3). */
export const isOrganisation = (profile: ProfileState): boolean =>
  profile.groupCode === 'smallBusiness' || profile.groupCode === 'corporation';

type ProfileCommand = CustomerCommandOf<
  | 'RegisterCustomer'
  | 'CorrectCustomerDetails'
  | 'AddIdentifier'
  | 'RemoveIdentifier'
  | 'AssignCustomerGroup'
  | 'AssignAccountManager'
  | 'ReleaseAccountManager'
  | 'SetNeedLevel'
  | 'RecordProfileFact'
  | 'RecordPreference'
  | 'LinkParty'
  | 'EraseCustomer'
>;

/** Registers a customer that a fact made known: at contact, as a customer unless roles are given. */
export function registerImplicitly(draft: Draft, registration: ImplicitRegistration): void {
  draft.record('CustomerRegistered', {
    ...registration,
    roles: registration.roles ?? ['customer'],
    acquisitionChannel: draft.context.channel,
    implicit: true,
  });
}

/** ALREADY_REGISTERED, NOTHING_TO_DO, LAST_IDENTIFIER. */
export function decideProfile(draft: Draft, command: ProfileCommand): Refusal | undefined {
  const { profile } = draft.state;
  switch (command.type) {
    case 'RegisterCustomer':
      if (profile.registered) return refuse('ALREADY_REGISTERED', 'The customer is already registered.');
      draft.record('CustomerRegistered', {
        ...dataOf(command),
        acquisitionChannel: draft.context.channel,
      });
      return undefined;
    case 'CorrectCustomerDetails': {
      draft.record('CustomerDetailsCorrected', dataOf(command));
      // Details are personal, so the fold cannot read them; the group steers rules and is therefore also stated openly.
      const group = command.changes.find((change) => change.field === 'groupCode')?.value;
      const groupCode = GROUP_CODES.find((known) => known === group);
      if (groupCode && groupCode !== profile.groupCode) draft.record('CustomerGrouped', { groupCode });
      return undefined;
    }
    case 'AddIdentifier': {
      const { identifierType, ...data } = dataOf(command);
      draft.record('IdentifierAdded', { ...data, type: identifierType });
      return undefined;
    }
    case 'RemoveIdentifier': {
      const ofType = profile.identifiers[command.identifierType] ?? 0;
      const all = Object.values(profile.identifiers).reduce((sum, count) => sum + count, 0);
      if (ofType === 0)
        return refuse('NOTHING_TO_DO', `The customer has no identifier of type ${command.identifierType}.`);
      if (all === 1)
        return refuse('LAST_IDENTIFIER', 'The identifier is the last one by which the customer is known.');
      const { identifierType, ...data } = dataOf(command);
      draft.record('IdentifierRemoved', { ...data, type: identifierType });
      return undefined;
    }
    case 'AssignCustomerGroup':
      draft.record('CustomerGrouped', dataOf(command));
      return undefined;
    case 'AssignAccountManager':
      if (profile.managerId === command.managerId)
        return refuse('NOTHING_TO_DO', 'The account manager is already responsible for the customer.');
      draft.record('AccountManagerAssigned', {
        ...dataOf(command),
        ...(profile.managerId === null ? {} : { previousManagerId: profile.managerId }),
      });
      return undefined;
    case 'ReleaseAccountManager':
      if (profile.managerId !== command.managerId)
        return refuse('NOTHING_TO_DO', 'The account manager is not responsible for the customer.');
      draft.record('AccountManagerReleased', dataOf(command));
      return undefined;
    case 'SetNeedLevel':
      draft.record('NeedLevelAssessed', {
        ...dataOf(command),
        ...(profile.needLevel === null ? {} : { previousLevel: profile.needLevel }),
        assessorId: draft.context.actor.id,
      });
      return undefined;
    case 'RecordProfileFact':
      draft.record('ProfileFactRecorded', dataOf(command));
      return undefined;
    case 'RecordPreference':
      draft.record('PreferenceSet', dataOf(command));
      return undefined;
    case 'LinkParty':
      if (command.toDate !== undefined && command.toDate < command.fromDate)
        return refuse('DATES_OUT_OF_ORDER', 'The link would end before it begins.');
      if (profile.links.includes(`${command.otherCustomerId}/${command.role}`))
        return refuse('NOTHING_TO_DO', 'The other party already has this role.');
      draft.record('PartyLinked', dataOf(command));
      return undefined;
    case 'EraseCustomer':
      draft.record('CustomerErased', dataOf(command));
      return undefined;
    default:
      return command satisfies never;
  }
}
