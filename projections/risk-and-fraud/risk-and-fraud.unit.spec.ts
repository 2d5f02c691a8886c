import { describeProjection } from '@rapport/testing';
import { contextAt, CustomerEvents, foldAll, readerOf } from '../_parts/customer-events.builder.js';
import type { CustomerRiskAnswer, RiskDocument } from './risk-and-fraud.model.js';
import { riskAndFraud } from './risk-and-fraud.projection.js';
import { byBand, customer, exposure, signalsByRule } from './risk-and-fraud.queries.js';

const EUR = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });
const invoice = (invoiceId: string, amountMinor: number, dueDate = '2026-02-01') => ({
  invoiceId,
  amount: EUR(amountMinor),
  dueDate,
});
const pay = (invoiceId: string, amountMinor: number, daysLate?: number) => ({
  invoiceId,
  amount: EUR(amountMinor),
  ...(daysLate === undefined ? {} : { daysLate }),
});
const of = (id: string, from = 1) =>
  new CustomerEvents(`00000000-0000-5000-8000-00000000000${id}`, (index) => BigInt(index + from));
const readerOver = (...histories: CustomerEvents[]) =>
  readerOf(
    riskAndFraud,
    foldAll<RiskDocument>(
      riskAndFraud,
      histories.flatMap(({ events }) => events),
    ),
  );
const answerOf = async (
  history: CustomerEvents,
  at = '2026-01-31T00:00:00.000Z',
): Promise<CustomerRiskAnswer> =>
  (await customer.run(await readerOver(history), { customerId: history.customerId }, contextAt(at)))!;

describeProjection(riskAndFraud, [
  {
    it: 'keeps what is owed, how late payments come, and what is suspected',
    given: (history) =>
      history
        .type('InvoiceIssued', invoice('i-1', 100))
        .type('InvoiceIssued', invoice('i-2', 50))
        .type('PaymentReceived', pay('i-1', 100, 7))
        .type('FraudSignalRaised', { signalId: 'f-1', ruleId: 'velocity', score: 60, transactionRef: 'o-1' })
        .type('FraudSignalConfirmed', { signalId: 'f-1' }),
    then: {
      ada: {
        invoices: [{ invoiceId: 'i-2', openMinor: 50 }],
        paidLate: 1,
        daysLateMax: 7,
        signals: [{ signalId: 'f-1', confirmed: true }],
        money: { EUR: { invoicedMinor: 150, paidMinor: 100 } },
      },
      'ada/f/f-1': { status: 'confirmed', ruleId: 'velocity', transactionRef: 'o-1' },
    },
  },
]);

describe('The risk of a customer', () => {
  it('is unknown without a fact, which is no risk, and low for who pays', async () => {
    expect(await answerOf(of('a').record('CustomerGrouped', { groupCode: 'consumer' }))).toMatchObject({ band: 'unknown', reasons: [] }); // prettier-ignore
    const payer = of('a')
      .record('InvoiceIssued', invoice('i-1', 100))
      .record('PaymentReceived', pay('i-1', 100));
    expect(await answerOf(payer, '2027-01-01T00:00:00.000Z')).toMatchObject({
      band: 'low',
      reasons: [],
      payment: { paidInTime: 1, lateShare: 0, oldestOverdueDays: 0 },
    });
  });

  it('rises when an invoice stays overdue, seen from the day asked for', async () => {
    const owing = of('a').record('InvoiceIssued', invoice('i-1', 100));
    expect((await answerOf(owing, '2026-02-01T12:00:00.000Z')).band).toBe('low');
    expect(await answerOf(owing, '2026-02-03T12:00:00.000Z')).toMatchObject({
      band: 'medium',
      reasons: ['overdue'],
      exposures: [{ exposureMinor: 100, overdueMinor: 100 }],
      payment: { oldestOverdueDays: 2 },
    });
    expect((await answerOf(owing, '2026-04-01T00:00:00.000Z')).band).toBe('high');
    owing.record('WrittenOff', { invoiceId: 'i-1', amount: EUR(100), reasonCode: 'insolvency' });
    expect(await answerOf(owing, '2026-04-01T00:00:00.000Z')).toMatchObject({
      reasons: ['writtenOff'],
      exposures: [{ exposureMinor: 0, overdueMinor: 0, writtenOffMinor: 100 }],
    });
  });

  it('is that of a habit of paying late, not of one late payment', async () => {
    const slow = of('a')
      .record('InvoiceIssued', invoice('i-1', 100))
      .record('PaymentReceived', pay('i-1', 100, 3));
    expect((await answerOf(slow)).band).toBe('low');
    slow.record('InvoiceIssued', invoice('i-2', 100)).record('PaymentReceived', pay('i-2', 100, 5));
    expect(await answerOf(slow)).toMatchObject({
      band: 'medium',
      reasons: ['paysLate'],
      payment: { meanDaysLate: 4, lateShare: 1 },
    });
  });

  it('is critical in default or with confirmed fraud, and remembered after both', async () => {
    const defaulter = of('a')
      .record('InvoiceIssued', invoice('i-1', 100, '2027-01-01'))
      .record('DefaultDeclared', { invoiceId: 'i-1', amount: EUR(100) });
    expect(await answerOf(defaulter)).toMatchObject({ band: 'critical', reasons: ['defaultOpen'] });
    defaulter.record('DefaultCured', { invoiceId: 'i-1' });
    expect(await answerOf(defaulter)).toMatchObject({ band: 'high', reasons: ['defaultBefore'] });
    const suspect = of('a').record('FraudSignalRaised', { signalId: 'f-1', ruleId: 'r', score: 55 });
    expect((await answerOf(suspect)).band).toBe('medium');
    suspect.record('FraudSignalConfirmed', { signalId: 'f-1', loss: EUR(70) });
    expect(await answerOf(suspect)).toMatchObject({
      band: 'critical',
      exposures: [{ fraudLossMinor: 70 }],
      fraud: { confirmed: 1 },
    });
    suspect.record('FraudSignalCleared', { signalId: 'f-1' });
    expect((await answerOf(suspect)).band).toBe('low');
  });
});

