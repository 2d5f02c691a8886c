export * from './mongodb/mongo-connection.adapter.js';
export * from './mongodb/mongo-errors.adapter.js';
