import { Scenario, contract, dateOnDay, isoOnDay, onDay, purchase, register } from '../scenario.builder.js';
import { isRunning } from './contracts.decider.js';

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

  describe('that awaits its activation', () => {
    const waiting = (fields = {}) =>
      new Scenario().given(
        0,
        register(),
        contract('k-1', { awaitsActivation: true, endDate: dateOnDay(400), ...fields }),
      );
    const activate = (day: number) =>
      ({ type: 'ActivateContract', contractId: 'k-1', activeFrom: dateOnDay(day) }) as const;

    it('begins to run when it is activated, once', () => {
      const story = waiting();
      expect(isRunning(story.state.contracts.active[0]!, onDay(10))).toBe(false);
      expect(story.refusalOf(10, activate(12)).code).toBe('DATES_OUT_OF_ORDER');
      story.given(10, activate(10));
      expect(isRunning(story.state.contracts.active[0]!, onDay(10))).toBe(true);
      expect(story.refusalOf(11, activate(11)).code).toBe('CONTRACT_STATE_FORBIDS');
    });

    it('cannot begin after its end', () => {
      expect(waiting({ endDate: dateOnDay(5) }).refusalOf(5, activate(6)).code).toBe('DATES_OUT_OF_ORDER');
    });

    it('ends at its end without renewing itself: it never ran', () => {
      const story = waiting({ autoRenew: true }).given(402, { type: 'ReviewRelationship' });
      expect(story.types).toContain('ContractExpired');
      expect(story.types).not.toContain('ContractRenewed');
    });
  });

  it('that begins later runs from its first day, or from an earlier activation', () => {
    const story = new Scenario().given(0, register(), contract('k-1', { startDate: dateOnDay(30) }));
    expect(isRunning(story.state.contracts.active[0]!, onDay(29))).toBe(false);
    expect(isRunning(story.state.contracts.active[0]!, onDay(30))).toBe(true);
    story.given(20, { type: 'ActivateContract', contractId: 'k-1', activeFrom: dateOnDay(20) });
    expect(isRunning(story.state.contracts.active[0]!, onDay(29))).toBe(true);
  });

  describe('when its terms are amended', () => {
    const amend = (fields: object, day = 10) =>
      ({
        type: 'AmendContract',
        contractId: 'k-1',
        effectiveDate: dateOnDay(day),
        reasonCode: 'growth',
        ...fields,
      }) as const;
    const running = () => new Scenario().given(0, register(), contract('k-1', { endDate: dateOnDay(99) }));

    it('has the new terms and keeps the others', () => {
      const story = running().given(10, amend({ productId: 'premium', productTier: 3, autoRenew: true }));
      expect(story.state.contracts.active[0]).toMatchObject({ family: 'premium', tier: 3, autoRenew: true });
      story.given(120, { type: 'ReviewRelationship' });
      expect(story.lastOf('ContractRenewed').data).toMatchObject({ automatic: true });
    });

    it('ends on the amended day', () => {
      const story = running().given(10, amend({ endDate: dateOnDay(20) }));
      story.given(30, { type: 'ReviewRelationship' });
      expect(story.lastOf('ContractExpired').data).toMatchObject({ effectiveDate: dateOnDay(20) });
    });

    it('needs a term that changes, and dates in order', () => {
      const story = running();
      expect(story.refusalOf(10, amend({})).code).toBe('NOTHING_TO_DO');
      expect(story.refusalOf(10, amend({ noticeDays: 5 }, -1)).code).toBe('DATES_OUT_OF_ORDER');
      expect(story.refusalOf(10, amend({ noticeDays: 5 }, 100)).code).toBe('DATES_OUT_OF_ORDER');
      expect(story.refusalOf(10, amend({ endDate: dateOnDay(5) })).code).toBe('DATES_OUT_OF_ORDER');
    });
  });

  it('is let end by a command only when it reached its last day', () => {
    const expire = { type: 'ExpireContract', contractId: 'k-1' } as const;
    const story = new Scenario().given(0, register(), contract('k-1', { endDate: dateOnDay(99) }));
    expect(story.refusalOf(50, expire)).toMatchObject({
      code: 'CONTRACT_STATE_FORBIDS',
      earliestAt: isoOnDay(100),
    });
    story.given(100, expire);
    expect(story.types.filter((type) => type === 'ContractExpired')).toHaveLength(1);
    expect(story.refusalOf(101, expire).code).toBe('CONTRACT_STATE_FORBIDS');
    const openEnded = new Scenario().given(0, register(), contract('k-1'));
    expect(openEnded.refusalOf(500, expire).code).toBe('CONTRACT_STATE_FORBIDS');
  });

  it('ends at once when it is terminated, and that of the customer is a sign of damage', () => {
    const terminate = (day: number, byCustomer = true) =>
      ({
        type: 'TerminateContract',
        contractId: 'k-1',
        effectiveDate: dateOnDay(day),
        reasonCode: 'breach',
        byCustomer,
      }) as const;
    const story = new Scenario().given(0, register(), contract('k-1'));
    expect(story.refusalOf(10, terminate(12)).code).toBe('DATES_OUT_OF_ORDER');
    expect(story.refusalOf(10, terminate(-1)).code).toBe('DATES_OUT_OF_ORDER');
    story.given(10, terminate(10));
    expect(story.state.contracts.active).toEqual([]);
    expect(story.state.contracts.lastEnded).not.toBeNull();
    expect(story.stage).toBe('deterioration');
    const ours = new Scenario().given(0, register(), contract('k-1')).given(10, terminate(10, false));
    expect(ours.stage).toBe('involvement');
  });
});
