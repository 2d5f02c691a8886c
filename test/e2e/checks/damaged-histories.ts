import type { RecordedEvent } from '@rapport/contracts';
import { eventBuilder } from '@rapport/testing';
import type { TopicRecord } from '../topic-copy.js';

/** A sound history of two customers, for specs that damage it. */
export const soundLog = (): RecordedEvent[] =>
  eventBuilder()
    .customer('ada').type('CustomerRegistered').type('PurchaseRecorded').type('PurchaseRecorded', { orderId: 'o-2' })
    .customer('ben').type('CustomerRegistered').type('TouchPointRecorded')
    .build(); // prettier-ignore

/** The topic as a relay would have filled it, each stream in a partition of its own. */
export const topicOf = (log: readonly RecordedEvent[]): TopicRecord[] => {
  const streams = [...new Set(log.map(({ streamId }) => streamId))];
  return log.map((event, i) => ({
    partition: streams.indexOf(event.streamId),
    offset: BigInt(i),
    key: null,
    value: Buffer.from(JSON.stringify(event.data)),
    headers: {
      ce_id: event.eventId,
      ce_type: event.type,
      ce_subject: event.streamId,
      schemaversion: String(event.schemaVersion),
      revision: String(event.revision),
      position: String(event.position),
    },
  }));
};
