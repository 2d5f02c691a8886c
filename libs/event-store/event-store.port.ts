/**
 * Port: the log, the one source of truth.
 *
 * Glossary: see `@rapport/contracts` envelope (stream, revision, position).
 * - checkpoint: opaque value of the adapter that says how far a reader of the whole log has come.
 * - command key: idempotency key of a command within its stream (`k:<Idempotency-Key>` or `s:<sourceSystem>:<sourceEventId>`).
 *
 * Promises
 * - Ordering: within a stream by revision without gaps; over the whole log by position, strictly increasing (consecutive
 *   in the embedded adapters, byte offsets on EventStoreDB). An event's position is visible only after every smaller
 *   position is.
 * - Durability: `append` resolves after the events are on disk (SQLite: WAL, synced after each commit; EventStoreDB: on a
 *   majority of its nodes).
 * - Atomicity: all events of one append are recorded or none; so is, embedded, its command-index entry. EventStoreDB has
 *   no such entry: the events carry what a `CommandIndex` is fed from.
 * - Idempotence: an append whose first event id already stands at `expectedRevision + 1` (and the rest follows) answers
 *   with the first result. Embedded, an append whose command key is known answers `duplicateCommand` and records nothing.
 * - Failures: `RevisionConflict` (value), `DuplicateCommand` (value), RapportError CORRUPT_EVENT, STORAGE_FULL,
 *   PAYLOAD_TOO_LARGE, OUTCOME_UNKNOWN, STORE_LOCKED, UNAVAILABLE (thrown). After each of them but OUTCOME_UNKNOWN
 *   nothing was recorded. Readers: POSITION_BEYOND_HEAD for a checkpoint behind the end of the log.
 */
import type { RecordedEvent, EventMetadata } from '@rapport/contracts';

/** An event on its way into the log: personal values are tokens already (see `codec/`). */
export interface EventToAppend {
  readonly eventId: string;
  readonly type: string;
  readonly schemaVersion: number;
  readonly data: Readonly<Record<string, unknown>>;
  readonly metadata: Omit<EventMetadata, 'recordedAt'>;
}

/** Revision the stream must be at: `-1n` for a stream without events. */
export type ExpectedRevision = bigint;

/** Index rows written in the same atomic step as the events. */
export interface CommandEntry {
  readonly commandKey: string;
  /** Keyed hash of the canonical request, hex: the same key with another body is refused. */
  readonly requestHash: string;
  /** Code of the refusal when the append records a refused decision (a suppressed offer); else absent. */
  readonly refusal?: Readonly<Record<string, unknown>>;
}

/** Keyed hashes under which a customer is found; no plaintext. */
export interface IdentifierEntry {
  /** HMAC of the normalised identifier or of a name-word prefix, hex. */
  readonly hash: string;
  readonly kind: 'identifier' | 'nameWord';
  readonly customerId: string;
}

/** Details by which duplicates are looked for; identifiers are another way. */
export const MATCH_DETAILS = ['name', 'postalCode', 'birthDate'] as const;
export type MatchDetail = (typeof MATCH_DETAILS)[number];

/** The last word on a detail of a customer. */
export interface DetailEntry {
  readonly customerId: string;
  readonly detail: MatchDetail;
  /** HMAC of the normalised value, hex; null: it was taken away, or nothing can be matched by it. */
  readonly hash: string | null;
}

/** Applied in this order: removals first, then additions. */
export interface IdentifierChanges {
  /** Removes every row of the customer for good (erasure) and remembers the customer as erased. */
  readonly removeAllOf?: string;
  /** The same for customers that were part of that one. */
  readonly removeAllOfMembers?: readonly string[];
  /** Removes the customer's name-word rows: a corrected name replaces the old words, whose plaintext is no longer at hand. */
  readonly removeNameWordsOf?: string;
  readonly remove?: readonly IdentifierEntry[];
  readonly add?: readonly IdentifierEntry[];
  /** At most one for each detail of a customer. */
  readonly details?: readonly DetailEntry[];
}

