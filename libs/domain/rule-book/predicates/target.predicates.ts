import { Type } from '@sinclair/typebox';
import { GROUP_CODES, ROLES, STAGES } from '@rapport/contracts';
import { oneOf } from '../one-of.js';
import { definePredicate } from './predicate.js';

const some = <const T extends readonly string[]>(values: T, description: string) =>
  Type.Array(oneOf(values, description), { minItems: 1, uniqueItems: true, description });

export const atStage = definePredicate({
  name: 'atStage',
  meaning: 'The relationship is at one of these stages.',
  params: Type.Object({ stages: some(STAGES, 'stage') }, { additionalProperties: false }),
  isMet: (view, params) => params.stages.includes(view.relationship.stage),
  toMeet: (_view, params) => [{ sentence: `The relationship has to be at ${params.stages.join(' or ')}.` }],
});

const CLASS_NAMES = ['1', '2', '3', '4', 'unclassified'] as const;

export const ofClass = definePredicate({
  name: 'ofClass',
  meaning: 'The customer is of one of these classes; unclassified includes who was never looked at.',
  params: Type.Object({ classes: some(CLASS_NAMES, 'class') }, { additionalProperties: false }),
  isMet: (view, params) =>
    params.classes.includes(
      String(view.profile.customerClass ?? 'unclassified') as (typeof CLASS_NAMES)[number],
    ),
  toMeet: (_view, params) => [
    {
      sentence: `The customer has to be of class ${params.classes.join(' or ')}.`,
      fact: { eventType: 'CustomerClassified' as const },
    },
  ],
});

export const inGroup = definePredicate({
  name: 'inGroup',
  meaning: 'The customer belongs to one of these groups; whose group is not known belongs to none.',
  params: Type.Object({ groups: some(GROUP_CODES, 'group') }, { additionalProperties: false }),
  isMet: (view, params) => params.groups.some((group) => group === view.profile.groupCode),
  toMeet: (_view, params) => [
    {
      sentence: `The customer has to belong to ${params.groups.join(' or ')}.`,
      fact: { eventType: 'CustomerGrouped' as const, data: { groupCode: params.groups[0] } },
    },
  ],
});

export const inRole = definePredicate({
  name: 'inRole',
  meaning: 'The customer plays one of these roles.',
  params: Type.Object({ roles: some(ROLES, 'role') }, { additionalProperties: false }),
  isMet: (view, params) => params.roles.some((role) => view.profile.roles.includes(role)),
  toMeet: (_view, params) => [
    {
      sentence: `The customer has to be ${params.roles.join(' or ')}.`,
      fact: { eventType: 'RolesChanged' as const, data: { added: [params.roles[0]] } },
    },
  ],
});

export const familyHeld = definePredicate({
  name: 'familyHeld',
  meaning: 'The customer bought something of one of these product families, or has it under contract.',
  params: Type.Object(
    {
      families: Type.Array(Type.String({ minLength: 1, maxLength: 100, description: 'product family' }), {
        minItems: 1,
        maxItems: 100,
        description: 'product families',
      }),
    },
    { additionalProperties: false },
  ),
  isMet: (view, params) =>
    [...view.ledger.holdings, ...view.contracts.active].some(({ family }) =>
      params.families.includes(family),
    ),
  toMeet: (_view, params) => [
    {
      sentence: `The customer has to hold something of ${params.families.join(' or ')}.`,
      fact: { eventType: 'PurchaseRecorded' as const },
    },
  ],
});

/** Questions about who somebody is, for whom campaigns are meant. */
export const targetPredicates = [atStage, ofClass, inGroup, inRole, familyHeld];
