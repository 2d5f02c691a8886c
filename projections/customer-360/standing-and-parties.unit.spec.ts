import { epochMsOf } from '@rapport/contracts';
import { contextAt, CustomerEvents, foldAll, readerOf } from '../_parts/customer-events.builder.js';
import type { Customer360 } from './customer-360.model.js';
import { customer360 } from './customer-360.projection.js';
import { customerAnswerOf } from './customer-360.queries.js';
import { organisation } from './organisation.queries.js';

const NOW = '2026-06-01T00:00:00.000Z';
const numbered = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const euro = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });
const registered = (n = 1): CustomerEvents =>
  new CustomerEvents(numbered(n)).record('CustomerRegistered', { roles: ['customer'], identifiers: [{ type: 'email', value: 'pv1.e', verified: true }], acquisitionChannel: 'web' }, { at: '2026-01-01T00:00:00.000Z' }); // prettier-ignore
const answerOf = (given: CustomerEvents, at = NOW) =>
  customerAnswerOf(given.customerId, foldAll<Customer360>(customer360, given.events).get(given.customerId)!, epochMsOf(at)); // prettier-ignore

describe('The standing in the customer 360', () => {
  it('tells class, service level and strategic account with the events that say so', () => {
    const one = registered()
      .record('CustomerClassified', { class: 3, value: euro(10), potentialValue: euro(5), serviceGradeWanted: 'high', highValueFrom: euro(9), highPotentialFrom: euro(9), ruleBookVersion: 'default-1' }) // prettier-ignore
      .record('ServiceLevelSet', { level: 'premium', slaHours: 24, reason: 'class', ruleBookVersion: 'default-1' }) // prettier-ignore
      .record('StrategicAccountDesignated', { standing: 'candidate', needLevel: 5, sponsorId: 'board-1', jointProblems: [], reason: 'pv1.r', ruleBookVersion: 'default-1' }); // prettier-ignore
    expect(answerOf(one)).toMatchObject({
      classification: { class: 3, value: euro(10), eventId: one.events[1]!.eventId },
      serviceLevel: { level: 'premium', slaHours: 24 },
      strategic: { standing: 'candidate', sponsorId: 'board-1', planId: null },
    });
    one.record('StrategicAccountWithdrawn', { previousStanding: 'candidate', reason: 'pv1.r' });
    expect(answerOf(one).strategic).toBeNull();
    expect(answerOf(registered())).toMatchObject({
      classification: null,
      serviceLevel: null,
      strategic: null,
    });
  });

  it('follows changes of roles', () => {
    const one = registered().record('RolesChanged', { added: ['partner'], removed: ['customer'], reason: 'pv1.r' }); // prettier-ignore
    expect(answerOf(one).roles).toEqual(['partner']);
  });

  it('tells how good the data are', () => {
    const one = registered().record('DataStewardAppointed', { stewardId: 'steward-1' });
    expect(answerOf(one).dataQuality).toMatchObject({ stewardId: 'steward-1', completenessPct: 11, verifiedPct: 100, timelinessDays: 151 }); // prettier-ignore
  });

  it('shows components of commitment beside the trait itself', () => {
    const trait = { trait: 'commitment', side: 'customer', score: 80, method: 'survey' } as const;
    const one = registered()
      .record('RelationTraitRecorded', trait)
      .record('RelationTraitRecorded', { ...trait, component: 'continuity', score: 20 })
      .record('RelationTraitRecorded', { ...trait, component: 'continuity', score: 30 });
    expect(answerOf(one).relationship.traits.map(({ component, score }) => [component, score])).toEqual([
      [null, 80],
      ['continuity', 30],
    ]);
  });

  it('shows facts while they hold, those of special categories only while the customer expressly agrees', () => {
    const fact = { source: 'call', confidencePct: 90, value: 'pv1.v' } as const;
    const one = registered()
      .record('ConsentGranted', {
        purpose: 'specialCategories',
        channelScope: 'any',
        legalBasis: 'consent',
        textVersion: '1',
        expiresAt: '2026-05-01T00:00:00.000Z',
      }) // prettier-ignore
      .record('ProfileFactRecorded', { ...fact, category: 'sensitivity', key: 'latex' })
      .record('ProfileFactRecorded', { ...fact, category: 'taste', key: 'coffee', validTo: '2026-03-01' });
    const keysAt = (at: string) => answerOf(one, at).profileFacts.map(({ key }) => key);
    expect(keysAt('2026-03-01T12:00:00.000Z')).toEqual(['latex', 'coffee']);
    expect(keysAt('2026-04-01T00:00:00.000Z')).toEqual(['latex']);
    expect(keysAt('2026-05-02T00:00:00.000Z')).toEqual([]);
  });

  it('says which roles of parties still hold', () => {
    const link = { otherCustomerId: numbered(2), role: 'user' } as const;
    const one = registered().record('PartyLinked', { ...link, fromDate: '2026-01-01' });
    expect(answerOf(one).parties).toMatchObject([{ ...link, toDate: null, holds: true }]);
    one.record('PartyUnlinked', { ...link, toDate: '2026-03-31' });
    expect(answerOf(one).parties).toMatchObject([{ toDate: '2026-03-31', holds: false }]);
    expect(answerOf(one, '2026-03-31T20:00:00.000Z').parties[0]!.holds).toBe(true);
  });
});

