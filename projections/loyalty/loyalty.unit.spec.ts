import fc from 'fast-check';
import { dayNumberOf, epochMsOf, MS_PER_DAY } from '@rapport/contracts';
import { describeProjection } from '@rapport/testing';
import type { RecordedEvent } from '@rapport/contracts';
import { contextAt, CustomerEvents, foldAll, readerOf } from '../_parts/customer-events.builder.js';
import { modeOn } from '../_parts/loyalty/loyalty-standing.js';
import { LOYALTY_MODES } from '../_parts/loyalty/loyalty.model.js';
import type { LoyaltyDocument } from './loyalty.model.js';
import { PURCHASE_DAYS_KEPT } from '../_parts/loyalty/loyalty.limits.js';
import { loyalty } from './loyalty.projection.js';
import { byMode, byRung, customer, ladder, modes } from './loyalty.queries.js';

const NOW = '2026-12-31T00:00:00.000Z';
const customerNumber = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const somebody = (n = 1): CustomerEvents => new CustomerEvents(customerNumber(n));

const bought = (events: CustomerEvents, ...days: readonly string[]): CustomerEvents => {
  for (const day of days) events.purchase(1_000, `${day}T10:00:00.000Z`);
  return events;
};
const contract = (events: CustomerEvents, startDate: string, endDate?: string): CustomerEvents =>
  events.record(
    'ContractSigned',
    {
      contractId: 'k-1',
      productId: 'care',
      startDate,
      ...(endDate === undefined ? {} : { endDate }),
      periodMonths: 12,
      autoRenew: false,
      noticeDays: 30,
    },
    { at: `${startDate}T08:00:00.000Z` },
  );
const nps = (events: CustomerEvents, score: number, day: string): CustomerEvents =>
  events.record('SurveyResponded', { instrument: 'NPS', score }, { at: `${day}T08:00:00.000Z` });
const wrote = (events: CustomerEvents, day: string): CustomerEvents =>
  events.record('TouchPointRecorded', { direction: 'in', kind: 'message' }, { at: `${day}T08:00:00.000Z` });

const documentOf = (events: CustomerEvents): LoyaltyDocument =>
  [...foldAll<LoyaltyDocument>(loyalty, events.events).values()][0]!;
const modeOf = (events: CustomerEvents, at = NOW) =>
  modeOn(documentOf(events).standing, dayNumberOf(epochMsOf(at)));

