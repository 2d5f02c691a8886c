import { Type } from '@sinclair/typebox';
import { GROUP_CODES, MS_PER_DAY } from '@rapport/contracts';
import type { Mark } from '../../customer/occurrence.js';
import { MARKS_KEPT } from '../../customer/touch-points/touch-points.state.js';
import { NEVER, definePredicate, ifAhead, inStage, newDays, unsettled } from './predicate.js';
import type { RelationshipView } from './predicate.js';

const days = (description: string) => Type.Integer({ minimum: 0, maximum: 36_500, description });
const period = Type.Integer({ minimum: 1, maximum: 36_500, description: 'length of the period in days' });
const multiple = (description: string) => Type.Number({ minimum: 0, maximum: 100, description });

const inboundSince = (view: RelationshipView, sinceMs: number): readonly Mark[] =>
  view.touchPoints.inboundDays.filter((mark) => mark.atMs > sinceMs && inStage(view, mark));

export const inboundTouchDays = definePredicate({
  name: 'inboundTouchDays',
  meaning: 'The customer came to us on at least so many days within a period.',
  params: Type.Object(
    {
      days: Type.Integer({
        minimum: 1,
        maximum: MARKS_KEPT,
        description: 'different days with an inbound touch',
      }),
      withinDays: period,
    },
    { additionalProperties: false },
  ),
  // A period begins and ends within a day.
  contradiction: ({ days: wanted, withinDays }) =>
    wanted > withinDays + 1
      ? { threshold: 'days', reason: `no period of ${withinDays} days touches ${wanted} days` }
      : undefined,
  isMet: (view, params, nowMs) => {
    // Asked at every touch of somebody new, so it counts without building a list.
    const sinceMs = nowMs - params.withinDays * MS_PER_DAY;
    let days = 0;
    for (const mark of view.touchPoints.inboundDays)
      if (mark.atMs > sinceMs && inStage(view, mark)) days += 1;
    return days >= params.days;
  },
  evidence: (view, params, nowMs) =>
    inboundSince(view, nowMs - params.withinDays * MS_PER_DAY).slice(-params.days),
  turnsAt: (view, params, nowMs) => {
    let next = NEVER;
    // Fewer days than asked for stay too few as time passes.
    if (view.touchPoints.inboundDays.length < params.days) return next;
    for (const mark of view.touchPoints.inboundDays)
      next = Math.min(next, ifAhead(mark.atMs + params.withinDays * MS_PER_DAY, nowMs));
    return next;
  },
  toMeet: (view, params, nowMs) => {
    const known = inboundSince(view, nowMs - params.withinDays * MS_PER_DAY);
    // A day on which they came before this stage was entered counts for the earlier stage.
    return newDays(params.days - known.length, view.touchPoints.inboundDays, nowMs).map((earliestAtMs) => ({
      sentence: 'Record a touch that the customer began, on another day.',
      fact: { eventType: 'TouchPointRecorded' as const, data: { direction: 'in', kind: 'call' } },
      earliestAtMs,
    }));
  },
});

/** How long nothing two-sided and no purchase happened, counted within the stage: a step back starts the count anew. */
const silentSinceMs = (view: RelationshipView): number =>
  Math.max(
    view.relationship.sinceMs,
    view.touchPoints.lastTwoWay?.atMs ?? view.relationship.sinceMs,
    view.ledger.lastPurchase?.atMs ?? view.relationship.sinceMs,
  );

const MIN_GAPS_FOR_OWN_MEDIAN = 3;

const silenceLimitMs = (
  view: RelationshipView,
  params: {
    readonly days: number;
    readonly timesMedianGap: number;
    readonly groupMedianGapDays: Readonly<Record<string, number>>;
  },
): number => {
  const own = view.ledger.purchaseDays.length > MIN_GAPS_FOR_OWN_MEDIAN ? view.ledger.medianGapMs : null;
  const group = params.groupMedianGapDays[view.profile.groupCode ?? 'consumer'] ?? 0;
  return Math.max(params.days * MS_PER_DAY, params.timesMedianGap * (own ?? group * MS_PER_DAY));
};

