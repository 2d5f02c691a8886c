import fc from 'fast-check';
import { ROLES, STAGES, epochMsOf } from '@rapport/contracts';
import type { Refusal, Stage, WayOut } from '@rapport/contracts';
import { compileRuleBook, defaultRuleBookDocument } from '../rule-book/rule-book.loader.js';
import { ruleBookAt, timelineOf } from '../rule-book/rules-in-force.js';
import type { RulesInForce } from '../rule-book/rules-in-force.js';
import { FACT_COMMANDS } from './customer.commands.js';
import type { CustomerRequest } from './customer.commands.js';
import { customerDecider, dueReviewFold } from './customer.decider.js';
import { nextReviewAtMs } from './relationship/relationship.rules.js';
import { STAGE_TABLE } from './relationship/stage-table.builder.js';
import {
  DAY_0_MS,
  Scenario,
  call,
  consent,
  contract,
  dateOnDay,
  defaultRules,
  euro,
  isMove,
  isoOnDay,
  move,
  nps,
  offer,
  onDay,
  override,
  purchase,
  register,
  repair,
} from './scenario.builder.js';

const RUNS = 100;
const review = { type: 'ReviewRelationship' } as const;
const pool = (prefix: string) => fc.integer({ min: 1, max: 3 }).map((index) => `${prefix}-${index}`);

