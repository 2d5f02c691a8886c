import type { BatchItem } from '../../apps/cli/import/row-mapper.js';
import { openStores } from '../../apps/cli/product.js';
import { ServerFolder } from '../support/server-folder.js';
import type { Documents } from './checks/same-documents.js';
import { until } from './condition.js';
import { defineProducts } from './driver.js';

const BATCH = 400;
const LANES = 4;
const CAUGHT_UP_WITHIN_MS = 120_000;

/** The same commands to an embedded server on an empty folder: its documents by projection. */
export async function documentsOfEmbeddedRun(
  lives: readonly (readonly BatchItem[])[],
  projections: readonly string[],
): Promise<ReadonlyMap<string, Documents>> {
  const folder = new ServerFolder('embedded');
  try {
    await folder.start();
    const client = folder.client();
    await defineProducts(client);
    await Promise.all(
      Array.from({ length: LANES }, async (_, lane) => {
        const items = lives.filter((_life, index) => index % LANES === lane).flat();
        for (let at = 0; at < items.length; at += BATCH) await client.send(items.slice(at, at + BATCH));
      }),
    );
    await until(
      'the embedded read models to be complete',
      async () => {
        const { data } = await client.get<readonly { readonly lag: string }[]>('/v1/operations/projections');
        return data.length === projections.length && data.every(({ lag }) => lag === '0');
      },
      CAUGHT_UP_WITHIN_MS,
    );
    await client.close();
    const opened = await openStores({}, folder.dataDir);
    try {
      const found = new Map<string, Documents>();
      for (const name of projections) {
        const documents = new Map<string, object>();
        const { collection } = await opened.readModels.activeCollection(name);
        for await (const page of opened.readModels.scan(collection))
          for (const { key, document } of page) documents.set(key, document);
        found.set(name, documents);
      }
      return found;
    } finally {
      await opened.close();
    }
  } finally {
    await folder.remove();
  }
}
