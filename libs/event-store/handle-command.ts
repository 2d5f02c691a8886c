import {
  epochMsOf,
  eventIdFor,
  isoOf,
  RapportError,
  type Actor,
  type Channel,
  type EventMetadata,
  type NewEvent,
  type RecordedEvent,
  type References,
  type Refusal,
  type StreamEvent,
} from '@rapport/contracts';
import type { Clock, Scheduler } from '@rapport/runtime';
import { LRUCache } from 'lru-cache';
import type { EventCodec } from './codec/event-codec.js';
import type { CommandIndex } from './command-index.port.js';
import type { CommandContext, Decider, Decision, FoldedState, MovedCommand } from './decider.js';
import { changesJoins, stateOfJoined } from './joined-streams.js';
import type {
  AppendRequest,
  AppendResult,
  EventStore,
  EventToAppend,
  IndexedCommand,
} from './event-store.port.js';
import { identifierChangesOf, type IdentifierHasher } from './identifiers/identifier-changes.js';
import type { KeyStore } from './key-store.port.js';
import { indexedCommandsOf } from './logged-commands.js';
import { RecentCommands, Watermark } from './recent-commands.js';
import type { SnapshotStore } from './snapshot-store.port.js';

/** Who sends a command, when it happened in the business, and what it belongs to. */
export interface CommandEnvelope {
  readonly occurredAtMs: number;
  readonly channel: Channel;
  readonly actor: Actor;
  readonly sourceSystem: string;
  readonly sourceEventId?: string;
  readonly sourceSeq?: number;
  /** ISO instant by the sender's clock. */
  readonly sentAt?: string;
  readonly correlationId: string;
  readonly causationId: string;
}

export interface CommandRequest<Command> {
  readonly streamId: string;
  /** The person the events are about; undefined for streams that are about nobody. */
  readonly customerId?: string;
  /** Idempotency key within the stream. */
  readonly commandKey: string;
  /** Keyed hash of the canonical request: the same key with another one is KEY_REUSED. */
  readonly requestHash: string;
  readonly command: Command;
  readonly envelope: CommandEnvelope;
  /** What other streams say that the decision needs, read beforehand. */
  readonly references?: References;
  /** Decide and answer, append nothing. */
  readonly dryRun?: boolean;
  /**
   * Asked just before every append: false = the right to write has passed to another process, nothing is appended and
   * STALE_PRECONDITION is thrown. The revision guard of the append holds off what comes between the answer and it.
   */
  readonly mayWrite?: () => Promise<boolean>;
  /** Only on the stream as it was at this revision; otherwise STALE_PRECONDITION. */
  readonly ifRevision?: bigint;
}

export interface CommandAccepted {
  readonly kind: 'accepted';
  readonly eventIds: readonly string[];
  /** Revision of the stream after the command; -1n for a stream without events. */
  readonly revision: bigint;
  /** Position that shows the command's effect once a read model reached it; 0n when nothing had to be recorded. */
  readonly position: bigint;
  readonly recordedAt: string;
  /** True when an earlier delivery of the command did it and this is its answer again. */
  readonly replayed: boolean;
}
export interface CommandRefused {
  readonly kind: 'refused';
  readonly refusal: Refusal;
  /** Set when the refusal itself was recorded (a suppressed offer). */
  readonly eventIds?: readonly string[];
  readonly revision: bigint;
  /** As for an accepted command; 0n when nothing was recorded. */
  readonly position: bigint;
  readonly replayed: boolean;
}
/** Answer to a dry run that would be accepted; one that would be refused is answered as `refused`. */
export interface CommandWouldBeAccepted {
  readonly kind: 'wouldBeAccepted';
  readonly eventTypes: readonly string[];
  readonly revision: bigint;
}
/** The stream is part of another one: the command is to be sent there. Nothing was recorded. */
export interface CommandMoved {
  readonly kind: 'moved';
  readonly to: MovedCommand;
}
export type CommandOutcome = CommandAccepted | CommandRefused | CommandWouldBeAccepted | CommandMoved;

