import fc from 'fast-check';
import { purchaseDays as purchaseDaysOfTransactions } from '@rapport/analytics';
import {
  addPurchase,
  addRefund,
  buyingDays,
  combineLedgers,
  netMinorOf,
  transactionsOf,
} from './purchase-days.js';
import type { PurchaseLedger } from './purchase-days.js';

const fact = fc.record({
  refund: fc.boolean(),
  currency: fc.constantFrom('EUR', 'USD'),
  day: fc.integer({ min: 20_000, max: 20_030 }),
  amount: fc.nat({ max: 100_000 }),
});
type Fact = typeof fact extends fc.Arbitrary<infer T> ? T : never;

const ledgerOf = (facts: readonly Fact[]): PurchaseLedger => {
  const ledger: PurchaseLedger = {};
  for (const { refund, currency, day, amount } of facts)
    (refund ? addRefund : addPurchase)(ledger, currency, day, amount);
  return ledger;
};

describe('A ledger of purchase days', () => {
  it('is the same in whatever order the facts arrive', () => {
    fc.assert(
      fc.property(
        fc
          .array(fact)
          .chain((facts) =>
            fc.tuple(fc.constant(facts), fc.shuffledSubarray(facts, { minLength: facts.length })),
          ),
        ([facts, shuffled]) => expect(ledgerOf(shuffled)).toEqual(ledgerOf(facts)),
      ),
    );
  });

  it('is the union of its parts', () => {
    fc.assert(
      fc.property(fc.array(fact), fc.array(fact), (some, others) => {
        const whole = ledgerOf([...some, ...others]);
        expect(combineLedgers([ledgerOf(some), ledgerOf(others)])).toEqual(whole);
        expect(combineLedgers([ledgerOf(others), ledgerOf(some)])).toEqual(whole);
      }),
    );
  });

  it('makes purchases of one day one purchase day, of any amount', () => {
    const ledger = ledgerOf([
      { refund: false, currency: 'EUR', day: 3, amount: 0 },
      { refund: false, currency: 'EUR', day: 1, amount: 200 },
      { refund: false, currency: 'EUR', day: 1, amount: 300 },
      { refund: false, currency: 'USD', day: 1, amount: 7 },
    ]);
    expect(ledger['EUR']!.bought).toEqual([1, 500, 3, 0]);
    expect(buyingDays(ledger, 10)).toEqual([1, 3]);
    expect(buyingDays(ledger, 2)).toEqual([1]);
  });

  it('keeps refunds apart: more may come back in a day than was bought', () => {
    const ledger = ledgerOf([
      { refund: false, currency: 'EUR', day: 1, amount: 500 },
      { refund: true, currency: 'EUR', day: 2, amount: 800 },
    ]);
    expect(netMinorOf(ledger['EUR']!, 1)).toBe(500);
    expect(netMinorOf(ledger['EUR']!, 2)).toBe(-300);
    expect(buyingDays(ledger, 2)).toEqual([1]);
    expect(purchaseDaysOfTransactions(transactionsOf(ledger['EUR']!), 2)).toEqual([
      { dayNumber: 1, amountMinor: -300 },
    ]);
  });

  it('never leaves the whole numbers that are exact', () => {
    const ledger: PurchaseLedger = {};
    addPurchase(ledger, 'EUR', 1, Number.MAX_SAFE_INTEGER);
    addPurchase(ledger, 'EUR', 1, Number.MAX_SAFE_INTEGER);
    expect(ledger['EUR']!.bought).toEqual([1, Number.MAX_SAFE_INTEGER]);
  });
});
