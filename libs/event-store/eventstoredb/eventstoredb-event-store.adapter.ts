import {
  BACKWARDS,
  END,
  ErrorType,
  FORWARDS,
  NO_STREAM,
  START as LOG_START,
  type AppendResult as ServerAppendResult,
  type Position,
  type WrongExpectedVersionError,
} from '@eventstore/db-client';
import { isoOf, RapportError, type RecordedEvent } from '@rapport/contracts';
import type { Clock } from '@rapport/runtime';
import { LRUCache } from 'lru-cache';
import { upcastToLatest, type Upcast } from '../codec/upcast.js';
import {
  START,
  type Appended,
  type AppendRequest,
  type AppendResult,
  type Checkpoint,
  type EventStore,
  type EventStoreReader,
  type LogHead,
  type LogPage,
  type ReadAllOptions,
  type ReadStreamOptions,
} from '../event-store.port.js';
import { Connection, drained } from './connection.adapter.js';
import { appendErrorOf, deleted, hasType, isInvalidPosition, kindOf, readErrorOf } from './errors.adapter.js';
import {
  positionOf,
  recordedAtOf,
  recordedEventOf,
  REDACTED_EVENT,
  storedEventsOf,
} from './event-envelope.js';
import type { StoredEvent } from './event-envelope.js';
import {
  STREAM_PREFIXES,
  type EventStoreDbNotice,
  type EventStoreDbOptions,
} from './eventstoredb-event-store.js';
import { InFlight } from './in-flight.js';
import { LiveSubscription } from './live-subscription.adapter.js';
import { checkpointOf, completeTo, isAfter, positionAt } from './log-position.js';

const PAGE_SIZE = 2_000;
/** Events per step when the newest of ours is looked for from the end of the log. */
const BACKWARD_STEP = 64;
/** While catching up, a page waits so long for more, ms. */
const LINGER_MS = 5;
/** A subscription that is behind the head after a silence has so long to say something. */
const GRACE_MS = 250;
/** Subscriptions of one client at the same time: it starves the 101st of a process in silence, so more than a few is a mistake. */
const MAX_SUBSCRIPTIONS = 10;
/** Appends that wait for their turn: ten full batches of the API. */
const MAX_WAITING = 10_000;
const WAIT_MS = 2_000;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5_000;
/** Appends of unknown outcome that are remembered, so that a later success is looked at more closely. */
const MAX_UNCERTAIN = 10_000;
/** Events of a stream read per call. */
const STREAM_PAGE = 4_096;

/** What one read of the log said: events of ours, where it stands, and whether the log ended there. */
interface RawPage {
  readonly events: readonly StoredEvent[];
  readonly last: Position | undefined;
  readonly isLast: boolean;
}

/**
 * The log on EventStoreDB 22.6 or newer. What differs from the embedded one: positions have gaps, the command index is fed
 * from the log instead of being written with the append (so `duplicateCommand` is never answered), and the number of
 * events is not known.
 *
 * An append says its revision and its ids, so that repeating it is safe. The server does not tell a repetition from a
 * first time: it is recognised when the outcome of the first was unknown here, or a later position was seen here. One that
 * another process recorded unseen is answered with the same revision and position and `idempotent: false`.
 */
export class EventStoreDbEventStore implements EventStore, EventStoreReader {
  private readonly connection: Connection;
  private readonly clock: Clock;
  private readonly upcast: Upcast;
  private readonly prefixes: readonly string[];
  private readonly appendDeadlineMs: number;
  private readonly readDeadlineMs: number;
  private readonly silenceMs: number;
  private readonly slowConsumerMs: number;
  private readonly notice: (notice: EventStoreDbNotice) => void;
  private readonly appends: InFlight;
  private readonly uncertain = new LRUCache<string, true>({ max: MAX_UNCERTAIN });
  private readonly closing = new AbortController();
  private subscriptions = 0;
  /** Largest position seen of an event of ours. */
  private seen = 0n;

