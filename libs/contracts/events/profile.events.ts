import { Type } from '@sinclair/typebox';
import { defineEvent } from './event-contract.js';
import {
  channel,
  code,
  customerRef,
  evidence,
  instant,
  integer,
  isoDate,
  money,
  object,
  oneOf,
  percent,
  personalText,
} from './schema.js';

export const ROLES = ['customer', 'partner', 'agent', 'thirdParty', 'employee', 'stakeholder', 'supplier', 'influencer', 'referrer', 'candidate'] as const; // prettier-ignore
export const IDENTIFIER_TYPES = ['email', 'phone', 'customerNo', 'taxId', 'cookie', 'device', 'crm'] as const;
export const GROUP_CODES = ['consumer', 'smallBusiness', 'corporation'] as const;

export const Identifier = object({
  type: oneOf(IDENTIFIER_TYPES, 'kind of identifier'),
  value: personalText('the identifier itself (personal)'),
  verified: Type.Optional(Type.Boolean({ description: 'true when the customer proved to own it' })),
  sourceSystem: Type.Optional(code('system whose number it is (customerNo, crm, cookie, device)')),
});

export const CustomerRegistered = defineEvent({
  type: 'CustomerRegistered',
  kind: 'fact',
  category: 'customer',
  area: 'profile',
  meaning: 'A person or organisation became known to us; the relationship is at contact.',
  rows: ['S1', 'S20'],
  emittedBy: ['RegisterCustomer', 'any fact about an unknown identifier'],
  schema: object({
    roles: Type.Array(oneOf(ROLES), {
      minItems: 1,
      maxItems: ROLES.length,
      uniqueItems: true,
      description: 'roles towards us',
    }),
    displayName: Type.Optional(personalText('name to address the customer by (personal)')),
    identifiers: Type.Array(Identifier, {
      minItems: 1,
      maxItems: 20,
      description: 'at least one identifier',
    }),
    groupCode: Type.Optional(oneOf(GROUP_CODES, 'customer group')),
    activityType: Type.Optional(code('line of business')),
    country: Type.Optional(Type.String({ pattern: '^[A-Z]{2}$', description: 'ISO 3166-1 alpha-2' })),
    acquisitionChannel: channel,
    acquisitionCampaignId: Type.Optional(code('campaign that brought the customer')),
    implicit: Type.Optional(
      Type.Boolean({ description: 'true when a fact about an unknown identifier registered the customer' }),
    ),
    malformedIdentifiers: Type.Optional(
      Type.Array(integer('place in identifiers, from 0', 0, 19), {
        maxItems: 20,
        description: 'identifiers whose form is wrong, as seen when they were recorded; absent = none',
      }),
    ),
  }),
  personal: [
    { path: 'displayName', fieldId: 'customer.displayName' },
    { path: 'identifiers[].value', fieldId: 'identifier.value' },
  ],
  example: {
    roles: ['customer'],
    displayName: 'Ada Example',
    identifiers: [{ type: 'email', value: 'ada@example.com', verified: true }],
    groupCode: 'consumer',
    country: 'NL',
    acquisitionChannel: 'web',
  },
});

export const DETAIL_FIELDS = ['displayName', 'groupCode', 'activityType', 'country', 'language', 'postalCode', 'address', 'birthDate', 'education', 'note'] as const; // prettier-ignore

export const CustomerDetailsCorrected = defineEvent({
  type: 'CustomerDetailsCorrected',
  kind: 'fact',
  category: 'customer',
  area: 'profile',
  meaning: 'Details of the customer were corrected; the old values stay in the log.',
  rows: ['S1', 'S14'],
  emittedBy: ['CorrectCustomerDetails'],
  schema: object({
    changes: Type.Array(
      object({
        field: oneOf(DETAIL_FIELDS, 'field corrected'),
        value: Type.Union([personalText('new value (personal)'), Type.Null()], {
          description: 'new value (personal); null removes it',
        }),
        source: code('where the correction comes from'),
        confidencePct: percent('how sure we are'),
      }),
      { minItems: 1, maxItems: 20, description: 'fields that changed, each with its old and new value' },
    ),
    malformedFields: Type.Optional(
      Type.Array(oneOf(DETAIL_FIELDS, 'field'), {
        maxItems: 20,
        uniqueItems: true,
        description: 'fields whose new value has the wrong form, as seen when it was recorded; absent = none',
      }),
    ),
  }),
  personal: [{ path: 'changes[].value', fieldId: 'detail.value' }],
  example: {
    changes: [{ field: 'displayName', value: 'Ada B. Example', source: 'callCentre', confidencePct: 100 }],
  },
});

