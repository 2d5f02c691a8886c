import { randomUUID } from 'node:crypto';
import type { RecordedEvent } from '@rapport/contracts';
import {
  START,
  type Appended,
  type AppendRequest,
  type EventStore,
  type EventStoreReader,
  type EventToAppend,
} from './event-store.port.js';

export interface EventStoreUnderTest {
  readonly store: EventStore;
  /** Another reader of the same log, on a connection of its own where the adapter has such a thing. */
  openReader?(): EventStoreReader;
  dispose(): Promise<void>;
}

/** An event without personal fields; `data` and metadata may be replaced. */
export function touch(
  overrides: Partial<Omit<EventToAppend, 'metadata'>> & {
    readonly metadata?: Partial<EventToAppend['metadata']>;
  } = {},
): EventToAppend {
  const { metadata, ...rest } = overrides;
  return {
    eventId: randomUUID(),
    type: 'TouchPointRecorded',
    schemaVersion: 1,
    data: { direction: 'in', kind: 'call', durationS: 240 },
    ...rest,
    metadata: {
      occurredAt: '2026-11-23T10:00:00.000Z',
      sourceSystem: 'spec',
      channel: 'web',
      actor: { kind: 'agent', id: 'agent-3' },
      correlationId: 'corr-1',
      causationId: 'corr-1',
      commandKey: 'k:1',
      ...metadata,
    },
  };
}

/** A stream id no other spec uses. */
export const freshStream = (): string => `customer-${randomUUID()}`;

export async function appended(store: EventStore, request: AppendRequest): Promise<Appended> {
  const result = await store.append(request);
  if (result.kind !== 'appended') throw new Error(`append answered ${result.kind}`);
  return result;
}

export async function collect(pages: AsyncIterable<{ readonly events: readonly RecordedEvent[] }>) {
  const events: RecordedEvent[] = [];
  for await (const page of pages) events.push(...page.events);
  return events;
}

/** Reads a subscription until `count` events were seen; the deadline says what was missing. */
export async function take(
  store: Pick<EventStore, 'subscribeAll'>,
  after: string,
  count: number,
  pageSize?: number,
): Promise<{ events: RecordedEvent[]; checkpoint: string }> {
  const abort = new AbortController();
  const events: RecordedEvent[] = [];
  let checkpoint = after;
  const deadline = setTimeout(() => abort.abort(), 5_000);
  try {
    for await (const page of store.subscribeAll({ after, pageSize, signal: abort.signal })) {
      events.push(...page.events);
      checkpoint = page.checkpoint;
      if (events.length >= count) return { events, checkpoint };
    }
  } finally {
    clearTimeout(deadline);
  }
  throw new Error(`saw ${events.length} of ${count} events before the deadline`);
}

