import type { RecordedEvent } from '@rapport/contracts';
import { describeProjection } from '@rapport/testing';
import { contextAt, CustomerEvents, foldAll, readerOf } from '../_parts/customer-events.builder.js';
import type { DataQualityDocument } from './data-quality.model.js';
import { dataQuality } from './data-quality.projection.js';
import { customer, quality, worklist } from './data-quality.queries.js';

const customerNumber = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const AT = contextAt('2026-06-01T00:00:00.000Z');
const JANUARY = '2026-01-02T00:00:00.000Z';

const registered = (n: number, more: object = {}): CustomerEvents =>
  new CustomerEvents(customerNumber(n)).record(
    'CustomerRegistered',
    {
      roles: ['customer'],
      identifiers: [{ type: 'email', value: 'pv1.x', verified: true }],
      acquisitionChannel: 'web',
      ...more,
    },
    { at: JANUARY },
  );
const documentsOf = (...customers: CustomerEvents[]): Map<string, DataQualityDocument> =>
  foldAll<DataQualityDocument>(dataQuality, customers.flatMap(({ events }) => events)); // prettier-ignore
const answerFor = async (one: CustomerEvents) =>
  (await customer.run(await readerOf(dataQuality, documentsOf(one)), { customerId: one.customerId }, AT))!;

/** What was found of two customers, as it stands on its own stream. */
const match = (n: number, ...found: readonly { type: string; data: object }[]): RecordedEvent[] => {
  const template = new CustomerEvents(customerNumber(n)).purchase(1).events[0]!;
  return found.map(({ type, data }, i) => ({ ...template, eventId: `m-${n}-${i}`, type, data: data as never, streamId: `identity-${customerNumber(n)}`, revision: BigInt(i) })); // prettier-ignore
};
const change = (field: 'country' | 'postalCode' | 'address' | 'language', value: string | null) => ({ field, value, source: 'web', confidencePct: 100 }) as const; // prettier-ignore

describe('Data quality of a customer', () => {
  it('is complete when everything a person is expected to tell is known', async () => {
    const one = registered(1, { displayName: 'pv1.n', groupCode: 'consumer', country: 'NL' });
    const before = await answerFor(one);
    expect(before.missing).toEqual(['postalAddress', 'language', 'birthDate', 'channelPreference', 'consentAnswer']); // prettier-ignore
    expect(before.completenessPct).toBe(44);
    one
      .record('CustomerDetailsCorrected', {
        changes: [
          change('postalCode', 'pv1.p'),
          change('language', 'pv1.l'),
          { ...change('country', 'pv1.c'), field: 'birthDate' },
        ],
      })
      .record('PreferenceSet', { kind: 'channel', key: 'contact', value: 'pv1.v', source: 'web' })
      .record('ConsentDenied', { purpose: 'marketing', channelScope: 'any', textVersion: '1' });
    expect(await answerFor(one)).toMatchObject({ completenessPct: 100, missing: [], validityPct: 100 });
  });

  it('expects other things of a company, its decision maker too', async () => {
    const link = { otherCustomerId: customerNumber(9), role: 'decisionMaker' } as const;
    const one = registered(1, { groupCode: 'corporation' }).record('PartyLinked', { ...link, fromDate: '2026-01-01' }); // prettier-ignore
    expect((await answerFor(one)).missing).not.toContain('decisionMaker');
    one.record('PartyUnlinked', { ...link, toDate: '2026-02-01' });
    expect((await answerFor(one)).missing).toContain('decisionMaker');
    expect((await answerFor(one)).missing).toContain('registrationNumber');
  });

  it('knows an address as long as one part of it is left', async () => {
    const one = registered(1)
      .record('CustomerDetailsCorrected', {
        changes: [change('postalCode', 'pv1.p'), change('address', 'pv1.a')],
      }) // prettier-ignore
      .record('CustomerDetailsCorrected', { changes: [change('postalCode', null)] });
    expect((await answerFor(one)).missing).not.toContain('postalAddress');
    one.record('CustomerDetailsCorrected', { changes: [change('address', null)] });
    expect((await answerFor(one)).missing).toContain('postalAddress');
  });

  it('is valid as far as forms were right when values were recorded, and verified as far as proven', async () => {
    const one = registered(1, {
      identifiers: [
        { type: 'customerNo', value: 'pv1.x' },
        { type: 'email', value: 'pv1.y', verified: true },
      ],
      malformedIdentifiers: [1],
    })
      .record('IdentifierAdded', { identifierId: 'i-1', type: 'phone', value: 'pv1.z' })
      .record('CustomerDetailsCorrected', { changes: [change('country', 'pv1.c')], malformedFields: ['country'] }); // prettier-ignore
    expect(await answerFor(one)).toMatchObject({ validityPct: 33, malformed: ['email', 'country'], verifiedPct: 33 }); // prettier-ignore
    one
      .record('IdentifierRemoved', { type: 'email', value: 'pv1.y', reason: 'pv1.r' })
      .record('CustomerDetailsCorrected', { changes: [change('country', 'pv1.d')] });
    expect(await answerFor(one)).toMatchObject({ validityPct: 100, malformed: [], verifiedPct: 0 });
  });

  it('does not take what was never checked for wrong', async () => {
    expect(await answerFor(registered(1, { identifiers: [{ type: 'crm', value: 'pv1.x' }] }))).toMatchObject({ validityPct: null, uniquenessPct: null }); // prettier-ignore
  });

  it('is as fresh as the latest statement or assessment', async () => {
    const one = registered(1);
    expect((await answerFor(one)).timelinessDays).toBe(150);
    one.record(
      'DataQualityAssessed',
      { completenessPct: 50, validityPct: 90, uniquenessPct: 99, timelinessDays: 3, stewardId: 's-1' },
      { at: '2026-05-31T00:00:00.000Z' },
    );
    expect(await answerFor(one)).toMatchObject({ timelinessDays: 1, uniquenessPct: 99, assessment: { completenessPct: 50, at: '2026-05-31T00:00:00.000Z' } }); // prettier-ignore
  });
});