export const IdentifierAdded = defineEvent({
  type: 'IdentifierAdded',
  kind: 'fact',
  category: 'customer',
  area: 'profile',
  meaning: 'Another identifier of the customer became known.',
  rows: ['S1'],
  emittedBy: ['AddIdentifier'],
  schema: object({
    identifierId: code('id of the identifier within the customer'),
    ...Identifier.properties,
    malformed: Type.Optional(
      Type.Boolean({
        description: 'true when its form was seen to be wrong as it was recorded; absent = well formed',
      }),
    ),
  }),
  personal: [{ path: 'value', fieldId: 'identifier.value' }],
  example: { identifierId: 'phone-1', type: 'phone', value: '+31201234567', verified: false },
});

export const IdentifierRemoved = defineEvent({
  type: 'IdentifierRemoved',
  kind: 'fact',
  category: 'customer',
  area: 'profile',
  meaning: 'An identifier no longer belongs to the customer.',
  rows: ['S1'],
  emittedBy: ['RemoveIdentifier'],
  schema: object({
    type: oneOf(IDENTIFIER_TYPES, 'kind of identifier'),
    value: personalText('the identifier itself (personal)'),
    sourceSystem: Type.Optional(code('system whose number it is (customerNo, crm, cookie, device)')),
    reason: personalText('why it was removed (personal)'),
  }),
  personal: [
    { path: 'reason', fieldId: 'identifier.removal' },
    { path: 'value', fieldId: 'identifier.value' },
  ],
  example: { type: 'phone', value: '+31201234567', reason: 'number was given up' },
});

export const CustomerGrouped = defineEvent({
  type: 'CustomerGrouped',
  kind: 'fact',
  category: 'customer',
  area: 'profile',
  meaning: 'The customer was put into a group, activity type and region.',
  rows: ['S4'],
  emittedBy: ['AssignCustomerGroup'],
  schema: object({
    groupCode: oneOf(GROUP_CODES, 'customer group'),
    activityType: Type.Optional(code('line of business')),
    regionCode: Type.Optional(code('sales region, in a code of your own')),
  }),
  example: { groupCode: 'smallBusiness', activityType: 'bakery', regionCode: 'north' },
});

export const AccountManagerAssigned = defineEvent({
  type: 'AccountManagerAssigned',
  kind: 'fact',
  category: 'customer',
  area: 'profile',
  meaning: 'An account manager became responsible for the customer.',
  rows: ['S4'],
  emittedBy: ['AssignAccountManager'],
  schema: object({
    managerId: code('the account manager'),
    fromDate: isoDate('responsible from'),
    basis: oneOf(['rule', 'manual', 'succession'], 'why this manager'),
    previousManagerId: Type.Optional(code('who was responsible before')),
    handOverId: Type.Optional(code('hand-over of the whole portfolio it belongs to')),
  }),
  example: { managerId: 'am-7', fromDate: '2026-01-05', basis: 'manual' },
});

export const AccountManagerReleased = defineEvent({
  type: 'AccountManagerReleased',
  kind: 'fact',
  category: 'customer',
  area: 'profile',
  meaning: 'The customer has no account manager any more.',
  rows: ['S4'],
  emittedBy: ['ReleaseAccountManager'],
  schema: object({
    managerId: code('the account manager released'),
    reason: personalText('why nobody is responsible any more (personal)'),
  }),
  personal: [{ path: 'reason', fieldId: 'manager.release' }],
  example: { managerId: 'am-7', reason: 'moved to another region' },
});

export const NeedLevelAssessed = defineEvent({
  type: 'NeedLevelAssessed',
  kind: 'manualDecision',
  category: 'customer',
  area: 'profile',
  meaning:
    'The level of need the relationship serves was assessed (1 utility … 6 co-creation), independent of revenue.',
  rows: ['S7'],
  emittedBy: ['SetNeedLevel'],
  schema: object({
    level: integer(
      '1 utility, 2 convenience, 3 comfort, 4 recognition, 5 self-expression, 6 co-creation',
      1,
      6,
    ),
    previousLevel: Type.Optional(integer('level before, 1-6; absent = never assessed', 1, 6)),
    assessorId: code('who assessed it'),
    reason: personalText('what shows it (personal)'),
    evidence: Type.Optional(evidence),
  }),
  personal: [{ path: 'reason', fieldId: 'needLevel.reason' }],
  example: { level: 5, previousLevel: 3, assessorId: 'am-7', reason: 'shapes the product with us' },
});