describe('Risk of all customers', () => {
  const ada = of('a')
    .record('InvoiceIssued', invoice('i-1', 100))
    .record('DefaultDeclared', { invoiceId: 'i-1', amount: EUR(100) })
    .record('InvoiceIssued', { invoiceId: 'i-2', amount: { amountMinor: 5, currency: 'USD' }, dueDate: '2026-03-01' }); // prettier-ignore
  const ben = of('b', 100)
    .record('InvoiceIssued', invoice('i-1', 300))
    .record('DefaultDeclared', { invoiceId: 'i-1', amount: EUR(300) })
    .record('FraudSignalRaised', { signalId: 'f-1', ruleId: 'velocity', score: 40 })
    .record('FraudSignalRaised', { signalId: 'f-2', ruleId: 'velocity', score: 60 })
    .record('FraudSignalRaised', { signalId: 'f-3', ruleId: 'address', score: 20 })
    .record('FraudSignalConfirmed', { signalId: 'f-1' })
    .record('FraudSignalCleared', { signalId: 'f-2' });
  const NOW = contextAt('2026-01-31T00:00:00.000Z');

  it('lists a band and adds up what is owed, each currency apart', async () => {
    const reader = await readerOver(ada, ben);
    const page = await byBand.run(reader, { band: 'critical' }, NOW);
    expect(page.rows.map(({ customerId }) => customerId)).toEqual([ben.customerId, ada.customerId]);
    expect((await exposure.run(reader, {}, NOW)).totals).toEqual([
      {
        band: 'critical',
        groupCode: null,
        customers: 2,
        exposures: [
          { currency: 'EUR', exposureMinor: 400 },
          { currency: 'USD', exposureMinor: 5 },
        ],
      },
    ]);
  });

  it('tells which rules are right', async () => {
    expect((await signalsByRule.run(await readerOver(ada, ben), {}, NOW)).rules).toEqual([
      { ruleId: 'address', raised: 1, open: 1, confirmed: 0, cleared: 0, precision: null, meanScore: 20 },
      { ruleId: 'velocity', raised: 2, open: 0, confirmed: 1, cleared: 1, precision: 0.5, meanScore: 50 },
    ]);
  });

  it('joins merged customers without losing a default', () => {
    const [a, b] = [ada, ben].map((one) =>
      foldAll<RiskDocument>(riskAndFraud, one.events).get(one.customerId)!,
    );
    const merged = riskAndFraud.combine!([a!, b!]);
    expect(merged).toMatchObject({ defaultsEver: 2, invoicesIssued: 3, signalsRaised: 3 });
    expect(riskAndFraud.combine!([b!, a!])).toEqual(merged);
  });
});
