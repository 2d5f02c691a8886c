import fc from 'fast-check';
import type { Channel, EventOfType } from '@rapport/contracts';
import { describeProjection } from '@rapport/testing';
import { contextAt, CustomerEvents, foldAll, readerOf } from '../_parts/customer-events.builder.js';
import type { EncounterDocument } from './encounter-quality.model.js';
import { encounterQuality, MAX_ENDS } from './encounter-quality.projection.js';
import { customer, quality, weakest } from './encounter-quality.queries.js';

type Step = Partial<EventOfType<'TouchPointRecorded'>['data']>;
const NOW = contextAt('2026-06-01T00:00:00.000Z');
const ADA = '00000000-0000-4000-8000-000000000001';

const encounter = (
  events: CustomerEvents,
  encounterId: string,
  steps: readonly Step[],
  channel: Channel = 'branch',
): CustomerEvents => {
  steps.forEach((step, stepIndex) =>
    events.record('TouchPointRecorded', { direction: 'in', kind: 'visit', encounterId, stepIndex, ...step }, { channel, at: Date.parse('2026-03-01T10:00:00.000Z') + events.events.length * 60_000 }),
  );
  return events;
}; // prettier-ignore

const documentOf = (...steps: Step[]): EncounterDocument => {
  const [document] = foldAll<EncounterDocument>(
    encounterQuality,
    encounter(new CustomerEvents(ADA), 'e', steps).events,
  ).values();
  return document!;
};
const judged = (...steps: Step[]) => documentOf(...steps).quality;

