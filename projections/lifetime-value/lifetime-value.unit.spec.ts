import fc from 'fast-check';
import { expectedPurchases, purchaseSummary, summarisePurchases } from '@rapport/analytics';
import { dayNumberOf, epochMsOf, MS_PER_DAY } from '@rapport/contracts';
import { describeProjection } from '@rapport/testing';
import {
  CDNOW_RUNS,
  contextAt,
  CustomerEvents,
  foldAll,
  readerOf,
} from '../_parts/customer-events.builder.js';
import { lifetimeValue } from './lifetime-value.projection.js';
import type { LifetimeValueDocument } from './lifetime-value.model.js';
import {
  collectSummaries,
  documentSummary,
  lifetimeValueOf,
  summaries,
  totals,
  value,
} from './lifetime-value.queries.js';

const FIRST = epochMsOf('2026-01-05T10:00:00.000Z');
const customerNumber = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const documentOf = (customer: CustomerEvents): LifetimeValueDocument =>
  foldAll<LifetimeValueDocument>(lifetimeValue, customer.events).get(customer.customerId)!;
const buyer = (n = 1, groupCode?: 'consumer' | 'corporation'): CustomerEvents =>
  new CustomerEvents(customerNumber(n)).record(
    'CustomerRegistered',
    {
      roles: ['customer'],
      identifiers: [{ type: 'customerNo', value: 'pv1.x' }],
      acquisitionChannel: 'web',
      ...(groupCode ? { groupCode } : {}),
    },
    { at: FIRST },
  );
const returned = (customer: CustomerEvents, amountMinor: number, at: number): CustomerEvents =>
  customer.record(
    'ReturnRecorded',
    { orderId: 'o', refund: { amountMinor, currency: 'EUR' }, reasonCode: 'broken' },
    { at },
  );
const week = (n: number): number => FIRST + n * 7 * MS_PER_DAY;
const AT = '2026-10-05T10:00:00.000Z';

