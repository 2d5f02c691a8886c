import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@rapport/runtime';
import { describeCommandIndex } from '../command-index.contract.js';
import { describeEventStore } from '../event-store.contract.js';
import { describeIdentifierIndex } from '../identifier-index.contract.js';
import { describeKeyStore } from '../key-store.contract.js';
import { describeSnapshotStore } from '../snapshot-store.contract.js';
import { openSqliteEventStore, openSqliteEventStoreReader } from './sqlite-event-store.adapter.js';
import { openSqliteKeyStore } from './sqlite-key-store.adapter.js';

const freshFolder = (): string => mkdtempSync(join(tmpdir(), 'rapport-event-store-'));

const open = async () => {
  const folder = freshFolder();
  let store = openSqliteEventStore({ folder, clock: systemClock });
  return {
    store,
    commandIndex: store,
    snapshots: store,
    index: store,
    openReader: () => openSqliteEventStoreReader(folder),
    reopen: async () => {
      await store.close();
      return (store = openSqliteEventStore({ folder, clock: systemClock }));
    },
    dispose: async () => {
      await store.close();
      rmSync(folder, { recursive: true });
    },
  };
};

describeEventStore('on SQLite', open);
describeCommandIndex('on SQLite', open);
describeSnapshotStore('on SQLite', open);
describeIdentifierIndex('on SQLite', open);
describeKeyStore('on SQLite', async () => {
  const folder = freshFolder();
  const keys = openSqliteKeyStore({
    folder: join(folder, 'data'),
    masterKeyFile: join(folder, 'secrets', 'master.key'),
  });
  return {
    keys,
    dispose: async () => {
      await keys.close();
      rmSync(folder, { recursive: true });
    },
  };
});
