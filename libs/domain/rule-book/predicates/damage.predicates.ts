import { Type } from '@sinclair/typebox';
import { MS_PER_DAY, TRAITS } from '@rapport/contracts';
import type { Mark } from '../../customer/occurrence.js';
import { isOrganisation } from '../../customer/profile/profile.state.js';
import type { CaseState } from '../../customer/service/service.decider.js';
import { COMPLAINTS_KEPT, isOpen } from '../../customer/service/service.decider.js';
import { oneOf } from '../one-of.js';
import { NEVER, definePredicate, ifAhead, inStage, unsettled } from './predicate.js';
import type { RelationshipView, Way } from './predicate.js';

const none = Type.Object({}, { additionalProperties: false });
const period = Type.Integer({ minimum: 1, maximum: 36_500, description: 'length of the period in days' });
const severity = Type.Integer({
  minimum: 1,
  maximum: 4,
  description: 'worst severities up to this: 1 worst … 4 least',
});

/** What settles open cases in the customer's eyes. */
const settle = (cases: readonly CaseState[]): Way[] =>
  cases.map(({ caseId }) => ({
    sentence: 'Resolve the open case.',
    fact: { eventType: 'CaseResolved' as const, data: { caseId } },
  }));

const openComplaints = (view: RelationshipView, maxSeverity: number): readonly CaseState[] =>
  view.service.cases.filter((known) => known.complaint && known.severity <= maxSeverity && isOpen(known));

export const complaintOpen = definePredicate({
  name: 'complaintOpen',
  meaning: 'A complaint is open.',
  params: Type.Object({ maxSeverity: severity }, { additionalProperties: false }),
  isMet: (view, params) => openComplaints(view, params.maxSeverity).length > 0,
  evidence: (view, params) => openComplaints(view, params.maxSeverity),
  toEnd: (view, params) => settle(openComplaints(view, params.maxSeverity)),
});

export const caseOpen = definePredicate({
  name: 'caseOpen',
  meaning: 'A case of any kind is open.',
  params: none,
  isMet: (view) => view.service.cases.some(isOpen),
  evidence: (view) => view.service.cases.filter(isOpen),
  toEnd: (view) => settle(view.service.cases.filter(isOpen)),
});

const beyondSla = (view: RelationshipView, maxSeverity: number, nowMs: number) =>
  openComplaints(view, maxSeverity).filter((known) => nowMs >= known.slaDueAtMs);

export const complaintBeyondSla = definePredicate({
  name: 'complaintBeyondSla',
  meaning: 'A complaint is open beyond the time it had to be resolved in.',
  params: Type.Object({ maxSeverity: severity }, { additionalProperties: false }),
  isMet: (view, params, nowMs) =>
    view.service.cases.length > 0 && beyondSla(view, params.maxSeverity, nowMs).length > 0,
  evidence: (view, params, nowMs) => beyondSla(view, params.maxSeverity, nowMs),
  turnsAt: (view, params, nowMs) => {
    let next = NEVER;
    for (const known of view.service.cases)
      if (known.complaint && known.severity <= params.maxSeverity && isOpen(known))
        next = Math.min(next, ifAhead(known.slaDueAtMs, nowMs));
    return next;
  },
  toMeet: (view, params) =>
    openComplaints(view, params.maxSeverity).length === 0
      ? [
          {
            sentence: 'Record a complaint that is not resolved in time.',
            fact: { eventType: 'ComplaintRaised', data: { severity: params.maxSeverity } },
          },
        ]
      : openComplaints(view, params.maxSeverity).map((known) => ({
          sentence: 'The complaint is still within its time.',
          earliestAtMs: known.slaDueAtMs,
        })),
  toEnd: (view, params, nowMs) => settle(beyondSla(view, params.maxSeverity, nowMs)),
});

const complaintsSince = (view: RelationshipView, sinceMs: number): readonly Mark[] =>
  view.service.complaints.filter((known) => known.atMs > sinceMs && unsettled(view, known));

