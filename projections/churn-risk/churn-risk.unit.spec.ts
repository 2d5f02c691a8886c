import fc from 'fast-check';
import { epochMsOf, MS_PER_DAY } from '@rapport/contracts';
import { describeProjection } from '@rapport/testing';
import type { Stage } from '@rapport/contracts';
import {
  CDNOW_RUNS,
  contextAt,
  CustomerEvents,
  foldAll,
  readerOf,
} from '../_parts/customer-events.builder.js';
import { churnRisk } from './churn-risk.projection.js';
import type { ChurnRiskDocument, RiskScore, RiskScoreRow } from './churn-risk.model.js';
import { byRisk, recencyCutsOf, risk, riskScoreRow } from './churn-risk.queries.js';
import { contactDeclineOf } from './contact-decline.js';
import { BASELINE_WITHOUT_MODEL, riskScoreRowOf, scoreCustomer } from './risk-score.js';
import type { RiskContext } from './risk-score.js';

const FIRST = epochMsOf('2026-01-05T10:00:00.000Z');
const AT = '2026-10-05T10:00:00.000Z';
const week = (n: number): number => FIRST + n * 7 * MS_PER_DAY;
const customerNumber = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

const contextOf = (at: string, models: RiskContext['models'] = CDNOW_RUNS): RiskContext => ({
  ...contextAt(at, models),
  recencyCuts: null,
});
const documentOf = (customer: CustomerEvents): ChurnRiskDocument =>
  foldAll<ChurnRiskDocument>(churnRisk, customer.events).get(customer.customerId)!;
function scoreOf(customer: CustomerEvents, context = contextOf(AT)): RiskScore {
  const score = scoreCustomer(documentOf(customer), context);
  if (typeof score === 'string') throw new Error(`no score: ${score}`);
  return score;
}
const buyer = (n = 1): CustomerEvents =>
  new CustomerEvents(customerNumber(n))
    .purchase(3_000, week(0))
    .purchase(3_000, week(6))
    .purchase(3_000, week(14));
const complained = (customer: CustomerEvents, caseId: string, severity: number): CustomerEvents =>
  customer.record(
    'ComplaintRaised',
    { caseId, reasonCode: 'late', severity, slaDueAt: AT },
    { at: week(15) },
  );
const signed = (customer: CustomerEvents, endDate?: string, autoRenew = false): CustomerEvents =>
  customer.record('ContractSigned', {
    contractId: 'k-1',
    productId: 'p',
    startDate: '2026-01-01',
    ...(endDate ? { endDate } : {}),
    periodMonths: 1,
    recurring: { amountMinor: 1_000, currency: 'EUR' },
    autoRenew,
    noticeDays: 30,
  });
const movedTo = (customer: CustomerEvents, to: Stage): CustomerEvents =>
  customer.record('RelationshipStageMoved', {
    from: 'contact',
    to,
    trigger: 'review',
    reasonCode: 'r',
    evidence: [],
    ruleBookVersion: 'default-1',
    daysInStage: 0,
  });
const names = (score: RiskScore): string[] => score.drivers.map((driver) => driver.name).sort();

