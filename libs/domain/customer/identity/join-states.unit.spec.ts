import fc from 'fast-check';
import { arbitraryHistory } from '@rapport/testing';
import { customerDecider } from '../customer.decider.js';
import type { CustomerState } from '../customer.state.js';
import { consentFor } from '../consent/consent.decider.js';
import { isOpen } from '../service/service.decider.js';
import { Scenario, call, complaint, consent, contract, onDay, purchase, register } from '../scenario.builder.js'; // prettier-ignore
import { joinStates } from './join-states.js';

const stateOf = (...played: Parameters<Scenario['given']>[]): CustomerState => {
  const scenario = new Scenario();
  for (const step of played) scenario.given(...step);
  return scenario.state;
};

/** Any state; two streams share no event. */
const anyState = (stream: string) =>
  arbitraryHistory({ events: '*' }, 60).map((events) =>
    events.reduce<CustomerState>(
      (state, event) => customerDecider.evolve(state, { ...event, eventId: `${stream} ${event.eventId}` }),
      customerDecider.initialState(),
    ),
  );
const RUNS = 100;

describe('Joining the states of merged customers', () => {
  it('does not depend on which comes first, nor on the order in which three are joined', () => {
    fc.assert(
      fc.property(anyState('a'), anyState('b'), anyState('c'), (a, b, c) => {
        expect(joinStates(a, b)).toEqual(joinStates(b, a));
        expect(joinStates(joinStates(a, b), c)).toEqual(joinStates(a, joinStates(b, c)));
      }),
      { numRuns: RUNS },
    );
  });

  it('loses no default, open case, broken promise, fraud signal, contract or holding of either', () => {
    fc.assert(
      fc.property(anyState('a'), anyState('b'), (a, b) => {
        const joined = joinStates(a, b);
        for (const state of [a, b]) {
          const ids = <T>(list: readonly T[], idOf: (entry: T) => string): string[] => list.map(idOf);
          expect(ids(joined.ledger.defaults, (one) => one.invoiceId)).toEqual(expect.arrayContaining(ids(state.ledger.defaults, (one) => one.invoiceId))); // prettier-ignore
          expect(ids(joined.ledger.fraudSignals, (one) => one.id)).toEqual(expect.arrayContaining(ids(state.ledger.fraudSignals, (one) => one.id))); // prettier-ignore
          expect(ids(joined.ledger.holdings, (one) => JSON.stringify(one))).toHaveLength(new Set([...a.ledger.holdings, ...b.ledger.holdings].map((one) => JSON.stringify(one))).size); // prettier-ignore
          expect(ids(joined.service.cases.filter(isOpen), (one) => one.id)).toEqual(expect.arrayContaining(ids(state.service.cases.filter(isOpen), (one) => one.id))); // prettier-ignore
          expect(ids(joined.touchPoints.promises, (one) => one.id)).toEqual(expect.arrayContaining(ids(state.touchPoints.promises, (one) => one.id))); // prettier-ignore
          expect(ids(joined.contracts.active, (one) => one.contractId)).toEqual(expect.arrayContaining(ids(state.contracts.active, (one) => one.contractId))); // prettier-ignore
          expect(joined.profile.erased || !state.profile.erased).toBe(true);
        }
        expect(joined.ledger.purchases).toBe(a.ledger.purchases + b.ledger.purchases);
        expect(joined.touchPoints.count).toBe(a.touchPoints.count + b.touchPoints.count);
      }),
      { numRuns: RUNS },
    );
  });

  it('lets the later word on a consent count, and at one instant the one that forbids', () => {
    const granted = stateOf([0, register()], [1, consent()]);
    const revokedLater = stateOf([0, register()], [2, { type: 'RevokeConsent', purpose: 'marketing', channelScope: 'any' }]); // prettier-ignore
    const revokedAtOnce = stateOf([0, register()], [1, { type: 'RevokeConsent', purpose: 'marketing', channelScope: 'any' }]); // prettier-ignore
    const wordOf = (state: CustomerState) =>
      consentFor(state.consent, 'marketing', 'email', onDay(3))?.status;
    expect(wordOf(joinStates(granted, revokedLater))).toBe('revoked');
    expect(wordOf(joinStates(revokedAtOnce, granted))).toBe('revoked');
  });

  it('counts a damage of one as unsettled for both, and keeps settled what either had settled', () => {
    const good = new Scenario().given(0, register(), purchase());
    const bad = new Scenario().given(0, register(), purchase()).given(3, complaint('c-1', 1));
    const joined = joinStates(good.state, bad.state);
    const decision = customerDecider.decide(joined, { type: 'ReviewRelationship' }, contextOn(60));
    expect(decision.events?.map(({ type }) => type)).toContain('RelationshipStageMoved');
    expect(decision.events?.[0]?.data).toMatchObject({ to: 'deterioration' });
  });

  it('counts what comes after the join as later than everything before it', () => {
    const joined = joinStates(
      stateOf([0, register(), purchase()], [1, call()], [2, call()]),
      stateOf([0, register()]),
    );
    expect(joined.relationship.stage).toBe('involvement');
    const next = customerDecider.decide(joined, call('in'), contextOn(4));
    const after = (next.events ?? []).reduce(
      (state, event, i) =>
        customerDecider.evolve(state, {
          ...event,
          eventId: `e-${i}`,
          schemaVersion: 1,
          streamId: 'customer-x',
          revision: BigInt(i),
          metadata: { occurredAt: new Date(onDay(4)).toISOString(), recordedAt: '', sourceSystem: 's', channel: 'web', actor: { kind: 'employee', id: 'a' }, correlationId: 'c', causationId: 'c', commandKey: 'k' }, // prettier-ignore
        }),
      joined,
    );
    expect(after.touchPoints.lastInbound!.seq).toBeGreaterThan(joined.relationship.countingFrom.seq);
    expect(after.touchPoints.inboundDays.map(({ day }) => day)).toHaveLength(3);
  });

  it('takes the stage entered last, and contracts of both are held', () => {
    const older = stateOf([0, register()], [1, contract('k-1')]);
    const newer = stateOf([5, register()], [6, contract('k-2')]);
    const joined = joinStates(older, newer);
    expect(joined.relationship.sinceMs).toBe(
      Math.max(older.relationship.sinceMs, newer.relationship.sinceMs),
    );
    expect(joined.contracts.active.map(({ contractId }) => contractId).sort()).toEqual(['k-1', 'k-2']);
  });
});

function contextOn(day: number) {
  return {
    occurredAtMs: onDay(day),
    nowMs: onDay(10_000),
    actor: { kind: 'employee', id: 'am-1' },
    channel: 'web',
    sourceSystem: 'spec',
    ruleBook: new Scenario().ruleBook,
    eventIdOf: (type: string, index: number) => `${type}#${index}`,
  } as const;
}
