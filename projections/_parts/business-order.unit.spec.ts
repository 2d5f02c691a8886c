import fc from 'fast-check';
import { epochMsOf, isoOf } from '@rapport/contracts';
import { compareStamps, epochMsOfRecorded, latestOf, supersedes } from './business-order.js';

describe('The instant of a recorded event', () => {
  it('is read digit by digit to the same millisecond', () => {
    const fourDigitYears = {
      min: epochMsOf('0001-01-01T00:00:00.000Z'),
      max: epochMsOf('9999-12-31T23:59:59.999Z'),
    };
    fc.assert(
      fc.property(fc.integer(fourDigitYears), (ms) => expect(epochMsOfRecorded(isoOf(ms))).toBe(ms)),
      { numRuns: 2_000 },
    );
  });

  it.each([
    '2024-02-29T23:59:59.999Z',
    '1997-09-30T00:00:00.000Z',
    '2000-03-01T00:00:00.000Z',
    '1900-02-28T12:00:00.000Z',
  ])('is right at the edges of the calendar: %s', (iso) =>
    expect(epochMsOfRecorded(iso)).toBe(epochMsOf(iso)),
  );

  it.each(['2026-01-05T09:00:00Z', '2026-01-05T10:00:00.000+01:00', '2026-01-05T09:00:00.123456Z'])(
    'is parsed when it is written otherwise: %s',
    (iso) => expect(epochMsOfRecorded(iso)).toBe(epochMsOf(iso)),
  );
});

describe('The order of business time', () => {
  const stamp = fc.record({
    atMs: fc.nat({ max: 3 }),
    seq: fc.nat({ max: 2 }),
    eventId: fc.constantFrom('a', 'b', 'c'),
  });

  it('is total, and the latest is the same whichever comes first', () => {
    fc.assert(
      fc.property(stamp, stamp, (a, b) => {
        expect(Math.sign(compareStamps(a, b))).toBe(-Math.sign(compareStamps(b, a)) + 0);
        expect(supersedes(a, b) || supersedes(b, a)).toBe(true);
        expect(latestOf(a, b)).toEqual(latestOf(b, a));
      }),
    );
  });
});
