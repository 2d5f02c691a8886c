import { epochMsOf } from '@rapport/contracts';
import type { DataOf } from '@rapport/contracts';
import type {
  CustomerClassified,
  PartyLinked,
  ServiceLevelSet,
  StrategicAccountDesignated,
} from '@rapport/contracts';
import { capped } from '../occurrence.js';
import type { SliceEvolvers } from '../occurrence.js';

// Events: CustomerRegistered, RolesChanged, IdentifierAdded, IdentifierRemoved, CustomerGrouped, AccountManagerAssigned,
// AccountManagerReleased, NeedLevelAssessed, CustomerClassified, ClassificationReleased, ServiceLevelSet, StrategicAccountDesignated,
// StrategicAccountWithdrawn, CoCreationStarted, CoCreationContributed, DataStewardAppointed, PartyLinked, PartyUnlinked, CustomerErased.
// Recorded without changing what is decided: CustomerDetailsCorrected, ProfileFactRecorded, PreferenceSet, DataQualityAssessed.

/** A role that another party plays for this customer. */
export interface PartyLink {
  readonly otherCustomerId: string;
  readonly role: DataOf<typeof PartyLinked>['role'];
  /** yyyy-mm-dd. */
  readonly fromDate: string;
  /** Last day of the role, yyyy-mm-dd; null = open. */
  readonly toDate: string | null;
}

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
  /** The latest links that were not taken back. */
  readonly links: readonly PartyLink[];
  /** Links that were pushed out of the list above. */
  readonly linksForgotten: number;
  /** 1-4 of the latest classification; null = unclassified or never looked at. */
  readonly customerClass: number | null;
  /** Until when a person's word about the class stands against the rules, epoch ms; null = the rules decide. */
  readonly classHeldUntilMs: number | null;
  /** What was last said of what the customer could be worth a year and wants. */
  readonly stated: Pick<DataOf<typeof CustomerClassified>, 'potentialValue' | 'serviceGradeWanted'> | null;
  readonly serviceLevel: {
    readonly level: string;
    readonly slaHours: number;
    readonly reason: DataOf<typeof ServiceLevelSet>['reason'];
  } | null;
  readonly strategic: {
    readonly standing: DataOf<typeof StrategicAccountDesignated>['standing'];
    readonly sponsorId: string;
    readonly planId: string | null;
  } | null;
  /** The customer put money of their own into a joint project. */
  readonly coInvested: boolean;
  /** A joint project solved a problem. */
  readonly solvedTogether: boolean;
  readonly stewardId: string | null;
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
  linksForgotten: 0,
  customerClass: null,
  classHeldUntilMs: null,
  stated: null,
  serviceLevel: null,
  strategic: null,
  coInvested: false,
  solvedTogether: false,
  stewardId: null,
};

/** Enough to notice a link recorded twice; older ones are in the log. */
const LINKS_KEPT = 50;

const isLink =
  (wanted: Pick<PartyLink, 'otherCustomerId' | 'role'>) =>
  (link: PartyLink): boolean =>
    link.otherCustomerId === wanted.otherCustomerId && link.role === wanted.role;

/** The link to a party in a role; undefined when there is none, or it was pushed out of the latest. */
export const linkOf = (
  profile: ProfileState,
  wanted: Pick<PartyLink, 'otherCustomerId' | 'role'>,
): PartyLink | undefined => profile.links.find(isLink(wanted));

const withoutLink = (
  profile: ProfileState,
  wanted: Pick<PartyLink, 'otherCustomerId' | 'role'>,
): readonly PartyLink[] => profile.links.filter((link) => !isLink(wanted)(link));

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
  RolesChanged: (profile, data) => ({
    ...profile,
    roles: [
      ...profile.roles.filter((role) => !(data.removed as readonly string[]).includes(role)),
      ...data.added.filter((role) => !profile.roles.includes(role)),
    ],
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
  CustomerClassified: (
    profile,
    { class: customerClass = null, basis, heldUntil, potentialValue, serviceGradeWanted },
  ) => ({
    ...profile,
    customerClass,
    classHeldUntilMs: basis === 'rules' || heldUntil === undefined ? null : epochMsOf(heldUntil),
    stated: basis === 'rules' ? profile.stated : { potentialValue, serviceGradeWanted },
  }),
  ClassificationReleased: (profile) => ({ ...profile, classHeldUntilMs: null }),
  ServiceLevelSet: (profile, { level, slaHours, reason }) => ({
    ...profile,
    serviceLevel: { level, slaHours, reason },
  }),
  StrategicAccountDesignated: (profile, { standing, sponsorId, planId }) => ({
    ...profile,
    strategic: { standing, sponsorId, planId: planId ?? null },
  }),
  StrategicAccountWithdrawn: (profile) => ({ ...profile, strategic: null }),
  CoCreationStarted: (profile, data) =>
    data.role === 'coInvestor' ? { ...profile, coInvested: true } : profile,
  CoCreationContributed: (profile, data) =>
    data.kind === 'investment'
      ? { ...profile, coInvested: true }
      : data.kind === 'problemSolved'
        ? { ...profile, solvedTogether: true }
        : profile,
  DataStewardAppointed: (profile, data) => ({ ...profile, stewardId: data.stewardId }),
  PartyLinked: (profile, { otherCustomerId, role, fromDate, toDate }) => {
    const link: PartyLink = { otherCustomerId, role, fromDate, toDate: toDate ?? null };
    const others = withoutLink(profile, link);
    return {
      ...profile,
      links: capped(others, link, LINKS_KEPT),
      linksForgotten: profile.linksForgotten + (others.length === LINKS_KEPT ? 1 : 0),
    };
  },
  PartyUnlinked: (profile, data) => ({ ...profile, links: withoutLink(profile, data) }),
  CustomerErased: (profile) => ({ ...profile, erased: true }),
};

/** True for a customer that is a company, so that one person's survey answer does not speak for it (guard G3). */
export const isOrganisation = (profile: ProfileState): boolean =>
  profile.groupCode === 'smallBusiness' || profile.groupCode === 'corporation';
