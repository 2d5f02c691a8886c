import type { AnyRecordedEvent, EventType } from '@rapport/contracts';
import { isoOf, MS_PER_DAY } from '@rapport/contracts';
import { latestOf, occurredAtMsOf, stampOf, supersedes } from './business-order.js';
import type { Stamp } from './business-order.js';

/** Everything a profile may know that its quality is judged by. */
export const ATTRIBUTES = [
  'displayName', 'reachableIdentifier', 'registrationNumber', 'postalAddress', 'country', 'language', 'birthDate', 'group',
  'activityType', 'region', 'accountManager', 'channelPreference', 'consentAnswer', 'decisionMaker',
] as const; // prettier-ignore
export type Attribute = (typeof ATTRIBUTES)[number];

/** What should be known of a person, and of a company. */
const EXPECTED_OF_PERSON: readonly Attribute[] = ['displayName', 'reachableIdentifier', 'postalAddress', 'country', 'language', 'birthDate', 'group', 'channelPreference', 'consentAnswer']; // prettier-ignore
const EXPECTED_OF_COMPANY: readonly Attribute[] = ['displayName', 'reachableIdentifier', 'registrationNumber', 'postalAddress', 'country', 'group', 'activityType', 'region', 'accountManager', 'decisionMaker']; // prettier-ignore

/** Identifiers of one kind: how many, how many of them proven by the customer, how many of a wrong form. */
export interface IdentifierCounts {
  count: number;
  verified: number;
  malformed: number;
}

/** How good is what is known of one customer: judged by what events tell openly, never by personal plain text. */
export interface ProfileQuality {
  groupCode: string | null;
  /** Attributes known, each with the latest business time somebody stated it, epoch ms. */
  known: Partial<Record<Attribute, number>>;
  /** Details with a form, by the latest statement: place in business time and whether the form was wrong. */
  details: Record<string, Stamp & { given: boolean; malformed: boolean }>;
  identifiers: Record<string, IdentifierCounts>;
  /** Parties that decide for a company. */
  decisionMakers: string[];
  stewardId: string | null;
  /** Latest business time anything of it was stated or assessed, epoch ms; null = nothing yet. */
  confirmedAtMs: number | null;
  assessment:
    | (Stamp & {
        completenessPct: number;
        validityPct: number;
        uniquenessPct: number;
        timelinessDays: number;
        stewardId: string;
      })
    | null;
}

export const PROFILE_QUALITY_EVENTS = [
  'CustomerRegistered', 'CustomerDetailsCorrected', 'IdentifierAdded', 'IdentifierRemoved', 'CustomerGrouped',
  'AccountManagerAssigned', 'AccountManagerReleased', 'PreferenceSet', 'PartyLinked', 'PartyUnlinked', 'ConsentGranted',
  'ConsentDenied', 'ConsentRevoked', 'DataStewardAppointed', 'DataQualityAssessed',
] as const satisfies readonly EventType[]; // prettier-ignore
type QualityEvent = Extract<AnyRecordedEvent, { type: (typeof PROFILE_QUALITY_EVENTS)[number] }>;

const qualityEvents: ReadonlySet<string> = new Set(PROFILE_QUALITY_EVENTS);
/** Does the event say something about the quality of what is known? */
export const isQualityEvent = <E extends Pick<AnyRecordedEvent, 'type'>>(
  event: E,
): event is Extract<E, QualityEvent> => qualityEvents.has(event.type);

export const initialProfileQuality = (): ProfileQuality => ({
  groupCode: null,
  known: {},
  details: {},
  identifiers: {},
  decisionMakers: [],
  stewardId: null,
  confirmedAtMs: null,
  assessment: null,
});

const REACHABLE: readonly string[] = ['email', 'phone'];
const REGISTRATION_NUMBERS: readonly string[] = ['taxId', 'customerNo', 'crm'];
/** Identifiers whose form tells something; numbers of systems have any form. */
const CHECKED_IDENTIFIERS: readonly string[] = ['email', 'phone', 'taxId'];
/** Details whose form tells something. */
const CHECKED_DETAILS: readonly string[] = ['country', 'language', 'postalCode', 'birthDate', 'groupCode'];
const ATTRIBUTE_OF_DETAIL: Readonly<Record<string, Attribute>> = {
  displayName: 'displayName',
  address: 'postalAddress',
  postalCode: 'postalAddress',
  country: 'country',
  language: 'language',
  birthDate: 'birthDate',
  groupCode: 'group',
  activityType: 'activityType',
};
const MOST_DECISION_MAKERS = 20;

