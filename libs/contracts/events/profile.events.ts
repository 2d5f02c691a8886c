import { Type } from '@sinclair/typebox';
import { defineEvent } from './event-contract.js';
import {
  channel,
  code,
  customerRef,
  integer,
  isoDate,
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
      { minItems: 1, maxItems: 20, description: 'what changed' },
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
    regionCode: Type.Optional(code('region')),
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
  schema: object({ managerId: code('the account manager released'), reason: personalText('why (personal)') }),
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
    previousLevel: Type.Optional(integer('level before', 1, 6)),
    assessorId: code('who assessed it'),
    reason: personalText('what shows it (personal)'),
  }),
  personal: [{ path: 'reason', fieldId: 'needLevel.reason' }],
  example: { level: 5, previousLevel: 3, assessorId: 'am-7', reason: 'shapes the product with us' },
});

export const ProfileFactRecorded = defineEvent({
  type: 'ProfileFactRecorded',
  kind: 'fact',
  category: 'customer',
  area: 'profile',
  meaning: 'Something about taste, lifestyle, age, education, culture or language became known.',
  rows: ['S20'],
  emittedBy: ['RecordProfileFact'],
  schema: object({
    category: oneOf(
      ['taste', 'lifestyle', 'age', 'education', 'culture', 'language', 'occasion', 'behaviour'],
      'kind of fact',
    ),
    key: code('what it is about'),
    value: personalText('the fact (personal)'),
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
    basis: oneOf(['request', 'retention', 'court'], 'legal basis'),
    keptForLaw: Type.Array(code('kind of record kept'), {
      maxItems: 20,
      description: 'non-personal records kept',
    }),
  }),
  example: { basis: 'request', keptForLaw: ['invoices'] },
});

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
    role: oneOf(
      ['decisionMaker', 'user', 'billing', 'champion', 'blocker', 'subsidiary', 'household'],
      'role of the other party',
    ),
    fromDate: isoDate('from'),
    toDate: Type.Optional(isoDate('until')),
  }),
  example: {
    otherCustomerId: '3f2b8a34-7c35-5c4e-9b52-2a43c9f0d111',
    role: 'decisionMaker',
    fromDate: '2026-01-05',
  },
});
