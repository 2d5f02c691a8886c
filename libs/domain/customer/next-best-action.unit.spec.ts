import type { Channel } from '@rapport/contracts';
import { nextBestActions } from './next-best-action.js';
import type { Answers } from './next-best-action.js';
import {
  Scenario, call, complaint, consent, contract, dateOnDay, defaultRules, euro, isoOnDay, nps, offer, onDay, purchase, register, repair,
} from './scenario.builder.js'; // prettier-ignore

const NOTHING_LEARNED = { byStage: new Map<string, Answers>(), byChannel: new Map<string, Answers>() };
const advise = (story: Scenario, day: number, options: { channel?: string; experience?: typeof NOTHING_LEARNED } = {}) =>
  nextBestActions(story.state, defaultRules, onDay(day), { experience: NOTHING_LEARNED, ...options }); // prettier-ignore
const names = (list: readonly { readonly action: string }[]): string[] => list.map(({ action }) => action);
const machine = purchase({
  lines: [{ productId: 'em', qty: 1, unitPrice: euro(100), productFamily: 'machines', productTier: 1 }],
});
const damaged = () =>
  new Scenario().given(0, register(), machine, complaint('c-1', 2)).given(3, { type: 'ReviewRelationship' });

describe('The next best action', () => {
  it('for somebody new is a welcome; offers wait for consent, and the answer says so', () => {
    const advice = advise(new Scenario().given(0, register()), 1);
    expect(advice.stage).toBe('contact');
    expect(advice.ruleBookVersion).toBe('default-1');
    expect(names(advice.actions)).toEqual(['welcome', 'askForConsent']);
    expect(advice.suppressed).toMatchObject([
      {
        action: 'offerFirstSale',
        suppressedBy: ['consent'],
        wayOut: [{ rule: 'offerNeedsConsent', fact: { eventType: 'ConsentGranted' } }],
      },
    ]);
  });

  it('of an offer names the channels that are open to it', () => {
    const story = new Scenario().given(0, register(), consent({ channelScope: 'email' }));
    const [first] = advise(story, 40).actions;
    expect(first).toMatchObject({
      action: 'offerFirstSale',
      offer: { kind: 'firstSale', channels: ['email'] },
    });
    expect(names(advise(story, 40, { channel: 'callCentre' }).suppressed)).toEqual(['offerFirstSale']);
  });

  it('where the relationship suffers is the repair; selling is suppressed by the stage with the way out', () => {
    const advice = advise(damaged(), 4);
    expect(names(advice.actions).slice(0, 3)).toEqual(['resolveComplaint', 'startRepair', 'resolveCase']);
    expect(advice.actions[0]!.because).toMatchObject([
      { rule: 'complaintOpen', evidence: [expect.any(String)] },
    ]);
    expect(advice.suppressed).toMatchObject([
      { action: 'offerUpSell', suppressedBy: ['stage'] },
      { action: 'offerCrossSell', suppressedBy: ['stage'] },
      { action: 'askForConsent', suppressedBy: ['openCase'] },
    ]);
    expect(advice.suppressed[1]!.wayOut.length).toBeGreaterThan(0);
  });

  it('looks at the instant asked for: a silence nobody reviewed yet counts', () => {
    const story = new Scenario().given(0, register(), machine);
    expect(advise(story, 10).stage).toBe('involvement');
    expect(names(advise(story, 100).actions)[0]).toBe('breakSilence');
    expect(advise(story, 200).stage).toBe('contact');
    expect(advise(story, 2_000).stage).toBe('dissolution');
    // Nothing was recorded by asking.
    expect(story.stage).toBe('involvement');
  });

  it.each([
    ['openCase', (s: Scenario) => s.given(5, { type: 'OpenCase', caseId: 'q', kind: 'question', severity: 4 }), 6],
    ['rule', (s: Scenario) => s.given(5, call('in', { sentiment: -50 })), 6],
    ['frequencyCap', (s: Scenario) => s.given(5, ...[1, 2, 3, 4].map((n) => offer({ offerId: `r-${n}`, purpose: 'retain' }))), 6],
    ['consent', (s: Scenario) => s.given(5, { type: 'RevokeConsent', purpose: 'marketing', channelScope: 'any' }), 6],
  ] as const)('says that a cross-sell is held back by %s', (suppressor, build, day) => {
    const story = new Scenario().given(0, register(), machine);
    build(story);
    const held = advise(story, day).suppressed.find(({ action }) => action === 'offerCrossSell');
    expect(held?.suppressedBy).toContain(suppressor);
    expect(held?.reason).toMatch(/\.$/);
  }); // prettier-ignore

  it('says from when a cooling-off lets an offer through', () => {
    const story = damaged()
      .given(4, repair('r-1', ['c-1'], 40))
      .given(5, { type: 'ResolveCase', caseId: 'c-1', resolutionCode: 'x' })
      .given(6, { type: 'AcceptResolution', caseId: 'c-1', satisfaction: 5 });
    const held = advise(story, 10).suppressed.find(({ action }) => action === 'offerCrossSell');
    expect(held).toMatchObject({ suppressedBy: ['coolingOff'], earliestAt: isoOnDay(36) });
    expect(names(advise(story, 36).actions)).toContain('offerCrossSell');
  });

  it('keeps promises and renews contracts in time', () => {
    const story = new Scenario()
      .given(0, register(), contract('k-1', { endDate: dateOnDay(100) }))
      .given(1, { type: 'MakePromise', promiseId: 'p', by: 'firm', what: 'callback', dueAt: isoOnDay(20) });
    expect(names(advise(story, 5).actions)).not.toContain('offerRenewal');
    expect(names(advise(story, 19).actions).slice(0, 2)).toEqual(['keepPromise', 'offerRenewal']);
  });

  it('asks the satisfied at intimacy for a recommendation, not those without evidence of it', () => {
    const close = new Scenario()
      .given(0, register(), machine).given(40, purchase()).given(70, purchase()).given(90, nps(9))
      .given(100, { type: 'ReviewRelationship' }); // prettier-ignore
    expect(advise(close, 101).stage).toBe('intimacy');
    expect(names(advise(close, 101).actions)).toContain('requestReferral');
    expect(names(advise(new Scenario().given(0, register(), machine), 50).actions)).not.toContain(
      'requestReferral',
    );
  });

  it('learns from answers: what is accepted more often than expected rises, by stage and by channel', () => {
    const story = new Scenario().given(0, register(), machine);
    const scoresWith = (answered: number, accepted: number) => {
      const experience = {
        byStage: new Map([['crossSell involvement', { answered, accepted }]]),
        byChannel: new Map([['crossSell branch', { answered, accepted }]]),
      };
      const { actions } = advise(story, 5, { experience });
      const crossSell = actions.find(({ action }) => action === 'offerCrossSell')!;
      return { score: crossSell.score, offer: crossSell.offer!, order: names(actions) };
    };
    const untaught = scoresWith(0, 0);
    expect(untaught.score).toBeCloseTo(40);
    expect(untaught.offer).toMatchObject({ acceptance: 0.12, expectedAcceptance: 0.12, answered: 0 });
    expect(untaught.order.indexOf('offerUpSell')).toBeLessThan(untaught.order.indexOf('offerCrossSell'));
    const taught = scoresWith(80, 24);
    // (24 + 0.12 × 20) / (80 + 20) = 0.264 against 0.12 expected.
    expect(taught.offer.acceptance).toBeCloseTo(0.264);
    expect(taught.score).toBeCloseTo((40 * 0.264) / 0.12);
    expect(taught.order.indexOf('offerCrossSell')).toBeLessThan(taught.order.indexOf('offerUpSell'));
    expect(taught.offer.channels[0]).toBe('branch');
    expect(scoresWith(80, 0).score).toBeLessThan(10);
  });

  it('is never something a command would refuse', () => {
    let asked = 0;
    const stories = [
      () => damaged(),
      () => new Scenario().given(0, register(), contract('k-1', { endDate: dateOnDay(60) })),
      () => new Scenario().given(0, register(), machine, { type: 'RecordGoodbye', reasonCode: 'customerLeft' }, consent()),
    ]; // prettier-ignore
    for (const tell of stories)
      for (const day of [1, 5, 40, 100])
        for (const { offer: advised } of advise(tell(), day).actions)
          for (const channel of advised?.channels ?? []) {
            if (advised?.kind !== 'retain' && advised?.kind !== 'winBack') continue;
            asked += 1;
            const command = offer({ purpose: advised.kind, channel: channel as Channel });
            expect(tell().when(day, command).kind).toBe('accepted');
          }
    expect(asked).toBeGreaterThan(10);
  });
});
