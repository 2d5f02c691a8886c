import { describeProjection } from '@rapport/testing';
import { contextAt, CustomerEvents, foldAll, readerOf } from '../_parts/customer-events.builder.js';
import type { CustomerClassesDocument } from './customer-classes.model.js';
import { customerClasses } from './customer-classes.projection.js';
import { classes, customer, members } from './customer-classes.queries.js';

const customerNumber = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const AT = contextAt('2026-06-01T00:00:00.000Z');

function classified(
  n: number,
  valueMinor: number,
  potentialMinor: number,
  serviceGradeWanted: 'low' | 'high',
  customerClass?: number,
  currency = 'EUR',
): CustomerEvents {
  const money = (amountMinor: number) => ({ amountMinor, currency });
  return registered(n).record('CustomerClassified', {
    ...(customerClass === undefined ? {} : { class: customerClass }),
    value: money(valueMinor),
    potentialValue: money(potentialMinor),
    serviceGradeWanted,
    highValueFrom: money(100_000),
    highPotentialFrom: money(80_000),
    ruleBookVersion: 'default-1',
  });
}
const registered = (n: number): CustomerEvents =>
  new CustomerEvents(customerNumber(n)).record('CustomerRegistered', {
    roles: ['customer'],
    identifiers: [{ type: 'customerNo', value: 'pv1.x' }],
    acquisitionChannel: 'web',
    groupCode: n % 2 === 0 ? 'corporation' : 'consumer',
  });

const documentsOf = (...customers: CustomerEvents[]): Map<string, CustomerClassesDocument> =>
  foldAll<CustomerClassesDocument>(customerClasses, customers.flatMap(({ events }) => events)); // prettier-ignore

const SIX = [
  classified(1, 10, 10, 'high', 1),
  classified(2, 10, 90_000, 'low', 2),
  classified(3, 200_000, 0, 'high', 3).record('ServiceLevelSet', { level: 'premium', slaHours: 24, reason: 'class', ruleBookVersion: 'default-1' }), // prettier-ignore
  classified(4, 150_000, 0, 'low', 4, 'USD'),
  classified(5, 1, 1, 'low'),
  registered(6),
];

describe('Customer classes', () => {
  it('counts each class with what it is worth, and who was never looked at apart', async () => {
    const answer = await classes.run(await readerOf(customerClasses, documentsOf(...SIX)), {}, AT);
    expect(answer.customers).toBe(6);
    expect(answer.classes.map((one) => [one.class, one.customers])).toEqual([
      ['1', 1],
      ['2', 1],
      ['3', 1],
      ['4', 1],
      ['unclassified', 1],
      ['notLookedAt', 1],
    ]);
    expect(answer.classes[2]).toMatchObject({
      share: 1 / 6,
      worth: [{ currency: 'EUR', customers: 1, valueMinor: 200_000, potentialMinor: 0 }],
      serviceLevels: [{ level: 'premium', customers: 1 }],
    });
    expect(answer.classes[3]!.worth).toEqual([{ currency: 'USD', customers: 1, valueMinor: 150_000, potentialMinor: 0 }]); // prettier-ignore
    expect(answer.classes[5]!.worth).toEqual([]);
  });

  it('counts one group alone', async () => {
    const reader = await readerOf(customerClasses, documentsOf(...SIX));
    expect((await classes.run(reader, { groupCode: 'corporation' }, AT)).customers).toBe(3);
  });

  it('lists the members of a class, the most valuable first', async () => {
    const reader = await readerOf(
      customerClasses,
      documentsOf(classified(7, 300_000, 0, 'high', 3), classified(8, 900_000, 0, 'high', 3), ...SIX),
    );
    const page = await members.run(reader, { class: '3', limit: 2 }, AT);
    expect(page.rows.map((row) => row.value?.amountMinor)).toEqual([900_000, 300_000]);
    const rest = await members.run(reader, { class: '3', limit: 2, after: page.next! }, AT);
    expect(rest.rows).toMatchObject([{ customerId: customerNumber(3), serviceLevel: { level: 'premium' } }]);
  });

  it.each([
    [1, [{ class: '2', morePotential: euro(79_990) }, { class: '3', moreValue: euro(99_990) }, { class: '4', moreValue: euro(99_990), serviceGradeWanted: 'low' }]],
    [2, [{ class: '4', moreValue: euro(99_990) }, { class: '3', moreValue: euro(99_990), serviceGradeWanted: 'high' }]],
    [3, [{ class: '4', serviceGradeWanted: 'low' }]],
    [5, [{ class: '2', morePotential: euro(79_999) }, { class: '1', serviceGradeWanted: 'high' }, { class: '4', moreValue: euro(99_999) }, { class: '3', moreValue: euro(99_999), serviceGradeWanted: 'high' }]],
    [6, []],
  ] as const)('says what it would take customer %i to be in another class', async (n, ways) => {
    const reader = await readerOf(customerClasses, documentsOf(...SIX));
    const answer = await customer.run(reader, { customerId: customerNumber(n) }, AT);
    expect(answer!.whatItWouldTake).toEqual(ways);
  }); // prettier-ignore

  it('of a merged customer is the latest, in any order', () => {
    const documents = [...documentsOf(...SIX).values()];
    const combined = customerClasses.combine!(documents);
    expect(combined.serviceLevel?.level).toBe('premium');
    expect(customerClasses.combine!([...documents].reverse())).toMatchObject({
      classification: combined.classification,
      serviceLevel: combined.serviceLevel,
    });
  });
});

function euro(amountMinor: number) {
  return { amountMinor, currency: 'EUR' };
}

describeProjection(customerClasses, [
  {
    it: 'keeps the latest classification by business time, also when an older one is recorded later',
    given: (history) =>
      history
        .at('2026-02-01T00:00:00.000Z')
        .type('CustomerClassified', { class: 3 })
        .at('2026-01-01T00:00:00.000Z')
        .type('CustomerClassified', { class: 1 }),
    then: { ada: { classification: { customerClass: 3 } } },
  },
]);
