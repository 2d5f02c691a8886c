import fc from 'fast-check';
import { EVENT_CONTRACTS, epochMsOf, isoOf, MS_PER_DAY } from '@rapport/contracts';
import { describeProjection } from '@rapport/testing';
import type { EventType, Stage } from '@rapport/contracts';
import { contextAt, CustomerEvents, foldAll, readerOf } from '../_parts/customer-events.builder.js';
import { MAX_HOLDINGS, MAX_STAGE_HISTORY, MAX_TOUCHES } from './capped-lists.js';
import type { Customer360 } from './customer-360.model.js';
import { customer360 } from './customer-360.projection.js';
import { customer, customerAnswerOf, withoutRemovedIdentifiers } from './customer-360.queries.js';

const NOW = '2026-06-01T00:00:00.000Z';
const documentOf = (given: CustomerEvents): Customer360 =>
  foldAll<Customer360>(customer360, given.events).get(given.customerId)!;
const answerOf = (given: CustomerEvents, at = NOW) =>
  customerAnswerOf(given.customerId, documentOf(given), epochMsOf(at));
const registered = (id?: string): CustomerEvents =>
  new CustomerEvents(id).record(
    'CustomerRegistered',
    {
      roles: ['customer'],
      displayName: 'pv1.name',
      identifiers: [{ type: 'email', value: 'pv1.email', verified: true }],
      groupCode: 'consumer',
      country: 'NL',
      acquisitionChannel: 'web',
    },
    { at: '2026-01-01T00:00:00.000Z' },
  );
const moved = (given: CustomerEvents, from: Stage, to: Stage, at: string): CustomerEvents =>
  given.record(
    'RelationshipStageMoved',
    {
      from,
      to,
      trigger: 'fact',
      reasonCode: 'r',
      evidence: [],
      ruleBookVersion: 'default-1',
      daysInStage: 0,
    },
    { at },
  );
const money = (amountMinor: number, currency = 'EUR') => ({ amountMinor, currency });

