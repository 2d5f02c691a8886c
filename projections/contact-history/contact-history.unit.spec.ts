import fc from 'fast-check';
import { compareForTimeline, EVENT_CONTRACTS } from '@rapport/contracts';
import { describeProjection } from '@rapport/testing';
import type { RecordedEvent } from '@rapport/contracts';
import type { PageEnd } from '@rapport/projection-engine';
import { contextAt, CustomerEvents, foldAll, readerOf } from '../_parts/customer-events.builder.js';
import { contactHistory } from './contact-history.projection.js';
import type { ContactHistoryEntry, ContactHistoryRow } from './contact-history.model.js';
import { history } from './contact-history.queries.js';

const NOW = contextAt('2026-12-31T00:00:00.000Z');

async function askFor(
  events: readonly RecordedEvent[],
  customerId: string,
  params: { from?: string; to?: string; limit?: number } = {},
): Promise<ContactHistoryEntry[]> {
  const reader = await readerOf(contactHistory, foldAll<ContactHistoryRow>(contactHistory, events));
  const entries: ContactHistoryEntry[] = [];
  for (let after: PageEnd | undefined; ;) {
    const page = await history.run(reader, { customerId, ...params, ...(after ? { after } : {}) }, NOW);
    entries.push(...page.rows);
    if (!page.next) return entries;
    after = page.next;
  }
}

