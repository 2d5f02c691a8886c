import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openMemoryReadModels, openSqliteReadModels, type ReadModelStore } from '@rapport/read-model';
import { askActive } from './projection-readers.js';

const PROJECTION = 'p';
const folder = mkdtempSync(join(tmpdir(), 'rapport-readers-'));
const stores: { close(): Promise<void> }[] = [];
afterAll(async () => {
  for (const store of stores) await store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A store to read and the one that rebuilds work on: another connection where there are connections. */
const ADAPTERS: readonly [string, () => { reads: ReadModelStore; writes: ReadModelStore }][] = [
  ['memory', () => ((store) => ({ reads: store, writes: store }))(openMemoryReadModels())],
  ['sqlite', () => ({ reads: openSqliteReadModels(folder), writes: openSqliteReadModels(folder) })],
];

describe.each(ADAPTERS)('Asking the active documents (%s)', (_, open) => {
  const fill = async (store: ReadModelStore, generation: number): Promise<void> => {
    await store.createGeneration({ projection: PROJECTION, version: 1, generation, indexes: ['n'] });
    const { collection } = (await store.generations(PROJECTION)).find((g) => g.generation === generation)!;
    await store.insertMany(collection, [{ key: 'a', position: 1n, document: { generation }, indexes: { n: generation } }]); // prettier-ignore
    await store.finishFilling(collection, { partition: 0, checkpoint: '1', through: 1n });
  };
  let reads: ReadModelStore;
  let writes: ReadModelStore;
  beforeAll(() => {
    ({ reads, writes } = open());
    stores.push(reads, writes);
  });

  it('says that they are not there yet before the first generation', async () => {
    await expect(askActive(reads, PROJECTION, (reader) => reader.get('a'))).rejects.toMatchObject({ code: 'UNAVAILABLE' }); // prettier-ignore
  });

  it('begins again with the successor when the generation is removed in the middle', async () => {
    await fill(writes, 1);
    await writes.activate(PROJECTION, 1, 1);
    let asked = 0;
    const answer = await askActive(reads, PROJECTION, async (reader) => {
      const first = await reader.get('a');
      if (++asked === 1) {
        await fill(writes, 2);
        await writes.activate(PROJECTION, 1, 2);
        await writes.dropGeneration(PROJECTION, 1, 1);
      }
      const [second] = await reader.query({ limit: 1 });
      return [first?.document, second?.document];
    });
    expect({ asked, ...answer }).toMatchObject({ asked: 2, data: [{ generation: 2 }, { generation: 2 }], version: 1, generation: 2, position: 1n }); // prettier-ignore
  });

  it('ends when every generation goes away while it is read, and passes on what is wrong otherwise', async () => {
    const removed = Object.assign(new Error('gone'), { code: 'UNKNOWN_PROJECTION' });
    await expect(askActive(reads, PROJECTION, () => Promise.reject(removed))).rejects.toBe(removed);
    await expect(askActive(reads, 'nothing', (reader) => reader.get('a'))).rejects.toMatchObject({ code: 'UNAVAILABLE' }); // prettier-ignore
  });
});
