import { isoOf } from '@rapport/contracts';
import { describeProjection, eventBuilder, testCustomerId } from '@rapport/testing';
import type { EventBuilder } from '@rapport/testing';
import { contextAt, foldAll, readerOf } from '../_parts/customer-events.builder.js';
import type { ServiceQualityRow } from './service-quality.model.js';
import { moodOfSurvey, moodOfTouch } from './mood.js';
import { serviceQuality } from './service-quality.projection.js';
import { openCases, quality, reasons } from './service-quality.queries.js';

const ada = testCustomerId('ada');
const row = (events: ReturnType<EventBuilder['build']>, key: string): ServiceQualityRow | undefined =>
  foldAll<ServiceQualityRow>(serviceQuality, events).get(`${ada}/${key}`);

const opening = (history: EventBuilder): EventBuilder =>
  history
    .at('2026-03-02T10:00:00.000Z')
    .type('CaseOpened', { caseId: 'c-1', productId: 'grinder', slaDueAt: '2026-03-03T10:00:00.000Z' });

describeProjection(serviceQuality, [
  {
    it: 'times a case from its opening to the first sign and to the resolution',
    given: (history) =>
      opening(history)
        .at('2026-03-02T10:30:00.000Z')
        .type('CaseAcknowledged', { caseId: 'c-1', handlerId: 'agent-3' })
        .at('2026-03-02T12:00:00.000Z')
        .type('CaseReplied', { caseId: 'c-1' })
        .at('2026-03-02T16:00:00.000Z')
        .type('CaseResolved', { caseId: 'c-1', satisfaction: 3 })
        .type('ResolutionAccepted', { caseId: 'c-1', satisfaction: 5 }),
    then: {
      [`${ada}/case:c-1`]: {
        productId: 'grinder',
        firstResponseAtMs: Date.parse('2026-03-02T10:30:00.000Z'),
        resolvedAtMs: Date.parse('2026-03-02T16:00:00.000Z'),
        replies: 1,
        satisfaction: 5,
        handlerId: 'agent-3',
      },
    },
  },
  {
    it: 'takes a case as open again after a reopening, and not for a late word about the time before',
    given: (history) =>
      opening(history)
        .at('2026-03-02T16:00:00.000Z')
        .type('CaseResolved', { caseId: 'c-1' })
        .at('2026-03-05T09:00:00.000Z')
        .type('CaseReopened', { caseId: 'c-1', slaDueAt: '2026-03-08T09:00:00.000Z' })
        .at('2026-03-02T15:00:00.000Z')
        .type('CaseResolved', { caseId: 'c-1' }),
    then: {
      [`${ada}/case:c-1`]: {
        resolvedAtMs: null,
        firstResolvedAtMs: Date.parse('2026-03-02T15:00:00.000Z'),
        dueAtMs: Date.parse('2026-03-08T09:00:00.000Z'),
        reopenings: 1,
      },
    },
  },
  {
    it: 'keeps a complaint as a case and as a reaction with its reason',
    given: (history) => history.type('ComplaintRaised', { caseId: 'c-2', productId: 'grinder' }),
    then: (documents) => {
      const rows = Object.values(documents) as ServiceQualityRow[];
      expect(rows).toHaveLength(2);
      expect(rows).toContainEqual(
        expect.objectContaining({ kind: 'reaction', mood: 'negative', reasonCode: 'lateDelivery' }),
      );
    },
  },
  {
    it: 'adds up what was bought and returned by product',
    given: (history) =>
      history
        .type('PurchaseRecorded', { lines: [line('grinder', 2), line('beans', 1), line('grinder', 1)] })
        .type('ReturnRecorded', { lines: [{ productId: 'grinder', qty: 1 }], reasonCode: 'broken' }),
    then: (documents) => {
      const rows = Object.values(documents) as ServiceQualityRow[];
      expect(rows).toContainEqual(expect.objectContaining({ kind: 'sale', productId: 'grinder', qty: 3 }));
      expect(rows).toContainEqual(expect.objectContaining({ kind: 'sale', productId: 'beans', qty: 1 }));
      expect(rows).toContainEqual(expect.objectContaining({ kind: 'return', productId: 'grinder', qty: 1 }));
      expect(rows).toContainEqual(expect.objectContaining({ kind: 'reaction', reasonCode: 'broken' }));
    },
  },
]);

