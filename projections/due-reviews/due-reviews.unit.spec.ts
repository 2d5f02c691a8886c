import { epochMsOf } from '@rapport/contracts';
import { describeProjection } from '@rapport/testing';
import type { RecordedEvent } from '@rapport/contracts';
import { contextAt, CustomerEvents, foldAll, readerOf } from '../_parts/customer-events.builder.js';
import type { DueReviewDocument } from './due-reviews.model.js';
import { dueReviewsProjection } from './due-reviews.projection.js';
import { due } from './due-reviews.queries.js';

/** A rule that looks again 30 days after the last touch and never after a goodbye. */
const thirtyDaysOfSilence = {
  initial: () => ({ lastMs: 0, gone: false }),
  evolve: (state: { lastMs: number; gone: boolean }, event: RecordedEvent) => {
    if (event.type === 'GoodbyeSaid') state.gone = true;
    state.lastMs = Math.max(state.lastMs, epochMsOf(event.metadata.occurredAt));
    return state;
  },
  nextReviewAtMs: (state: { lastMs: number; gone: boolean }) =>
    state.gone ? null : state.lastMs + 30 * 86_400_000,
  join: (a: { lastMs: number; gone: boolean }, b: { lastMs: number; gone: boolean }) => ({
    lastMs: Math.max(a.lastMs, b.lastMs),
    gone: a.gone || b.gone,
  }),
};
const dueReviews = dueReviewsProjection(thirtyDaysOfSilence);
const nextReviewOf = (document: DueReviewDocument): unknown =>
  dueReviews.indexes!['nextReviewAtMs']!(document as never);
const customerNumber = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const touchedOn = (n: number, at: string): CustomerEvents =>
  new CustomerEvents(customerNumber(n)).record(
    'TouchPointRecorded',
    { direction: 'in', kind: 'call' },
    { at },
  );

describe('Due reviews', () => {
  const documents = foldAll<DueReviewDocument>(dueReviews, [
    ...touchedOn(1, '2026-01-10T00:00:00.000Z').events,
    ...touchedOn(2, '2026-01-01T00:00:00.000Z').events,
    ...touchedOn(3, '2026-03-01T00:00:00.000Z').events,
    ...touchedOn(4, '2026-01-01T00:00:00.000Z').record('GoodbyeSaid', { reasonCode: 'customerLeft' }).events,
  ]);

  it('lists whose review fell due by an instant, the most overdue first', async () => {
    const page = await due.run(
      await readerOf(dueReviews, documents),
      {},
      contextAt('2026-02-15T00:00:00.000Z'),
    );
    expect(page.rows).toEqual([
      { customerId: customerNumber(2), dueAt: '2026-01-31T00:00:00.000Z' },
      { customerId: customerNumber(1), dueAt: '2026-02-09T00:00:00.000Z' },
    ]);
  });

  it('counts a review that falls due at the very instant', async () => {
    const reader = await readerOf(dueReviews, documents);
    const at = (by: string) => due.run(reader, { by }, contextAt('2030-01-01T00:00:00.000Z'));
    expect((await at('2026-01-31T00:00:00.000Z')).rows).toHaveLength(1);
    expect((await at('2026-01-30T23:59:59.999Z')).rows).toHaveLength(0);
  });

  it('moves on with every event, and never lists whom no rule waits for', () => {
    expect(nextReviewOf(documents.get(customerNumber(3))!)).toBe(epochMsOf('2026-03-31T00:00:00.000Z'));
    expect(nextReviewOf(documents.get(customerNumber(4))!)).toBeNull();
  });

  it('of merged customers follows from what is known of all of them', () => {
    const all = [1, 2, 3].map((n) => documents.get(customerNumber(n))!) as ReturnType<typeof dueReviews.initial>[]; // prettier-ignore
    expect(nextReviewOf(dueReviews.combine!(all))).toBe(epochMsOf('2026-03-31T00:00:00.000Z'));
    expect(nextReviewOf(dueReviews.combine!([...all].reverse()))).toBe(epochMsOf('2026-03-31T00:00:00.000Z'));
  });

  it('takes the version and the events from the functions', () => {
    const other = dueReviewsProjection({ ...thirtyDaysOfSilence, version: 7, events: ['GoodbyeSaid'] });
    expect(other).toMatchObject({ version: 7, events: ['GoodbyeSaid'] });
    expect(dueReviews).toMatchObject({ version: 1, events: '*' });
  });
});

describeProjection(dueReviews, [
  {
    it: 'keeps what the rules know of each customer',
    given: (history) =>
      history.at('2026-01-05T00:00:00.000Z').type('PurchaseRecorded').customer('bob').type('GoodbyeSaid'),
    then: {
      ada: { state: { lastMs: epochMsOf('2026-01-05T00:00:00.000Z'), gone: false } },
      bob: { state: { gone: true } },
    },
  },
]);
