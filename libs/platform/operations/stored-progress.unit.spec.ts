import { openMemoryReadModels } from '@rapport/read-model';
import { systemScheduler } from '@rapport/runtime';
import type { AnyProjection } from '@rapport/projection-engine';
import { StoredProgress } from './stored-progress.js';

const PROJECTION = 'stages';
const COLLECTION = 'stages__v1__g1';
const at = (through: bigint, partition = 0) => ({ partition, checkpoint: `c${through}`, through });

describe('Progress of projectors elsewhere', () => {
  let nowMs: number;
  let trouble: string | undefined;
  let isSilent: boolean;
  let readModels: ReturnType<typeof openMemoryReadModels>;
  let progress: StoredProgress;

  beforeEach(async () => {
    nowMs = 0;
    trouble = undefined;
    isSilent = false;
    readModels = openMemoryReadModels();
    await readModels.createGeneration({ projection: PROJECTION, version: 1, generation: 1, indexes: [] });
    await readModels.finishFilling(COLLECTION, at(5n));
    await readModels.saveMany(COLLECTION, [], at(8n, 1));
    await readModels.activate(PROJECTION, 1, 1);
    progress = new StoredProgress({
      projections: [{ name: PROJECTION } as AnyProjection],
      readModels,
      history: {
        head: async () => {
          if (isSilent) throw new Error('gone');
          return { position: 10n };
        },
      },
      newId: () => 'request-1',
      clock: { nowMs: () => nowMs, monotonicMs: () => nowMs },
      scheduler: systemScheduler,
      trouble: () => trouble,
    });
  });
  afterEach(() => progress.stop());

  it('says how far every partition is, and the least of them', async () => {
    await progress.start();
    expect(progress.status()).toMatchObject([
      {
        projection: PROJECTION,
        position: 5n,
        head: 10n,
        lag: 5n,
        partitions: [
          { partition: 0, through: 5n },
          { partition: 1, through: 8n },
        ],
      },
    ]);
  });

  it('waits for the partition of a write, not for the others', async () => {
    await progress.start();
    await progress.waitFor(8n, 1_000, { projections: [PROJECTION], partition: 1 });
    const waiting = progress.waitFor(6n, 5_000, { projections: [PROJECTION], partition: 0 });
    await readModels.saveMany(COLLECTION, [], at(6n));
    await waiting;
    await expect(progress.waitFor(9n, 30, { projections: [PROJECTION], partition: 1 })).rejects.toMatchObject(
      { code: 'READ_YOUR_WRITES_TIMEOUT' },
    );
  });

  it('is ready while the servers answer and nothing else is wrong', async () => {
    expect(progress.health()).toMatchObject({ ready: false });
    await progress.start();
    expect(progress.health()).toMatchObject({ ready: true });
    trouble = 'the indexes no longer follow the log';
    expect(progress.health()).toMatchObject({ ready: false, reason: trouble });
    trouble = undefined;
    nowMs += 11_000;
    expect(progress.health()).toMatchObject({ ready: false, reason: 'the servers have fallen silent' });
    await progress.reload();
    expect(progress.health()).toMatchObject({ ready: true });
    isSilent = true;
    await progress.reload();
    expect(progress.health()).toMatchObject({ ready: true });
    nowMs += 11_000;
    expect(progress.health()).toMatchObject({
      ready: false,
      reason: expect.stringContaining('do not answer'),
    });
  });

  it('asks projectors to retry and answers what became of each sequence', async () => {
    await progress.start();
    const parked = (owner: string, attempts: number) => ({
      collection: COLLECTION,
      projection: PROJECTION,
      generation: 1,
      streamId: `customer-${owner}`,
      owner,
      position: 3n,
      revision: 2n,
      eventId: `event-${owner}`,
      eventType: 'PurchaseRecorded',
      reason: 'TypeError: x',
      parkedAtMs: 1,
      attempts,
    });
    await readModels.park([parked('a', 1), parked('b', 1)]);
    const retried = progress.retryParked(PROJECTION);
    while ((await readModels.retryRequests()).length === 0) await systemScheduler.sleep(5);
    expect(await readModels.retryRequests()).toEqual([
      { id: 'request-1', projection: PROJECTION, requestedAtMs: nowMs },
    ]);
    await readModels.unpark(COLLECTION, 'customer-a');
    await readModels.park([parked('b', 2)]);
    expect(await retried).toMatchObject([
      { owner: 'a', drained: 1 },
      { owner: 'b', drained: 0, stuckAt: { attempts: 2 } },
    ]);
    expect(await progress.retryParked(PROJECTION, 'a')).toEqual([]);
  });
});
