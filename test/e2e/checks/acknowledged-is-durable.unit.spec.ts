import type { Acknowledged } from '../../chaos/acknowledgements.js';
import { acknowledgedIsDurable } from './acknowledged-is-durable.js';
import { soundLog } from './damaged-histories.js';

const log = soundLog().map((event) => ({
  ...event,
  metadata: { ...event.metadata, sourceEventId: 'k' },
}));
const customerId = log[0]!.metadata.customerId!;
const answer = (over: Partial<Acknowledged> = {}): [string, Acknowledged][] => [
  ['ada k', { customerId, eventIds: [log[1]!.eventId, log[2]!.eventId], revision: '2', ...over }],
];

describe('Acknowledged is durable', () => {
  it('holds when every event stands where the answer said', () => {
    expect(acknowledgedIsDurable(answer(), log)).toMatchObject({ checked: 2, violations: [] });
  });

  it('fails for a lost event', () => {
    const { violations } = acknowledgedIsDurable(
      answer(),
      log.filter((event) => event !== log[2]),
    );
    expect(violations).toEqual([expect.stringContaining('is not in the log')]);
  });

  it('fails for an answer that names the events of another command', () => {
    const { violations } = acknowledgedIsDurable([['ada k-2', answer()[0]![1]]], log);
    expect(violations).toEqual(Array(2).fill(expect.stringContaining('an event of k')));
  });

  it('fails for another revision and another customer', () => {
    expect(acknowledgedIsDurable(answer({ revision: '3' }), log).violations).toHaveLength(2);
    const other = log[3]!.metadata.customerId!;
    expect(acknowledgedIsDurable(answer({ customerId: other }), log).violations).toHaveLength(2);
  });
});