/** A result per item of a batch, in the order of the items: one failing item stops no other. */
export type ItemOutcome =
  | { readonly kind: 'done'; readonly outcome: CommandOutcome }
  | { readonly kind: 'failed'; readonly error: RapportError };

export interface CommandHandler<Command> {
  /**
   * Carries out one command exactly once, however often it is delivered.
   * Throws KEY_REUSED, STALE_PRECONDITION, OCCURRED_IN_FUTURE, CONFLICT, OUTCOME_UNKNOWN, RATE_LIMITED, INVALID_VALUE, CUSTOMER_ERASED, CORRUPT_EVENT,
   * PAYLOAD_TOO_LARGE, STORAGE_FULL, UNAVAILABLE; after each of them but OUTCOME_UNKNOWN nothing was recorded.
   */
  handle(request: CommandRequest<Command>): Promise<CommandOutcome>;
  /** Many commands at once: streams side by side, sharing disk flushes; within a stream in the order given. */
  handleMany(requests: readonly CommandRequest<Command>[]): Promise<ItemOutcome[]>;
}

export interface CommandHandlerParts<State, Command, RuleBook> {
  readonly store: Pick<EventStore, 'append' | 'readStream'>;
  readonly commandIndex: CommandIndex;
  readonly snapshots: SnapshotStore;
  readonly keys: KeyStore;
  readonly codec: EventCodec;
  readonly hasher: IdentifierHasher;
  readonly clock: Clock;
  readonly scheduler: Pick<Scheduler, 'sleep'>;
  readonly decider: Decider<State, Command, RuleBook>;
  /** The rule book in force for a stream. */
  readonly ruleBookFor: (request: CommandRequest<Command>) => RuleBook;
  /** Business clock of a state, epoch ms: a fact that occurred before it is late. -Infinity for a new stream. */
  readonly businessClockMs: (state: State) => number;
  /** Hot states kept in memory; default 10,000. */
  readonly maxHotStates?: number;
  /** Events beyond the last snapshot after which another is saved; default 200. */
  readonly snapshotEvery?: number;
  /** Commands that may wait for one stream before RATE_LIMITED; default 1,000. */
  readonly maxWaitingPerStream?: number;
  /** How long an append whose outcome is unknown is asked again; default 2,000. */
  readonly retryForMs?: number;
  /** False while this process does not follow what others record: the command index is then asked every time. */
  readonly hearsOthers?: () => boolean;
}

/** How far the sender's clock may run ahead of ours. */
const MAX_FUTURE_MS = 5 * 60_000;
const MAX_REDECISIONS = 3;
/** Pause before an append with unknown outcome is asked again. */
const RETRY_PAUSE_MS = 50;
/**
 * A state that was loaded or is dropped from memory with more events than this beyond its snapshot is saved: the next
 * cold load then reads a few dozen events at most.
 */
const COLD_TAIL = 32;

interface HotState<State> {
  state: State;
  revision: bigint;
  snapshotRevision: bigint;
  /** Commands the index may not know yet; undefined where it is written with the append. */
  readonly recent: RecentCommands | undefined;
}

const keyReused = (): RapportError => new RapportError('KEY_REUSED', 'The key was used for another request.');

type EventIds = (type: string, index: number) => string;

/** Ids of the events of one command, each derived once: a decision cites them before they are stored. */
function eventIdsOf(streamId: string, commandKey: string): EventIds {
  const ids = new Map<string, string[]>();
  return (type, index) => {
    let ofType = ids.get(type);
    if (ofType === undefined) ids.set(type, (ofType = []));
    return (ofType[index] ??= eventIdFor(streamId, commandKey, type, index));
  };
}

