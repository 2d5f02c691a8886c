import { EVENT_CONTRACTS } from '@rapport/contracts';
import type { RecordedEvent } from '@rapport/contracts';
import { businessClockMs, customerDecider, dueReviewFold, stageOf } from './customer.decider.js';
import {
  Scenario,
  call,
  complaint,
  consent,
  contract,
  dateOnDay,
  defaultRules,
  isoOnDay,
  nps,
  offer,
  onDay,
  purchase,
  register,
  repair,
} from './scenario.builder.js';

const eventful = () =>
  new Scenario()
    .given(0, register({ groupCode: 'consumer' }), consent(), call(), purchase())
    .given(5, complaint('c-1', 2), contract('k-1', { endDate: dateOnDay(60) }))
    .given(10, { type: 'ReviewRelationship' })
    .given(11, repair('r-1', ['c-1'], 40))
    .given(12, { type: 'ResolveCase', caseId: 'c-1', resolutionCode: 'x' }, { type: 'AcceptResolution', caseId: 'c-1', satisfaction: 5 })
    .given(50, offer({ purpose: 'retain' }), nps(9)).given(90, call()); // prettier-ignore

describe('The customer', () => {
  it('refuses what happens more than five minutes ahead of the wall clock', () => {
    const minute = 1 / 1440;
    expect(new Scenario(defaultRules, onDay(0)).refusalOf(6 * minute, register()).code).toBe(
      'OCCURRED_IN_FUTURE',
    );
    new Scenario(defaultRules, onDay(0)).given(4 * minute, register());
  });

  it('applies the reviews that fell due before the command, and the rules after it', () => {
    const story = new Scenario().given(0, register(), purchase(), complaint('c-1', 2));
    story.given(9, { type: 'RecordGoodbye', reasonCode: 'customerLeft' });
    expect(story.types.slice(-3)).toEqual([
      'RelationshipStageMoved',
      'GoodbyeSaid',
      'RelationshipStageMoved',
    ]);
    expect(story.moves.slice(-2)).toEqual([
      'involvement>deterioration/complaintBeyondSla@2',
      'deterioration>dissolution/customerLeft@9',
    ]);
  });

  it('appends nothing for a refused command, not even the reviews, and they come with the next one', () => {
    const story = new Scenario().given(0, register(), purchase(), complaint('c-1', 2));
    const before = story.recorded.length;
    story.refusalOf(9, { type: 'CloseCase', caseId: 'c-1' });
    expect(story.recorded).toHaveLength(before);
    story.given(10, call());
    expect(story.moves.at(-1)).toBe('involvement>deterioration/complaintBeyondSla@2');
  });

  it('appends the reviews and the suppressed offer when an offer is refused', () => {
    const story = new Scenario().given(0, register(), purchase(), complaint('c-1', 2));
    story.refusalOf(9, offer());
    expect(story.types.slice(-2)).toEqual(['RelationshipStageMoved', 'OfferSuppressed']);
  });

  it('answers a review that finds nothing with success and no event', () => {
    const story = new Scenario().given(0, register());
    expect(story.when(9, { type: 'ReviewRelationship' })).toEqual({ kind: 'accepted', events: [] });
    expect(businessClockMs(story.state)).toBe(onDay(0));
  });

  it('never changes the state it is given', () => {
    const deepFreeze = (value: unknown): void => {
      if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
      Object.freeze(value);
      Object.values(value).forEach(deepFreeze);
    };
    const story = new Scenario();
    deepFreeze(story.state);
    for (const [day, command] of [
      [0, register()], [1, purchase()], [2, call('in', { sentiment: -50 })], [3, complaint('c-1', 1)], [9, offer()], [9, nps(9)],
    ] as const) {
      story.when(day, command);
      deepFreeze(story.state);
    } // prettier-ignore
    expect(stageOf(story.state)).toBe('deterioration');
  });

  it('keeps a state that is a JSON value', () => {
    const { state } = eventful();
    expect(JSON.parse(JSON.stringify(state))).toEqual(state);
  });

  it('folds an event of a type it does not know by moving only the clock', () => {
    const story = eventful();
    const unknown = {
      ...story.recorded.at(-1)!,
      type: 'InventedLater',
      metadata: { ...story.recorded.at(-1)!.metadata, occurredAt: isoOnDay(999) },
    } as RecordedEvent;
    const after = customerDecider.evolve(story.state, unknown);
    expect(after).toEqual({ ...story.state, seq: story.state.seq + 1, businessClockMs: onDay(999) });
  });

  it('produces only events of the registry, of the customer category', () => {
    for (const event of eventful().recorded)
      expect(EVENT_CONTRACTS.get(event.type)).toMatchObject({ category: 'customer' });
  });

  it('tells a read model when the next review falls due, by a fold of its own', () => {
    const story = new Scenario().given(0, register(), purchase(), complaint('c-1', 2));
    const folded = story.recorded.reduce(dueReviewFold.evolve, dueReviewFold.initial());
    expect(dueReviewFold.nextReviewAtMs(folded, defaultRules)).toBe(onDay(2));
    story.given(3, { type: 'EraseCustomer', basis: 'request', keptForLaw: [] });
    const erased = story.recorded.reduce(dueReviewFold.evolve, dueReviewFold.initial());
    expect(dueReviewFold.nextReviewAtMs(erased, defaultRules)).toBeNull();
  });

  it('tells it so after a corrected touch, too', () => {
    const reviewOf = (story: Scenario): number | null =>
      dueReviewFold.nextReviewAtMs(
        story.recorded.reduce(dueReviewFold.evolve, dueReviewFold.initial()),
        defaultRules,
      );
    const story = new Scenario().given(0, register()).given(100, call());
    const touch = story.recorded.find(({ type }) => type === 'TouchPointRecorded')!;
    const before = reviewOf(story);
    story.given(101, {
      type: 'CorrectTouchPoint',
      targetEventId: touch.eventId,
      changes: { kind: 'pageView' },
      reason: 'nobody spoke',
    });
    expect(reviewOf(story)).toBeLessThan(before!);
    expect(reviewOf(story)).toBe(dueReviewFold.nextReviewAtMs(story.state, defaultRules));
  });
});
