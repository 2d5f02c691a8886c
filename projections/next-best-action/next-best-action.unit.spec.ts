import { describeProjection } from '@rapport/testing';
import { contextAt, CustomerEvents, foldAll, readerOf } from '../_parts/customer-events.builder.js';
import type { ActionsAt, OfferRow } from './next-best-action.model.js';
import { nextBestActionProjection } from './next-best-action.projection.js';
import { acceptance, ofCustomerWith } from './next-best-action.queries.js';

/** Rules that advise to call, with what they were told. */
const telling: ActionsAt<{ events: number }> = ({ events }, atMs, { channel, experience }) => ({
  actions: ['call'],
  events,
  atMs,
  channel: channel ?? null,
  crossSell: experience.byStage.get('crossSell involvement') ?? null,
  byEmail: experience.byChannel.get('crossSell email') ?? null,
});
const projection = nextBestActionProjection(telling as ActionsAt);
/** What the rules know of customers, as `due-reviews` keeps it. */
const states = { name: 'due-reviews', version: 1 };
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
  const documents = foldAll<OfferRow>(projection, [
    ...offered(1, 'OfferAccepted').events,
    ...offered(2, 'OfferDeclined').events,
    ...offered(3).events,
    ...offered(4, 'OfferAccepted', { initiative: 'customer' }).events,
    ...offered(5, 'OfferDeclined', { kind: 'upSell', channel: 'callCentre' }).events,
  ]);
  const ask = ofCustomerWith(telling as ActionsAt);

  it('hands the rules what they know of the customer and what everybody’s answers teach', async () => {
    const reader = await readerOf(projection, documents);
    const beside = { 'due-reviews': await readerOf(states, new Map([[idOf(1), { state: { events: 2 } }]])) };
    const asked = { customerId: idOf(1), channel: 'branch' };
    expect(await ask.run(reader, asked, contextAt(at), beside)).toEqual({
      customerId: idOf(1),
      asOf: at,
      actions: ['call'],
      events: 2,
      atMs: Date.parse(at),
      channel: 'branch',
      crossSell: { answered: 2, accepted: 1 },
      byEmail: { answered: 2, accepted: 1 },
    });
    expect(await ask.run(reader, { customerId: idOf(9) }, contextAt(at), beside)).toBeNull();
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
});

describeProjection(projection, [
  {
    it: 'keeps a row for each offer of ours and what became of it',
    given: (history) =>
      history
        .type('OfferMade', { offerId: 'of-1', initiative: 'firm', kind: 'upSell', stage: 'intimacy' })
        .type('OfferDeclined', { offerId: 'of-1' }),
    then: {
      'ada/of-1': { offer: { kind: 'upSell', stage: 'intimacy', answer: 'declined' } },
    },
  },
]);
