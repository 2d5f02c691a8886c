export * from './event-store.port.js';
export * from './command-index.port.js';
export * from './logged-commands.js';
export * from './log-size.js';
export * from './identifier-index.port.js';
export * from './snapshot-store.port.js';
export * from './key-store.port.js';
export * from './decider.js';
export * from './codec/event-codec.js';
export * from './codec/upcast.js';
export * from './identifiers/identifier-changes.js';
export * from './identifiers/normalise.js';
export * from './identifiers/rebuild-identifier-index.js';
export * from './index-feeder.js';
export * from './retry.js';
export * from './erasure.js';
export * from './handle-command.js';
export { stateOfJoined } from './joined-streams.js';
export {
  openSqliteEventStore,
  openSqliteEventStoreReader,
  EVENTS_FILE,
  type SqliteEventStore,
  type SqliteEventStoreOptions,
  type SqliteEventStoreReader,
} from './sqlite/sqlite-event-store.adapter.js';
export {
  openSqliteKeyStore,
  KEYS_FILE,
  type SqliteKeyStore,
  type SqliteKeyStoreOptions,
} from './sqlite/sqlite-key-store.adapter.js';
export {
  openEventStoreDbEventStore,
  STREAM_PREFIXES,
  type EventStoreDbEventStore,
  type EventStoreDbNotice,
  type EventStoreDbOptions,
} from './eventstoredb/eventstoredb-event-store.js';
export { MemoryEventStore } from './memory/memory-event-store.adapter.js';
export { MemoryCommandIndex } from './memory/memory-command-index.adapter.js';
export { MemoryKeyStore } from './memory/memory-key-store.adapter.js';
export { openMongoSnapshotStore } from './mongodb/mongo-snapshot-store.adapter.js';
export { openMongoCommandIndex } from './mongodb/mongo-command-index.adapter.js';
export { openMongoIdentifierIndex } from './mongodb/mongo-identifier-index.adapter.js';
export {
  openMongoKeyStore,
  type MongoKeyStore,
  type MongoKeyStoreOptions,
} from './mongodb/mongo-key-store.adapter.js';
