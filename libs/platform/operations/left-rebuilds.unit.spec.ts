import { rebuildLeaseName } from '@rapport/projection-engine';
import { openMemoryReadModels } from '@rapport/read-model';
import { clearLeftRebuilds } from './left-rebuilds.js';

const PROJECTIONS = [{ name: 'customer-360' }, { name: 'churn-risk' }];
const NOW_MS = 1_000;
const generationOf = (generation: number) => ({
  projection: 'customer-360',
  version: 1,
  generation,
  indexes: [],
});

describe('A rebuild that died with its process', () => {
  it('is cleared away by the next owner: a new one may start at once, the active generation stays', async () => {
    const store = openMemoryReadModels();
    await store.createGeneration(generationOf(1));
    const [first] = await store.generations('customer-360');
    await store.finishFilling(first!.collection, { partition: 0, checkpoint: '1', through: 1n });
    await store.activate('customer-360', 1, 1);
    await store.createGeneration(generationOf(2));
    const left = await store.acquireLease(rebuildLeaseName('customer-360'), 'local', NOW_MS, 15_000);
    expect(left.kind).toBe('granted');

    expect(await clearLeftRebuilds(store, PROJECTIONS, NOW_MS + 1)).toEqual(['customer-360']);

    const generations = await store.generations('customer-360');
    expect(generations.map(({ generation, status }) => [generation, status])).toEqual([[1, 'active']]);
    const next = await store.acquireLease(rebuildLeaseName('customer-360'), 'local', NOW_MS + 1, 15_000);
    expect(next.kind).toBe('granted');
  });

  it('is nothing to clear when none was running', async () => {
    const store = openMemoryReadModels();
    await store.createGeneration(generationOf(1));
    expect(await clearLeftRebuilds(store, PROJECTIONS, NOW_MS)).toEqual([]);
    expect(await store.generations('customer-360')).toHaveLength(1);
  });
});
