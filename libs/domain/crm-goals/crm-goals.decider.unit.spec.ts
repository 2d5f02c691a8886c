import type { StreamEvent } from '@rapport/contracts';
import { crmGoalsDecider } from './crm-goals.decider.js';
import type { CrmGoalsCommand, CrmGoalsState } from './crm-goals.decider.js';

const set = (fields: Partial<Extract<CrmGoalsCommand, { type: 'SetGoal' }>> = {}): CrmGoalsCommand => ({
  type: 'SetGoal',
  scope: 'company',
  goalId: 'nps',
  metric: 'netPromoterScore',
  baseline: 22,
  target: 35,
  startDate: '2026-01-01',
  dueDate: '2026-12-31',
  ...fields,
});
const measure: CrmGoalsCommand = { type: 'MeasureGoal', scope: 'company', goalId: 'nps', value: 25, asOf: '2026-03-31' }; // prettier-ignore

function after(...commands: readonly CrmGoalsCommand[]): CrmGoalsState {
  let state = crmGoalsDecider.initialState();
  for (const command of commands) {
    const decision = crmGoalsDecider.decide(state, command);
    if (decision.kind === 'refused') throw new Error(decision.refusal.code);
    for (const event of decision.events)
      state = crmGoalsDecider.evolve(state, event as unknown as StreamEvent);
  }
  return state;
}
const codeOf = (state: CrmGoalsState, command: CrmGoalsCommand): string | undefined => {
  const decision = crmGoalsDecider.decide(state, command);
  return decision.kind === 'refused' ? decision.refusal.code : undefined;
};

describe('A goal', () => {
  it('goes somewhere, in time', () => {
    expect(codeOf(after(), set({ target: 22 }))).toBe('NOTHING_TO_DO');
    expect(codeOf(after(), set({ dueDate: '2025-12-31' }))).toBe('DATES_OUT_OF_ORDER');
    expect(codeOf(after(), set())).toBeUndefined();
  });

  it('may be set anew, when something changes', () => {
    const once = after(set());
    expect(codeOf(once, set())).toBe('NOTHING_TO_DO');
    expect(after(set(), set({ target: 40 })).goals).toMatchObject([{ goalId: 'nps', target: 40 }]);
  });

  it('is measured once it is set', () => {
    expect(codeOf(after(), measure)).toBe('UNKNOWN_GOAL');
    expect(codeOf(after(set()), measure)).toBeUndefined();
    expect(codeOf(after(set()), { ...measure, value: undefined } as never)).toBe('NOTHING_TO_DO');
  });

  it('has benchmarks, whether or not it is set', () => {
    expect(codeOf(after(), { type: 'RecordBenchmark', scope: 'company', metric: 'netPromoterScore', source: 'survey', value: 31, asOf: '2025-12-31' })).toBeUndefined(); // prettier-ignore
  });
});
