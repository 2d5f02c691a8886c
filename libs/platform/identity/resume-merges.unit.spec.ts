import type { IdentityDocument } from '@rapport/projections';
import { openMemoryReadModels } from '@rapport/read-model';
import { createLogger } from '../observability/logger.js';
import { identityUnderTest } from './merges.builder.js';
import { MERGES_LEASE, resumeMerges } from './resume-merges.js';

/** A merge whose process died after its second step, and the read model that shows it as open. */
async function killedMerge() {
  const test = await identityUnderTest();
  const ada = await test.register('ada@example.com');
  const again = await test.register('a.lovelace@example.com');
  test.dieAfter(2);
  const merging = test.merges.merge({ ...test.envelope(), survivor: ada, members: [again], matchRule: 'manual' }); // prettier-ignore
  await expect(merging).rejects.toThrow('killed');
  const readModels = openMemoryReadModels();
  await readModels.createGeneration({ projection: 'identity', version: 1, generation: 1, indexes: ['isOpen'] }); // prettier-ignore
  await readModels.activate('identity', 1, 1);
  const { collection } = await readModels.activeCollection('identity');
  const document = { merges: [{ survivorId: ada, status: 'merging' }], match: null } as unknown as IdentityDocument; // prettier-ignore
  await readModels.insertMany(collection, [{ key: ada, position: 1n, document, indexes: { isOpen: 1 } }]);
  const streams = () => Promise.all([test.streamOf(ada), test.streamOf(again), test.streamOf(ada, 'identity')]); // prettier-ignore
  /** Another process, told before each of its steps; answers its round. */
  const processCalled = (holder: string, beforeStep: () => Promise<void>) => {
    const merges = test.inAnotherProcess(beforeStep);
    return () => resumeMerges({ merges, readModels, clock: test.time, logger: createLogger('silent'), holder }); // prettier-ignore
  };
  return { test, ada, readModels, streams, processCalled };
}
const typesOf = (streams: readonly (readonly { type: string }[])[]) => streams.map((stream) => stream.map(({ type }) => type)); // prettier-ignore
const MERGED = [
  ['CustomerRegistered', 'CustomerHeldForMerge', 'CustomerAbsorbed'],
  ['CustomerRegistered', 'CustomerSealed'],
  ['CustomersMerged', 'MergeCompleted'],
];

describe('A merge that was killed', () => {
  it('is taken up once when two processes look at the same time', async () => {
    const { streams, readModels, test, processCalled } = await killedMerge();
    const steps: string[] = [];
    const note = (holder: string) => async () => void steps.push(holder);
    await Promise.all(['one', 'two'].map((holder) => processCalled(holder, note(holder))()));
    expect(new Set(steps).size).toBe(1);
    expect(typesOf(await streams())).toEqual(MERGED);
    expect(await readModels.currentLease(MERGES_LEASE, test.time.nowMs())).toBeUndefined();
  });

  it('is left to the process that has the right to it, until that one is silent for long enough', async () => {
    const { streams, readModels, test, processCalled } = await killedMerge();
    await readModels.acquireLease(MERGES_LEASE, 'other', test.time.nowMs(), 30_000);
    const before = await streams();
    const round = processCalled('one', async () => undefined);
    await round();
    expect(await streams()).toEqual(before);
    await test.time.advance(30_000);
    await round();
    expect(typesOf(await streams())).toEqual(MERGED);
  });

  it('is not written to by a process that was held up and replaced', async () => {
    const { streams, readModels, test, processCalled } = await killedMerge();
    const before = await streams();
    await processCalled('stale', async () => {
      // It sleeps with a step in hand; its right lapses and another process is given it.
      await test.time.advance(30_000);
      await readModels.acquireLease(MERGES_LEASE, 'successor', test.time.nowMs(), 30_000);
    })();
    expect(await streams()).toEqual(before);
    await test.time.advance(30_000);
    await processCalled('successor', async () => undefined)();
    expect(typesOf(await streams())).toEqual(MERGED);
  });
});
