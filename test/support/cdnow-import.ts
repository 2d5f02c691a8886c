import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { systemClock, systemScheduler } from '@rapport/runtime';
import type { ServerClient } from '../../apps/cli/connection/server-client.js';
import { importFile, type ImportSummary } from '../../apps/cli/import/import-file.js';
import { parseMapping } from '../../apps/cli/import/mapping.schema.js';
import { sharedDataFolder } from '../fixtures/cdnow.data.js';
import type { ServerFolder } from './server-folder.js';

/** Last day of the calibration period of the published fits, and of the holdout. */
export const CALIBRATION_END = '1997-09-30T23:59:59.999Z';

/** Imports a CDNOW file through commands, with the mapping that ships. */
export async function importCdnow(
  client: ServerClient,
  folder: ServerFolder,
  which: 'sample' | 'master',
): Promise<ImportSummary> {
  const name = `cdnow-${which}`;
  return importFile({
    file: join(sharedDataFolder(), `CDNOW_${which}.txt`),
    mapping: parseMapping(
      JSON.parse(readFileSync(resolve(process.cwd(), `apps/cli/mappings/${name}.json`), 'utf8')),
      name,
    ),
    rejectsPath: join(folder.root, `${name}.rejects.csv`),
    target: client,
    clock: systemClock,
    scheduler: systemScheduler,
    progress: { update: () => undefined, stop: () => undefined },
    lanes: 4,
    batchSize: 500,
    retryForMs: 60_000,
    signal: new AbortController().signal,
  });
}
