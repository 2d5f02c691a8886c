import { randomUUID } from 'node:crypto';
import {
  BACKWARDS,
  END,
  ErrorType,
  EventStoreDBClient,
  FORWARDS,
  jsonEvent,
  NO_STREAM,
  STREAM_EXISTS,
  streamNameFilter,
  type AllStreamSubscription,
  type AppendResult,
  type JSONEventData,
  type Position,
  type ResolvedEvent,
  type SubscribeToAllOptions,
  type WrongExpectedVersionError,
} from '@eventstore/db-client';

/**
 * What the product relies on of EventStoreDB 24.6, asked of whatever server is named: the stand-in answers as the real one.
 */
const connectionString = process.env.EVENTSTOREDB_URL;
if (!connectionString)
  throw new Error('EVENTSTOREDB_URL is missing: `npm run test:int` starts what it names.');

const DEADLINE_MS = 15_000;
const MAX_APPEND_SIZE = 1_048_576;

/** How appends reach the server: all of a client on one long call, or each on a call of its own (what the product does). */
const PATHS = ['BatchAppend', 'Append'] as const;
const clientOn = (path: (typeof PATHS)[number]): EventStoreDBClient => {
  const client = EventStoreDBClient.connectionString(connectionString);
  return path === 'BatchAppend' ? client : Object.assign(client, { supports: async () => false });
};

const event = (data: Record<string, unknown> = {}, id: string = randomUUID()): JSONEventData =>
  jsonEvent({ id, type: 'BehaviourSeen', data });
const events = (count: number): JSONEventData[] => Array.from({ length: count }, (_, n) => event({ n }));
const failure = (promise: Promise<unknown>): Promise<Record<string, unknown>> =>
  promise.then(
    (value) => ({ didNotFail: value }),
    (error: unknown) => error as Record<string, unknown>,
  );
async function all<T>(read: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of read) items.push(item);
  return items;
}
const revisions = (read: readonly ResolvedEvent[]): bigint[] => read.map((r) => r.event!.revision);