/** Recorded only with explicit consent for the purpose `specialCategories` (GDPR art. 9). */
export const SPECIAL_FACT_CATEGORIES = [
  'physical',
  'psychological',
  'sensitivity',
  'health',
  'belief',
] as const;
export const FACT_CATEGORIES = ['taste', 'lifestyle', 'age', 'education', 'culture', 'language', 'occasion', 'behaviour', ...SPECIAL_FACT_CATEGORIES] as const; // prettier-ignore

export const ProfileFactRecorded = defineEvent({
  type: 'ProfileFactRecorded',
  kind: 'fact',
  category: 'customer',
  area: 'profile',
  meaning:
    'Something about taste, lifestyle, age, education, culture, language or a special category became known.',
  rows: ['S20'],
  emittedBy: ['RecordProfileFact'],
  schema: object({
    category: oneOf(
      FACT_CATEGORIES,
      'kind of fact; physical, psychological, sensitivity, health and belief need explicit consent',
    ),
    key: code('what it is about'),
    value: personalText('what became known (personal)'),
    source: code('where it comes from'),
    confidencePct: percent('how sure we are'),
    validFrom: Type.Optional(isoDate('true from')),
    validTo: Type.Optional(isoDate('true until')),
  }),
  personal: [{ path: 'value', fieldId: 'profileFact.value' }],
  example: { category: 'taste', key: 'coffee', value: 'espresso', source: 'survey', confidencePct: 80 },
});

export const PreferenceSet = defineEvent({
  type: 'PreferenceSet',
  kind: 'fact',
  category: 'customer',
  area: 'profile',
  meaning: 'The customer said how, when or with what they want to be served.',
  rows: ['S14', 'S20'],
  emittedBy: ['RecordPreference'],
  schema: object({
    kind: oneOf(['channel', 'time', 'product', 'frequency'], 'kind of preference'),
    key: code('what it is about'),
    value: personalText('the preference (personal)'),
    source: code('where it comes from'),
  }),
  personal: [{ path: 'value', fieldId: 'preference.value' }],
  example: { kind: 'channel', key: 'contact', value: 'email', source: 'web' },
});

export const CustomerErased = defineEvent({
  type: 'CustomerErased',
  kind: 'manualDecision',
  category: 'customer',
  area: 'profile',
  meaning: 'The person was forgotten: the data key is destroyed, no personal value can be read again.',
  rows: ['S20'],
  emittedBy: ['EraseCustomer'],
  schema: object({
    basis: oneOf(
      ['request', 'retention', 'court'],
      'why it had to be: asked for by the person, kept as long as the law allows, ordered by a court',
    ),
    keptForLaw: Type.Array(code('kind of record kept'), {
      maxItems: 20,
      description: 'non-personal records kept',
    }),
    memberIds: Type.Optional(
      Type.Array(customerRef('customer'), {
        maxItems: 5_000,
        description: 'customers merged into this one: the same person, forgotten with it',
      }),
    ),
  }),
  example: { basis: 'request', keptForLaw: ['invoices'] },
});

export const PARTY_ROLES = ['decisionMaker', 'user', 'billing', 'champion', 'blocker', 'subsidiary', 'household'] as const; // prettier-ignore

export const PartyLinked = defineEvent({
  type: 'PartyLinked',
  kind: 'fact',
  category: 'customer',
  area: 'profile',
  meaning: 'Another party plays a role for this customer: decision maker, user, household member …',
  rows: ['S1'],
  emittedBy: ['LinkParty'],
  schema: object({
    otherCustomerId: customerRef('the other party'),
    role: oneOf(PARTY_ROLES, 'role of the other party'),
    fromDate: isoDate('from'),
    toDate: Type.Optional(isoDate('until, that day included')),
  }),
  example: {
    otherCustomerId: '3f2b8a34-7c35-5c4e-9b52-2a43c9f0d111',
    role: 'decisionMaker',
    fromDate: '2026-01-05',
  },
});

