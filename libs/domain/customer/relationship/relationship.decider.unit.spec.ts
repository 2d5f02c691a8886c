import { compileRuleBook, defaultRuleBookDocument } from '../../rule-book/rule-book.loader.js';
import type { CustomerCommandOf } from '../customer.commands.js';
import { nextReviewAtMs } from './relationship.rules.js';
import {
  Scenario,
  call,
  complaint,
  consent,
  contract,
  dateOnDay,
  defaultRules,
  euro,
  isoOnDay,
  move,
  nps,
  offer,
  onDay,
  override,
  purchase,
  register,
  repair,
} from '../scenario.builder.js';

const review = { type: 'ReviewRelationship' } as const;
const conclude = (
  fields: Partial<CustomerCommandOf<'ConcludeRepair'>> = {},
): CustomerCommandOf<'ConcludeRepair'> => ({
  type: 'ConcludeRepair',
  repairId: 'r-1',
  outcome: 'recovered',
  reasonCode: 'agreed',
  ...fields,
});
const resolve = (caseId: string) => ({ type: 'ResolveCase', caseId, resolutionCode: 'replaced' }) as const;
const accept = (caseId: string) => ({ type: 'AcceptResolution', caseId }) as const;
/** Deteriorated on day 2 by a complaint of day 0. */
const damaged = () => new Scenario().given(0, register(), purchase(), complaint('c-1', 2)).given(3, review);
const inRepair = () => damaged().given(4, repair('r-1', ['c-1'], 40));

describe('A stage move', () => {
  it('names why, what shows it, the rule book, and how long the last stage took', () => {
    const story = new Scenario().given(0, register()).given(12.5, purchase());
    expect(story.lastOf('RelationshipStageMoved').data).toEqual({
      from: 'contact',
      to: 'involvement',
      trigger: 'fact',
      reasonCode: 'firstPurchase',
      evidence: [story.lastOf('PurchaseRecorded').eventId],
      ruleBookVersion: 'default-1',
      daysInStage: 12,
    });
  });

  it('happens at the instant it falls due, not when somebody looks', () => {
    const story = damaged();
    expect(story.moves).toEqual([
      'contact>involvement/firstPurchase@0',
      'involvement>deterioration/complaintBeyondSla@2',
    ]);
    expect(story.lastOf('RelationshipStageMoved').data).toMatchObject({ trigger: 'review' });
  });

  it('falls due when nextReviewAtMs says', () => {
    const story = new Scenario().given(0, register(), purchase(), complaint('c-1', 2));
    expect(nextReviewAtMs(story.state, defaultRules)).toBe(onDay(2));
    story.given(1, resolve('c-1'));
    // The complaint still counts as a negative sign for 180 days, which is when the silence is long enough too.
    expect(nextReviewAtMs(story.state, defaultRules)).toBe(onDay(180));
    story.given(180, review);
    expect(story.moves.at(-1)).toBe('involvement>contact/silent@180');
  });

  it('takes somebody who comes back through contact, with the purchase that brought them', () => {
    const story = new Scenario().given(0, register(), purchase(), {
      type: 'RecordGoodbye',
      reasonCode: 'customerLeft',
    });
    story.given(50, purchase());
    expect(story.moves.slice(-2)).toEqual([
      'dissolution>contact/returned@50',
      'contact>involvement/firstPurchase@50',
    ]);
    story.given(51, review);
    expect(story.stage).toBe('involvement');
  });

  it('brings nobody back from death', () => {
    const story = new Scenario().given(0, register(), purchase(), {
      type: 'RecordGoodbye',
      reasonCode: 'death',
    });
    story.given(50, purchase());
    expect(story.stage).toBe('dissolution');
  });

  it('by a late fact happens at the business clock and rewrites nothing', () => {
    const story = new Scenario()
      .given(0, register())
      .given(100, { type: 'RecordPreference', kind: 'channel', key: 'k', value: 'v', source: 's' });
    story.given(50, purchase());
    expect(story.lastOf('PurchaseRecorded').metadata.occurredAt).toBe(isoOnDay(50));
    expect(story.moves).toEqual(['contact>involvement/firstPurchase@100']);
  });

  it('is not made by a late fact of before the stage', () => {
    const story = new Scenario().given(0, register(), purchase()).given(100, purchase());
    story.given(290, review);
    expect(story.moves.at(-1)).toBe('involvement>contact/silent@280');
    story.given(200, purchase());
    expect(story.stage).toBe('contact');
    story.given(291, purchase());
    expect(story.stage).toBe('involvement');
  });

  it('waits longer for a customer with a slow rhythm', () => {
    const story = new Scenario().given(0, register());
    for (const day of [0, 120, 240, 360]) story.given(day, purchase());
    expect(nextReviewAtMs(story.state, defaultRules)).toBe(onDay(360 + 240));
  });

  it('after an ended contract counts the days of grace from its end', () => {
    const story = new Scenario()
      .given(0, register(), contract('k-1', { endDate: dateOnDay(99) }))
      .given(400, review);
    expect(story.moves.slice(-1)).toEqual(['involvement>dissolution/contractEnded@160']);
  });

  it('of an organisation is not decided by one unhappy user', () => {
    const answer = (respondentId: string, score: number, respondentRole: 'user' | 'decisionMaker' = 'user') =>
      ({ type: 'RecordSurveyResponse', instrument: 'NPS', score, respondentId, respondentRole }) as const;
    const company = () => new Scenario().given(0, register({ groupCode: 'corporation' }), purchase());
    expect(company().given(1, answer('u-1', 2)).stage).toBe('involvement');
    expect(company().given(1, answer('u-1', 2), answer('u-1', 1)).stage).toBe('involvement');
    expect(company().given(1, answer('u-1', 2), answer('u-2', 6)).stage).toBe('deterioration');
    expect(company().given(1, answer('d-1', 2, 'decisionMaker')).stage).toBe('deterioration');
  });

  it('ignores a model score older than the last purchase', () => {
    const story = new Scenario()
      .given(0, register(), purchase(), call('in', { sentiment: -60 }))
      .given(5, purchase());
    story.given(10, { type: 'NoteModelEvidence', pAlive: 0.1, modelRunId: 'm', asOf: isoOnDay(4) });
    expect(story.stage).toBe('involvement');
    story.given(10, { type: 'NoteModelEvidence', pAlive: 0.1, modelRunId: 'm', asOf: isoOnDay(10) });
    expect(story.stage).toBe('deterioration');
  });
});