/** Commands as callers send them, sensible or not; days are those of the command. */
const command: fc.Arbitrary<(day: number) => CustomerRequest> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ direction: fc.constantFrom('in' as const, 'out' as const), sentiment: fc.integer({ min: -100, max: 100 }) }).map(({ direction, sentiment }) => () => call(direction, { sentiment })) },
  { weight: 4, arbitrary: fc.constant(() => purchase()) },
  { weight: 2, arbitrary: fc.tuple(pool('c'), fc.integer({ min: 1, max: 4 })).map(([caseId, severity]) => () => ({ type: 'RaiseComplaint' as const, caseId, reasonCode: 'late', severity })) },
  { weight: 2, arbitrary: pool('c').map((caseId) => () => ({ type: 'ResolveCase' as const, caseId, resolutionCode: 'x' })) },
  { weight: 2, arbitrary: pool('c').map((caseId) => () => ({ type: 'AcceptResolution' as const, caseId })) },
  { weight: 1, arbitrary: pool('c').map((caseId) => () => ({ type: 'ReopenCase' as const, caseId, reasonCode: 'x' })) },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom('NPS' as const, 'CSAT' as const), fc.integer({ min: 0, max: 10 })).map(([instrument, score]) => () => ({ type: 'RecordSurveyResponse' as const, instrument, score })) },
  { weight: 1, arbitrary: fc.tuple(pool('k'), fc.integer({ min: 10, max: 400 }), fc.boolean()).map(([id, length, autoRenew]) => (day: number) => contract(id, { startDate: dateOnDay(day), endDate: dateOnDay(day + length), autoRenew })) },
  { weight: 1, arbitrary: pool('k').map((contractId) => (day: number) => contract(contractId, { startDate: dateOnDay(day), endDate: dateOnDay(day + 400), awaitsActivation: true })) },
  { weight: 1, arbitrary: pool('k').map((contractId) => (day: number) => ({ type: 'ActivateContract' as const, contractId, activeFrom: dateOnDay(day) })) },
  { weight: 1, arbitrary: fc.tuple(pool('k'), fc.integer({ min: 0, max: 200 })).map(([contractId, length]) => (day: number) => ({ type: 'AmendContract' as const, contractId, effectiveDate: dateOnDay(day), endDate: dateOnDay(day + length), reasonCode: 'x' })) },
  { weight: 1, arbitrary: fc.tuple(pool('k'), fc.boolean()).map(([contractId, byCustomer]) => (day: number) => ({ type: 'TerminateContract' as const, contractId, effectiveDate: dateOnDay(day), reasonCode: 'x', byCustomer })) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 90 }).map((validDays) => (day: number) => consent({ expiresAt: isoOnDay(day + validDays) })) },
  { weight: 1, arbitrary: fc.tuple(pool('k'), fc.integer({ min: 0, max: 90 })).map(([contractId, notice]) => (day: number) => ({ type: 'CancelContract' as const, contractId, effectiveDate: dateOnDay(day + notice), reasonCode: 'x', byCustomer: true })) },
  { weight: 1, arbitrary: fc.tuple(pool('p'), fc.constantFrom('firm' as const, 'customer' as const)).map(([promiseId, by]) => (day: number) => ({ type: 'MakePromise' as const, promiseId, by, what: 'callback' as const, dueAt: isoOnDay(day + 3) })) },
  { weight: 1, arbitrary: pool('p').map((promiseId) => () => ({ type: 'KeepPromise' as const, promiseId })) },
  { weight: 1, arbitrary: fc.constantFrom('customerLeft' as const, 'death' as const, 'firmEnded' as const).map((reasonCode) => () => ({ type: 'RecordGoodbye' as const, reasonCode })) },
  { weight: 1, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }).map((pAlive) => (day: number) => ({ type: 'NoteModelEvidence' as const, pAlive, modelRunId: 'm', asOf: isoOnDay(day) })) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom('trust' as const, 'commitment' as const), fc.integer({ min: 0, max: 100 })).map(([trait, score]) => () => ({ type: 'RecordRelationTrait' as const, trait, side: 'customer' as const, score, method: 'survey' as const })) },
  { weight: 1, arbitrary: fc.constant(() => ({ type: 'RecordReferral' as const, referralId: 'r' })) },
  { weight: 1, arbitrary: fc.constant(() => consent()) },
  { weight: 1, arbitrary: fc.constant(() => ({ type: 'RevokeConsent' as const, purpose: 'marketing' as const, channelScope: 'any' as const })) },
  { weight: 2, arbitrary: fc.subarray(['c-1', 'c-2', 'c-3'], { minLength: 1 }).map((caseIds) => (day: number) => repair('r-1', caseIds, day + 30)) },
  { weight: 1, arbitrary: fc.constantFrom('recovered' as const, 'failed' as const).map((outcome) => () => ({ type: 'ConcludeRepair' as const, repairId: 'r-1', outcome, reasonCode: 'x' })) },
  { weight: 1, arbitrary: fc.constant(() => ({ type: 'StartWinBack' as const, winBackId: 'w', channel: 'email', reason: 'x' })) },
  { weight: 2, arbitrary: fc.tuple(pool('f'), fc.integer({ min: 1, max: 3 })).map(([family, tier]) => () => offer({ productId: `${family}.${tier}` })) },
  { weight: 2, arbitrary: fc.constantFrom(...STAGES).map((to) => () => move(to)) },
); // prettier-ignore

