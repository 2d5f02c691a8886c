/** Threads of a rebuild: one coordinates, the others fold shards, each with connections of its own. */
import { parentPort, workerData } from 'node:worker_threads';
import { RapportError } from '@rapport/contracts';
import { foldShardsInThreads, serveRebuild, serveShards, toThreadError } from '@rapport/projection-engine';
import { openWholeLogStores, type StoreSettings } from '@rapport/platform';
import { systemClock, systemRandom, systemScheduler } from '@rapport/runtime';
import { projectionsOf, type ThreadSettings } from './thread-settings.js';

export interface RebuildSettings extends Omit<ThreadSettings, 'folder'> {
  readonly stores: StoreSettings;
  readonly role: 'coordinate' | 'fold';
  /** Names of the projections to rebuild in one pass. */
  readonly projections: readonly string[];
  /** Threads that fold. */
  readonly threads: number;
  /** Who rebuilds, for people to read. */
  readonly holder: string;
  readonly asksBeforeSwap?: boolean;
}

const settings = workerData as RebuildSettings;
const { history, readModels: store, feed, close } = await openWholeLogStores(settings.stores);
const known = await projectionsOf(settings, history);

if (settings.role === 'fold') serveShards(parentPort!, { projections: known, history, store });
else {
  const unknown = settings.projections.find((name) => !known.some((p) => p.name === name));
  if (unknown !== undefined) {
    const error = toThreadError(new RapportError('UNKNOWN_PROJECTION', `there is no projection ${unknown}`));
    parentPort!.postMessage({ kind: 'failed', error });
    parentPort!.close();
  } else
    await serveRebuild(parentPort!, {
      projections: known.filter((p) => settings.projections.includes(p.name)),
      history,
      feed,
      store,
      shards: foldShardsInThreads({
        workerUrl: new URL(import.meta.url),
        workerData: { ...settings, role: 'fold' },
        size: settings.threads,
      }),
      clock: systemClock,
      scheduler: systemScheduler,
      random: systemRandom,
      holder: settings.holder,
      asksBeforeSwap: settings.asksBeforeSwap === true,
    });
  await close();
}
