export * from './event.builder.js';
export * from './recorded-log.js';
export * from './scripted-feed.js';
export * from './live-documents.js';
export * from './arbitrary-events.js';
export * from './describe-projection.js';
export * from './sample-projections.js';
export * from './mongo-databases.js';