export const silentFor = definePredicate({
  name: 'silentFor',
  meaning: 'For long there was no two-way contact and no purchase, measured by the usual rhythm.',
  params: Type.Object(
    {
      days: days('at least so many days'),
      timesMedianGap: multiple('at least so many times the own median gap between purchase days'),
      groupMedianGapDays: Type.Record(
        Type.String({ pattern: `^(?:${GROUP_CODES.join('|')})$` }),
        Type.Number({ minimum: 0, maximum: 36_500, description: 'days' }),
        {
          additionalProperties: false,
          description: 'median gap of the customer group in days, used while fewer than 3 own gaps are known',
        },
      ),
    },
    { additionalProperties: false },
  ),
  isMet: (view, params, nowMs) => nowMs - silentSinceMs(view) >= silenceLimitMs(view, params),
  evidence: (view) => [view.touchPoints.lastTwoWay, view.ledger.lastPurchase],
  turnsAt: (view, params, nowMs) => ifAhead(silentSinceMs(view) + silenceLimitMs(view, params), nowMs),
  toMeet: (view, params) => [
    {
      sentence: 'The silence has not lasted long enough.',
      earliestAtMs: silentSinceMs(view) + silenceLimitMs(view, params),
    },
  ],
  toEnd: () => [
    {
      sentence: 'Record a contact in which both sides took part.',
      fact: { eventType: 'TouchPointRecorded', data: { direction: 'in', kind: 'call' } },
    },
  ],
});

const overdueAtMs = (
  view: RelationshipView,
  params: { readonly timesMedianGap: number; readonly minGaps: number },
): number => {
  const { purchaseDays, medianGapMs, lastPurchase } = view.ledger;
  if (lastPurchase === null || medianGapMs === null || purchaseDays.length <= params.minGaps) return NEVER;
  return lastPurchase.atMs + params.timesMedianGap * medianGapMs + 1;
};

export const overdueByRhythm = definePredicate({
  name: 'overdueByRhythm',
  meaning: 'The next purchase is overdue by more than a multiple of the own median gap.',
  params: Type.Object(
    {
      timesMedianGap: multiple('multiple of the own median gap'),
      minGaps: Type.Integer({ minimum: 1, maximum: 15, description: 'gaps that must be known' }),
    },
    { additionalProperties: false },
  ),
  isMet: (view, params, nowMs) => nowMs >= overdueAtMs(view, params),
  evidence: (view) => [view.ledger.lastPurchase],
  turnsAt: (view, params, nowMs) => ifAhead(overdueAtMs(view, params), nowMs),
  toEnd: () => [{ sentence: 'Record a purchase.', fact: { eventType: 'PurchaseRecorded' } }],
});

/** A purchase the model cannot have seen; of the same instant when it was recorded after the score. */
const boughtSince = (purchase: Mark | null, score: Mark & { readonly asOfMs: number }): boolean =>
  purchase !== null &&
  (purchase.atMs > score.asOfMs || (purchase.atMs === score.asOfMs && purchase.seq > score.seq));

export const pAliveBelow = definePredicate({
  name: 'pAliveBelow',
  meaning: 'A model says the customer is probably no longer active, and nothing was bought since it looked.',
  params: Type.Object(
    {
      below: Type.Number({ minimum: 0, maximum: 1, description: 'probability 0-1' }),
      maxAgeDays: days('days for which a score counts'),
    },
    { additionalProperties: false },
  ),
  isMet: (view, params, nowMs) => {
    const known = view.relationship.modelEvidence;
    return (
      known !== null &&
      known.pAlive < params.below &&
      nowMs < known.asOfMs + params.maxAgeDays * MS_PER_DAY &&
      unsettled(view, known) &&
      !boughtSince(view.ledger.lastPurchase, known)
    );
  },
  evidence: (view) => [view.relationship.modelEvidence],
  turnsAt: (view, params, nowMs) =>
    view.relationship.modelEvidence === null
      ? NEVER
      : ifAhead(view.relationship.modelEvidence.asOfMs + params.maxAgeDays * MS_PER_DAY, nowMs),
  toEnd: () => [{ sentence: 'Record a purchase.', fact: { eventType: 'PurchaseRecorded' } }],
});

const lastTouchMs = (view: RelationshipView): number =>
  Math.max(
    view.touchPoints.last?.atMs ?? view.relationship.sinceMs,
    view.ledger.lastPurchase?.atMs ?? view.relationship.sinceMs,
  );

