import type {
  CheckpointWrite,
  CollectionState,
  DeadLetterStore,
  LeaseStore,
  ReadModelStore,
} from '@rapport/read-model';

type Store = ReadModelStore & DeadLetterStore & LeaseStore;

const WHOLE_LOG = 0;

/**
 * A store whose projections are fed in partitions, seen as if there were one, number 0: for work that folds the whole log
 * in its order (a rebuild, a rollback, a check). Its checkpoint is what every partition is complete to, and writing it
 * writes it for each: from there the projectors of the partitions go on.
 */
export function asOnePartition(store: Store, partitions: number): Store {
  if (partitions === 1) return store;
  const others = Array.from({ length: partitions - 1 }, (_, i) => i + 1);
  const forOthers = async (collection: string, checkpoint: CheckpointWrite): Promise<void> => {
    for (const partition of others) await store.saveMany(collection, [], { ...checkpoint, partition });
  };
  const joined = (checkpoints: readonly CheckpointWrite[]): readonly CheckpointWrite[] => {
    // A partition without a checkpoint has seen nothing, so neither has the whole.
    if (checkpoints.length < partitions) return [];
    const least = checkpoints.reduce((a, b) => (b.through < a.through ? b : a));
    return [{ ...least, partition: WHOLE_LOG }];
  };
  const whole = <S extends CollectionState>(state: S): S => ({
    ...state,
    checkpoints: joined(state.checkpoints),
  });
  const seen: Partial<Store> = {
    finishFilling: async (collection, checkpoint) => {
      // Partition 0 last: a filling generation without its checkpoints is known to be half filled.
      await forOthers(collection, checkpoint);
      await store.finishFilling(collection, { ...checkpoint, partition: WHOLE_LOG });
    },
    saveMany: async (collection, writes, checkpoint) => {
      const result = await store.saveMany(collection, writes, checkpoint);
      if (checkpoint) await forOthers(collection, checkpoint);
      return result;
    },
    checkpoint: async (collection) => {
      const state = await store.collectionState(collection);
      return state && joined(state.checkpoints)[0];
    },
    generations: async (projection) => (await store.generations(projection)).map(whole),
    activeCollection: async (projection) => whole(await store.activeCollection(projection)),
    collectionState: async (collection) => {
      const state = await store.collectionState(collection);
      return state && whole(state);
    },
  };
  return new Proxy(store, {
    get: (target, name) => {
      const value: unknown = name in seen ? seen[name as keyof Store] : target[name as keyof Store];
      return typeof value === 'function' ? (value as (...a: unknown[]) => unknown).bind(target) : value;
    },
  });
}
