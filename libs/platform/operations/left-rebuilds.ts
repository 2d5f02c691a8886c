import { rebuildLeaseName } from '@rapport/projection-engine';
import type { LeaseStore, ReadModelStore } from '@rapport/read-model';

/**
 * Ends rebuilds that a process which is no more left behind: their leases, and what they had filled. Only for the owner
 * of the data folder, before it starts anything: nobody else can be rebuilding then. Answers the projections concerned.
 */
export async function clearLeftRebuilds(
  store: Pick<ReadModelStore, 'generations' | 'dropGeneration'> &
    Pick<LeaseStore, 'currentLease' | 'releaseLease'>,
  projections: readonly { readonly name: string }[],
  nowMs: number,
): Promise<readonly string[]> {
  const cleared: string[] = [];
  for (const { name } of projections) {
    const lease = await store.currentLease(rebuildLeaseName(name), nowMs);
    if (!lease) continue;
    const generations = await store.generations(name);
    // Without an active one the filling one is the first of its kind, which the projector goes on with.
    if (generations.some(({ status }) => status === 'active'))
      for (const { status, version, generation } of generations)
        if (status === 'filling') await store.dropGeneration(name, version, generation);
    await store.releaseLease(lease);
    cleared.push(name);
  }
  return cleared;
}
