export * from './relay-checkpoint.port.js';
export * from './relay-start.js';
export * from './relay.runner.js';
export * from './relay-metrics.js';
export { MemoryRelayCheckpoint } from './memory/memory-relay-checkpoint.adapter.js';
export { openMongoRelayCheckpoint } from './mongodb/mongo-relay-checkpoint.adapter.js';