describe('The lifetime value', () => {
  describe('of a customer with purchases and fits', () => {
    const customer = buyer()
      .purchase(3_000, week(0))
      .purchase(2_000, week(4))
      .purchase(1_000, week(4))
      .purchase(5_000, week(30));
    const answer = lifetimeValueOf(customer.customerId, documentOf(customer), contextAt(AT, CDNOW_RUNS));

    it('counts customer-days as orders', () => {
      expect(answer).toMatchObject({
        status: 'modelled',
        historicNumberOfOrders: 3,
        averageDaysBetweenOrders: 105,
        firstOrderDate: '2026-01-05',
        lastOrderDate: '2026-08-03',
      });
    });

    it('predicts with the purchase and the spend model', () => {
      const T = (dayNumberOf(epochMsOf(AT)) - dayNumberOf(FIRST)) / 7;
      const { parameters } = CDNOW_RUNS.mbgNbd;
      const model = { model: 'mbgNbd', timeUnit: 'week', parameters: parameters as never } as const;
      const expected = expectedPurchases(model, purchaseSummary('week', { x: 2, tX: 30, T }), {
        amount: 365,
        unit: 'day',
      });
      expect(answer.predictedNumberOfOrders).toBeCloseTo(expected, 12);
      // Gamma-Gamma of note 025: p (gamma + x m) / (p x + q - 1), m = 40.00 over two repeat days.
      const spend = (6.24957 * (15.44352 + 2 * 40)) / (6.24957 * 2 + 3.74422 - 1);
      expect(answer.currencies[0]!.expectedOrderValueMinor).toBe(Math.round(spend * 100));
      const undiscounted = expected * spend * 100 * 0.3;
      expect(answer.currencies[0]!.predictedClvMinor).toBeLessThan(undiscounted);
      expect(answer.currencies[0]!.predictedClvMinor).toBeGreaterThan(undiscounted / 1.1);
    });

    it('adds margin on what was to margin on what will be', () => {
      const [euro] = answer.currencies;
      expect(euro).toMatchObject({
        currency: 'EUR',
        historicRevenueMinor: 11_000,
        historicClvMinor: 3_300,
        averageOrderValueMinor: 3_667,
      });
      expect(euro!.totalClvMinor).toBe(3_300 + euro!.predictedClvMinor!);
    });

    it('states the terms of every figure', () => {
      expect(answer.terms).toEqual({
        horizonDays: 365,
        annualDiscountRate: 0.1,
        margin: 0.3,
        asOf: AT,
        purchaseModel: {
          model: 'mbgNbd',
          modelRunId: 'mbg-1',
          timeUnit: 'week',
          cutoff: '2026-06-30T23:59:59.999Z',
        },
        spendModel: {
          model: 'gammaGamma',
          modelRunId: 'gg-1',
          timeUnit: 'week',
          cutoff: '2026-06-30T23:59:59.999Z',
          currency: 'EUR',
        },
      });
    });

    it('lets a one-time buyer fade with silence', () => {
      const once = documentOf(buyer().purchase(3_000, week(0)));
      const churn = (at: string): number =>
        lifetimeValueOf('c', once, contextAt(at, CDNOW_RUNS)).churnProbability!;
      expect(churn('2026-12-05T00:00:00.000Z')).toBeGreaterThan(churn('2026-02-05T00:00:00.000Z'));
      expect(churn('2026-02-05T00:00:00.000Z')).toBeGreaterThan(0.3);
    });
  });

  it('says "not modelled" without a fit, and gives the past and the own rhythm', () => {
    const customer = buyer();
    for (const n of [0, 2, 4, 6]) customer.purchase(1_000, week(n));
    const answer = lifetimeValueOf('c', documentOf(customer), contextAt('2026-02-20T00:00:00.000Z'));
    expect(answer).toMatchObject({
      status: 'notModelled',
      reason: 'noPurchaseModel',
      predictedNumberOfOrders: null,
      churnProbability: null,
      expectedDateOfNextOrder: '2026-03-02',
      expectedDateBasis: 'ownCadence',
    });
    expect(answer.currencies).toEqual([
      expect.objectContaining({ historicRevenueMinor: 4_000, predictedClvMinor: null, totalClvMinor: null }),
    ]);
  });

  it('does not use a fit that did not converge', () => {
    const customer = buyer().purchase(1_000, week(0));
    const models = { mbgNbd: { ...CDNOW_RUNS.mbgNbd, status: 'dropoutNotIdentified' as const } };
    expect(lifetimeValueOf('c', documentOf(customer), contextAt(AT, models)).status).toBe('notModelled');
  });

  it('is not applicable to roles that do not buy, until they do', () => {
    const partner = new CustomerEvents().record('CustomerRegistered', {
      roles: ['partner', 'stakeholder'],
      identifiers: [{ type: 'customerNo', value: 'pv1.x' }],
      acquisitionChannel: 'web',
    });
    expect(lifetimeValueOf('c', documentOf(partner), contextAt(AT, CDNOW_RUNS))).toMatchObject({
      status: 'notApplicable',
      reason: 'roleDoesNotBuy',
    });
    partner.purchase(100, week(3));
    expect(lifetimeValueOf('c', documentOf(partner), contextAt(AT, CDNOW_RUNS)).status).toBe('modelled');
  });

  it('has no figures of days after the one asked for', () => {
    const customer = buyer().purchase(1_000, week(0)).purchase(9_000, week(30));
    const answer = lifetimeValueOf(
      'c',
      documentOf(customer),
      contextAt('2026-02-01T00:00:00.000Z', CDNOW_RUNS),
    );
    expect(answer).toMatchObject({ historicNumberOfOrders: 1, lastOrderDate: '2026-01-05' });
    expect(answer.currencies[0]!.historicRevenueMinor).toBe(1_000);
  });

  it('survives refunds beyond the purchases and purchases of nothing', () => {
    const customer = returned(buyer().purchase(0, week(0)).purchase(500, week(1)), 900, week(2));
    const answer = lifetimeValueOf('c', documentOf(customer), contextAt(AT, CDNOW_RUNS));
    expect(answer.historicNumberOfOrders).toBe(2);
    expect(answer.currencies[0]).toMatchObject({ historicRevenueMinor: -400, historicClvMinor: -120 });
    expect(answer.currencies[0]!.predictedClvMinor).toBeGreaterThan(0);
  });

  it('counts the orders of two currencies once and shares the prediction out', () => {
    const both = buyer().purchase(2_000, week(0)).purchase(2_000, week(4)).purchase(2_000, week(8), 'USD');
    const answer = lifetimeValueOf('c', documentOf(both), contextAt(AT, CDNOW_RUNS));
    expect(answer.historicNumberOfOrders).toBe(3);
    const [euro, dollar] = answer.currencies;
    expect(euro!.predictedClvMinor).toBeGreaterThan(0);
    expect(dollar).toMatchObject({ predictedClvMinor: null, notModelledReason: 'noSpendModel' });
    const alone = lifetimeValueOf(
      'c',
      documentOf(buyer().purchase(2_000, week(0)).purchase(2_000, week(4)).purchase(2_000, week(8))),
      contextAt(AT, CDNOW_RUNS),
    );
    expect(euro!.predictedClvMinor).toBeLessThan(alone.currencies[0]!.predictedClvMinor! * 0.8);
  });

  it('is null for an unknown customer', async () => {
    const reader = await readerOf<LifetimeValueDocument>(lifetimeValue, new Map());
    expect(await value.run(reader, { customerId: customerNumber(9) }, contextAt(AT))).toBeNull();
  });
});

