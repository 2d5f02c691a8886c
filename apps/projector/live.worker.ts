/** Thread of the live projector: keeps every read model of the data folder up to date. */
import { platform, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { openStoreEventFeed } from '@rapport/event-feed';
import { openSqliteEventStoreReader } from '@rapport/event-store';
import { serveProjector, type ProjectorThreadData } from '@rapport/projection-engine';
import { openSqliteReadModels } from '@rapport/read-model';
import { systemClock, systemRandom, systemScheduler } from '@rapport/runtime';
import { projectionsOf, type ThreadSettings } from './thread-settings.js';

/** On a machine without a core to spare, commands come before keeping read models fresh to the millisecond. */
const PRIORITY = 15;
// On Linux 0 means this thread; elsewhere it would mean the whole process.
if (platform() === 'linux') setPriority(0, PRIORITY);

const settings = workerData as ThreadSettings & ProjectorThreadData;
const history = openSqliteEventStoreReader(settings.folder, { durable: settings.durable });
const store = openSqliteReadModels(settings.folder);
await serveProjector(parentPort!, settings, {
  projections: (await projectionsOf(settings, history)).filter(
    (p) => settings.projections?.includes(p.name) ?? true,
  ),
  feed: openStoreEventFeed(history, { scheduler: systemScheduler }),
  history,
  store,
  clock: systemClock,
  scheduler: systemScheduler,
  random: systemRandom,
});
await store.close();
await history.close();
