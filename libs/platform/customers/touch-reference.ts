import { customerStreamId } from '@rapport/contracts';
import type { AnyRecordedEvent, RecordedEvent, TouchReference } from '@rapport/contracts';
import type { EventStore } from '@rapport/event-store';

/** Events read at once while looking for a touch. */
const PAGE = 1_000;

/**
 * A touch point as it was recorded, with every product it was said to be about since; undefined when the customer, and who
 * was merged into them, has none of this id. Reads the customer's events: corrections are rare, and of any age.
 */
export async function touchReferenceOf(
  events: Pick<EventStore, 'readStream'>,
  customerId: string,
  eventId: string,
): Promise<TouchReference | undefined> {
  let original: Extract<AnyRecordedEvent, { type: 'TouchPointRecorded' }> | undefined;
  const products = new Set<string>();
  const streams = [customerStreamId(customerId)];
  for (const streamId of streams)
    for (let fromRevision = 0n; ;) {
      const page: readonly RecordedEvent[] = await events.readStream(streamId, {
        fromRevision,
        maxCount: PAGE,
      });
      for (const event of page as readonly AnyRecordedEvent[]) {
        if (event.type === 'CustomerAbsorbed') {
          const member = customerStreamId(event.data.member);
          if (!streams.includes(member)) streams.push(member);
        } else if (event.type === 'TouchPointRecorded' && event.eventId === eventId) original = event;
        else if (event.type === 'TouchPointCorrected' && event.data.targetEventId === eventId)
          if (event.data.changes.productId !== undefined) products.add(event.data.changes.productId);
      }
      if (page.length < PAGE) break;
      fromRevision = page.at(-1)!.revision + 1n;
    }
  if (original === undefined) return undefined;
  const { direction, kind, durationS, sentiment, productId } = original.data;
  if (productId !== undefined) products.add(productId);
  const { occurredAt, channel, actor } = original.metadata;
  return {
    eventId,
    original: {
      occurredAt,
      channel,
      direction,
      kind,
      actorKind: actor.kind,
      ...(durationS === undefined ? {} : { durationS }),
      ...(sentiment === undefined ? {} : { sentiment }),
    },
    productIds: [...products].sort(),
  };
}
