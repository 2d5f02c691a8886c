import { randomUUID } from 'node:crypto';
import type { RecordedEvent } from '@rapport/contracts';
import {
  START,
  type Appended,
  type AppendRequest,
  type EventStore,
  type EventStoreReader,
  type EventToAppend,
  type ReadAllOptions,
} from './event-store.port.js';

export interface EventStoreUnderTest {
  readonly store: EventStore;
  /** Another reader of the same log, on a connection of its own where the adapter has such a thing. */
  openReader?(): EventStoreReader | Promise<EventStoreReader>;
  /** Closes the store and opens its log again, where it outlives the store. */
  reopen?(): Promise<EventStore>;
  dispose(): Promise<void>;
}

/** What an adapter promises beyond the port. */
export interface EventStoreTraits {
  /**
   * The log begins empty, nobody else writes to it, and it counts its events with positions 1, 2, 3 …: every position, page
   * and count is then checked exactly. Otherwise the log is a server's that others write to at the same time: a spec looks
   * only at streams of its own, from a checkpoint taken when it began.
   */
  readonly ownCountedLog: boolean;
  /** Index rows are written in the step of the append: what is wrong with them makes it fail. */
  readonly atomicIndexes: boolean;
  /** How long a page may be awaited, ms. */
  readonly deadlineMs: number;
}
export const EMBEDDED: EventStoreTraits = { ownCountedLog: true, atomicIndexes: true, deadlineMs: 5_000 };
export const SERVER: EventStoreTraits = { ownCountedLog: false, atomicIndexes: false, deadlineMs: 15_000 };

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

export interface TakeOptions {
  readonly pageSize?: number;
  /** Events it answers false for are not counted and not answered: those of others. */
  readonly isOurs?: (event: RecordedEvent) => boolean;
  readonly deadlineMs?: number;
}

/** Reads a subscription until `count` events were seen; the deadline says what was missing. */
export async function take(
  store: Pick<EventStore, 'subscribeAll'>,
  after: string,
  count: number,
  { pageSize, isOurs = () => true, deadlineMs = 5_000 }: TakeOptions = {},
): Promise<{ events: RecordedEvent[]; checkpoint: string }> {
  const abort = new AbortController();
  const events: RecordedEvent[] = [];
  let checkpoint = after;
  const deadline = setTimeout(() => abort.abort(), deadlineMs);
  try {
    for await (const page of store.subscribeAll({ after, pageSize, signal: abort.signal })) {
      events.push(...page.events.filter(isOurs));
      checkpoint = page.checkpoint;
      if (events.length >= count) return { events, checkpoint };
    }
  } finally {
    clearTimeout(deadline);
  }
  throw new Error(`saw ${events.length} of ${count} events before the deadline`);
}

const positionsOf = (events: readonly RecordedEvent[]): bigint[] => events.map((event) => event.position);
const areRising = (positions: readonly bigint[]): boolean =>
  positions.every((position, i) => i === 0 || position > positions[i - 1]!);

