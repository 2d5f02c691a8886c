import { STAGES } from '@rapport/contracts';
import type { Stage } from '@rapport/contracts';
import { ALLOWED_MOVES } from '../../rule-book/rule-book.js';
import type { CustomerRequest } from '../customer.commands.js';
import {
  Scenario,
  call,
  complaint,
  contract,
  dateOnDay,
  euro,
  isoOnDay,
  move,
  nps,
  offer,
  purchase,
  register,
  repair,
} from '../scenario.builder.js';
import { STAGE_TABLE, allowedPairs } from './stage-table.builder.js';

const review = { type: 'ReviewRelationship' } as const;
const trait = (name: 'trust' | 'commitment', score: number): CustomerRequest => ({
  type: 'RecordRelationTrait',
  trait: name,
  side: 'customer',
  score,
  method: 'survey',
});
const goodbye = (
  reasonCode: 'customerLeft' | 'firmEnded' | 'death' | 'liquidation' | 'fraud',
): CustomerRequest => ({
  type: 'RecordGoodbye',
  reasonCode,
});
const invoice: CustomerRequest = {
  type: 'IssueInvoice',
  invoiceId: 'i-1',
  amount: euro(10),
  dueDate: dateOnDay(1),
};
const inDefault: CustomerRequest = { type: 'DeclareDefault', invoiceId: 'i-1', amount: euro(10) };
const pAlive = (probability: number, day: number): CustomerRequest => ({
  type: 'NoteModelEvidence',
  pAlive: probability,
  modelRunId: 'run-1',
  asOf: isoOnDay(day),
});

/** A relationship at each stage on day 100, reached by facts and rules alone. */
const AT: Readonly<Record<Stage, () => Scenario>> = {
  contact: () => new Scenario().given(100, register()),
  involvement: () => new Scenario().given(99, register()).given(100, purchase()),
  intimacy: () =>
    new Scenario()
      .given(0, register(), purchase())
      .given(40, purchase())
      .given(70, purchase())
      .given(90, nps(9))
      .given(100, review),
  deterioration: () =>
    new Scenario().given(90, register(), purchase(), complaint('c-1', 2)).given(100, review),
  repair: () =>
    new Scenario()
      .given(80, register(), purchase(), complaint('c-1', 2))
      .given(90, review)
      .given(100, repair('r-1', ['c-1'], 130)),
  dissolution: () => new Scenario().given(90, register(), purchase()).given(100, goodbye('customerLeft')),
};

