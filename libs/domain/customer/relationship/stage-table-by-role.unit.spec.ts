import { STAGES } from '@rapport/contracts';
import type { Stage } from '@rapport/contracts';
import type { CustomerRequest } from '../customer.commands.js';
import {
  Scenario, call, complaint, contract, dateOnDay, move, nps, purchase, register, repair,
} from '../scenario.builder.js'; // prettier-ignore
import { STAGE_TABLE, allowedPairs } from './stage-table.builder.js';

const review = { type: 'ReviewRelationship' } as const;
const meeting = call('in', { kind: 'meeting' });
const visit = call('out', { kind: 'visit' });
const trait = (name: 'trust' | 'commitment', score: number): CustomerRequest => ({
  type: 'RecordRelationTrait',
  trait: name,
  side: 'customer',
  score,
  method: 'survey',
});
const bond = [trait('trust', 75), trait('commitment', 75)];
const coCreation: CustomerRequest = { type: 'StartCoCreation', projectId: 'p', role: 'coDesigner' };
let promises = 0;
const kept = (): CustomerRequest[] => {
  const promiseId = `kept-${++promises}`;
  return [
    { type: 'MakePromise', promiseId, by: 'firm', what: 'callback', dueAt: '2027-06-01T00:00:00.000Z' },
    { type: 'KeepPromise', promiseId },
  ];
};
const referral: CustomerRequest = { type: 'RecordReferral', referralId: 'r-1' };

type Build = (story: Scenario) => Scenario;
interface Role {
  readonly set: string;
  readonly roles: readonly string[];
  /** contact → involvement: everything that is enough by itself. */
  readonly begins: readonly (readonly [title: string, reason: string, build: Build])[];
  /** Two pillars of a bond, as [title, facts]; any two of them lead to intimacy after 90 days. */
  readonly pillars: readonly (readonly [title: string, facts: () => readonly CustomerRequest[]])[];
  /** What does not lead to involvement. */
  readonly doesNotBegin: readonly (readonly [title: string, build: Build])[];
}

const twoCalls: Build = (s) => s.given(101, call()).given(103, call());
const ROLES: readonly Role[] = [
  {
    set: 'partner',
    roles: ['partner', 'agent', 'supplier', 'thirdParty'],
    begins: [
      ['two joint activities', 'jointActivity', (s) => s.given(101, meeting).given(104, visit)],
      ['a signed contract', 'contractSigned', (s) => s.given(101, contract('k-1'))],
      ['a purchase', 'firstPurchase', (s) => s.given(101, purchase())],
    ],
    pillars: [
      ['joint activities', () => [meeting, visit, meeting, visit]],
      ['promises kept', () => [...kept(), ...kept(), ...kept()]],
      ['trust and commitment', () => bond],
      ['co-creation', () => [coCreation]],
    ],
    doesNotBegin: [
      ['one joint activity', (s) => s.given(101, meeting)],
      ['two inbound touches', twoCalls],
      ['a promise kept', (s) => s.given(101, ...kept())],
    ],
  },
  {
    set: 'stakeholder',
    roles: ['stakeholder', 'influencer', 'referrer'],
    begins: [
      ['a promise kept', 'commitmentKept', (s) => s.given(101, ...kept())],
      ['two inbound touches on two days', 'inboundTouches', twoCalls],
      ['a purchase', 'firstPurchase', (s) => s.given(101, purchase())],
    ],
    pillars: [
      ['promises kept', () => [...kept(), ...kept(), ...kept()]],
      ['satisfaction', () => [nps(9)]],
      ['trust and commitment', () => bond],
      ['co-creation', () => [coCreation]],
    ],
    doesNotBegin: [
      ['one inbound touch', (s) => s.given(101, call())],
      ['a recommendation', (s) => s.given(101, referral)],
    ],
  },
  {
    set: 'employee',
    roles: ['employee', 'candidate'],
    begins: [
      ['a signed contract', 'contractSigned', (s) => s.given(101, contract('k-1'))],
      ['a promise kept', 'commitmentKept', (s) => s.given(101, ...kept())],
      ['two joint activities', 'jointActivity', (s) => s.given(101, meeting).given(104, meeting)],
    ],
    pillars: [
      ['joint activities', () => [meeting, meeting, meeting, meeting]],
      ['promises kept', () => [...kept(), ...kept(), ...kept()]],
      ['trust and commitment', () => bond],
      ['co-creation', () => [coCreation]],
    ],
    doesNotBegin: [
      ['one joint activity', (s) => s.given(101, meeting)],
      ['a purchase: people who work here are not won by it', (s) => s.given(101, purchase())],
    ],
  },
];

