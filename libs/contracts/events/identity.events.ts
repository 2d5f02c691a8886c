import { Type } from '@sinclair/typebox';
import { defineEvent } from './event-contract.js';
import { DETAIL_FIELDS } from './profile.events.js';
import { code, customerRef, integer, object, oneOf, percent } from './schema.js';

/** What made two customers look like one. */
export const MATCH_RULES = [
  'sameEmail', 'samePhone', 'sameTaxId', 'sameCustomerNo', 'sameIdentifier', 'sameName', 'samePostalCode', 'sameBirthDate', 'manual',
] as const; // prettier-ignore

const merge = code('id of the merge');
const chosenField = oneOf(DETAIL_FIELDS, 'field of the profile');
const pair = Type.Array(customerRef('customer'), {
  minItems: 2,
  maxItems: 2,
  description: 'the two customers, by id',
});
const reason = code('what speaks for it, in a code of your own');

export const MatchProposed = defineEvent({
  type: 'MatchProposed',
  kind: 'fact',
  category: 'identity',
  area: 'identity',
  meaning: 'Two customers may be one and the same person or organisation; somebody has to decide.',
  rows: ['S1', 'S19'],
  emittedBy: ['ProposeMatch'],
  schema: object({
    customerIds: pair,
    rules: Type.Array(oneOf(MATCH_RULES, 'what they have in common'), {
      minItems: 1,
      maxItems: MATCH_RULES.length,
      description: 'what they have in common',
    }),
    scorePct: percent('how sure the proposer is'),
  }),
  example: {
    customerIds: ['3f2b8a34-7c35-5c4e-9b52-2a43c9f0d111', '7d0f4c1e-53a8-5c0b-8f3e-9a55b6c4e222'],
    rules: ['sameEmail'],
    scorePct: 90,
  },
});

export const MatchRejected = defineEvent({
  type: 'MatchRejected',
  kind: 'manualDecision',
  category: 'identity',
  area: 'identity',
  meaning: 'Somebody looked at two customers and found that they are two.',
  rows: ['S1', 'S19'],
  emittedBy: ['RejectMatch'],
  schema: object({ customerIds: pair, reasonCode: reason }),
  example: {
    customerIds: ['3f2b8a34-7c35-5c4e-9b52-2a43c9f0d111', '7d0f4c1e-53a8-5c0b-8f3e-9a55b6c4e222'],
    reasonCode: 'fatherAndSon',
  },
});

export const MatchAccepted = defineEvent({
  type: 'MatchAccepted',
  kind: 'manualDecision',
  category: 'identity',
  area: 'identity',
  meaning: 'Two customers were found to be one, and merged.',
  rows: ['S1', 'S19'],
  emittedBy: ['a merge that is carried out'],
  schema: object({ customerIds: pair, mergeId: merge }),
  example: {
    customerIds: ['3f2b8a34-7c35-5c4e-9b52-2a43c9f0d111', '7d0f4c1e-53a8-5c0b-8f3e-9a55b6c4e222'],
    mergeId: 'merge-1',
  },
});

export const CustomersMerged = defineEvent({
  type: 'CustomersMerged',
  kind: 'manualDecision',
  category: 'identity',
  area: 'identity',
  meaning: 'It was decided that several customers are one; the survivor goes on for all of them.',
  rows: ['S1', 'S19'],
  emittedBy: ['MergeCustomers'],
  schema: object({
    mergeId: merge,
    survivorId: customerRef('customer that goes on'),
    mergedIds: Type.Array(customerRef('customer taken in'), {
      minItems: 1,
      maxItems: 20,
      description: 'customers taken in by the survivor',
    }),
    matchRule: oneOf(MATCH_RULES, 'why they are one'),
    fieldChoices: Type.Optional(
      Type.Array(object({ field: chosenField, from: customerRef('customer whose value counts') }), {
        maxItems: DETAIL_FIELDS.length,
        description: 'whose value counts; a field not named: the latest',
      }),
    ),
    reasonCode: Type.Optional(reason),
  }),
  example: {
    mergeId: 'merge-1',
    survivorId: '3f2b8a34-7c35-5c4e-9b52-2a43c9f0d111',
    mergedIds: ['7d0f4c1e-53a8-5c0b-8f3e-9a55b6c4e222'],
    matchRule: 'sameEmail',
    fieldChoices: [{ field: 'displayName', from: '7d0f4c1e-53a8-5c0b-8f3e-9a55b6c4e222' }],
  },
});

export const MergeCompleted = defineEvent({
  type: 'MergeCompleted',
  kind: 'fact',
  category: 'identity',
  area: 'identity',
  meaning: 'Every merged customer is sealed and taken in: the merge is done.',
  rows: ['S1'],
  emittedBy: ['a merge that is carried out'],
  schema: object({ mergeId: merge }),
  example: { mergeId: 'merge-1' },
});

export const MergeAbandoned = defineEvent({
  type: 'MergeAbandoned',
  kind: 'fact',
  category: 'identity',
  area: 'identity',
  meaning:
    'A merge could not be completed, because one of the customers changed meanwhile; its steps are taken back.',
  rows: ['S1'],
  emittedBy: ['a merge that is given up'],
  schema: object({ mergeId: merge, reasonCode: reason }),
  example: { mergeId: 'merge-1', reasonCode: 'CUSTOMER_ERASED' },
});

