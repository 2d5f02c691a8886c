import { murmur2Partitioning, openStoreEventFeed, type EventFeed } from '@rapport/event-feed';
import { openMongoConnection } from '@rapport/connections';
import {
  openEventStoreDbEventStore,
  openSqliteEventStoreReader,
  type EventStore,
} from '@rapport/event-store';
import { asOnePartition } from '@rapport/projection-engine';
import {
  openMongoReadModels, openSqliteReadModels, type DeadLetterStore, type LeaseStore, type ReadModelStore,
} from '@rapport/read-model'; // prettier-ignore
import { systemClock, systemScheduler } from '@rapport/runtime';
import type { ServersConfig } from './config.js';

/** How a thread or a command line opens the stores by itself. A plain value: it travels to threads. */
export type StoreSettings =
  | {
      readonly kind: 'embedded';
      readonly folder: string;
      /** Of the log's writer, for threads of its process. */
      readonly durable?: SharedArrayBuffer;
    }
  | ({ readonly kind: 'servers' } & ServersConfig);

/** The log to read and the read models, the whole log as one partition: for rebuilds, checks and questions about all. */
export interface WholeLogStores {
  readonly history: Omit<EventStore, 'append'>;
  readonly readModels: ReadModelStore & DeadLetterStore & LeaseStore;
  readonly feed: EventFeed;
  close(): Promise<void>;
}

/** Throws UNAVAILABLE when an embedded folder holds nothing yet. */
export async function openWholeLogStores(
  settings: StoreSettings,
  options: { readonly readOnly?: boolean } = {},
): Promise<WholeLogStores> {
  if (settings.kind === 'embedded') {
    const history = openSqliteEventStoreReader(settings.folder, { durable: settings.durable });
    const readModels = openSqliteReadModels(settings.folder, options);
    return {
      history,
      readModels,
      feed: openStoreEventFeed(history, { scheduler: systemScheduler }),
      close: async () => {
        await readModels.close();
        await history.close();
      },
    };
  }
  const history = await openEventStoreDbEventStore({
    connectionString: settings.eventStoreDbUrl,
    clock: systemClock,
  });
  const connection = await openMongoConnection(mongoOf(settings));
  return {
    history,
    readModels: asOnePartition(
      openMongoReadModels(connection),
      murmur2Partitioning(settings.partitions).partitions,
    ),
    feed: openStoreEventFeed(history, { scheduler: systemScheduler }),
    close: async () => {
      await connection.close();
      await history.close();
    },
  };
}

export const mongoOf = ({ mongoDbUrl, mongoDbDatabase }: ServersConfig) => ({
  url: mongoDbUrl,
  ...(mongoDbDatabase === undefined ? {} : { database: mongoDbDatabase }),
});
