import { fitRenewals, renewalSurvival, retentionRate } from './index.js';

/** Fader & Hardie 2007, table 1: survivors of 1,000 after each of seven annual renewals. */
const HIGH_END = [1000, 869, 743, 653, 593, 551, 517, 491];
const REGULAR = [1000, 631, 468, 382, 326, 289, 262, 241];
const perThousand = (fit: ReturnType<typeof fitRenewals>) =>
  Array.from({ length: 12 }, (_, year) => Math.round(1000 * renewalSurvival(fit, year + 1)));

describe('The sBG model of renewals', () => {
  it('fits the high end segment to a=.668, b=3.806, LL -1611.158 (Fader & Hardie 2007)', () => {
    const fit = fitRenewals(HIGH_END);
    expect(fit.status).toBe('converged');
    expect(fit.parameters.a).toBeCloseTo(0.6681, 4);
    expect(fit.parameters.b).toBeCloseTo(3.8061, 4);
    expect(fit.logLikelihood).toBeCloseTo(-1611.158, 3);
    expect(perThousand(fit)).toEqual([851, 747, 670, 610, 562, 522, 489, 460, 436, 414, 395, 378]);
  });

  it('fits the regular segment to a=.704, b=1.182, LL -1680.265 (Fader & Hardie 2007)', () => {
    const fit = fitRenewals(REGULAR);
    expect(fit.parameters.a).toBeCloseTo(0.7041, 4);
    expect(fit.parameters.b).toBeCloseTo(1.182, 4);
    expect(fit.logLikelihood).toBeCloseTo(-1680.265, 3);
    expect(perThousand(fit)).toEqual([627, 474, 388, 332, 292, 262, 239, 220, 204, 191, 180, 170]);
  });

  it('fits the regular segment after four renewals to a=.7637, b=1.2958, LL -1401.56 (Fader & Hardie 2014)', () => {
    const fit = fitRenewals(REGULAR.slice(0, 5));
    expect(fit.parameters.a).toBeCloseTo(0.7637, 4);
    expect(fit.parameters.b).toBeCloseTo(1.2958, 4);
    expect(fit.logLikelihood).toBeCloseTo(-1401.56, 2);
  });

  it('retains more the longer customers have stayed, and survives by the product of retention', () => {
    const fit = fitRenewals(HIGH_END);
    let product = 1;
    for (let age = 1; age <= 20; age += 1) {
      expect(retentionRate(fit, age + 1)).toBeGreaterThan(retentionRate(fit, age));
      product *= retentionRate(fit, age);
      expect(renewalSurvival(fit, age)).toBeCloseTo(product, 12);
    }
    expect(renewalSurvival(fit, 0)).toBe(1);
  });

  it('says when nobody left', () => {
    expect(fitRenewals([100, 100, 100]).status).toBe('churnNotIdentified');
  });

  it.each([
    ['survivors that rise', () => fitRenewals([10, 11]), 'ANALYTICS_BAD_SUMMARY'],
    ['fractions of survivors', () => fitRenewals([10, 9.5]), 'ANALYTICS_BAD_SUMMARY'],
    ['an empty cohort', () => fitRenewals([]), 'ANALYTICS_NO_CUSTOMERS'],
    ['a cohort before its first renewal', () => fitRenewals([10]), 'ANALYTICS_NO_CUSTOMERS'],
    [
      'renewal 0',
      () => retentionRate({ model: 'sbg', parameters: { a: 1, b: 1 } }, 0),
      'ANALYTICS_BAD_SUMMARY',
    ],
    [
      'bad parameters',
      () => renewalSurvival({ model: 'sbg', parameters: { a: 0, b: 1 } }, 1),
      'ANALYTICS_BAD_PARAMETERS',
    ],
  ])('refuses %s with a code', (_, act, code) => {
    expect(act).toThrow(expect.objectContaining({ code }));
  });
});
