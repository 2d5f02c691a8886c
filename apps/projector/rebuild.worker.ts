/** Threads of a rebuild: one coordinates, the others fold shards, each with connections of its own. */
import { parentPort, workerData } from 'node:worker_threads';
import { RapportError } from '@rapport/contracts';
import { openStoreEventFeed } from '@rapport/event-feed';
import { openSqliteEventStoreReader } from '@rapport/event-store';
import { foldShardsInThreads, serveRebuild, serveShards, toThreadError } from '@rapport/projection-engine';
import { openSqliteReadModels } from '@rapport/read-model';
import { systemClock, systemRandom, systemScheduler } from '@rapport/runtime';
import { projectionsOf, type ThreadSettings } from './thread-settings.js';

export interface RebuildSettings extends ThreadSettings {
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
const history = openSqliteEventStoreReader(settings.folder);
const store = openSqliteReadModels(settings.folder);
const known = projectionsOf(settings);

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
      feed: openStoreEventFeed(history, { scheduler: systemScheduler }),
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
  await store.close();
  await history.close();
}