  constructor(private readonly options: EventStoreDbOptions) {
    this.clock = options.clock;
    this.upcast = options.upcast ?? upcastToLatest;
    this.prefixes = options.streamPrefixes ?? STREAM_PREFIXES;
    this.appendDeadlineMs = options.appendDeadlineMs ?? 1_000;
    this.readDeadlineMs = options.readDeadlineMs ?? 10_000;
    this.silenceMs = options.silenceMs ?? 5_000;
    this.slowConsumerMs = options.slowConsumerMs ?? 10_000;
    this.appends = new InFlight({
      atOnce: options.maxAppendsInFlight ?? 64,
      waiting: MAX_WAITING,
      waitMs: WAIT_MS,
    });
    this.notice = options.onNotice ?? (() => undefined);
    this.connection = new Connection(options.connectionString, () => this.notice({ kind: 'clientRenewed' }));
  }

  async append(request: AppendRequest): Promise<AppendResult> {
    this.connection.assertOpen();
    const { streamId, expectedRevision, events } = request;
    if (events.length === 0 || new Set(events.map((e) => e.eventId)).size < events.length)
      throw new RapportError('INTERNAL', 'An append needs events with distinct ids.');
    if (!this.isOurs(streamId))
      throw new RapportError('INTERNAL', `No reader follows streams named like ${streamId}.`);
    if (expectedRevision < -1n)
      throw new RapportError('INTERNAL', 'An append needs the revision it was decided on.');
    let recordedAt = '';
    let seenBefore = 0n;
    let result: ServerAppendResult;
    try {
      result = await this.appends.run(() => {
        recordedAt = isoOf(this.clock.nowMs());
        seenBefore = this.seen;
        return this.appendOnLeader(request, recordedAt);
      });
    } catch (error) {
      if (hasType(error, ErrorType.WRONG_EXPECTED_VERSION)) {
        const recorded = await this.recordedBefore(request);
        if (recorded) return this.answered(request, recorded);
        const { actualVersion } = error as WrongExpectedVersionError;
        return {
          kind: 'conflict',
          currentRevision: typeof actualVersion === 'bigint' ? actualVersion : -1n,
        };
      }
      const failure = appendErrorOf(error, streamId);
      if (failure.code === 'OUTCOME_UNKNOWN') this.uncertain.set(uncertainKey(request), true);
      throw failure;
    }
    const revision = result.nextExpectedRevision;
    // A stream that was deleted begins again behind its old events, or keeps them and says no position.
    if (result.position === undefined || revision !== expectedRevision + BigInt(events.length))
      throw deleted(streamId);
    const position = result.position.commit;
    const isOld = position <= seenBefore;
    const recorded =
      isOld || this.uncertain.has(uncertainKey(request)) ? await this.recordedBefore(request) : undefined;
    this.uncertain.delete(uncertainKey(request));
    const isRepetition = recorded !== undefined && (isOld || recorded.recordedAt !== recordedAt);
    return this.answered(
      request,
      isRepetition ? recorded : { kind: 'appended', revision, position, recordedAt, idempotent: false },
    );
  }

  async readStream(streamId: string, options: ReadStreamOptions = {}): Promise<readonly RecordedEvent[]> {
    const stored = await this.storedStream(streamId, options);
    return stored.map((event) => this.decoded(event));
  }

  async *readAll(options: ReadAllOptions = {}): AsyncGenerator<LogPage> {
    this.connection.assertOpen();
    const { position: head } = await this.head();
    const asked = options.throughPosition ?? head;
    const last = asked < head ? asked : head;
    let after = positionAt(options.after);
    if (completeTo(after) > head) await this.assertWithinLog(after);
    let through = completeTo(after);
    if (through >= last) return;
    let next = this.rawPage(after, last, options.pageSize ?? PAGE_SIZE);
    for (;;) {
      const page = await next;
      after = page.last ?? after;
      through = page.isLast ? last : completeTo(after);
      // The next page is on its way while the consumer works on this one.
      if (!page.isLast) {
        next = this.rawPage(after, last, options.pageSize ?? PAGE_SIZE);
        next.catch(() => undefined);
      }
      const checkpoint = after === undefined ? START : checkpointOf(after);
      yield { events: this.accepted(page.events, options), checkpoint, through };
      this.connection.assertOpen();
      if (page.isLast) return;
    }
  }

  /** Throws UNAVAILABLE when there are ten subscriptions already, POSITION_BEYOND_HEAD for a checkpoint behind the end of the log. */
  async *subscribeAll(options: ReadAllOptions & { readonly signal: AbortSignal }): AsyncGenerator<LogPage> {
    this.connection.assertOpen();
    if (this.subscriptions >= MAX_SUBSCRIPTIONS)
      throw new RapportError('UNAVAILABLE', `A client has at most ${MAX_SUBSCRIPTIONS} subscriptions.`);
    this.subscriptions++;
    const signal = AbortSignal.any([options.signal, this.closing.signal]);
    try {
      yield* this.followed({ ...options, signal });
    } finally {
      this.subscriptions--;
    }
  }

