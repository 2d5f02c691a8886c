import { Scenario, complaint, isoOnDay, register } from '../scenario.builder.js';

const open = (caseId: string) => ({ type: 'OpenCase', caseId, kind: 'question', severity: 3 }) as const;
const step = {
  acknowledge: { type: 'AcknowledgeCase', caseId: 'c-1', handlerId: 'h' },
  reply: { type: 'ReplyToCase', caseId: 'c-1', handlerId: 'h' },
  escalate: { type: 'EscalateCase', caseId: 'c-1', toHandlerId: 'lead', reason: 'late' },
  resolve: { type: 'ResolveCase', caseId: 'c-1', resolutionCode: 'answered' },
  accept: { type: 'AcceptResolution', caseId: 'c-1', satisfaction: 5 },
  reopen: { type: 'ReopenCase', caseId: 'c-1', reasonCode: 'notSolved' },
  close: { type: 'CloseCase', caseId: 'c-1' },
} as const;
type Step = keyof typeof step;

describe('A case', () => {
  it('is due by the rule book unless the caller says otherwise', () => {
    const story = new Scenario().given(0, register(), complaint('c-1', 1));
    expect(story.lastOf('ComplaintRaised').data).toMatchObject({ slaDueAt: isoOnDay(1) });
    story.given(0, { ...open('c-2'), slaDueAt: isoOnDay(9) });
    expect(story.lastOf('CaseOpened').data).toMatchObject({ slaDueAt: isoOnDay(9) });
    expect(story.refusalOf(1, { ...open('c-3'), slaDueAt: isoOnDay(0) }).code).toBe('DATES_OUT_OF_ORDER');
  });

  it('is opened once', () => {
    const story = new Scenario().given(0, register(), open('c-1'));
    expect(story.refusalOf(0, open('c-1')).code).toBe('ID_ALREADY_USED');
    expect(story.refusalOf(0, complaint('c-1')).code).toBe('ID_ALREADY_USED');
  });

  it('is unknown until it is opened', () => {
    for (const command of Object.values(step))
      expect(new Scenario().given(0, register()).refusalOf(0, command).code).toBe('UNKNOWN_CASE');
  });

  const histories: readonly (readonly [readonly Step[], readonly Step[]])[] = [
    [[], ['acknowledge', 'reply', 'escalate', 'resolve']],
    [['acknowledge'], ['reply', 'escalate', 'resolve']],
    [['reply'], ['reply', 'escalate', 'resolve']],
    [['resolve'], ['accept', 'reopen', 'close']],
    [
      ['resolve', 'accept'],
      ['reopen', 'close'],
    ],
    [
      ['resolve', 'close'],
      ['accept', 'reopen'],
    ],
    [
      ['resolve', 'close', 'accept'],
      ['reopen', 'close'],
    ],
    [
      ['resolve', 'reopen'],
      ['acknowledge', 'reply', 'escalate', 'resolve'],
    ],
  ];
  describe.each(histories)('after %j', (before, possible) => {
    it.each(Object.keys(step) as Step[])(`allows ${possible.join(', ')} only: %s`, (name) => {
      const story = new Scenario().given(0, register(), open('c-1'), ...before.map((known) => step[known]));
      const decision = story.when(1, step[name]);
      if (possible.includes(name)) expect(decision.kind).toBe('accepted');
      else expect(decision).toMatchObject({ kind: 'refused', refusal: { code: 'CASE_STATE_FORBIDS' } });
    });
  });

  it('tells the first answer from the following', () => {
    const story = new Scenario().given(0, register(), open('c-1'), step.reply);
    expect(story.lastOf('CaseReplied').data).toMatchObject({ firstResponse: true });
    story.given(0, step.reply);
    expect(story.lastOf('CaseReplied').data).toMatchObject({ firstResponse: false });
  });

  it('that is settled makes room before one that is open', () => {
    const story = new Scenario().given(0, register(), open('c-1'));
    for (let index = 2; index < 100; index += 1)
      story.given(index, open(`c-${index}`), {
        type: 'ResolveCase',
        caseId: `c-${index}`,
        resolutionCode: 'x',
      });
    expect(story.state.service.cases[0]!.caseId).toBe('c-1');
    expect(story.state.service.cases.length).toBeLessThanOrEqual(60);
  });
});