describe('A silence', () => {
  it('that did the damage ends with the next purchase, through repair, at the stage held before', () => {
    const story = new Scenario()
      .given(0, register(), purchase(), call('in', { sentiment: -60 }))
      .given(10, { type: 'NoteModelEvidence', pAlive: 0.1, modelRunId: 'm', asOf: isoOnDay(10) })
      .given(20, purchase());
    expect(story.moves.slice(-3)).toEqual([
      'involvement>deterioration/silence@10',
      'deterioration>repair/purchaseAfterSilence@20',
      'repair>involvement/purchaseAfterSilence@20',
    ]);
  });
});

describe('A repair', () => {
  it('is for relationships that deteriorated', () => {
    const story = new Scenario().given(0, register(), purchase());
    expect(story.refusalOf(1, repair('r-1', [], 9)).code).toBe('STAGE_MOVE_NOT_ALLOWED');
  });

  it('needs an owner and something it is linked to', () => {
    const story = damaged();
    const refusal = story.refusalOf(4, repair('r-1', [], 40));
    expect(refusal.code).toBe('STAGE_GUARD_NOT_MET');
    expect(refusal.wayOut).toMatchObject([
      { fact: { eventType: 'RepairStarted', data: { caseIds: ['c-1'] } } },
    ]);
    expect(story.types).not.toContain('RepairStarted');
    expect(story.refusalOf(4, repair('r-1', ['c-9'], 40)).code).toBe('UNKNOWN_CASE');
    expect(story.refusalOf(4, repair('r-1', ['c-1'], 4)).code).toBe('DATES_OUT_OF_ORDER');
    const attempts = ['00000000-0000-5000-8000-00000000dead'];
    expect(story.refusalOf(4, { ...repair('r-1', [], 40), contactAttempts: attempts }).code).toBe(
      'UNKNOWN_TARGET_EVENT',
    );
    story.given(5, call('out'));
    story.given(6, {
      ...repair('r-1', [], 40),
      contactAttempts: [story.lastOf('TouchPointRecorded').eventId],
    });
    expect(story.stage).toBe('repair');
    expect(story.refusalOf(7, repair('r-2', ['c-1'], 40)).code).toBe('REPAIR_ALREADY_RUNNING');
  });

  it('ends recovered by the acceptance of every linked case, and the caller who concludes it then has what they wanted', () => {
    const story = inRepair();
    const refusal = story.refusalOf(5, conclude());
    expect(refusal.code).toBe('STAGE_GUARD_NOT_MET');
    expect(refusal.wayOut.map((way) => way.fact)).toEqual([
      { eventType: 'CaseResolved', data: { caseId: 'c-1' } },
      { eventType: 'ResolutionAccepted', data: { caseId: 'c-1' } },
    ]);
    story.given(5, resolve('c-1'), accept('c-1'));
    expect(story.stage).toBe('involvement');
    expect(story.when(6, conclude())).toEqual({ kind: 'accepted', events: [] });
    expect(story.refusalOf(6, conclude({ outcome: 'failed' })).code).toBe('NO_REPAIR_RUNNING');
    expect(story.refusalOf(6, conclude({ repairId: 'r-9' })).code).toBe('NO_REPAIR_RUNNING');
  });

  it('may be concluded at a lower stage by a person, where the rule book leaves it to them', () => {
    const document = structuredClone(defaultRuleBookDocument) as unknown as {
      roleSets: { exits: { repair: { to: string; automatic?: boolean }[] } }[];
    };
    document.roleSets[0]!.exits.repair.find((exit) => exit.to === 'before')!.automatic = false;
    const story = new Scenario(compileRuleBook(document))
      .given(0, register(), purchase(), complaint('c-1', 2))
      .given(3, review);
    story.given(4, repair('r-1', ['c-1'], 40)).given(5, resolve('c-1'), accept('c-1'));
    expect(story.stage).toBe('repair');
    expect(story.refusalOf(6, conclude({ to: 'intimacy' })).code).toBe('STAGE_MOVE_NOT_ALLOWED');
    story.given(6, conclude({ to: 'contact' }));
    expect(story.types.slice(-2)).toEqual(['RepairConcluded', 'RelationshipStageChosen']);
    expect(story.lastOf('RelationshipStageChosen').data).toMatchObject({
      from: 'repair',
      to: 'contact',
      evidence: [story.lastOf('ResolutionAccepted').eventId],
    });
  });

  it('may be given up by a person', () => {
    const story = inRepair().given(6, conclude({ outcome: 'failed', reasonCode: 'rejected' }));
    expect(story.stage).toBe('deterioration');
    expect(story.state.relationship).toMatchObject({ repair: null, stageBefore: 'involvement' });
    story.given(7, repair('r-2', ['c-1'], 40));
    expect(story.stage).toBe('repair');
  });

  it('with nothing linked ends with a positive sign', () => {
    const story = damaged().given(5, call('out'));
    story.given(6, {
      ...repair('r-1', [], 40),
      contactAttempts: [story.lastOf('TouchPointRecorded').eventId],
    });
    story.given(7, complaint('c-2', 4));
    expect(story.stage).toBe('repair');
    story.given(8, call('in'));
    expect(story.moves).toContain('repair>involvement/positiveSignal@8');
  });

  it('returns an intimate relationship to intimacy', () => {
    const story = new Scenario()
      .given(0, register(), purchase()).given(30, purchase()).given(60, purchase(), nps(9))
      .given(90, review)
      .given(100, complaint('c-1', 1)).given(102, repair('r-1', ['c-1'], 120))
      .given(103, resolve('c-1'), accept('c-1')); // prettier-ignore
    expect(story.moves.slice(-3)).toEqual([
      'intimacy>deterioration/complaintBeyondSla@101',
      'deterioration>repair/repairPlanned@102',
      'repair>intimacy/resolutionAccepted@103',
    ]);
  });

  it('settles the signs before it: an old NPS or old complaints do not damage again', () => {
    const story = inRepair()
      .given(5, nps(3), resolve('c-1'), accept('c-1'))
      .given(10, complaint('c-2', 4), resolve('c-2'));
    expect(story.stage).toBe('involvement');
  });
});

