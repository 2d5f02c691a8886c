import type { EventType, RecordedEvent } from '@rapport/contracts';
import { customerDecider } from '@rapport/domain';
import { EventBuilder, eventBuilder } from '@rapport/testing';
import type { AnyProcess, ProcessStep } from './process.js';
import { processSwitchDecider } from './process-switch.decider.js';
import { PROCESSES } from './registry.js';

const named = (name: string): AnyProcess => PROCESSES.find((process) => process.name === name)!;
const settings = { ownerId: 'desk-1' };

/** What a process asks for about the last event of a type, with the customer as all events tell. */
function reaction(name: string, type: EventType, history: EventBuilder): readonly ProcessStep[] {
  const events = history.build();
  const trigger = events.findLast((event) => event.type === type)!;
  const process = named(name);
  if (process.concerns?.(trigger as never) === false) return [];
  const customer = events.reduce(customerDecider.evolve, customerDecider.initialState());
  return process.react(trigger as never, customer, settings);
}
const commands = (steps: readonly ProcessStep[]): object[] => steps.map(({ command }) => command);

const registered = (): EventBuilder =>
  eventBuilder('2026-03-01T10:00:00.000Z').type('CustomerRegistered', {
    roles: ['customer'],
    implicit: undefined,
  });
const moved = (history: EventBuilder, from: 'contact' | 'intimacy' | 'involvement', to: 'deterioration' | 'dissolution') =>
  history.type('RelationshipStageMoved', { from, to }); // prettier-ignore

describe('The welcome', () => {
  it('is for customers, not for partners and employees', () => {
    expect(commands(reaction('welcome', 'CustomerRegistered', registered()))).toMatchObject([
      { type: 'PlanActivity', activityId: 'welcome', ownerId: 'desk-1', dueAt: '2026-03-03T10:00:00.000Z' },
    ]);
    const partner = eventBuilder().type('CustomerRegistered', { roles: ['partner'], implicit: undefined });
    expect(reaction('welcome', 'CustomerRegistered', partner)).toEqual([]);
  });

  it('goes to the account manager where there is one, and is not sent after who left', () => {
    const managed = registered().type('AccountManagerAssigned', { managerId: 'am-7' });
    expect(commands(reaction('welcome', 'CustomerRegistered', managed))).toMatchObject([{ ownerId: 'am-7' }]);
    const gone = moved(registered(), 'contact', 'dissolution');
    expect(reaction('welcome', 'CustomerRegistered', gone)).toEqual([]);
  });
});

describe('The follow-up of an enquiry', () => {
  const lookAtOf = (event: RecordedEvent): number => named('enquiry-follow-up').lookAtMs!(event as never);

  it('looks when half of the promised time is gone, at a lead after a day', () => {
    const [, opened] = registered().at('2026-03-01T10:00:00.000Z').type('CaseOpened', { kind: 'question', slaDueAt: '2026-03-03T10:00:00.000Z' }).build(); // prettier-ignore
    expect(lookAtOf(opened!)).toBe(Date.parse('2026-03-02T10:00:00.000Z'));
    const [, lead] = registered().at('2026-03-01T10:00:00.000Z').type('LeadIdentified', {}).build();
    expect(lookAtOf(lead!)).toBe(Date.parse('2026-03-02T10:00:00.000Z'));
  });

  it('is for requests and questions that nobody answered', () => {
    const question = () =>
      registered().type('CaseOpened', {
        caseId: 'c-1',
        kind: 'question',
        slaDueAt: '2026-03-03T10:00:00.000Z',
      });
    expect(commands(reaction('enquiry-follow-up', 'CaseOpened', question()))).toMatchObject([
      { activityId: 'enquiry-c-1', caseId: 'c-1', dueAt: '2026-03-03T10:00:00.000Z' },
    ]);
    for (const answer of ['CaseAcknowledged', 'CaseReplied', 'CaseResolved'] as const)
      expect(reaction('enquiry-follow-up', 'CaseOpened', question().type(answer, { caseId: 'c-1' }))).toEqual(
        [],
      );
    const fault = registered().type('CaseOpened', { caseId: 'c-1', kind: 'fault' });
    expect(reaction('enquiry-follow-up', 'CaseOpened', fault)).toEqual([]);
  });

  it('is for leads nobody looked at or spoke to, and goes to their owner', () => {
    const lead = () => registered().type('LeadIdentified', { leadId: 'l-1', ownerId: 'rep-2' });
    expect(commands(reaction('enquiry-follow-up', 'LeadIdentified', lead()))).toMatchObject([
      { activityId: 'enquiry-l-1', ownerId: 'rep-2' },
    ]);
    const called = lead().type('TouchPointRecorded', { direction: 'out', kind: 'call' });
    expect(reaction('enquiry-follow-up', 'LeadIdentified', called)).toEqual([]);
    const qualified = lead().type('LeadQualified', { leadId: 'l-1' });
    expect(reaction('enquiry-follow-up', 'LeadIdentified', qualified)).toEqual([]);
  });
});

