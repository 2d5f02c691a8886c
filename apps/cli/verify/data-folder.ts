import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { EventStoreReader } from '@rapport/event-store';
import type { SqliteReadModelStore } from '@rapport/read-model';
import { CliError, EXIT } from '../exit-codes.js';

/** The log and the read models of a data folder, for reading only: works beside a running server and without one. */
export interface OpenedDataFolder {
  readonly store: EventStoreReader;
  readonly readModels: SqliteReadModelStore;
  close(): Promise<void>;
}

/** Throws exit 2 when the folder holds no data. */
export async function openDataFolder(dataDir: string): Promise<OpenedDataFolder> {
  for (const file of ['events.db', 'read-models.db'])
    if (!existsSync(join(dataDir, file)))
      throw new CliError(EXIT.usage, `${dataDir}: holds no data of Rapport (${file} is missing)`);
  const { openSqliteEventStoreReader } = await import('@rapport/event-store');
  const { openSqliteReadModels } = await import('@rapport/read-model');
  const store = openSqliteEventStoreReader(dataDir);
  const readModels = openSqliteReadModels(dataDir, { readOnly: true });
  return {
    store,
    readModels,
    close: async () => {
      await readModels.close();
      await store.close();
    },
  };
}
