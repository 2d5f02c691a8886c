import { Type } from '@sinclair/typebox';
import { MS_PER_DAY, TRAITS } from '@rapport/contracts';
import { oneOf } from '../one-of.js';
import { definePredicate, ifAhead, inStage, unsettled } from './predicate.js';
import type { RelationshipView } from './predicate.js';

const none = Type.Object({}, { additionalProperties: false });

export const tenureInStage = definePredicate({
  name: 'tenureInStage',
  meaning: 'The relationship has been in this stage for so many days.',
  params: Type.Object(
    { days: Type.Integer({ minimum: 0, maximum: 36_500, description: 'days' }) },
    { additionalProperties: false },
  ),
  isMet: (view, params, nowMs) => nowMs - view.relationship.sinceMs >= params.days * MS_PER_DAY,
  turnsAt: (view, params, nowMs) => ifAhead(view.relationship.sinceMs + params.days * MS_PER_DAY, nowMs),
  toMeet: (view, params) => [
    {
      sentence: `The relationship has to stay in this stage for ${params.days} days.`,
      earliestAtMs: view.relationship.sinceMs + params.days * MS_PER_DAY,
    },
  ],
});

const satisfaction = Type.Object(
  {
    npsAtLeast: Type.Integer({ minimum: 0, maximum: 10, description: 'NPS 0-10' }),
    csatAtLeast: Type.Integer({ minimum: 1, maximum: 5, description: 'CSAT 1-5' }),
  },
  { additionalProperties: false },
);

export const satisfied = definePredicate({
  name: 'satisfied',
  meaning: 'The last survey shows satisfaction, and nothing has been repaired since.',
  params: satisfaction,
  isMet: (view, params) => {
    const { nps, csat } = view.touchPoints;
    return (
      (nps !== null && nps.score >= params.npsAtLeast && unsettled(view, nps)) ||
      (csat !== null && csat.score >= params.csatAtLeast && unsettled(view, csat))
    );
  },
  evidence: (view, params) => {
    const { nps, csat } = view.touchPoints;
    return [
      nps !== null && nps.score >= params.npsAtLeast ? nps : null,
      csat !== null && csat.score >= params.csatAtLeast ? csat : null,
    ];
  },
  toMeet: (_view, params) => [
    {
      sentence: 'Record a survey that shows satisfaction.',
      fact: { eventType: 'SurveyResponded', data: { instrument: 'NPS', score: params.npsAtLeast } },
    },
  ],
});

export const referred = definePredicate({
  name: 'referred',
  meaning: 'The customer recommended us to somebody.',
  params: none,
  isMet: (view) => unsettled(view, view.touchPoints.lastReferral),
  evidence: (view) => [view.touchPoints.lastReferral],
  toMeet: () => [{ sentence: 'Record a referral.', fact: { eventType: 'ReferralMade' } }],
});

export const traitsAtLeast = definePredicate({
  name: 'traitsAtLeast',
  meaning: 'Every one of these traits of the customer is at least so strong.',
  params: Type.Object(
    {
      traits: Type.Array(oneOf(TRAITS, 'trait'), {
        minItems: 1,
        maxItems: 9,
        description: 'names of traits',
      }),
      score: Type.Integer({ minimum: 0, maximum: 100, description: 'score 0-100' }),
    },
    { additionalProperties: false },
  ),
  isMet: (view, params) =>
    params.traits.every((name) => (view.relationship.traits[name]?.score ?? -1) >= params.score),
  evidence: (view, params) => params.traits.map((name) => view.relationship.traits[name] ?? null),
  toMeet: (view, params) =>
    params.traits
      .filter((name) => (view.relationship.traits[name]?.score ?? -1) < params.score)
      .map((name) => ({
        sentence: `Record ${name} of the customer.`,
        fact: {
          eventType: 'RelationTraitRecorded' as const,
          data: { trait: name, side: 'customer', score: params.score },
        },
      })),
});

export const coCreating = definePredicate({
  name: 'coCreating',
  meaning: 'The customer and we make something together.',
  params: none,
  isMet: (view) => unsettled(view, view.relationship.coCreation),
  evidence: (view) => [view.relationship.coCreation],
  toMeet: () => [{ sentence: 'Record a co-creation.', fact: { eventType: 'CoCreationStarted' } }],
});

const signsOfLife = (view: RelationshipView) =>
  [
    view.ledger.lastPurchase,
    view.touchPoints.lastTwoWay,
    view.contracts.lastSigned,
    view.contracts.lastRenewed,
    view.relationship.coCreation,
    ...Object.values(view.relationship.traits),
  ].filter((mark) => inStage(view, mark));

export const signOfLifeInStage = definePredicate({
  name: 'signOfLifeInStage',
  meaning:
    'Something came from the customer in this stage: without it, bonds of the past would lift a relationship that fell silent.',
  params: none,
  isMet: (view) => signsOfLife(view).length > 0,
  toMeet: () => [
    {
      sentence: 'Record a contact in which both sides took part.',
      fact: { eventType: 'TouchPointRecorded', data: { direction: 'in', kind: 'call' } },
    },
  ],
});

export const bondPredicates = [
  tenureInStage, satisfied, referred, traitsAtLeast, coCreating, signOfLifeInStage,
]; // prettier-ignore