export const PartyUnlinked = defineEvent({
  type: 'PartyUnlinked',
  kind: 'fact',
  category: 'customer',
  area: 'profile',
  meaning: 'Another party no longer plays a role for this customer.',
  rows: ['S1'],
  emittedBy: ['UnlinkParty'],
  schema: object({
    otherCustomerId: customerRef('the other party'),
    role: oneOf(PARTY_ROLES, 'role of the other party'),
    toDate: isoDate('last day of the role'),
    reasonCode: Type.Optional(code('why the link ended, in a code of your own')),
  }),
  example: {
    otherCustomerId: '3f2b8a34-7c35-5c4e-9b52-2a43c9f0d111',
    role: 'decisionMaker',
    toDate: '2026-06-30',
    reasonCode: 'leftCompany',
  },
});

const roles = (description: string) =>
  Type.Array(oneOf(ROLES, 'role'), { maxItems: ROLES.length, uniqueItems: true, description });

export const RolesChanged = defineEvent({
  type: 'RolesChanged',
  kind: 'fact',
  category: 'customer',
  area: 'profile',
  meaning: 'The customer took on or gave up roles towards us; other rules may apply from now on.',
  rows: ['S1'],
  emittedBy: ['ChangeRoles'],
  schema: object({
    added: roles('roles taken on'),
    removed: roles('roles given up'),
    reason: personalText('why the roles changed (personal)'),
  }),
  personal: [{ path: 'reason', fieldId: 'roles.reason' }],
  example: { added: ['partner'], removed: [], reason: 'sells our machines since March' },
});

export const SERVICE_GRADES = ['low', 'high'] as const;

export const CustomerClassified = defineEvent({
  type: 'CustomerClassified',
  kind: 'ruleDecision',
  category: 'customer',
  area: 'profile',
  meaning: 'The customer was put into one of four classes by value and by the grade of service they want.',
  rows: ['S10'],
  emittedBy: [
    'ClassifyCustomer',
    'whatever changes the value of a year, or a due review, where the rules classify by themselves',
  ],
  schema: object({
    class: Type.Optional(
      integer(
        '1 low value wanting high grade, 2 low value with potential, 3 high value wanting high grade, 4 high value needing low grade; absent = unclassified',
        1,
        4,
      ),
    ),
    previousClass: Type.Optional(integer('class before; absent = unclassified or never looked at', 1, 4)),
    value: money('value of the customer a year, as it was judged'),
    potentialValue: money('what the customer could be worth a year'),
    serviceGradeWanted: oneOf(SERVICE_GRADES, 'grade of service the customer wants'),
    highValueFrom: money('high value begins here: threshold of the rule book in this currency, a year'),
    highPotentialFrom: money('potential begins here: threshold of the rule book in this currency, a year'),
    ruleBookVersion: code('rule book whose thresholds decided'),
    basis: Type.Optional(
      oneOf(['stated', 'rules'], 'whether somebody stated the value or the rules found it; absent = stated'),
    ),
    heldUntil: Type.Optional(instant('until then what was stated stands against what the rules find')),
  }),
  example: {
    class: 3,
    value: { amountMinor: 180_000, currency: 'EUR' },
    potentialValue: { amountMinor: 250_000, currency: 'EUR' },
    serviceGradeWanted: 'high',
    highValueFrom: { amountMinor: 100_000, currency: 'EUR' },
    highPotentialFrom: { amountMinor: 100_000, currency: 'EUR' },
    ruleBookVersion: 'default-1',
  },
});

export const ClassificationReleased = defineEvent({
  type: 'ClassificationReleased',
  kind: 'manualDecision',
  category: 'customer',
  area: 'profile',
  meaning: 'The class that a person stated holds no more: the rules decide about it again.',
  rows: ['S10'],
  emittedBy: ['ReleaseClassification'],
  schema: object({
    reasonCode: code('why the rules decide again, in a code of your own: valueIsKnown, statedInError …'),
  }),
  example: { reasonCode: 'valueIsKnown' },
});

export const SERVICE_LEVEL_REASONS = ['class', 'risk', 'strategic', 'manual'] as const;

