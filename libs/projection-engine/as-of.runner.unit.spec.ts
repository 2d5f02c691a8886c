import { openMemoryReadModels } from '@rapport/read-model';
import {
  eventBuilder,
  foldPlainly,
  purchasesProjection,
  RecordedLog,
  testCustomerId,
  touchesProjection,
} from '@rapport/testing';
import { foldAllAsOf, foldStreamAsOf, isWithin } from './as-of.runner.js';
import { explain } from './explain.runner.js';

const ADA = testCustomerId('ada');
const EUR = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });

/** Recorded at 09:00, 09:01, 09:02 …; the third purchase is a late fact of the day before. */
const events = eventBuilder('2026-01-05T09:00:00.000Z')
  .customer('ada')
  .type('PurchaseRecorded', { orderId: 'o-1', total: EUR(100) })
  .at('2026-01-06T09:00:00.000Z')
  .type('PurchaseRecorded', { orderId: 'o-2', total: EUR(20) })
  .at('2026-01-04T09:00:00.000Z')
  .type('PurchaseRecorded', { orderId: 'o-late', total: EUR(3) })
  .customer('bob')
  .type('PurchaseRecorded', { orderId: 'o-4', total: EUR(4) })
  .build();
const history = new RecordedLog(events);
const STREAM = `customer-${ADA}`;

describe('As of', () => {
  it.each([
    ['everything', {}, 123],
    ['what had happened by then, late facts included', { asOf: '2026-01-05T12:00:00.000Z' }, 103],
    ['what had happened by then, in another time zone', { asOf: '2026-01-05T10:00:00.000+01:00' }, 103],
    ['what we knew by then', { knownAt: '2026-01-05T09:01:30.000Z' }, 120],
    ['what we knew at a position', { knownAt: 1n }, 100],
    ['both', { asOf: '2026-01-05T12:00:00.000Z', knownAt: 2n }, 100],
  ])('counts %s', async (_name, at, totalMinor) => {
    const { documents } = await foldStreamAsOf(purchasesProjection, history, STREAM, at);
    expect(documents).toMatchObject([{ key: ADA, document: { totalMinor } }]);
  });

  it('knows nobody before the first event', async () => {
    const answer = await foldStreamAsOf(purchasesProjection, history, STREAM, {
      asOf: '2025-01-01T00:00:00.000Z',
    });
    expect(answer).toEqual({ projection: 'purchases', version: 1, documents: [], position: 0n });
  });

  it('answers queries over everybody as they were', async () => {
    const at = { asOf: '2026-01-05T12:00:00.000Z' };
    const scratch = openMemoryReadModels();
    const states = await foldAllAsOf({
      projections: [purchasesProjection, touchesProjection],
      history,
      at,
      scratch,
    });
    expect(states.map((s) => s.collection)).toEqual(['purchases__v1__g1', 'touches__v1__g1']);
    const { collection } = await scratch.activeCollection('purchases');
    const rows = await scratch.query(collection, {
      orderBy: [{ index: 'totalMinor', direction: 'desc' }],
      limit: 5,
    });
    expect(Object.fromEntries(rows.map((row) => [row.key, row.document]))).toEqual(
      foldPlainly(purchasesProjection, events.filter(isWithin(at))),
    );
  });
});

describe('Explain', () => {
  it('names the events that set each field', async () => {
    const { document, fields, events: folded } = await explain(purchasesProjection, history, STREAM, ADA);
    expect(document).toEqual({ count: 3, totalMinor: 123, lastOrderId: 'o-late' });
    expect(folded).toBe(3);
    const byPath = Object.fromEntries(fields.map((field) => [field.path, field]));
    expect(byPath['/totalMinor']).toMatchObject({
      value: 123,
      changes: 3,
      setBy: { eventId: events[2]!.eventId },
    });
    expect(byPath['/totalMinor']!.changedBy.map((e) => e.revision)).toEqual([2n, 1n, 0n]);
  });

  it('explains fields inside fields, and only as far as asked', async () => {
    const nested = {
      ...purchasesProjection,
      initial: () => ({ orders: {} as Record<string, number>, first: null as string | null }),
      // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a document of another shape than the sample's
      evolve: (d: any, e: any) => {
        d.orders[e.data.orderId] = e.data.total.amountMinor;
        d.first ??= e.data.orderId;
        return d;
      },
    };
    const { fields } = await explain(nested, history, STREAM, ADA, { knownAt: 2n });
    expect(fields.map((f) => [f.path, f.value, Number(f.setBy.revision)])).toEqual([
      ['/orders', { 'o-1': 100, 'o-2': 20 }, 1],
      ['/orders/o-1', 100, 0],
      ['/orders/o-2', 20, 1],
      ['/first', 'o-1', 0],
    ]);
  });
});
