export * from './read-model.port.js';
export * from './dead-letters.port.js';
export * from './lease.port.js';
export * from './collection-name.js';
export * from './memory/memory-read-model.adapter.js';
export * from './sqlite/sqlite-read-model.adapter.js';
export { openMongoReadModels, type MongoReadModelStore } from './mongodb/mongo-read-model.adapter.js';
