export * from './event-feed.port.js';
export * from './event-publisher.port.js';
export * from './partitioning.js';
export * from './store/store-event-feed.adapter.js';
export {
  MemoryTopic,
  openMemoryEventFeed,
  type MemoryEventFeedOptions,
} from './memory/memory-topic.adapter.js';
export {
  EVENTS_TOPIC,
  openKafkaEventPublisher,
  type KafkaEventPublisherOptions,
} from './kafka/kafka-event-publisher.adapter.js';
export { openKafkaEventFeed, type KafkaEventFeedOptions } from './kafka/kafka-event-feed.adapter.js';
export type { KafkaConnectionOptions, KafkaLog } from './kafka/kafka-connection.js';