export const ServiceLevelSet = defineEvent({
  type: 'ServiceLevelSet',
  kind: 'manualDecision',
  category: 'customer',
  area: 'profile',
  meaning: 'The level of service the customer gets was set; the time to resolve their cases follows it.',
  rows: ['S10', 'S15'],
  emittedBy: ['SetServiceLevel', 'ClassifyCustomer'],
  schema: object({
    level: code('level of service'),
    slaHours: Type.Number({
      minimum: 0,
      maximum: 8_760,
      description: 'hours in which a case has to be resolved',
    }),
    reason: oneOf(SERVICE_LEVEL_REASONS, 'why this level'),
    previousLevel: Type.Optional(code('level before; absent = the one the rule book gives to the class')),
    ruleBookVersion: code('rule book in force'),
  }),
  example: { level: 'premium', slaHours: 24, reason: 'class', ruleBookVersion: 'default-1' },
});

const jointProblem = object({
  problemId: code('the problem worked on together'),
  solvedOn: Type.Optional(isoDate('solved on; absent = still open')),
});

export const STRATEGIC_STANDINGS = ['candidate', 'strategic'] as const;

export const StrategicAccountDesignated = defineEvent({
  type: 'StrategicAccountDesignated',
  kind: 'manualDecision',
  category: 'customer',
  area: 'profile',
  meaning:
    'The customer became a candidate for, or was named, a strategic account: by the level of need, never by revenue.',
  rows: ['S7'],
  emittedBy: ['DesignateStrategicAccount'],
  schema: object({
    standing: oneOf(STRATEGIC_STANDINGS, 'candidate or strategic'),
    previousStanding: Type.Optional(oneOf(STRATEGIC_STANDINGS, 'standing before')),
    needLevel: integer('level of need it rests on', 1, 6),
    sponsorId: code('executive of ours who answers for the relationship'),
    planId: Type.Optional(code('id of the account plan')),
    jointInvestment: Type.Optional(money('what both sides put in together')),
    jointProblems: Type.Array(jointProblem, { maxItems: 50, description: 'problems worked on together' }),
    reason: personalText('what speaks for it (personal)'),
    ruleBookVersion: code('rule book that allowed it'),
  }),
  personal: [{ path: 'reason', fieldId: 'strategic.reason' }],
  example: {
    standing: 'strategic',
    previousStanding: 'candidate',
    needLevel: 6,
    sponsorId: 'board-1',
    planId: 'plan-7',
    jointInvestment: { amountMinor: 5_000_000, currency: 'EUR' },
    jointProblems: [{ problemId: 'packaging', solvedOn: '2026-02-01' }],
    reason: 'we built the new line together',
    ruleBookVersion: 'default-1',
  },
});

export const StrategicAccountWithdrawn = defineEvent({
  type: 'StrategicAccountWithdrawn',
  kind: 'manualDecision',
  category: 'customer',
  area: 'profile',
  meaning: 'A person ended the standing as a strategic account; no rule ever does.',
  rows: ['S7'],
  emittedBy: ['WithdrawStrategicAccount'],
  schema: object({
    previousStanding: oneOf(STRATEGIC_STANDINGS, 'standing before'),
    reason: personalText('why the standing ended (personal)'),
  }),
  personal: [{ path: 'reason', fieldId: 'strategic.withdrawal' }],
  example: { previousStanding: 'strategic', reason: 'joint programme ended' },
});

export const DataStewardAppointed = defineEvent({
  type: 'DataStewardAppointed',
  kind: 'manualDecision',
  category: 'customer',
  area: 'profile',
  meaning: 'A person became answerable for the quality of what is known of the customer.',
  rows: ['S14', 'S19'],
  emittedBy: ['AppointDataSteward'],
  schema: object({
    stewardId: code('the data steward'),
    previousStewardId: Type.Optional(code('steward before')),
  }),
  example: { stewardId: 'steward-2' },
});

export const DataQualityAssessed = defineEvent({
  type: 'DataQualityAssessed',
  kind: 'fact',
  category: 'customer',
  area: 'profile',
  meaning: 'Somebody looked at what is known of the customer and said how good it is.',
  rows: ['S14', 'S19'],
  emittedBy: ['AssessDataQuality'],
  schema: object({
    completenessPct: percent('share of what should be known that is'),
    validityPct: percent('share of what is known that is right'),
    uniquenessPct: percent(
      'how sure it is that nobody else on file is the same customer; 100 = no duplicate',
    ),
    timelinessDays: integer('days since what is known was last confirmed', 0, 100_000),
    stewardId: code('who answers for it'),
  }),
  example: {
    completenessPct: 80,
    validityPct: 95,
    uniquenessPct: 100,
    timelinessDays: 30,
    stewardId: 'steward-2',
  },
});