/** Takes in one event; changes `quality`. */
export function noteQuality(quality: ProfileQuality, event: QualityEvent): void {
  const atMs = occurredAtMsOf(event);
  const know = (attribute: Attribute): void => {
    quality.known[attribute] = Math.max(atMs, quality.known[attribute] ?? atMs);
  };
  switch (event.type) {
    case 'CustomerRegistered': {
      const { data } = event;
      data.identifiers.forEach(({ type, verified }, index) =>
        count(quality, type, verified === true, data.malformedIdentifiers?.includes(index) === true),
      );
      if (data.displayName !== undefined) know('displayName');
      if (data.groupCode !== undefined) know('group');
      quality.groupCode = data.groupCode ?? null;
      if (data.activityType !== undefined) know('activityType');
      if (data.country !== undefined) know('country');
      break;
    }
    case 'CustomerDetailsCorrected': {
      const stamp = stampOf(event, atMs);
      for (const { field, value } of event.data.changes) {
        const known = quality.details[field];
        if (!supersedes(stamp, known)) continue;
        const malformed = event.data.malformedFields?.includes(field) === true;
        quality.details[field] = { ...stamp, given: value !== null, malformed };
        const attribute = ATTRIBUTE_OF_DETAIL[field];
        if (attribute === undefined) continue;
        const stillGiven = Object.entries(ATTRIBUTE_OF_DETAIL).some(
          ([other, of]) => of === attribute && quality.details[other]?.given === true,
        );
        if (stillGiven) know(attribute);
        else delete quality.known[attribute];
      }
      break;
    }
    case 'IdentifierAdded':
      count(quality, event.data.type, event.data.verified === true, event.data.malformed === true);
      break;
    case 'IdentifierRemoved': {
      const counts = quality.identifiers[event.data.type];
      if (!counts) return;
      counts.count = Math.max(0, counts.count - 1);
      // Which of several is gone nobody can tell without the values: one of a wrong form is taken to be it.
      if (counts.malformed > 0) counts.malformed -= 1;
      counts.verified = Math.min(counts.verified, counts.count);
      break;
    }
    case 'CustomerGrouped':
      quality.groupCode = event.data.groupCode;
      know('group');
      if (event.data.activityType !== undefined) know('activityType');
      if (event.data.regionCode !== undefined) know('region');
      break;
    case 'AccountManagerAssigned':
      know('accountManager');
      return;
    case 'AccountManagerReleased':
      delete quality.known.accountManager;
      return;
    case 'PreferenceSet':
      if (event.data.kind === 'channel') know('channelPreference');
      break;
    case 'PartyLinked':
      if (event.data.role === 'decisionMaker') {
        const { otherCustomerId } = event.data;
        quality.decisionMakers = [...quality.decisionMakers.filter((id) => id !== otherCustomerId), otherCustomerId].slice(-MOST_DECISION_MAKERS); // prettier-ignore
      }
      break;
    case 'PartyUnlinked':
      if (event.data.role === 'decisionMaker')
        quality.decisionMakers = quality.decisionMakers.filter((id) => id !== event.data.otherCustomerId);
      break;
    case 'ConsentGranted':
    case 'ConsentDenied':
    case 'ConsentRevoked':
      if (event.data.purpose === 'marketing') know('consentAnswer');
      break;
    case 'DataStewardAppointed':
      quality.stewardId = event.data.stewardId;
      return;
    case 'DataQualityAssessed': {
      const stamp = stampOf(event, atMs);
      if (supersedes(stamp, quality.assessment)) quality.assessment = { ...stamp, ...event.data };
      break;
    }
  }
  quality.confirmedAtMs = Math.max(atMs, quality.confirmedAtMs ?? atMs);
}

function count(quality: ProfileQuality, type: string, verified: boolean, malformed: boolean): void {
  const counts = (quality.identifiers[type] ??= { count: 0, verified: 0, malformed: 0 });
  counts.count += 1;
  if (verified) counts.verified += 1;
  if (malformed) counts.malformed += 1;
}

const isCompany = ({ groupCode }: ProfileQuality): boolean =>
  groupCode === 'smallBusiness' || groupCode === 'corporation';

const isKnown = (quality: ProfileQuality, attribute: Attribute): boolean => {
  const hasOneOf = (types: readonly string[]): boolean =>
    types.some((type) => (quality.identifiers[type]?.count ?? 0) > 0);
  if (attribute === 'reachableIdentifier') return hasOneOf(REACHABLE);
  if (attribute === 'registrationNumber') return hasOneOf(REGISTRATION_NUMBERS);
  if (attribute === 'decisionMaker') return quality.decisionMakers.length > 0;
  return quality.known[attribute] !== undefined;
};

/** What should be known and is not. */
export const missingOf = (quality: ProfileQuality): readonly Attribute[] =>
  (isCompany(quality) ? EXPECTED_OF_COMPANY : EXPECTED_OF_PERSON).filter((attribute) => !isKnown(quality, attribute)); // prettier-ignore

/** Share of what should be known that is, 0-100, whole. */
export function completenessPctOf(quality: ProfileQuality): number {
  const expected = (isCompany(quality) ? EXPECTED_OF_COMPANY : EXPECTED_OF_PERSON).length;
  return Math.floor((100 * (expected - missingOf(quality).length)) / expected);
}

