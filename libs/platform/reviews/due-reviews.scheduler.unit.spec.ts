import { dueReviewsProjection } from '@rapport/projections';
import { openMemoryReadModels } from '@rapport/read-model';
import { SimulatedTime } from '@rapport/runtime';
import type { CustomerWrite, WriteOutcome } from '../customers/customer-write.js';
import { createLogger } from '../observability/logger.js';
import { REVIEWS_LEASE, reviewDueRelationships } from './due-reviews.scheduler.js';

const NOW_MS = 1_800_000_000_000;
const projection = dueReviewsProjection({
  initial: () => ({}),
  evolve: (state) => state,
  nextReviewAtMs: () => null,
  join: (a) => a,
});

async function setUp() {
  const time = new SimulatedTime(NOW_MS);
  const store = openMemoryReadModels();
  await store.createGeneration({
    projection: 'due-reviews',
    version: 1,
    generation: 1,
    indexes: ['nextReviewAtMs'],
  });
  await store.activate('due-reviews', 1, 1);
  const { collection } = await store.activeCollection('due-reviews');
  await store.insertMany(
    collection,
    ['a', 'b', 'later'].map((key, n) => ({
      key,
      position: 1n,
      document: { state: {} },
      indexes: { nextReviewAtMs: key === 'later' ? NOW_MS + 1 : NOW_MS - 10 + n },
    })),
  );
  const written: string[] = [];
  const refused: string[] = [];
  let beforeWrite = async (): Promise<void> => undefined;
  const processCalled = (holder: string) => () =>
    reviewDueRelationships({
      readModels: store,
      projections: [projection],
      clock: time,
      valueTerms: { horizonDays: 365, annualDiscountRate: 0.1, margin: 0.3 },
      logger: createLogger('silent'),
      holder,
      customers: {
        carryOut: async (write: CustomerWrite): Promise<WriteOutcome> => {
          await beforeWrite();
          // As the command handler does: the right is looked at just before the append.
          const mayWrite = (await write.mayWrite?.()) ?? true;
          (mayWrite ? written : refused).push(`${holder} ${write.reference}`);
          return { kind: 'possible', customerId: write.reference!, eventTypes: [] };
        },
      },
    });
  return {
    time,
    store,
    written,
    refused,
    processCalled,
    whenWriting: (work: () => Promise<void>) => (beforeWrite = work),
  };
}

describe('Due reviews', () => {
  it('are poked for everybody who fell due by now, under a lease that is given back', async () => {
    const { store, written, processCalled } = await setUp();
    await processCalled('one')();
    expect(written).toEqual(['one a', 'one b']);
    expect(await store.currentLease(REVIEWS_LEASE, NOW_MS)).toBeUndefined();
  });

  it('are left to the process that holds the lease, until it is silent for long enough', async () => {
    const { time, store, written, processCalled } = await setUp();
    await store.acquireLease(REVIEWS_LEASE, 'other', NOW_MS, 30_000);
    await processCalled('one')();
    expect(written).toEqual([]);
    await time.advance(30_000);
    await processCalled('one')();
    expect(written).toEqual(['one a', 'one b', 'one later']);
  });

  it('of a process that was held up and replaced are not written any more', async () => {
    const { time, written, refused, processCalled, whenWriting } = await setUp();
    let heldUp = true;
    whenWriting(async () => {
      if (!heldUp) return;
      heldUp = false;
      // The first process sleeps with its first write in hand; its lease runs out and another takes over.
      await time.advance(30_000);
      await processCalled('successor')();
    });
    await processCalled('stale')();
    expect(written).toEqual(['successor a', 'successor b', 'successor later']);
    expect(refused).toEqual(['stale b', 'stale a']);
  });
});