  /** Position of the newest event of ours; how many there are is not known. */
  async head(): Promise<LogHead> {
    this.connection.assertOpen();
    return { position: await this.newestAfter(this.seen) };
  }

  checkpointAt(position: bigint): Checkpoint {
    return position <= 0n ? START : checkpointOf({ commit: position, prepare: position });
  }

  checkpointBefore(position: bigint): Checkpoint {
    return position <= 0n ? START : checkpointOf({ commit: position, prepare: 0n });
  }

  /** The server itself tells subscriptions what comes: nothing to do. */
  notify(): void {}

  async close(): Promise<void> {
    this.closing.abort();
    await this.connection.close();
  }

  private isOurs(streamId: string): boolean {
    return this.prefixes.some((prefix) => streamId.startsWith(prefix));
  }

  /** Events the server itself writes, also into streams of ours: a tombstone, a link. */
  private isOurEvent({ streamId, type }: StoredEvent): boolean {
    if (!this.isOurs(streamId)) return false;
    if (!type.startsWith('$')) return true;
    this.notice({ kind: 'systemEventSkipped', streamId, type });
    return false;
  }

  private sawPosition(position: bigint): void {
    if (position > this.seen) this.seen = position;
  }

  private decoded(stored: StoredEvent): RecordedEvent {
    const event = recordedEventOf(stored, this.upcast);
    if (event.type === REDACTED_EVENT && stored.type !== REDACTED_EVENT)
      this.notice({ kind: 'redacted', streamId: event.streamId, revision: event.revision });
    return event;
  }

  private accepted(stored: readonly StoredEvent[], { accept }: ReadAllOptions): RecordedEvent[] {
    const wanted = accept ? stored.filter(({ streamId, type }) => accept(streamId, type)) : stored;
    return wanted.map((event) => this.decoded(event));
  }

  private async appendOnLeader(request: AppendRequest, recordedAt: string): Promise<ServerAppendResult> {
    const { streamId, expectedRevision } = request;
    const events = storedEventsOf(request, recordedAt);
    const attempt = (): Promise<ServerAppendResult> =>
      this.connection.run((client) =>
        client.appendToStream(streamId, events, {
          expectedRevision: expectedRevision < 0n ? NO_STREAM : expectedRevision,
          deadline: this.appendDeadlineMs,
        }),
      );
    try {
      return await attempt();
    } catch (error) {
      // A follower writes nothing and names the leader, which the client turns to from now on.
      if (!hasType(error, ErrorType.NOT_LEADER)) throw error;
      return attempt();
    }
  }

  /** The identifier changes go into their index before anybody hears of the append, a repeated one too. */
  private async answered(request: AppendRequest, result: Appended): Promise<Appended> {
    this.sawPosition(result.position);
    if (request.identifiers !== undefined && this.options.identifiers !== undefined)
      await this.options.identifiers
        .applyIdentifierChanges([{ ...request.identifiers, position: result.position }])
        .catch(() => this.notice({ kind: 'identifiersBehind', streamId: request.streamId }));
    return result;
  }

  /** Do the events of the request stand where they were to be recorded? */
  private async recordedBefore(request: AppendRequest): Promise<Appended | undefined> {
    const { streamId, expectedRevision, events } = request;
    let stored: readonly StoredEvent[];
    try {
      stored = await this.storedStream(streamId, {
        fromRevision: expectedRevision + 1n,
        maxCount: events.length,
      });
    } catch {
      throw new RapportError('OUTCOME_UNKNOWN', 'The event store did not say what it recorded.', {
        retryAfterS: 1,
      });
    }
    if (stored.length < events.length || !events.every((e, i) => stored[i]!.id === e.eventId))
      return undefined;
    const last = stored.at(-1)!;
    return {
      kind: 'appended',
      revision: last.revision,
      position: positionOf(last),
      recordedAt: recordedAtOf(last),
      idempotent: true,
    };
  }

