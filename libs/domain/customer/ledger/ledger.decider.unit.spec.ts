import { Scenario, consent, dateOnDay, euro, offer, purchase, register } from '../scenario.builder.js';

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
    // The catalogue knows better than the sender.
    const line = { productId: 'em-1', qty: 1, unitPrice: euro(100), productFamily: 'x', productTier: 2 };
    const story = new Scenario().given(0, register(), purchase({ orderId: 'o-b', lines: [line] }));
    expect(story.state.ledger.holdings).toEqual([
      { family: 'machines', tier: 1, kind: 'durable', orderId: 'o-b' },
    ]);
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

  it('values what comes back at what it cost, never more pieces than were bought, and nothing that is written off or a service', () => {
    const line = (productId: string, qty: number, cost?: number) => ({
      productId,
      qty,
      unitPrice: euro(10),
      ...(cost === undefined ? {} : { unitCost: euro(cost) }),
    });
    const story = new Scenario().given(0, register(), {
      type: 'RecordPurchase',
      orderId: 'o-1',
      total: euro(100),
      lines: [line('em-1', 3, 6), line('beans', 2), line('care-1', 1, 4)],
    });
    const costsBack = (productId: string, qty: number, more: object = {}) => {
      story.given(1, { type: 'RecordReturn', orderId: 'o-1', refund: euro(1), reasonCode: 'late', lines: [{ productId, qty, ...more }] }); // prettier-ignore
      return (story.lastOf('ReturnRecorded').data as { lines: { costBack?: object }[] }).lines[0]!.costBack;
    };
    expect(costsBack('em-1', 2)).toEqual(euro(12));
    expect(costsBack('em-1', 2)).toEqual(euro(6));
    expect(costsBack('beans', 1)).toBeUndefined();
    expect(costsBack('care-1', 1)).toBeUndefined();
    expect(costsBack('beans', 1, { costBack: euro(2) })).toEqual(euro(2));
    story.given(2, { type: 'RecordPurchase', orderId: 'o-2', total: euro(10), lines: [line('em-1', 1, 6)] });
    story.given(3, { type: 'RecordReturn', orderId: 'o-2', refund: euro(10), reasonCode: 'broken', goods: 'writtenOff', lines: [{ productId: 'em-1', qty: 1 }] }); // prettier-ignore
    expect((story.lastOf('ReturnRecorded').data as { lines: object[] }).lines).toEqual([
      { productId: 'em-1', qty: 1 },
    ]);
  });

  it('takes two hundred purchases of the same millisecond', () => {
    const story = new Scenario().given(0, register());
    for (let index = 0; index < 200; index += 1) story.given(1, purchase());
    expect(story.state.ledger.purchases).toBe(200);
    expect(story.state.ledger.purchaseDays).toHaveLength(1);
  });

  it('writes off at most what is open, and the customer still owes it', () => {
    const writeOff = (amount: number, invoiceId = 'i-1') =>
      ({ type: 'WriteOff', invoiceId, amount: euro(amount), reasonCode: 'insolvency' }) as const;
    const story = new Scenario().given(0, register(), invoice('i-1', 100)).given(10, pay('i-1', 40));
    expect(story.refusalOf(20, writeOff(1, 'i-9')).code).toBe('UNKNOWN_INVOICE');
    expect(story.refusalOf(20, writeOff(61))).toMatchObject({
      code: 'WRITE_OFF_EXCEEDS_INVOICE',
      sentence: 'Open on the invoice and not written off: 60.00 EUR.',
    });
    story.given(20, { type: 'DeclareDefault', invoiceId: 'i-1', amount: euro(60) }, writeOff(60));
    expect(story.refusalOf(21, writeOff(1)).code).toBe('WRITE_OFF_EXCEEDS_INVOICE');
    expect(story.state.ledger.defaults).toHaveLength(1);
    story.given(90, pay('i-1', 60));
    expect(story.state.ledger.defaults).toEqual([]);
  });

  it('takes a wallet share whose amounts fit together, from somebody unknown too', () => {
    const share = (own: number, total: number, currency = 'EUR') =>
      ({
        type: 'ReportWalletShare',
        category: 'coffee',
        ownSpend: euro(own),
        totalSpend: { ...euro(total), currency },
        source: 'survey',
      }) as const;
    const story = new Scenario();
    story.given(0, {
      ...share(10, 40),
      registerFirst: { identifiers: [{ type: 'email', value: 'ada@example.com' }] },
    });
    expect(story.types).toEqual(['CustomerRegistered', 'WalletShareReported']);
    expect(story.refusalOf(1, share(41, 40)).code).toBe('WALLET_SHARE_INCONSISTENT');
    expect(story.refusalOf(1, share(10, 40, 'USD')).code).toBe('WALLET_SHARE_INCONSISTENT');
  });

  it('holds back every offer while a fraud is confirmed, even what the customer asks for', () => {
    const story = new Scenario().given(0, register(), consent(), {
      type: 'RecordFraudSignal',
      signalId: 'f-1',
      ruleId: 'velocity',
      score: 10,
      transactionRef: 'o-1',
    });
    expect(story.when(1, offer({ initiative: 'customer' })).kind).toBe('accepted');
    expect(story.refusalOf(2, { type: 'ConfirmFraudSignal', signalId: 'f-9' }).code).toBe(
      'UNKNOWN_FRAUD_SIGNAL',
    );
    story.given(2, { type: 'ConfirmFraudSignal', signalId: 'f-1' });
    expect(story.refusalOf(2, { type: 'ConfirmFraudSignal', signalId: 'f-1' }).code).toBe('NOTHING_TO_DO');
    const refusal = story.refusalOf(3, offer({ initiative: 'customer' }));
    expect(refusal.code).toBe('OFFER_NOT_PERMITTED');
    expect(refusal.wayOut[0]!.fact).toMatchObject({ eventType: 'FraudSignalCleared' });
    story.given(4, { type: 'ClearFraudSignal', signalId: 'f-1' });
    expect(story.when(5, offer({ initiative: 'customer' })).kind).toBe('accepted');
  });
});