export const complaintsWithin = definePredicate({
  name: 'complaintsWithin',
  meaning: 'So many complaints came within a period, the last of them in this stage.',
  params: Type.Object(
    {
      count: Type.Integer({ minimum: 1, maximum: COMPLAINTS_KEPT, description: 'complaints' }),
      days: period,
    },
    { additionalProperties: false },
  ),
  isMet: (view, params, nowMs) => {
    if (view.service.complaints.length < params.count) return false;
    const known = complaintsSince(view, nowMs - params.days * MS_PER_DAY);
    return known.length >= params.count && known.some((complaint) => inStage(view, complaint));
  },
  evidence: (view, params, nowMs) =>
    complaintsSince(view, nowMs - params.days * MS_PER_DAY).slice(-params.count),
  turnsAt: (view, params, nowMs) => {
    let next = NEVER;
    if (view.service.complaints.length < params.count) return next;
    for (const known of view.service.complaints)
      next = Math.min(next, ifAhead(known.atMs + params.days * MS_PER_DAY, nowMs));
    return next;
  },
  toMeet: (view, params, nowMs) =>
    Array.from(
      { length: Math.max(1, params.count - complaintsSince(view, nowMs - params.days * MS_PER_DAY).length) },
      () => ({ sentence: 'Record a complaint.', fact: { eventType: 'ComplaintRaised' as const } }),
    ),
});

export const severeComplaintInStage = definePredicate({
  name: 'severeComplaintInStage',
  meaning: 'A severe complaint was raised in this stage.',
  params: Type.Object({ maxSeverity: severity }, { additionalProperties: false }),
  isMet: (view, params) =>
    view.service.complaints.some((known) => known.severity <= params.maxSeverity && inStage(view, known)),
  evidence: (view, params) =>
    view.service.complaints.filter((known) => known.severity <= params.maxSeverity && inStage(view, known)),
  toMeet: (_view, params) => [
    {
      sentence: 'Record a severe complaint.',
      fact: { eventType: 'ComplaintRaised', data: { severity: params.maxSeverity } },
    },
  ],
});

export const publicComplaintInStage = definePredicate({
  name: 'publicComplaintInStage',
  meaning: 'The customer complained in public in this stage.',
  params: none,
  isMet: (view) => inStage(view, view.touchPoints.lastPublicComplaint),
  evidence: (view) => [view.touchPoints.lastPublicComplaint],
  toMeet: () => [
    {
      sentence: 'Record the public complaint.',
      fact: { eventType: 'AdvocacyRecorded', data: { kind: 'publicComplaint' } },
    },
  ],
});

const brokenPromises = (view: RelationshipView) =>
  view.touchPoints.promises.filter((promise) => promise.by === 'firm' && unsettled(view, promise.broken));

export const ourPromiseBroken = definePredicate({
  name: 'ourPromiseBroken',
  meaning: 'A promise of ours was broken and was not made good.',
  params: none,
  isMet: (view) => view.touchPoints.promises.length > 0 && brokenPromises(view).length > 0,
  evidence: (view) => brokenPromises(view).map(({ broken }) => broken),
  toEnd: (view) =>
    brokenPromises(view).map(({ promiseId }) => ({
      sentence: 'Make the promise good.',
      fact: { eventType: 'PromiseKept' as const, data: { promiseId } },
    })),
});

export const traitFell = definePredicate({
  name: 'traitFell',
  meaning: 'A trait of the customer fell by so many points since the stage was entered.',
  params: Type.Object(
    {
      traits: Type.Array(oneOf(TRAITS, 'trait'), {
        minItems: 1,
        maxItems: 9,
        description: 'names of traits',
      }),
      points: Type.Integer({ minimum: 1, maximum: 100, description: 'points of 100' }),
    },
    { additionalProperties: false },
  ),
  isMet: (view, params) =>
    params.traits.some((name) => {
      const trait = view.relationship.traits[name];
      return trait !== undefined && trait.highScore - trait.score >= params.points;
    }),
  evidence: (view, params) =>
    params.traits
      .map((name) => view.relationship.traits[name] ?? null)
      .filter((trait) => trait !== null && trait.highScore - trait.score >= params.points),
  toMeet: (_view, params) => [
    {
      sentence: 'Record the fallen trait.',
      fact: { eventType: 'RelationTraitRecorded', data: { trait: params.traits[0], side: 'customer' } },
    },
  ],
});

