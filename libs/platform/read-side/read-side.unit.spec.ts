import { schema } from '@rapport/contracts';
import { openMemoryReadModels } from '@rapport/read-model';
import { ReadSide, type AnyQuery, type ReadSideParts } from './read-side.js';

const CUSTOMER = '3f2b8a34-7c35-5c4e-9b52-2a43c9f0d111';
const NOW_MS = 1_767_225_600_000;

/** A list about one customer that is always empty, read at a position of our choice in a log that goes on. */
async function readSideAt(readTo: bigint, lastOfCustomer: bigint, head: bigint) {
  const readModels = openMemoryReadModels();
  await readModels.createGeneration({ projection: 'p', version: 1, generation: 1, indexes: [] });
  const [{ collection } = { collection: '' }] = await readModels.generations('p');
  await readModels.finishFilling(collection, { partition: 0, checkpoint: String(readTo), through: readTo });
  await readModels.activate('p', 1, 1);
  const query = {
    name: 'rows', question: '?', scope: 'customer', paged: true,
    params: schema.object({ customerId: schema.customerRef('who') }), run: async () => ({ rows: [] }),
  } as unknown as AnyQuery; // prettier-ignore
  const waitedFor: bigint[] = [];
  const metadata = { occurredAt: '2026-01-01T00:00:00.000Z', recordedAt: '2026-01-01T00:00:00.000Z' };
  const parts = {
    projections: [{ name: 'p', queries: [query] }],
    readModels,
    events: { head: async () => ({ position: head }), readStream: async () => [{ position: lastOfCustomer, metadata }] }, // prettier-ignore
    codec: { reveal: async (value: unknown) => ({ value, erased: false, unreadable: 0 }) },
    models: { at: () => ({}) },
    cursors: {},
    clock: { nowMs: () => NOW_MS, monotonicMs: () => 0 },
    valueTerms: {},
    dataQualityLimitsAt: () => ({}),
    partitionOf: () => 0,
    partitions: 1,
    waitFor: async (_: string, position: bigint) => void waitedFor.push(position),
  } as unknown as ReadSideParts;
  const principal = { subject: 'x', roles: ['rep'], scopes: ['customers:read'] } as const;
  const ask = () => new ReadSide(parts).ask({ projection: 'p', query: 'rows', params: { customerId: CUSTOMER }, principal }); // prettier-ignore
  return { ask, waitedFor };
}

describe('An empty page about a known customer', () => {
  it('waits for nothing when the read model has seen all of the customer, however far the log is ahead', async () => {
    const { ask, waitedFor } = await readSideAt(5n, 5n, 1_000_000n);
    expect((await ask()).data).toEqual({ rows: [] });
    expect(waitedFor).toEqual([]);
  });

  it('waits for the customer’s last event and no longer', async () => {
    const { ask, waitedFor } = await readSideAt(4n, 5n, 1_000_000n);
    await ask();
    expect(waitedFor).toEqual([5n]);
  });
});
