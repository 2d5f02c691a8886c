import { Scenario, isoOnDay, onDay, purchase, register } from '../customer/scenario.builder.js';
import { compileCondition } from './condition.js';

const tenure = (days: number) => ({ is: 'tenureInStage', with: { days } });
const { state } = new Scenario().given(0, register());
const ask = (json: unknown, day: number) => compileCondition(json, '$').isMet(state, onDay(day), {});

describe('A condition', () => {
  it('composes answers by all, any, at least and not', () => {
    expect(ask({ all: [tenure(1), tenure(2)] }, 1)).toBe(false);
    expect(ask({ all: [tenure(1), tenure(2)] }, 2)).toBe(true);
    expect(ask({ any: [tenure(1), tenure(2)] }, 0.5)).toBe(false);
    expect(ask({ any: [tenure(2), tenure(1)] }, 1)).toBe(true);
    expect(ask({ atLeast: 2, of: [tenure(1), tenure(2), tenure(3)] }, 1)).toBe(false);
    expect(ask({ atLeast: 2, of: [tenure(1), tenure(2), tenure(3)] }, 2)).toBe(true);
    expect(ask({ not: tenure(1) }, 0.5)).toBe(true);
    expect(ask({ not: tenure(1) }, 1)).toBe(false);
  });

  it('names the next instant at which time may change the answer', () => {
    const condition = compileCondition({ any: [tenure(5), { not: tenure(3) }] }, '$');
    expect(condition.turnsAt(state, onDay(0))).toBe(onDay(3));
    expect(condition.turnsAt(state, onDay(3))).toBe(onDay(5));
    expect(condition.turnsAt(state, onDay(5))).toBe(Number.POSITIVE_INFINITY);
  });

  it('gives the reason of the first part that is met and has one', () => {
    const condition = compileCondition(
      { any: [{ ...tenure(9), reason: 'late' }, { all: [tenure(1), { ...tenure(2), reason: 'inner' }] }] },
      '$',
    );
    expect(condition.reason(state, onDay(2), {})).toBe('inner');
    expect(condition.reason(state, onDay(9), {})).toBe('late');
  });

  it('offers alternatives as a choice, and all steps where all are needed', () => {
    const bought = { is: 'purchasedInStage' };
    const signed = { is: 'contractSignedInStage' };
    expect(compileCondition({ any: [bought, signed] }, '$').toMeet(state, onDay(0), {})).toMatchObject([
      { rule: 'purchasedInStage', choice: { group: '$', option: 0, needed: 1 } },
      { rule: 'contractSignedInStage', choice: { group: '$', option: 1, needed: 1 } },
    ]);
    const all = compileCondition({ all: [bought, tenure(3)] }, '$').toMeet(state, onDay(0), {});
    expect(all).toMatchObject([
      { rule: 'purchasedInStage' },
      { rule: 'tenureInStage', earliestAt: isoOnDay(3) },
    ]);
    expect(all[0]).not.toHaveProperty('choice');
  });

  it('offers nothing where one of the needed parts cannot be brought about', () => {
    const condition = compileCondition(
      { all: [{ is: 'purchasedInStage' }, { is: 'stageEnteredFor', with: { reasons: ['x'] } }] },
      '$',
    );
    expect(condition.toMeet(state, onDay(0), {})).toEqual([]);
  });

  it('cites what shows it', () => {
    const story = new Scenario().given(0, register(), purchase()).given(1, purchase());
    const condition = compileCondition({ is: 'purchaseDaysAtLeast', with: { days: 2 } }, '$');
    const bought = story.recorded
      .filter((event) => event.type === 'PurchaseRecorded')
      .map((event) => event.eventId);
    expect(condition.evidence(story.state, onDay(1), {}).map((mark) => mark.id)).toEqual(bought);
  });
});
