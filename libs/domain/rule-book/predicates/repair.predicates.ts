import { Type } from '@sinclair/typebox';
import { MS_PER_DAY } from '@rapport/contracts';
import type { Mark } from '../../customer/occurrence.js';
import { caseOf, isOpen } from '../../customer/service/service.decider.js';
import type { CaseState } from '../../customer/service/service.decider.js';
import { NEVER, definePredicate, ifAhead, inStage } from './predicate.js';
import type { RelationshipView, Way } from './predicate.js';

const none = Type.Object({}, { additionalProperties: false });
const days = (description: string) => Type.Integer({ minimum: 0, maximum: 36_500, description });

const linkedCases = (view: RelationshipView): readonly CaseState[] =>
  (view.relationship.repair?.caseIds ?? [])
    .map((caseId) => caseOf(view.service, caseId))
    .filter((known) => known !== undefined);

export const repairPlanComplete = definePredicate({
  name: 'repairPlanComplete',
  meaning: 'A repair plan has an owner and at least one linked case or contact attempt.',
  params: none,
  isMet: (view) => {
    const plan = view.relationship.repair;
    return plan !== null && plan.ownerId !== '' && plan.caseIds.length + plan.contactAttempts.length > 0;
  },
  evidence: (view) => [view.relationship.repair, ...linkedCases(view)],
  toMeet: (view) => {
    const caseIds = view.service.cases.filter(isOpen).map((known) => known.caseId);
    const attempt = view.touchPoints.recent.findLast((touch) => touch.direction === 'out');
    const plan: Way = {
      sentence: 'Start a repair with an owner and a linked case or contact attempt.',
      fact: {
        eventType: 'RepairStarted',
        data: { caseIds, contactAttempts: caseIds.length === 0 && attempt ? [attempt.id] : [] },
      },
    };
    if (caseIds.length > 0 || attempt) return [plan];
    return [
      {
        sentence: 'Record an attempt to reach the customer.',
        fact: { eventType: 'TouchPointRecorded', data: { direction: 'out', kind: 'call' } },
      },
      plan,
    ];
  },
});

export const stageEnteredFor = definePredicate({
  name: 'stageEnteredFor',
  meaning: 'The stage was entered for one of these reasons.',
  params: Type.Object(
    {
      reasons: Type.Array(Type.String(), { minItems: 1, maxItems: 20, description: 'reason codes of moves' }),
    },
    { additionalProperties: false },
  ),
  isMet: (view, params) => params.reasons.includes(view.relationship.reasonCode),
});

export const deterioratedFor = definePredicate({
  name: 'deterioratedFor',
  meaning: 'The relationship deteriorated for one of these reasons.',
  params: Type.Object(
    {
      reasons: Type.Array(Type.String(), { minItems: 1, maxItems: 20, description: 'reason codes of moves' }),
    },
    { additionalProperties: false },
  ),
  isMet: (view, params) => params.reasons.includes(view.relationship.deteriorationReason ?? ''),
});

interface Acceptance {
  readonly tacitDays: number;
  readonly csatAtLeast: number;
}

/** The fact that shows the customer at peace after the resolution: a later purchase or a good survey. */
const atPeaceSince = (view: RelationshipView, resolved: Mark, params: Acceptance): Mark | null => {
  const { lastPurchase } = view.ledger;
  if (lastPurchase !== null && lastPurchase.atMs >= resolved.atMs && lastPurchase.seq > resolved.seq)
    return lastPurchase;
  const { csat } = view.touchPoints;
  return csat !== null && csat.score >= params.csatAtLeast && csat.atMs >= resolved.atMs ? csat : null;
};

/** From when the case counts as accepted, expressly or tacitly; Infinity while neither is in sight. */
const acceptedAtMs = (view: RelationshipView, known: CaseState, params: Acceptance): number => {
  if (known.accepted !== null) return known.accepted.atMs;
  if (known.resolved === null || atPeaceSince(view, known.resolved, params) === null) return NEVER;
  return known.resolved.atMs + params.tacitDays * MS_PER_DAY;
};

