import { systemClock } from '@rapport/runtime';
import { describeEventStore, SERVER } from '../event-store.contract.js';
import { openEventStoreDbEventStore } from './eventstoredb-event-store.js';

const connectionString = process.env.EVENTSTOREDB_URL;
if (!connectionString)
  throw new Error('EVENTSTOREDB_URL is missing: `npm run test:int` starts what it names.');

const openStore = () => openEventStoreDbEventStore({ connectionString, clock: systemClock });

describeEventStore(
  'on EventStoreDB',
  async () => {
    let store = await openStore();
    return {
      store,
      openReader: openStore,
      reopen: async () => {
        await store.close();
        return (store = await openStore());
      },
      dispose: () => store.close(),
    };
  },
  SERVER,
);
