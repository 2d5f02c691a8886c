import type { NewEvent, StreamEvent } from '@rapport/contracts';
import { loadDefaultRuleBook } from '../rule-book/rule-book.loader.js';
import { accountManagerDecider, type AccountManagerCommand, type AccountManagerState } from './portfolio.decider.js'; // prettier-ignore

const book = loadDefaultRuleBook();
const decide = (state: AccountManagerState, command: AccountManagerCommand, occurredAtMs = 0) =>
  accountManagerDecider.decide(state, command, {
    occurredAtMs,
    nowMs: 0,
    actor: { kind: 'employee', id: 'steward-1' },
    channel: 'external',
    sourceSystem: 'spec',
    ruleBook: book,
    eventIdOf: (type, index) => `${type}-${index}`,
  });
const after = (...commands: readonly AccountManagerCommand[]): AccountManagerState => {
  let state = accountManagerDecider.initialState();
  for (const command of commands) {
    const decision = decide(state, command);
    if (decision.kind === 'refused') throw new Error(decision.refusal.code);
    for (const event of decision.events)
      state = accountManagerDecider.evolve(state, event as NewEvent as StreamEvent);
  }
  return state;
};
const handOver = (more: Partial<AccountManagerCommand> = {}): AccountManagerCommand =>
  ({ type: 'HandOverPortfolio', managerId: 'am-1', handOverId: 'ho-1', toManagerId: 'am-2', fromDate: '2026-04-01', reasonCode: 'retired', ...more }) as AccountManagerCommand; // prettier-ignore
const complete = (handOverId = 'ho-1'): AccountManagerCommand => ({ type: 'CompleteHandOver', managerId: 'am-1', handOverId, customersMoved: 3, customersLeft: 1 }); // prettier-ignore

describe('An account manager', () => {
  it('hands all customers over to a successor, under an id derived from the command when none is given', () => {
    const { handOverId: _id, ...unnamed } = handOver() as { handOverId: string } & AccountManagerCommand;
    expect(decide(after(), unnamed as AccountManagerCommand)).toEqual({
      kind: 'accepted',
      events: [
        {
          type: 'PortfolioHandedOver',
          data: { handOverId: 'PortfolioHandedOver-0', toManagerId: 'am-2', fromDate: '2026-04-01', reasonCode: 'retired' },
        },
      ],
    }); // prettier-ignore
  });

  it.each([
    ['to themselves', [], handOver({ toManagerId: 'am-1' }), 'NOTHING_TO_DO'],
    ['while another one runs', [handOver()], handOver({ handOverId: 'ho-2' }), 'HAND_OVER_RUNNING'],
    ['under an id used before', [handOver(), complete()], handOver(), 'ID_ALREADY_USED'],
  ] as const)('does not hand over %s', (_when, given, command, code) => {
    expect(decide(after(...given), command)).toMatchObject({ kind: 'refused', refusal: { code } });
  });

  it('ends a hand-over once, and may begin another', () => {
    expect(decide(after(handOver()), complete('ho-9'))).toMatchObject({ refusal: { code: 'NOTHING_TO_DO' } });
    const ended = after(handOver(), complete());
    expect(ended).toEqual({ running: null, ended: ['ho-1'] });
    expect(decide(ended, complete())).toMatchObject({ refusal: { code: 'NOTHING_TO_DO' } });
    expect(decide(ended, handOver({ handOverId: 'ho-2' })).kind).toBe('accepted');
  });

  it('decides nothing that lies ahead', () => {
    expect(decide(after(), handOver(), 400_000)).toMatchObject({ refusal: { code: 'OCCURRED_IN_FUTURE' } });
  });
});
