import type { Refusal } from '@rapport/contracts';
import { dataOf } from '../command-data.js';
import type { CustomerCommandOf } from '../customer.commands.js';
import type { Draft } from '../draft.js';
import { capped, replacedAt } from '../occurrence.js';
import type { SliceEvolvers } from '../occurrence.js';
import { refuse } from '../refuse.js';

// Events: NeedRecorded, NeedMet, NeedUnmet.

interface UnservedNeed {
  readonly needId: string;
  /** Told to be unmet; it may still be met later. */
  readonly unmet: boolean;
}

export interface NeedsState {
  /** Needs that are not met, oldest first. */
  readonly unserved: readonly UnservedNeed[];
  /** Needs the list had no room for. */
  readonly forgotten: number;
}

export const initialNeeds: NeedsState = { unserved: [], forgotten: 0 };

/** The oldest unserved needs give way to newer ones. */
const UNSERVED_KEPT = 50;

const placeOf = (state: NeedsState, needId: string): number =>
  state.unserved.findIndex((need) => need.needId === needId);

export const needsEvolvers: SliceEvolvers<NeedsState> = {
  NeedRecorded: (state, data) => ({
    unserved: capped(state.unserved, { needId: data.needId, unmet: false }, UNSERVED_KEPT),
    forgotten: state.forgotten + (state.unserved.length < UNSERVED_KEPT ? 0 : 1),
  }),
  NeedMet: (state, data) => ({
    ...state,
    unserved: state.unserved.filter((need) => need.needId !== data.needId),
  }),
  NeedUnmet: (state, data) => {
    const index = placeOf(state, data.needId);
    if (index < 0) return state;
    return { ...state, unserved: replacedAt(state.unserved, index, { needId: data.needId, unmet: true }) };
  },
};

type NeedCommand = CustomerCommandOf<'RecordNeed' | 'CloseNeed'>;

/** ID_ALREADY_USED, UNKNOWN_NEED, INVALID_VALUE, NOTHING_TO_DO. */
export function decideNeeds(draft: Draft, command: NeedCommand): Refusal | undefined {
  const state = draft.state.needs;
  const index = placeOf(state, command.needId);
  switch (command.type) {
    case 'RecordNeed':
      if (index >= 0) return refuse('ID_ALREADY_USED', 'The customer has an unserved need with this id.');
      draft.record('NeedRecorded', dataOf(command));
      return undefined;
    case 'CloseNeed': {
      // A need so old that the state let go of it is believed.
      if (index < 0 && state.forgotten === 0)
        return refuse('UNKNOWN_NEED', 'The customer has no such unserved need.');
      const { outcome, gapCode, bridge, productIds, ...closed } = dataOf(command);
      if (outcome === 'met') {
        if (gapCode !== undefined || bridge !== undefined)
          return refuse('INVALID_VALUE', 'A met need has no gap: send gapCode and bridge with unmet only.');
        draft.record('NeedMet', { ...closed, ...(productIds === undefined ? {} : { productIds }) });
        return undefined;
      }
      if (gapCode === undefined || bridge === undefined)
        return refuse(
          'INVALID_VALUE',
          'An unmet need says what is missing and how the gap could be bridged.',
        );
      if (productIds !== undefined)
        return refuse('INVALID_VALUE', 'productIds says what meets a need: send it with met only.');
      if (index >= 0 && state.unserved[index]!.unmet)
        return refuse('NOTHING_TO_DO', 'The need is already recorded as unmet.');
      draft.record('NeedUnmet', { ...closed, gapCode, bridge });
      return undefined;
    }
    default:
      return command satisfies never;
  }
}
