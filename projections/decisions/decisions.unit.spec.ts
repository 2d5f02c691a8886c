import { describeProjection, eventBuilder, testCustomerId } from '@rapport/testing';
import { contextAt, foldAll, readerOf } from '../_parts/customer-events.builder.js';
import type { DecisionRow } from './decisions.model.js';
import { decisions } from './decisions.projection.js';
import { books, customer } from './decisions.queries.js';

const NOW = contextAt('2026-03-01T00:00:00.000Z');
const told = () =>
  eventBuilder()
    .customer('ada')
    .at('2026-01-05T09:00:00.000Z')
    .type('RelationshipStageMoved', { ruleBookVersion: 'book-1' })
    .at('2026-02-05T09:00:00.000Z')
    .type('OfferSuppressed', { offerId: 'of-1', ruleBookVersion: 'book-2' })
    .customer('bob')
    .type('RelationshipStageMoved', { ruleBookVersion: 'book-2' })
    .build();
const reader = () => readerOf(decisions, foldAll<DecisionRow>(decisions, told()));

describe('Decisions', () => {
  it('of a customer are listed, the latest first, each with the book that decided', async () => {
    const { rows } = await customer.run(await reader(), { customerId: testCustomerId('ada') }, NOW);
    expect(rows.map(({ type, ruleBookVersion, occurredAt }) => [type, ruleBookVersion, occurredAt])).toEqual([
      ['OfferSuppressed', 'book-2', '2026-02-05T09:00:00.000Z'],
      ['RelationshipStageMoved', 'book-1', '2026-01-05T09:00:00.000Z'],
    ]);
    expect(rows[0]!.outcome).toMatchObject({ offerId: 'of-1', suppressedBy: ['stage'] });
  });

  it('of one book or one type are listed alone', async () => {
    const of = async (more: { ruleBookVersion?: string; type?: 'OfferSuppressed' }) =>
      (await customer.run(await reader(), { customerId: testCustomerId('ada'), ...more }, NOW)).rows.map(
        ({ ruleBookVersion }) => ruleBookVersion,
      );
    expect(await of({ ruleBookVersion: 'book-1' })).toEqual(['book-1']);
    expect(await of({ type: 'OfferSuppressed' })).toEqual(['book-2']);
  });

  it('are counted by book and type, also of a span of time', async () => {
    expect((await books.run(await reader(), {}, NOW)).books).toEqual([
      { ruleBookVersion: 'book-1', decisions: 1, byType: { RelationshipStageMoved: 1 } },
      { ruleBookVersion: 'book-2', decisions: 2, byType: { OfferSuppressed: 1, RelationshipStageMoved: 1 } },
    ]);
    const { books: late } = await books.run(await reader(), { from: '2026-02-01T00:00:00.000Z' }, NOW);
    expect(late.map(({ ruleBookVersion }) => ruleBookVersion)).toEqual(['book-2']);
  });
});

describeProjection(decisions, [
  {
    it: 'leaves out what a person decided without the rules',
    given: (history) => history.type('PromiseBroken'),
    then: (rows) => expect(rows).toEqual({}),
  },
]);
