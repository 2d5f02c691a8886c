import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freshMongoDatabase } from '@rapport/testing';
import { describeFedCommandIndex } from '../command-index.contract.js';
import { describeIdentifierIndex, describeSharedIdentifierIndex } from '../identifier-index.contract.js';
import { describeKeyStore } from '../key-store.contract.js';
import { describeSnapshotStore } from '../snapshot-store.contract.js';
import { openMongoCommandIndex } from './mongo-command-index.adapter.js';
import { openMongoIdentifierIndex } from './mongo-identifier-index.adapter.js';
import { openMongoKeyStore } from './mongo-key-store.adapter.js';
import { openMongoSnapshotStore } from './mongo-snapshot-store.adapter.js';

describeSnapshotStore('on MongoDB', async () => {
  const database = await freshMongoDatabase();
  return {
    snapshots: openMongoSnapshotStore(await database.connect()),
    reopen: async () => openMongoSnapshotStore(await database.connect()),
    dispose: () => database.dispose(),
  };
});

describeFedCommandIndex('on MongoDB', async () => {
  const database = await freshMongoDatabase();
  return {
    index: openMongoCommandIndex(await database.connect()),
    reopen: async () => openMongoCommandIndex(await database.connect()),
    dispose: () => database.dispose(),
  };
});

const openIdentifierIndex = async () => {
  const database = await freshMongoDatabase();
  return {
    index: await openMongoIdentifierIndex(await database.connect()),
    reopen: async () => openMongoIdentifierIndex(await database.connect()),
    dispose: () => database.dispose(),
  };
};
describeIdentifierIndex('on MongoDB', openIdentifierIndex);
describeSharedIdentifierIndex('on MongoDB', openIdentifierIndex);

describeKeyStore('on MongoDB', async () => {
  const database = await freshMongoDatabase();
  const folder = mkdtempSync(join(tmpdir(), 'rapport-keys-'));
  const open = async () =>
    openMongoKeyStore({
      connection: await database.connect(),
      masterKeyFile: join(folder, 'secrets', 'master.key'),
      isLogEmpty: async () => true,
    });
  return {
    keys: await open(),
    openAnother: open,
    dispose: async () => {
      await database.dispose();
      rmSync(folder, { recursive: true });
    },
  };
});