/** The rest of what may move a relationship: money that does not come, words in public, joint work, fraud, deals. */
const rarer: fc.Arbitrary<(day: number) => CustomerRequest> = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom('publicComplaint' as const, 'testimonial' as const).map((kind) => () => ({ type: 'RecordAdvocacy' as const, kind })) },
  { weight: 2, arbitrary: pool('i').map((invoiceId) => (day: number) => ({ type: 'IssueInvoice' as const, invoiceId, amount: euro(10), dueDate: dateOnDay(day + 14) })) },
  { weight: 2, arbitrary: pool('i').map((invoiceId) => () => ({ type: 'DeclareDefault' as const, invoiceId, amount: euro(5) })) },
  { weight: 2, arbitrary: pool('i').map((invoiceId) => () => ({ type: 'CureDefault' as const, invoiceId })) },
  { weight: 1, arbitrary: pool('j').map((projectId) => () => ({ type: 'StartCoCreation' as const, projectId, role: 'coDesigner' as const })) },
  { weight: 1, arbitrary: pool('j').map((projectId) => () => ({ type: 'EndCoCreation' as const, projectId, outcome: 'launched' as const })) },
  { weight: 1, arbitrary: pool('p').map((promiseId) => () => ({ type: 'BreakPromise' as const, promiseId })) },
  { weight: 1, arbitrary: fc.tuple(pool('k'), fc.integer({ min: 1, max: 400 })).map(([contractId, length]) => (day: number) => ({ type: 'RenewContract' as const, contractId, newEndDate: dateOnDay(day + length) })) },
  { weight: 1, arbitrary: fc.tuple(pool('s'), fc.integer({ min: 0, max: 100 })).map(([signalId, score]) => () => ({ type: 'RecordFraudSignal' as const, signalId, ruleId: 'r', score })) },
  { weight: 1, arbitrary: pool('s').map((signalId) => () => ({ type: 'ConfirmFraudSignal' as const, signalId })) },
  { weight: 1, arbitrary: fc.tuple(pool('d'), fc.constantFrom('firm' as const, 'customer' as const)).map(([opportunityId, initiative]) => () => ({ type: 'OpenOpportunity' as const, opportunityId, kind: 'new' as const, initiative, expected: euro(1), probabilityPct: 1 })) },
  { weight: 1, arbitrary: pool('d').map((opportunityId) => () => ({ type: 'WinOpportunity' as const, opportunityId, amount: euro(1) })) },
  { weight: 1, arbitrary: fc.constantFrom('won' as const, 'lost' as const).map((outcome) => () => ({ type: 'ConcludeWinBack' as const, winBackId: 'w', outcome, reasonCode: 'x' })) },
  { weight: 1, arbitrary: fc.constantFrom('fraud' as const, 'liquidation' as const).map((reasonCode) => () => ({ type: 'RecordGoodbye' as const, reasonCode })) },
  { weight: 1, arbitrary: fc.constantFrom(...ROLES).map((role) => () => ({ type: 'ChangeRoles' as const, added: [role], removed: [], reason: 'x' })) },
); // prettier-ignore

type Story = readonly (readonly [gap: number, build: (day: number) => CustomerRequest])[];
const story = fc.array(fc.tuple(fc.double({ min: 0, max: 120, noNaN: true }), command), { maxLength: 40 });
/** Beginnings that chance seldom tells: as far as intimacy, from there to damage, from there to a repair. */
const BEGINNINGS: readonly Story[] = [0, 5, 7, 8].map((length) =>
  ([
    [0, () => purchase()], [40, () => purchase()], [30, () => purchase()], [20, () => nps(9)], [10, () => review],
    [1, () => ({ type: 'RaiseComplaint', caseId: 'c-1', reasonCode: 'late', severity: 2 })], [3, () => review],
    [1, (day) => repair('r-1', ['c-1'], day + 30)],
  ] satisfies Story).slice(0, length),
); // prettier-ignore
const endings: fc.Arbitrary<Story> = fc.oneof(
  { weight: 4, arbitrary: fc.constant([]) },
  {
    weight: 1,
    arbitrary: fc.constant<Story>([[1, () => ({ type: 'EraseCustomer', basis: 'request', keptForLaw: [] })]]),
  },
);
const anyStory: fc.Arbitrary<Story> = fc
  .tuple(
    fc.constantFrom(...BEGINNINGS),
    fc.array(
      fc.tuple(
        fc.oneof(fc.double({ min: 0, max: 10, noNaN: true }), fc.double({ min: 0, max: 120, noNaN: true })),
        fc.oneof({ weight: 3, arbitrary: command }, { weight: 1, arbitrary: rarer }),
      ),
      { maxLength: 40 },
    ),
    endings,
  )
  .map(([beginning, middle, ending]) => [...beginning, ...middle, ...ending]);

