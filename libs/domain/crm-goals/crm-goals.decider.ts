import type { BenchmarkRecorded, DataOf, GoalMeasured, GoalSet, StreamEvent } from '@rapport/contracts';
import { dataOf } from '../customer/command-data.js';
import { accepted, refused } from '../decision.js';
import type { AggregateDecision } from '../decision.js';

// Stream: crmGoals-<scope>. Events: GoalSet, BenchmarkRecorded, GoalMeasured.

type Goal = DataOf<typeof GoalSet>;

export type CrmGoalsCommand =
  | ({ readonly type: 'SetGoal' } & Readonly<Goal>)
  | ({ readonly type: 'RecordBenchmark' } & Readonly<DataOf<typeof BenchmarkRecorded>>)
  | ({ readonly type: 'MeasureGoal' } & Readonly<DataOf<typeof GoalMeasured>>);

/** The goals as they were set last, the latest at the end. */
export interface CrmGoalsState {
  readonly goals: readonly Goal[];
}

/** More goals than anybody pursues at a time. */
const GOALS_KEPT = 200;

function evolve(state: CrmGoalsState, event: StreamEvent): CrmGoalsState {
  if (event.type !== 'GoalSet') return state;
  const goal = event.data as Goal;
  const others = state.goals.filter(({ goalId }) => goalId !== goal.goalId);
  return { goals: [...others, goal].slice(-GOALS_KEPT) };
}

/** DATES_OUT_OF_ORDER, UNKNOWN_GOAL, NOTHING_TO_DO. */
function decide(state: CrmGoalsState, command: CrmGoalsCommand): AggregateDecision {
  switch (command.type) {
    case 'SetGoal': {
      if (command.dueDate < command.startDate)
        return refused('DATES_OUT_OF_ORDER', 'The goal would be due before it begins.');
      if (command.target === command.baseline)
        return refused('NOTHING_TO_DO', 'The target is where it stands already.');
      const goal = dataOf(command);
      const known = state.goals.find(({ goalId }) => goalId === command.goalId);
      if (known && sameGoal(known, goal))
        return refused('NOTHING_TO_DO', 'The goal is set like this already.');
      return accepted('GoalSet', goal);
    }
    case 'RecordBenchmark':
      return accepted('BenchmarkRecorded', dataOf(command));
    case 'MeasureGoal': {
      if (!state.goals.some(({ goalId }) => goalId === command.goalId))
        return refused('UNKNOWN_GOAL', 'There is no such goal.', [
          {
            rule: 'goalIsSet',
            sentence: `Set the goal ${command.goalId}.`,
            fact: { eventType: 'GoalSet', data: { goalId: command.goalId } },
          },
        ]);
      if (command.value === undefined && command.cost === undefined)
        return refused('NOTHING_TO_DO', 'Neither a value nor a cost was named.');
      return accepted('GoalMeasured', dataOf(command));
    }
    default:
      return command satisfies never;
  }
}

const inOrder = (goal: Goal): string =>
  JSON.stringify(Object.entries(goal).sort(([a], [b]) => (a < b ? -1 : 1)));
const sameGoal = (a: Goal, b: Goal): boolean => inOrder(a) === inOrder(b);

/** The goals of one scope: a metric for each. */
export const crmGoalsDecider = {
  category: 'crmGoals',
  stateSchemaVersion: 1,
  initialState: (): CrmGoalsState => ({ goals: [] }),
  evolve,
  decide,
} as const;