export const linkedCasesAccepted = definePredicate({
  name: 'linkedCasesAccepted',
  meaning:
    'Every case linked to the repair was accepted by the customer, expressly or tacitly: no objection for so many days and a later purchase or a good survey.',
  params: Type.Object(
    {
      tacitDays: days('days without objection'),
      csatAtLeast: Type.Integer({ minimum: 1, maximum: 5, description: 'CSAT 1-5' }),
    },
    { additionalProperties: false },
  ),
  isMet: (view, params, nowMs) => {
    const cases = linkedCases(view);
    return cases.length > 0 && cases.every((known) => nowMs >= acceptedAtMs(view, known, params));
  },
  evidence: (view, params) =>
    linkedCases(view).flatMap((known) =>
      known.accepted !== null
        ? [known.accepted]
        : known.resolved === null
          ? []
          : [known.resolved, atPeaceSince(view, known.resolved, params)],
    ),
  turnsAt: (view, params, nowMs) => {
    let next = NEVER;
    for (const known of linkedCases(view))
      next = Math.min(next, ifAhead(acceptedAtMs(view, known, params), nowMs));
    return next;
  },
  toMeet: (view, params, nowMs) =>
    linkedCases(view)
      .filter((known) => nowMs < acceptedAtMs(view, known, params))
      .flatMap(({ caseId, status }) => [
        ...(status === 'resolved' || status === 'closed'
          ? []
          : [
              {
                sentence: 'Resolve the case.',
                fact: { eventType: 'CaseResolved' as const, data: { caseId } },
              },
            ]),
        {
          sentence: 'Record that the customer accepted the resolution.',
          fact: { eventType: 'ResolutionAccepted' as const, data: { caseId } },
        },
      ]),
});

export const casesLinked = definePredicate({
  name: 'casesLinked',
  meaning: 'The repair has linked cases.',
  params: none,
  isMet: (view) => (view.relationship.repair?.caseIds.length ?? 0) > 0,
  toEnd: () => [{ sentence: 'The repair has linked cases; they have to be accepted.' }],
});

const positiveSignals = (
  view: RelationshipView,
  params: { readonly npsAtLeast: number; readonly csatAtLeast: number },
): readonly Mark[] => {
  const { nps, csat, lastRequest } = view.touchPoints;
  return [
    view.ledger.lastPurchase,
    view.contracts.lastRenewed,
    nps !== null && nps.score >= params.npsAtLeast ? nps : null,
    csat !== null && csat.score >= params.csatAtLeast ? csat : null,
    lastRequest !== null && !isGrievance(view, lastRequest) ? lastRequest : null,
  ].filter((mark): mark is Mark => inStage(view, mark));
};

/** A contact that is itself a complaint, an objection or a goodbye is renewed contact, but no good sign. */
const isGrievance = (view: RelationshipView, mark: Mark): boolean =>
  view.relationship.goodbye?.id === mark.id ||
  view.service.lastReopened?.id === mark.id ||
  view.service.complaints.some((complaint) => complaint.id === mark.id) ||
  (view.touchPoints.lastBadExperience?.id ?? '') === mark.id;

export const positiveSignalInStage = definePredicate({
  name: 'positiveSignalInStage',
  meaning: 'A purchase, a renewal, a good survey or a renewed contact came in this stage.',
  params: Type.Object(
    {
      npsAtLeast: Type.Integer({ minimum: 0, maximum: 10, description: 'NPS 0-10' }),
      csatAtLeast: Type.Integer({ minimum: 1, maximum: 5, description: 'CSAT 1-5' }),
    },
    { additionalProperties: false },
  ),
  isMet: (view, params) => positiveSignals(view, params).length > 0,
  evidence: (view, params) => positiveSignals(view, params).slice(0, 1),
  toMeet: () => [
    {
      sentence: 'Record that the customer is in touch with us again.',
      fact: { eventType: 'TouchPointRecorded', data: { direction: 'in', kind: 'call' } },
    },
  ],
});

export const repairOverdue = definePredicate({
  name: 'repairOverdue',
  meaning: 'The repair plan was to be concluded by now.',
  params: none,
  isMet: (view, _params, nowMs) =>
    view.relationship.repair !== null && nowMs >= view.relationship.repair.dueAtMs,
  evidence: (view) => [view.relationship.repair],
  turnsAt: (view, _params, nowMs) =>
    view.relationship.repair === null ? NEVER : ifAhead(view.relationship.repair.dueAtMs, nowMs),
  toMeet: (view) => [
    view.relationship.repair === null
      ? { sentence: 'No repair plan runs.' }
      : { sentence: 'The plan is not overdue.', earliestAtMs: view.relationship.repair.dueAtMs },
  ],
});

export const resolutionRejectedInStage = definePredicate({
  name: 'resolutionRejectedInStage',
  meaning: 'The customer rejected the resolution of a linked case in this stage.',
  params: none,
  isMet: (view) => linkedCases(view).some((known) => inStage(view, known.reopened)),
  evidence: (view) => linkedCases(view).map((known) => known.reopened),
  toMeet: (view) =>
    linkedCases(view)
      .slice(0, 1)
      .map(({ caseId }) => ({
        sentence: 'Record that the customer rejected the resolution.',
        fact: { eventType: 'CaseReopened' as const, data: { caseId } },
      })),
});

export const repairPredicates = [
  repairPlanComplete, stageEnteredFor, deterioratedFor, linkedCasesAccepted, casesLinked, positiveSignalInStage, repairOverdue,
  resolutionRejectedInStage,
]; // prettier-ignore
