import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeReadModelStore } from '../read-model.contract.js';
import { openSqliteReadModels, READ_MODELS_FILE } from './sqlite-read-model.adapter.js';

const newFolder = (): string => mkdtempSync(join(tmpdir(), 'rapport-read-models-'));

describeReadModelStore('SQLite', () => {
  const folder = newFolder();
  return {
    open: () => openSqliteReadModels(folder),
    dispose: async () => rmSync(folder, { recursive: true }),
  };
});

describe('SQLite read models of several connections', () => {
  const spec = { projection: 'notes', version: 1, generation: 1, indexes: [] };
  const write = { key: 'a', position: 1n, document: {}, indexes: {} };
  let folder: string;
  beforeEach(() => (folder = newFolder()));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('lets readers go on during a commit, which they see only when it is done', async () => {
    const writer = openSqliteReadModels(folder);
    await writer.createGeneration(spec);
    const reader = openSqliteReadModels(folder, { readOnly: true });
    await writer.inOneCommit(async () => {
      await writer.saveMany('notes__v1__g1', [write]);
      expect(await reader.count('notes__v1__g1')).toBe(0);
    });
    expect(await reader.count('notes__v1__g1')).toBe(1);
    await expect(reader.saveMany('notes__v1__g1', [write])).rejects.toThrow();
    await reader.close();
    await writer.close();
  });

  it('answers UNAVAILABLE when another writer does not finish in time', async () => {
    const slow = openSqliteReadModels(folder);
    await slow.createGeneration(spec);
    const impatient = openSqliteReadModels(folder, { busyTimeoutMs: 1 });
    await slow.inOneCommit(async () => {
      await expect(impatient.saveMany('notes__v1__g1', [write])).rejects.toMatchObject({
        code: 'UNAVAILABLE',
      });
    });
    expect(await impatient.saveMany('notes__v1__g1', [write])).toEqual({ applied: 1, stale: 0 });
    await slow.close();
    await impatient.close();
  });

  it('names a damaged file instead of failing obscurely', () => {
    writeFileSync(
      join(folder, READ_MODELS_FILE),
      'not a database, but long enough to be read as one'.repeat(20),
    );
    expect(() => openSqliteReadModels(folder)).toThrow(expect.objectContaining({ code: 'UNAVAILABLE' }));
  });
});