  /** Events of a stream without a gap; a stream of which events are missing is CORRUPT_EVENT. */
  private async storedStream(streamId: string, options: ReadStreamOptions): Promise<StoredEvent[]> {
    this.connection.assertOpen();
    const isBackward = options.direction === 'backward';
    const step = isBackward ? -1n : 1n;
    const from = options.fromRevision === undefined ? undefined : options.fromRevision;
    if (isBackward && from !== undefined && from < 0n) return [];
    let left = options.maxCount ?? Infinity;
    let due = isBackward ? from : from === undefined || from < 0n ? 0n : from;
    const events: StoredEvent[] = [];
    while (left > 0) {
      const count = Math.min(left, STREAM_PAGE);
      const page = await this.streamPage(streamId, due, isBackward, count);
      for (const event of page) {
        const isExpected =
          isBackward && events.length === 0
            ? due === undefined || event.revision <= due
            : event.revision === due;
        if (!isExpected) throw deleted(streamId);
        events.push(event);
        this.sawPosition(positionOf(event));
        due = event.revision + step;
      }
      left -= page.length;
      if (page.length < count || due! < 0n) break;
    }
    const isCutOff = isBackward && left > 0 && events.length > 0 && due! >= 0n;
    if (isCutOff) throw deleted(streamId);
    return events;
  }

  private async streamPage(
    streamId: string,
    from: bigint | undefined,
    isBackward: boolean,
    maxCount: number,
  ): Promise<StoredEvent[]> {
    try {
      return await this.connection.run((client) =>
        drained(
          client.readStream(streamId, {
            direction: isBackward ? BACKWARDS : FORWARDS,
            fromRevision: from ?? (isBackward ? END : LOG_START),
            maxCount,
          }),
          this.readDeadlineMs,
        ),
      );
    } catch (error) {
      if (hasType(error, ErrorType.STREAM_NOT_FOUND)) return [];
      throw readErrorOf(error, streamId);
    }
  }

  private async logEvents(
    from: Position | undefined,
    maxCount: number,
    isBackward: boolean,
  ): Promise<StoredEvent[]> {
    try {
      return await this.connection.run((client) =>
        drained(
          client.readAll({
            direction: isBackward ? BACKWARDS : FORWARDS,
            fromPosition: from ?? (isBackward ? END : LOG_START),
            maxCount,
          }),
          this.readDeadlineMs,
        ),
      );
    } catch (error) {
      throw readErrorOf(error);
    }
  }

  /** Position of the newest event of ours, looked for from the end of the log down to `known`. */
  private async newestAfter(known: bigint): Promise<bigint> {
    let from: Position | undefined;
    // The very last event is mostly ours.
    for (let step = 1; ; step = BACKWARD_STEP) {
      const events = await this.logEvents(from, step, true);
      for (const event of events) {
        const position = positionOf(event);
        if (position <= known) return known;
        if (!this.isOurs(event.streamId) || event.type.startsWith('$')) continue;
        this.sawPosition(position);
        return position;
      }
      if (events.length < step) return known;
      from = events.at(-1)!.position;
    }
  }

  /** A log that ends before where a reader stood is another log, or lost its tail: nobody may go on as if nothing was. */
  private async assertWithinLog(after: Position | undefined): Promise<void> {
    if (after === undefined) return;
    const [last] = await this.logEvents(undefined, 1, true);
    if (last === undefined || positionOf(last) < after.commit)
      throw new RapportError('POSITION_BEYOND_HEAD', 'The checkpoint lies behind the end of the log.');
  }

  private async rawPage(after: Position | undefined, last: bigint, pageSize: number): Promise<RawPage> {
    // Reading from a position includes its event.
    const count = pageSize + (after === undefined ? 0 : 1);
    const read = await this.logEvents(after, count, false);
    const fresh = after === undefined ? read : read.filter(({ position }) => isAfter(position!, after));
    const within = fresh.filter((event) => positionOf(event) <= last);
    const ends =
      read.length < count || within.length < fresh.length || within.at(-1)?.position?.commit === last;
    return {
      events: within.filter((event) => this.isOurEvent(event)),
      last: within.at(-1)?.position,
      isLast: ends,
    };
  }