export interface AppendRequest {
  readonly streamId: string;
  readonly expectedRevision: ExpectedRevision;
  /** Ids unique within the request; at least one event. */
  readonly events: readonly EventToAppend[];
  readonly command?: CommandEntry;
  readonly identifiers?: IdentifierChanges;
}

export interface Appended {
  readonly kind: 'appended';
  /** Revision of the last event of this append. */
  readonly revision: bigint;
  /** Position of the last event of this append. */
  readonly position: bigint;
  readonly recordedAt: string;
  /** True when the store recognised a retry and answered with the first result. */
  readonly idempotent: boolean;
}
export interface RevisionConflict {
  readonly kind: 'conflict';
  readonly currentRevision: bigint;
}
export interface DuplicateCommand {
  readonly kind: 'duplicateCommand';
  readonly entry: IndexedCommand;
}
export type AppendResult = Appended | RevisionConflict | DuplicateCommand;

/** What the command index remembers of a command, for ever. */
export interface IndexedCommand {
  readonly streamId: string;
  readonly commandKey: string;
  readonly requestHash: string;
  readonly firstRevision: bigint;
  readonly lastRevision: bigint;
  readonly position: bigint;
  readonly refusal?: Readonly<Record<string, unknown>>;
}

export interface ReadStreamOptions {
  readonly direction?: 'forward' | 'backward';
  /** First revision to read, inclusive; default the first (forward) or last (backward). */
  readonly fromRevision?: bigint;
  readonly maxCount?: number;
}

/** Where a reader of the whole log stands. `start` = before everything. Opaque strings otherwise. */
export type Checkpoint = string;
export const START: Checkpoint = 'start';

export interface ReadAllOptions {
  /** Exclusive: reading goes on after it. */
  readonly after?: Checkpoint;
  /** Events per page; default 2,000. */
  readonly pageSize?: number;
  /** Stop after this position, inclusive. */
  readonly throughPosition?: bigint;
  /** Events it answers false for are left out undecoded; pages still say how far they are complete. For sharded folds. */
  readonly accept?: (streamId: string, type: string) => boolean;
}

export interface LogPage {
  readonly events: readonly RecordedEvent[];
  /** Complete to here: resume after it. */
  readonly checkpoint: Checkpoint;
  /** Position the page is complete to. */
  readonly through: bigint;
}

export interface LogHead {
  /** Position of the newest event; 0n for an empty log. */
  readonly position: bigint;
  /** Number of events in the log; undefined where counting them would mean reading them. */
  readonly events?: bigint;
}

export interface EventStore {
  append(request: AppendRequest): Promise<AppendResult>;
  /** Events of a stream, upcast to the latest version; empty for an unknown stream. Throws CORRUPT_EVENT. */
  readStream(streamId: string, options?: ReadStreamOptions): Promise<readonly RecordedEvent[]>;
  /** Pages of the log up to the head seen when the reading started, then ends. */
  readAll(options?: ReadAllOptions): AsyncIterable<LogPage>;
  /** Pages for ever: waits for new events at the head. Ends when `signal` aborts. Pull based: the next page is read when asked for. */
  subscribeAll(options: ReadAllOptions & { readonly signal: AbortSignal }): AsyncIterable<LogPage>;
  head(): Promise<LogHead>;
  /** Checkpoint that a reader has when it is complete to the event at `position`. */
  checkpointAt(position: bigint): Checkpoint;
  /** Checkpoint of a reader that is complete to everything before the event at `position`: the next it reads is that event. */
  checkpointBefore(position: bigint): Checkpoint;
  close(): Promise<void>;
}

/** The log for somebody who only reads: a worker thread or a command line with a connection of its own. */
export interface EventStoreReader extends Omit<EventStore, 'append'> {
  /** Tells waiting subscriptions to look now: an optional hook for who hears of a commit before polling does. */
  notify(): void;
}
