import type { Refusal } from '@rapport/contracts';
import { dataOf } from '../command-data.js';
import type { CustomerCommandOf } from '../customer.commands.js';
import type { Draft } from '../draft.js';
import type { DataOfType } from '../occurrence.js';
import { refuse } from '../refuse.js';
import { isKnownTouch, promiseAt } from './touch-points.state.js';
import type { TouchPointsState } from './touch-points.state.js';

/** More products than one touch is ever about. */
const PRODUCTS_NAMED = 100;
const SCORE_RANGE = { NPS: [0, 10], CSAT: [1, 5], CES: [1, 7] } as const;

type TouchPointCommand = CustomerCommandOf<
  | 'RecordTouchPoint'
  | 'CorrectTouchPoint'
  | 'RecordSurveyResponse'
  | 'RecordReferral'
  | 'ConvertReferral'
  | 'RecordAdvocacy'
  | 'ReceiveExternalData'
  | 'MakePromise'
  | 'KeepPromise'
  | 'BreakPromise'
>;

/** UNKNOWN_TARGET_EVENT, INVALID_VALUE, ID_ALREADY_USED, UNKNOWN_REFERRAL, UNKNOWN_PROMISE, NOTHING_TO_DO. */
export function decideTouchPoints(draft: Draft, command: TouchPointCommand): Refusal | undefined {
  const state = draft.state.touchPoints;
  switch (command.type) {
    case 'RecordTouchPoint':
      draft.record('TouchPointRecorded', dataOf(command));
      return undefined;
    case 'CorrectTouchPoint':
      if (!isKnownTouch(state, command.targetEventId))
        return refuse('UNKNOWN_TARGET_EVENT', 'The customer has no such touch point.');
      draft.record('TouchPointCorrected', {
        ...dataOf(command),
        ...encounterOf(state, command.targetEventId),
        ...asRecorded(draft, command.targetEventId),
      });
      return undefined;
    case 'RecordSurveyResponse': {
      const [least, most] = SCORE_RANGE[command.instrument];
      if (command.score < least || command.score > most)
        return refuse('INVALID_VALUE', `A ${command.instrument} score lies between ${least} and ${most}.`);
      draft.record('SurveyResponded', dataOf(command));
      return undefined;
    }
    case 'RecordReferral':
      draft.record('ReferralMade', dataOf(command));
      return undefined;
    case 'ConvertReferral':
      // A referral so old that the state let go of it is believed.
      if (!state.referrals.includes(command.referralId) && state.referralsForgotten === 0)
        return refuse(
          'UNKNOWN_REFERRAL',
          'The customer made no such referral, or it is known to have led to a purchase.',
        );
      draft.record('ReferralConverted', dataOf(command));
      return undefined;
    case 'ReceiveExternalData':
      if (command.usableUntil !== undefined && command.usableUntil < command.asOf)
        return refuse('DATES_OUT_OF_ORDER', 'The licence would end before the day the data hold for.');
      draft.record('ExternalDataReceived', dataOf(command));
      return undefined;
    case 'RecordAdvocacy':
      draft.record('AdvocacyRecorded', dataOf(command));
      return undefined;
    case 'MakePromise':
      if (promiseAt(state, command.promiseId) >= 0)
        return refuse('ID_ALREADY_USED', 'The customer has a promise with this id.');
      draft.record('PromiseMade', { ...dataOf(command), ...answererOf(draft, command) });
      return undefined;
    case 'KeepPromise':
    case 'BreakPromise': {
      const index = promiseAt(state, command.promiseId);
      // A promise so old that the state let go of it is believed.
      if (index < 0 && state.promisesForgotten === 0)
        return refuse('UNKNOWN_PROMISE', 'The customer has no such open promise.');
      if (command.type === 'BreakPromise' && index >= 0 && state.promises[index]!.broken !== null)
        return refuse('NOTHING_TO_DO', 'The promise is already broken.');
      draft.record(command.type === 'KeepPromise' ? 'PromiseKept' : 'PromiseBroken', dataOf(command));
      return undefined;
    }
    default:
      return command satisfies never;
  }
}

/** Who of ours answers for a promise: named, else the employee or agent who records it, else the account manager. */
function answererOf(draft: Draft, command: CustomerCommandOf<'MakePromise'>): { ownerId?: string } {
  const { actor } = draft.context;
  const recordedBy = actor.kind === 'employee' || actor.kind === 'agent' ? actor.id : undefined;
  const ownerId = command.ownerId ?? recordedBy ?? draft.state.profile.managerId ?? undefined;
  return ownerId === undefined ? {} : { ownerId };
}

/** The corrected touch, so that whoever counts touches need not look for it. */
const asRecorded = (
  draft: Draft,
  eventId: string,
): Pick<DataOfType<'TouchPointCorrected'>, 'original' | 'productIds'> => {
  const touch = draft.context.references?.touches?.get(eventId);
  if (touch === undefined) return {};
  return { original: touch.original, productIds: touch.productIds.slice(0, PRODUCTS_NAMED) };
};

const encounterOf = (state: TouchPointsState, eventId: string): { encounterId?: string } => {
  const encounterId = state.recent.find((touch) => touch.id === eventId)?.encounterId;
  return encounterId === undefined ? {} : { encounterId };
};
