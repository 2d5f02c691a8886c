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
  openKafkaEventFeed,
  openKafkaEventPublisher,
  type KafkaConnectionOptions,
  type KafkaEventFeedOptions,
  type KafkaEventPublisherOptions,
  type KafkaLog,
  type KafkaSecurity,
} from './kafka/kafka-topic.js';