/** Ids are derived from the key of the command an event came with; its place in the stream says the same for all keys. */
const canonical = (played: Scenario): string => {
  const places = new Map(played.recorded.map((event, index) => [event.eventId, `#${index}`]));
  return JSON.stringify(
    played.recorded.map((event) => [event.type, event.metadata.occurredAt, event.data]),
  ).replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, (id) => places.get(id) ?? id);
};

/** The default with less patience: silence and lapsed prospects are noticed in a third of the time. */
const impatientRules = compileRuleBook(
  JSON.parse(
    JSON.stringify(defaultRuleBookDocument)
      .replace('"version":"default-1"', '"version":"impatient-2"')
      .replaceAll('"days":180', '"days":60')
      .replaceAll('"days":365', '"days":120')
      .replaceAll('"consumer":90', '"consumer":30'),
  ),
);

const play = (
  told: Story,
  reviews = 0,
  rules: RulesInForce = defaultRules,
  roles: readonly (typeof ROLES)[number][] = ['customer'],
): Scenario => {
  const played = new Scenario(rules).given(0, register({ roles: [...roles] }));
  let day = 0;
  for (const [gap, build] of told) {
    for (let part = 1; part <= reviews; part += 1) played.when(day + (gap * part) / (reviews + 1), review);
    day += gap;
    played.when(day, build(day));
  }
  played.when(day + 1000, review);
  return played;
};

const STAGE_CODES = /^(STAGE_|OFFER_|CONSENT_|OVERRIDE_)/;

