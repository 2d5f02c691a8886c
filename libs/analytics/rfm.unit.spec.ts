import fc from 'fast-check';
import { cadence, notModelledBand, rfmBreakpoints, rfmScore } from './index.js';

const buyer = (recencyDays: number, frequency: number, monetaryMinor: number) => ({
  recencyDays,
  frequency,
  monetaryMinor,
});

describe('RFM', () => {
  const hundred = Array.from({ length: 100 }, (_, i) => buyer(i, 1 + i, i * 100));

  it('puts a fifth of the customers into each quintile, the best in 5', () => {
    const breakpoints = rfmBreakpoints(hundred);
    const counts = [0, 0, 0, 0, 0];
    for (const customer of hundred) counts[rfmScore(customer, breakpoints).monetary - 1]! += 1;
    expect(counts).toEqual([20, 20, 20, 20, 20]);
    expect(rfmScore(hundred[0]!, breakpoints).cell).toBe('511');
    expect(rfmScore(hundred[99]!, breakpoints).cell).toBe('155');
  });

  it('gives equal customers equal scores, also when most are equal', () => {
    const breakpoints = rfmBreakpoints([
      ...Array.from({ length: 60 }, () => buyer(10, 1, 500)),
      buyer(1, 9, 9000),
    ]);
    expect(rfmScore(buyer(10, 1, 500), breakpoints)).toEqual(rfmScore(buyer(10, 1, 500), breakpoints));
    expect(rfmScore(buyer(1, 9, 9000), breakpoints).monetary).toBe(5);
  });

  it('never ranks a customer lower for more purchases, more money or a later purchase', () => {
    const breakpoints = rfmBreakpoints(hundred);
    const figure = fc.integer({ min: 1, max: 120 });
    fc.assert(
      fc.property(figure, figure, (a, b) => {
        const [less, more] = [Math.min(a, b), Math.max(a, b)];
        const weak = rfmScore(buyer(more, less, less * 100), breakpoints);
        const strong = rfmScore(buyer(less, more, more * 100), breakpoints);
        expect(strong.recency).toBeGreaterThanOrEqual(weak.recency);
        expect(strong.frequency).toBeGreaterThanOrEqual(weak.frequency);
        expect(strong.monetary).toBeGreaterThanOrEqual(weak.monetary);
      }),
    );
  });

  it('bands a customer without a model by their own rhythm, else by recency, and flags it as not modelled', () => {
    expect(notModelledBand({ recency: 5 }, 3.2)).toEqual({
      modelled: false,
      band: 'high',
      basis: 'ownCadence',
    });
    expect(notModelledBand({ recency: 1 }, 0.4)).toEqual({
      modelled: false,
      band: 'low',
      basis: 'ownCadence',
    });
    expect(notModelledBand({ recency: 1 }, null)).toEqual({
      modelled: false,
      band: 'high',
      basis: 'recencyQuintile',
    });
    expect(notModelledBand({ recency: 3 }, null).band).toBe('medium');
  });

  it.each([
    ['nobody to rank', () => rfmBreakpoints([]), 'ANALYTICS_NO_CUSTOMERS'],
    ['a negative recency', () => rfmBreakpoints([buyer(-1, 1, 1)]), 'ANALYTICS_BAD_SUMMARY'],
    ['no purchase', () => rfmScore(buyer(1, 0, 1), rfmBreakpoints(hundred)), 'ANALYTICS_BAD_SUMMARY'],
    ['a sixth quintile', () => notModelledBand({ recency: 6 }, null), 'ANALYTICS_BAD_SUMMARY'],
    ['a negative ratio', () => notModelledBand({ recency: 3 }, -1), 'ANALYTICS_BAD_SUMMARY'],
  ])('refuses %s with a code', (_, act, code) => {
    expect(act).toThrow(expect.objectContaining({ code }));
  });
});

describe('Own cadence', () => {
  it('measures the silence in own median gaps', () => {
    expect(cadence([0, 10, 20, 60], 80)).toEqual({
      gaps: 3,
      medianGapDays: 10,
      averageGapDays: 20,
      daysSinceLast: 20,
      overdueRatio: 2,
    });
  });

  it('takes the middle of an even number of gaps', () => {
    expect(cadence([0, 4, 10, 30, 31], 31)?.medianGapDays).toBe(5);
  });

  it('knows no rhythm before three gaps', () => {
    expect(cadence([0, 10, 20], 90)).toMatchObject({
      gaps: 2,
      medianGapDays: null,
      overdueRatio: null,
      averageGapDays: 10,
    });
    expect(cadence([5], 90)).toMatchObject({ gaps: 0, averageGapDays: null });
    expect(cadence([], 90)).toBeNull();
  });

  it('does not mind order, repetition or days after the as-of day', () => {
    expect(cadence([60, 0, 10, 20, 10, 200], 80)).toEqual(cadence([0, 10, 20, 60], 80));
  });

  it('refuses a fractional day with a code', () => {
    expect(() => cadence([1.5], 3)).toThrow(expect.objectContaining({ code: 'ANALYTICS_BAD_TRANSACTION' }));
  });
});