export const CustomersUnmerged = defineEvent({
  type: 'CustomersUnmerged',
  kind: 'manualDecision',
  category: 'identity',
  area: 'identity',
  meaning: 'The latest merge of a survivor was taken back: its customers are customers of their own again.',
  rows: ['S1', 'S19'],
  emittedBy: ['UnmergeCustomers'],
  schema: object({
    mergeId: merge,
    survivorId: customerRef('customer that had gone on'),
    mergedIds: Type.Array(customerRef('customer let go'), {
      minItems: 1,
      maxItems: 20,
      description: 'customers of their own again',
    }),
    reasonCode: reason,
  }),
  example: {
    mergeId: 'merge-1',
    survivorId: '3f2b8a34-7c35-5c4e-9b52-2a43c9f0d111',
    mergedIds: ['7d0f4c1e-53a8-5c0b-8f3e-9a55b6c4e222'],
    reasonCode: 'twoPersons',
  },
});

export const UnmergeCompleted = defineEvent({
  type: 'UnmergeCompleted',
  kind: 'fact',
  category: 'identity',
  area: 'identity',
  meaning: 'Every customer of a merge that was taken back or abandoned is unsealed.',
  rows: ['S1'],
  emittedBy: ['an unmerge that is carried out', 'a merge that is given up'],
  schema: object({ mergeId: merge }),
  example: { mergeId: 'merge-1' },
});

export const UnmergeAbandoned = defineEvent({
  type: 'UnmergeAbandoned',
  kind: 'fact',
  category: 'identity',
  area: 'identity',
  meaning:
    'A merge could not be taken back, because the survivor was itself merged meanwhile; the merge stands.',
  rows: ['S1'],
  emittedBy: ['an unmerge that is given up'],
  schema: object({ mergeId: merge, reasonCode: reason }),
  example: { mergeId: 'merge-1', reasonCode: 'MERGE_IN_PROGRESS' },
});

// On the streams of the customers

export const CustomerHeldForMerge = defineEvent({
  type: 'CustomerHeldForMerge',
  kind: 'fact',
  category: 'customer',
  area: 'identity',
  meaning: 'The survivor of a merge waits for the customers it will take in.',
  rows: ['S1'],
  emittedBy: ['a merge that is carried out'],
  schema: object({ mergeId: merge }),
  example: { mergeId: 'merge-1' },
});

export const CustomerSealed = defineEvent({
  type: 'CustomerSealed',
  kind: 'fact',
  category: 'customer',
  area: 'identity',
  meaning: 'The customer was merged into another one: what happens from now on is recorded there.',
  rows: ['S1'],
  emittedBy: ['a merge that is carried out'],
  schema: object({ mergeId: merge, into: customerRef('survivor') }),
  example: { mergeId: 'merge-1', into: '3f2b8a34-7c35-5c4e-9b52-2a43c9f0d111' },
});

export const CustomerAbsorbed = defineEvent({
  type: 'CustomerAbsorbed',
  kind: 'fact',
  category: 'customer',
  area: 'identity',
  meaning: 'The survivor took a sealed customer in: the history of both is one from here on.',
  rows: ['S1'],
  emittedBy: ['a merge that is carried out'],
  schema: object({
    mergeId: merge,
    member: customerRef('customer taken in'),
    atRevision: integer('revision of the seal on the stream of the member', 0, Number.MAX_SAFE_INTEGER),
    fieldChoices: Type.Optional(
      Type.Array(object({ field: chosenField, keep: oneOf(['survivor', 'member'], 'whose value counts') }), {
        maxItems: DETAIL_FIELDS.length,
        description: 'whose value counts; a field not named: the latest',
      }),
    ),
  }),
  example: { mergeId: 'merge-1', member: '7d0f4c1e-53a8-5c0b-8f3e-9a55b6c4e222', atRevision: 12 },
});

export const MergeHoldReleased = defineEvent({
  type: 'MergeHoldReleased',
  kind: 'fact',
  category: 'customer',
  area: 'identity',
  meaning: 'A merge was abandoned: the customer that would have survived it goes on as before.',
  rows: ['S1'],
  emittedBy: ['a merge that is given up'],
  schema: object({ mergeId: merge }),
  example: { mergeId: 'merge-1' },
});

export const MembersReleased = defineEvent({
  type: 'MembersReleased',
  kind: 'fact',
  category: 'customer',
  area: 'identity',
  meaning: 'The survivor let go of the customers of a merge: their histories are apart again.',
  rows: ['S1'],
  emittedBy: ['an unmerge that is carried out'],
  schema: object({ mergeId: merge }),
  example: { mergeId: 'merge-1' },
});

export const CustomerUnsealed = defineEvent({
  type: 'CustomerUnsealed',
  kind: 'fact',
  category: 'customer',
  area: 'identity',
  meaning: 'A merged customer is a customer of its own again.',
  rows: ['S1'],
  emittedBy: ['an unmerge that is carried out', 'a merge that is given up'],
  schema: object({ mergeId: merge, from: customerRef('customer that had gone on for it') }),
  example: { mergeId: 'merge-1', from: '3f2b8a34-7c35-5c4e-9b52-2a43c9f0d111' },
});