describe('An organisation as a whole', () => {
  const linked = (
    one: CustomerEvents,
    n: number,
    role: 'user' | 'billing' | 'subsidiary',
    more: object = {},
  ) => one.record('PartyLinked', { otherCustomerId: numbered(n), role, fromDate: '2026-01-01', ...more });
  const asked = async (...customers: CustomerEvents[]) => {
    const documents = foldAll<Customer360>(customer360, customers.flatMap(({ events }) => events)); // prettier-ignore
    return organisation.run(
      await readerOf(customer360, documents),
      { customerId: numbered(1) },
      contextAt(NOW),
    );
  };

  it('adds up its parties, each once however many roles it plays, also through parties of parties', async () => {
    const group = linked(linked(linked(registered(1).purchase(1), 2, 'user'), 2, 'billing'), 3, 'subsidiary');
    const user = registered(2).purchase(10);
    const subsidiary = linked(linked(registered(3).purchase(100, undefined, 'USD'), 2, 'user'), 1, 'billing').record('ComplaintRaised', { caseId: 'c-1', reasonCode: 'lateDelivery', severity: 3, slaDueAt: NOW }); // prettier-ignore
    const answer = await asked(group, user, subsidiary, registered(4).purchase(1_000));
    expect(answer!.members.map(({ customerId, roles, distance }) => [customerId, roles, distance])).toEqual([
      [numbered(1), [], 0],
      [numbered(2), ['billing', 'user'], 1],
      [numbered(3), ['subsidiary'], 1],
    ]);
    expect(answer).toMatchObject({
      money: [
        { currency: 'EUR', purchasedMinor: 11, purchases: 2, netMinor: 11 },
        { currency: 'USD', purchasedMinor: 100 },
      ],
      openCases: 1,
      contacts: 4,
      selfServiceShare: 1,
      incomplete: false,
      unknownParties: [],
    });
  });

  it('leaves out roles that do not hold on the day, and names parties nobody knows', async () => {
    const group = linked(linked(linked(registered(1), 2, 'user', { toDate: '2026-05-31' }), 3, 'user', { fromDate: '2026-06-02' }), 4, 'user'); // prettier-ignore
    const answer = await asked(group, registered(2).purchase(1), registered(3).purchase(1));
    expect(answer!.members).toHaveLength(1);
    expect(answer).toMatchObject({ money: [], unknownParties: [numbered(4)] });
  });

  it('says when parties go deeper than it follows', async () => {
    const chain = [1, 2, 3, 4, 5].map((n) => linked(registered(n), n + 1, 'subsidiary'));
    expect(await asked(...chain, registered(6))).toMatchObject({ incomplete: true, members: { length: 5 } });
    expect(await asked(...chain.slice(0, 4), registered(5))).toMatchObject({ incomplete: false, members: { length: 5 } }); // prettier-ignore
  });

  it('is nothing for a customer nobody knows', async () => {
    expect(await asked(registered(2))).toBeNull();
  });
});