/** What every event store promises (`event-store.port.ts`). */
export function describeEventStore(
  name: string,
  open: () => Promise<EventStoreUnderTest>,
  { ownCountedLog, atomicIndexes, deadlineMs }: EventStoreTraits = EMBEDDED,
): void {
  describe(`Event store ${name}`, () => {
    let underTest: EventStoreUnderTest;
    let store: EventStore;
    /** Where the spec began: what lies before it is the business of others. */
    let start: string;
    let streams: Set<string>;
    beforeEach(async () => {
      underTest = await open();
      store = underTest.store;
      streams = new Set();
      start = store.checkpointAt((await store.head()).position);
    });
    afterEach(() => underTest.dispose());

    /** A stream of this spec. */
    const stream = (): string => {
      const streamId = freshStream();
      streams.add(streamId);
      return streamId;
    };
    const isOurs = ({ streamId }: { readonly streamId: string }): boolean => streams.has(streamId);
    const taken = (from: Pick<EventStore, 'subscribeAll'>, after: string, count: number, pageSize?: number) =>
      take(from, after, count, { pageSize, isOurs, deadlineMs });
    const readLog = async (options: ReadAllOptions = {}): Promise<RecordedEvent[]> =>
      (await collect(store.readAll({ after: start, ...options }))).filter(isOurs);
    /** One event in each of `count` new streams, one after the other. */
    const write = async (count: number): Promise<Appended[]> => {
      const results: Appended[] = [];
      for (let i = 0; i < count; i++)
        results.push(
          await appended(store, {
            streamId: stream(),
            expectedRevision: -1n,
            events: [touch({ data: { i } })],
          }),
        );
      return results;
    };
    const numbered = (...positions: number[]): bigint[] => positions.map(BigInt);

    describe('when appending', () => {
      it('starts a stream at revision 0 and moves the head of the log', async () => {
        const before = await store.head();
        const result = await appended(store, {
          streamId: stream(),
          expectedRevision: -1n,
          events: [touch()],
        });
        expect(result).toMatchObject({ revision: 0n, idempotent: false });
        expect(result.position).toBeGreaterThan(before.position);
        const after = await store.head();
        expect(after.position).toBeGreaterThanOrEqual(result.position);
        if (!ownCountedLog) return expect(after.events).toBeUndefined();
        expect(result.position).toBe(1n);
        expect(after).toEqual({ position: 1n, events: 1n });
      });

      it('gives all events of one append consecutive revisions and rising positions', async () => {
        const streamId = stream();
        const result = await appended(store, {
          streamId,
          expectedRevision: -1n,
          events: [touch(), touch(), touch()],
        });
        const events = await store.readStream(streamId);
        expect(events.map((e) => e.revision)).toEqual([0n, 1n, 2n]);
        expect(areRising(positionsOf(events))).toBe(true);
        expect(result).toMatchObject({ revision: 2n, position: events[2]!.position });
        if (ownCountedLog) expect(positionsOf(events)).toEqual([1n, 2n, 3n]);
      });

      it('keeps data and metadata as they were given and adds when it was recorded', async () => {
        const streamId = stream();
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
          position: result.position,
          data: event.data,
          metadata: { ...event.metadata, recordedAt: result.recordedAt },
        });
        expect(await readLog()).toEqual([read]);
      });

      it('keeps a customer id that is not the one in the stream name, or none at all', async () => {
        const streamId = stream();
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
        const streamId = stream();
        await appended(store, { streamId, expectedRevision: -1n, events: [touch()] });
        for (const expectedRevision of [-1n, 1n, 7n])
          expect(await store.append({ streamId, expectedRevision, events: [touch()] })).toEqual({
            kind: 'conflict',
            currentRevision: 0n,
          });
        expect(await store.append({ streamId: stream(), expectedRevision: 0n, events: [touch()] })).toEqual({
          kind: 'conflict',
          currentRevision: -1n,
        });
        expect(await readLog()).toHaveLength(1);
        if (ownCountedLog) expect((await store.head()).events).toBe(1n);
      });

      it('lets exactly one of many concurrent writers at a revision win', async () => {
        const streamId = stream();
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

      it('records an append once that many send at the same time', async () => {
        const request = { streamId: stream(), expectedRevision: -1n, events: [touch(), touch()] };
        const results = await Promise.allSettled(Array.from({ length: 8 }, () => appended(store, request)));
        const answered = results.flatMap((r) => (r.status === 'fulfilled' ? [r.value] : []));
        const failures = results.flatMap((r) => (r.status === 'rejected' ? [r.reason as unknown] : []));
        expect(answered.length).toBeGreaterThan(0);
        // A server may leave a repetition of what it is just writing unanswered; asked again, it knows.
        for (const failure of failures) expect(failure).toMatchObject({ code: 'OUTCOME_UNKNOWN' });
        if (atomicIndexes) expect(failures).toEqual([]);
        for (const { revision, position } of [...answered, await appended(store, request)])
          expect({ revision, position }).toEqual({ revision: 1n, position: answered[0]!.position });
        expect(await store.readStream(request.streamId)).toHaveLength(2);
      });

      it('answers a retry with the same revision and ids with the first result, also after others wrote', async () => {
        const streamId = stream();
        const request = { streamId, expectedRevision: -1n, events: [touch(), touch()] };
        const first = await appended(store, request);
        expect(await appended(store, request)).toEqual({ ...first, idempotent: true });
        await appended(store, { streamId, expectedRevision: 1n, events: [touch()] });
        expect(await appended(store, request)).toEqual({ ...first, idempotent: true });
        expect(await store.readStream(streamId)).toHaveLength(3);
      });

      it('recognises the first part of an append', async () => {
        const streamId = stream();
        const events = [touch(), touch(), touch()];
        const whole = await appended(store, { streamId, expectedRevision: -1n, events });
        const part = await appended(store, { streamId, expectedRevision: -1n, events: events.slice(0, 2) });
        expect(part).toMatchObject({ revision: 1n, recordedAt: whole.recordedAt, idempotent: true });
        expect(part.position).toBe((await store.readStream(streamId))[1]!.position);
        const rest = await appended(store, { streamId, expectedRevision: 0n, events: events.slice(1) });
        expect(rest).toMatchObject({ revision: 2n, position: whole.position, idempotent: true });
      });

      it('treats a retry whose ids match only in part as a conflict', async () => {
        const streamId = stream();
        const first = touch();
        await appended(store, { streamId, expectedRevision: -1n, events: [first, touch()] });
        for (const events of [
          [first, touch()],
          [first, touch(), touch()],
          [touch(), first],
        ])
          expect(await store.append({ streamId, expectedRevision: -1n, events })).toEqual({
            kind: 'conflict',
            currentRevision: 1n,
          });
        expect(await store.readStream(streamId)).toHaveLength(2);
      });

      it('refuses events with the same id in one append, and an append without events', async () => {
        const event = touch();
        for (const events of [[event, event], []])
          await expect(
            store.append({ streamId: stream(), expectedRevision: -1n, events }),
          ).rejects.toMatchObject({ code: 'INTERNAL' });
        expect(await readLog()).toEqual([]);
        if (ownCountedLog) expect((await store.head()).events).toBe(0n);
      });

      it('lets no failing append harm the others that came at the same time', async () => {
        const written = Array.from({ length: 30 }, stream);
        const event = touch();
        // A hash that is no hash makes the work fail inside the transaction, where there is one.
        const failing = atomicIndexes
          ? { identifiers: { add: [{ hash: 'zz', kind: 'identifier', customerId: 'c' } as const] } }
          : { events: [event, event] };
        const results = await Promise.allSettled(
          written.map((streamId, i) =>
            store.append({
              streamId,
              expectedRevision: -1n,
              events: [touch()],
              ...(i % 10 === 4 ? failing : {}),
            }),
          ),
        );
        for (const [i, streamId] of written.entries()) {
          const isBad = i % 10 === 4;
          expect(results[i]!.status).toBe(isBad ? 'rejected' : 'fulfilled');
          expect(await store.readStream(streamId)).toHaveLength(isBad ? 0 : 1);
        }
        const events = await readLog();
        expect(events).toHaveLength(27);
        expect(areRising(positionsOf(events))).toBe(true);
        if (ownCountedLog)
          expect(positionsOf(events)).toEqual(Array.from({ length: 27 }, (_, i) => BigInt(i + 1)));
      });

      it('does not let a caller change what was recorded', async () => {
        const streamId = stream();
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
      let streamId: string;
      beforeEach(async () => {
        streamId = stream();
        const events = Array.from({ length: 10 }, (_, n) => touch({ data: { n } }));
        await appended(store, { streamId, expectedRevision: -1n, events: events.slice(0, 4) });
        await appended(store, { streamId: stream(), expectedRevision: -1n, events: [touch()] });
        await appended(store, { streamId, expectedRevision: 3n, events: events.slice(4) });
      });
      const numbers = (events: readonly RecordedEvent[]): unknown[] =>
        events.map((e) => (e.data as { n: number }).n);

      it('reads forward from any revision, at most as many as asked for', async () => {
        expect(numbers(await store.readStream(streamId))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        expect(numbers(await store.readStream(streamId, { fromRevision: 7n }))).toEqual([7, 8, 9]);
        expect(numbers(await store.readStream(streamId, { fromRevision: 3n, maxCount: 2 }))).toEqual([3, 4]);
        expect(await store.readStream(streamId, { fromRevision: 10n })).toEqual([]);
        expect(await store.readStream(streamId, { maxCount: 0 })).toEqual([]);
      });

      it('reads backward from the end or from any revision', async () => {
        const backward = { direction: 'backward' } as const;
        expect(numbers(await store.readStream(streamId, { ...backward, maxCount: 3 }))).toEqual([9, 8, 7]);
        expect(numbers(await store.readStream(streamId, { ...backward, fromRevision: 2n }))).toEqual([
          2, 1, 0,
        ]);
        expect(
          numbers(await store.readStream(streamId, { ...backward, fromRevision: 99n, maxCount: 1 })),
        ).toEqual([9]);
        expect(numbers(await store.readStream(streamId, backward))).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
      });

      it('answers an unknown stream with nothing', async () => {
        expect(await store.readStream(freshStream())).toEqual([]);
        expect(await store.readStream(freshStream(), { direction: 'backward', maxCount: 1 })).toEqual([]);
      });
    });

    describe('when reading the whole log', () => {
      it('reads every event once, in the order of positions, in pages', async () => {
        const written = await write(23);
        const sizes: number[] = [];
        const positions: bigint[] = [];
        for await (const page of store.readAll({ after: start, pageSize: 10 })) {
          sizes.push(page.events.length);
          positions.push(...positionsOf(page.events.filter(isOurs)));
          expect(page.through).toBeGreaterThanOrEqual(page.events.at(-1)?.position ?? 0n);
          if (ownCountedLog) expect(page.through).toBe(page.events.at(-1)!.position);
        }
        expect(positions).toEqual(written.map(({ position }) => position));
        expect(Math.max(...sizes)).toBeLessThanOrEqual(10);
        if (!ownCountedLog) return;
        expect(sizes).toEqual([10, 10, 3]);
        expect(positions).toEqual(Array.from({ length: 23 }, (_, i) => BigInt(i + 1)));
      });

      it('ends at the head it saw when it started', async () => {
        const written = await write(5);
        const seen: bigint[] = [];
        for await (const page of store.readAll({ after: start, pageSize: 2 })) {
          seen.push(...positionsOf(page.events.filter(isOurs)));
          await write(1);
        }
        expect(seen).toEqual(written.map(({ position }) => position));
        if (ownCountedLog) expect(seen).toEqual(numbered(1, 2, 3, 4, 5));
      });

      it('goes on after a checkpoint and stops at a position', async () => {
        const written = (await write(10)).map(({ position }) => position);
        const after = store.checkpointAt(written[2]!);
        const events = await readLog({ after, throughPosition: written[6]!, pageSize: 2 });
        expect(positionsOf(events)).toEqual(written.slice(3, 7));
        expect(positionsOf(await readLog({ throughPosition: written[0]! }))).toEqual([written[0]]);
        expect(await readLog({ after: store.checkpointAt(written[9]!) })).toEqual([]);
        expect(store.checkpointAt(0n)).toBe(START);
        if (ownCountedLog) expect(positionsOf(events)).toEqual(numbered(4, 5, 6, 7));
      });

      it('begins with the event at a position when asked for everything from before it', async () => {
        const [, second] = await write(3);
        const after = store.checkpointBefore(second!.position);
        const events = await readLog({ after, throughPosition: second!.position });
        expect(positionsOf(events)).toEqual([second!.position]);
      });

      it('goes on after the checkpoint of any page', async () => {
        const written = await write(7);
        const checkpoints: string[] = [];
        for await (const page of store.readAll({ after: start, pageSize: 2 }))
          checkpoints.push(page.checkpoint);
        expect(checkpoints.length).toBeGreaterThan(2);
        for (const checkpoint of checkpoints) {
          const before = await collect(store.readAll({ after: start, pageSize: 3 }));
          const rest = await collect(store.readAll({ after: checkpoint, pageSize: 3 }));
          const skipped = before.filter(({ eventId }) => !rest.some((event) => event.eventId === eventId));
          expect([...skipped, ...rest].filter(isOurs)).toHaveLength(written.length);
          expect(areRising(positionsOf([...skipped, ...rest]))).toBe(true);
        }
        expect(await readLog({ after: checkpoints.at(-1)! })).toEqual([]);
      });

      it('leaves out what is not accepted and still says how far it is complete', async () => {
        const wanted = stream();
        await write(3);
        const result = await appended(store, {
          streamId: wanted,
          expectedRevision: -1n,
          events: [touch(), touch({ type: 'ReferralMade', data: { referralId: 'r-1' } })],
        });
        const [, last] = await write(2);
        const accept = (streamId: string, type: string) => streamId === wanted && type === 'ReferralMade';
        const pages: [bigint[], bigint][] = [];
        for await (const page of store.readAll({ after: start, pageSize: 3, accept }))
          pages.push([positionsOf(page.events), page.through]);
        expect(pages.flatMap(([positions]) => positions)).toEqual([result.position]);
        expect(areRising(pages.map(([, through]) => through))).toBe(true);
        expect(pages.at(-1)![1]).toBeGreaterThanOrEqual(last!.position);
        if (ownCountedLog)
          expect(pages).toEqual([
            [[], 3n],
            [[5n], 6n],
            [[], 7n],
          ]);
      });

      it('answers nothing where nothing was written', async () => {
        expect(await readLog()).toEqual([]);
        if (!ownCountedLog) return;
        expect(await collect(store.readAll())).toEqual([]);
        expect(await store.head()).toEqual({ position: 0n, events: 0n });
      });
    });

    describe('when subscribing to the whole log', () => {
      it('delivers what is there and then what comes', async () => {
        const before = await write(3);
        const seen = taken(store, start, 8, 2);
        const after = await write(5);
        const positions = positionsOf((await seen).events);
        expect(positions).toEqual([...before, ...after].map(({ position }) => position));
        if (ownCountedLog) expect(positions).toEqual(numbered(1, 2, 3, 4, 5, 6, 7, 8));
      });

      it('resumes from a checkpoint without a gap or a repetition', async () => {
        const written = (await write(6)).map(({ position }) => position);
        const first = await taken(store, start, 4, 2);
        written.push(...(await write(2)).map(({ position }) => position));
        const second = await taken(store, first.checkpoint, 8 - first.events.length);
        expect(positionsOf([...first.events, ...second.events])).toEqual(written);
        if (ownCountedLog) expect(written).toEqual(numbered(1, 2, 3, 4, 5, 6, 7, 8));
      });

      it('delivers every event of concurrent writers once, in order, without a gap', async () => {
        const written = Array.from({ length: 8 }, stream);
        const seen = taken(store, start, 8 * 12);
        await Promise.all(
          written.map(async (streamId) => {
            for (let n = 0n; n < 12n; n += 3n)
              await appended(store, {
                streamId,
                expectedRevision: n - 1n,
                events: [touch(), touch(), touch()],
              });
          }),
        );
        const { events } = await seen;
        expect(areRising(positionsOf(events))).toBe(true);
        for (const streamId of written)
          expect(events.filter((e) => e.streamId === streamId).map((e) => e.revision)).toEqual(
            Array.from({ length: 12 }, (_, n) => BigInt(n)),
          );
      });

      it('serves several subscribers independently', async () => {
        const gone = new AbortController();
        const leaving = (async () => {
          for await (const page of store.subscribeAll({ after: start, signal: gone.signal }))
            if (page.events.some(isOurs)) gone.abort();
          return 'left';
        })();
        const [one, other] = [taken(store, start, 6, 1), taken(store, start, 6)];
        await write(3);
        expect(await leaving).toBe('left');
        const last = await write(3);
        for (const { events } of await Promise.all([one, other])) {
          expect(events).toHaveLength(6);
          expect(events.at(-1)!.position).toBe(last[2]!.position);
        }
      });

      it('ends after the position it is asked for', async () => {
        const written = await write(5);
        const signal = AbortSignal.timeout(deadlineMs);
        const throughPosition = written[3]!.position;
        const events = await collect(
          store.subscribeAll({ after: start, throughPosition, pageSize: 3, signal }),
        );
        expect(positionsOf(events.filter(isOurs))).toEqual(
          written.slice(0, 4).map(({ position }) => position),
        );
        expect(signal.aborted).toBe(false);
        const after = store.checkpointAt(throughPosition);
        expect(await collect(store.subscribeAll({ after, throughPosition, signal }))).toEqual([]);
      });

      it('leaves out what is not accepted and says that it came past it', async () => {
        const wanted = stream();
        await write(2);
        const { position } = await appended(store, {
          streamId: wanted,
          expectedRevision: -1n,
          events: [touch()],
        });
        const [, last] = await write(2);
        const signal = AbortSignal.timeout(deadlineMs);
        const accepted: RecordedEvent[] = [];
        const accept = (streamId: string): boolean => streamId === wanted;
        for await (const page of store.subscribeAll({ after: start, accept, signal })) {
          accepted.push(...page.events);
          if (page.through >= last!.position) break;
        }
        expect(positionsOf(accepted)).toEqual([position]);
        expect(signal.aborted).toBe(false);
      });

      it('hands out pages of the size asked for at most', async () => {
        await write(9);
        const sizes: number[] = [];
        const signal = AbortSignal.timeout(deadlineMs);
        let ours = 0;
        for await (const page of store.subscribeAll({ after: start, pageSize: 4, signal })) {
          sizes.push(page.events.length);
          ours += page.events.filter(isOurs).length;
          if (ours === 9) break;
        }
        expect(ours).toBe(9);
        expect(Math.max(...sizes)).toBeLessThanOrEqual(4);
      });

      it('ends when it is told to, also while it waits', async () => {
        const abort = new AbortController();
        const ended = (async () => {
          for await (const page of store.subscribeAll({ after: start, signal: abort.signal })) void page;
          return 'ended';
        })();
        await write(1);
        abort.abort();
        expect(await ended).toBe('ended');
      });

      it('ends when the store is closed', async () => {
        const signal = new AbortController().signal;
        const ended = (async () => {
          for await (const page of store.subscribeAll({ after: start, signal })) void page;
          return 'ended';
        })();
        await write(1);
        await store.close();
        expect(await ended).toBe('ended');
      });

      it('serves readers on connections of their own, woken or not', async () => {
        if (underTest.openReader === undefined) return;
        await write(2);
        const reader = await underTest.openReader();
        try {
          const seen = taken(reader, start, 5);
          await write(2);
          reader.notify();
          const [last] = await write(1);
          const { events } = await seen;
          expect(events).toHaveLength(5);
          expect((await reader.head()).position).toBeGreaterThanOrEqual(last!.position);
          expect(await reader.readStream(events[0]!.streamId)).toEqual([events[0]]);
          if (ownCountedLog) expect(await reader.head()).toEqual({ position: 5n, events: 5n });
        } finally {
          await reader.close();
        }
      });
    });

    it('has everything again when it is opened anew, and goes on where it was', async () => {
      if (underTest.reopen === undefined) return;
      const streamId = stream();
      const request = { streamId, expectedRevision: -1n, events: [touch(), touch()] };
      const first = await appended(store, request);
      const events = await store.readStream(streamId);
      store = await underTest.reopen();
      expect(await store.readStream(streamId)).toEqual(events);
      expect(await readLog()).toEqual(events);
      const again = await appended(store, request);
      expect(again).toMatchObject({ revision: 1n, position: first.position });
      expect(await appended(store, { streamId, expectedRevision: 1n, events: [touch()] })).toMatchObject({
        revision: 2n,
        idempotent: false,
      });
      expect((await taken(store, start, 3)).events.map((e) => e.revision)).toEqual([0n, 1n, 2n]);
    });

    it('refuses work once it is closed', async () => {
      await store.close();
      await expect(
        store.append({ streamId: freshStream(), expectedRevision: -1n, events: [touch()] }),
      ).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      await expect(store.readStream(freshStream())).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      await expect(store.head()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    });
  });
}