describe.each(ROLES)('The stage table for $set', ({ set, roles, begins, pillars, doesNotBegin }) => {
  const registered = (day: number): Scenario =>
    new Scenario().given(day, register({ roles: [roles[0] as 'partner'] }));
  const begun = (day: number): Scenario =>
    registered(day).given(day, ...(set === 'stakeholder' ? kept() : [meeting, meeting]));
  const [first, second] = pillars.map(([, facts]) => facts);
  const AT: Readonly<Record<Stage, () => Scenario>> = {
    contact: () => registered(100),
    involvement: () => begun(100),
    intimacy: () =>
      begun(0)
        .given(60, ...first!(), ...second!())
        .given(100, review),
    deterioration: () => begun(90).given(90, complaint('c-1', 2)).given(100, review),
    repair: () =>
      begun(80)
        .given(80, complaint('c-1', 2))
        .given(90, review)
        .given(100, repair('r-1', ['c-1'], 130)),
    dissolution: () => begun(90).given(100, { type: 'RecordGoodbye', reasonCode: 'customerLeft' }),
  };

  it.each(STAGES)('has a story that leads to %s', (stage) => {
    expect(AT[stage]().stage).toBe(stage);
  });

  it.each(roles)('holds for the role %s', (role) => {
    const [, , build] = begins[0]!;
    const story = build(new Scenario().given(100, register({ roles: [role as 'partner'] })));
    expect(story.stage).toBe('involvement');
  });

  const pairs = STAGES.flatMap((from) => STAGES.filter((to) => to !== from).map((to) => [from, to] as const));
  it.each(pairs)('without evidence refuses %s → %s and appends nothing', (from, to) => {
    const story = AT[from]();
    const before = story.recorded.length;
    const reachable = STAGE_TABLE[from].includes(to) && !(from === 'repair' && to === 'intimacy');
    const refusal = story.refusalOf(101, move(to));
    expect(refusal.code).toBe(reachable ? 'STAGE_GUARD_NOT_MET' : 'STAGE_MOVE_NOT_ALLOWED');
    expect(refusal.ruleBookVersion).toBe('default-1');
    if (reachable) expect(refusal.wayOut.length).toBeGreaterThan(0);
    expect(story.recorded).toHaveLength(before);
  });

  it.each(begins)('moves contact → involvement by %s (%s)', (_title, reason, build) => {
    const story = build(AT.contact());
    expect(story.moves.at(-1)).toMatch(new RegExp(`^contact>involvement/${reason}@`));
  });

  it.each(doesNotBegin)('leaves contact where it is after %s', (_title, build) => {
    expect(build(AT.contact()).stage).toBe('contact');
  });

  const twos = pillars.flatMap((a, i) =>
    pillars.slice(i + 1).map((b) => [`${a[0]} and ${b[0]}`, a[1], b[1]] as const),
  );
  it.each(twos)('moves involvement → intimacy by %s, after 90 days and not before', (_title, one, other) => {
    const story = AT.involvement().given(150, call(), ...one(), ...other());
    expect(story.given(189.9, review).stage).toBe('involvement');
    expect(story.given(190, review).moves.at(-1)).toBe('involvement>intimacy/bond@190');
  });

  it.each(pillars)('leaves involvement where it is with %s alone', (_title, facts) => {
    const story = AT.involvement()
      .given(150, call(), ...facts())
      .given(200, review);
    expect(story.stage).toBe('involvement');
  });

  it('does not take a bond for intimacy while a complaint is open', () => {
    const story = AT.involvement().given(150, call(), ...first!(), ...second!(), complaint('x', 4));
    expect(story.given(200, review).stage).toBe('involvement');
  });

  const shared: readonly (readonly [from: Stage, to: Stage, reason: string, build: Build])[] = [
    ['contact', 'deterioration', 'publicComplaint', (s) => s.given(101, { type: 'RecordAdvocacy', kind: 'publicComplaint' })],
    ['involvement', 'deterioration', 'complaintBeyondSla', (s) => s.given(101, complaint('x', 2)).given(103, review)],
    ['intimacy', 'deterioration', 'repeatedComplaints', (s) => s.given(101, complaint('x', 4)).given(102, complaint('y', 4))],
    ['deterioration', 'repair', 'repairPlanned', (s) => s.given(101, repair('r-9', ['c-1'], 120))],
    ['repair', 'involvement', 'resolutionAccepted', (s) => s.given(101, { type: 'ResolveCase', caseId: 'c-1', resolutionCode: 'x' }, { type: 'AcceptResolution', caseId: 'c-1' })],
    [
      'repair', 'contact', 'resolutionAccepted',
      () => AT.contact().given(101, complaint('x', 1)).given(103, review, repair('r-2', ['x'], 140))
        .given(104, { type: 'ResolveCase', caseId: 'x', resolutionCode: 'x' }, { type: 'AcceptResolution', caseId: 'x' }),
    ],
    [
      'repair', 'intimacy', 'resolutionAccepted',
      () => AT.intimacy().given(101, complaint('x', 2)).given(104, review, repair('r-2', ['x'], 140))
        .given(110, { type: 'ResolveCase', caseId: 'x', resolutionCode: 'x' }, { type: 'AcceptResolution', caseId: 'x' }),
    ],
    ['repair', 'deterioration', 'repairOverdue', (s) => s.given(130, review)],
    ['involvement', 'contact', 'silent', (s) => s.given(280, review)],
    ['intimacy', 'involvement', 'silent', (s) => s.given(300, review)],
    ['contact', 'dissolution', 'lapsedProspect', (s) => s.given(465, review)],
    ...STAGES.filter((stage) => stage !== 'dissolution').map((from) => [from, 'dissolution', 'firmEnded', (s: Scenario) => s.given(101, { type: 'RecordGoodbye', reasonCode: 'firmEnded' })] as const),
    ['dissolution', 'contact', 'returned', (s) => s.given(101, call())],
  ]; // prettier-ignore
  it('has a row for every move that the table allows', () => {
    const begin = ['contact>involvement', 'involvement>intimacy'];
    expect([...new Set([...begin, ...shared.map(([from, to]) => `${from}>${to}`)])].sort()).toEqual(
      allowedPairs(),
    );
  });

  it.each(shared)('moves %s → %s (%s) as everybody', (from, to, reason, build) => {
    const story = build(AT[from]());
    const last = story.recorded.filter(({ type }) => type.startsWith('RelationshipStage')).at(-1)!;
    expect(last.data).toMatchObject({ from, to, reasonCode: reason });
  });
});

it('Somebody in two roles goes by the rules of a customer first', () => {
  const story = new Scenario().given(0, register({ roles: ['stakeholder', 'customer'] }), ...kept());
  expect(story.stage).toBe('contact');
  expect(story.given(1, purchase()).stage).toBe('involvement');
  expect(dateOnDay(1)).toBe('2026-01-02');
});
