import { dayNumberOf, epochMsOf } from '@rapport/contracts';
import { capped, later, markOf, replacedAt } from '../occurrence.js';
import type { DataOfType, Mark, Occurrence, SliceEvolvers } from '../occurrence.js';

// Events: TouchPointRecorded, TouchPointCorrected, SurveyResponded, ReferralMade, ReferralConverted, AdvocacyRecorded,
// PromiseMade, PromiseKept, PromiseBroken, ExternalDataReceived. Cases, offers' answers and contracts are contacts too and are counted here.

/** A touch recent enough to be corrected with its effect on the rules. */
interface RecentTouch extends Mark {
  readonly direction: 'in' | 'out';
  readonly kind: string;
  readonly twoWay: boolean;
  readonly encounterId?: string;
}

interface InboundDay extends Mark {
  readonly day: number;
}

export interface SurveyAnswer extends Mark {
  readonly score: number;
}

export interface NpsAnswer extends SurveyAnswer {
  readonly respondent: string;
  readonly decisionMaker: boolean;
}

/** How an encounter felt, −100 … 100: surveys, sentiment of touches, accepted and rejected resolutions on one scale. */
export interface Experience extends Mark {
  readonly value: number;
}

export interface PromiseState extends Mark {
  readonly promiseId: string;
  readonly by: 'firm' | 'customer';
  readonly dueAtMs: number;
  readonly broken: Mark | null;
}

export interface TouchPointsState {
  readonly count: number;
  readonly last: Mark | null;
  readonly recent: readonly RecentTouch[];
  /** Latest distinct days on which the customer came to us. */
  readonly inboundDays: readonly InboundDay[];
  readonly lastInbound: Mark | null;
  /** Latest contact the customer began and in which both sides took part. */
  readonly lastRequest: Mark | null;
  /** Latest contacts in which both sides took part. */
  readonly twoWay: readonly Mark[];
  readonly lastTwoWay: Mark | null;
  /** Latest meetings and joint visits (partners' joint activity). */
  readonly meetings: readonly Mark[];
  readonly nps: SurveyAnswer | null;
  readonly csat: SurveyAnswer | null;
  /** Latest NPS answer of each respondent. */
  readonly npsByRespondent: readonly NpsAnswer[];
  readonly lastExperience: Experience | null;
  readonly lastBadExperience: Experience | null;
  readonly lastReferral: Mark | null;
  /** Latest referrals of which nobody is known to have bought. */
  readonly referrals: readonly string[];
  readonly referralsForgotten: number;
  readonly lastPublicComplaint: Mark | null;
  readonly promises: readonly PromiseState[];
  readonly promisesForgotten: number;
  /** Latest promises kept, by either side. */
  readonly kept: readonly Mark[];
}

export const initialTouchPoints: TouchPointsState = {
  count: 0,
  last: null,
  recent: [],
  inboundDays: [],
  lastInbound: null,
  lastRequest: null,
  twoWay: [],
  lastTwoWay: null,
  meetings: [],
  nps: null,
  csat: null,
  npsByRespondent: [],
  lastExperience: null,
  lastBadExperience: null,
  lastReferral: null,
  referrals: [],
  referralsForgotten: 0,
  lastPublicComplaint: null,
  promises: [],
  promisesForgotten: 0,
  kept: [],
};

/** How far back a correction reaches into the rules; an older one is recorded and changes no rule. */
const RECENT_KEPT = 16;
/** The most that a rule may ask for (`days`, `contacts`, `count` of the predicates end here). */
export const MARKS_KEPT = 12;
const RESPONDENTS_KEPT = 10;
const PROMISES_KEPT = 100;
const REFERRALS_KEPT = 20;

/** Reading a page or using an app is one-sided even when the customer began it. */
const ONE_SIDED = new Set(['pageView', 'appUse']);
/** Both sides are present whoever began it. */
const JOINT = new Set(['meeting', 'visit']);

const isTwoWay = (touch: {
  readonly direction: string;
  readonly kind: string;
  readonly durationS?: number;
}) =>
  JOINT.has(touch.kind) ||
  (touch.direction === 'in'
    ? !ONE_SIDED.has(touch.kind)
    : touch.kind === 'call' && (touch.durationS ?? 0) > 0);

const withInboundDay = (days: readonly InboundDay[], mark: Mark): readonly InboundDay[] => {
  const day = dayNumberOf(mark.atMs);
  for (let index = days.length - 1; index >= 0; index -= 1) if (days[index]!.day === day) return days;
  return insertedByTime(days, { ...mark, day });
};

/** A capped list in order of business time; what falls out is the oldest. */
const insertedByTime = <M extends Mark>(list: readonly M[], entry: M): readonly M[] => {
  const last = list.at(-1);
  if (last === undefined || entry.atMs >= last.atMs) return capped(list, entry, MARKS_KEPT);
  const index = list.findIndex((known) => known.atMs > entry.atMs);
  if (index === 0 && list.length >= MARKS_KEPT) return list;
  const next = [...list.slice(0, index), entry, ...list.slice(index)];
  return next.length > MARKS_KEPT ? next.slice(1) : next;
};