describe('The churn risk', () => {
  it('is what the baseline and its drivers sum to', () => {
    const signals: ((customer: CustomerEvents) => unknown)[] = [
      (customer) => complained(customer, 'c-1', 1),
      (customer) =>
        customer.record('DefaultDeclared', { invoiceId: 'i-1', amount: { amountMinor: 1, currency: 'EUR' } }),
      (customer) => customer.record('SurveyResponded', { instrument: 'NPS', score: 3 }),
      (customer) => signed(customer, '2026-10-20'),
      (customer) =>
        signed(customer, '2027-01-01').record('ContractCancelled', {
          contractId: 'k-1',
          effectiveDate: '2026-11-01',
          reasonCode: 'price',
          byCustomer: true,
        }),
    ];
    fc.assert(
      fc.property(fc.subarray(signals), fc.constantFrom(CDNOW_RUNS, {}), (some, models) => {
        const customer = buyer();
        for (const signal of some) signal(customer);
        const score = scoreOf(customer, contextOf(AT, models));
        const sum = score.drivers.reduce(
          (total, driver) => total + driver.contribution,
          score.baselineLogOdds,
        );
        expect(score.logOdds).toBeCloseTo(sum, 12);
        if (score.churnProbability !== null)
          expect(score.churnProbability).toBeCloseTo(1 / (1 + Math.exp(-score.logOdds)), 12);
      }),
    );
  });

  it('of a customer without signals is the probability of the model', () => {
    const score = scoreOf(buyer());
    expect(names(score)).toEqual(expect.arrayContaining(['silence']));
    const alive = score.drivers.find((driver) => driver.name === 'silence')!.value;
    expect(score.churnProbability).toBeCloseTo(1 - alive, 10);
  });

  it('grows with silence although no event arrives', () => {
    const document = documentOf(buyer());
    const at = (instant: string): number =>
      (scoreCustomer(document, contextOf(instant)) as RiskScore).churnProbability!;
    expect(at('2027-04-01T00:00:00.000Z')).toBeGreaterThan(at('2026-06-01T00:00:00.000Z'));
  });

  it('names the worst open complaint and forgets it once accepted', () => {
    const customer = complained(complained(buyer(), 'c-1', 3), 'c-2', 2);
    expect(scoreOf(customer).drivers.find((driver) => driver.name === 'openComplaint')!.value).toBe(2);
    expect(scoreOf(customer).suggestedAction).toBe('resolveComplaint');
    customer.record('ResolutionAccepted', { caseId: 'c-2' }).record('CaseClosed', { caseId: 'c-1' });
    expect(names(scoreOf(customer))).not.toContain('openComplaint');
    customer.record('CaseReopened', { caseId: 'c-1', reasonCode: 'again' });
    expect(scoreOf(customer).drivers.find((driver) => driver.name === 'openComplaint')!.value).toBe(3);
  });

  it('drops a default once it is cured', () => {
    const customer = buyer().record('DefaultDeclared', {
      invoiceId: 'i-1',
      amount: { amountMinor: 1, currency: 'EUR' },
    });
    expect(names(scoreOf(customer))).toContain('uncuredDefault');
    expect(names(scoreOf(customer.record('DefaultCured', { invoiceId: 'i-1' })))).not.toContain(
      'uncuredDefault',
    );
  });

  it('takes the latest answer by business time, also when an older one is recorded later', () => {
    const customer = buyer()
      .record('SurveyResponded', { instrument: 'NPS', score: 9 }, { at: '2026-06-02T00:00:00.000Z' })
      .record('SurveyResponded', { instrument: 'NPS', score: 1 }, { at: '2026-06-01T00:00:00.000Z' })
      .record('SurveyResponded', { instrument: 'CSAT', score: 1 }, { at: '2026-06-03T00:00:00.000Z' });
    expect(names(scoreOf(customer))).not.toContain('npsDetractor');
  });

  describe('of a customer with a contract', () => {
    it('rises as its end comes near, unless it renews itself', () => {
      const contribution = (customer: CustomerEvents): number =>
        scoreOf(customer).drivers.find((driver) => driver.name === 'contractEndNear')?.contribution ?? 0;
      expect(contribution(signed(buyer(), '2026-10-06'))).toBeGreaterThan(
        contribution(signed(buyer(), '2026-12-01')),
      );
      expect(contribution(signed(buyer(), '2026-12-01'))).toBeGreaterThan(0);
      expect(contribution(signed(buyer(), '2026-10-06', true))).toBe(0);
      expect(contribution(signed(buyer()))).toBe(0);
      expect(
        contribution(
          signed(buyer(), '2026-10-06').record('ContractRenewed', {
            contractId: 'k-1',
            newEndDate: '2027-10-06',
          }),
        ),
      ).toBe(0);
    });

    it('is at least nine in ten once the customer gave notice', () => {
      const score = scoreOf(
        signed(buyer()).record('ContractCancelled', {
          contractId: 'k-1',
          effectiveDate: '2026-12-01',
          reasonCode: 'price',
          byCustomer: true,
        }),
      );
      expect(score.churnProbability).toBeGreaterThanOrEqual(0.9);
      expect(score.suggestedAction).toBe('saveOffer');
    });

    it('has what the contract brings at stake', () => {
      const onlyContract = signed(new CustomerEvents());
      const score = scoreOf(onlyContract, contextOf(AT, {}));
      expect(score).toMatchObject({ status: 'notModelled', band: 'low', bandBasis: 'signals' });
      // 1,000 a month for the horizon of 365 days, margin .3, weighted with the baseline.
      const aYear = (1_000 / 30.4375) * 365 * 0.3;
      expect(score.valueAtRisk).toEqual([
        { currency: 'EUR', amountMinor: Math.round(BASELINE_WITHOUT_MODEL * aYear), basis: 'model' },
      ]);
    });
  });

  it('puts at stake the probability times the predicted value', () => {
    const score = scoreOf(buyer());
    expect(score.valueAtRisk).toHaveLength(1);
    expect(score.valueAtRisk[0]).toMatchObject({ currency: 'EUR', basis: 'model' });
    expect(score.valueAtRisk[0]!.amountMinor).toBeGreaterThan(0);
    expect(scoreOf(complained(buyer(), 'c-1', 1)).valueAtRisk[0]!.amountMinor).toBeGreaterThan(
      score.valueAtRisk[0]!.amountMinor,
    );
  });

  it('ranks without a model by recency among all customers, and says so', async () => {
    const customers = [0, 8, 16, 24, 32].map((n) =>
      new CustomerEvents(customerNumber(n)).purchase(100, week(n)),
    );
    const reader = await readerOf(
      churnRisk,
      foldAll<ChurnRiskDocument>(
        churnRisk,
        customers.flatMap((customer) => customer.events),
      ),
    );
    const bands = await Promise.all(
      customers.map(
        async ({ customerId }) => (await risk.run(reader, { customerId }, contextAt(AT)))!.score!,
      ),
    );
    expect(bands.map((score) => score.band)).toEqual(['high', 'medium', 'medium', 'low', 'low']);
    for (const score of bands)
      expect(score).toMatchObject({
        status: 'notModelled',
        churnProbability: null,
        bandBasis: 'recencyQuintile',
      });
    expect(await recencyCutsOf(reader, epochMsOf('2020-01-01T00:00:00.000Z'))).toBeNull();
  });

  it('is not computed for who never bought, nor for who left', () => {
    const touched = new CustomerEvents().record('TouchPointRecorded', { direction: 'in', kind: 'call' });
    expect(scoreCustomer(documentOf(touched), contextOf(AT))).toBe('notApplicable');
    expect(scoreCustomer(documentOf(movedTo(buyer(), 'dissolution')), contextOf(AT))).toBe('ended');
  });

  it('is the same bit for bit for the same document, fit and instant', () => {
    const document = documentOf(complained(buyer(), 'c-1', 2));
    expect(scoreCustomer(JSON.parse(JSON.stringify(document)), contextOf(AT))).toEqual(
      scoreCustomer(document, contextOf(AT)),
    );
  });

  it('answers the run, the terms and the day it was computed for', async () => {
    const customer = buyer();
    const reader = await readerOf(churnRisk, foldAll<ChurnRiskDocument>(churnRisk, customer.events));
    const answer = await risk.run(reader, { customerId: customer.customerId }, contextAt(AT, CDNOW_RUNS));
    expect(answer).toMatchObject({
      status: 'modelled',
      asOf: AT,
      modelRun: { model: 'mbgNbd', modelRunId: 'mbg-1', timeUnit: 'week' },
      terms: { horizonDays: 365, annualDiscountRate: 0.1, margin: 0.3 },
    });
    expect(await risk.run(reader, { customerId: customerNumber(9) }, contextAt(AT))).toBeNull();
  });
});