const line = (productId: string, qty: number) => ({
  productId,
  qty,
  unitPrice: { amountMinor: 1000, currency: 'EUR' },
});

describe('A reaction', () => {
  it('is what was noted of the mood, and without a note there is none', () => {
    expect(moodOfTouch({ sentiment: 30, unpleasant: true })).toBe('positive');
    expect(moodOfTouch({ sentiment: 0 })).toBe('neutral');
    expect(moodOfTouch({ unpleasant: true })).toBe('negative');
    expect(moodOfTouch({ pleasant: true })).toBe('positive');
    expect(moodOfTouch({ pleasant: false, unpleasant: false })).toBeNull();
    expect(
      foldAll(serviceQuality, eventBuilder().type('TouchPointRecorded', { sentiment: undefined }).build())
        .size,
    ).toBe(0);
  });

  it.each([
    ['NPS', 9, 'positive'],
    ['NPS', 7, 'neutral'],
    ['NPS', 6, 'negative'],
    ['CSAT', 4, 'positive'],
    ['CSAT', 2, 'negative'],
    ['CES', 2, 'positive'],
    ['CES', 4, 'neutral'],
    ['CES', 5, 'negative'],
  ] as const)('of %s %d is %s', (instrument, score, mood) =>
    expect(moodOfSurvey({ instrument, score })).toBe(mood),
  );

  it('follows the correction of its touch', () => {
    const events = eventBuilder().type('TouchPointRecorded', { sentiment: 40, productId: 'grinder' }).build();
    const target = events[0]!.eventId;
    const corrected = eventBuilder()
      .type('TouchPointRecorded', { sentiment: 40, productId: 'grinder' })
      .type('TouchPointCorrected', { targetEventId: target, changes: { sentiment: -10, reasonCode: 'rude' } })
      .build();
    expect(row(corrected, target)).toMatchObject({
      mood: 'negative',
      reasonCode: 'rude',
      productId: 'grinder',
    });
  });

  it('that only a correction tells counts from the correction; one without a mood tells nothing', () => {
    const silent = (changes: object) =>
      eventBuilder()
        .type('TouchPointCorrected', { targetEventId: '3f2b8a34-7c35-5c4e-9b52-2a43c9f0d111', changes })
        .build();
    const key = '3f2b8a34-7c35-5c4e-9b52-2a43c9f0d111';
    expect(row(silent({ sentiment: -10 }), key)).toMatchObject({ kind: 'reaction', mood: 'negative' });
    expect(row(silent({ outcome: 'done' }), key)).toBeUndefined();
  });
});