  /** Supervises one subscription after the other: whatever ends one, the next begins at the last checkpoint. */
  private async *followed(
    options: ReadAllOptions & { readonly signal: AbortSignal },
  ): AsyncGenerator<LogPage> {
    const { signal, throughPosition } = options;
    let cursor = positionAt(options.after);
    let failures = 0;
    if (throughPosition !== undefined && completeTo(cursor) >= throughPosition) return;
    while (!signal.aborted) {
      let reason = 'error';
      let detail: string | undefined;
      try {
        await this.assertWithinLog(cursor);
        const live = new LiveSubscription(this.connection.client, cursor, this.prefixes);
        const stop = (): void => live.close('renewed');
        const renewal = this.connection.signal;
        renewal.addEventListener('abort', stop, { once: true });
        try {
          for await (const page of this.pagesOf(live, cursor, options)) {
            cursor = page.last;
            if (page.events.length === 0 && !page.isFinal) continue;
            const slow = setTimeout(() => live.close('slow consumer'), this.slowConsumerMs);
            try {
              yield {
                events: this.accepted(page.events, options),
                checkpoint: cursor === undefined ? START : checkpointOf(cursor),
                through: page.through,
              };
            } finally {
              clearTimeout(slow);
            }
            if (signal.aborted || page.isFinal) return;
          }
          reason = live.reason ?? 'silence';
          if (live.hasSpoken) failures = 0;
          detail = live.error === undefined ? undefined : kindOf(live.error);
          if (live.error !== undefined && isInvalidPosition(live.error)) throw readErrorOf(live.error);
        } finally {
          renewal.removeEventListener('abort', stop);
          live.close('left');
        }
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof RapportError) || error.code !== 'UNAVAILABLE') throw error;
        detail = error.code;
      }
      if (signal.aborted) return;
      this.notice({ kind: 'resubscribed', reason, ...(detail ? { detail } : {}) });
      if (reason !== 'slow consumer' && reason !== 'renewed') await paused(failures++, signal);
    }
  }

  /** Pages of one subscription until it is over; a page without events only says how far it came. */
  private async *pagesOf(
    live: LiveSubscription,
    from: Position | undefined,
    { signal, pageSize = PAGE_SIZE, throughPosition }: ReadAllOptions & { readonly signal: AbortSignal },
  ) {
    let last = from;
    let events: StoredEvent[] = [];
    let through = completeTo(from);
    let isLive = false;
    const page = (isFinal = false) => {
      const complete = { events, last, through, isFinal };
      events = [];
      return complete;
    };
    while (!signal.aborted && live.reason !== 'slow consumer') {
      const said = live.take();
      if (said === undefined) {
        if (events.length > 0 && (isLive || live.reason !== undefined)) yield page();
        else if (live.reason !== undefined) return;
        else if (events.length > 0) {
          if (await live.wait(LINGER_MS, signal)) yield page();
        } else if (
          (await live.wait(this.silenceMs, signal)) &&
          (await this.isBehind(last)) &&
          // What was recorded this moment may be on its way.
          (await live.wait(GRACE_MS, signal))
        )
          return;
        continue;
      }
      if (said.kind === 'caughtUp') {
        isLive = true;
        continue;
      }
      const position = said.kind === 'event' ? said.event.position! : said.position;
      if (last !== undefined && !isAfter(position, last)) continue;
      if (throughPosition !== undefined && position.commit > throughPosition) {
        // Nothing that is asked for comes any more; what came now is left to a later reader.
        through = throughPosition;
        yield page(true);
        return;
      }
      last = position;
      if (said.kind === 'checkpoint') {
        if (events.length === 0) yield page();
        continue;
      }
      if (!this.isOurEvent(said.event)) continue;
      through = position.commit;
      this.sawPosition(through);
      events.push(said.event);
      const isFinal = through === throughPosition;
      if (events.length >= pageSize || isFinal) yield page(isFinal);
    }
  }

  /** Did the log go on with something of ours behind a position, without a word of it? */
  private async isBehind(last: Position | undefined): Promise<boolean> {
    const known = completeTo(last);
    return (await this.newestAfter(known)) > known;
  }
}

/** Appends are told apart by stream, revision and first id. */
const uncertainKey = ({ streamId, expectedRevision, events }: AppendRequest): string =>
  `${streamId} ${expectedRevision} ${events[0]!.eventId}`;

/** Waits longer after each failure, with jitter so that many processes do not come back at once. */
function paused(failures: number, signal: AbortSignal): Promise<void> {
  const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures);
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, longest * (0.5 + Math.random() / 2));
    signal.addEventListener('abort', done, { once: true });
  });
}
