import { MS_PER_DAY } from '@rapport/contracts';
import type { CustomerCommandOf } from '../customer.commands.js';
import { Scenario, complaint, defaultRules, isoOnDay, onDay, register } from '../scenario.builder.js';

const open = (caseId: string) => ({ type: 'OpenCase', caseId, kind: 'question', severity: 3 }) as const;
const step = {
  acknowledge: { type: 'AcknowledgeCase', caseId: 'c-1', handlerId: 'h' },
  reply: { type: 'ReplyToCase', caseId: 'c-1', handlerId: 'h' },
  note: { type: 'AddCaseNote', caseId: 'c-1', authorId: 'h', text: 'waits for the part' },
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

  it('is due by the level of the customer where that is shorter than the time of its severity', () => {
    const level = (slaHours: number) =>
      ({ type: 'SetServiceLevel', level: `own-${slaHours}`, slaHours, reason: 'manual' }) as const;
    const story = new Scenario().given(0, register(), level(12), complaint('c-1', 3));
    expect(story.lastOf('ComplaintRaised').data).toMatchObject({ slaDueAt: isoOnDay(0.5) });
    story.given(1, { ...step.resolve, caseId: 'c-1' }).given(2, { ...step.reopen, caseId: 'c-1' });
    expect(story.lastOf('CaseReopened').data).toMatchObject({ slaDueAt: isoOnDay(2.5) });
    story.given(3, level(10_000), complaint('c-2', 1));
    expect(story.lastOf('ComplaintRaised').data).toMatchObject({ slaDueAt: isoOnDay(4) });
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
    [[], ['acknowledge', 'reply', 'note', 'escalate', 'resolve']],
    [['acknowledge'], ['reply', 'note', 'escalate', 'resolve']],
    [['reply'], ['reply', 'note', 'escalate', 'resolve']],
    [['resolve'], ['note', 'accept', 'reopen', 'close']],
    [
      ['resolve', 'accept'],
      ['note', 'reopen', 'close'],
    ],
    [
      ['resolve', 'close'],
      ['note', 'accept', 'reopen'],
    ],
    [
      ['resolve', 'close', 'accept'],
      ['note', 'reopen', 'close'],
    ],
    [
      ['resolve', 'reopen'],
      ['acknowledge', 'reply', 'note', 'escalate', 'resolve'],
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

  it('says how long the customer waited for a first sign, for each answer and for the resolution', () => {
    const story = new Scenario().given(0, register(), open('c-1'));
    story.given(0.25, step.acknowledge);
    expect(story.lastOf('CaseAcknowledged').data).toMatchObject({ firstResponse: true, waitS: 21_600 });
    story.given(0.5, step.reply);
    expect(story.lastOf('CaseReplied').data).toMatchObject({ firstResponse: true, waitS: 43_200 });
    story.given(1, step.resolve);
    expect(story.lastOf('CaseResolved').data).toMatchObject({ resolutionS: 86_400 });
  });

  it('that is reopened waits anew, and is due anew, while its resolution counts from the opening', () => {
    const story = new Scenario().given(0, register(), open('c-1'), step.reply, step.resolve);
    const days = defaultRules.slaMs(3) / MS_PER_DAY;
    story.given(10, step.reopen);
    expect(story.lastOf('CaseReopened').data).toMatchObject({ slaDueAt: isoOnDay(10 + days) });
    story.given(10.5, step.acknowledge);
    expect(story.lastOf('CaseAcknowledged').data).toMatchObject({ firstResponse: false, waitS: 43_200 });
    story.given(11, step.resolve);
    expect(story.lastOf('CaseResolved').data).toMatchObject({ resolutionS: 11 * 86_400 });
    expect(story.refusalOf(12, { ...step.reopen, slaDueAt: isoOnDay(11) }).code).toBe('DATES_OUT_OF_ORDER');
  });

  it('that comes back is due when the caller says so', () => {
    const story = new Scenario().given(0, register(), complaint('c-1', 1), step.resolve);
    story.given(5, { ...step.reopen, slaDueAt: isoOnDay(7) });
    expect(story.state.service.cases[0]).toMatchObject({ slaDueAtMs: onDay(7) });
  });

  it('takes a late answer as one the customer did not wait for', () => {
    const story = new Scenario().given(1, register(), open('c-1')).given(0.5, step.acknowledge);
    expect(story.lastOf('CaseAcknowledged').data).toMatchObject({ waitS: 0 });
  });

  it('is offered a compensation until it is closed, each with an id and an amount of its own', () => {
    const compensate: CustomerCommandOf<'OfferCompensation'> = {
      type: 'OfferCompensation',
      caseId: 'c-1',
      compensationId: 'comp-1',
      remedy: 'voucher',
      alternatives: ['replacement'],
      amount: { amountMinor: 2500, currency: 'EUR' },
    };
    const story = new Scenario().given(0, register(), open('c-1'), compensate);
    expect(story.lastOf('CompensationOffered').data).toMatchObject({ alternatives: ['replacement'] });
    expect(story.refusalOf(0, compensate).code).toBe('ID_ALREADY_USED');
    const free = { ...compensate, compensationId: 'comp-2', amount: { amountMinor: 0, currency: 'EUR' } };
    expect(story.refusalOf(0, free).code).toBe('INVALID_VALUE');
    story.given(1, step.resolve, { ...compensate, compensationId: 'comp-3' }, step.close);
    expect(story.refusalOf(2, { ...compensate, compensationId: 'comp-4' }).code).toBe('CASE_STATE_FORBIDS');
    expect(story.refusalOf(2, { ...compensate, caseId: 'c-9' }).code).toBe('UNKNOWN_CASE');
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
