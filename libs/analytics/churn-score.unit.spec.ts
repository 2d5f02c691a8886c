import fc from 'fast-check';
import { churnScore, defaultDriverWeights } from './index.js';
import type { ChurnSignals } from './index.js';

const baseline = { churnProbability: 0.55 };
const notModelled = { modelled: false, band: 'low', basis: 'recencyQuintile' } as const;
const logit = (p: number) => Math.log(p / (1 - p));

describe('The churn score', () => {
  it('is 1 - P(alive) when nothing else is known, with silence as the only driver', () => {
    const score = churnScore({ pAlive: 0.3, signals: {}, baseline });
    expect(score.churnProbability).toBeCloseTo(0.7, 12);
    expect(score.drivers).toHaveLength(1);
    expect(score.drivers[0]).toMatchObject({ name: 'silence', value: 0.3 });
    expect(score.drivers[0]!.logOddsContribution).toBeCloseTo(logit(0.7) - logit(0.55), 12);
  });

  it('is the baseline for a baseline customer', () => {
    const score = churnScore({ pAlive: 0.45, signals: {}, baseline });
    expect(score.churnProbability).toBeCloseTo(0.55, 12);
    expect(score.drivers[0]!.logOddsContribution).toBeCloseTo(0, 12);
  });

  const signals: fc.Arbitrary<ChurnSignals> = fc.record(
    {
      openComplaint: fc.record({ severity: fc.constantFrom(1 as const, 2 as const, 3 as const, 4 as const) }),
      uncuredDefault: fc.boolean(),
      contractEndsInDays: fc.integer({ min: -100, max: 400 }),
      npsScore: fc.integer({ min: 0, max: 10 }),
      contactDecline: fc.double({ min: 0, max: 1, noNaN: true }),
      overdueRatio: fc.double({ min: 0, max: 50, noNaN: true }),
      cancellationNotice: fc.boolean(),
    },
    { requiredKeys: [] },
  );
  const probability = fc.double({ min: 0, max: 1, noNaN: true });

  it('is the sum of the baseline and the contributions, to 1e-12', () => {
    fc.assert(
      fc.property(
        fc.option(probability),
        signals,
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        (pAlive, given, base) => {
          const score = churnScore({
            pAlive,
            signals: given,
            baseline: { churnProbability: base },
            notModelled,
          });
          const sum = score.drivers.reduce(
            (total, driver) => total + driver.logOddsContribution,
            logit(base),
          );
          expect(Math.abs(sum - score.logOdds)).toBeLessThan(1e-12);
          if (score.churnProbability !== null)
            expect(Math.abs(score.churnProbability - 1 / (1 + Math.exp(-sum)))).toBeLessThan(1e-12);
          expect(score.churnProbability === null).toBe(pAlive === null);
        },
      ),
    );
  });

  it('never falls when a signal against the customer is added', () => {
    fc.assert(
      fc.property(probability, signals, (pAlive, given) => {
        const without = churnScore({ pAlive, signals: {}, baseline }).logOdds;
        expect(churnScore({ pAlive, signals: given, baseline }).logOdds).toBeGreaterThanOrEqual(
          without - 1e-12,
        );
      }),
    );
  });

  it('lists the largest reason first, each with a sentence', () => {
    const score = churnScore({
      pAlive: 0.5,
      signals: { openComplaint: { severity: 1 }, npsScore: 3, contractEndsInDays: 45 },
      baseline,
    });
    expect(score.drivers.map((driver) => driver.name)).toEqual([
      'openComplaint',
      'npsDetractor',
      'contractEndNear',
      'silence',
    ]);
    expect(score.drivers[2]).toMatchObject({ logOddsContribution: 0.5, value: 45 });
    score.drivers.forEach((driver) => expect(driver.explanation).toMatch(/\.$/));
  });

  it('does not count silence twice: with a model the overdue ratio is shown and adds nothing', () => {
    const score = churnScore({ pAlive: 0.5, signals: { overdueRatio: 4 }, baseline });
    expect(score.drivers.find((driver) => driver.name === 'overdueRatio')?.logOddsContribution).toBe(0);
  });

  it('counts it without a model, by doublings and at most three', () => {
    const contribution = (overdueRatio: number) =>
      churnScore({ pAlive: null, signals: { overdueRatio }, baseline, notModelled }).drivers[0]
        ?.logOddsContribution;
    expect(contribution(2)).toBeCloseTo(0.7, 12);
    expect(contribution(100)).toBeCloseTo(2.1, 12);
    expect(contribution(0.5)).toBeUndefined();
  });

  it('is at least 0.9 after a cancellation notice, however loyal the customer was', () => {
    const score = churnScore({ pAlive: 0.9999, signals: { cancellationNotice: true }, baseline });
    expect(score.churnProbability).toBeCloseTo(0.9, 12);
    expect(score.band).toBe('high');
  });

  it('stays finite where the model is certain (BG/NBD says 1 for one-time buyers)', () => {
    expect(churnScore({ pAlive: 1, signals: {}, baseline }).churnProbability).toBeCloseTo(0.001, 12);
    expect(churnScore({ pAlive: 0, signals: {}, baseline }).churnProbability).toBeCloseTo(0.999, 12);
  });

  it('is high from 1 - P(alive) of .7, as rule G3 asks, and medium from .4', () => {
    const band = (pAlive: number) => churnScore({ pAlive, signals: {}, baseline }).band;
    expect([band(0.29), band(0.31), band(0.59), band(0.61)]).toEqual(['high', 'medium', 'medium', 'low']);
  });

  describe('when no model speaks for the customer', () => {
    const low = { churnProbability: 0.2 };

    it('gives a band and no probability', () => {
      const score = churnScore({
        pAlive: null,
        signals: {},
        baseline: low,
        notModelled: { ...notModelled, band: 'medium' },
      });
      expect(score).toMatchObject({
        modelled: false,
        churnProbability: null,
        band: 'medium',
        bandBasis: 'recencyQuintile',
      });
    });

    it('lets the signals worsen the band, never better it', () => {
      const grave = { openComplaint: { severity: 1 as const }, uncuredDefault: true };
      expect(churnScore({ pAlive: null, signals: grave, baseline: low, notModelled })).toMatchObject({
        band: 'high',
        bandBasis: 'signals',
      });
      expect(
        churnScore({
          pAlive: null,
          signals: {},
          baseline: low,
          notModelled: { ...notModelled, band: 'high' },
        }).band,
      ).toBe('high');
    });

    it('needs that band', () => {
      expect(() => churnScore({ pAlive: null, signals: {}, baseline })).toThrow(
        expect.objectContaining({ code: 'ANALYTICS_BAD_SIGNAL' }),
      );
    });
  });

  it('takes a table of weights of the tenant', () => {
    const weights = { ...defaultDriverWeights, uncuredDefault: 2.5 };
    const score = churnScore({ pAlive: 0.45, signals: { uncuredDefault: true }, baseline, weights });
    expect(score.drivers[0]).toMatchObject({ name: 'uncuredDefault', logOddsContribution: 2.5 });
  });

  it.each([
    ['P(alive) above 1', { pAlive: 1.2 }, 'ANALYTICS_BAD_PROBABILITY'],
    ['P(alive) that is not a number', { pAlive: NaN }, 'ANALYTICS_BAD_PROBABILITY'],
    ['a certain baseline', { baseline: { churnProbability: 1 } }, 'ANALYTICS_BAD_PROBABILITY'],
    ['a Net Promoter answer of 11', { signals: { npsScore: 11 } }, 'ANALYTICS_BAD_SIGNAL'],
    ['a severity of 5', { signals: { openComplaint: { severity: 5 as never } } }, 'ANALYTICS_BAD_SIGNAL'],
    ['a decline above 1', { signals: { contactDecline: 1.1 } }, 'ANALYTICS_BAD_SIGNAL'],
    ['an infinite overdue ratio', { signals: { overdueRatio: Infinity } }, 'ANALYTICS_BAD_SIGNAL'],
    ['a contract end that is not a number', { signals: { contractEndsInDays: NaN } }, 'ANALYTICS_BAD_SIGNAL'],
  ])('refuses %s with a code', (_, change, code) => {
    expect(() => churnScore({ pAlive: 0.5, signals: {}, baseline, ...change })).toThrow(
      expect.objectContaining({ name: 'AnalyticsInputError', code }),
    );
  });
});
