import { describeCommandIndex, describeFedCommandIndex } from '../command-index.contract.js';
import { describeEventStore } from '../event-store.contract.js';
import { describeIdentifierIndex } from '../identifier-index.contract.js';
import { describeKeyStore } from '../key-store.contract.js';
import { describeSnapshotStore } from '../snapshot-store.contract.js';
import { systemClock } from '@rapport/runtime';
import { MemoryCommandIndex } from './memory-command-index.adapter.js';
import { MemoryEventStore } from './memory-event-store.adapter.js';
import { MemoryKeyStore } from './memory-key-store.adapter.js';

const open = async () => {
  const store = new MemoryEventStore(systemClock);
  return { store, commandIndex: store, snapshots: store, index: store, dispose: () => store.close() };
};

describeEventStore('in memory', open);
describeEventStore('in memory, carrying its commands', async () => {
  const store = new MemoryEventStore(systemClock, { carriesCommands: true });
  return { store, dispose: () => store.close() };
});
describeCommandIndex('in memory', open);
describeFedCommandIndex('in memory', async () => ({
  index: new MemoryCommandIndex(),
  dispose: async () => undefined,
}));
describeSnapshotStore('in memory', open);
describeIdentifierIndex('in memory', open);
describeKeyStore('in memory', async () => {
  const keys = new MemoryKeyStore();
  return { keys, dispose: () => keys.close() };
});
