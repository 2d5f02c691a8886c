import { describeProjection } from '@rapport/testing';
import { contextAt, CustomerEvents, foldAll, readerOf } from '../_parts/customer-events.builder.js';
import type { PrivacyDocument } from './privacy-requests.model.js';
import { privacyRequests } from './privacy-requests.projection.js';
import { customer, figures, waiting } from './privacy-requests.queries.js';

const request = (requestId: string, dueAt: string) => ({ requestId, basis: 'objection' as const, dueAt });

describeProjection(privacyRequests, [
  {
    it: 'keeps what is open and what holds, and counts the rest',
    given: (history) =>
      history
        .type('ErasureRequested', request('er-1', '2026-03-01T00:00:00.000Z'))
        .type('ErasureRequested', request('er-2', '2026-02-01T00:00:00.000Z'))
        .type('ErasureRequestClosed', { requestId: 'er-1', outcome: 'withdrawn', reasonCode: 'x' })
        .type('ProcessingRestricted', { scope: 'all', basis: 'legalClaims' })
        .type('CustomerDataExported', { exportId: 'ex-1', basis: 'access' }),
    then: {
      ada: {
        open: [{ requestId: 'er-2' }],
        restrictions: [{ scope: 'all', basis: 'legalClaims' }],
        answered: { withdrawn: 1 },
        exports: 1,
      },
    },
  },
  {
    it: 'answers every open request by the erasure',
    given: (history) =>
      history
        .type('ErasureRequested', request('er-1', '2026-01-04T00:00:00.000Z'))
        .type('CustomerErased', { basis: 'request', keptForLaw: [] }),
    then: { ada: { open: [], erased: true, answered: { erased: 1 }, answeredLate: 1 } },
  },
]);

describe('Requests about data', () => {
  const of = (id: string, from: number) =>
    new CustomerEvents(`00000000-0000-5000-8000-00000000000${id}`, (index) => BigInt(index + from));
  const ada = of('a', 1).record('ErasureRequested', request('er-1', '2026-03-01T00:00:00.000Z'));
  const ben = of('b', 100)
    .record('ErasureRequested', request('er-1', '2026-02-01T00:00:00.000Z'))
    .record('ProcessingRestricted', { scope: 'marketing', basis: 'objectionPending' });
  const carl = of('c', 200)
    .record('ProcessingRestricted', { scope: 'all', basis: 'legalClaims' })
    .record('RestrictionLifted', { scope: 'all', reasonCode: 'over' });
  const documents = foldAll<PrivacyDocument>(privacyRequests, [...ada.events, ...ben.events, ...carl.events]);
  const reader = () => readerOf(privacyRequests, documents);
  const NOW = contextAt('2026-02-15T00:00:00.000Z');

  it('wait in the order they are due', async () => {
    const { rows } = await waiting.run(await reader(), {}, NOW);
    expect(rows.map(({ customerId, open }) => [customerId, open[0]!.overdue])).toEqual([
      [ben.customerId, true],
      [ada.customerId, false],
    ]);
  });

  it('of one person are told with what holds; of who never asked there is nothing', async () => {
    const { rows } = await customer.run(await reader(), { customerId: ben.customerId }, NOW);
    expect(rows).toEqual([
      expect.objectContaining({ restrictions: [expect.objectContaining({ scope: 'marketing' })] }),
    ]);
    const nobody = await customer.run(await reader(), { customerId: of('d', 300).customerId }, NOW);
    expect(nobody.rows).toEqual([]);
  });

  it('are counted', async () => {
    expect(await figures.run(await reader(), {}, NOW)).toEqual({
      waiting: 2,
      overdue: 1,
      restricted: 1,
      requests: 2,
      erased: 0,
      withdrawn: 0,
      declined: 0,
      answeredLate: 0,
      exports: 0,
    });
  });

  it('of merged people hold for both', () => {
    const [a, b] = [ada, ben].map(({ customerId }) => documents.get(customerId)!);
    const merged = privacyRequests.combine!([a!, b!]);
    expect(merged).toMatchObject({ requests: 2, restrictions: [{ scope: 'marketing' }] });
    expect(merged.open).toHaveLength(2);
    expect(privacyRequests.combine!([b!, a!])).toEqual(merged);
  });
});