/** What every event store promises (`event-store.port.ts`). */
export function describeEventStore(name: string, open: () => Promise<EventStoreUnderTest>): void {
  describe(`Event store ${name}`, () => {
    let underTest: EventStoreUnderTest;
    let store: EventStore;
    beforeEach(async () => {
      underTest = await open();
      store = underTest.store;
    });
    afterEach(() => underTest.dispose());

    describe('when appending', () => {
      it('starts a stream at revision 0 and the log at position 1', async () => {
        const result = await appended(store, {
          streamId: freshStream(),
          expectedRevision: -1n,
          events: [touch()],
        });
        expect(result).toMatchObject({ revision: 0n, position: 1n, idempotent: false });
        expect(await store.head()).toEqual({ position: 1n, events: 1n });
      });

      it('gives all events of one append consecutive revisions and positions', async () => {
        const streamId = freshStream();
        await appended(store, { streamId, expectedRevision: -1n, events: [touch(), touch(), touch()] });
        const events = await store.readStream(streamId);
        expect(events.map((e) => [e.revision, e.position])).toEqual([
          [0n, 1n],
          [1n, 2n],
          [2n, 3n],
        ]);
      });

      it('keeps data and metadata as they were given and adds when it was recorded', async () => {
        const streamId = freshStream();
        const event = touch({
          data: { direction: 'in', text: 'tab\there\nand line', nested: { list: [1, null, 'ü€😀'] } },
          metadata: {
            customerId: streamId.slice('customer-'.length),
            sourceSystem: 'with\ttab',
            actor: { kind: 'agent', id: '' },
            correlationId: 'corr-9',
            causationId: 'cause-9',
            sourceEventId: 'order-1',
            sourceSeq: 7,
            sentAt: '2026-11-23T09:59:59.000Z',
            ruleBookVersion: 'default@1',
            late: true,
          },
        });
        const result = await appended(store, { streamId, expectedRevision: -1n, events: [event] });
        const [read] = await store.readStream(streamId);
        expect(read).toEqual({
          eventId: event.eventId,
          type: event.type,
          schemaVersion: 1,
          streamId,
          revision: 0n,
          position: 1n,
          data: event.data,
          metadata: { ...event.metadata, recordedAt: result.recordedAt },
        });
      });

      it('keeps a customer id that is not the one in the stream name, or none at all', async () => {
        const streamId = freshStream();
        await appended(store, {
          streamId,
          expectedRevision: -1n,
          events: [touch({ metadata: { customerId: 'other' } }), touch()],
        });
        const events = await store.readStream(streamId);
        expect(events.map((e) => e.metadata.customerId)).toEqual(['other', undefined]);
        expect('customerId' in events[1]!.metadata).toBe(false);
      });

      it('refuses another expected revision with the current one and records nothing', async () => {
        const streamId = freshStream();
        await appended(store, { streamId, expectedRevision: -1n, events: [touch()] });
        for (const expectedRevision of [-1n, 1n, 7n])
          expect(await store.append({ streamId, expectedRevision, events: [touch()] })).toEqual({
            kind: 'conflict',
            currentRevision: 0n,
          });
        expect(
          await store.append({ streamId: freshStream(), expectedRevision: 0n, events: [touch()] }),
        ).toEqual({
          kind: 'conflict',
          currentRevision: -1n,
        });
        expect((await store.head()).events).toBe(1n);
      });

      it('lets exactly one of many concurrent writers at a revision win', async () => {
        const streamId = freshStream();
        await appended(store, { streamId, expectedRevision: -1n, events: [touch()] });
        const results = await Promise.all(
          Array.from({ length: 20 }, () =>
            store.append({ streamId, expectedRevision: 0n, events: [touch(), touch()] }),
          ),
        );
        expect(results.filter((r) => r.kind === 'appended')).toHaveLength(1);
        expect(results.filter((r) => r.kind === 'conflict')).toHaveLength(19);
        expect(await store.readStream(streamId)).toHaveLength(3);
      });

      it('answers a retry with the same revision and ids with the first result, also after others wrote', async () => {
        const streamId = freshStream();
        const request = { streamId, expectedRevision: -1n, events: [touch(), touch()] };
        const first = await appended(store, request);
        expect(await appended(store, request)).toEqual({ ...first, idempotent: true });
        await appended(store, { streamId, expectedRevision: 1n, events: [touch()] });
        expect(await appended(store, request)).toEqual({ ...first, idempotent: true });
        expect(await store.readStream(streamId)).toHaveLength(3);
      });

      it('treats a retry whose ids match only in part as a conflict', async () => {
        const streamId = freshStream();
        const first = touch();
        await appended(store, { streamId, expectedRevision: -1n, events: [first, touch()] });
        expect(
          await store.append({ streamId, expectedRevision: -1n, events: [first, touch()] }),
        ).toMatchObject({
          kind: 'conflict',
        });
        expect(
          await store.append({ streamId, expectedRevision: -1n, events: [first, touch(), touch()] }),
        ).toMatchObject({ kind: 'conflict' });
      });

      it('refuses events with the same id in one append', async () => {
        const event = touch();
        await expect(
          store.append({ streamId: freshStream(), expectedRevision: -1n, events: [event, event] }),
        ).rejects.toMatchObject({ code: 'INTERNAL' });
        expect((await store.head()).events).toBe(0n);
      });

      it('lets no failing append harm the others that came at the same time', async () => {
        const streams = Array.from({ length: 30 }, freshStream);
        const results = await Promise.allSettled(
          streams.map((streamId, i) =>
            store.append({
              streamId,
              expectedRevision: -1n,
              events: [touch()],
              // A hash that is no hash makes the work fail inside the transaction.
              ...(i % 10 === 4
                ? { identifiers: { add: [{ hash: 'zz', kind: 'identifier', customerId: 'c' }] } }
                : {}),
            }),
          ),
        );
        for (const [i, streamId] of streams.entries()) {
          const isBad = i % 10 === 4;
          expect(results[i]!.status).toBe(isBad ? 'rejected' : 'fulfilled');
          expect(await store.readStream(streamId)).toHaveLength(isBad ? 0 : 1);
        }
        const events = await collect(store.readAll());
        expect(events.map((e) => e.position)).toEqual(Array.from({ length: 27 }, (_, i) => BigInt(i + 1)));
      });

      it('does not let a caller change what was recorded', async () => {
        const streamId = freshStream();
        const data = { list: [1] };
        await appended(store, { streamId, expectedRevision: -1n, events: [touch({ data })] });
        data.list.push(2);
        const [first] = await store.readStream(streamId);
        (first!.data as typeof data).list.push(3);
        const [second] = await store.readStream(streamId);
        expect(second!.data).toEqual({ list: [1] });
      });
    });

    describe('when reading a stream', () => {
      const streamId = freshStream();
      beforeEach(async () => {
        const events = Array.from({ length: 10 }, (_, n) => touch({ data: { n } }));
        await appended(store, { streamId, expectedRevision: -1n, events: events.slice(0, 4) });
        await appended(store, { streamId: freshStream(), expectedRevision: -1n, events: [touch()] });
        await appended(store, { streamId, expectedRevision: 3n, events: events.slice(4) });
      });
      const numbers = (events: readonly RecordedEvent[]): unknown[] =>
        events.map((e) => (e.data as { n: number }).n);

      it('reads forward from any revision, at most as many as asked for', async () => {
        expect(numbers(await store.readStream(streamId))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        expect(numbers(await store.readStream(streamId, { fromRevision: 7n }))).toEqual([7, 8, 9]);
        expect(numbers(await store.readStream(streamId, { fromRevision: 3n, maxCount: 2 }))).toEqual([3, 4]);
        expect(await store.readStream(streamId, { fromRevision: 10n })).toEqual([]);
      });

      it('reads backward from the end or from any revision', async () => {
        expect(numbers(await store.readStream(streamId, { direction: 'backward', maxCount: 3 }))).toEqual([
          9, 8, 7,
        ]);
        expect(
          numbers(await store.readStream(streamId, { direction: 'backward', fromRevision: 2n })),
        ).toEqual([2, 1, 0]);
      });

      it('answers an unknown stream with nothing', async () => {
        expect(await store.readStream(freshStream())).toEqual([]);
      });
    });

    describe('when reading the whole log', () => {
      const write = async (count: number): Promise<void> => {
        for (let i = 0; i < count; i++)
          await appended(store, {
            streamId: freshStream(),
            expectedRevision: -1n,
            events: [touch({ data: { i } })],
          });
      };

      it('reads every event once, in the order of positions, in pages', async () => {
        await write(23);
        const sizes: number[] = [];
        const positions: bigint[] = [];
        for await (const page of store.readAll({ pageSize: 10 })) {
          sizes.push(page.events.length);
          positions.push(...page.events.map((e) => e.position));
          expect(page.through).toBe(page.events.at(-1)!.position);
        }
        expect(sizes).toEqual([10, 10, 3]);
        expect(positions).toEqual(Array.from({ length: 23 }, (_, i) => BigInt(i + 1)));
      });

      it('ends at the head it saw when it started', async () => {
        await write(5);
        const seen: bigint[] = [];
        for await (const page of store.readAll({ pageSize: 2 })) {
          seen.push(...page.events.map((e) => e.position));
          await write(1);
        }
        expect(seen).toEqual([1n, 2n, 3n, 4n, 5n]);
      });

      it('goes on after a checkpoint and stops at a position', async () => {
        await write(10);
        const events = await collect(
          store.readAll({ after: store.checkpointAt(3n), throughPosition: 7n, pageSize: 2 }),
        );
        expect(events.map((e) => e.position)).toEqual([4n, 5n, 6n, 7n]);
        expect(await collect(store.readAll({ after: START, throughPosition: 1n }))).toHaveLength(1);
        expect(store.checkpointAt(0n)).toBe(START);
      });

      it('leaves out what is not accepted and still says how far it is complete', async () => {
        const wanted = freshStream();
        await write(3);
        await appended(store, {
          streamId: wanted,
          expectedRevision: -1n,
          events: [touch(), touch({ type: 'ReferralMade', data: { referralId: 'r-1' } })],
        });
        await write(2);
        const accept = (streamId: string, type: string) => streamId === wanted && type === 'ReferralMade';
        const pages: [bigint[], bigint][] = [];
        for await (const page of store.readAll({ pageSize: 3, accept }))
          pages.push([page.events.map((e) => e.position), page.through]);
        expect(pages).toEqual([
          [[], 3n],
          [[5n], 6n],
          [[], 7n],
        ]);
      });

      it('answers an empty log with no page', async () => {
        expect(await collect(store.readAll())).toEqual([]);
        expect(await store.head()).toEqual({ position: 0n, events: 0n });
      });
    });

    describe('when subscribing to the whole log', () => {
      const write = (count: number) =>
        Promise.all(
          Array.from({ length: count }, () =>
            appended(store, { streamId: freshStream(), expectedRevision: -1n, events: [touch()] }),
          ),
        );

      it('delivers what is there and then what comes', async () => {
        await write(3);
        const seen = take(store, START, 8, 2);
        await write(5);
        expect((await seen).events.map((e) => e.position)).toEqual([1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n]);
      });

      it('resumes from a checkpoint without a gap or a repetition', async () => {
        await write(6);
        const first = await take(store, START, 4, 2);
        await write(2);
        const second = await take(store, first.checkpoint, 4);
        expect([...first.events, ...second.events].map((e) => e.position)).toEqual([
          1n,
          2n,
          3n,
          4n,
          5n,
          6n,
          7n,
          8n,
        ]);
      });

      it('ends when it is told to, also while it waits', async () => {
        const abort = new AbortController();
        const ended = (async () => {
          for await (const page of store.subscribeAll({ signal: abort.signal })) void page;
          return 'ended';
        })();
        await write(1);
        abort.abort();
        expect(await ended).toBe('ended');
      });

      it('ends when the store is closed', async () => {
        const ended = (async () => {
          for await (const page of store.subscribeAll({ signal: new AbortController().signal })) void page;
          return 'ended';
        })();
        await write(1);
        await store.close();
        expect(await ended).toBe('ended');
      });

      it('serves readers on connections of their own, woken or not', async () => {
        if (underTest.openReader === undefined) return;
        await write(2);
        const reader = underTest.openReader();
        try {
          const seen = take(reader, START, 5);
          await write(2);
          reader.notify();
          await write(1);
          expect((await seen).events).toHaveLength(5);
          expect(await reader.head()).toEqual({ position: 5n, events: 5n });
        } finally {
          await reader.close();
        }
      });
    });

    it('refuses work once it is closed', async () => {
      await store.close();
      await expect(
        store.append({ streamId: freshStream(), expectedRevision: -1n, events: [touch()] }),
      ).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      await expect(store.readStream(freshStream())).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    });
  });
}