describe('The list by risk', () => {
  const scored = new Map<string, RiskScoreRow>(
    [1, 2, 3].map((n) => {
      const customer = new CustomerEvents(customerNumber(n))
        .purchase(n * 1_000, week(0))
        .purchase(n * 1_000, week(4 * n));
      return [customer.customerId, riskScoreRowOf(documentOf(customer), contextOf(AT))!];
    }),
  );

  it('shows most value at risk first, with the run that ranked', async () => {
    const reader = await readerOf<RiskScoreRow>(riskScoreRow, scored);
    const first = await byRisk.run(reader, { limit: 2 }, contextAt(AT));
    expect(first).toMatchObject({
      asOf: AT,
      modelRunId: 'mbg-1',
      modelRun: { model: 'mbgNbd', timeUnit: 'week' },
      terms: contextAt(AT).valueTerms,
    });
    const second = await byRisk.run(reader, { limit: 2, after: first.next! }, contextAt(AT));
    const rows = [...first.rows, ...second.rows];
    expect(rows).toHaveLength(3);
    const amounts = rows.map((row) => row.valueAtRiskMinor);
    expect(amounts).toEqual([...amounts].sort((a, b) => b - a));
    expect(rows[0]).toMatchObject({ customerId: customerNumber(3), modelRunId: 'mbg-1' });
  });

  it('can be asked for one band', async () => {
    const rows = new Map(scored);
    rows.set(customerNumber(1), { ...scored.get(customerNumber(1))!, band: 'high' });
    for (const n of [2, 3]) rows.set(customerNumber(n), { ...scored.get(customerNumber(n))!, band: 'low' });
    const page = await byRisk.run(
      await readerOf<RiskScoreRow>(riskScoreRow, rows),
      { band: 'high' },
      contextAt(AT),
    );
    expect(page.rows.map((row) => row.customerId)).toEqual([customerNumber(1)]);
  });

  it('has no run before the first', async () => {
    const page = await byRisk.run(await readerOf<RiskScoreRow>(riskScoreRow, new Map()), {}, contextAt(AT));
    expect(page).toEqual({ rows: [], asOf: null, modelRunId: null, modelRun: null, terms: null });
  });

  it('leaves out customers without a score', () => {
    expect(riskScoreRowOf(documentOf(movedTo(buyer(), 'dissolution')), contextOf(AT))).toBeNull();
  });
});

