import { describeProjection, eventBuilder, testCustomerId } from '@rapport/testing';
import { contextAt, foldAll, readerOf } from '../_parts/customer-events.builder.js';
import type { PillarEvidence } from './value-pillars.model.js';
import { valuePillars } from './value-pillars.projection.js';
import { customer, hurting, pillars, weakestByCustomer } from './value-pillars.queries.js';

const NOW = contextAt('2026-06-01T00:00:00.000Z');
const shown = (documents: Readonly<Record<string, object>>): unknown[] =>
  (Object.values(documents) as PillarEvidence[]).map(({ pillar, score, source }) => [pillar, score, source]);

describeProjection(valuePillars, [
  {
    it: 'takes each answer of a survey by pillar, and little effort as convenient',
    given: (history) =>
      history
        .type('SurveyResponded', { instrument: 'NPS', score: 9, pillarScores: { price: 40, respect: 90 } })
        .type('SurveyResponded', { instrument: 'CES', score: 1, pillarScores: undefined }),
    then: (documents) =>
      expect(shown(documents)).toEqual(
        expect.arrayContaining([
          ['price', 40, 'SurveyResponded'],
          ['respect', 90, 'SurveyResponded'],
          ['convenience', 100, 'SurveyResponded'],
        ]),
      ),
  },
  {
    it: 'takes a complaint for the pillar it names, by its severity, and without a pillar not at all',
    given: (history) =>
      history
        .type('ComplaintRaised', { caseId: 'c-1', severity: 1, valuePillar: 'respect' })
        .type('ComplaintRaised', { caseId: 'c-2', severity: 1, valuePillar: undefined }),
    then: (documents) => expect(shown(documents)).toEqual([['respect', 0, 'ComplaintRaised']]),
  },
  {
    it: 'takes our promises as respect, of a price as price; those of the customer say nothing',
    given: (history) =>
      history
        .type('PromiseMade', { promiseId: 'p-1', by: 'firm', what: 'callback' })
        .type('PromiseBroken', { promiseId: 'p-1' })
        .type('PromiseMade', { promiseId: 'p-2', by: 'firm', what: 'price' })
        .type('PromiseKept', { promiseId: 'p-2' })
        .type('PromiseMade', { promiseId: 'p-3', by: 'customer', what: 'payment' })
        .type('PromiseBroken', { promiseId: 'p-3' }),
    then: (documents) =>
      expect(shown(documents)).toEqual([
        ['respect', 0, 'PromiseBroken'],
        ['price', 100, 'PromiseKept'],
        [null, 0, 'PromiseBroken'],
      ]),
  },
  {
    it: 'hears the price only where it is named',
    given: (history) =>
      history
        .type('OpportunityLost', { opportunityId: 'op-1', lossReasonCode: 'price' })
        .type('OpportunityLost', { opportunityId: 'op-2', lossReasonCode: 'competitor' })
        .type('OfferDeclined', { offerId: 'o-1', reasonCode: 'tooExpensive' })
        .type('ContractCancelled', { contractId: 'k-1', reasonCode: 'price', byCustomer: false })
        .type('ReturnRecorded', { orderId: 'o-1', reasonCode: 'broken' }),
    then: (documents) =>
      expect(shown(documents)).toEqual([
        ['price', 0, 'OpportunityLost'],
        ['price', 0, 'OfferDeclined'],
        ['solution', 25, 'ReturnRecorded'],
      ]),
  },
  {
    it: 'follows the correction of a mood',
    given: () => {
      const touch = eventBuilder().type('TouchPointRecorded', { sentiment: 80 }).build()[0]!;
      return eventBuilder()
        .type('TouchPointRecorded', { sentiment: 80 })
        .type('TouchPointCorrected', { targetEventId: touch.eventId, changes: { sentiment: -60 } });
    },
    then: (documents) => expect(shown(documents)).toEqual([['emotion', 20, 'TouchPointRecorded']]),
  },
]);

describe('The weakest pillar', () => {
  const events = eventBuilder()
    .customer('ada')
    .at('2026-03-01T10:00:00.000Z')
    .type('SurveyResponded', {
      instrument: 'NPS',
      score: 9,
      pillarScores: { solution: 90, respect: 90, emotion: 90, price: 30, convenience: 90 },
    })
    .customer('bob')
    .at('2026-04-01T10:00:00.000Z')
    .type('SurveyResponded', { instrument: 'NPS', score: 9, pillarScores: { solution: 60, price: 70 } })
    .type('ComplaintRaised', { caseId: 'c-1', severity: 2, valuePillar: 'solution', productId: 'grinder' })
    .build();
  const reader = () => readerOf<PillarEvidence>(valuePillars, foldAll(valuePillars, events));

  it('is what the value stands on, not the mean; unknown is not bad', async () => {
    const answer = await customer.run(await reader(), { customerId: testCustomerId('bob') }, NOW);
    expect(answer!.weakest).toEqual({ pillar: 'solution', score: 37.5, evidence: 2, hurting: 1 });
    expect(answer!.pillars.find(({ pillar }) => pillar === 'respect')).toEqual({
      pillar: 'respect',
      score: null,
      evidence: 0,
      hurting: 0,
    });
    expect((await pillars.run(await reader(), {}, NOW)).weakest).toMatchObject({
      pillar: 'price',
      score: 50,
    });
    expect((await pillars.run(await reader(), { to: '2026-02-28' }, NOW)).weakest).toBeNull();
  });

  it('is counted by customer', async () => {
    expect(await weakestByCustomer.run(await reader(), {}, NOW)).toEqual({
      customers: 2,
      weakest: [
        { pillar: 'price', customers: 1, share: 0.5, meanScore: 30 },
        { pillar: 'solution', customers: 1, share: 0.5, meanScore: 37.5 },
      ],
    });
  });

  it('has facts that hurt it', async () => {
    expect((await hurting.run(await reader(), { pillar: 'solution' }, NOW)).rows).toMatchObject([
      { customerId: testCustomerId('bob'), score: 15, day: '2026-04-01', productId: 'grinder', reasonCode: 'lateDelivery' },
    ]); // prettier-ignore
  });
});
