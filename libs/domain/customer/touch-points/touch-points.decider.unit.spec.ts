import { nextReviewAtMs } from '../relationship/relationship.rules.js';
import { Scenario, call, defaultRules, euro, isoOnDay, nps, onDay, register } from '../scenario.builder.js';

describe('Touch points', () => {
  it('are recorded on any channel, in either direction', () => {
    const story = new Scenario().given(0, register(), call('in'), call('out'));
    expect(story.types).toEqual(['CustomerRegistered', 'TouchPointRecorded', 'TouchPointRecorded']);
    expect(story.state.touchPoints.count).toBe(2);
  });

  it.each([
    ['a call the customer made', call('in'), true],
    ['a page view', { type: 'RecordTouchPoint', direction: 'in', kind: 'pageView' }, false],
    ['a call of ours that nobody answered', call('out'), false],
    ['a call of ours that lasted', call('out', { durationS: 60 }), true],
    ['a message of ours', { type: 'RecordTouchPoint', direction: 'out', kind: 'message' }, false],
    ['a meeting', { type: 'RecordTouchPoint', direction: 'out', kind: 'meeting' }, true],
  ] as const)('know whether both sides took part: %s', (_title, command, both) => {
    const story = new Scenario().given(0, register()).given(1, command);
    expect(story.state.touchPoints.lastTwoWay !== null).toBe(both);
  });

  it('keep a state of the same size after ten thousand', () => {
    const story = new Scenario().given(0, register());
    const sizeAfter = (touches: number): number => {
      for (let index = 0; index < touches; index += 1)
        story.given(index / 24, call(index % 3 ? 'in' : 'out', { sentiment: (index % 7) * 10 }));
      return JSON.stringify(story.state).length;
    };
    const afterSome = sizeAfter(1_000);
    expect(sizeAfter(10_000) - afterSome).toBeLessThan(100);
    expect(afterSome).toBeLessThan(12_000);
  });

  it('can be corrected, and rules see the correction', () => {
    const story = new Scenario().given(0, register(), call('in')).given(1, call('in', { sentiment: -80 }));
    expect(story.stage).toBe('involvement');
    const target = story.lastOf('TouchPointRecorded').eventId;
    story.given(2, {
      type: 'CorrectTouchPoint',
      targetEventId: target,
      changes: { direction: 'out', sentiment: 20 },
      reason: 'wrong line',
    });
    expect(story.state.touchPoints.inboundDays).toHaveLength(1);
    expect(story.state.touchPoints.lastExperience).toMatchObject({ value: 20, id: target });
    expect(story.state.touchPoints.lastBadExperience).toBeNull();
    expect(story.stage).toBe('involvement');
  });

  it('refuse to correct what is not there', () => {
    const story = new Scenario().given(0, register(), call());
    const correction = {
      type: 'CorrectTouchPoint',
      targetEventId: '00000000-0000-5000-8000-00000000dead',
      changes: { sentiment: 1 },
      reason: 'x',
    } as const;
    expect(story.refusalOf(1, correction).code).toBe('UNKNOWN_TARGET_EVENT');
  });

  it.each([
    ['NPS', -1],
    ['NPS', 11],
    ['CSAT', 0],
    ['CSAT', 6],
    ['CES', 0],
    ['CES', 8],
  ] as const)('refuse a %s of %i', (instrument, score) => {
    const story = new Scenario().given(0, register());
    expect(story.refusalOf(0, { type: 'RecordSurveyResponse', instrument, score }).code).toBe(
      'INVALID_VALUE',
    );
  });

  it('keep the newest answer of a survey when an older one arrives late', () => {
    const story = new Scenario().given(0, register()).given(10, nps(9)).given(5, nps(2));
    expect(story.state.touchPoints.nps).toMatchObject({ score: 9 });
    expect(story.stage).toBe('contact');
  });

  it('hold promises until they are kept, once each', () => {
    const make = {
      type: 'MakePromise',
      promiseId: 'p-1',
      by: 'firm',
      what: 'callback',
      dueAt: isoOnDay(3),
    } as const;
    const story = new Scenario().given(0, register(), make);
    expect(story.refusalOf(0, make).code).toBe('ID_ALREADY_USED');
    expect(story.refusalOf(0, { type: 'KeepPromise', promiseId: 'p-2' }).code).toBe('UNKNOWN_PROMISE');
    story.given(1, { type: 'BreakPromise', promiseId: 'p-1' });
    expect(story.refusalOf(1, { type: 'BreakPromise', promiseId: 'p-1' }).code).toBe('NOTHING_TO_DO');
    story.given(2, { type: 'KeepPromise', promiseId: 'p-1' });
    expect(story.state.touchPoints.promises).toEqual([]);
    expect(story.state.touchPoints.kept).toHaveLength(1);
  });

  it('record referrals and what is said in public', () => {
    const story = new Scenario().given(
      0,
      register(),
      { type: 'RecordReferral', referralId: 'ref-1' },
      { type: 'RecordAdvocacy', kind: 'review' },
    );
    expect(story.state.touchPoints.lastReferral).not.toBeNull();
    expect(story.state.touchPoints.lastPublicComplaint).toBeNull();
  });

  it('record once who of a referral bought', () => {
    const convert = { type: 'ConvertReferral', referralId: 'ref-1', value: euro(200) } as const;
    const story = new Scenario().given(0, register());
    expect(story.refusalOf(0, convert).code).toBe('UNKNOWN_REFERRAL');
    story.given(0, { type: 'RecordReferral', referralId: 'ref-1', cost: euro(10) }).given(9, convert);
    expect(story.refusalOf(9, convert).code).toBe('UNKNOWN_REFERRAL');
  });

  it('break a promise of ours by themselves when it is overdue, once, at its due time and the days of grace', () => {
    const make = { type: 'MakePromise', by: 'firm', what: 'callback' } as const;
    const story = new Scenario().given(
      0,
      register(),
      { ...make, promiseId: 'p-1', dueAt: isoOnDay(3) },
      { ...make, promiseId: 'kept', dueAt: isoOnDay(3) },
      { ...make, promiseId: 'theirs', by: 'customer', dueAt: isoOnDay(3) },
    );
    story.given(3.5, { type: 'KeepPromise', promiseId: 'kept' });
    expect(nextReviewAtMs(story.state, defaultRules)).toBe(onDay(4));
    story.given(9, { type: 'ReviewRelationship' }, { type: 'ReviewRelationship' });
    const broken = story.recorded.filter(({ type }) => type === 'PromiseBroken');
    expect(broken.map(({ data, metadata }) => ({ data, at: metadata.occurredAt }))).toEqual([
      { data: { promiseId: 'p-1', reasonCode: 'overdue' }, at: isoOnDay(4) },
    ]);
    expect(story.refusalOf(9, { type: 'BreakPromise', promiseId: 'p-1' }).code).toBe('NOTHING_TO_DO');
    story.given(10, { type: 'KeepPromise', promiseId: 'p-1' });
    expect(story.state.touchPoints.promises.map(({ promiseId }) => promiseId)).toEqual(['theirs']);
  });

  it('name who answers for a promise: the one named, the employee, else the account manager', () => {
    const make = { type: 'MakePromise', promiseId: 'p-1', by: 'firm', what: 'price', dueAt: isoOnDay(3) } as const;
    const story = new Scenario().given(0, register(), make, { ...make, promiseId: 'p-2', ownerId: 'am-9' });
    const owners = story.recorded.filter(({ type }) => type === 'PromiseMade').map(({ data }) => (data as { ownerId?: string }).ownerId); // prettier-ignore
    expect(owners).toEqual(['am-1', 'am-9']);
  }); // prettier-ignore

  it('say why they were broken, and can still be made good', () => {
    const make = { type: 'MakePromise', promiseId: 'p-1', by: 'firm', what: 'price', dueAt: isoOnDay(3) } as const;
    const story = new Scenario().given(0, register(), make).given(3.5, { type: 'BreakPromise', promiseId: 'p-1', reasonCode: 'forgotten' }); // prettier-ignore
    expect(story.lastOf('PromiseBroken').data).toEqual({ promiseId: 'p-1', reasonCode: 'forgotten' });
    story.given(5, { type: 'KeepPromise', promiseId: 'p-1' });
    expect(story.state.touchPoints.promises).toEqual([]);
  }); // prettier-ignore

  it('receive what an agency says, under a licence that is not over before it begins', () => {
    const data = {
      type: 'ReceiveExternalData',
      agency: 'creditBureau',
      dataset: 'solvency',
      asOf: '2026-01-01',
      facts: [{ key: 'solvencyClass', value: 'B' }],
      licence: 'contract-4',
    } as const;
    const story = new Scenario().given(0, register(), { ...data, facts: [...data.facts] });
    expect(story.state.touchPoints.last).toBeNull();
    const over = { ...data, facts: [...data.facts], usableUntil: '2025-12-31' };
    expect(story.refusalOf(0, over).code).toBe('DATES_OUT_OF_ORDER');
  });

  it('say of a correction which encounter it belongs to', () => {
    const story = new Scenario().given(0, register(), call('in', { encounterId: 'enc-1', stepIndex: 2 }));
    const targetEventId = story.lastOf('TouchPointRecorded').eventId;
    story.given(1, { type: 'CorrectTouchPoint', targetEventId, changes: { sentiment: 1 }, reason: 'x' });
    expect(story.lastOf('TouchPointCorrected').data).toMatchObject({ encounterId: 'enc-1' });
  });
});