describe('The stage table', () => {
  it('is the one that was agreed on', () => {
    expect(ALLOWED_MOVES).toEqual(STAGE_TABLE);
  });

  it.each(STAGES)('knows nobody who enters at %s without being registered', (stage) => {
    const story = new Scenario();
    expect(story.refusalOf(0, move(stage)).code).toBe('NOT_REGISTERED');
    expect(story.recorded).toEqual([]);
    expect(story.given(1, register()).stage).toBe('contact');
  });

  it.each(STAGES)('has a story that leads to %s', (stage) => {
    expect(AT[stage]().stage).toBe(stage);
  });

  const pairs = STAGES.flatMap((from) => STAGES.filter((to) => to !== from).map((to) => [from, to] as const));
  it.each(pairs)('without evidence refuses %s → %s and appends nothing', (from, to) => {
    const story = AT[from]();
    const before = story.recorded.length;
    const refusal = story.refusalOf(101, move(to));
    const reachable =
      STAGE_TABLE[from].includes(to) &&
      // What was never at intimacy does not return there.
      !(from === 'repair' && to === 'intimacy');
    expect(refusal.code).toBe(reachable ? 'STAGE_GUARD_NOT_MET' : 'STAGE_MOVE_NOT_ALLOWED');
    expect(refusal.ruleBookVersion).toBe('default-1');
    expect(refusal.sentence).toMatch(/\.$/);
    if (reachable) expect(refusal.wayOut.length).toBeGreaterThan(0);
    expect(story.recorded).toHaveLength(before);
    expect(story.stage).toBe(from);
  });

  it.each(STAGES)('answers a move to %s with success when the relationship is already there', (stage) => {
    const story = AT[stage]();
    expect(story.when(101, move(stage))).toEqual({ kind: 'accepted', events: [] });
  });

  type Row = readonly [
    from: Stage,
    to: Stage,
    reason: string,
    title: string,
    story: (story: Scenario) => Scenario,
  ];
  const rows: readonly Row[] = [
    // G1
    ['contact', 'involvement', 'firstPurchase', 'a purchase', (s) => s.given(101, purchase())],
    ['contact', 'involvement', 'contractSigned', 'a signed contract', (s) => s.given(101, contract('k-1'))],
    [
      'contact', 'involvement', 'dealWon', 'a won deal',
      (s) => s.given(101,
        { type: 'OpenOpportunity', opportunityId: 'op', kind: 'new', initiative: 'customer', expected: euro(1), probabilityPct: 1 },
        { type: 'WinOpportunity', opportunityId: 'op', amount: euro(1) }),
    ],
    ['contact', 'involvement', 'inboundTouches', 'two inbound touches on two days', (s) => s.given(101, call()).given(190, call())],
    // G3 at contact
    ['contact', 'deterioration', 'complaintBeyondSla', 'a severity-1 complaint beyond its time', (s) => s.given(101, complaint('x', 1)).given(102, review)],
    ['contact', 'deterioration', 'publicComplaint', 'a public complaint', (s) => s.given(101, { type: 'RecordAdvocacy', kind: 'publicComplaint' })],
    // G6
    ...STAGES.filter((stage) => stage !== 'dissolution').flatMap((from): Row[] => [
      ...(['customerLeft', 'firmEnded', 'death', 'liquidation', 'fraud'] as const).map((reason): Row => [
        from, 'dissolution', reason, `goodbye by ${reason}`, (s) => s.given(101, goodbye(reason)),
      ]),
    ]),
    ['contact', 'dissolution', 'lapsedProspect', '365 days without two-way contact', (s) => s.given(465, review)],
    [
      'involvement', 'dissolution', 'contractEnded', 'the end of the only contract and 60 days',
      () => new Scenario().given(0, register(), contract('k-1', { endDate: dateOnDay(99) })).given(160, review),
    ],
    [
      'involvement', 'dissolution', 'inactive', 'a year without touch and P(alive) under .05',
      () => new Scenario()
        .given(0, register(), contract('k-1'))
        .given(300, pAlive(0.04, 300)).given(365, review),
    ],
    // G7
    ['involvement', 'contact', 'silent', '180 days of silence', (s) => s.given(280, review)],
    ['intimacy', 'involvement', 'silent', '180 days of silence', (s) => s.given(280, review)],
    // G2
    [
      'involvement', 'intimacy', 'bond', 'repeated purchases and a referral',
      (s) => s.given(130, purchase()).given(160, purchase(), { type: 'RecordReferral', referralId: 'x' }).given(190, review),
    ],
    [
      'involvement', 'intimacy', 'bond', 'trust, commitment and co-creation',
      (s) => s.given(150, trait('trust', 70), trait('commitment', 80), { type: 'StartCoCreation', projectId: 'p', role: 'coDesigner' }).given(190, review),
    ],
    [
      'involvement', 'intimacy', 'bond', 'a long contract with four contacts and satisfaction',
      (s) => s.given(101, contract('k-1', { startDate: dateOnDay(100), endDate: dateOnDay(464) }))
        .given(110, call()).given(120, call()).given(130, call()).given(140, call(), { type: 'RecordSurveyResponse', instrument: 'CSAT', score: 4 }).given(190, review),
    ],
    // G3
    ...(['involvement', 'intimacy'] as const).flatMap((from): Row[] => [
      [from, 'deterioration', 'complaintBeyondSla', 'a severity-2 complaint beyond its time', (s) => s.given(101, complaint('x', 2)).given(103, review)],
      [from, 'deterioration', 'repeatedComplaints', 'two complaints in 90 days', (s) => s.given(101, complaint('x', 4)).given(102, complaint('y', 4))],
      [from, 'deterioration', 'paymentDefault', 'a default', (s) => s.given(101, invoice, inDefault)],
      [
        from, 'deterioration', 'noticeGiven', 'a notice',
        (s) => s.given(101, contract('k-1'), { type: 'CancelContract', contractId: 'k-1', effectiveDate: dateOnDay(200), reasonCode: 'x', byCustomer: true }),
      ],
      [from, 'deterioration', 'trustOrCommitmentFell', 'trust down 20 points', (s) => s.given(101, trait('trust', 80)).given(102, trait('trust', 70)).given(103, trait('trust', 60))],
      [from, 'deterioration', 'publicComplaint', 'a public complaint', (s) => s.given(101, { type: 'RecordAdvocacy', kind: 'publicComplaint' })],
      [
        from, 'deterioration', 'promiseBroken', 'a broken promise of ours',
        (s) => s.given(101, { type: 'MakePromise', promiseId: 'p', by: 'firm', what: 'callback', dueAt: isoOnDay(105) }, { type: 'BreakPromise', promiseId: 'p' }),
      ],
      [
        from, 'deterioration', 'promiseBroken', 'a promise of ours overdue by a day',
        (s) => s.given(101, { type: 'MakePromise', promiseId: 'p', by: 'firm', what: 'callback', dueAt: isoOnDay(105) }).given(106, review),
      ],
      [from, 'deterioration', 'lowNps', 'an NPS of 6', (s) => s.given(101, nps(6))],
      [
        from, 'deterioration', 'silence', 'a low P(alive) with a bad experience',
        (s) => s.given(101, call('in', { sentiment: -60 })).given(110, pAlive(0.29, 110)),
      ],
    ]),
    [
      'intimacy', 'deterioration', 'silence', 'a rhythm overdue threefold with a returned order',
      () => new Scenario()
        .given(0, register(), purchase()).given(30, purchase()).given(60, purchase()).given(90, purchase({ orderId: 'last' }), nps(9))
        .given(100, review)
        .given(170, { type: 'RecordReturn', orderId: 'last', refund: euro(1), reasonCode: 'x' })
        .given(181, review),
    ],
    // G4, G5
    ['deterioration', 'repair', 'repairPlanned', 'a repair plan', (s) => s.given(101, repair('r-9', ['c-1'], 120))],
    [
      'repair', 'involvement', 'resolutionAccepted', 'the acceptance of the linked case',
      (s) => s.given(101, { type: 'ResolveCase', caseId: 'c-1', resolutionCode: 'x' }, { type: 'AcceptResolution', caseId: 'c-1' }),
    ],
    [
      'repair', 'involvement', 'resolutionAccepted', '14 days without objection and a later purchase',
      (s) => s.given(101, { type: 'ResolveCase', caseId: 'c-1', resolutionCode: 'x' }).given(105, purchase()).given(115, review),
    ],
    [
      'repair', 'contact', 'resolutionAccepted', 'the acceptance, by somebody who was at contact before',
      () => new Scenario().given(90, register(), complaint('x', 1)).given(92, review, repair('r-2', ['x'], 140))
        .given(101, { type: 'ResolveCase', caseId: 'x', resolutionCode: 'x' }, { type: 'AcceptResolution', caseId: 'x' }),
    ],
    [
      'repair', 'intimacy', 'resolutionAccepted', 'the acceptance, by somebody who was at intimacy before',
      () => AT.intimacy().given(101, complaint('x', 2)).given(104, review, repair('r-2', ['x'], 140))
        .given(110, { type: 'ResolveCase', caseId: 'x', resolutionCode: 'x' }, { type: 'AcceptResolution', caseId: 'x' }),
    ],
    ['repair', 'deterioration', 'repairOverdue', 'an overdue plan', (s) => s.given(130, review)],
    ['repair', 'deterioration', 'severeComplaint', 'a new severe complaint', (s) => s.given(101, complaint('x', 2))],
    [
      'repair', 'deterioration', 'resolutionRejected', 'a rejected resolution',
      (s) => s.given(101, { type: 'ResolveCase', caseId: 'c-1', resolutionCode: 'x' }).given(102, { type: 'ReopenCase', caseId: 'c-1', reasonCode: 'notSolved' }),
    ],
    // G8
    ['dissolution', 'contact', 'returned', 'an inbound request', (s) => s.given(101, call())],
    ['dissolution', 'contact', 'returned', 'an opened case', (s) => s.given(101, { type: 'OpenCase', caseId: 'x', kind: 'question', severity: 4 })],
  ]; // prettier-ignore

  it.each(rows)('moves %s → %s (%s) by %s', (from, to, reason, _title, build) => {
    const story = build(AT[from]());
    expect(story.stage).toBe(to);
    const last = story.recorded.filter((event) => event.type.startsWith('RelationshipStage')).at(-1)!;
    expect(last.data).toMatchObject({ from, to, reasonCode: reason, ruleBookVersion: 'default-1' });
    // Every id cited is an event of this customer.
    const ids = new Set(story.recorded.map((event) => event.eventId));
    for (const id of (last.data as { evidence: string[] }).evidence) expect(ids).toContain(id);
  });

  it('has a row for every move that it allows, and for no other', () => {
    expect([...new Set(rows.map(([from, to]) => `${from}>${to}`))].sort()).toEqual(allowedPairs());
  });

  const whateverIsKnown: readonly (readonly [from: Stage, to: Stage, title: string, build: (story: Scenario) => Scenario])[] = [
    ['contact', 'intimacy', 'a bond without a beginning', (s) => s.given(150, trait('trust', 90), trait('commitment', 90), nps(10), { type: 'StartCoCreation', projectId: 'p', role: 'coDesigner' })],
    ['contact', 'repair', 'a complaint and a plan', (s) => s.given(101, complaint('x', 3))],
    ['deterioration', 'involvement', 'a purchase and praise', (s) => s.given(101, purchase(), nps(10))],
    ['deterioration', 'intimacy', 'a purchase and praise', (s) => s.given(101, purchase(), nps(10))],
    ['deterioration', 'contact', 'a call', (s) => s.given(101, call())],
    ['dissolution', 'involvement', 'trust from a survey', (s) => s.given(101, trait('trust', 90), trait('commitment', 90))],
    ['dissolution', 'repair', 'a complaint that is resolved', (s) => s.given(101, { type: 'RecordAdvocacy', kind: 'publicComplaint' })],
  ]; // prettier-ignore
  it.each(whateverIsKnown)('refuses %s → %s even after %s', (from, to, _title, build) => {
    const story = build(AT[from]());
    expect(story.stage).toBe(from);
    expect(story.refusalOf(160, move(to)).code).toBe('STAGE_MOVE_NOT_ALLOWED');
  });

  const almost: readonly (readonly [Stage, string, (story: Scenario) => Scenario])[] = [
    ['contact', 'two inbound touches on one day', (s) => s.given(101, call()).given(101.5, call())],
    ['contact', 'two inbound touches 90 days apart', (s) => s.given(101, call()).given(191, call())],
    ['contact', 'a purchase while a severity-1 complaint is open', (s) => s.given(101, complaint('x', 1), purchase())],
    ['contact', 'a severity-2 complaint beyond its time', (s) => s.given(101, complaint('x', 2)).given(110, review)],
    ['contact', 'two complaints, a default and a low NPS', (s) => s.given(101, complaint('x', 3), complaint('y', 3), invoice, inDefault, nps(0))],
    ['contact', '364 days without contact', (s) => s.given(464.9, review)],
    [
      'contact', '365 days without contact and an open opportunity',
      (s) => s.given(101, { type: 'OpenOpportunity', opportunityId: 'op', kind: 'new', initiative: 'firm', expected: euro(1), probabilityPct: 1 }).given(500, review),
    ],
    ['involvement', '179 days of silence', (s) => s.given(279.9, review)],
    ['involvement', 'silence under an active contract', (s) => s.given(101, contract('k-1')).given(400, review)],
    ['involvement', 'a severity-2 complaint within its time', (s) => s.given(101, complaint('x', 2)).given(102.9, review)],
    ['involvement', 'a severity-3 complaint beyond its time', (s) => s.given(101, complaint('x', 3)).given(120, review)],
    ['involvement', 'two complaints 90 days apart', (s) => s.given(101, complaint('x', 4)).given(191, complaint('y', 4))],
    ['involvement', 'trust down 19 points', (s) => s.given(101, trait('trust', 79)).given(102, trait('trust', 60))],
    ['involvement', 'another trait down 50 points', (s) => s.given(101, { ...(trait('trust', 90) as object), trait: 'adaptation' } as CustomerRequest).given(102, { ...(trait('trust', 40) as object), trait: 'adaptation' } as CustomerRequest)],
    ['involvement', 'an NPS of 7', (s) => s.given(101, nps(7))],
    ['involvement', 'a promise of the customer broken', (s) => s.given(101, { type: 'MakePromise', promiseId: 'p', by: 'customer', what: 'payment', dueAt: isoOnDay(102) }).given(120, review)],
    ['involvement', 'a promise of ours kept late', (s) => s.given(101, { type: 'MakePromise', promiseId: 'p', by: 'firm', what: 'callback', dueAt: isoOnDay(105) }).given(105.9, { type: 'KeepPromise', promiseId: 'p' }).given(120, review)],
    ['involvement', 'a low P(alive) alone', (s) => s.given(110, pAlive(0.01, 110))],
    ['involvement', 'a bad experience alone', (s) => s.given(101, call('in', { sentiment: -100 }))],
    ['involvement', 'repeated purchases alone after 90 days', (s) => s.given(130, purchase()).given(160, purchase()).given(200, review)],
    ['involvement', 'two bonds after 89 days', (s) => s.given(130, purchase()).given(160, purchase(), nps(9)).given(189.9, review)],
    ['involvement', 'two bonds with an open complaint', (s) => s.given(130, purchase()).given(160, purchase(), nps(9), complaint('x', 4)).given(200, review)],
    ['deterioration', 'a purchase after damage that was not silence', (s) => s.given(101, purchase())],
    ['repair', 'a resolution the customer has not accepted', (s) => s.given(101, { type: 'ResolveCase', caseId: 'c-1', resolutionCode: 'x' }).given(120, review)],
    ['repair', 'a later purchase 13 days after the resolution', (s) => s.given(101, { type: 'ResolveCase', caseId: 'c-1', resolutionCode: 'x' }).given(105, purchase()).given(114.9, review)],
    ['dissolution', 'a page view', (s) => s.given(101, { type: 'RecordTouchPoint', direction: 'in', kind: 'pageView' })],
    ['dissolution', 'a message of ours', (s) => s.given(101, { type: 'RecordTouchPoint', direction: 'out', kind: 'message' })],
  ]; // prettier-ignore

  it.each(almost)('leaves %s where it is after %s', (from, _title, build) => {
    expect(build(AT[from]()).stage).toBe(from);
  });

  it('steps back no more than one stage in one silence', () => {
    const story = AT.intimacy().given(1000, review);
    expect(story.moves.slice(-3)).toEqual([
      'intimacy>involvement/silent@270',
      'involvement>contact/silent@450',
      'contact>dissolution/lapsedProspect@815',
    ]);
  });

  it('lets nobody who left sell or be sold to', () => {
    const story = AT.dissolution();
    for (const purpose of [undefined, 'retain'] as const)
      expect(story.refusalOf(101, offer({ purpose })).code).toMatch(/^STAGE_FORBIDS_/);
  });
});
