import { Scenario, call, isoOnDay, register } from '../scenario.builder.js';

const plan = { type: 'PlanActivity', activityId: 'act-1', kind: 'call', dueAt: isoOnDay(3) } as const;
const planned = (): Scenario => new Scenario().given(0, register(), plan);

describe('The agenda', () => {
  it('holds an activity for whoever is named, else for the actor', () => {
    const story = planned().given(0, { ...plan, activityId: 'act-2', ownerId: 'am-9' });
    expect(story.state.agenda.open).toMatchObject([
      { activityId: 'act-1', kind: 'call', ownerId: 'am-1' },
      { activityId: 'act-2', kind: 'call', ownerId: 'am-9' },
    ]);
  });

  it('refuses a second open activity under the same id, and takes the id again when the first is done', () => {
    const story = planned();
    expect(story.refusalOf(0, plan).code).toBe('ID_ALREADY_USED');
    story.given(1, { type: 'CompleteActivity', activityId: 'act-1' }).given(2, plan);
    expect(story.state.agenda.open).toHaveLength(1);
  });

  it('moves an activity to another time and to somebody else, and says from where', () => {
    const story = planned().given(1, {
      type: 'RescheduleActivity',
      activityId: 'act-1',
      dueAt: isoOnDay(5),
      ownerId: 'am-2',
      reasonCode: 'customerAway',
    });
    expect(story.lastOf('ActivityRescheduled').data).toEqual({
      activityId: 'act-1',
      dueAt: isoOnDay(5),
      ownerId: 'am-2',
      previousDueAt: isoOnDay(3),
      previousOwnerId: 'am-1',
      reasonCode: 'customerAway',
    });
    const again = { type: 'RescheduleActivity', activityId: 'act-1', dueAt: isoOnDay(5) } as const;
    expect(story.refusalOf(1, again).code).toBe('NOTHING_TO_DO');
  });

  it('is done together with the contact it brought', () => {
    const { type: _type, ...touch } = call('out', { durationS: 60 });
    const story = planned().given(3, {
      type: 'CompleteActivity',
      activityId: 'act-1',
      outcome: 'reached',
      touch,
    });
    expect(story.types.slice(-2)).toEqual(['TouchPointRecorded', 'ActivityCompleted']);
    expect(story.lastOf('ActivityCompleted').data).toEqual({
      activityId: 'act-1',
      kind: 'call',
      outcome: 'reached',
      touchEventId: story.lastOf('TouchPointRecorded').eventId,
    });
    expect(story.state.touchPoints.lastTwoWay).not.toBeNull();
    expect(story.state.agenda.open).toEqual([]);
  });

  it('is no contact by itself: what was planned and done without reaching anybody moves nothing', () => {
    const story = planned().given(3, { type: 'CompleteActivity', activityId: 'act-1' });
    expect(story.state.touchPoints.count).toBe(0);
    expect(story.state.touchPoints.lastTwoWay).toBeNull();
  });

  it.each([
    { type: 'RescheduleActivity', activityId: 'act-9', dueAt: isoOnDay(9) },
    { type: 'CompleteActivity', activityId: 'act-9' },
    { type: 'CancelActivity', activityId: 'act-9', reasonCode: 'x' },
  ] as const)('knows no such activity: $type', (command) => {
    expect(planned().refusalOf(1, command).code).toBe('UNKNOWN_ACTIVITY');
  });

  it('keeps a state of the same size whatever is planned, and believes what it let go of', () => {
    const story = planned();
    for (let n = 2; n <= 80; n += 1) story.given(0, { ...plan, activityId: `act-${n}` });
    expect(story.state.agenda.open).toHaveLength(50);
    story.given(1, { type: 'CancelActivity', activityId: 'act-1', reasonCode: 'tooMuch' });
    expect(story.lastOf('ActivityCancelled').data).toEqual({ activityId: 'act-1', reasonCode: 'tooMuch' });
  });
});
