import { Scenario, contract, dateOnDay, isoOnDay, purchase, register } from '../scenario.builder.js';

const cancel = (day: number) =>
  ({
    type: 'CancelContract',
    contractId: 'k-1',
    effectiveDate: dateOnDay(day),
    reasonCode: 'price',
    byCustomer: true,
  }) as const;
const renew = (day: number) =>
  ({ type: 'RenewContract', contractId: 'k-1', newEndDate: dateOnDay(day) }) as const;

describe('A contract', () => {
  it('is signed once, with dates in order', () => {
    const story = new Scenario().given(0, register());
    expect(story.refusalOf(0, contract('k-1', { startDate: dateOnDay(5), endDate: dateOnDay(4) })).code).toBe(
      'DATES_OUT_OF_ORDER',
    );
    story.given(0, contract('k-1'));
    expect(story.refusalOf(0, contract('k-1')).code).toBe('ID_ALREADY_USED');
    expect(story.stage).toBe('involvement');
  });

  it('is unknown until it is signed', () => {
    const story = new Scenario().given(0, register());
    expect(story.refusalOf(0, renew(9)).code).toBe('UNKNOWN_CONTRACT');
    expect(story.refusalOf(0, cancel(9)).code).toBe('UNKNOWN_CONTRACT');
  });

  it('expires after its last day, at that instant, whenever the next command comes', () => {
    const story = new Scenario().given(0, register(), contract('k-1', { endDate: dateOnDay(99) }));
    story.given(99.5, purchase());
    expect(story.types).not.toContain('ContractExpired');
    story.given(150, purchase());
    const expired = story.lastOf('ContractExpired');
    expect(expired.data).toEqual({ contractId: 'k-1', effectiveDate: dateOnDay(99), cause: 'endDate' });
    expect(expired.metadata.occurredAt).toBe(isoOnDay(100));
    expect(story.refusalOf(150, renew(300)).code).toBe('CONTRACT_STATE_FORBIDS');
    expect(story.refusalOf(150, contract('k-1')).code).toBe('ID_ALREADY_USED');
  });

  it('ends by notice on the effective date', () => {
    const story = new Scenario().given(0, register(), contract('k-1'));
    expect(story.refusalOf(10, cancel(-1)).code).toBe('DATES_OUT_OF_ORDER');
    story.given(10, cancel(40));
    expect(story.refusalOf(10, cancel(50)).code).toBe('CONTRACT_STATE_FORBIDS');
    story.given(60, { type: 'ReviewRelationship' });
    expect(story.lastOf('ContractExpired').data).toMatchObject({
      cause: 'notice',
      effectiveDate: dateOnDay(40),
    });
  });

  it('can be prolonged, which takes the notice back', () => {
    const story = new Scenario().given(0, register(), contract('k-1', { endDate: dateOnDay(99) }));
    expect(story.refusalOf(10, renew(99)).code).toBe('DATES_OUT_OF_ORDER');
    story.given(10, cancel(40)).given(20, renew(200)).given(60, { type: 'ReviewRelationship' });
    expect(story.types).not.toContain('ContractExpired');
    expect(story.state.contracts.active[0]).toMatchObject({ noticeDay: null });
  });

  it('renews itself by its own length, again and again, and that is no sign of satisfaction', () => {
    const story = new Scenario().given(
      0,
      register(),
      contract('k-1', { endDate: dateOnDay(29), autoRenew: true }),
    );
    story.given(95, { type: 'ReviewRelationship' });
    const renewals = story.recorded.filter((event) => event.type === 'ContractRenewed');
    expect(renewals.map((event) => event.metadata.occurredAt)).toEqual([30, 60, 90].map(isoOnDay));
    expect(renewals.at(-1)!.data).toEqual({ contractId: 'k-1', newEndDate: dateOnDay(119), automatic: true });
    expect(story.state.contracts.lastRenewed).toBeNull();
  });

  it('that ended long before it became known expires at once, without turning the clock back', () => {
    const story = new Scenario().given(100, register());
    story.given(100, contract('k-1', { startDate: dateOnDay(-200), endDate: dateOnDay(-100) }));
    expect(story.lastOf('ContractExpired').metadata.occurredAt).toBe(isoOnDay(100));
    expect(story.lastOf('ContractExpired').data).toMatchObject({ effectiveDate: dateOnDay(-100) });
  });
});