const inbound = (state: TouchPointsState, mark: Mark): TouchPointsState => ({
  ...state,
  inboundDays: withInboundDay(state.inboundDays, mark),
  lastInbound: later(state.lastInbound, mark),
});

const twoWay = (state: TouchPointsState, mark: Mark): TouchPointsState => ({
  ...state,
  twoWay: insertedByTime(state.twoWay, mark),
  lastTwoWay: later(state.lastTwoWay, mark),
});

/** The customer came to us and both sides took part: a case, a complaint, a goodbye. */
const approach = (state: TouchPointsState, _data: unknown, occurrence: Occurrence): TouchPointsState => {
  const mark = markOf(occurrence);
  const touched = {
    ...state,
    last: later(state.last, mark),
    lastRequest: later(state.lastRequest, mark),
  };
  return twoWay(inbound(touched, mark), mark);
};

/** The customer answered us: a survey, an offer, a resolution. */
const answer = (state: TouchPointsState, _data: unknown, occurrence: Occurrence): TouchPointsState => {
  const mark = markOf(occurrence);
  return twoWay({ ...state, last: later(state.last, mark) }, mark);
};

const felt = (state: TouchPointsState, value: number, occurrence: Occurrence): TouchPointsState => {
  const experience: Experience = { ...markOf(occurrence), value };
  return {
    ...state,
    lastExperience: later(state.lastExperience, experience),
    lastBadExperience: value < 0 ? later(state.lastBadExperience, experience) : state.lastBadExperience,
  };
};

/** Scales on −100 … 100: NPS 5, CSAT 3 and CES 4 are the middle. */
const FEELING = {
  NPS: (score: number) => (score - 5) * 20,
  CSAT: (score: number) => (score - 3) * 50,
  CES: (score: number) => Math.round(((4 - score) * 100) / 3),
} as const;

const surveyed = (
  state: TouchPointsState,
  data: DataOfType<'SurveyResponded'>,
  occurrence: Occurrence,
): TouchPointsState => {
  const answered = felt(answer(state, data, occurrence), FEELING[data.instrument](data.score), occurrence);
  const survey: SurveyAnswer = { ...markOf(occurrence), score: data.score };
  if (data.instrument === 'CES') return answered;
  if (data.instrument === 'CSAT') return { ...answered, csat: later(state.csat, survey) };
  const respondent = data.respondentId ?? data.respondentRole ?? '';
  const entry: NpsAnswer = { ...survey, respondent, decisionMaker: data.respondentRole === 'decisionMaker' };
  const index = state.npsByRespondent.findIndex((known) => known.respondent === respondent);
  const npsByRespondent =
    index < 0
      ? capped(state.npsByRespondent, entry, RESPONDENTS_KEPT)
      : replacedAt(state.npsByRespondent, index, later(state.npsByRespondent[index]!, entry));
  return { ...answered, nps: later(state.nps, survey), npsByRespondent };
};

export const promiseAt = (state: TouchPointsState, promiseId: string): number =>
  state.promises.findIndex((promise) => promise.promiseId === promiseId);