describe('The customer 360', () => {
  it('begins with who the customer is, personal values unopened', () => {
    expect(answerOf(registered())).toMatchObject({
      displayName: 'pv1.name',
      identifiers: [{ type: 'email', value: 'pv1.email', verified: true }],
      roles: ['customer'],
      groupCode: 'consumer',
      country: 'NL',
      acquisitionChannel: 'web',
      ageOfRelationDays: 151,
      relationship: { stage: 'contact', since: '2026-01-01T00:00:00.000Z', daysInStage: 151 },
      erased: false,
    });
  });

  it('shows the latest details by business time, not the last recorded', () => {
    const change = (given: CustomerEvents, value: string | null, at: string): CustomerEvents =>
      given.record(
        'CustomerDetailsCorrected',
        { changes: [{ field: 'displayName', value, source: 'callCentre', confidencePct: 100 }] },
        { at },
      );
    const given = change(
      change(registered(), 'pv1.new', '2026-03-01T00:00:00.000Z'),
      'pv1.old',
      '2026-02-01T00:00:00.000Z',
    );
    expect(answerOf(given).displayName).toBe('pv1.new');
    expect(answerOf(change(given, null, '2026-04-01T00:00:00.000Z')).displayName).toBeNull();
  });

  it('forgets the person on erasure and keeps what is no person', () => {
    const given = registered()
      .record('ProfileFactRecorded', {
        category: 'taste',
        key: 'coffee',
        value: 'pv1.fact',
        source: 's',
        confidencePct: 80,
      })
      .purchase(1_000)
      .record('CustomerErased', { basis: 'request', keptForLaw: [] });
    expect(answerOf(given)).toMatchObject({
      erased: true,
      displayName: null,
      identifiers: [],
      profileFacts: [],
      money: [{ currency: 'EUR', purchasedMinor: 1_000 }],
    });
    expect(JSON.stringify(documentOf(given))).not.toMatch(/pv1\./);
  });

  it('removes the identifier where it can tell which, else leaves that to the edge', () => {
    const given = registered().record('IdentifierAdded', {
      identifierId: 'p-1',
      type: 'phone',
      value: 'pv1.phone',
    });
    given.record('IdentifierRemoved', { type: 'phone', value: 'pv1.otherToken', reason: 'gone' });
    expect(answerOf(given).identifiers.map(({ type }) => type)).toEqual(['email']);
    given.record('IdentifierAdded', { identifierId: 'e-2', type: 'email', value: 'pv1.email2' });
    given.record('IdentifierRemoved', { type: 'email', value: 'pv1.email2again', reason: 'gone' });
    expect(answerOf(given).identifiers).toHaveLength(2);
    expect(answerOf(given).removedIdentifiers).toEqual([
      { type: 'email', value: 'pv1.email2again', position: expect.any(Number) as number },
    ]);
  });

  it('lets the edge leave removed identifiers out once it has opened them', () => {
    const opened = {
      identifiers: [
        { type: 'email', value: 'ada@example.com', position: 0 },
        { type: 'email', value: 'Old@Example.com', position: 1 },
        { type: 'email', value: 'back@example.com', position: 4 },
        { type: 'phone', value: null, position: 0 },
      ],
      removedIdentifiers: [
        { type: 'email', value: 'old@example.com ', position: 2 },
        { type: 'email', value: 'back@example.com', position: 3 },
      ],
      stage: 'contact',
    };
    expect(withoutRemovedIdentifiers(opened)).toEqual({
      identifiers: [
        { type: 'email', value: 'ada@example.com' },
        { type: 'email', value: 'back@example.com' },
        { type: 'phone', value: null },
      ],
      stage: 'contact',
    });
  });

  it('leaves out one of several hidden identifiers for each that was removed', () => {
    const hidden = (type: string, position: number) => ({ type, value: '•••', position });
    const answer = withoutRemovedIdentifiers({
      identifiers: [hidden('email', 0), hidden('email', 1), hidden('phone', 0)],
      removedIdentifiers: [hidden('email', 2)],
    });
    expect(answer.identifiers.map(({ type }) => type)).toEqual(['email', 'phone']);
  });

  it('tells the stage, since when, and every stage before', () => {
    const given = moved(moved(registered(), 'contact', 'involvement', '2026-02-01T00:00:00.000Z'), 'involvement', 'deterioration', '2026-05-01T00:00:00.000Z'); // prettier-ignore
    expect(answerOf(given).relationship).toMatchObject({ stage: 'deterioration', daysInStage: 31 });
    expect(answerOf(given).relationship.history.map(({ stage, how, since }) => [stage, how, since])).toEqual([
      ['contact', 'registered', '2026-01-01T00:00:00.000Z'],
      ['involvement', 'rule', '2026-02-01T00:00:00.000Z'],
      ['deterioration', 'rule', '2026-05-01T00:00:00.000Z'],
    ]);
  });

  it('says how long an override holds, until it no longer does', () => {
    const given = registered().record('RelationshipStageOverridden', {
      from: 'contact',
      to: 'intimacy',
      reasonCode: 'override',
      note: 'n',
      evidence: [],
      ruleBookVersion: 'default-1',
      daysInStage: 1,
      holdUntil: '2026-03-01T00:00:00.000Z',
    });
    expect(answerOf(given, '2026-02-01T00:00:00.000Z').relationship.heldUntil).toBe(
      '2026-03-01T00:00:00.000Z',
    );
    expect(answerOf(given).relationship.heldUntil).toBeNull();
  });

  it('shows a repair until it is concluded or the rules moved on', () => {
    const repair = { repairId: 'r-1', ownerId: 'am-7', caseIds: ['c-1'], contactAttempts: [], plan: 'call', dueAt: '2026-05-01T00:00:00.000Z' }; // prettier-ignore
    const given = moved(
      registered().record('RepairStarted', repair),
      'deterioration',
      'repair',
      '2026-03-01T00:00:00.000Z',
    );
    expect(answerOf(given).relationship.repair).toMatchObject({ repairId: 'r-1', overdue: true });
    expect(
      answerOf(moved(given, 'repair', 'involvement', '2026-04-01T00:00:00.000Z')).relationship.repair,
    ).toBeNull();
  });

  it('lists open cases with their state and deadline', () => {
    const given = registered()
      .record('ComplaintRaised', {
        caseId: 'c-1',
        reasonCode: 'late',
        severity: 2,
        slaDueAt: '2026-01-05T00:00:00.000Z',
      })
      .record('CaseOpened', {
        caseId: 'constructor',
        kind: 'question',
        severity: 3,
        slaDueAt: '2026-12-01T00:00:00.000Z',
      })
      .record('CaseAcknowledged', { caseId: 'c-1', handlerId: 'agent-3' });
    expect(answerOf(given).openCases).toMatchObject([
      { caseId: 'c-1', kind: 'complaint', status: 'acknowledged', handlerId: 'agent-3', beyondSla: true },
      { caseId: 'constructor', kind: 'question', status: 'opened', beyondSla: false },
    ]);
    given.record('ResolutionAccepted', { caseId: 'c-1' });
    expect(answerOf(given).openCases.map(({ caseId }) => caseId)).toEqual(['constructor']);
    given.record('CaseReopened', { caseId: 'c-1', reasonCode: 'again' });
    expect(answerOf(given).openCases).toContainEqual(
      expect.objectContaining({ caseId: 'c-1', status: 'reopened', severity: 2 }),
    );
  });

  it('adds up money by currency, what is owed too', () => {
    const given = registered()
      .purchase(5_000)
      .purchase(0)
      .purchase(700, undefined, 'USD')
      .record('ReturnRecorded', { orderId: 'o', refund: money(6_000), reasonCode: 'broken' })
      .record('InvoiceIssued', { invoiceId: 'i-1', amount: money(900), dueDate: '2026-02-01' })
      .record('PaymentReceived', { invoiceId: 'i-1', amount: money(400) })
      .record('DefaultDeclared', { invoiceId: 'i-1', amount: money(500) });
    expect(answerOf(given).money).toEqual([
      {
        currency: 'EUR',
        purchasedMinor: 5_000,
        purchases: 2,
        refundedMinor: 6_000,
        returns: 1,
        netMinor: -1_000,
        invoicedMinor: 900,
        paidMinor: 400,
        outstandingMinor: 500,
        inDefaultMinor: 500,
        writtenOffMinor: 0,
        serviceCostMinor: 0,
      },
      expect.objectContaining({ currency: 'USD', netMinor: 700 }),
    ]);
    given.record('DefaultCured', { invoiceId: 'i-1' });
    expect(answerOf(given).money[0]!.inDefaultMinor).toBe(0);
    given.record('WrittenOff', { invoiceId: 'i-1', amount: money(500), reasonCode: 'insolvency' });
    expect(answerOf(given).money[0]).toMatchObject({ writtenOffMinor: 500, outstandingMinor: 500 });
  });

  it('shows a contract from its signature over its activation and amendment to its end', () => {
    const given = registered().record('ContractSigned', {
      contractId: 'k-1',
      productId: 'basic',
      startDate: '2026-02-01',
      periodMonths: 1,
      autoRenew: false,
      noticeDays: 30,
      awaitsActivation: true,
    });
    expect(answerOf(given).contracts[0]).toMatchObject({ activeFrom: null, status: 'running' });
    given
      .record('ContractActivated', { contractId: 'k-1', activeFrom: '2026-02-03' })
      .record('ContractAmended', {
        contractId: 'k-1',
        effectiveDate: '2026-03-01',
        productId: 'premium',
        recurring: money(900),
        endDate: '2027-01-31',
        reasonCode: 'growth',
      });
    expect(answerOf(given).contracts[0]).toMatchObject({
      activeFrom: '2026-02-03',
      productId: 'premium',
      endDate: '2027-01-31',
      recurring: money(900),
    });
    given.record('ContractTerminated', {
      contractId: 'k-1',
      effectiveDate: '2026-04-01',
      reasonCode: 'breach',
      byCustomer: false,
    });
    expect(answerOf(given).contracts[0]).toMatchObject({ endDate: '2026-04-01', status: 'ended' });
  });

  it('shows which fraud signals were confirmed', () => {
    const given = registered()
      .record('FraudSignalRaised', { signalId: 'f-1', ruleId: 'velocity', score: 30 })
      .record('FraudSignalConfirmed', { signalId: 'f-1' });
    expect(answerOf(given).fraudSignals).toEqual([{ signalId: 'f-1', score: 30, confirmed: true }]);
  });

  it('knows what the customer holds, bought less returned', () => {
    const line = (productId: string, qty: number) => ({ productId, qty, unitPrice: money(1) });
    const given = registered()
      .record('PurchaseRecorded', { orderId: 'o-1', total: money(3), lines: [line('a', 2), line('b', 1)] })
      .record('ReturnRecorded', {
        orderId: 'o-1',
        refund: money(1),
        reasonCode: 'r',
        lines: [{ productId: 'b', qty: 1 }],
      });
    expect(answerOf(given).holdings).toMatchObject([{ productId: 'a', pieces: 2 }]);
  });

  it('keeps the latest consent of each purpose and channel, and sees one expire', () => {
    const scope = { purpose: 'marketing', channelScope: 'email' } as const;
    const given = registered()
      .record(
        'ConsentGranted',
        { ...scope, legalBasis: 'consent', textVersion: '1', expiresAt: '2026-05-01T00:00:00.000Z' },
        { at: '2026-03-01T00:00:00.000Z' },
      )
      .record('ConsentRevoked', scope, { at: '2026-02-01T00:00:00.000Z' });
    expect(answerOf(given, '2026-04-01T00:00:00.000Z').consents).toMatchObject([
      { ...scope, status: 'granted' },
    ]);
    expect(answerOf(given).consents).toMatchObject([{ ...scope, status: 'expired' }]);
  });

  it('keeps promises, offers, opportunities and contracts as long as they matter', () => {
    const given = registered()
      .record('PromiseMade', { promiseId: 'p-1', by: 'firm', what: 'callback', dueAt: '2026-02-01T00:00:00.000Z' })
      .record('PromiseMade', { promiseId: 'p-2', by: 'firm', what: 'price', dueAt: '2026-02-01T00:00:00.000Z' })
      .record('PromiseKept', { promiseId: 'p-1' })
      .record('PromiseBroken', { promiseId: 'p-2' })
      .record('OfferMade', { offerId: 'of-1', kind: 'crossSell', productId: 'x', channel: 'email', initiative: 'firm' })
      .record('OfferMade', { offerId: 'of-2', kind: 'crossSell', productId: 'x', channel: 'email', initiative: 'firm' })
      .record('OfferDeclined', { offerId: 'of-1' })
      .record('OpportunityOpened', { opportunityId: 'op-1', kind: 'new', initiative: 'firm', expected: money(9), probabilityPct: 40 })
      .record('OpportunityWon', { opportunityId: 'op-1', amount: money(9) })
      .record('ContractSigned', { contractId: 'k-1', productId: 'm', startDate: '2026-01-01', endDate: '2026-12-31', periodMonths: 12, autoRenew: false, noticeDays: 30 })
      .record('ContractCancelled', { contractId: 'k-1', effectiveDate: '2026-11-30', reasonCode: 'r', byCustomer: true }); // prettier-ignore
    expect(answerOf(given)).toMatchObject({
      promises: { kept: 1, broken: 1, pending: [{ promiseId: 'p-2', status: 'broken', overdue: true }] },
      openOffers: [{ offerId: 'of-2' }],
      opportunities: [],
      contracts: [{ contractId: 'k-1', status: 'noticeGiven', endDate: '2026-11-30' }],
    });
  });

  it('shows an opportunity as it was last advanced and revised, and again when it is reopened', () => {
    const opportunityId = 'op-1';
    const given = registered()
      .record('OpportunityOpened', { opportunityId, kind: 'new', initiative: 'firm', expected: money(9), probabilityPct: 40 })
      .record('OpportunityAdvanced', { opportunityId, from: 'identified', to: 'qualified' })
      .record('OpportunityRevised', { opportunityId, probabilityPct: 70, expectedCloseDate: '2026-05-01', ownerId: 'am-2' })
      .record('OpportunityLost', { opportunityId, lossReasonCode: 'price' }); // prettier-ignore
    expect(answerOf(given).opportunities).toEqual([]);
    given.record('OpportunityReopened', { opportunityId, initiative: 'customer', at: 'qualified' });
    expect(answerOf(given).opportunities).toMatchObject([
      { opportunityId, stage: 'qualified', probabilityPct: 70, expectedCloseDate: '2026-05-01', ownerId: 'am-2', expected: money(9) },
    ]); // prettier-ignore
  });

  it('counts contacts by channel and tells the share without a person of ours', () => {
    const given = registered()
      .record(
        'TouchPointRecorded',
        { direction: 'in', kind: 'call' },
        { channel: 'callCentre', actor: 'agent' },
      )
      .record('TouchPointRecorded', { direction: 'in', kind: 'pageView' }, { channel: 'web' })
      .record('TouchPointRecorded', { direction: 'in', kind: 'ivrPath' }, { channel: 'ivr' })
      .record('TouchPointRecorded', { direction: 'in', kind: 'pageView' }, { channel: 'web' });
    expect(answerOf(given).contact).toMatchObject({
      contacts: 4,
      selfServiceShare: 0.75,
      byChannel: [
        { channel: 'web', contacts: 2, selfService: 2 },
        { channel: 'callCentre', contacts: 1, selfService: 0 },
        { channel: 'ivr', contacts: 1, selfService: 1 },
      ],
    });
  });

  it('corrects a touch that is still shown', () => {
    const given = registered().record('TouchPointRecorded', { direction: 'in', kind: 'call', sentiment: 50 });
    given.record('TouchPointCorrected', {
      targetEventId: given.events[1]!.eventId,
      changes: { sentiment: -10, kind: 'visit' },
      reason: 'r',
    });
    expect(answerOf(given).contact.touches).toMatchObject([
      { about: 'visit', sentiment: -10, direction: 'in' },
    ]);
  });

  it('shows the last 50 contacts in timeline order, whatever the order they were recorded in', () => {
    const touches = fc.uniqueArray(
      fc.record({ minute: fc.nat({ max: 60 }), seq: fc.nat({ max: 4 }), id: fc.uuid() }),
      {
        maxLength: 120,
        selector: ({ id }) => id,
      },
    );
    fc.assert(
      fc.property(
        touches.chain((all) =>
          fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
        ),
        ([all, recorded]) => {
          const given = registered();
          for (const { minute, seq, id } of recorded)
            given.record(
              'TouchPointRecorded',
              { direction: 'in', kind: 'call' },
              { at: 1_770_000_000_000 + minute * 60_000, seq, eventId: id },
            );
          const wanted = [...all]
            .sort((a, b) => a.minute - b.minute || a.seq - b.seq || (a.id < b.id ? -1 : 1))
            .slice(-MAX_TOUCHES)
            .map(({ id }) => id);
          expect(
            answerOf(given)
              .contact.touches.map(({ eventId }) => eventId)
              .reverse(),
          ).toEqual(wanted);
          expect(answerOf(given).contact.contacts).toBe(all.length);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('stays small however long the relationship', () => {
    const given = registered();
    for (let i = 0; i < 300; i += 1) {
      given.record('PurchaseRecorded', { orderId: `o-${i}`, total: money(1), lines: [{ productId: `p-${i}`, qty: 1, unitPrice: money(1) }] }); // prettier-ignore
      moved(given, i % 2 === 0 ? 'contact' : 'involvement', i % 2 === 0 ? 'involvement' : 'contact', isoOf(1_800_000_000_000 + i * MS_PER_DAY)); // prettier-ignore
    }
    const document = documentOf(given);
    expect(document.touches).toHaveLength(MAX_TOUCHES);
    expect(document.stageHistory).toHaveLength(MAX_STAGE_HISTORY);
    expect(document.holdings).toHaveLength(MAX_HOLDINGS);
    expect(document.holdings.at(-1)!.productId).toBe('p-299');
    expect(JSON.stringify(document).length).toBeLessThan(30_000);
  });

  it('takes the example of every event it wants and stays a plain JSON value', () => {
    const given = registered();
    for (const type of customer360.events as readonly EventType[])
      given.record(type, EVENT_CONTRACTS.get(type)!.example as never);
    const document = documentOf(given);
    expect(JSON.parse(JSON.stringify(document))).toEqual(document);
    expect(() => customerAnswerOf('c', document, epochMsOf(NOW))).not.toThrow();
  });

  it('combines two customers into one, whichever comes first', () => {
    const one = documentOf(
      registered('11111111-1111-4111-8111-111111111111').purchase(100, '2026-02-01T00:00:00.000Z'),
    );
    const other = documentOf(
      moved(registered('22222222-2222-4222-8222-222222222222').purchase(200, '2026-02-02T00:00:00.000Z'), 'contact', 'involvement', '2026-02-02T00:00:00.000Z'), // prettier-ignore
    );
    const combined = customer360.combine!([one, other]);
    expect(customer360.combine!([other, one])).toEqual(combined);
    const answer = customerAnswerOf('c', combined, epochMsOf(NOW));
    expect(answer.money[0]).toMatchObject({ purchasedMinor: 300, purchases: 2 });
    expect(answer.contact.touches.map(({ type }) => type)).toEqual(['PurchaseRecorded', 'PurchaseRecorded']);
    expect(answer.relationship.stage).toBe('involvement');
  });

  it('combines what two customers removed without losing either', () => {
    const removed = (value: string): Customer360 => ({
      ...documentOf(registered()),
      removedIdentifiers: [{ type: 'email', value, position: 1 }],
    });
    const combined = customer360.combine!([removed('pv1.a'), removed('pv1.b')]);
    expect(combined.removedIdentifiers.map(({ value }) => value)).toEqual(['pv1.a', 'pv1.b']);
  });

  it('answers null for an unknown customer', async () => {
    const reader = await readerOf<Customer360>(customer360, new Map());
    expect(
      await customer.run(reader, { customerId: '22222222-2222-4222-8222-222222222222' }, contextAt(NOW)),
    ).toBeNull();
  });
});

describe('Loyalty in the customer 360', () => {
  it('is told with what shows it: who is bound and says nothing is captive, not content', () => {
    const given = new CustomerEvents().record(
      'ContractSigned',
      { contractId: 'k-1', productId: 'care', startDate: '2024-01-01', periodMonths: 12, autoRenew: true, noticeDays: 30 },
      { at: '2024-01-01T00:00:00.000Z' },
    ); // prettier-ignore
    expect(answerOf(given).loyalty).toMatchObject({
      mode: 'passiveCaptive',
      satisfaction: 'unknown',
      rung: 'customer',
    });
    given
      .record('ReferralMade', { referralId: 'r-1' }, { at: '2026-01-01T00:00:00.000Z' })
      .record('ReferralConverted', { referralId: 'r-1' });
    expect(answerOf(given).loyalty).toMatchObject({
      mode: 'active',
      rung: 'advertiser',
      referralsConverted: 1,
    });
  });
});

describeProjection(customer360, [
  {
    it: 'keeps each customer apart',
    given: (history) =>
      history
        .customer('ada')
        .type('CustomerRegistered')
        .type('PurchaseRecorded')
        .customer('bob')
        .type('ConsentGranted'),
    then: {
      ada: { stage: 'contact', money: { EUR: { purchases: 1 } } },
      bob: { registeredAtMs: null, consents: [{ status: 'granted' }] },
    },
  },
]);