export const noTouchFor = definePredicate({
  name: 'noTouchFor',
  meaning: 'There was no touch in either direction and no purchase for so many days.',
  params: Type.Object({ days: days('days') }, { additionalProperties: false }),
  isMet: (view, params, nowMs) => nowMs - lastTouchMs(view) >= params.days * MS_PER_DAY,
  evidence: (view) => [view.touchPoints.last],
  turnsAt: (view, params, nowMs) => ifAhead(lastTouchMs(view) + params.days * MS_PER_DAY, nowMs),
  toMeet: (view, params) => [
    {
      sentence: 'There was a touch not long ago.',
      earliestAtMs: lastTouchMs(view) + params.days * MS_PER_DAY,
    },
  ],
});

export const noTwoWayContactFor = definePredicate({
  name: 'noTwoWayContactFor',
  meaning: 'For so many days there was no contact in which both sides took part, counted within the stage.',
  params: Type.Object({ days: days('days') }, { additionalProperties: false }),
  isMet: (view, params, nowMs) => nowMs - silentSinceMs(view) >= params.days * MS_PER_DAY,
  evidence: (view) => [view.touchPoints.lastTwoWay],
  turnsAt: (view, params, nowMs) => ifAhead(silentSinceMs(view) + params.days * MS_PER_DAY, nowMs),
  toMeet: (view, params) => [
    {
      sentence: 'The silence has not lasted long enough.',
      earliestAtMs: silentSinceMs(view) + params.days * MS_PER_DAY,
    },
  ],
});

const jointSince = (view: RelationshipView, sinceMs: number): readonly Mark[] =>
  view.touchPoints.meetings.filter((mark) => mark.atMs > sinceMs && inStage(view, mark));

export const jointActivities = definePredicate({
  name: 'jointActivities',
  meaning: 'Meetings or visits brought both sides together so many times within a period.',
  params: Type.Object(
    {
      count: Type.Integer({ minimum: 1, maximum: MARKS_KEPT, description: 'meetings and visits' }),
      withinDays: period,
    },
    { additionalProperties: false },
  ),
  isMet: (view, params, nowMs) =>
    jointSince(view, nowMs - params.withinDays * MS_PER_DAY).length >= params.count,
  evidence: (view, params, nowMs) =>
    jointSince(view, nowMs - params.withinDays * MS_PER_DAY).slice(-params.count),
  turnsAt: (view, params, nowMs) => {
    let next = NEVER;
    for (const mark of view.touchPoints.meetings)
      next = Math.min(next, ifAhead(mark.atMs + params.withinDays * MS_PER_DAY, nowMs));
    return next;
  },
  toMeet: (view, params, nowMs) =>
    Array.from(
      {
        length: params.count - jointSince(view, nowMs - params.withinDays * MS_PER_DAY).length,
      },
      () => ({
        sentence: 'Record a meeting or a visit.',
        fact: { eventType: 'TouchPointRecorded' as const, data: { direction: 'in', kind: 'meeting' } },
      }),
    ),
});

const keptInStage = (view: RelationshipView): readonly Mark[] =>
  view.touchPoints.kept.filter((mark) => inStage(view, mark));

export const commitmentsKept = definePredicate({
  name: 'commitmentsKept',
  meaning: 'So many promises, of either side, were kept in this stage.',
  params: Type.Object(
    { count: Type.Integer({ minimum: 1, maximum: MARKS_KEPT, description: 'promises kept' }) },
    { additionalProperties: false },
  ),
  isMet: (view, params) => keptInStage(view).length >= params.count,
  evidence: (view, params) => keptInStage(view).slice(-params.count),
  toMeet: (view, params) =>
    Array.from({ length: params.count - keptInStage(view).length }, (_, index) => ({
      sentence: 'Keep a promise.',
      fact: {
        eventType: 'PromiseKept' as const,
        ...(view.touchPoints.promises[index]
          ? { data: { promiseId: view.touchPoints.promises[index].promiseId } }
          : {}),
      },
    })),
});

export const contactPredicates = [
  inboundTouchDays, silentFor, overdueByRhythm, pAliveBelow, noTouchFor, noTwoWayContactFor, jointActivities, commitmentsKept,
]; // prettier-ignore