describe('Problem management', () => {
  const complaint = (history: EventBuilder, severity: number): EventBuilder =>
    history.type('ComplaintRaised', { caseId: 'c-1', severity });

  it.each([
    ['with an account manager', () => registered().type('AccountManagerAssigned', { managerId: 'am-7' })],
    ['of a high class', () => registered().type('CustomerClassified', { class: 4 })],
    ['in need of more than a product', () => registered().type('NeedLevelAssessed', { level: 5 })],
    ['who was close before it deteriorated', () => moved(registered(), 'intimacy', 'deterioration')],
  ])('takes a customer %s for valuable', (_who, history) => {
    expect(reaction('problem-management', 'ComplaintRaised', complaint(history(), 2)).length).toBeGreaterThan(
      0,
    );
  });

  it('leaves other customers and lesser complaints to the service desk', () => {
    expect(reaction('problem-management', 'ComplaintRaised', complaint(registered(), 1))).toEqual([]);
    const managed = registered().type('AccountManagerAssigned', { managerId: 'am-7' });
    expect(reaction('problem-management', 'ComplaintRaised', complaint(managed, 3))).toEqual([]);
  });

  it('repairs what has deteriorated, unless a repair runs or nothing severe is open', () => {
    const hurt = () => complaint(moved(registered(), 'intimacy', 'deterioration'), 1);
    expect(commands(reaction('problem-management', 'ComplaintRaised', hurt()))).toMatchObject([
      { type: 'PlanActivity' },
      { type: 'StartRepair', caseIds: ['c-1'], contactAttempts: [] },
    ]);
    const repairing = hurt().type('RepairStarted', { repairId: 'r-1', caseIds: ['c-1'] });
    expect(commands(reaction('problem-management', 'ComplaintRaised', repairing))).toMatchObject([
      { type: 'PlanActivity' },
    ]);
    const silent = moved(registered(), 'intimacy', 'deterioration');
    expect(reaction('problem-management', 'RelationshipStageMoved', silent)).toEqual([]);
  });
});

describe('The win-back', () => {
  const lost = (history: EventBuilder): EventBuilder => moved(history, 'involvement', 'dissolution');
  const consent = (history: EventBuilder, channelScope: 'any' | 'mail' | 'email'): EventBuilder =>
    history.type('ConsentGranted', { purpose: 'marketing', channelScope, expiresAt: undefined });

  it('goes by the least intrusive channel the customer allows', () => {
    const channelFor = (history: EventBuilder) =>
      commands(reaction('win-back', 'RelationshipStageMoved', lost(history)));
    expect(channelFor(consent(registered(), 'any'))).toMatchObject([
      { type: 'StartWinBack', channel: 'email' },
    ]);
    expect(channelFor(consent(registered(), 'mail'))).toMatchObject([{ channel: 'mail' }]);
    expect(channelFor(registered())).toEqual([]);
  });

  it('respects a word that was taken back, also for one channel only', () => {
    const revoked = (scope: 'any' | 'email') =>
      lost(
        consent(registered(), 'any').type('ConsentRevoked', { purpose: 'marketing', channelScope: scope }),
      );
    expect(reaction('win-back', 'RelationshipStageMoved', revoked('any'))).toEqual([]);
    expect(commands(reaction('win-back', 'RelationshipStageMoved', revoked('email')))).toMatchObject([
      { channel: 'mail' },
    ]);
  });
});

describe('Every process', () => {
  it.each(PROCESSES.map((process) => [process.name, process]))(
    '%s names a metric and rows',
    (_name, process) => {
      expect(process.metric.meaning).toMatch(/^share of /);
      expect(process.rows.length).toBeGreaterThan(0);
      expect(process.purpose).toMatch(/\.$/);
    },
  );
});

describe('The switch of a process', () => {
  const state = processSwitchDecider.initialState();
  const at = { occurredAtMs: Date.parse('2026-02-01T00:00:00.000Z') };
  it('takes known processes only, and says so', () => {
    expect(processSwitchDecider.decide(state, { type: 'StartProcess', processId: 'nobody', ownerId: 'x' }, at)).toMatchObject({ refusal: { code: 'UNKNOWN_PROCESS' } }); // prettier-ignore
    expect(processSwitchDecider.decide(state, { type: 'StopProcess', processId: 'welcome', reasonCode: 'x' }, at)).toMatchObject({ refusal: { code: 'NOTHING_TO_DO' } }); // prettier-ignore
    expect(processSwitchDecider.decide(state, { type: 'StartProcess', processId: 'welcome', ownerId: 'x' }, at)).toMatchObject({ events: [{ data: { maxAgeDays: 7 } }] }); // prettier-ignore
  });

  it('may name an earlier point to begin from, and looks as far back as that', () => {
    const start = { type: 'StartProcess', processId: 'welcome', ownerId: 'x' } as const;
    const from = { ...start, recordedFrom: '2026-01-02T00:00:00.000Z' };
    expect(processSwitchDecider.decide(state, from, at)).toMatchObject({
      events: [{ data: { recordedFrom: from.recordedFrom, maxAgeDays: 30 } }],
    });
    const tomorrow = { ...start, recordedFrom: '2026-02-02T00:00:00.000Z' };
    expect(processSwitchDecider.decide(state, tomorrow, at)).toMatchObject({
      refusal: { code: 'OCCURRED_IN_FUTURE' },
    });
    const running = { running: true, started: null };
    expect(processSwitchDecider.decide(running, { ...start, afterPosition: '7' }, at)).toMatchObject({
      refusal: { code: 'INVALID_VALUE' },
    });
  });
});
