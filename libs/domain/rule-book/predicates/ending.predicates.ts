import { Type } from '@sinclair/typebox';
import { GOODBYE_REASONS } from '@rapport/contracts';
import type { Mark } from '../../customer/occurrence.js';
import { oneOf } from '../one-of.js';
import { definePredicate, inStage } from './predicate.js';
import type { RelationshipView } from './predicate.js';

const reasons = (description: string) => Type.Array(Type.String(), { maxItems: 20, description });

export const goodbyeSaid = definePredicate({
  name: 'goodbyeSaid',
  meaning: 'The relationship was ended explicitly for one of these reasons.',
  params: Type.Object(
    {
      reasons: Type.Array(oneOf(GOODBYE_REASONS, 'reason of a goodbye'), {
        minItems: 1,
        uniqueItems: true,
        description: 'reasons of a goodbye',
      }),
    },
    { additionalProperties: false },
  ),
  isMet: (view, params) =>
    view.relationship.goodbye !== null &&
    (params.reasons as readonly string[]).includes(view.relationship.goodbye.reasonCode),
  evidence: (view) => [view.relationship.goodbye],
  toMeet: (_view, params) => [
    {
      sentence: 'Record the goodbye.',
      fact: { eventType: 'GoodbyeSaid', data: { reasonCode: params.reasons[0] } },
    },
  ],
});

/** A purchase, a contract or a contact the customer began, since the ending. */
const returns = (view: RelationshipView): readonly Mark[] =>
  [view.ledger.lastPurchase, view.contracts.lastSigned, view.touchPoints.lastRequest].filter(
    (mark): mark is Mark => inStage(view, mark),
  );

export const returnedInStage = definePredicate({
  name: 'returnedInStage',
  meaning: 'The customer came back by themselves: a purchase, a contract or an inbound request.',
  params: Type.Object(
    { exceptReasons: reasons('endings after which nobody can come back') },
    { additionalProperties: false },
  ),
  isMet: (view, params) =>
    !params.exceptReasons.includes(view.relationship.reasonCode) && returns(view).length > 0,
  evidence: (view) => returns(view).slice(0, 1),
  toMeet: (view, params) =>
    params.exceptReasons.includes(view.relationship.reasonCode)
      ? [{ sentence: 'The reason of the ending excludes a return.' }]
      : [
          {
            sentence: 'Record what the customer did to come back.',
            fact: { eventType: 'TouchPointRecorded', data: { direction: 'in', kind: 'call' } },
          },
        ],
});

export const winBackWon = definePredicate({
  name: 'winBackWon',
  meaning: 'A win-back attempt of ours succeeded since the ending.',
  params: Type.Object({}, { additionalProperties: false }),
  isMet: (view) => inStage(view, view.relationship.lastWinBackWon),
  evidence: (view) => [view.relationship.lastWinBackWon],
  toMeet: (view) => [
    view.relationship.winBack === null
      ? { sentence: 'No win-back is running.' }
      : {
          sentence: 'Conclude the win-back as won.',
          fact: {
            eventType: 'WinBackConcluded',
            data: { winBackId: view.relationship.winBack.winBackId, outcome: 'won' },
          },
        },
  ],
});

export const endedFor = definePredicate({
  name: 'endedFor',
  meaning: 'The relationship ended for one of these reasons.',
  params: Type.Object({ reasons: reasons('reason codes of the ending') }, { additionalProperties: false }),
  isMet: (view, params) =>
    view.relationship.stage === 'dissolution' &&
    (params.reasons.includes(view.relationship.reasonCode) ||
      params.reasons.includes(view.relationship.goodbye?.reasonCode ?? '')),
  evidence: (view) => [view.relationship.goodbye],
  toEnd: () => [{ sentence: 'The reason of the ending excludes it for good.' }],
});

export const endingPredicates = [goodbyeSaid, returnedInStage, winBackWon, endedFor];