export const npsAtMost = definePredicate({
  name: 'npsAtMost',
  meaning:
    'The customer would not recommend us; for an organisation several respondents or one decision maker say so.',
  params: Type.Object(
    {
      score: Type.Integer({ minimum: 0, maximum: 10, description: 'NPS 0-10' }),
      respondents: Type.Integer({
        minimum: 1,
        maximum: 10,
        description: 'respondents an organisation needs unless a decision maker answered',
      }),
    },
    { additionalProperties: false },
  ),
  isMet: (view, params) => {
    if (!isOrganisation(view.profile)) {
      const { nps } = view.touchPoints;
      return nps !== null && nps.score <= params.score && inStage(view, nps);
    }
    const low = view.touchPoints.npsByRespondent.filter(
      (answer) => answer.score <= params.score && unsettled(view, answer),
    );
    return (
      low.some((answer) => inStage(view, answer)) &&
      (low.length >= params.respondents || low.some((answer) => answer.decisionMaker))
    );
  },
  evidence: (view, params) =>
    isOrganisation(view.profile)
      ? view.touchPoints.npsByRespondent.filter((answer) => answer.score <= params.score)
      : [view.touchPoints.nps],
  toMeet: (_view, params) => [
    {
      sentence: 'Record the survey answer.',
      fact: { eventType: 'SurveyResponded', data: { instrument: 'NPS', score: params.score } },
    },
  ],
});

const weakSignals = (
  view: RelationshipView,
  params: { readonly days: number; readonly experienceBelow: number },
  nowMs: number,
): readonly Mark[] => {
  const sinceMs = nowMs - params.days * MS_PER_DAY;
  const { lastBadExperience } = view.touchPoints;
  const found: Mark[] = [];
  const look = (mark: Mark | null | undefined): void => {
    if (mark && mark.atMs > sinceMs && unsettled(view, mark)) found.push(mark);
  };
  look(view.service.complaints.at(-1));
  look(view.service.lastReopened);
  look(view.ledger.lastPaymentFailure);
  look(view.ledger.lastReturn);
  if (lastBadExperience !== null && lastBadExperience.value < params.experienceBelow) look(lastBadExperience);
  return found;
};

export const negativeSignalWithin = definePredicate({
  name: 'negativeSignalWithin',
  meaning:
    'Something unpleasant that is not silence happened lately: a complaint, a reopened case, a failed payment, a return, a bad experience.',
  params: Type.Object(
    {
      days: period,
      experienceBelow: Type.Integer({
        minimum: -100,
        maximum: 0,
        description: 'an experience counts below this, on -100 … 100',
      }),
    },
    { additionalProperties: false },
  ),
  isMet: (view, params, nowMs) => weakSignals(view, params, nowMs).length > 0,
  evidence: weakSignals,
  turnsAt: (view, params, nowMs) => {
    let next = NEVER;
    for (const mark of weakSignals(view, params, nowMs))
      next = Math.min(next, ifAhead(mark.atMs + params.days * MS_PER_DAY, nowMs));
    return next;
  },
  toEnd: (view, params, nowMs) => [
    {
      sentence: 'Wait until the unpleasant event is long past.',
      earliestAtMs: Math.max(
        ...weakSignals(view, params, nowMs).map((mark) => mark.atMs + params.days * MS_PER_DAY),
      ),
    },
  ],
});

export const damagePredicates = [
  complaintOpen, caseOpen, complaintBeyondSla, complaintsWithin, severeComplaintInStage, publicComplaintInStage, ourPromiseBroken,
  traitFell, npsAtMost, negativeSignalWithin,
]; // prettier-ignore
