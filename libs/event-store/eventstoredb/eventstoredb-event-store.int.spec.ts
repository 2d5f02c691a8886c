import { systemClock } from '@rapport/runtime';
import { describeEventStore, SERVER } from '../event-store.contract.js';
import { openEventStoreDbEventStore } from './eventstoredb-event-store.js';

const connectionString = process.env.EVENTSTOREDB_URL;
if (!connectionString)
  throw new Error('EVENTSTOREDB_URL is missing: `npm run test:int` starts what it names.');

// Long enough for a busy machine; a repetition that the server drops costs a spec this time.
const openStore = () =>
  openEventStoreDbEventStore({ connectionString, clock: systemClock, appendDeadlineMs: 3_000 });

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
