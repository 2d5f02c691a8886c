import { contractOf } from '@rapport/contracts';
import { describeProjection } from '@rapport/testing';
import { contextAt, CustomerEvents, foldAll, readerOf } from '../_parts/customer-events.builder.js';
import type { NextBestActionDocument, NextBestActionFunctions } from './next-best-action.model.js';
import { nextBestActionProjection } from './next-best-action.projection.js';
import { acceptance, ofCustomerWith } from './next-best-action.queries.js';

/** Rules that count events and advise to call, with what they were told. */
const counting: NextBestActionFunctions<{ events: number }> = {
  initial: () => ({ events: 0 }),
  evolve: (state, event: { readonly type: string }) =>
    contractOf(event.type) ? { events: state.events + 1 } : state,
  join: (states) => ({ events: states.reduce((sum, { events }) => sum + events, 0) }),
  actionsAt: ({ events }, atMs, { channel, experience }) => ({
    actions: ['call'],
    events,
    atMs,
    channel: channel ?? null,
    crossSell: experience.byStage.get('crossSell involvement') ?? null,
    byEmail: experience.byChannel.get('crossSell email') ?? null,
  }),
  version: 3,
};
const projection = nextBestActionProjection(counting);
const idOf = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const at = '2026-03-01T00:00:00.000Z';
const offered = (
  n: number,
  answer?: 'OfferAccepted' | 'OfferDeclined',
  fields: object = {},
): CustomerEvents => {
  const events = new CustomerEvents(idOf(n)).record(
    'OfferMade',
    { offerId: 'of-1', kind: 'crossSell', productId: 'p', channel: 'email', initiative: 'firm', stage: 'involvement', ...fields },
    { at },
  ); // prettier-ignore
  return answer === undefined ? events : events.record(answer, { offerId: 'of-1' }, { at });
};

describe('Next best action', () => {
  const documents = foldAll<NextBestActionDocument<{ events: number }>>(projection, [
    ...offered(1, 'OfferAccepted').events,
    ...offered(2, 'OfferDeclined').events,
    ...offered(3).events,
    ...offered(4, 'OfferAccepted', { initiative: 'customer' }).events,
    ...offered(5, 'OfferDeclined', { kind: 'upSell', channel: 'callCentre' }).events,
  ]);
  const ask = ofCustomerWith(counting);

  it('hands the rules what they know of the customer and what everybody’s answers teach', async () => {
    const reader = await readerOf(projection, documents);
    expect(await ask.run(reader, { customerId: idOf(1), channel: 'branch' }, contextAt(at))).toEqual({
      customerId: idOf(1),
      asOf: at,
      actions: ['call'],
      events: 2,
      atMs: Date.parse(at),
      channel: 'branch',
      crossSell: { answered: 2, accepted: 1 },
      byEmail: { answered: 2, accepted: 1 },
    });
    expect(await ask.run(reader, { customerId: idOf(9) }, contextAt(at))).toBeNull();
  });

  it('counts offers of ours alone, open ones as made', async () => {
    const answer = await acceptance.run(await readerOf(projection, documents), {}, contextAt(at));
    expect(answer.byStage).toEqual(
      expect.arrayContaining([
        { kind: 'crossSell', stage: 'involvement', made: 3, answered: 2, accepted: 1, acceptance: 0.5 },
        { kind: 'upSell', stage: 'involvement', made: 1, answered: 1, accepted: 0, acceptance: 0 },
      ]),
    );
    expect(answer.byStage).toHaveLength(2);
    expect(answer.byChannel.map(({ channel }) => channel).sort()).toEqual(['callCentre', 'email']);
  });

  it('advises merged customers as one', () => {
    const [first, second] = [documents.get(idOf(1))!, documents.get(idOf(3))!];
    expect(projection.combine!([first, second])).toEqual({ state: { events: 3 } });
  });
});

describeProjection(projection, [
  {
    it: 'keeps what the rules know of each customer, and a row for each offer of ours',
    given: (history) =>
      history
        .type('PurchaseRecorded')
        .type('OfferMade', { offerId: 'of-1', initiative: 'firm', kind: 'upSell', stage: 'intimacy' })
        .type('OfferDeclined', { offerId: 'of-1' }),
    then: {
      ada: { state: { events: 3 } },
      'ada/of-1': { offer: { kind: 'upSell', stage: 'intimacy', answer: 'declined' } },
    },
  },
]);