describe('An encounter', () => {
  it('is remembered by its strongest and its last moment, not by its mean', () => {
    expect(judged({ sentiment: 10 }, { sentiment: -80 }, { sentiment: 20 }, { sentiment: 40 })).toMatchObject({
      peak: -80,
      end: 40,
      peakEnd: -20,
      mean: -2.5,
    });
  }); // prettier-ignore

  it('takes the later of two equally strong moments for its peak', () => {
    expect(judged({ sentiment: -60 }, { sentiment: 60 }, { sentiment: 10 }).peak).toBe(60);
  });

  it.each([
    ['ends better than it was', [{ sentiment: -20 }, { sentiment: 30 }], true],
    ['ends worse than it was', [{ sentiment: 80 }, { sentiment: 30 }], false],
    ['ends badly, though less badly', [{ sentiment: -80 }, { sentiment: -10 }], false],
    ['has an end nobody knows of', [{ sentiment: 80 }, {}], null],
    ['has one step', [{ sentiment: 80 }], null],
  ] as const)('finishes strong or not: one that %s', (_title, steps, expected) => {
    expect(judged(...steps).finishStrong).toBe(expected);
  });

  it.each([
    ['first', [{ unpleasant: true }, {}, {}, {}], true],
    ['at the end of the first half', [{}, { unpleasant: true }, {}, {}], true],
    ['in the second half', [{}, {}, { unpleasant: true }, {}], false],
    ['nowhere', [{}, {}, { pleasant: true }, {}], null],
    ['felt, not said', [{ sentiment: -1 }, {}, {}], true],
  ] as const)('has its bad steps early or not: %s', (_title, steps, expected) => {
    expect(judged(...steps).badEarly).toBe(expected);
  });

  it.each([
    ['together', [{ unpleasant: true }, { unpleasant: true }, {}], true],
    ['apart', [{ unpleasant: true }, {}, { unpleasant: true }], false],
    ['only once', [{ unpleasant: true }, {}, {}], null],
  ] as const)('combines pain or not: %s', (_title, steps, expected) => {
    expect(judged(...steps).painCombined).toBe(expected);
  });

  it.each([
    ['together', [{ pleasant: true }, { pleasant: true }, {}], false],
    ['apart', [{ pleasant: true }, {}, { pleasant: true }], true],
    ['only once', [{ pleasant: true }, {}, {}], null],
  ] as const)('segments pleasure or not: %s', (_title, steps, expected) => {
    expect(judged(...steps).pleasureSegmented).toBe(expected);
  });

  it('offers a choice, offers none, or nothing is known of it', () => {
    expect(judged({ choiceOffered: false }, { choiceOffered: true }).choiceOffered).toBe(true);
    expect(judged({ choiceOffered: false }, {}).choiceOffered).toBe(false);
    expect(judged({}, {}).choiceOffered).toBeNull();
  });

  it('has its rituals and its effort', () => {
    expect(
      judged(
        { ritualId: 'welcome', effort: 2 },
        { ritualId: 'farewell', effort: 5 },
        { ritualId: 'welcome' },
      ),
    ).toMatchObject({ rituals: ['farewell', 'welcome'], effort: 5 });
  });

  it('is the same however late its steps arrive', () => {
    const steps = Array.from({ length: 8 }, (_, i) => ({ stepIndex: i, sentiment: i * 20 - 80 }));
    fc.assert(
      fc.property(fc.shuffledSubarray(steps, { minLength: 8 }), (shuffled) => {
        const document = documentOf(...shuffled);
        expect(document.quality).toEqual(documentOf(...steps).quality);
        expect(document.steps.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
      }),
      { numRuns: 30 },
    );
  });

  it('of very many steps keeps the first and the last', () => {
    const document = documentOf(...Array.from({ length: 130 }, () => ({ sentiment: 1 })));
    expect([document.steps.length, document.stepCount]).toEqual([2 * MAX_ENDS, 130]);
    expect(document.steps.map(({ index }) => index)).toEqual([
      ...Array.from({ length: MAX_ENDS }, (_, i) => i),
      ...Array.from({ length: MAX_ENDS }, (_, i) => 130 - MAX_ENDS + i),
    ]);
  });

  it('is judged anew when a step is corrected', () => {
    const events = encounter(new CustomerEvents(ADA), 'e', [{ sentiment: -20 }, { sentiment: 30 }]);
    events.record('TouchPointCorrected', {
      targetEventId: events.events[1]!.eventId,
      encounterId: 'e',
      changes: { sentiment: -90 },
      reason: 'pv1.reason',
    });
    const [document] = foldAll<EncounterDocument>(encounterQuality, events.events).values();
    expect(document!.quality).toMatchObject({ end: -90, peak: -90, finishStrong: false });
  });
});

describe('Encounters', () => {
  const events = new CustomerEvents(ADA);
  encounter(events, 'good', [
    { sentiment: -10, choiceOffered: true },
    { sentiment: 60, ritualId: 'farewell' },
  ]);
  encounter(events, 'bad', [{ sentiment: 60 }, { sentiment: -40, choiceOffered: false }], 'callCentre');
  encounter(events, 'unknown', [{}, {}], 'web');
  events.record('TouchPointRecorded', { direction: 'in', kind: 'call', sentiment: -100 });
  const reader = () =>
    readerOf(encounterQuality, foldAll<EncounterDocument>(encounterQuality, events.events));

  it('show how often each rule was kept and what is remembered, by channel', async () => {
    const answer = await quality.run(await reader(), {}, NOW);
    expect(answer).toMatchObject({ encounters: 3, meanPeak: 60, meanEnd: 10, meanPeakEnd: 35, withRitual: 1 });
    expect(answer.rules).toEqual([
      { rule: 'finishStrong', kept: 1, broken: 1, unknown: 1, keptShare: 0.5 },
      { rule: 'badEarly', kept: 1, broken: 1, unknown: 1, keptShare: 0.5 },
      { rule: 'painCombined', kept: 0, broken: 0, unknown: 3, keptShare: null },
      { rule: 'pleasureSegmented', kept: 0, broken: 0, unknown: 3, keptShare: null },
      { rule: 'choiceOffered', kept: 1, broken: 1, unknown: 1, keptShare: 0.5 },
    ]);
    expect(answer.byChannel.map(({ channel, meanEnd }) => [channel, meanEnd])).toEqual([
      ['branch', 60],
      ['callCentre', -40],
      ['web', null],
    ]);
    expect((await quality.run(await reader(), { from: '2026-04' }, NOW)).encounters).toBe(0);
  }); // prettier-ignore

  it('that will be remembered worst come first, those of which nothing is known not at all', async () => {
    const of = async (params: object) =>
      (await weakest.run(await reader(), params, NOW)).rows.map(({ encounterId }) => encounterId);
    expect(await of({})).toEqual(['bad', 'good']);
    expect(await of({ broken: 'choiceOffered' })).toEqual(['bad']);
  });

  it('of a customer are shown step by step', async () => {
    const { rows } = await customer.run(await reader(), { customerId: ADA }, NOW);
    expect(rows.map(({ encounterId, stepCount }) => [encounterId, stepCount])).toEqual([
      ['unknown', 2],
      ['bad', 2],
      ['good', 2],
    ]);
    expect(rows[1]!.steps[1]).toMatchObject({ index: 1, sentiment: -40, at: '2026-03-01T10:03:00.000Z' });
  });

  it('under one key of merged customers are one, in any order', () => {
    const halves = [[{ sentiment: 5 }], [{ stepIndex: 1, sentiment: 50 }]].map((steps, n) => {
      const half = encounter(new CustomerEvents(`00000000-0000-4000-8000-00000000000${n}`), 'e', steps);
      return [...foldAll<EncounterDocument>(encounterQuality, half.events).values()][0]!;
    });
    const combined = encounterQuality.combine!(halves);
    expect(combined).toMatchObject({ stepCount: 2, quality: { end: 50, finishStrong: true } });
    expect(encounterQuality.combine!([...halves].reverse())).toEqual(combined);
    expect(encounterQuality.combine!([halves[0]!, halves[0]!])).toEqual(halves[0]);
  });
});

describeProjection(encounterQuality, [
  {
    it: 'makes nothing of touches that belong to no encounter',
    given: (history) => history.type('TouchPointRecorded', { encounterId: undefined }),
    then: (documents) => expect(documents).toEqual({}),
  },
]);
