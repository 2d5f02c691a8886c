import fc from 'fast-check';
import type { RecordedEvent } from '@rapport/contracts';
import { upcastToLatest } from '@rapport/event-store';
import { arbitraryHistory } from '@rapport/testing';
import type { FeedRecord } from '../event-publisher.port.js';
import { decodeRecord, encodeRecord, PROGRESS_TYPE, type RawRecord } from './kafka-records.js';

/** As a broker gives it back: everything is bytes. */
const sent = (record: FeedRecord): RawRecord => {
  const { value, headers } = encodeRecord(record);
  return {
    value: Buffer.from(value),
    headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)])),
  };
};
const recordOf = (event: RecordedEvent): FeedRecord => ({
  kind: 'event',
  partition: 3,
  previous: 2n ** 60n + 1n,
  ordinal: 7n,
  event,
});

describe('A record on Kafka', () => {
  it('becomes the same event again, whatever the event', () => {
    fc.assert(
      fc.property(arbitraryHistory({ events: '*' }), (events) => {
        for (const event of events) {
          const record = recordOf({ ...event, position: event.position + 2n ** 62n });
          expect(decodeRecord(3, sent(record), upcastToLatest)).toEqual(record);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('becomes the same progress again', () => {
    const record: FeedRecord = {
      kind: 'progress',
      partition: 3,
      previous: 5n,
      ordinal: 4n,
      through: 2n ** 60n,
      checkpoint: '12/0',
    };
    expect(decodeRecord(3, sent(record), upcastToLatest)).toEqual(record);
    expect(encodeRecord(record).headers.ce_type).toBe(PROGRESS_TYPE);
  });

  it('is a CloudEvent in binary mode, keyed by the customer', () => {
    fc.assert(
      fc.property(arbitraryHistory({ events: '*' }), ([event]) => {
        if (!event) return;
        const { key, headers } = encodeRecord(recordOf(event));
        expect(key).toBe(event.streamId.replace('customer-', ''));
        expect(headers).toMatchObject({
          ce_specversion: '1.0',
          ce_id: event.eventId,
          ce_type: event.type,
          ce_subject: event.streamId,
          ce_time: event.metadata.occurredAt,
          'content-type': 'application/json',
          position: String(event.position),
          revision: String(event.revision),
        });
      }),
      { numRuns: 20 },
    );
  });

  it('is skipped, never an error, when it is none of ours', () => {
    fc.assert(
      fc.property(
        fc.option(fc.uint8Array()),
        fc.dictionary(
          fc.constantFrom(
            'ordinal',
            'previous',
            'position',
            'ce_type',
            'metadata',
            'schemaversion',
            'revision',
          ),
          fc.oneof(fc.string(), fc.constant('7')),
        ),
        (value, headers) => {
          const raw = { value: value === null ? null : Buffer.from(value), headers };
          const decoded = decodeRecord(0, raw, upcastToLatest);
          // Without ce_subject nothing is an event; only a whole progress record could be read.
          if (decoded) expect(decoded.kind).toBe('progress');
        },
      ),
    );
    expect(decodeRecord(0, { value: null }, upcastToLatest)).toBeUndefined();
  });
});