describe('Laws of the customer', () => {
  it('moves only as the stage table allows, each move from where the last one ended, in order of time', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(anyStory, (told) => {
        let stage: Stage = 'contact';
        let atMs = DAY_0_MS;
        for (const event of play(told).recorded.filter(isMove)) {
          const data = event.data as { from: Stage; to: Stage };
          expect(data.from).toBe(stage);
          expect(STAGE_TABLE[stage]).toContain(data.to);
          seen.add(`${stage}>${data.to}`);
          expect(epochMsOf(event.metadata.occurredAt)).toBeGreaterThanOrEqual(atMs);
          stage = data.to;
          atMs = epochMsOf(event.metadata.occurredAt);
        }
      }),
      { numRuns: 3 * RUNS },
    );
    // Stories that never get anywhere would prove nothing.
    expect(seen.size).toBeGreaterThanOrEqual(14);
  });

  it('leaves the stage table by an override only, and comes back under it', () => {
    fc.assert(
      fc.property(anyStory, fc.constantFrom(...STAGES), fc.nat(20), (told, to, at) => {
        const played = new Scenario().given(0, register());
        let day = 0;
        told.forEach(([gap, build], index) => {
          day += gap;
          if (index === at) played.when(day, override(to, day + 30));
          played.when(day, build(day));
        });
        for (const event of played.recorded.filter(isMove)) {
          const data = event.data as { from: Stage; to: Stage };
          if (event.type !== 'RelationshipStageOverridden') expect(STAGE_TABLE[data.from]).toContain(data.to);
        }
      }),
      { numRuns: 3 * RUNS },
    );
  });

  it('gives the same state from a replay of its events, through a snapshot at any point', () => {
    fc.assert(
      fc.property(story, (told) => {
        const played = play(told);
        let state = customerDecider.initialState();
        for (const event of played.recorded) {
          const snapshot = JSON.parse(JSON.stringify(state)) as typeof state;
          state = customerDecider.evolve(snapshot, event);
        }
        expect(state).toEqual(played.state);
      }),
      { numRuns: RUNS },
    );
  });

  it('decides the same when the same is asked again', () => {
    // Orders and offers get new ids each time a story is told, so the story is fixed before it is played twice.
    fc.assert(
      fc.property(story, (told) => {
        const fixed = fixedOf(told);
        expect(canonical(play(fixed))).toBe(canonical(play(fixed)));
      }),
      { numRuns: RUNS },
    );
  });

  it('refuses no fact because of the stage', () => {
    const facts: ReadonlySet<string> = new Set([...FACT_COMMANDS, 'ResolveCase', 'AcceptResolution', 'ReopenCase', 'RecordGoodbye', 'CancelContract', 'MakePromise', 'KeepPromise', 'NoteModelEvidence', 'RecordRelationTrait']); // prettier-ignore
    fc.assert(
      fc.property(story, (told) => {
        const played = new Scenario().given(0, register());
        let day = 0;
        for (const [gap, build] of told) {
          day += gap;
          const asked = build(day);
          const decision = played.when(day, asked);
          if (facts.has(asked.type) && decision.kind === 'refused')
            expect(decision.refusal.code).not.toMatch(STAGE_CODES);
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('records the same whether somebody reviews in between or not', () => {
    fc.assert(
      fc.property(story, fc.integer({ min: 1, max: 5 }), (told, reviews) => {
        const fixed = fixedOf(told);
        expect(canonical(play(fixed, reviews))).toBe(canonical(play(fixed)));
      }),
      { numRuns: RUNS },
    );
  });

  it('records the same across a change of rules, whether somebody reviews in between or not', () => {
    fc.assert(
      fc.property(
        story,
        fc.integer({ min: 1, max: 5 }),
        fc.double({ min: 0, max: 1_000, noNaN: true }),
        (told, reviews, changeDay) => {
          const fixed = fixedOf(told);
          const rules = timelineOf([
            { fromMs: DAY_0_MS, book: defaultRules },
            { fromMs: onDay(changeDay), book: impatientRules },
          ]);
          const often = play(fixed, reviews, rules);
          expect(canonical(often)).toBe(canonical(play(fixed, 0, rules)));
          for (const { type, data, metadata } of often.recorded)
            if (type === 'RelationshipStageMoved')
              expect((data as { ruleBookVersion: string }).ruleBookVersion).toBe(
                ruleBookAt(rules, epochMsOf(metadata.occurredAt)).version,
              );
        },
      ),
      { numRuns: RUNS },
    );
  });

  it('moves people in any role only as the stage table allows', () => {
    const roles = fc.constantFrom(...ROLES);
    fc.assert(
      fc.property(anyStory, roles, (told, role) => {
        const played = play(told, 0, defaultRules, [role]);
        for (const { data } of played.recorded.filter(isMove)) {
          const { from, to } = data as { from: Stage; to: Stage };
          expect(STAGE_TABLE[from]).toContain(to);
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('records something at exactly the instant that nextReviewAtMs names, and nothing before', () => {
    fc.assert(
      fc.property(story, (told) => {
        const played = new Scenario().given(0, register());
        let day = 0;
        for (const [gap, build] of told) {
          day += gap;
          played.when(day, build(day));
        }
        const dueMs = nextReviewAtMs(played.state, defaultRules);
        if (dueMs === null) {
          expect(played.when(day + 5000, review)).toEqual({ kind: 'accepted', events: [] });
          return;
        }
        const dueDay = (dueMs - DAY_0_MS) / 86_400_000;
        expect(played.when(dueDay - 1e-6, review)).toEqual({ kind: 'accepted', events: [] });
        const { events } = played.when(dueDay, review);
        expect(events!.length).toBeGreaterThan(0);
      }),
      { numRuns: RUNS },
    );
  });

  it('falls due for a read model at the same instant as for a decision, after corrections too', () => {
    fc.assert(
      fc.property(story, fc.nat(), (told, nth) => {
        const played = play(told);
        const touches = played.recorded.filter(({ type }) => type === 'TouchPointRecorded');
        const target = touches[nth % Math.max(1, touches.length)];
        if (target)
          played.when((played.state.businessClockMs - DAY_0_MS) / 86_400_000, {
            type: 'CorrectTouchPoint',
            targetEventId: target.eventId,
            changes: { direction: 'out', sentiment: -90 },
            reason: 'x',
          });
        const kept = played.recorded.reduce(dueReviewFold.evolve, dueReviewFold.initial());
        expect(dueReviewFold.nextReviewAtMs(kept, defaultRules)).toBe(
          nextReviewAtMs(played.state, defaultRules),
        );
      }),
      { numRuns: RUNS },
    );
  });

  it('takes late facts without rewriting a move: what was recorded stays, and time goes on', () => {
    fc.assert(
      fc.property(story, story, (told, late) => {
        const played = play(told);
        const before = played.recorded.length;
        const clockMs = played.state.businessClockMs;
        for (const [gap, build] of late) {
          const day = Math.min(gap, (clockMs - DAY_0_MS) / 86_400_000);
          const asked = build(day);
          if (asked.type === 'MoveStage') continue;
          played.when(day, asked);
        }
        for (const event of played.recorded.slice(before).filter(isMove))
          expect(epochMsOf(event.metadata.occurredAt)).toBeGreaterThanOrEqual(clockMs);
        expect(played.state.businessClockMs).toBeGreaterThanOrEqual(clockMs);
      }),
      { numRuns: RUNS },
    );
  });

  it('asks every guard only when time may have changed its answer', () => {
    const conditions = defaultRules.roleSets.flatMap((set) =>
      STAGES.flatMap((stage) => set.exits[stage].map((exit) => exit.guard.when)),
    );
    fc.assert(
      fc.property(story, fc.double({ min: 0, max: 1, noNaN: true }), (told, part) => {
        const played = new Scenario().given(0, register());
        let day = 0;
        for (const [gap, build] of told) {
          day += gap;
          played.when(day, build(day));
        }
        const { state } = played;
        for (const condition of conditions) {
          let nowMs = state.businessClockMs;
          for (let turn = 0; turn < 6; turn += 1) {
            const answer = condition.isMet(state, nowMs, {});
            const turnsMs = Math.min(condition.turnsAt(state, nowMs), nowMs + 4e11);
            // Anywhere before the turn, and just before it, the answer is the same.
            expect(condition.isMet(state, nowMs + Math.floor((turnsMs - nowMs - 1) * part), {})).toBe(answer);
            expect(condition.isMet(state, turnsMs - 1, {})).toBe(answer);
            nowMs = turnsMs;
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  it('keeps a small state', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.double({ min: 0, max: 5, noNaN: true }), command), {
          minLength: 200,
          maxLength: 300,
        }),
        (told) => {
          expect(JSON.stringify(play(told).state).length).toBeLessThan(30_000);
        },
      ),
      { numRuns: 10 },
    );
  });
});

/** The story with its commands built once. */
function fixedOf(told: Story): Story {
  let day = 0;
  return told.map(([gap, build]) => {
    day += gap;
    const asked = build(day);
    return [gap, () => asked] as const;
  });
}

describe('The way out of a refusal', () => {
  const forward: fc.Arbitrary<() => CustomerRequest> = fc.oneof(
    fc.constantFrom<Stage>('involvement', 'intimacy', 'contact', 'repair').map((to) => () => move(to)),
    fc.tuple(pool('f'), fc.integer({ min: 1, max: 3 })).map(([family, tier]) => () => offer({ productId: `${family}.${tier}` })),
    fc.constant(() => offer({ purpose: 'retain' })),
  ); // prettier-ignore

  it('leads there: the facts it names, and the time it names, make the same command succeed', () => {
    let succeeded = 0;
    fc.assert(
      fc.property(story, forward, fc.nat(1_000), (told, build, pick) => {
        const played = new Scenario().given(0, register());
        let day = 0;
        for (const [gap, buildCommand] of told) {
          day += gap;
          played.when(day, buildCommand(day));
        }
        const asked = build();
        const first = played.when(day, asked);
        if (first.kind === 'accepted') return;
        const steps = chosen(first.refusal, pick);
        if (steps === undefined || isLowerReturn(played, asked)) return;
        const before = played.recorded.length;
        const done = follow(played, day, steps);
        const { purpose, productId } = asked as { purpose?: 'retain'; productId: string };
        const again =
          asked.type === 'OfferProduct' ? offer({ ...(purpose ? { purpose } : {}), productId }) : asked;
        // A refused command appends no reviews: this records what fell due while waiting.
        played.when(done, review);
        const second = played.when(done, again);
        const succeeds = second.kind === 'accepted' || wasReached(played, before, asked);
        if (succeeds) succeeded += 1;
        if (succeeds || hasTimePassedBadly(played, before)) return;
        throw new Error(
          `${asked.type} refused again: ${JSON.stringify({ first: first.refusal, second, moves: played.moves }, null, 1)}`,
        );
      }),
      // A fixed sample: following a way out over months meets every corner of the rules.
      { numRuns: 1_900, seed: 20_260_101 },
    );
    expect(succeeded).toBeGreaterThanOrEqual(1_000);
  });
});

/** While waiting something of its own fell due: a promise nobody kept, a contract's end, silence. */
const hasTimePassedBadly = (played: Scenario, from: number): boolean =>
  played.recorded
    .slice(from)
    .some(
      (event) =>
        event.type === 'ContractExpired' ||
        (event.type === 'RelationshipStageMoved' && (event.data as { trigger: string }).trigger === 'review'),
    );

/** The facts alone led to the stage that was asked for, and on to a better one: a purchase after silence repairs at once. */
const wasReached = (played: Scenario, from: number, asked: CustomerRequest): boolean =>
  asked.type === 'MoveStage' &&
  played.recorded.slice(from).some((event) => isMove(event) && (event.data as { to: Stage }).to === asked.to);

/** The acceptance that ends a repair takes the relationship as far as it stood, higher than was asked. */
const isLowerReturn = (played: Scenario, asked: CustomerRequest): boolean =>
  asked.type === 'MoveStage' &&
  played.stage === 'repair' &&
  asked.to !== (played.state.relationship.stageBefore ?? 'contact');

/**
 * The steps of as many options of every choice as are needed, from any of them on; undefined when one of them is only an
 * explanation. Where something can be done, nobody just waits: what was known may be too long ago by then.
 */
function chosen(refusal: Refusal, pick: number): readonly WayOut[] | undefined {
  const optionsOf = new Map<string, Map<number, WayOut[]>>();
  for (const way of refusal.wayOut) {
    if (!way.choice) continue;
    const options = optionsOf.get(way.choice.group) ?? new Map<number, WayOut[]>();
    optionsOf.set(way.choice.group, options);
    options.set(way.choice.option, [...(options.get(way.choice.option) ?? []), way]);
  }
  const taken = new Map<string, ReadonlySet<number>>();
  for (const [group, options] of optionsOf) {
    const { needed } = [...options.values()][0]![0]!.choice!;
    const deeds = [...options].filter(([, ways]) => ways.every(({ fact }) => fact !== undefined));
    const open = (deeds.length >= needed ? deeds : [...options]).map(([option]) => option);
    taken.set(group, new Set(Array.from({ length: needed }, (_, n) => open[(pick + n) % open.length]!)));
  }
  const steps = refusal.wayOut.filter(
    ({ choice }) => choice === undefined || taken.get(choice.group)!.has(choice.option),
  );
  if (steps.length === 0) return undefined;
  return steps.every((way) => way.fact !== undefined || way.earliestAt !== undefined) ? steps : undefined;
}

/** Records the facts in order, then waits as long as asked; the day on which everything is done. */
function follow(played: Scenario, fromDay: number, steps: readonly WayOut[]): number {
  let day = fromDay;
  let last = '';
  const dayOf = (iso: string) => (epochMsOf(iso) - DAY_0_MS) / 86_400_000;
  for (const { fact, earliestAt } of steps) {
    if (fact === undefined) continue;
    // The same fact again is one of another day, also where what came before it took longer than was foreseen.
    if (fact.eventType === last) day += 1;
    if (earliestAt !== undefined) day = Math.max(day, dayOf(earliestAt));
    last = fact.eventType;
    for (const asked of asCommands(played, fact, day)) played.when(day, asked);
  }
  // The named instant counts from the refusal; the facts before it took a while.
  const spent = day - fromDay;
  for (const { fact, earliestAt } of steps)
    if (fact === undefined && earliestAt !== undefined) day = Math.max(day, dayOf(earliestAt) + spent);
  return day;
}

function asCommands(played: Scenario, fact: NonNullable<WayOut['fact']>, day: number): CustomerRequest[] {
  const data = (fact.data ?? {}) as never;
  const fields = data as Record<string, never>;
  switch (fact.eventType) {
    case 'PurchaseRecorded':
      return [purchase()];
    case 'TouchPointRecorded':
      return [{ type: 'RecordTouchPoint', ...fields }] as never;
    case 'ContractSigned':
      return [contract(`way-${day}`, { startDate: dateOnDay(day), endDate: dateOnDay(day + 366) })];
    case 'ContractActivated':
      return [{ type: 'ActivateContract', activeFrom: dateOnDay(day), ...fields }] as never;
    case 'ContractRenewed': {
      const running = played.state.contracts.active[0];
      if (running === undefined) return [contract('k-new', { startDate: dateOnDay(day), endDate: dateOnDay(day + 10) }), { type: 'RenewContract', contractId: 'k-new', newEndDate: dateOnDay(day + 900) }]; // prettier-ignore
      return [{ type: 'RenewContract', contractId: running.contractId, newEndDate: dateOnDay(day + 900) }];
    }
    case 'OpportunityWon':
      return [
        { type: 'OpenOpportunity', opportunityId: `op-${day}`, kind: 'new', initiative: 'customer', expected: euro(1), probabilityPct: 1 },
        { type: 'WinOpportunity', opportunityId: `op-${day}`, amount: euro(1) },
      ]; // prettier-ignore
    case 'SurveyResponded':
      return [{ type: 'RecordSurveyResponse', ...fields }] as never;
    case 'ReferralMade':
      return [{ type: 'RecordReferral', referralId: 'w' }];
    case 'RelationTraitRecorded':
      return [{ type: 'RecordRelationTrait', method: 'survey', ...fields }] as never;
    case 'CoCreationStarted':
      return [{ type: 'StartCoCreation', projectId: `p-${played.recorded.length}`, role: 'coDesigner' }];
    case 'CaseResolved':
      return [{ type: 'ResolveCase', resolutionCode: 'x', ...fields }] as never;
    case 'ResolutionAccepted':
      return [{ type: 'AcceptResolution', ...fields }] as never;
    case 'ConsentGranted':
      return [{ ...consent(), ...fields }] as never;
    case 'OfferDeclined':
      return [{ type: 'RecordOfferAnswer', answer: 'declined', ...fields }] as never;
    case 'DefaultCured':
      return [{ type: 'CureDefault', ...fields }] as never;
    case 'PromiseKept':
      return [{ type: 'KeepPromise', ...fields }] as never;
    case 'RepairStarted': {
      const { caseIds, contactAttempts } = data as { caseIds: string[]; contactAttempts: string[] };
      const attempts =
        caseIds.length + contactAttempts.length > 0
          ? contactAttempts
          : [played.lastOf('TouchPointRecorded').eventId];
      return [{ ...repair(`way-${day}`, caseIds, day + 30), contactAttempts: attempts }];
    }
    default:
      throw new Error(`no command records ${fact.eventType}`);
  }
}