describe('The mode of loyalty', () => {
  it('is active for who buys again of their own will', () => {
    const twice = bought(somebody(), '2026-03-01', '2026-09-01');
    expect(modeOf(twice)).toBe('active');
    expect(modeOf(twice, '2026-06-01T00:00:00.000Z')).toBe('tooEarly');
  });

  it('is none before anything was bought, and too early to tell after a single purchase', () => {
    expect(modeOf(wrote(somebody(), '2026-12-01'))).toBe('neverBought');
    expect(modeOf(bought(somebody(), '2026-12-01'))).toBe('tooEarly');
  });

  it('is captive for who is bound and has no good word for us: silence is no satisfaction', () => {
    expect(modeOf(contract(somebody(), '2024-01-01'))).toBe('passiveCaptive');
    expect(modeOf(nps(contract(somebody(), '2024-01-01'), 8, '2026-11-01'))).toBe('passiveCaptive');
    expect(modeOf(nps(contract(somebody(), '2024-01-01'), 3, '2026-11-01'))).toBe('passiveCaptive');
    expect(modeOf(bought(contract(somebody(), '2024-01-01'), '2026-01-05', '2026-11-05'))).toBe(
      'passiveCaptive',
    );
  });

  it('is active for who is bound, stays for long and says so; the word does not count for ever', () => {
    const content = nps(contract(somebody(), '2024-01-01'), 9, '2025-01-01');
    expect(modeOf(content)).toBe('active');
    expect(modeOf(content, '2027-01-01T00:00:00.000Z')).toBe('active');
    expect(modeOf(content, '2027-01-02T00:00:00.000Z')).toBe('passiveCaptive');
  });

  it('is captive for who buys again and again and could hardly leave', () => {
    const bound = bought(somebody(), '2026-03-01', '2026-09-01');
    const measured = { trait: 'powerBalance', side: 'customer', method: 'survey' } as const;
    bound.record('RelationTraitRecorded', { ...measured, score: 20 }, { at: '2026-09-02T00:00:00.000Z' });
    expect(modeOf(bound)).toBe('passiveCaptive');
    bound.record('RelationTraitRecorded', { ...measured, score: 60 }, { at: '2026-10-02T00:00:00.000Z' });
    expect(modeOf(bound)).toBe('active');
  });

  it('is silent for who stopped buying and is still in touch, dormant for who is not', () => {
    const stopped = bought(somebody(), '2024-03-01', '2024-06-01', '2024-09-01');
    expect(modeOf(stopped)).toBe('dormant');
    expect(modeOf(wrote(stopped, '2026-06-01'))).toBe('passiveSilent');
  });

  it("waits three of the customer's own gaps, at least half a year", () => {
    const monthly = bought(somebody(), '2026-01-01', '2026-02-01', '2026-03-01');
    expect(modeOf(monthly, '2026-08-28T00:00:00.000Z')).toBe('active');
    expect(modeOf(monthly, '2026-08-29T00:00:00.000Z')).toBe('passiveSilent');
    const yearly = bought(somebody(), '2020-01-01', '2021-01-01', '2022-01-01');
    expect(modeOf(yearly, '2024-12-30T00:00:00.000Z')).toBe('active');
  });

  it('ends with a goodbye until they come back', () => {
    const left = bought(somebody(), '2026-01-01', '2026-03-01').record(
      'GoodbyeSaid',
      { reasonCode: 'customerLeft' },
      { at: '2026-04-01T00:00:00.000Z' },
    );
    expect(modeOf(left)).toBe('ended');
    expect(modeOf(bought(left, '2026-05-01'), '2026-10-01T00:00:00.000Z')).toBe('active');
  });

  it('is not bound by a contract that was given notice of or terminated', () => {
    const leaving = contract(bought(somebody(), '2026-05-01', '2026-10-01'), '2026-10-02', '2028-10-01');
    expect(modeOf(leaving)).toBe('passiveCaptive');
    leaving.record('ContractTerminated', {
      contractId: 'k-1',
      effectiveDate: '2026-11-01',
      reasonCode: 'withdrawal',
      byCustomer: true,
    });
    expect(modeOf(leaving)).toBe('active');
  });
});

describe('The ladder', () => {
  const referral = (events: CustomerEvents, referralId: string): CustomerEvents =>
    events.record('ReferralMade', { referralId });

  it('leads from suspect to advertiser', () => {
    const events = somebody().record('CustomerRegistered', { roles: ['customer'], identifiers: [], acquisitionChannel: 'web' }); // prettier-ignore
    const rung = () => documentOf(events).standing.rung;
    expect(rung()).toBe('suspect');
    wrote(events, '2026-01-02');
    expect(rung()).toBe('prospect');
    bought(events, '2026-01-03');
    expect(rung()).toBe('customer');
    nps(events, 9, '2026-01-04');
    expect(rung()).toBe('supporter');
    referral(events, 'r-1');
    expect(rung()).toBe('advocate');
    events.record('ReferralConverted', { referralId: 'r-1' });
    expect(rung()).toBe('advertiser');
  });

  it('is climbed by three recommendations, in private or in public', () => {
    const events = referral(referral(bought(somebody(), '2026-01-01'), 'r-1'), 'r-2');
    expect(documentOf(events).standing.rung).toBe('advocate');
    events.record('AdvocacyRecorded', { kind: 'testimonial' });
    expect(documentOf(events).standing.rung).toBe('advertiser');
  });

  it('is fallen from by a bad word, and a late good one does not hide it', () => {
    const events = referral(bought(somebody(), '2026-01-01'), 'r-1');
    events.record('AdvocacyRecorded', { kind: 'publicComplaint' }, { at: '2026-06-01T00:00:00.000Z' });
    expect(documentOf(events).standing.rung).toBe('customer');
    nps(events, 10, '2026-05-01');
    expect(documentOf(events).standing.rung).toBe('customer');
    nps(events, 10, '2026-07-01');
    expect(documentOf(events).standing.rung).toBe('supporter');
  });

  it('counts everybody on their rung and what recommendations brought, each currency for itself', async () => {
    const euro = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });
    const one = referral(bought(somebody(1), '2026-01-01'), 'r-1').record('ReferralConverted', { referralId: 'r-1', value: euro(900), margin: euro(300), cost: euro(100) });
    const two = somebody(2).record('ReferralMade', { referralId: 'r-1', cost: euro(50) });
    const both = somebody(3).record('ReferralMade', { referralId: 'r-1', cost: euro(50) }).record('ReferralConverted', { referralId: 'r-1', value: { amountMinor: 5, currency: 'USD' } });
    const left = bought(somebody(4), '2026-01-01').record('GoodbyeSaid', { reasonCode: 'customerLeft' });
    const answer = await ladder.run(await readerOf(loyalty, foldEach(one, two, both, left)), {}, contextAt(NOW));
    expect(answer.rungs.filter(({ customers }) => customers > 0)).toEqual([
      { rung: 'advocate', customers: 1, referralsMade: 1, referralsConverted: 0 },
      { rung: 'advertiser', customers: 2, referralsMade: 2, referralsConverted: 2 },
    ]);
    expect(answer).toMatchObject({
      former: 1,
      referralSales: [{ currency: 'EUR', valueMinor: 900, marginMinor: 300, costMinor: 150 }],
      severalCurrencies: 1,
    });
  }); // prettier-ignore
});

