import { Scenario, dateOnDay, euro, purchase, register } from '../scenario.builder.js';

const give = (orderId: string, amount: number) =>
  ({ type: 'RecordReturn', orderId, refund: euro(amount), reasonCode: 'broken' }) as const;
const invoice = (invoiceId: string, amount: number, dueDay = 30) =>
  ({ type: 'IssueInvoice', invoiceId, amount: euro(amount), dueDate: dateOnDay(dueDay) }) as const;
const pay = (invoiceId: string, amount: number) =>
  ({ type: 'RecordPayment', invoiceId, amount: euro(amount) }) as const;

describe('The ledger', () => {
  it('takes an order once', () => {
    const story = new Scenario().given(0, register(), purchase({ orderId: 'o-1' }));
    expect(story.refusalOf(1, purchase({ orderId: 'o-1' })).code).toBe('ID_ALREADY_USED');
  });

  it('takes back at most what was bought', () => {
    const story = new Scenario().given(0, register(), purchase({ orderId: 'o-a', total: euro(100) }));
    expect(story.refusalOf(1, give('o-x', 1)).code).toBe('UNKNOWN_ORDER');
    story.given(1, give('o-a', 60));
    expect(story.refusalOf(1, give('o-a', 41))).toMatchObject({
      code: 'RETURN_EXCEEDS_PURCHASE',
      sentence: 'At most 40.00 EUR of the order can still be returned.',
    });
    story.given(1, give('o-a', 40));
    expect(story.refusalOf(1, give('o-a', 1)).code).toBe('RETURN_EXCEEDS_PURCHASE');
  });

  it('bounds the return of an order it has let go of by all that was bought', () => {
    const story = new Scenario().given(0, register());
    for (let order = 0; order < 100; order += 1)
      story.given(order, purchase({ orderId: `old-${order}`, total: euro(10) }));
    story.given(101, give('old-0', 900));
    expect(story.refusalOf(101, give('old-1', 101)).code).toBe('RETURN_EXCEEDS_PURCHASE');
  });

  it('knows what is held until it is returned in full', () => {
    const line = {
      productId: 'em-1',
      qty: 1,
      unitPrice: euro(100),
      productFamily: 'machines',
      productTier: 2,
    };
    const story = new Scenario().given(0, register(), purchase({ orderId: 'o-b', lines: [line] }));
    expect(story.state.ledger.holdings).toEqual([{ family: 'machines', tier: 2, orderId: 'o-b' }]);
    story.given(1, give('o-b', 50));
    expect(story.state.ledger.holdings).toHaveLength(1);
    story.given(2, give('o-b', 50));
    expect(story.state.ledger.holdings).toEqual([]);
  });

  it('takes at most what was invoiced, and says how late a payment came', () => {
    const story = new Scenario().given(0, register(), invoice('i-1', 100, 30));
    expect(story.refusalOf(0, invoice('i-1', 5)).code).toBe('ID_ALREADY_USED');
    expect(story.refusalOf(1, pay('i-x', 1)).code).toBe('UNKNOWN_INVOICE');
    story.given(30, pay('i-1', 40));
    expect(story.lastOf('PaymentReceived').data).not.toHaveProperty('daysLate');
    expect(story.refusalOf(30, pay('i-1', 61)).code).toBe('PAYMENT_EXCEEDS_INVOICE');
    story.given(37, pay('i-1', 60));
    expect(story.lastOf('PaymentReceived').data).toMatchObject({ daysLate: 7 });
  });

  it('declares a default on a known invoice once and cures it when all is paid', () => {
    const declare = { type: 'DeclareDefault', invoiceId: 'i-1', amount: euro(100) } as const;
    const cure = { type: 'CureDefault', invoiceId: 'i-1' } as const;
    const story = new Scenario().given(0, register(), invoice('i-1', 100));
    expect(story.refusalOf(1, { ...declare, invoiceId: 'i-9' }).code).toBe('UNKNOWN_INVOICE');
    expect(story.refusalOf(1, cure).code).toBe('NOTHING_TO_DO');
    story.given(1, declare);
    expect(story.refusalOf(1, declare).code).toBe('NOTHING_TO_DO');
    story.given(2, pay('i-1', 99));
    expect(story.state.ledger.defaults).toHaveLength(1);
    story.given(3, pay('i-1', 1));
    expect(story.types.at(-1)).toBe('DefaultCured');
    story.given(4, declare, cure);
    expect(story.state.ledger.defaults).toEqual([]);
  });

  it('notes failed payments, costs and fraud signals', () => {
    const signal = { type: 'RecordFraudSignal', signalId: 'f-1', ruleId: 'velocity', score: 80 } as const;
    const story = new Scenario().given(
      0,
      register(),
      invoice('i-1', 1),
      { type: 'RecordPaymentFailure', invoiceId: 'i-1', reasonCode: 'funds' },
      { type: 'RecordServiceCost', amount: euro(5), activity: 'visit' },
      signal,
    );
    expect(story.refusalOf(0, signal).code).toBe('ID_ALREADY_USED');
    expect(story.refusalOf(0, { type: 'RecordPaymentFailure', invoiceId: 'i-9', reasonCode: 'x' }).code).toBe(
      'UNKNOWN_INVOICE',
    );
    expect(story.refusalOf(0, { type: 'ClearFraudSignal', signalId: 'f-9' }).code).toBe('NOTHING_TO_DO');
    story.given(0, { type: 'ClearFraudSignal', signalId: 'f-1' });
    expect(story.state.ledger.fraudSignals).toEqual([]);
  });

  it('counts different days, in order, whatever the order of arrival', () => {
    const story = new Scenario().given(0, register());
    for (const day of [40, 10, 10.5, 30, 20]) story.given(day, purchase());
    expect(
      story.state.ledger.purchaseDays.map(({ day }) => day - story.state.ledger.purchaseDays[0]!.day),
    ).toEqual([0, 10, 20, 30]);
    expect(story.state.ledger.medianGapMs).toBe(10 * 86_400_000);
  });

  it('takes two hundred purchases of the same millisecond', () => {
    const story = new Scenario().given(0, register());
    for (let index = 0; index < 200; index += 1) story.given(1, purchase());
    expect(story.state.ledger.purchases).toBe(200);
    expect(story.state.ledger.purchaseDays).toHaveLength(1);
  });
});
