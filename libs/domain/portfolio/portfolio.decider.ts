import { MS_PER_SECOND } from '@rapport/contracts';
import type { DataOf, EventOfType, NewEvent, Refusal, StreamEvent } from '@rapport/contracts';
import type { PortfolioHandedOver, PortfolioHandOverCompleted } from '@rapport/contracts';
import type { GivenContext } from '../customer/draft.js';
import { refuse } from '../customer/refuse.js';

/** Gives all customers of an account manager to a successor. */
export interface HandOverPortfolio {
  readonly type: 'HandOverPortfolio';
  readonly managerId: string;
  /** Default: derived from the command. */
  readonly handOverId?: string;
  readonly toManagerId: string;
  /** yyyy-mm-dd. */
  readonly fromDate: string;
  readonly reasonCode: string;
}
/** Ends a hand-over once every customer was looked at. */
export type CompleteHandOver = {
  readonly type: 'CompleteHandOver';
  readonly managerId: string;
} & Omit<DataOf<typeof PortfolioHandOverCompleted>, 'toManagerId'>;
export type AccountManagerCommand = HandOverPortfolio | CompleteHandOver;

export type HandOver = DataOf<typeof PortfolioHandedOver>;

/** What deciding needs to know of an account manager. */
export interface AccountManagerState {
  /** The hand-over whose customers are being assigned. */
  readonly running: HandOver | null;
  /** Ids of the latest hand-overs that ended. */
  readonly ended: readonly string[];
}

const ENDED_KEPT = 50;
const CLOCK_SKEW_MS = 300 * MS_PER_SECOND;

type AccountManagerDecision =
  | { readonly kind: 'accepted'; readonly events: readonly NewEvent[] }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

const refused = (refusal: Refusal): AccountManagerDecision => ({ kind: 'refused', refusal });
const accepted = (event: NewEvent): AccountManagerDecision => ({ kind: 'accepted', events: [event] });

/** OCCURRED_IN_FUTURE, HAND_OVER_RUNNING, ID_ALREADY_USED, NOTHING_TO_DO. (S4) */
export function decideAccountManager(
  state: AccountManagerState,
  command: AccountManagerCommand,
  context: GivenContext,
): AccountManagerDecision {
  if (context.occurredAtMs > context.nowMs + CLOCK_SKEW_MS)
    return refused(refuse('OCCURRED_IN_FUTURE', 'occurredAt lies in the future.'));
  switch (command.type) {
    case 'HandOverPortfolio': {
      const { managerId, toManagerId, fromDate, reasonCode } = command;
      const handOverId = command.handOverId ?? context.eventIdOf('PortfolioHandedOver', 0);
      if (toManagerId === managerId)
        return refused(refuse('NOTHING_TO_DO', 'The successor is the account manager.'));
      if (state.running !== null)
        return refused(
          refuse(
            'HAND_OVER_RUNNING',
            `The customers are still being handed over to ${state.running.toManagerId}.`,
          ),
        );
      if (state.ended.includes(handOverId))
        return refused(refuse('ID_ALREADY_USED', 'A hand-over of the account manager has this id.'));
      return accepted({
        type: 'PortfolioHandedOver',
        data: { handOverId, toManagerId, fromDate, reasonCode },
      } satisfies NewEvent<'PortfolioHandedOver', HandOver>);
    }
    case 'CompleteHandOver': {
      const { handOverId, customersMoved, customersLeft } = command;
      if (state.running?.handOverId !== handOverId)
        return refused(refuse('NOTHING_TO_DO', 'No such hand-over is running.'));
      return accepted({
        type: 'PortfolioHandOverCompleted',
        data: { handOverId, toManagerId: state.running.toManagerId, customersMoved, customersLeft },
      });
    }
    default:
      return command satisfies never;
  }
}

function evolveAccountManager(state: AccountManagerState, event: StreamEvent): AccountManagerState {
  switch (event.type) {
    case 'PortfolioHandedOver':
      return { ...state, running: (event as EventOfType<'PortfolioHandedOver'>).data };
    case 'PortfolioHandOverCompleted': {
      const { handOverId } = (event as EventOfType<'PortfolioHandOverCompleted'>).data;
      return { running: null, ended: [...state.ended, handOverId].slice(-ENDED_KEPT) };
    }
    default:
      return state;
  }
}

/** One account manager: the stream `accountManager-<managerId>`. */
export const accountManagerDecider = {
  category: 'accountManager',
  stateSchemaVersion: 1,
  initialState: (): AccountManagerState => ({ running: null, ended: [] }),
  evolve: evolveAccountManager,
  decide: decideAccountManager,
} as const;
