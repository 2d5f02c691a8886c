import type { EventFeed } from '../event-feed.port.js';
import type { EventPublisher } from '../event-publisher.port.js';
import type { KafkaEventFeedOptions } from './kafka-event-feed.adapter.js';
import type { KafkaEventPublisherOptions } from './kafka-event-publisher.adapter.js';

export type { KafkaEventFeedOptions, KafkaEventPublisherOptions };
export type { KafkaConnectionOptions, KafkaLog, KafkaSecurity } from './kafka-connection.js';
export { EVENTS_TOPIC } from './events-topic.js';

/** The relay's side of a topic. Nothing is sent before its first use; the driver is loaded only now. */
export async function openKafkaEventPublisher(options: KafkaEventPublisherOptions): Promise<EventPublisher> {
  const adapter = await import('./kafka-event-publisher.adapter.js');
  return adapter.openKafkaEventPublisher(options);
}

/** A member of a consumer group; it joins when it is first asked for its partitions. */
export async function openKafkaEventFeed(options: KafkaEventFeedOptions): Promise<EventFeed> {
  const adapter = await import('./kafka-event-feed.adapter.js');
  return adapter.openKafkaEventFeed(options);
}