describe('Service quality', () => {
  const history = (): EventBuilder =>
    eventBuilder()
      .customer('ada')
      .at('2026-01-10T10:00:00.000Z')
      .type('PurchaseRecorded', { lines: [line('grinder', 2)] })
      .at('2026-02-01T10:00:00.000Z')
      .type('ComplaintRaised', { caseId: 'c-1', productId: 'grinder', severity: 2, reasonCode: 'noisy', slaDueAt: '2026-02-03T10:00:00.000Z' })
      .at('2026-02-01T10:10:00.000Z')
      .type('CaseAcknowledged', { caseId: 'c-1' })
      .at('2026-02-02T10:00:00.000Z')
      .type('CaseResolved', { caseId: 'c-1', satisfaction: 4 })
      .type('CompensationOffered', { caseId: 'c-1' })
      .customer('bob')
      .at('2026-02-05T10:00:00.000Z')
      .type('ComplaintRaised', { caseId: 'c-1', productId: 'grinder', severity: 1, reasonCode: 'broken', slaDueAt: '2026-02-06T10:00:00.000Z' })
      .at('2026-02-05T11:00:00.000Z')
      .type('CaseReplied', { caseId: 'c-1' })
      .type('CaseReplied', { caseId: 'c-1' })
      .at('2026-02-08T10:00:00.000Z')
      .type('CaseResolved', { caseId: 'c-1', satisfaction: undefined })
      .at('2026-02-09T10:00:00.000Z')
      .type('CaseReopened', { caseId: 'c-1', slaDueAt: '2026-02-11T10:00:00.000Z' })
      .customer('cleo')
      .at('2026-03-01T10:00:00.000Z')
      .type('CaseOpened', { caseId: 'c-7', kind: 'question', productId: 'grinder', severity: 4, slaDueAt: '2026-03-05T10:00:00.000Z' })
      .type('NeedRecorded', { needId: 'n-1', productIds: ['grinder'] })
      .type('NeedRecorded', { needId: 'n-2', productIds: ['grinder', 'beans'] })
      .type('NeedRecorded', { needId: 'n-3', productIds: ['grinder'] })
      .type('NeedMet', { needId: 'n-1' })
      .type('NeedUnmet', { needId: 'n-2' })
      .at('2026-03-02T10:00:00.000Z')
      .type('SurveyResponded', { instrument: 'NPS', score: 10, productId: 'grinder' })
      .type('TouchPointRecorded', { sentiment: -20, productId: 'beans', reasonCode: 'stale' }); // prettier-ignore
  const reader = () =>
    readerOf<ServiceQualityRow>(serviceQuality, foldAll(serviceQuality, history().build()));

  it('tells by product what was sold, how it was taken and why, and how customers were served', async () => {
    const answer = await quality.run(
      await reader(),
      { productId: 'grinder' },
      contextAt('2026-03-04T00:00:00.000Z'),
    );
    expect(answer.rows).toEqual([
      {
        productId: 'grinder',
        period: null,
        sold: 2,
        returned: 0,
        reactions: { positive: 1, neutral: 0, negative: 2, positiveShare: 1 / 3 },
        needs: { open: 1, met: 1, unmet: 1, metShare: 0.5 },
        negativeReasons: [
          { reasonCode: 'broken', count: 1, share: 0.5 },
          { reasonCode: 'noisy', count: 1, share: 0.5 },
        ],
        cases: {
          opened: 3,
          complaints: 2,
          open: 2,
          resolved: 1,
          reopened: 1,
          firstContactResolved: 1,
          firstContactShare: 1,
          firstResponse: { cases: 2, meanMinutes: 35, medianMinutes: 10, p90Minutes: 60 },
          resolution: { cases: 1, meanMinutes: 1440, medianMinutes: 1440, p90Minutes: 1440 },
          slaKept: 1,
          slaBroken: 1,
          slaKeptShare: 0.5,
          compensated: 1,
          meanSatisfaction: 4,
        },
      },
    ]);
  });

  it('counts an open case as late from the day it was due, and one that was late before only once', async () => {
    const brokenAt = async (at: string): Promise<number> =>
      (await quality.run(await reader(), { productId: 'grinder' }, contextAt(at))).rows[0]!.cases.slaBroken;
    expect(await brokenAt('2026-03-05T10:00:00.000Z')).toBe(1);
    expect(await brokenAt('2026-03-05T10:00:00.001Z')).toBe(2);
  });

  it('tells it by period, and only of the time asked for', async () => {
    const { rows } = await quality.run(
      await reader(),
      { period: 'month', from: '2026-02-01', to: '2026-03-31' },
      contextAt('2026-04-01T00:00:00.000Z'),
    );
    expect(rows.map((one) => [one.productId, one.period, one.cases.opened])).toEqual([
      ['beans', '2026-03', 0],
      ['grinder', '2026-02', 2],
      ['grinder', '2026-03', 1],
    ]);
  });

  it('names why customers reacted badly', async () => {
    expect(await reasons.run(await reader(), {}, contextAt('2026-04-01T00:00:00.000Z'))).toEqual({
      negative: 3,
      reasons: ['broken', 'noisy', 'stale'].map((reasonCode) => ({ reasonCode, count: 1, share: 1 / 3 })),
    });
  });

  it('lists open cases, the one due first on top', async () => {
    const at = contextAt('2026-03-01T12:00:00.000Z');
    const all = await openCases.run(await reader(), {}, at);
    expect(all.rows).toMatchObject([
      { customerId: testCustomerId('bob'), caseId: 'c-1', overdue: true, answered: true, reopenings: 1 },
      { customerId: testCustomerId('cleo'), caseId: 'c-7', overdue: false, answered: false },
    ]);
    expect(all.rows[0]!.dueAt).toBe(isoOf(Date.parse('2026-02-11T10:00:00.000Z')));
    expect((await openCases.run(await reader(), { overdueOnly: true }, at)).rows).toHaveLength(1);
    expect((await openCases.run(await reader(), { maxSeverity: 1 }, at)).rows).toHaveLength(1);
  });
});
