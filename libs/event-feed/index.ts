export * from './event-feed.port.js';
export * from './store/store-event-feed.adapter.js';
