import { Scenario, euro, isoOnDay, register } from '../scenario.builder.js';

const start = {
  type: 'StartCoCreation',
  projectId: 'prj-1',
  role: 'coDesigner',
  rightsSharePct: 10,
} as const;
const contribute = { type: 'RecordContribution', projectId: 'prj-1', kind: 'test', hours: 6 } as const;
const end = {
  type: 'EndCoCreation',
  projectId: 'prj-1',
  outcome: 'launched',
  customerReturn: euro(5_000),
} as const;

describe('Co-creation', () => {
  it('begins, takes contributions and ends', () => {
    const story = new Scenario().given(0, register(), start, contribute, end);
    expect(story.types.slice(1)).toEqual(['CoCreationStarted', 'CoCreationContributed', 'CoCreationEnded']);
    expect(story.state.relationship.projects).toEqual([]);
  });

  it('is shown by its latest contribution, not by its end', () => {
    const story = new Scenario().given(0, register(), start).given(40, contribute).given(90, end);
    expect(story.state.relationship.coCreation).toMatchObject({
      id: story.lastOf('CoCreationContributed').eventId,
      atMs: Date.parse(isoOnDay(40)),
    });
  });

  it('is one project under one id while it runs', () => {
    const story = new Scenario().given(0, register(), start);
    expect(story.refusalOf(1, start).code).toBe('ID_ALREADY_USED');
    expect(story.given(2, end, start).state.relationship.projects).toEqual(['prj-1']);
  });

  it.each([contribute, end])('knows no such project: $type', (command) => {
    expect(new Scenario().given(0, register()).refusalOf(0, command).code).toBe('UNKNOWN_PROJECT');
  });
});