describe('The contact history', () => {
  it('shows every kind of contact, newest first', async () => {
    const given = new CustomerEvents()
      .record('CustomerRegistered', {
        roles: ['customer'],
        identifiers: [{ type: 'email', value: 'pv1.token' }],
        displayName: 'pv1.name',
        acquisitionChannel: 'web',
      })
      .record('TouchPointRecorded', { direction: 'in', kind: 'call', subject: 'pv1.subject' })
      .purchase(1_999)
      .record('ComplaintRaised', {
        caseId: 'c-1',
        reasonCode: 'late',
        severity: 2,
        slaDueAt: '2026-02-01T00:00:00.000Z',
      })
      .record('ServiceCostRecorded', { amount: { amountMinor: 100, currency: 'EUR' }, activity: 'visit' })
      .record('RelationshipStageMoved', {
        from: 'contact',
        to: 'involvement',
        trigger: 'fact',
        reasonCode: 'firstPurchase',
        evidence: [],
        ruleBookVersion: 'default-1',
        daysInStage: 3,
      });
    const entries = await askFor(given.events, given.customerId);
    expect(entries.map(({ type, category, direction }) => [type, category, direction])).toEqual([
      ['RelationshipStageMoved', 'relationship', 'internal'],
      ['ComplaintRaised', 'service', 'in'],
      ['PurchaseRecorded', 'purchase', 'in'],
      ['TouchPointRecorded', 'touch', 'in'],
      ['CustomerRegistered', 'relationship', 'internal'],
    ]);
    expect(entries[3]!.details).toEqual({ direction: 'in', kind: 'call', subject: 'pv1.subject' });
    expect(JSON.stringify(entries[4])).not.toMatch(/pv1/);
  });

  it('shows 200 touches of the same millisecond, each once, over any size of page', async () => {
    const at = '2026-03-01T12:00:00.000Z';
    const given = new CustomerEvents();
    for (let i = 0; i < 200; i += 1)
      given.record('TouchPointRecorded', { direction: 'in', kind: 'pageView' }, { at, seq: i % 3 });
    const inOrder = [...given.events].sort(compareForTimeline).reverse();
    for (const limit of [1, 7, 50, 200]) {
      const entries = await askFor(given.events, given.customerId, { limit });
      expect(entries.map((entry) => entry.eventId)).toEqual(inOrder.map((event) => event.eventId));
    }
  });

  it('shows within one instant the cause before its effect, whatever their ids are', async () => {
    for (let n = 0; n < 20; n += 1) {
      const at = `2026-03-01T12:00:00.${String(n).padStart(3, '0')}Z`;
      const given = new CustomerEvents()
        .record('CustomerRegistered', { roles: ['customer'], identifiers: [], acquisitionChannel: 'web' }, { at })
        .purchase(1_999, at)
        .record(
          'RelationshipStageMoved',
          { from: 'contact', to: 'involvement', trigger: 'fact', reasonCode: 'firstPurchase', evidence: [], ruleBookVersion: 'default-1', daysInStage: 0 },
          { at },
        ); // prettier-ignore
      const entries = await askFor(given.events, given.customerId);
      expect(entries.map(({ type }) => type)).toEqual(['RelationshipStageMoved', 'PurchaseRecorded', 'CustomerRegistered']); // prettier-ignore
    }
  });

  it('is in timeline order however late the facts were recorded', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ minute: fc.nat({ max: 20 }), seq: fc.nat({ max: 3 }) }), { maxLength: 40 }),
        fc.integer({ min: 1, max: 9 }),
        async (touches, limit) => {
          const given = new CustomerEvents();
          for (const { minute, seq } of touches)
            given.record(
              'TouchPointRecorded',
              { direction: 'in', kind: 'appUse' },
              { at: 1_770_000_000_000 + minute * 60_000, seq },
            );
          const entries = await askFor(given.events, given.customerId, { limit });
          expect(entries.map((entry) => entry.eventId)).toEqual(
            [...given.events]
              .sort(compareForTimeline)
              .reverse()
              .map((event) => event.eventId),
          );
        },
      ),
      { numRuns: 40 },
    );
  });

  it('answers a span of business time, both ends included', async () => {
    const given = new CustomerEvents();
    for (const day of ['01', '02', '03', '04'])
      given.record(
        'TouchPointRecorded',
        { direction: 'out', kind: 'message' },
        { at: `2026-05-${day}T10:00:00.000Z` },
      );
    const entries = await askFor(given.events, given.customerId, {
      from: '2026-05-02T10:00:00.000Z',
      to: '2026-05-03T10:00:00.000Z',
    });
    expect(entries.map((entry) => entry.occurredAt)).toEqual([
      '2026-05-03T10:00:00.000Z',
      '2026-05-02T10:00:00.000Z',
    ]);
  });

  it('shows nobody else', async () => {
    const one = new CustomerEvents('11111111-1111-4111-8111-111111111111').purchase(100);
    const other = new CustomerEvents('11111111-1111-4111-8111-111111111112').purchase(200);
    expect(await askFor([...one.events, ...other.events], one.customerId)).toHaveLength(1);
  });

  describe('when a touch is corrected', () => {
    const given = new CustomerEvents().record('TouchPointRecorded', {
      direction: 'in',
      kind: 'call',
      sentiment: 40,
      durationS: 60,
    });
    const targetEventId = given.events[0]!.eventId;
    given
      .record('TouchPointCorrected', { targetEventId, changes: { sentiment: -20 }, reason: 'misheard' })
      .record('TouchPointCorrected', {
        targetEventId,
        changes: { sentiment: -50, direction: 'out' },
        reason: 'listened again',
      });

    it('answers the corrected fields and keeps the original and every correction', async () => {
      const entries = await askFor(given.events, given.customerId);
      expect(entries).toHaveLength(1);
      const [entry] = entries;
      expect(entry!.details).toEqual({ direction: 'out', kind: 'call', sentiment: -50, durationS: 60 });
      expect(entry!.direction).toBe('out');
      expect(entry!.original).toEqual({ direction: 'in', kind: 'call', sentiment: 40, durationS: 60 });
      expect(entry!.corrections.map((correction) => correction.reason)).toEqual([
        'misheard',
        'listened again',
      ]);
    });

    it('makes no row of a correction whose touch is not in the history', () => {
      expect(foldAll(contactHistory, given.events.slice(1)).size).toBe(0);
    });
  });

  it('keeps nothing of the event it was made from', () => {
    const given = new CustomerEvents().record('PurchaseRecorded', {
      orderId: 'o-1',
      total: { amountMinor: 5, currency: 'EUR' },
      lines: [{ productId: 'p', qty: 1, unitPrice: { amountMinor: 5, currency: 'EUR' } }],
    });
    const [row] = foldAll<ContactHistoryRow>(contactHistory, given.events).values();
    const data = given.events[0]!.data as { total: object; lines: object[] };
    expect(row!.details).toEqual(data);
    expect(row!.details['total']).not.toBe(data.total);
    expect((row!.details['lines'] as object[])[0]).not.toBe(data.lines[0]);
  });
});

describe('What the contact history shows', () => {
  /** Areas whose every event is something between the customer and us. */
  const AREAS = ['touch-points', 'agenda', 'needs', 'service', 'contracts', 'sales', 'consent'];

  it('is every event of the areas in which customers and we meet', () => {
    const missing = [...EVENT_CONTRACTS.values()]
      .filter(({ category, area }) => category === 'customer' && AREAS.includes(area))
      .map(({ type }) => type)
      .filter((type) => !(contactHistory.events as readonly string[]).includes(type));
    expect(missing).toEqual([]);
  });
});

describeProjection(contactHistory, [
  {
    it: 'makes one row a touch and none of a correction alone',
    given: (history) =>
      history.type('TouchPointRecorded').type('PurchaseRecorded').type('TouchPointCorrected'),
    then: (rows) =>
      expect(Object.values(rows)).toMatchObject([
        { type: 'TouchPointRecorded' },
        { type: 'PurchaseRecorded' },
      ]),
  },
]);
