import { contractOf } from '@rapport/contracts';
import { MemoryEventStore } from '@rapport/event-store';
import { systemClock, systemScheduler } from '@rapport/runtime';
import { describeEventFeed } from '../event-feed.contract.js';
import { openStoreEventFeed } from './store-event-feed.adapter.js';

describeEventFeed('Store', async () => {
  const store = new MemoryEventStore(systemClock);
  let revision = -1n;
  return {
    // Polling is far away: only `wake` makes the feed look in time.
    feed: openStoreEventFeed(store, { scheduler: systemScheduler, batchSize: 3, pollMs: 60_000 }),
    append: async (count) => {
      for (let i = 0; i < count; i++) {
        const eventId = `00000000-0000-4000-8000-${String(revision + 2n).padStart(12, '0')}`;
        const result = await store.append({
          streamId: 'customer-a',
          expectedRevision: revision,
          events: [
            {
              eventId,
              type: 'PurchaseRecorded',
              schemaVersion: 1,
              data: contractOf('PurchaseRecorded')!.example as Record<string, unknown>,
              metadata: {
                occurredAt: '2026-01-05T09:00:00.000Z',
                sourceSystem: 'test',
                channel: 'web',
                actor: { kind: 'system', id: 'test' },
                correlationId: eventId,
                causationId: eventId,
                commandKey: `k:${eventId}`,
              },
            },
          ],
        });
        if (result.kind !== 'appended') throw new Error(result.kind);
        revision = result.revision;
      }
    },
  };
});