/** Values whose form can be checked, and those of them that are wrong. */
function checkedOf(quality: ProfileQuality): { readonly checked: number; readonly malformed: string[] } {
  let checked = 0;
  const malformed: string[] = [];
  for (const type of CHECKED_IDENTIFIERS) {
    const counts = quality.identifiers[type];
    if (!counts) continue;
    checked += counts.count;
    for (let n = 0; n < counts.malformed; n += 1) malformed.push(type);
  }
  for (const field of CHECKED_DETAILS) {
    const detail = quality.details[field];
    if (detail?.given !== true) continue;
    checked += 1;
    if (detail.malformed) malformed.push(field);
  }
  return { checked, malformed };
}

/** Fields and kinds of identifier with a value of a wrong form. */
export const malformedOf = (quality: ProfileQuality): readonly string[] => checkedOf(quality).malformed;

/** Share of checkable values whose form is right, 0-100, whole; null where nothing can be checked. */
export function validityPctOf(quality: ProfileQuality): number | null {
  const { checked, malformed } = checkedOf(quality);
  return checked === 0 ? null : Math.floor((100 * (checked - malformed.length)) / checked);
}

/** Data quality as it is answered (S14, S19): figures that depend on today are for `asOfMs`. */
export interface ProfileQualityAnswer {
  readonly completenessPct: number;
  readonly missing: readonly Attribute[];
  /** null where no value has a form that can be checked. */
  readonly validityPct: number | null;
  readonly malformed: readonly string[];
  /** Share of identifiers the customer proved to own, 0-100; null without an identifier. */
  readonly verifiedPct: number | null;
  /** As last assessed: 100 = nobody else on file is the same customer; null while nobody looked. */
  readonly uniquenessPct: number | null;
  /** Whole days since anything of it was stated, corrected or assessed; null while nothing was. */
  readonly timelinessDays: number | null;
  readonly stewardId: string | null;
  /** What a person said last, and when; null while nobody did. */
  readonly assessment: {
    readonly completenessPct: number;
    readonly validityPct: number;
    readonly uniquenessPct: number;
    readonly timelinessDays: number;
    readonly stewardId: string;
    readonly at: string;
  } | null;
}

export function qualityAnswerOf(quality: ProfileQuality, asOfMs: number): ProfileQualityAnswer {
  const counts = Object.values(quality.identifiers);
  const identifiers = counts.reduce((sum, one) => sum + one.count, 0);
  const verified = counts.reduce((sum, one) => sum + one.verified, 0);
  const { assessment } = quality;
  return {
    completenessPct: completenessPctOf(quality),
    missing: missingOf(quality),
    validityPct: validityPctOf(quality),
    malformed: malformedOf(quality),
    verifiedPct: identifiers === 0 ? null : Math.floor((100 * verified) / identifiers),
    uniquenessPct: assessment?.uniquenessPct ?? null,
    timelinessDays:
      quality.confirmedAtMs === null
        ? null
        : Math.max(0, Math.floor((asOfMs - quality.confirmedAtMs) / MS_PER_DAY)),
    stewardId: quality.stewardId,
    assessment: assessment && {
      completenessPct: assessment.completenessPct,
      validityPct: assessment.validityPct,
      uniquenessPct: assessment.uniquenessPct,
      timelinessDays: assessment.timelinessDays,
      stewardId: assessment.stewardId,
      at: isoOf(assessment.atMs),
    },
  };
}

/** Quality of a merged customer: what one of them knows is known. */
export function joinedQuality(a: ProfileQuality, b: ProfileQuality): ProfileQuality {
  const known: ProfileQuality['known'] = {};
  for (const attribute of ATTRIBUTES) {
    const latest = Math.max(a.known[attribute] ?? -Infinity, b.known[attribute] ?? -Infinity);
    if (latest > -Infinity) known[attribute] = latest;
  }
  const details: ProfileQuality['details'] = {};
  for (const field of namesOf(a.details, b.details))
    details[field] = latestOf(a.details[field], b.details[field])!;
  const identifiers: ProfileQuality['identifiers'] = {};
  for (const type of namesOf(a.identifiers, b.identifiers)) {
    const [x, y] = [a.identifiers[type], b.identifiers[type]];
    identifiers[type] = {
      count: (x?.count ?? 0) + (y?.count ?? 0),
      verified: (x?.verified ?? 0) + (y?.verified ?? 0),
      malformed: (x?.malformed ?? 0) + (y?.malformed ?? 0),
    };
  }
  return {
    groupCode: a.groupCode ?? b.groupCode,
    known,
    details,
    identifiers,
    decisionMakers: [...new Set([...a.decisionMakers, ...b.decisionMakers])]
      .sort()
      .slice(-MOST_DECISION_MAKERS),
    stewardId: a.stewardId ?? b.stewardId,
    confirmedAtMs:
      a.confirmedAtMs === null || b.confirmedAtMs === null
        ? (a.confirmedAtMs ?? b.confirmedAtMs)
        : Math.max(a.confirmedAtMs, b.confirmedAtMs),
    assessment: latestOf(a.assessment, b.assessment),
  };
}

const namesOf = (a: object, b: object): string[] =>
  [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