/** The one place that loads, folds, decides, appends and retries. */
export function createCommandHandler<State, Command, RuleBook = unknown>(
  parts: CommandHandlerParts<State, Command, RuleBook>,
): CommandHandler<Command> {
  const { store, commandIndex, snapshots, keys, codec, hasher, clock, scheduler, decider } = parts;
  const snapshotEvery = BigInt(parts.snapshotEvery ?? 200);
  const maxWaiting = parts.maxWaitingPerStream ?? 1_000;
  const retryForMs = parts.retryForMs ?? 2_000;
  const hearsOthers = parts.hearsOthers ?? (() => true);

  const watermark = new Watermark(commandIndex, clock);

  const saveSnapshot = (streamId: string, hot: HotState<State>): void => {
    hot.snapshotRevision = hot.revision;
    // A cache: a failed save costs the next load some time, nothing else.
    snapshots
      .save({
        streamId,
        revision: hot.revision,
        stateSchemaVersion: decider.stateSchemaVersion,
        state: hot.state,
      })
      .catch(() => undefined);
  };
  const hotStates = new LRUCache<string, HotState<State>>({
    max: parts.maxHotStates ?? 10_000,
    dispose: (hot, streamId, reason) => {
      if (reason === 'evict' && hot.revision - hot.snapshotRevision > COLD_TAIL) saveSnapshot(streamId, hot);
    },
  });

  const load = async (streamId: string): Promise<HotState<State>> => {
    const known = hotStates.get(streamId);
    if (known !== undefined) return known;
    // Before anything of the stream is read: what the log holds by then, the index or the stream shows.
    const since = await watermark.read();
    const snapshot = await snapshots.load(streamId, decider.stateSchemaVersion);
    const hot: HotState<State> = {
      state: snapshot === undefined ? decider.initialState() : (snapshot.state as State),
      revision: snapshot?.revision ?? -1n,
      snapshotRevision: snapshot?.revision ?? -1n,
      recent: since === undefined ? undefined : new RecentCommands(since, snapshot === undefined),
    };
    if (hot.recent === undefined || snapshot === undefined) await foldTail(streamId, hot);
    else {
      const [newest, ...tail] = await store.readStream(streamId, { fromRevision: snapshot.revision });
      if (newest !== undefined) await hot.recent.addBack(store, newest);
      await takeJoined(streamId, hot, tail);
    }
    if (hot.revision - hot.snapshotRevision > COLD_TAIL) saveSnapshot(streamId, hot);
    hotStates.set(streamId, hot);
    return hot;
  };

  const fold = (hot: HotState<State>, events: readonly StreamEvent[]): void => {
    for (const event of events) {
      hot.state = decider.evolve(hot.state, event);
      hot.revision = event.revision;
    }
  };

  const take = (hot: HotState<State>, events: readonly RecordedEvent[]): void => {
    fold(hot, events);
    hot.recent?.addFrom(events);
  };

  /** As `take`, but events that join or part streams change what all events before them mean: fold anew then. */
  const takeJoined = async (
    streamId: string,
    hot: HotState<State>,
    events: readonly RecordedEvent[],
  ): Promise<void> => {
    if (!changesJoins(decider, events)) return take(hot, events);
    const { state, revision, events: all } = await stateOfJoined(decider, store, streamId);
    hot.state = state;
    hot.revision = revision;
    hot.recent?.addFrom(all);
    saveSnapshot(streamId, hot);
  };

  /** What the stream recorded since, folded. A state that was folded half-way is not kept. */
  const foldTail = async (streamId: string, hot: HotState<State>): Promise<readonly RecordedEvent[]> => {
    try {
      const tail = await store.readStream(streamId, { fromRevision: hot.revision + 1n });
      await takeJoined(streamId, hot, tail);
      return tail;
    } catch (error) {
      hotStates.delete(streamId);
      throw error;
    }
  };

  /**
   * What a decision that appends nothing must not overlook, because no append says that its state is behind: that the
   * command was carried out (an index written with the append knows), or events that came meanwhile.
   */
  const overlooked = async (
    { streamId, commandKey }: CommandRequest<Command>,
    hot: HotState<State>,
  ): Promise<IndexedCommand | 'news' | undefined> => {
    if (hot.recent === undefined) return commandIndex.find(streamId, commandKey);
    return (await foldTail(streamId, hot)).length > 0 ? 'news' : undefined;
  };

  /** The first answer of a command that was carried out before. */
  const replay = async (
    request: CommandRequest<Command>,
    entry: IndexedCommand,
    appended?: { readonly recordedAt: string },
  ): Promise<CommandAccepted | CommandRefused> => {
    if (entry.requestHash !== request.requestHash) throw keyReused();
    const count = Number(entry.lastRevision - entry.firstRevision) + 1;
    const events = await store.readStream(request.streamId, {
      fromRevision: entry.firstRevision,
      maxCount: count,
    });
    // An index that knows more than the log: one of the two was put back to an older state.
    if (events.length < count)
      throw new RapportError('UNAVAILABLE', 'The log does not show the first answer to this command.', { retryAfterS: 5 }); // prettier-ignore
    await forgetErased(request, events);
    const eventIds = events.map((event) => event.eventId);
    const place = { eventIds, revision: entry.lastRevision, position: entry.position, replayed: true };
    return entry.refusal === undefined
      ? { kind: 'accepted', ...place, recordedAt: appended?.recordedAt ?? events[0]!.metadata.recordedAt }
      : { kind: 'refused', refusal: entry.refusal as unknown as Refusal, ...place };
  };

  /**
   * Events recorded before under the same ids may be those of another request with the same key. Not to know is
   * OUTCOME_UNKNOWN: they stand.
   */
  const assertSameRequest = async (
    { streamId, commandKey, requestHash }: CommandRequest<Command>,
    revision: bigint,
  ): Promise<void> => {
    const [last] = await store.readStream(streamId, { fromRevision: revision, maxCount: 1 }).catch(() => {
      throw new RapportError('OUTCOME_UNKNOWN', 'The event store did not say what it recorded.', {
        retryAfterS: 1,
      });
    });
    const [recorded] = last === undefined ? [] : indexedCommandsOf([last]);
    if (recorded?.commandKey === commandKey && recorded.requestHash !== requestHash) throw keyReused();
  };

  /** Erasure is recorded first and carried out before it is answered; a delivery after a crash in between ends it. */
  const forgetErased = async (
    request: CommandRequest<Command>,
    events: readonly { readonly type: string; readonly data: unknown }[],
  ): Promise<void> => {
    if (request.customerId === undefined) return;
    for (const { type, data } of events)
      if (type === 'CustomerErased')
        for (const id of [request.customerId, ...((data as { memberIds?: string[] }).memberIds ?? [])])
          await keys.destroy(id);
  };

  const decide = (request: CommandRequest<Command>, hot: HotState<State>, idOf: EventIds): Decision => {
    const { envelope } = request;
    const context: CommandContext<RuleBook> = {
      occurredAtMs: envelope.occurredAtMs,
      nowMs: clock.nowMs(),
      actor: envelope.actor,
      channel: envelope.channel,
      sourceSystem: envelope.sourceSystem,
      ruleBook: parts.ruleBookFor(request),
      ...(request.customerId === undefined ? {} : { customerId: request.customerId }),
      ...(request.references === undefined ? {} : { references: request.references }),
      eventIdOf: idOf,
    };
    return decider.decide(hot.state, request.command, context);
  };

  const encode = async (
    request: CommandRequest<Command>,
    hot: HotState<State>,
    events: readonly NewEvent[],
    idOf: EventIds,
  ): Promise<EventToAppend[]> => {
    const { commandKey, envelope, customerId } = request;
    const perType = new Map<string, number>();
    const identified = events.map((event) => {
      const index = perType.get(event.type) ?? 0;
      perType.set(event.type, index + 1);
      return { event, eventId: idOf(event.type, index) };
    });
    const encoded = await codec.encode(identified, customerId);
    const businessClockMs = parts.businessClockMs(hot.state);
    const occurredAt = isoOf(envelope.occurredAtMs);
    return identified.map(({ event, eventId }, i) => {
      const occurredAtMs =
        event.occurredAt === undefined ? envelope.occurredAtMs : epochMsOf(event.occurredAt);
      const metadata: { -readonly [K in keyof EventToAppend['metadata']]: EventToAppend['metadata'][K] } = {
        occurredAt: event.occurredAt ?? occurredAt,
        sourceSystem: envelope.sourceSystem,
        channel: envelope.channel,
        actor: envelope.actor,
        correlationId: envelope.correlationId,
        causationId: envelope.causationId,
        commandKey,
      };
      if (customerId !== undefined) metadata.customerId = customerId;
      if (envelope.sentAt !== undefined) metadata.sentAt = envelope.sentAt;
      if (envelope.sourceEventId !== undefined) metadata.sourceEventId = envelope.sourceEventId;
      if (envelope.sourceSeq !== undefined) metadata.sourceSeq = envelope.sourceSeq;
      if (event.ruleBookVersion !== undefined) metadata.ruleBookVersion = event.ruleBookVersion;
      if (occurredAtMs < businessClockMs) metadata.late = true;
      return { eventId, type: event.type, ...encoded[i]!, metadata };
    });
  };

  /**
   * Asks again with the same revision and ids while the outcome is unknown: the store recognises what it has. Once it was
   * unknown, an error of a later attempt does not say what became of the first.
   */
  const append = async (request: AppendRequest): Promise<AppendResult> => {
    const deadlineMs = clock.monotonicMs() + retryForMs;
    let unknown: RapportError | undefined;
    for (;;) {
      try {
        return await store.append(request);
      } catch (error) {
        if (!(error instanceof RapportError)) throw error;
        if (error.code === 'OUTCOME_UNKNOWN') unknown = error;
        if (unknown === undefined) throw error;
        if (clock.monotonicMs() + RETRY_PAUSE_MS > deadlineMs) throw unknown;
        await scheduler.sleep(RETRY_PAUSE_MS);
      }
    }
  };

  /** Where a command goes whose stream is part of another one, or was when the command was carried out. */
  const movedTo = async (
    request: CommandRequest<Command>,
    hot: HotState<State>,
  ): Promise<MovedCommand | undefined> => {
    const { streamId, command, commandKey } = request;
    const { joining } = decider;
    if (joining === undefined) return undefined;
    if (joining.movedTo(hot.state, command) !== undefined) {
      // Others may have taken the join back, or carried the command out before it.
      await foldTail(streamId, hot);
      const to = joining.movedTo(hot.state, command);
      const known = hot.recent?.get(commandKey) ?? (await commandIndex.find(streamId, commandKey));
      if (to !== undefined && known === undefined) return to;
    }
    if (request.dryRun === true) return undefined;
    for (const former of joining.formerly(hot.state))
      if ((await commandIndex.find(former, commandKey)) !== undefined) return { streamId: former };
    return undefined;
  };

  const carryOut = async (request: CommandRequest<Command>): Promise<CommandOutcome> => {
    const { streamId, commandKey } = request;
    const isFuture = !(request.envelope.occurredAtMs <= clock.nowMs() + MAX_FUTURE_MS);
    if (isFuture) throw new RapportError('OCCURRED_IN_FUTURE', 'occurredAt lies in the future.');
    const hot = await load(streamId);
    const idOf = eventIdsOf(streamId, commandKey);
    if (hot.recent !== undefined && request.dryRun !== true) {
      await hot.recent.forgetIndexed(watermark);
      const isNew = hearsOthers() && hot.recent.isNew(commandKey);
      const known = isNew
        ? undefined
        : (hot.recent.get(commandKey) ?? (await commandIndex.find(streamId, commandKey)));
      if (known !== undefined) return replay(request, known);
    }

    const to = await movedTo(request, hot);
    if (to !== undefined) return { kind: 'moved', to };

    for (let redecisions = 0; ; redecisions++) {
      const known = request.dryRun === true ? undefined : hot.recent?.get(commandKey);
      if (known !== undefined) return replay(request, known);
      let decision: Decision;
      let encoded: EventToAppend[] = [];
      try {
        if (request.ifRevision !== undefined && request.ifRevision !== hot.revision)
          throw new RapportError('STALE_PRECONDITION', 'The stream has changed since.', {
            members: { currentRevision: String(hot.revision) },
          });
        decision = decide(request, hot, idOf);
        const events = decision.events ?? [];
        if (request.dryRun === true) {
          codec.validate(events);
          const eventTypes = events.map((event) => event.type);
          return decision.kind === 'accepted'
            ? { kind: 'wouldBeAccepted', eventTypes, revision: hot.revision }
            : {
                kind: 'refused',
                refusal: decision.refusal,
                revision: hot.revision,
                position: 0n,
                replayed: false,
              };
        }
        if (events.length > 0) encoded = await encode(request, hot, events, idOf);
      } catch (error) {
        // The state the first delivery left may be what makes the second one impossible.
        const missed = request.dryRun === true ? undefined : await overlooked(request, hot);
        if (missed === 'news' && redecisions < MAX_REDECISIONS) continue;
        if (missed !== undefined && missed !== 'news') return replay(request, missed);
        throw error;
      }
      if (encoded.length === 0) {
        const missed = await overlooked(request, hot);
        if (missed === 'news' && redecisions < MAX_REDECISIONS) continue;
        if (missed !== undefined && missed !== 'news') return replay(request, missed);
        return decision.kind === 'accepted'
          ? {
              kind: 'accepted',
              eventIds: [],
              revision: hot.revision,
              position: 0n,
              recordedAt: isoOf(clock.nowMs()),
              replayed: false,
            }
          : {
              kind: 'refused',
              refusal: decision.refusal,
              revision: hot.revision,
              position: 0n,
              replayed: false,
            };
      }

      const refusal = decision.kind === 'refused' ? decision.refusal : undefined;
      const identifiers =
        request.customerId === undefined
          ? undefined
          : identifierChangesOf(decision.events!, request.customerId, hasher);
      if (request.mayWrite !== undefined && !(await request.mayWrite()))
        throw new RapportError(
          'STALE_PRECONDITION',
          'The right to write this has passed to another process.',
        );
      let result: AppendResult;
      try {
        result = await append({
          streamId,
          expectedRevision: hot.revision,
          events: encoded,
          command: {
            commandKey,
            requestHash: request.requestHash,
            ...(refusal ? { refusal: refusal as unknown as Readonly<Record<string, unknown>> } : {}),
          },
          ...(identifiers ? { identifiers } : {}),
        });
      } catch (error) {
        hotStates.delete(streamId);
        throw error;
      }

      if (result.kind === 'duplicateCommand') {
        // Known although our state did not show it: somebody else wrote, or the state is older than the log.
        if (result.entry.lastRevision > hot.revision) hotStates.delete(streamId);
        return replay(request, result.entry);
      }
      if (result.kind === 'appended') {
        if (result.idempotent) {
          hotStates.delete(streamId);
          await assertSameRequest(request, result.revision);
        } else foldAppended(request, hot, encoded, result, refusal, decision.folded);
        await forgetErased(request, encoded);
        const place = {
          eventIds: encoded.map((event) => event.eventId),
          revision: result.revision,
          position: result.position,
          replayed: false,
        };
        return refusal === undefined
          ? { kind: 'accepted', ...place, recordedAt: result.recordedAt }
          : { kind: 'refused', refusal, ...place };
      }

      const tail = await foldTail(streamId, hot);
      // A store may report a conflict with our own append (its answer got lost): then it was carried out.
      const own = tail.filter((event) => event.metadata.commandKey === commandKey);
      if (own.length > 0) {
        const indexed = hot.recent?.get(commandKey) ?? (await commandIndex.find(streamId, commandKey));
        return replay(
          request,
          indexed ?? {
            streamId,
            commandKey,
            requestHash: request.requestHash,
            firstRevision: own[0]!.revision,
            lastRevision: own.at(-1)!.revision,
            position: own.at(-1)!.position,
            ...(refusal ? { refusal: refusal as unknown as Readonly<Record<string, unknown>> } : {}),
          },
        );
      }
      if (redecisions === MAX_REDECISIONS) {
        hotStates.delete(streamId);
        throw new RapportError('CONFLICT', 'Others changed the stream at the same time.', {
          retryAfterS: 1,
          members: { currentRevision: String(hot.revision) },
        });
      }
    }
  };

  const foldAppended = (
    request: CommandRequest<Command>,
    hot: HotState<State>,
    encoded: readonly EventToAppend[],
    result: { readonly revision: bigint; readonly position: bigint; readonly recordedAt: string },
    refusal: Refusal | undefined,
    folded: FoldedState | undefined,
  ): void => {
    const last = encoded.length - 1;
    hot.recent?.add({
      streamId: request.streamId,
      commandKey: request.commandKey,
      requestHash: request.requestHash,
      firstRevision: result.revision - BigInt(last),
      lastRevision: result.revision,
      position: result.position,
      ...(refusal ? { refusal: refusal as unknown as Readonly<Record<string, unknown>> } : {}),
    });
    if (changesJoins(decider, encoded)) {
      // What the events mean for the state is only known with the streams they name: the next load reads those.
      hotStates.delete(request.streamId);
      return;
    }
    if (folded !== undefined && folded.from === hot.state) {
      hot.state = folded.to as State;
      hot.revision = result.revision;
    } else if (!refold(request.streamId, hot, encoded, result)) return;
    if (hot.revision - hot.snapshotRevision >= snapshotEvery) saveSnapshot(request.streamId, hot);
  };

  /** Folds what was appended where the decision could not say what it leads to; false when that failed. */
  const refold = (
    streamId: string,
    hot: HotState<State>,
    encoded: readonly EventToAppend[],
    { revision, recordedAt }: { readonly revision: bigint; readonly recordedAt: string },
  ): boolean => {
    try {
      fold(
        hot,
        encoded.map((event, i) => ({
          eventId: event.eventId,
          type: event.type,
          schemaVersion: event.schemaVersion,
          streamId,
          revision: revision - BigInt(encoded.length - 1 - i),
          data: event.data,
          metadata: { ...event.metadata, recordedAt } as EventMetadata,
        })),
      );
      return true;
    } catch {
      // The events stand; a fold that fails half-way must not be decided on. The next load reports it.
      hotStates.delete(streamId);
      return false;
    }
  };

  /** Commands of one stream, one after the other. */
  const queues = new Map<string, { tail: Promise<unknown>; waiting: number }>();
  const handle = (request: CommandRequest<Command>): Promise<CommandOutcome> => {
    const queue = queues.get(request.streamId) ?? { tail: Promise.resolve(), waiting: 0 };
    if (queue.waiting >= maxWaiting)
      return Promise.reject(
        new RapportError('RATE_LIMITED', 'Too many commands wait for this customer.', { retryAfterS: 1 }),
      );
    const outcome = queue.waiting === 0 ? carryOut(request) : queue.tail.then(() => carryOut(request));
    queue.waiting++;
    const settled = (): void => {
      if (--queue.waiting === 0) queues.delete(request.streamId);
    };
    queue.tail = outcome.then(settled, settled);
    queues.set(request.streamId, queue);
    return outcome;
  };

  const handleItem = (request: CommandRequest<Command>): Promise<ItemOutcome> =>
    handle(request).then(
      (outcome) => ({ kind: 'done', outcome }),
      (error: unknown) => ({
        kind: 'failed',
        error: error instanceof RapportError ? error : new RapportError('INTERNAL', 'The command failed.'),
      }),
    );

  return {
    handle,
    handleMany: async (requests) => {
      const results = new Array<ItemOutcome>(requests.length);
      const byStream = Map.groupBy(requests.keys(), (i) => requests[i]!.streamId);
      await Promise.all(
        [...byStream.values()].map(async (indexes) => {
          for (const i of indexes) results[i] = await handleItem(requests[i]!);
        }),
      );
      return results;
    },
  };
}