export const touchPointsEvolvers: SliceEvolvers<TouchPointsState> = {
  TouchPointRecorded: (state, data, occurrence) => {
    const mark = markOf(occurrence);
    const both = isTwoWay(data);
    const next: { -readonly [K in keyof TouchPointsState]: TouchPointsState[K] } = {
      ...state,
      count: state.count + 1,
      last: later(state.last, mark),
      recent: capped(
        state.recent,
        {
          ...mark,
          direction: data.direction,
          kind: data.kind,
          twoWay: both,
          ...(data.encounterId === undefined ? {} : { encounterId: data.encounterId }),
        },
        RECENT_KEPT,
      ),
    };
    if (data.direction === 'in') {
      next.inboundDays = withInboundDay(state.inboundDays, mark);
      next.lastInbound = later(state.lastInbound, mark);
      if (both) next.lastRequest = later(state.lastRequest, mark);
    }
    if (both) {
      next.twoWay = insertedByTime(state.twoWay, mark);
      next.lastTwoWay = later(state.lastTwoWay, mark);
    }
    if (JOINT.has(data.kind)) next.meetings = insertedByTime(state.meetings, mark);
    return data.sentiment === undefined ? next : felt(next, data.sentiment, occurrence);
  },
  TouchPointCorrected: (state, data) => {
    const index = state.recent.findIndex((touch) => touch.id === data.targetEventId);
    if (index < 0) return state;
    const touch = state.recent[index]!;
    const changed = { direction: touch.direction, kind: touch.kind, ...data.changes };
    const corrected: RecentTouch = {
      ...touch,
      direction: changed.direction,
      kind: changed.kind,
      twoWay: isTwoWay(changed),
    };
    return correctedTouch(state, index, corrected, data.changes.sentiment);
  },
  SurveyResponded: surveyed,
  ReferralMade: (state, data, occurrence) => ({
    ...answer(state, data, occurrence),
    lastReferral: later(state.lastReferral, markOf(occurrence)),
    ...(data.converted === true
      ? {}
      : {
          referrals: capped(state.referrals, data.referralId, REFERRALS_KEPT),
          referralsForgotten: state.referralsForgotten + (state.referrals.length < REFERRALS_KEPT ? 0 : 1),
        }),
  }),
  ReferralConverted: (state, data) => ({
    ...state,
    referrals: state.referrals.filter((referralId) => referralId !== data.referralId),
  }),
  AdvocacyRecorded: (state, data, occurrence) =>
    data.kind === 'publicComplaint'
      ? {
          ...felt(state, -100, occurrence),
          lastPublicComplaint: later(state.lastPublicComplaint, markOf(occurrence)),
        }
      : state,
  PromiseMade: (state, data, occurrence) => ({
    ...state,
    promises: capped(
      state.promises,
      {
        ...markOf(occurrence),
        promiseId: data.promiseId,
        by: data.by,
        dueAtMs: epochMsOf(data.dueAt),
        broken: null,
      },
      PROMISES_KEPT,
    ),
    promisesForgotten: state.promisesForgotten + (state.promises.length < PROMISES_KEPT ? 0 : 1),
  }),
  PromiseKept: (state, data, occurrence) => ({
    ...state,
    promises: state.promises.filter((promise) => promise.promiseId !== data.promiseId),
    kept: insertedByTime(state.kept, markOf(occurrence)),
  }),
  PromiseBroken: (state, data, occurrence) => {
    const index = promiseAt(state, data.promiseId);
    if (index < 0) return state;
    const promise = { ...state.promises[index]!, broken: markOf(occurrence) };
    return { ...state, promises: replacedAt(state.promises, index, promise) };
  },
  CaseOpened: approach,
  ComplaintRaised: approach,
  // Death and liquidation are told by others, and we end things without being asked.
  GoodbyeSaid: (state, data, occurrence) =>
    data.reasonCode === 'customerLeft' ? approach(state, data, occurrence) : state,
  CaseReopened: (state, data, occurrence) => felt(approach(state, data, occurrence), -100, occurrence),
  ResolutionAccepted: (state, data, occurrence) => {
    const answered = answer(state, data, occurrence);
    if (data.satisfaction === undefined) return answered;
    const csat: SurveyAnswer = { ...markOf(occurrence), score: data.satisfaction };
    return { ...felt(answered, FEELING.CSAT(data.satisfaction), occurrence), csat: later(state.csat, csat) };
  },
  OfferAccepted: answer,
  OfferDeclined: answer,
};

/** The latest of the marks and the fallback when none is left. */
const latestOf = (marks: readonly Mark[]): Mark | null => marks.at(-1) ?? null;

function correctedTouch(
  state: TouchPointsState,
  index: number,
  corrected: RecentTouch,
  sentiment: number | undefined,
): TouchPointsState {
  const mark: Mark = { atMs: corrected.atMs, seq: corrected.seq, id: corrected.id };
  const without = <M extends Mark>(list: readonly M[]) => list.filter((known) => known.id !== mark.id);
  // The day stays an inbound day when another recent touch of that day was inbound.
  let inboundDays = without(state.inboundDays);
  const others = state.recent.filter((touch) => touch.id !== mark.id && touch.direction === 'in');
  for (const touch of others)
    if (dayNumberOf(touch.atMs) === dayNumberOf(mark.atMs))
      inboundDays = [...withInboundDay(inboundDays, { atMs: touch.atMs, seq: touch.seq, id: touch.id })];
  if (corrected.direction === 'in') inboundDays = [...withInboundDay(inboundDays, mark)];
  const both = corrected.twoWay ? insertedByTime(without(state.twoWay), mark) : without(state.twoWay);
  const next: TouchPointsState = {
    ...state,
    recent: replacedAt(state.recent, index, corrected),
    inboundDays,
    lastInbound: latestOf(inboundDays),
    lastRequest:
      corrected.direction === 'in' && corrected.twoWay
        ? later(state.lastRequest, mark)
        : latestOf(without(state.recent.filter((touch) => touch.direction === 'in' && touch.twoWay))),
    twoWay: both,
    lastTwoWay: latestOf(both),
    meetings: JOINT.has(corrected.kind)
      ? insertedByTime(without(state.meetings), mark)
      : without(state.meetings),
  };
  return sentiment === undefined ? next : resentient(next, mark, sentiment);
}

/** The same touch felt otherwise: it replaces what was noted for it, unless something newer was noted. */
function resentient(state: TouchPointsState, mark: Mark, value: number): TouchPointsState {
  const experience: Experience = { ...mark, value };
  const was = (known: Experience | null) => known !== null && known.id === mark.id;
  const bad = was(state.lastBadExperience) ? null : state.lastBadExperience;
  return {
    ...state,
    lastExperience: was(state.lastExperience) ? experience : later(state.lastExperience, experience),
    lastBadExperience: value < 0 ? later(bad, experience) : bad,
  };
}

/** Certain for the latest touches; an event older than those is believed. */
export const isKnownTouch = (state: TouchPointsState, eventId: string): boolean =>
  state.count > state.recent.length || state.recent.some((touch) => touch.id === eventId);