describe('The summaries for a fit', () => {
  const day = fc.integer({ min: 0, max: 400 });
  const facts = fc.array(fc.record({ day, amount: fc.integer({ min: -5_000, max: 9_000 }) }), {
    maxLength: 30,
  });

  it('are those of the plain list of transactions, whatever the order, cut at any day', () => {
    fc.assert(
      fc.property(
        facts.chain((some) =>
          fc.tuple(fc.constant(some), fc.shuffledSubarray(some, { minLength: some.length })),
        ),
        day,
        ([inOrder, recorded], cutoffDay) => {
          const customer = buyer();
          for (const fact of recorded)
            if (fact.amount < 0) returned(customer, -fact.amount, FIRST + fact.day * MS_PER_DAY);
            else customer.purchase(fact.amount, FIRST + fact.day * MS_PER_DAY);
          const first = dayNumberOf(FIRST);
          const wanted = summarisePurchases(
            inOrder.map((fact) => ({ dayNumber: first + fact.day, amountMinor: fact.amount })),
            first + cutoffDay,
            'week',
          );
          const found = documentSummary(documentOf(customer), FIRST + cutoffDay * MS_PER_DAY, 'week', 'EUR');
          if (!wanted) return expect(found).toBeNull();
          expect(found!.purchases).toEqual({ timeUnit: 'week', x: wanted.x, tX: wanted.tX, T: wanted.T });
          expect(found!.spend.x).toBe(wanted.x);
          if (wanted.meanRepeatSpendMinor === null) expect(found!.spend.meanRepeatSpendMinor).toBeNull();
          else expect(found!.spend.meanRepeatSpendMinor).toBeCloseTo(wanted.meanRepeatSpendMinor, 6);
        },
      ),
      { numRuns: 200 },
    );
  });

  const customers = [
    buyer(1, 'consumer').purchase(1_000, week(0)).purchase(2_000, week(2)),
    buyer(2, 'consumer').purchase(500, week(1)),
    buyer(3, 'corporation').purchase(700, week(1)).purchase(100, week(3), 'USD'),
    buyer(4),
  ];
  const documents = foldAll<LifetimeValueDocument>(
    lifetimeValue,
    customers.flatMap((customer) => customer.events),
  );
  const cutoff = new Date(week(4)).toISOString();

  it('are collected as columns for the models, spend beside them', async () => {
    const input = await collectSummaries(await readerOf(lifetimeValue, documents), week(4), 'week');
    expect(input).toMatchObject({ customers: 3, repeatCustomers: 2, currency: 'EUR' });
    expect([...input.table.x]).toEqual([1, 0, 1]);
    expect([...input.table.T]).toEqual([4, 3, 3]);
    expect(input.spend).toEqual([
      { x: 1, meanRepeatSpendMinor: 2_000 },
      { x: 0, meanRepeatSpendMinor: null },
      { x: 0, meanRepeatSpendMinor: null },
    ]);
  });

  it('leave out who bought only after the cut-off', async () => {
    const input = await collectSummaries(await readerOf(lifetimeValue, documents), week(0), 'day');
    expect(input.customers).toBe(1);
    expect([...input.table.x]).toEqual([0]);
  });

  it('can be listed page by page', async () => {
    const reader = await readerOf(lifetimeValue, documents);
    const first = await summaries.run(reader, { cutoff, limit: 2 }, contextAt(AT));
    expect(first.rows).toEqual([
      { customerId: customerNumber(1), x: 1, tX: 2, T: 4, spendX: 1, meanRepeatSpendMinor: 2_000 },
      { customerId: customerNumber(2), x: 0, tX: 0, T: 3, spendX: 0, meanRepeatSpendMinor: null },
    ]);
    const second = await summaries.run(reader, { cutoff, limit: 2, after: first.next! }, contextAt(AT));
    expect(second.rows.map((row) => row.customerId)).toEqual([customerNumber(3)]);
  });

  it('add up to totals by currency and group, also of customers with several currencies', async () => {
    const reader = await readerOf(lifetimeValue, documents);
    const answer = await totals.run(reader, {}, contextAt(AT, CDNOW_RUNS));
    expect(answer.totals).toEqual([
      { currency: 'EUR', groupCode: 'consumer', customers: 2, historicRevenueMinor: 3_500, historicClvMinor: 1_050, numberOfOrders: 3 },
      { currency: 'EUR', groupCode: 'corporation', customers: 1, historicRevenueMinor: 700, historicClvMinor: 210, numberOfOrders: 1 },
      { currency: 'USD', groupCode: 'corporation', customers: 1, historicRevenueMinor: 100, historicClvMinor: 30, numberOfOrders: 1 },
    ]); // prettier-ignore
    const predicted = await totals.run(reader, { predicted: true }, contextAt(AT, CDNOW_RUNS));
    expect(predicted.totals.map(({ predictedClvMinor: _, customersModelled, ...rest }) => rest)).toEqual(
      answer.totals,
    );
    expect(predicted.totals[0]).toMatchObject({ customersModelled: 2 });
    expect(predicted.totals[0]!.predictedClvMinor).toBeGreaterThan(0);
  });
});

describe('The document', () => {
  it('keeps its figures when the person is forgotten', () => {
    const customer = buyer().purchase(1_000, week(0));
    const before = documentOf(customer);
    customer.record('CustomerErased', { basis: 'request', keptForLaw: [] });
    expect(documentOf(customer)).toEqual({ ...before, erased: true });
  });

  it('combines to the union of the days, in any order', () => {
    const one = documentOf(buyer(1, 'consumer').purchase(100, week(0)).purchase(300, week(2)));
    const other = documentOf(buyer(2, 'consumer').purchase(50, week(2)));
    const combined = lifetimeValue.combine!([one, other]);
    expect(combined.ledger['EUR']!.bought.filter((_, i) => i % 2 === 1)).toEqual([100, 350]);
    expect(lifetimeValue.combine!([other, one])).toEqual(combined);
  });
});

describeProjection(lifetimeValue, [
  {
    it: 'sums the purchases of a day',
    given: (history) => history.at('2026-01-05T09:00:00.000Z').times(2, 'PurchaseRecorded'),
    then: { ada: { ledger: { EUR: { bought: [20_458, 49_800], refunded: [] } } } },
  },
]);
