import fc from 'fast-check';
import { epochMsOf } from '@rapport/contracts';
import { timelineAfter, timelineFrom, timelinePlace } from './timeline-place.js';

const customer = fc.constantFrom(
  '11111111-1111-4111-8111-111111111111',
  '11111111-1111-4111-8111-111111111112',
  'ffffffff-ffff-4fff-8fff-ffffffffffff',
);
const instant = fc.oneof(
  fc.integer({ min: 0, max: 5 }),
  fc.integer({ min: epochMsOf('0001-01-01T00:00:00.000Z'), max: epochMsOf('9999-12-31T23:59:59.999Z') }),
);
const sequence = fc.oneof(fc.nat({ max: 40 }), fc.nat({ max: Number.MAX_SAFE_INTEGER }));

const CAUSE_FIRST = ['CustomerRegistered', 'PurchaseRecorded', 'RelationshipStageMoved'] as const;

describe('A place in the timeline', () => {
  it('sorts as a text like customer, instant, sequence and cause before effect do', () => {
    const place = fc.tuple(customer, instant, sequence, fc.constantFrom(...CAUSE_FIRST));
    fc.assert(
      fc.property(place, place, (a, b) => {
        const wanted =
          a[0] !== b[0]
            ? a[0] < b[0]
              ? -1
              : 1
            : Math.sign(a[1] - b[1] || a[2] - b[2] || CAUSE_FIRST.indexOf(a[3]) - CAUSE_FIRST.indexOf(b[3]));
        const [x, y] = [timelinePlace(...a), timelinePlace(...b)];
        expect(x < y ? -1 : x > y ? 1 : 0).toBe(wanted);
      }),
      { numRuns: 1_000 },
    );
  });

  it('lies within a span exactly when its instant does', () => {
    fc.assert(
      fc.property(
        customer,
        customer,
        instant,
        sequence,
        instant,
        instant,
        fc.constantFrom(...CAUSE_FIRST),
        (whose, asked, at, seq, from, to, type) => {
          const place = timelinePlace(whose, at, seq, type);
          const isWithin = place >= timelineFrom(asked, from) && place < timelineAfter(asked, to);
          expect(isWithin).toBe(whose === asked && at >= from && at <= to);
          expect(place >= timelineFrom(asked) && place < timelineAfter(asked)).toBe(whose === asked);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