describe('Data quality of all customers', () => {
  const THREE = [
    registered(1, { displayName: 'pv1.n', groupCode: 'consumer', country: 'NL' }).record('DataStewardAppointed', { stewardId: 's-1' }), // prettier-ignore
    registered(2, { malformedIdentifiers: [0] }).record('DataStewardAppointed', { stewardId: 's-1' }),
    registered(3).record('PreferenceSet', { kind: 'channel', key: 'c', value: 'pv1.v', source: 'web' }, { at: '2026-05-30T00:00:00.000Z' }), // prettier-ignore
    registered(4).record('CustomerErased', { basis: 'request', keptForLaw: [] }),
  ];

  it('is told by steward, without those who were forgotten', async () => {
    const reader = await readerOf(dataQuality, documentsOf(...THREE));
    const answer = await quality.run(reader, { staleAfterDays: 100 }, AT);
    expect(answer.all).toMatchObject({ customers: 3, customersIncomplete: 3, customersInvalid: 1, customersStale: 2 }); // prettier-ignore
    expect(answer.stewards.map((one) => [one.stewardId, one.customers, one.customersStale])).toEqual([
      ['s-1', 2, 2],
      [null, 1, 0],
    ]);
    expect(answer.stewards[0]).toMatchObject({ meanValidityPct: 50, meanUniquenessPct: null, meanTimelinessDays: 150 }); // prettier-ignore
    expect(answer.stewards[0]!.meanCompletenessPct).toBeCloseTo((44 + 11) / 2, 1);
  });

  it('is measured by the limits of the rule book in force', async () => {
    const reader = await readerOf(dataQuality, documentsOf(...THREE));
    const dataQualityLimits = { completenessPctAtLeast: 30, validityPctAtLeast: 0, uniquenessPctAtLeast: 100, timelinessDaysAtMost: 149, ruleBookVersion: 'own-1' }; // prettier-ignore
    const answer = await quality.run(reader, {}, { ...AT, dataQualityLimits });
    expect(answer.limits).toEqual(dataQualityLimits);
    expect(answer.all).toMatchObject({ customersIncomplete: 2, customersInvalid: 0, customersStale: 2 });
    const ask = async (problem: 'incomplete' | 'malformed' | 'stale') =>
      (await worklist.run(reader, { problem }, { ...AT, dataQualityLimits })).rows.map((row) => row.customerId); // prettier-ignore
    expect(await ask('incomplete')).toEqual([2, 3].map(customerNumber));
    expect(await ask('malformed')).toEqual([]);
    expect(await ask('stale')).toEqual([1, 2].map(customerNumber));
  });

  it('makes a worklist for each problem, the worst first', async () => {
    const reader = await readerOf(dataQuality, documentsOf(...THREE));
    const ask = async (params: Parameters<typeof worklist.run>[1]) =>
      (await worklist.run(reader, params, AT)).rows.map((row) => row.customerId);
    expect(await ask({ problem: 'incomplete' })).toEqual([2, 3, 1].map(customerNumber));
    expect(await ask({ problem: 'incomplete', stewardId: 's-1' })).toEqual([2, 1].map(customerNumber));
    expect(await ask({ problem: 'malformed' })).toEqual([customerNumber(2)]);
    expect(await ask({ problem: 'stale', staleAfterDays: 100 })).toEqual([1, 2].map(customerNumber));
  });

  it('lists who was assessed as perhaps on file twice', async () => {
    const doubtful = registered(5).record('DataQualityAssessed', { completenessPct: 90, validityPct: 90, uniquenessPct: 60, timelinessDays: 1, stewardId: 's-1' }); // prettier-ignore
    const reader = await readerOf(dataQuality, documentsOf(...THREE, doubtful));
    const { rows } = await worklist.run(reader, { problem: 'doubtful' }, AT);
    expect(rows).toMatchObject([{ customerId: customerNumber(5), uniquenessPct: 60 }]);
  });

  it('expects as many duplicates as the undecided matches are strong, and says nothing before anybody looked', async () => {
    const matchesOf = async (...matches: readonly RecordedEvent[][]) => {
      const events = [...THREE.flatMap((one) => one.events), ...matches.flat()];
      const reader = await readerOf(dataQuality, foldAll<DataQualityDocument>(dataQuality, events));
      const answer = await quality.run(reader, {}, AT);
      expect(answer.all.customers).toBe(3);
      expect((await quality.run(reader, { groupCode: 'consumer' }, AT)).matches).toBeNull();
      return answer.matches;
    };
    expect(await matchesOf()).toMatchObject({ undecided: 0, expectedUniquenessPct: null });
    const customerIds = [customerNumber(1), customerNumber(2)];
    const proposed = {
      type: 'MatchProposed',
      data: { customerIds, rules: ['samePhone'], scorePct: 60 },
    } as const;
    const rejected = { type: 'MatchRejected', data: { customerIds, reasonCode: 'siblings' } } as const;
    const accepted = { type: 'MatchAccepted', data: { customerIds, mergeId: 'm' } } as const;
    expect(await matchesOf(match(1, proposed), match(2, proposed, rejected), match(3, accepted))).toEqual({
      undecided: 1,
      rejected: 1,
      merged: 1,
      expectedDuplicates: 0.6,
      expectedUniquenessPct: 80,
    });
  });

  it('of a merged customer knows what one of them knows, in any order', () => {
    const documents = [...documentsOf(...THREE).values()];
    const combined = dataQuality.combine!(documents);
    expect(combined).toMatchObject({ quality: { identifiers: { email: { count: 4, verified: 4, malformed: 1 } } } }); // prettier-ignore
    expect(dataQuality.combine!([...documents].reverse())).toEqual(combined);
  });
});

describeProjection(dataQuality, [
  {
    it: 'takes the steward appointed last',
    given: (history) =>
      history
        .type('DataStewardAppointed', { stewardId: 's-1' })
        .type('DataStewardAppointed', { stewardId: 's-2' }),
    then: { ada: { quality: { stewardId: 's-2' } } },
  },
]);
