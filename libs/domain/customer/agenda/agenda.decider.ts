import { epochMsOf, isoOf } from '@rapport/contracts';
import type { Refusal } from '@rapport/contracts';
import { dataOf } from '../command-data.js';
import type { CustomerCommandOf } from '../customer.commands.js';
import type { Draft } from '../draft.js';
import { capped, replacedAt } from '../occurrence.js';
import type { DataOfType, SliceEvolvers } from '../occurrence.js';
import { refuse } from '../refuse.js';

// Events: ActivityPlanned, ActivityRescheduled, ActivityCompleted, ActivityCancelled.

interface OpenActivity {
  readonly activityId: string;
  readonly kind: DataOfType<'ActivityPlanned'>['kind'];
  readonly ownerId: string;
  readonly dueAtMs: number;
}

export interface AgendaState {
  /** Planned and neither done nor cancelled, oldest first. */
  readonly open: readonly OpenActivity[];
  /** Activities the list had no room for. */
  readonly forgotten: number;
}

export const initialAgenda: AgendaState = { open: [], forgotten: 0 };

/** More open activities with one customer than anybody can keep in mind; the oldest give way. */
const OPEN_KEPT = 50;

const placeOf = (state: AgendaState, activityId: string): number =>
  state.open.findIndex((activity) => activity.activityId === activityId);

const without = (state: AgendaState, activityId: string): AgendaState => ({
  ...state,
  open: state.open.filter((activity) => activity.activityId !== activityId),
});

export const agendaEvolvers: SliceEvolvers<AgendaState> = {
  ActivityPlanned: (state, data) => ({
    open: capped(
      state.open,
      {
        activityId: data.activityId,
        kind: data.kind,
        ownerId: data.ownerId,
        dueAtMs: epochMsOf(data.dueAt),
      },
      OPEN_KEPT,
    ),
    forgotten: state.forgotten + (state.open.length < OPEN_KEPT ? 0 : 1),
  }),
  ActivityRescheduled: (state, data) => {
    const index = placeOf(state, data.activityId);
    if (index < 0) return state;
    const activity = { ...state.open[index]!, ownerId: data.ownerId, dueAtMs: epochMsOf(data.dueAt) };
    return { ...state, open: replacedAt(state.open, index, activity) };
  },
  ActivityCompleted: (state, data) => without(state, data.activityId),
  ActivityCancelled: (state, data) => without(state, data.activityId),
};

type AgendaCommand = CustomerCommandOf<
  'PlanActivity' | 'RescheduleActivity' | 'CompleteActivity' | 'CancelActivity'
>;

/** ID_ALREADY_USED, UNKNOWN_ACTIVITY, NOTHING_TO_DO. */
export function decideAgenda(draft: Draft, command: AgendaCommand): Refusal | undefined {
  const state = draft.state.agenda;
  const index = placeOf(state, command.activityId);
  if (command.type === 'PlanActivity') {
    if (index >= 0) return refuse('ID_ALREADY_USED', 'The customer has an open activity with this id.');
    draft.record('ActivityPlanned', {
      ...dataOf(command),
      ownerId: command.ownerId ?? draft.context.actor.id,
    });
    return undefined;
  }
  // An activity so old that the state let go of it is believed.
  if (index < 0 && state.forgotten === 0)
    return refuse('UNKNOWN_ACTIVITY', 'The customer has no such open activity.');
  const known = index < 0 ? undefined : state.open[index]!;
  const kind = known === undefined ? {} : { kind: known.kind };
  switch (command.type) {
    case 'RescheduleActivity': {
      const ownerId = command.ownerId ?? known?.ownerId ?? draft.context.actor.id;
      if (known?.ownerId === ownerId && known.dueAtMs === epochMsOf(command.dueAt))
        return refuse('NOTHING_TO_DO', 'The activity is already planned so.');
      draft.record('ActivityRescheduled', {
        ...dataOf(command),
        ownerId,
        ...(known === undefined
          ? {}
          : { previousDueAt: isoOf(known.dueAtMs), previousOwnerId: known.ownerId }),
      });
      return undefined;
    }
    case 'CompleteActivity': {
      const { touch, ...done } = dataOf(command);
      if (touch !== undefined) draft.record('TouchPointRecorded', touch);
      draft.record('ActivityCompleted', {
        ...done,
        ...kind,
        ...(touch === undefined ? {} : { touchEventId: draft.context.eventIdOf('TouchPointRecorded', 0) }),
      });
      return undefined;
    }
    case 'CancelActivity':
      draft.record('ActivityCancelled', { ...dataOf(command), ...kind });
      return undefined;
    default:
      return command satisfies never;
  }
}