describe('An override', () => {
  it('sets any stage, holds the rules until its end, and lets them decide again then', () => {
    const story = new Scenario().given(0, register()).given(10, override('intimacy', 50));
    expect(story.lastOf('RelationshipStageOverridden').data).toMatchObject({
      from: 'contact',
      to: 'intimacy',
      holdUntil: isoOnDay(50),
    });
    story.given(20, nps(0), complaint('c-1', 1)).given(49, review);
    expect(story.stage).toBe('intimacy');
    expect(nextReviewAtMs(story.state, defaultRules)).toBe(onDay(50));
    story.given(60, review);
    expect(story.moves.at(-1)).toBe('intimacy>deterioration/complaintBeyondSla@50');
  });

  it.each([
    ['for longer than 90 days', override('intimacy', 101)],
    ['into the past', override('intimacy', 10)],
  ])('is refused %s', (_title, command) => {
    expect(new Scenario().given(0, register()).refusalOf(10, command).code).toBe('OVERRIDE_NOT_ALLOWED');
  });

  it('to where the relationship stands is refused', () => {
    expect(new Scenario().given(0, register()).refusalOf(10, override('contact', 20)).code).toBe(
      'NOTHING_TO_DO',
    );
  });
});

describe('A win-back', () => {
  const start = { type: 'StartWinBack', winBackId: 'w-1', channel: 'email', reason: 'new product' } as const;
  const left = () =>
    new Scenario().given(0, register(), purchase(), { type: 'RecordGoodbye', reasonCode: 'firmEnded' });

  it('needs an ended relationship, consent and 30 days', () => {
    expect(new Scenario().given(0, register()).refusalOf(1, start).code).toBe('STAGE_FORBIDS_INITIATIVE');
    const story = left();
    expect(story.refusalOf(10, start)).toMatchObject({
      code: 'STAGE_GUARD_NOT_MET',
      wayOut: [
        { fact: { eventType: 'ConsentGranted', data: { channelScope: 'email' } } },
        { earliestAt: isoOnDay(30) },
      ],
    });
    expect(story.refusalOf(30, start).code).toBe('CONSENT_MISSING');
    story.given(30, consent(), start);
    expect(story.refusalOf(31, start).code).toBe('NOTHING_TO_DO');
  });

  it('is never for fraud', () => {
    const story = new Scenario().given(0, register(), consent(), {
      type: 'RecordGoodbye',
      reasonCode: 'fraud',
    });
    expect(story.refusalOf(90, start).code).toBe('STAGE_GUARD_NOT_MET');
  });

  it('is won when the customer comes back', () => {
    const story = left().given(30, consent(), start).given(40, call('in'));
    expect(story.types.slice(-3)).toEqual([
      'TouchPointRecorded',
      'WinBackConcluded',
      'RelationshipStageMoved',
    ]);
    expect(story.lastOf('WinBackConcluded').data).toMatchObject({ outcome: 'won', reasonCode: 'returned' });
    expect(story.stage).toBe('contact');
  });

  it('brings the relationship back to contact when it is concluded as won', () => {
    const story = left().given(30, consent(), start);
    story.given(40, { type: 'ConcludeWinBack', winBackId: 'w-1', outcome: 'won', reasonCode: 'agreed' });
    expect(story.moves.at(-1)).toBe('dissolution>contact/winBackWon@40');
    expect(
      story.refusalOf(41, { type: 'ConcludeWinBack', winBackId: 'w-1', outcome: 'won', reasonCode: 'x' })
        .code,
    ).toBe('NOTHING_TO_DO');
  });

  it('is lost after its window', () => {
    const story = left().given(30, consent(), start).given(200, review);
    const lost = story.lastOf('WinBackConcluded');
    expect(lost.data).toMatchObject({ outcome: 'lost', reasonCode: 'windowPassed' });
    expect(lost.metadata.occurredAt).toBe(isoOnDay(120));
  });
});

