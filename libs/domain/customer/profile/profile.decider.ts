import { GROUP_CODES, SPECIAL_FACT_CATEGORIES } from '@rapport/contracts';
import type { Refusal } from '@rapport/contracts';
import { consentFor } from '../consent/consent.decider.js';
import type { CustomerCommandOf, ImplicitRegistration } from '../customer.commands.js';
import { dataOf } from '../command-data.js';
import type { Draft } from '../draft.js';
import { refuse } from '../refuse.js';
import { linkOf } from './profile.state.js';
import { classify, designateStrategicAccount, releaseClass, setServiceLevel } from './standing.rules.js';
import { isWellFormedDetail, isWellFormedIdentifier } from './well-formed.js';

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
  | 'UnlinkParty'
  | 'ChangeRoles'
  | 'ClassifyCustomer'
  | 'ReleaseClassification'
  | 'SetServiceLevel'
  | 'DesignateStrategicAccount'
  | 'WithdrawStrategicAccount'
  | 'AppointDataSteward'
  | 'AssessDataQuality'
  | 'EraseCustomer'
>;

/** Registers a customer that a fact made known: at contact, as a customer unless roles are given. */
export function registerImplicitly(draft: Draft, registration: ImplicitRegistration): void {
  draft.record('CustomerRegistered', {
    ...registration,
    roles: registration.roles ?? ['customer'],
    acquisitionChannel: draft.context.channel,
    implicit: true,
    ...malformedOf(registration.identifiers),
  });
}

/** What only plain values can tell is told now; the log holds tokens. */
function malformedOf(
  identifiers: ImplicitRegistration['identifiers'],
): { malformedIdentifiers: number[] } | undefined {
  const malformedIdentifiers = identifiers.flatMap(({ type, value }, index) =>
    isWellFormedIdentifier(type, value) ? [] : [index],
  );
  return malformedIdentifiers.length === 0 ? undefined : { malformedIdentifiers };
}

const specialCategories: ReadonlySet<string> = new Set(SPECIAL_FACT_CATEGORIES);

/**
 * ALREADY_REGISTERED, NOTHING_TO_DO, OTHER_ACCOUNT_MANAGER, LAST_IDENTIFIER, LAST_ROLE, DATES_OUT_OF_ORDER, SAME_CUSTOMER,
 * EXPLICIT_CONSENT_MISSING, and those of the standing: class, service level, strategic account.
 */