/** Resolves when `isTrue`, asked at every turn, says so; fails after the deadline with what was waited for. */
async function until(what: string, isTrue: () => boolean): Promise<void> {
  const deadlineMs = Date.now() + DEADLINE_MS;
  while (!isTrue()) {
    if (Date.now() > deadlineMs) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe.each(PATHS)('EventStoreDB, appending by %s', (path) => {
  let client: EventStoreDBClient;
  let stream: string;
  beforeEach(() => {
    client = clientOn(path);
    stream = `behaviour-${randomUUID()}`;
  });
  afterEach(() => client.dispose());

  const append = (what: JSONEventData[], expectedRevision: bigint | typeof NO_STREAM, deadline?: number) =>
    client.appendToStream(stream, what, { expectedRevision, deadline });
  const read = () => all(client.readStream(stream));

  it('answers revision and position of the last event', async () => {
    const result = await append(events(3), NO_STREAM);
    const written = await read();
    expect(revisions(written)).toEqual([0n, 1n, 2n]);
    expect(result).toEqual({
      success: true,
      nextExpectedRevision: 2n,
      position: written[2]!.event!.position,
    });
  });

  it('gives every event a position of its own, commit and prepare alike, strictly increasing', async () => {
    await append(events(3), NO_STREAM);
    await append(events(2), 2n);
    const written = await read();
    const positions = written.map((r) => r.event!.position!);
    for (const { commit, prepare } of positions) expect(commit).toBe(prepare);
    for (let i = 1; i < positions.length; i++)
      expect(positions[i]!.commit).toBeGreaterThan(positions[i - 1]!.commit);
    expect(written.map((r) => r.commitPosition)).toEqual(positions.map(({ commit }) => commit));
  });

  it('lets one of several writers at a revision win and tells the others the current one', async () => {
    await append(events(1), NO_STREAM);
    const results = await Promise.allSettled(Array.from({ length: 6 }, () => append(events(1), 0n)));
    expect(results.filter((r) => r.status === 'fulfilled')).toHaveLength(1);
    for (const result of results)
      if (result.status === 'rejected')
        expect(result.reason).toMatchObject({
          type: ErrorType.WRONG_EXPECTED_VERSION,
          streamName: stream,
          expectedVersion: 0n,
          actualVersion: 1n,
        } satisfies Partial<WrongExpectedVersionError>);
  });

  it('says that there is no stream where one is expected', async () => {
    expect(await failure(append(events(1), 4n))).toMatchObject({
      type: ErrorType.WRONG_EXPECTED_VERSION,
      expectedVersion: 4n,
      actualVersion: 'no_stream',
    });
    await append(events(1), NO_STREAM);
    expect(await failure(append(events(1), NO_STREAM))).toMatchObject({
      expectedVersion: 'no_stream',
      actualVersion: 0n,
    });
  });

  describe('when an append is repeated with its revision and ids', () => {
    it('answers as the first time, also after later appends', async () => {
      const what = events(2);
      const first = await append(what, NO_STREAM);
      expect(await append(what, NO_STREAM)).toEqual(first);
      const more = events(2);
      const second = await append(more, 1n);
      await append(events(1), 3n);
      expect(await append(what, NO_STREAM)).toEqual(first);
      expect(await append(more, 1n)).toEqual(second);
      expect(await read()).toHaveLength(5);
    });

    it('recognises the first part of it, with the place of its last event', async () => {
      const what = events(3);
      await append(what, NO_STREAM);
      const written = await read();
      expect(await append(what.slice(0, 2), NO_STREAM)).toEqual({
        success: true,
        nextExpectedRevision: 1n,
        position: written[1]!.event!.position,
      });
    });

    it('compares ids only: other data under the same id is what was recorded first', async () => {
      const id = randomUUID();
      await append([event({ n: 1 }, id)], NO_STREAM);
      await append([event({ n: 2 }, id)], NO_STREAM);
      expect((await read()).map((r) => r.event!.data)).toEqual([{ n: 1 }]);
    });

    it('refuses it when the first id differs, or the first match and a later one does not', async () => {
      const [one, two] = events(2);
      await append([one!, two!], NO_STREAM);
      for (const what of [
        [event(), two!],
        [one!, event()],
        [one!, two!, event()],
      ])
        expect(await failure(append(what, NO_STREAM))).toMatchObject({
          type: ErrorType.WRONG_EXPECTED_VERSION,
          actualVersion: 1n,
        });
      expect(await read()).toHaveLength(2);
    });

    it('takes it for new at the current revision: the same id stands twice', async () => {
      const what = events(1);
      await append(what, NO_STREAM);
      expect(await append(what, 0n)).toMatchObject({ nextExpectedRevision: 1n });
      expect((await read()).map((r) => r.event!.id)).toEqual([what[0]!.id, what[0]!.id]);
    });

    it('leaves some of those unanswered that come while the first is written, and knows them later', async () => {
      let unanswered = 0;
      for (let group = 0; group < 40 && unanswered === 0; group++) {
        stream = `behaviour-${randomUUID()}`;
        const what = events(1);
        const results = await Promise.allSettled(
          Array.from({ length: 8 }, () => append(what, NO_STREAM, 1_000)),
        );
        const answers = results.flatMap((r) => (r.status === 'fulfilled' ? [r.value] : []));
        const failures = results.flatMap((r) => (r.status === 'rejected' ? [r.reason as unknown] : []));
        expect(answers.length).toBeGreaterThan(0);
        for (const reason of failures) expect(reason).toMatchObject({ type: ErrorType.DEADLINE_EXCEEDED });
        expect(await append(what, NO_STREAM)).toEqual(answers[0]);
        expect(await read()).toHaveLength(1);
        unanswered += failures.length;
      }
      expect(unanswered).toBeGreaterThan(0);
    });
  });

  it('refuses an append of more than one MiB of data and takes one of exactly that', async () => {
    const filled = (bytes: number): JSONEventData => {
      const frame = JSON.stringify({ text: '' }).length;
      return event({ text: 'x'.repeat(bytes - frame) });
    };
    expect(await failure(append([filled(MAX_APPEND_SIZE + 1)], NO_STREAM))).toMatchObject({
      type: ErrorType.MAXIMUM_APPEND_SIZE_EXCEEDED,
      maxAppendSize: MAX_APPEND_SIZE,
    });
    const half = MAX_APPEND_SIZE / 2;
    expect(await failure(append([filled(half), filled(half + 1)], NO_STREAM))).toMatchObject({
      type: ErrorType.MAXIMUM_APPEND_SIZE_EXCEEDED,
    });
    await append([filled(half), filled(half)], NO_STREAM);
    await append([filled(MAX_APPEND_SIZE)], 1n);
    expect(await read()).toHaveLength(3);
  });

  it('keeps type, data, metadata, id and any name as they were given', async () => {
    stream = `behaviour-${randomUUID()}/ü €`;
    const id = randomUUID();
    const data = { text: 'ü€😀', nested: { list: [1, null] } };
    const metadata = { recordedAt: '2026-11-23T10:00:00.000Z', schemaVersion: 3 };
    await append([jsonEvent({ id, type: 'Ünusual type', data, metadata })], NO_STREAM);
    const [written] = await read();
    expect(written!.event).toMatchObject({
      id, streamId: stream, type: 'Ünusual type', data, metadata, isJson: true, revision: 0n,
    }); // prettier-ignore
  });

  describe('when a stream was deleted', () => {
    it('continues its numbering for whoever begins it anew', async () => {
      await append(events(3), NO_STREAM);
      await client.deleteStream(stream, { expectedRevision: 2n });
      expect(await failure(read())).toMatchObject({ type: ErrorType.STREAM_NOT_FOUND });
      expect(await failure(append(events(1), 0n))).toMatchObject({ actualVersion: 2n });
      expect(
        await failure(client.appendToStream(stream, events(1), { expectedRevision: STREAM_EXISTS })),
      ).toMatchObject({ type: ErrorType.STREAM_DELETED });
      expect(await append(events(1), NO_STREAM)).toMatchObject({ nextExpectedRevision: 3n });
      expect(revisions(await read())).toEqual([3n]);
      expect(await append(events(1), 3n)).toMatchObject({ nextExpectedRevision: 4n });
    });

    it('answers a repetition without a position and leaves the stream deleted', async () => {
      const what = events(2);
      await append(what, NO_STREAM);
      await client.deleteStream(stream, { expectedRevision: 1n });
      expect(await append(what, NO_STREAM)).toEqual({
        success: true,
        nextExpectedRevision: 1n,
        position: undefined,
      } satisfies AppendResult);
      expect(await failure(read())).toMatchObject({ type: ErrorType.STREAM_NOT_FOUND });
    });

    it('refuses everything on one that was tombstoned', async () => {
      await append(events(1), NO_STREAM);
      await client.tombstoneStream(stream, { expectedRevision: 0n });
      for (const attempt of [() => append(events(1), NO_STREAM), () => append(events(1), 0n), read])
        expect(await failure(attempt())).toMatchObject({
          type: ErrorType.STREAM_DELETED,
          streamName: stream,
        });
    });
  });
});

describe('EventStoreDB, reading and subscribing', () => {
  let client: EventStoreDBClient;
  let prefix: string;
  const subscriptions: AllStreamSubscription[] = [];
  beforeEach(() => {
    client = clientOn('Append');
    prefix = `behaviour-${randomUUID()}`;
  });
  afterEach(async () => {
    for (const subscription of subscriptions.splice(0)) subscription.destroy();
    await client.dispose();
  });

  /** Events in a stream of the prefix; answers the position of each. */
  const write = async (name: string, count = 1): Promise<Position[]> => {
    await client.appendToStream(`${prefix}-${name}`, events(count), { expectedRevision: NO_STREAM });
    return (await all(client.readStream(`${prefix}-${name}`))).map((r) => r.event!.position!);
  };

  it('says in words of its own that a stream is not there', async () => {
    expect(await failure(all(client.readStream(`${prefix}-none`)))).toMatchObject({
      type: ErrorType.STREAM_NOT_FOUND,
      streamName: `${prefix}-none`,
    });
    await client.setStreamMetadata(`${prefix}-named`, { maxCount: 3 });
    expect(await failure(all(client.readStream(`${prefix}-named`)))).toMatchObject({
      type: ErrorType.STREAM_NOT_FOUND,
    });
  });

  it('answers nothing past the end of a stream forward, and its last event backward', async () => {
    await write('a', 4);
    const stream = `${prefix}-a`;
    expect(await all(client.readStream(stream, { fromRevision: 4n }))).toEqual([]);
    const backward = (fromRevision: bigint | typeof END, maxCount = 2) =>
      all(client.readStream(stream, { direction: BACKWARDS, fromRevision, maxCount }));
    expect(revisions(await backward(99n))).toEqual([3n, 2n]);
    expect(revisions(await backward(END))).toEqual([3n, 2n]);
    expect(revisions(await backward(1n))).toEqual([1n, 0n]);
    expect(revisions(await all(client.readStream(stream, { fromRevision: 1n, maxCount: 2 })))).toEqual([
      1n,
      2n,
    ]);
  });

  it('reads the log forward with the event at a position and backward without it', async () => {
    const [first, second, third] = await write('a', 3);
    const forward = await all(client.readAll({ direction: FORWARDS, fromPosition: second!, maxCount: 1 }));
    expect(forward[0]!.event!.position).toEqual(second);
    const backward = await all(client.readAll({ direction: BACKWARDS, fromPosition: second!, maxCount: 1 }));
    expect(backward[0]!.event!.position).toEqual(first);
    const before = { commit: third!.commit, prepare: 0n };
    const again = await all(client.readAll({ direction: FORWARDS, fromPosition: before, maxCount: 1 }));
    expect(again[0]!.event!.position).toEqual(third);
  });

  it('refuses to read from inside a record and answers nothing beyond the end', async () => {
    const [position] = await write('a');
    const inside = { commit: position!.commit + 1n, prepare: position!.commit + 1n };
    expect(await failure(all(client.readAll({ fromPosition: inside, maxCount: 1 })))).toMatchObject({
      code: 2,
      message: expect.stringContaining('InvalidPosition'),
    });
    const beyond = position!.commit + 1_000_000_000n;
    expect(await all(client.readAll({ fromPosition: { commit: beyond, prepare: beyond } }))).toEqual([]);
  });

  it('filters streams with $maxCount on reading, never in the log', async () => {
    const positions = await write('a', 5);
    await client.setStreamMetadata(`${prefix}-a`, { maxCount: 2 });
    expect(revisions(await all(client.readStream(`${prefix}-a`)))).toEqual([3n, 4n]);
    const log = await all(client.readAll({ fromPosition: positions[0]! }));
    expect(log.filter((r) => r.event?.streamId === `${prefix}-a`)).toHaveLength(5);
    const appended = await client.appendToStream(`${prefix}-a`, events(1), { expectedRevision: 4n });
    expect(appended.nextExpectedRevision).toBe(5n);
  });

  it('answers nothing of a stream that was truncated, without an error', async () => {
    await write('a', 3);
    await client.setStreamMetadata(`${prefix}-a`, { truncateBefore: 3 });
    expect(await all(client.readStream(`${prefix}-a`))).toEqual([]);
  });

  interface Heard {
    readonly events: bigint[];
    readonly checkpoints: Position[];
    caughtUp: number;
    confirmed: boolean;
    error: unknown;
    /** Everything in its order: `event`, `checkpoint`, `caughtUp`. */
    readonly order: string[];
  }

  /** What a subscription to the streams of the prefix says. */
  const subscribe = (
    fromPosition: SubscribeToAllOptions['fromPosition'],
    filter: { maxSearchWindow?: number; checkpointInterval?: number } = {},
    prefixes = [prefix],
  ): Heard => {
    const heard: Heard = {
      events: [],
      checkpoints: [],
      caughtUp: 0,
      confirmed: false,
      error: undefined,
      order: [],
    };
    const subscription = client.subscribeToAll({
      fromPosition,
      filter: streamNameFilter({
        prefixes,
        ...filter,
        checkpointReached: (_subscription, position) => {
          heard.checkpoints.push(position);
          heard.order.push('checkpoint');
        },
      }),
    });
    subscription.on('error', (error) => (heard.error = error));
    subscription.on('confirmation', () => (heard.confirmed = true));
    subscription.on('caughtUp', () => {
      heard.caughtUp++;
      heard.order.push('caughtUp');
    });
    subscription.on('data', ({ event: seen }) => {
      heard.events.push(seen!.position.commit);
      heard.order.push('event');
    });
    subscriptions.push(subscription);
    return heard;
  };
  const commits = (positions: readonly Position[]): bigint[] => positions.map(({ commit }) => commit);

  it('subscribes after a position, says when it has caught up, and goes on with what comes', async () => {
    const positions = await write('a', 4);
    const heard = subscribe(positions[1]);
    await until('caught up', () => heard.caughtUp > 0);
    expect(heard.confirmed).toBe(true);
    expect(heard.events).toEqual(commits(positions.slice(2)));
    const later = await write('b', 2);
    await until('the live events', () => heard.events.length === 4);
    expect(heard.events).toEqual(commits([...positions.slice(2), ...later]));
    expect(heard.order.indexOf('caughtUp')).toBeGreaterThan(heard.order.indexOf('event'));
  });

  it('subscribes with the event at a position when the prepare lies before it', async () => {
    const positions = await write('a', 2);
    const heard = subscribe({ commit: positions[1]!.commit, prepare: 0n });
    await until('caught up', () => heard.caughtUp > 0);
    expect(heard.events).toEqual(commits(positions.slice(1)));
  });

  it('says at once that it has caught up when it begins at the end, and waits beyond it', async () => {
    await write('a', 2);
    const heard = subscribe(END);
    await until('caught up', () => heard.caughtUp > 0);
    const later = await write('b');
    await until('the live event', () => heard.events.length === 1);
    expect(heard.events).toEqual(commits(later));
  });

  it('refuses to subscribe inside a record', async () => {
    const [position] = await write('a');
    const inside = position!.commit + 1n;
    const heard = subscribe({ commit: inside, prepare: inside });
    await until('an error', () => heard.error !== undefined);
    expect(heard.error).toMatchObject({ code: 3, message: expect.stringContaining('invalid position') });
  });

  it('says how far it came while nothing matches, and nothing is lost by resuming there', async () => {
    const [before] = await write('before');
    const foreign = `foreign-${randomUUID()}`;
    await client.appendToStream(foreign, events(100), { expectedRevision: NO_STREAM });
    const heard = subscribe(before, { maxSearchWindow: 10, checkpointInterval: 1 });
    await until('caught up', () => heard.caughtUp > 0);
    expect(heard.events).toEqual([]);
    expect(heard.checkpoints.length).toBeGreaterThan(2);
    for (let i = 1; i < heard.checkpoints.length; i++)
      expect(heard.checkpoints[i]!.commit).toBeGreaterThan(heard.checkpoints[i - 1]!.commit);
    const after = await write('after', 3);
    for (const checkpoint of [heard.checkpoints[0]!, heard.checkpoints.at(-1)!]) {
      const resumed = subscribe(checkpoint);
      await until('the events after the checkpoint', () => resumed.events.length === 3);
      expect(resumed.events).toEqual(commits(after));
    }
  });

  it('says a checkpoint that includes the last match before it says that it has caught up', async () => {
    const positions = await write('a', 25);
    const heard = subscribe({ commit: positions[0]!.commit, prepare: 0n }, { maxSearchWindow: 10 });
    await until('caught up', () => heard.caughtUp > 0);
    expect(heard.events).toHaveLength(25);
    const before = heard.order.slice(0, heard.order.indexOf('caughtUp'));
    expect(before.at(-1)).toBe('checkpoint');
    const last = heard.checkpoints[before.filter((said) => said === 'checkpoint').length - 1]!;
    // Others may have written behind the last match meanwhile.
    expect(last.commit).toBeGreaterThanOrEqual(positions.at(-1)!.commit);
  });

  it('goes on with checkpoints while it is live and nothing matches', async () => {
    const heard = subscribe(END, { maxSearchWindow: 10, checkpointInterval: 1 });
    await until('caught up', () => heard.caughtUp > 0);
    const known = heard.checkpoints.length;
    for (let i = 0; i < 30; i++)
      await client.appendToStream(`foreign-${randomUUID()}`, events(1), { expectedRevision: NO_STREAM });
    await until('live checkpoints', () => heard.checkpoints.length >= known + 3);
    expect(heard.events).toEqual([]);
    const [last] = await all(client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 1 }));
    expect(heard.checkpoints.at(-1)!.commit).toBeLessThanOrEqual(last!.event!.position!.commit);
  });

  it('never hands out system events to a subscription by prefix', async () => {
    const positions = await write('a', 2);
    await client.setStreamMetadata(`${prefix}-a`, { maxCount: 1 });
    await client.deleteStream(`${prefix}-a`);
    const heard = subscribe({ commit: positions[0]!.commit, prepare: 0n });
    await until('caught up', () => heard.caughtUp > 0);
    // Deleted or not, the log still has the events until it is scavenged.
    expect(heard.events).toEqual(commits(positions));
  });

  it('delivers everything in order to a subscriber that is slower than the writers', async () => {
    const heard: bigint[] = [];
    const [start] = await write('start');
    const subscription = client.subscribeToAll(
      { fromPosition: start!, filter: streamNameFilter({ prefixes: [prefix] }) },
      { highWaterMark: 1 },
    );
    subscriptions.push(subscription);
    const reading = (async () => {
      for await (const { event: seen } of subscription) {
        heard.push(seen!.position.commit);
        await new Promise((resolve) => setImmediate(resolve));
        if (heard.length === 2_000) return;
      }
    })();
    await Promise.all(Array.from({ length: 20 }, (_, i) => write(`w${i}`, 100)));
    await reading;
    expect(heard).toHaveLength(2_000);
    expect(heard.every((commit, i) => i === 0 || commit > heard[i - 1]!)).toBe(true);
  });
});