describe('People who cannot buy', () => {
  it('become involved as partners by joint activity, not by a call', () => {
    const partner = () => new Scenario().given(0, register({ roles: ['partner'] }));
    expect(partner().given(1, call()).given(2, call()).stage).toBe('contact');
    const meeting = { type: 'RecordTouchPoint', direction: 'out', kind: 'meeting' } as const;
    expect(partner().given(1, meeting).given(30, meeting).moves).toEqual([
      'contact>involvement/jointActivity@30',
    ]);
  });

  it('become involved as stakeholders by commitments kept', () => {
    const story = new Scenario().given(0, register({ roles: ['stakeholder'] }), {
      type: 'MakePromise', promiseId: 'p', by: 'firm', what: 'other', dueAt: isoOnDay(5),
    }); // prettier-ignore
    story.given(4, { type: 'KeepPromise', promiseId: 'p' });
    expect(story.moves).toEqual(['contact>involvement/commitmentKept@4']);
  });

  it('are judged as customers when they are customers too', () => {
    const story = new Scenario()
      .given(0, register({ roles: ['partner', 'customer'] }))
      .given(1, call())
      .given(2, call());
    expect(story.stage).toBe('involvement');
  });
});

describe('A move asked for', () => {
  it('goes through where the rule book leaves it to people and the guard is met', () => {
    const document = structuredClone(defaultRuleBookDocument) as unknown as {
      roleSets: { exits: { involvement: { to: string; automatic?: boolean }[] } }[];
    };
    document.roleSets[0]!.exits.involvement.find((exit) => exit.to === 'intimacy')!.automatic = false;
    const story = new Scenario(compileRuleBook(document))
      .given(0, register(), purchase())
      .given(30, purchase())
      .given(60, purchase(), nps(9))
      .given(100, review);
    expect(story.stage).toBe('involvement');
    const cited = story.lastOf('SurveyResponded').eventId;
    story.given(100, { ...move('intimacy'), evidence: [cited], note: 'we know each other' });
    const chosen = story.lastOf('RelationshipStageChosen').data as { evidence: string[] };
    expect(chosen).toMatchObject({
      from: 'involvement',
      to: 'intimacy',
      note: 'we know each other',
      daysInStage: 100,
    });
    expect(chosen.evidence[0]).toBe(cited);
    expect(new Set(chosen.evidence).size).toBe(chosen.evidence.length);
  });

  it('names its own purchase when the purchase and the move come in one decision', () => {
    const story = new Scenario();
    story.when(0, { ...purchase(), registerFirst: { identifiers: [{ type: 'crm', value: '1' }] } });
    expect((story.lastOf('RelationshipStageMoved').data as { evidence: string[] }).evidence).toEqual([
      story.lastOf('PurchaseRecorded').eventId,
    ]);
  });
});

describe('A fact', () => {
  it.each(['contact', 'involvement', 'intimacy', 'deterioration', 'repair', 'dissolution'] as const)(
    'is never refused at %s',
    (stage) => {
      const story = new Scenario().given(0, register());
      if (stage !== 'contact') story.given(0, override(stage, 80));
      story.given(
        1,
        call(), purchase(), complaint('c-1', 1), contract('k-1'), nps(0), consent(),
        { type: 'RecordReferral', referralId: 'x' }, { type: 'RecordAdvocacy', kind: 'publicComplaint' },
        { type: 'IssueInvoice', invoiceId: 'i', amount: euro(1), dueDate: dateOnDay(2) },
        { type: 'DeclareDefault', invoiceId: 'i', amount: euro(1) },
        { type: 'OpenOpportunity', opportunityId: 'op', kind: 'crossSell', initiative: 'customer', expected: euro(1), probabilityPct: 1 },
        offer({ initiative: 'customer' }),
      ); // prettier-ignore
    },
  );
});