export function decideProfile(draft: Draft, command: ProfileCommand): Refusal | undefined {
  const {
    profile,
    identity: { members },
  } = draft.state;
  switch (command.type) {
    case 'RegisterCustomer':
      if (profile.registered) return refuse('ALREADY_REGISTERED', 'The customer is already registered.');
      draft.record('CustomerRegistered', {
        ...dataOf(command),
        acquisitionChannel: draft.context.channel,
        ...malformedOf(command.identifiers),
      });
      return undefined;
    case 'CorrectCustomerDetails': {
      const malformedFields = command.changes
        .filter((change) => !isWellFormedDetail(change, draft.context.occurredAtMs))
        .map(({ field }) => field);
      draft.record('CustomerDetailsCorrected', {
        ...dataOf(command),
        ...(malformedFields.length === 0 ? {} : { malformedFields: [...new Set(malformedFields)] }),
      });
      // Details are personal, so the fold cannot read them; the group steers rules and is therefore also stated openly.
      const group = command.changes.find((change) => change.field === 'groupCode')?.value;
      const groupCode = GROUP_CODES.find((known) => known === group);
      if (groupCode && groupCode !== profile.groupCode) draft.record('CustomerGrouped', { groupCode });
      return undefined;
    }
    case 'AddIdentifier': {
      const { identifierType, ...data } = dataOf(command);
      draft.record('IdentifierAdded', {
        ...data,
        type: identifierType,
        ...(isWellFormedIdentifier(identifierType, command.value) ? {} : { malformed: true }),
      });
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
    case 'AssignAccountManager': {
      if (profile.managerId === command.managerId)
        return refuse('NOTHING_TO_DO', 'The account manager is already responsible for the customer.');
      const { replacing, ...assignment } = dataOf(command);
      if (replacing !== undefined && replacing !== profile.managerId)
        return refuse(
          'OTHER_ACCOUNT_MANAGER',
          'Another account manager is responsible for the customer by now.',
        );
      draft.record('AccountManagerAssigned', {
        ...assignment,
        ...(profile.managerId === null ? {} : { previousManagerId: profile.managerId }),
      });
      return undefined;
    }
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
      if (specialCategories.has(command.category) && !hasExplicitConsent(draft))
        return refuse(
          'EXPLICIT_CONSENT_MISSING',
          'Facts of a special category are recorded only with the explicit consent of the customer.',
          {
            wayOut: [
              {
                rule: 'specialCategoryNeedsExplicitConsent',
                sentence: 'Record an explicit consent for the purpose specialCategories.',
                fact: {
                  eventType: 'ConsentGranted',
                  data: {
                    purpose: 'specialCategories',
                    channelScope: 'any',
                    legalBasis: 'consent',
                    explicit: true,
                  },
                },
              },
            ],
          },
        );
      draft.record('ProfileFactRecorded', dataOf(command));
      return undefined;
    case 'RecordPreference':
      draft.record('PreferenceSet', dataOf(command));
      return undefined;
    case 'LinkParty':
      if (command.toDate !== undefined && command.toDate < command.fromDate)
        return refuse('DATES_OUT_OF_ORDER', 'The link would end before it begins.');
      if (isSamePerson(draft, command.otherCustomerId)) return ownParty();
      return linkParty(draft, command);
    case 'UnlinkParty': {
      const link = linkOf(profile, command);
      if (link === undefined && profile.linksForgotten === 0)
        return refuse('NOTHING_TO_DO', 'The other party does not have this role.');
      if (link !== undefined && command.toDate < link.fromDate)
        return refuse('DATES_OUT_OF_ORDER', 'The role would end before it began.');
      draft.record('PartyUnlinked', dataOf(command));
      return undefined;
    }
    case 'ChangeRoles':
      return changeRoles(draft, command);
    case 'ClassifyCustomer':
      return classify(draft, command);
    case 'ReleaseClassification':
      return releaseClass(draft, command);
    case 'SetServiceLevel':
      return setServiceLevel(draft, command);
    case 'DesignateStrategicAccount':
      return designateStrategicAccount(draft, command);
    case 'WithdrawStrategicAccount':
      if (profile.strategic === null)
        return refuse('NOTHING_TO_DO', 'The customer is no strategic account and no candidate.');
      draft.record('StrategicAccountWithdrawn', {
        ...dataOf(command),
        previousStanding: profile.strategic.standing,
      });
      return undefined;
    case 'AppointDataSteward':
      if (profile.stewardId === command.stewardId)
        return refuse('NOTHING_TO_DO', 'The steward already answers for the customer.');
      draft.record('DataStewardAppointed', {
        ...dataOf(command),
        ...(profile.stewardId === null ? {} : { previousStewardId: profile.stewardId }),
      });
      return undefined;
    case 'AssessDataQuality':
      draft.record('DataQualityAssessed', {
        ...dataOf(command),
        stewardId: profile.stewardId ?? draft.context.actor.id,
      });
      return undefined;
    case 'EraseCustomer':
      draft.record('CustomerErased', {
        ...dataOf(command),
        ...(members.length > 0 ? { memberIds: members.map(({ member }) => member) } : {}),
      });
      return undefined;
    default:
      return command satisfies never;
  }
}

/** Who was merged into the customer is the customer. */
const isSamePerson = ({ state, context }: Draft, customerId: string): boolean =>
  customerId === context.customerId || state.identity.members.some(({ member }) => member === customerId);

const ownParty = (): Refusal =>
  refuse('SAME_CUSTOMER', 'The other party is the customer itself, or was merged into it.', {
    wayOut: [
      {
        rule: 'partyIsSomebodyElse',
        sentence: 'Name another customer; if the two are not one after all, take the merge back first.',
      },
    ],
  });

/** A link whose last day has passed before the new one begins is history, not a doublet. */
function linkParty(draft: Draft, command: CustomerCommandOf<'LinkParty'>): Refusal | undefined {
  const known = linkOf(draft.state.profile, command);
  if (known !== undefined && (known.toDate === null || known.toDate >= command.fromDate))
    return refuse('NOTHING_TO_DO', 'The other party already has this role.');
  draft.record('PartyLinked', dataOf(command));
  return undefined;
}

function changeRoles(draft: Draft, command: CustomerCommandOf<'ChangeRoles'>): Refusal | undefined {
  const { roles } = draft.state.profile;
  const added = command.added.filter((role) => !roles.includes(role));
  const removed = command.removed.filter(
    (role) => roles.includes(role) && !(command.added as readonly string[]).includes(role),
  );
  if (added.length === 0 && removed.length === 0)
    return refuse('NOTHING_TO_DO', 'The customer already has just these roles.');
  if (added.length === 0 && removed.length === roles.length)
    return refuse('LAST_ROLE', 'The customer would have no role left.');
  draft.record('RolesChanged', { added, removed, reason: command.reason });
  return undefined;
}

/** Asked for the channel by which the fact came: a consent for one channel does not cover another. */
function hasExplicitConsent({ state, context, clockMs }: Draft): boolean {
  const latest = consentFor(state.consent, 'specialCategories', context.channel, clockMs);
  return latest?.status === 'granted' && latest.entry.explicit;
}
