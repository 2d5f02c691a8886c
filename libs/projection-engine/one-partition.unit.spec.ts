import { openMemoryReadModels } from '@rapport/read-model';
import { asOnePartition } from './one-partition.js';

describe('A store of several partitions seen as one', () => {
  const spec = { projection: 'stages', version: 1, generation: 1, indexes: [] };
  const collection = 'stages__v1__g1';
  const at = (through: bigint, partition = 0) => ({ partition, checkpoint: `c${through}`, through });
  const opened = async () => {
    const store = openMemoryReadModels();
    const whole = asOnePartition(store, 3);
    await whole.createGeneration(spec);
    return { store, whole };
  };

  it('writes its checkpoint for every partition, so that each projector goes on from there', async () => {
    const { store, whole } = await opened();
    await whole.finishFilling(collection, at(7n));
    expect((await store.collectionState(collection))!.checkpoints).toEqual([at(7n), at(7n, 1), at(7n, 2)]);
    await whole.saveMany(collection, [], at(9n));
    expect((await store.collectionState(collection))!.checkpoints).toEqual([at(9n), at(9n, 1), at(9n, 2)]);
  });

  it('is complete to what every partition is complete to', async () => {
    const { store, whole } = await opened();
    await whole.finishFilling(collection, at(7n));
    await store.saveMany(collection, [], at(20n, 1));
    expect((await whole.collectionState(collection))!.checkpoints).toEqual([at(7n)]);
    expect(await whole.checkpoint(collection, 0)).toEqual(at(7n));
    await store.saveMany(collection, [], at(9n, 0));
    await store.saveMany(collection, [], at(12n, 2));
    await whole.activate('stages', 1, 1);
    expect((await whole.activeCollection('stages')).checkpoints).toEqual([at(9n)]);
    expect((await whole.generations('stages'))[0]!.checkpoints).toEqual([at(9n)]);
  });

  it('has no checkpoint while a partition has none: the generation is half filled', async () => {
    const { store, whole } = await opened();
    await store.finishFilling(collection, at(7n));
    expect((await whole.collectionState(collection))!.checkpoints).toEqual([]);
    expect(await whole.checkpoint(collection, 0)).toBeUndefined();
    expect(await whole.collectionState('nobody__v1__g1')).toBeUndefined();
  });

  it('leaves a store of one partition as it is', () => {
    const store = openMemoryReadModels();
    expect(asOnePartition(store, 1)).toBe(store);
  });
});
