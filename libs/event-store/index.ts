export * from './event-store.port.js';
export * from './command-index.port.js';
export * from './identifier-index.port.js';
export * from './snapshot-store.port.js';
export * from './key-store.port.js';
export * from './decider.js';
