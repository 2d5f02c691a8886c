import type { CommandIndex, CommandIndexMaintenance } from './command-index.port.js';
import type { EventStore } from './event-store.port.js';
import { indexedCommandsOf } from './logged-commands.js';

/**
 * Keeps a command index that is fed from the log up to date, from its watermark on, until `signal` aborts. Several feeders
 * at once only repeat each other's work. Throws what the store or the index throws; begin again then.
 */
export async function feedCommandIndex(
  store: Pick<EventStore, 'subscribeAll' | 'checkpointAt'>,
  index: Pick<CommandIndex, 'watermark'> & CommandIndexMaintenance,
  signal: AbortSignal,
): Promise<void> {
  const after = store.checkpointAt((await index.watermark()) ?? 0n);
  for await (const page of store.subscribeAll({ after, signal }))
    await index.applyCommands(indexedCommandsOf(page.events), page.through);
}