const foldEach = (...customers: readonly CustomerEvents[]): Map<string, LoyaltyDocument> =>
  foldAll<LoyaltyDocument>(
    loyalty,
    customers.flatMap(({ events }): RecordedEvent[] => events),
  );

describe('Loyalty figures', () => {
  /** A customer whose facts are chosen at random. */
  const life = fc.record({
    purchases: fc.array(fc.integer({ min: 0, max: 1_500 }), { maxLength: 5 }),
    contract: fc.option(fc.tuple(fc.integer({ min: 0, max: 1_400 }), fc.integer({ min: 30, max: 900 }))),
    survey: fc.option(fc.tuple(fc.integer({ min: 0, max: 1_500 }), fc.integer({ min: 0, max: 10 }))),
    touch: fc.option(fc.integer({ min: 0, max: 1_500 })),
    goodbye: fc.option(fc.integer({ min: 0, max: 1_500 })),
  });
  const dayOne = epochMsOf('2022-12-01T00:00:00.000Z');
  const isoOn = (day: number): string => new Date(dayOne + day * MS_PER_DAY).toISOString();
  const dateOn = (day: number): string => isoOn(day).slice(0, 10);

  it('count by indexes exactly the customers whose own mode it is, and list them all', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(life, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 0, max: 1_600 }),
        async (lives, asOfDay) => {
          const customers = lives.map((lived, n) => {
            const events = somebody(n + 1);
            for (const day of lived.purchases) events.purchase(100, isoOn(day));
            if (lived.contract)
              contract(events, dateOn(lived.contract[0]), dateOn(lived.contract[0] + lived.contract[1]));
            if (lived.survey) nps(events, lived.survey[1], dateOn(lived.survey[0]));
            if (lived.touch !== null) wrote(events, dateOn(lived.touch));
            if (lived.goodbye !== null)
              events.record('GoodbyeSaid', { reasonCode: 'customerLeft' }, { at: isoOn(lived.goodbye) });
            return events;
          });
          const documents = foldEach(...customers);
          const reader = await readerOf(loyalty, documents);
          const context = contextAt(isoOn(asOfDay));
          const day = dayNumberOf(context.asOfMs);
          const answer = await modes.run(reader, {}, context);
          for (const mode of LOYALTY_MODES) {
            const meant = [...documents].filter(([, { standing }]) => modeOn(standing, day) === mode);
            const figures = answer.modes.find((one) => one.mode === mode)!;
            expect(figures.customers).toBe(meant.length);
            expect(figures.satisfied).toBe(
              meant.filter(([, { standing }]) => standing.positiveUntilDay >= day).length,
            );
            const listed: string[] = [];
            for (let after: { values: readonly (string | number | null)[]; key: string } | undefined; ;) {
              const page = await byMode.run(reader, { mode, limit: 2, ...(after ? { after } : {}) }, context);
              listed.push(...page.rows.map((row) => row.customerId));
              expect(page.rows.every((row) => row.mode === mode)).toBe(true);
              if (!page.next) break;
              after = page.next;
            }
            expect(listed.sort()).toEqual(meant.map(([key]) => key).sort());
          }
          const early = [...documents.values()].filter(
            ({ standing }) => modeOn(standing, day) === 'tooEarly',
          );
          expect(answer.tooEarly).toBe(early.length);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('are of one group when asked so', async () => {
    const grouped = bought(somebody(1), '2026-03-01', '2026-09-01').record('CustomerGrouped', {
      groupCode: 'corporation',
    });
    const reader = await readerOf(
      loyalty,
      foldEach(grouped, bought(somebody(2), '2026-03-01', '2026-09-01')),
    );
    const of = async (groupCode?: 'corporation' | 'consumer') =>
      (await modes.run(reader, groupCode ? { groupCode } : {}, contextAt(NOW))).modes[0]!.customers;
    expect([await of(), await of('corporation'), await of('consumer')]).toEqual([2, 1, 0]);
  });

  it('show one customer with what is known and what is not', async () => {
    const reader = await readerOf(loyalty, foldEach(contract(somebody(), '2024-01-01')));
    expect(await customer.run(reader, { customerId: customerNumber(1) }, contextAt(NOW))).toMatchObject({
      mode: 'passiveCaptive',
      noModeReason: null,
      satisfaction: 'unknown',
      saidAt: null,
      bound: true,
      rung: 'customer',
      lastPurchaseDate: null,
    });
    expect(await customer.run(reader, { customerId: customerNumber(9) }, contextAt(NOW))).toBeNull();
  });

  it('list a rung, those whose recommendations sold most first', async () => {
    const sold = (n: number, times: number): CustomerEvents => {
      const events = somebody(n);
      for (let i = 0; i < times; i += 1)
        events.record('ReferralMade', { referralId: `r-${i}`, converted: true });
      return events;
    };
    const reader = await readerOf(loyalty, foldEach(sold(1, 1), sold(2, 3)));
    const { rows } = await byRung.run(reader, { rung: 'advertiser' }, contextAt(NOW));
    expect(rows.map((row) => [row.customerId, row.referralsConverted])).toEqual([
      [customerNumber(2), 3],
      [customerNumber(1), 1],
    ]);
  });

  it('of merged customers are one, in any order', () => {
    const parts = [
      nps(bought(somebody(1), '2026-01-01'), 9, '2026-02-01'),
      contract(bought(somebody(2), '2026-01-01', '2026-08-01'), '2026-01-01', '2027-01-01'),
      somebody(3).record('ReferralMade', { referralId: 'r', cost: { amountMinor: 5, currency: 'EUR' } }),
    ].map(documentOf);
    const combined = loyalty.combine!(parts);
    expect(combined).toMatchObject({ referralsMade: 1, standing: { transacts: true, rung: 'advocate' } });
    expect(combined.purchaseDays).toHaveLength(2);
    fc.assert(
      fc.property(fc.shuffledSubarray([0, 1, 2], { minLength: 3 }), (order) => {
        expect(loyalty.combine!(order.map((i) => parts[i]!))).toEqual(combined);
      }),
    );
  });

  it('keep a document of the same size however long somebody buys', () => {
    const events = somebody();
    for (let day = 0; day < 200; day += 1) events.purchase(1, dayOne + day * MS_PER_DAY);
    const document = documentOf(events);
    expect(document.purchaseDays).toHaveLength(PURCHASE_DAYS_KEPT);
    expect(document.purchaseDays[0]).toBe(dayNumberOf(dayOne));
  });
});

describeProjection(loyalty, [
  {
    it: 'keeps the latest word, also when an older one is recorded later',
    given: (history) =>
      history
        .at('2026-02-01T00:00:00.000Z')
        .type('SurveyResponded', { instrument: 'CSAT', score: 1 })
        .at('2026-01-01T00:00:00.000Z')
        .type('SurveyResponded', { instrument: 'CES', score: 1 }),
    then: { ada: { word: { satisfaction: 'negative' }, standing: { rung: 'prospect' } } },
  },
]);