describe('A decline of contact', () => {
  it('is unknown while there is little to compare with', () => {
    expect(contactDeclineOf([], 20_000)).toBeUndefined();
    expect(contactDeclineOf([660, 3], 20_000)).toBeUndefined();
  });

  it('is complete when nobody called any more, and none when they call as often', () => {
    const asOfDay = 666 * 30 + 29;
    const earlier = [658, 4, 659, 4, 660, 4, 661, 4, 662, 4, 663, 4];
    expect(contactDeclineOf(earlier, asOfDay)).toBe(1);
    expect(contactDeclineOf([...earlier, 664, 4, 665, 4, 666, 4], asOfDay)).toBeCloseTo(0, 12);
    expect(contactDeclineOf([...earlier, 664, 2, 665, 2, 666, 2], asOfDay)).toBeCloseTo(0.5, 12);
  });

  it('is between none and all for any contacts', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 600, max: 670 }), { maxLength: 12 }),
        fc.integer({ min: 18_000, max: 20_200 }),
        (periods, asOfDay) => {
          const contacts = periods.sort((a, b) => a - b).flatMap((period) => [period, 1 + (period % 7)]);
          const decline = contactDeclineOf(contacts, asOfDay);
          if (decline !== undefined) expect(decline >= 0 && decline <= 1).toBe(true);
        },
      ),
    );
  });
});

describe('The document', () => {
  const fact = fc.record({ kind: fc.constantFrom('touch', 'purchase', 'return'), day: fc.nat({ max: 700 }) });

  it('is the same in whatever order touches and purchases are recorded', () => {
    const documentFrom = (facts: readonly { kind: string; day: number }[]): ChurnRiskDocument | undefined => {
      const customer = new CustomerEvents();
      for (const { kind, day } of facts) {
        const at = FIRST + day * MS_PER_DAY;
        if (kind === 'purchase') customer.purchase(100 + day, at);
        else if (kind === 'touch')
          customer.record('TouchPointRecorded', { direction: 'in', kind: 'call' }, { at });
        else
          customer.record(
            'ReturnRecorded',
            { orderId: 'o', refund: { amountMinor: day, currency: 'EUR' }, reasonCode: 'r' },
            { at },
          );
      }
      return foldAll<ChurnRiskDocument>(churnRisk, customer.events).get(customer.customerId);
    };
    fc.assert(
      fc.property(
        fc
          .array(fact, { maxLength: 60 })
          .chain((facts) =>
            fc.tuple(fc.constant(facts), fc.shuffledSubarray(facts, { minLength: facts.length })),
          ),
        ([facts, shuffled]) => expect(documentFrom(shuffled)).toEqual(documentFrom(facts)),
      ),
    );
  });

  it('combines in any order where no relationship has to be chosen', () => {
    const one = documentOf(complained(signed(buyer(1)), 'c-1', 2));
    const other = documentOf(buyer(2).record('SurveyResponded', { instrument: 'NPS', score: 4 }));
    expect(churnRisk.combine!([one, other])).toEqual(churnRisk.combine!([other, one]));
    expect(churnRisk.combine!([one, other])).toMatchObject({
      complaints: [{ caseId: 'c-1' }],
      nps: { score: 4 },
    });
  });
});

describeProjection(churnRisk, [
  {
    it: 'holds what speaks against the customer',
    given: (history) =>
      history.type('ComplaintRaised').type('DefaultDeclared').type('SurveyResponded', { score: 2 }),
    then: { ada: { complaints: [{ status: 'open', severity: 2 }], defaults: ['i-1'], nps: { score: 2 } } },
  },
]);
