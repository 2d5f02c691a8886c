import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import { framed } from './grpc.server.js';
import { bytes, message, text, uint } from './protobuf.js';

/** The revision an append insists on. */
export type Expected = bigint | 'noStream' | 'any' | 'streamExists';

export interface ProposedEvent {
  readonly eventId: string;
  readonly type: string;
  readonly contentType: string;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

export interface LogRecord {
  readonly stream: Stream;
  readonly revision: bigint;
  /** Byte offset in the log: commit and prepare position alike. */
  readonly position: number;
  readonly type: string;
  readonly eventId: string;
  readonly createdMs: number;
  /** The framed ReadResp that carries the event: what readers get, and what the file holds. */
  readonly frame: Buffer;
}

export interface Stream {
  readonly name: string;
  /** By revision, those included that are not indexed yet. */
  readonly records: LogRecord[];
  /** How many of `records` readers may see. */
  indexed: number;
  isTombstoned: boolean;
  maxCount?: number;
  maxAgeS?: number;
  truncateBefore?: number;
}

export type Outcome =
  | {
      readonly kind: 'written' | 'idempotent';
      readonly revision: bigint;
      readonly position: number | undefined;
    }
  /** Current revision of the stream, -1 without events. */
  | { readonly kind: 'wrongVersion'; readonly current: bigint }
  | { readonly kind: 'deleted' }
  /** A repetition of an append that is not indexed yet: the server answers nothing. */
  | { readonly kind: 'dropped' };

export const MAX_REVISION = 9_223_372_036_854_775_807n;
const SOFT_DELETED = Number(MAX_REVISION);

/** What a record takes besides stream name, type, data and metadata. */
const RECORD_OVERHEAD = 90;
/** Where `$$$scavenges` stands in a fresh log, after the first epoch. */
const FIRST_EVENT = 548;
const SCAVENGES_METADATA = '{"$maxAge":2592000,"$acl":{"$r":"$ops","$w":[],"$d":[],"$mr":[],"$mw":[]}}';
/** Size of records that readers never see: a new epoch after a restart, an append without events. */
const EPOCH_SIZE = 200;
const EMPTY_APPEND_SIZE = 100;
/** Ids remembered for appends at ANY: what 8 MiB of the server's cache hold. */
const REMEMBERED_IDS = 100_000;
const TICKS_PER_MS = 10_000n;

export interface EventLogOptions {
  /** Append-only file that keeps the log over a restart of the process. Default none. */
  readonly file?: string;
  readonly nowMs?: () => number;
}

/**
 * The log of an EventStoreDB in memory: streams, revisions, byte positions, idempotency, deletion and metadata as the
 * server has them. An append takes its place at once and is seen by readers, and answered, after the next turn of the
 * loop: that gap is where the server drops repetitions of an append in silence.
 */
export class EventLog {
  readonly records: LogRecord[] = [];
  /** How many of `records` readers may see. */
  visible = 0;
  private next = FIRST_EVENT;
  private readonly streams = new Map<string, Stream>();
  private readonly rememberedIds = new Map<string, LogRecord>();
  private readonly invisible = new Set<number>([0]);
  private readonly listeners = new Set<() => void>();
  private waiting: (() => void)[] = [];
  private readonly nowMs: () => number;
  private readonly file: number | undefined;

  constructor(options: EventLogOptions = {}) {
    this.nowMs = options.nowMs ?? Date.now;
    if (options.file !== undefined) {
      this.file = openSync(options.file, 'a+');
      this.load(options.file);
    }
    if (this.records.length === 0) {
      const data = Buffer.from(SCAVENGES_METADATA);
      this.write(this.streamNamed('$$$scavenges'), [metadataEvent(data)]);
      this.commit();
    }
  }

  close(): void {
    if (this.file !== undefined) closeSync(this.file);
  }

  /** Calls `listener` whenever readers may see more; answers how to stop that. */
  onVisible(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  find(name: string): Stream | undefined {
    return this.streams.get(name);
  }

  isTombstoned(name: string): boolean {
    return this.streams.get(originalOf(name))?.isTombstoned ?? false;
  }

  isSoftDeleted(stream: Stream | undefined): boolean {
    return stream?.truncateBefore === SOFT_DELETED;
  }

  append(
    name: string,
    expected: Expected,
    events: readonly ProposedEvent[],
    reply: (outcome: Outcome) => void,
  ): void {
    if (this.isTombstoned(name)) return reply({ kind: 'deleted' });
    const stream = this.streamNamed(name);
    const last = BigInt(stream.records.length) - 1n;
    const isDeleted = this.isSoftDeleted(stream);
    const wrong = (): void => reply({ kind: 'wrongVersion', current: last });

    if (expected === 'streamExists') {
      if (isDeleted) return reply({ kind: 'deleted' });
      const hasMetadata = (this.streams.get(`$$${name}`)?.records.length ?? 0) > 0;
      if (last < 0n && !hasMetadata) return wrong();
    }
    const known =
      expected === 'any' || expected === 'streamExists'
        ? this.knownById(stream, events)
        : this.knownByRevision(stream, expected === 'noStream' ? -1n : expected, events);
    if (known === 'other') {
      // A deleted stream may be begun anew without knowing its last revision.
      if (!(isDeleted && expected === 'noStream')) return wrong();
    } else if (known !== 'new') {
      const isIndexed = known.revision < BigInt(stream.indexed);
      if (!isIndexed) return reply({ kind: 'dropped' });
      const position = isDeleted ? undefined : known.position;
      return reply({ kind: 'idempotent', revision: known.revision, position });
    }

    if (events.length === 0) {
      const position = this.next;
      this.invisible.add(position);
      this.next += EMPTY_APPEND_SIZE;
      this.whenCommitted(() => reply({ kind: 'written', revision: last, position }));
      return;
    }
    const position = this.write(stream, events);
    const revision = BigInt(stream.records.length) - 1n;
    if (isDeleted) {
      const metadata = metadataEvent(Buffer.from(`{"$tb":${last + 1n}}`));
      this.write(this.streamNamed(`$$${name}`), [metadata]);
    }
    this.whenCommitted(() => reply({ kind: 'written', revision, position }));
  }

  /** Soft deletion: a metadata event that truncates everything. */
  delete(name: string, expected: Expected, reply: (outcome: Outcome) => void): void {
    const refusal = this.refusalToDelete(name, expected);
    if (refusal) return reply(refusal);
    const metadata = metadataEvent(Buffer.from(`{"$tb":${MAX_REVISION}}`));
    const position = this.write(this.streamNamed(`$$${name}`), [metadata]);
    this.whenCommitted(() => reply({ kind: 'written', revision: -1n, position }));
  }

  /** Deletion for ever: an event at the largest revision, after which nothing may be written. */
  tombstone(name: string, expected: Expected, reply: (outcome: Outcome) => void): void {
    const refusal =
      expected === 'any' ? this.refusalOfTombstoned(name) : this.refusalToDelete(name, expected);
    if (refusal) return reply(refusal);
    const stream = this.streamNamed(name);
    stream.isTombstoned = true;
    const nothing = Buffer.alloc(0);
    const event = { type: '$streamDeleted', contentType: OCTETS, data: nothing, metadata: nothing };
    const position = this.put(stream, MAX_REVISION, { eventId: freshId(this.next), ...event });
    this.whenCommitted(() => reply({ kind: 'written', revision: MAX_REVISION, position }));
  }

  /** Revision of the first event that the stream's metadata let through; `stream.indexed` when there is none. */
  firstLive(stream: Stream): number {
    const isMetadata = stream.name.startsWith('$$');
    const maxCount = isMetadata ? 1 : stream.maxCount;
    let first = Math.max(
      maxCount ? stream.indexed - maxCount : 0,
      Math.min(stream.truncateBefore ?? 0, stream.indexed),
    );
    if (stream.maxAgeS === undefined) return first;
    const oldestMs = this.nowMs() - stream.maxAgeS * 1_000;
    while (first < stream.indexed && stream.records[first]!.createdMs < oldestMs) first++;
    return first;
  }

  /** Index of the first visible record at or after a position. */
  indexAtOrAfter(position: number | bigint): number {
    let low = 0;
    let high = this.visible;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.records[middle]!.position < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** May somebody read from here: the start of a record, seen or not, or the end. */
  isPosition(position: bigint): boolean {
    if (position >= BigInt(this.next) || this.invisible.has(Number(position))) return true;
    return this.records[this.indexAtOrAfter(position)]?.position === Number(position);
  }

  private streamNamed(name: string): Stream {
    const known = this.streams.get(name);
    if (known !== undefined) return known;
    const stream: Stream = { name, records: [], indexed: 0, isTombstoned: false };
    this.streams.set(name, stream);
    return stream;
  }

  /** With an explicit revision, ids are compared one by one from there on; at the current revision nothing is. */
  private knownByRevision(
    stream: Stream,
    expected: bigint,
    events: readonly ProposedEvent[],
  ): LogRecord | 'new' | 'other' {
    const last = stream.records.length - 1;
    if (expected === BigInt(last)) return 'new';
    if (expected > BigInt(last) || events.length === 0) return 'other';
    const first = Number(expected) + 1;
    const areSame = events.every((event, i) => stream.records[first + i]?.eventId === event.eventId);
    return areSame ? stream.records[first + events.length - 1]! : 'other';
  }

  /** At ANY, ids are looked up in what the server remembers of them, by the first stream they were seen in. */
  private knownById(stream: Stream, events: readonly ProposedEvent[]): LogRecord | 'new' | 'other' {
    const remembered = events.map(({ eventId }) => this.rememberedIds.get(eventId));
    if (remembered[0]?.stream !== stream) return 'new';
    if (remembered.some((record) => record?.stream !== stream)) return 'other';
    return remembered.at(-1)!;
  }

  private refusalOfTombstoned(name: string): Outcome | undefined {
    return this.isTombstoned(name) ? { kind: 'deleted' } : undefined;
  }

  private refusalToDelete(name: string, expected: Expected): Outcome | undefined {
    if (this.isTombstoned(name)) return { kind: 'deleted' };
    const stream = this.streams.get(name);
    const current = BigInt(stream?.records.length ?? 0) - 1n;
    const isDeleted = this.isSoftDeleted(stream);
    if (expected === 'streamExists' && isDeleted) return { kind: 'deleted' };
    const matches =
      expected === 'any' || expected === 'streamExists'
        ? current >= 0n
        : expected === 'noStream'
          ? current < 0n || isDeleted
          : expected === current;
    return matches ? undefined : { kind: 'wrongVersion', current };
  }

  private write(stream: Stream, events: readonly ProposedEvent[]): number {
    let position = this.next;
    const createdMs = this.nowMs();
    for (const event of events) position = this.put(stream, BigInt(stream.records.length), event, createdMs);
    return position;
  }

  private put(stream: Stream, revision: bigint, event: ProposedEvent, createdMs = this.nowMs()): number {
    const position = this.next;
    const name = Buffer.from(stream.name);
    const size = RECORD_OVERHEAD + name.length + Buffer.byteLength(event.type);
    this.next += size + event.data.length + event.metadata.length;
    const record: LogRecord = {
      stream,
      revision,
      position,
      type: event.type,
      eventId: event.eventId,
      createdMs,
      frame: frameOf(name, revision, position, event, createdMs),
    };
    this.remember(record);
    return position;
  }

  private remember(record: LogRecord): void {
    this.records.push(record);
    if (record.revision !== MAX_REVISION) record.stream.records.push(record);
    if (this.rememberedIds.has(record.eventId)) return;
    this.rememberedIds.set(record.eventId, record);
    if (this.rememberedIds.size > REMEMBERED_IDS)
      this.rememberedIds.delete(this.rememberedIds.keys().next().value!);
  }

  private whenCommitted(reply: () => void): void {
    if (this.waiting.push(reply) === 1) setImmediate(() => this.commit());
  }

  private commit(): void {
    const added = this.records.slice(this.visible);
    if (this.file !== undefined && added.length > 0)
      writeSync(this.file, Buffer.concat(added.map((record) => record.frame)));
    for (const record of added) this.index(record, () => payloadOf(record.frame).getData_asU8());
    this.visible = this.records.length;
    const replies = this.waiting;
    this.waiting = [];
    for (const reply of replies) reply();
    if (added.length > 0) for (const listener of [...this.listeners]) listener();
  }

  private index(record: LogRecord, data: () => Uint8Array): void {
    const { stream, type } = record;
    if (record.revision !== MAX_REVISION) stream.indexed++;
    if (type !== '$metadata' || !stream.name.startsWith('$$')) return;
    const of = this.streamNamed(originalOf(stream.name));
    const metadata = jsonObjectOf(Buffer.from(data()).toString());
    of.maxCount = numberOf(metadata.$maxCount);
    of.maxAgeS = numberOf(metadata.$maxAge);
    of.truncateBefore = numberOf(metadata.$tb);
  }

  private load(path: string): void {
    const content = readFileSync(path);
    let offset = 0;
    while (content.length - offset >= 5) {
      const end = offset + 5 + content.readUInt32BE(offset + 1);
      if (end > content.length) break;
      const frame = Buffer.from(content.subarray(offset, end));
      offset = end;
      const event = payloadOf(frame);
      const map = event.getMetadataMap();
      const name = Buffer.from(event.getStreamIdentifier()!.getStreamName_asU8()).toString();
      const revision = BigInt(event.getStreamRevision());
      const position = Number(event.getCommitPosition());
      const type = map.get('type')!;
      const data = event.getData_asU8();
      const size = Buffer.byteLength(name) + Buffer.byteLength(type) + data.length;
      this.next = position + RECORD_OVERHEAD + size + event.getCustomMetadata_asU8().length;
      const stream = this.streamNamed(name);
      if (revision === MAX_REVISION) stream.isTombstoned = true;
      const createdMs = Number(BigInt(map.get('created')!) / TICKS_PER_MS);
      const eventId = event.getId()!.getString();
      const record: LogRecord = { stream, revision, position, type, eventId, createdMs, frame };
      this.remember(record);
      this.index(record, () => data);
    }
    // A kill may leave half a record; it was never acknowledged.
    if (offset < content.length) ftruncateSync(this.file!, offset);
    // The server forgets on a restart which ids it saw, and begins an epoch.
    this.rememberedIds.clear();
    this.visible = this.records.length;
    if (this.records.length === 0) return;
    this.invisible.add(this.next);
    this.next += EPOCH_SIZE;
  }
}

export const JSON_CONTENT = 'application/json';
const OCTETS = 'application/octet-stream';

const originalOf = (name: string): string => (name.startsWith('$$') ? name.slice(2) : name);

/** An id for events the server writes itself: the same in every run. */
const freshId = (position: number): string =>
  `00000000-0000-4000-8000-${position.toString(16).padStart(12, '0')}`;

let metadataEvents = 0;
const metadataEvent = (data: Buffer): ProposedEvent => ({
  eventId: freshId(2 ** 47 + ++metadataEvents),
  type: '$metadata',
  contentType: JSON_CONTENT,
  data,
  metadata: Buffer.alloc(0),
});

const numberOf = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

function jsonObjectOf(json: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    // Metadata that is no JSON is accepted and means nothing.
    return {};
  }
}

/** The ReadResp of an event, with ids as text: what the client asks for. */
function frameOf(
  stream: Buffer,
  revision: bigint,
  position: number,
  event: ProposedEvent,
  createdMs: number,
): Buffer {
  const contentType = event.contentType === JSON_CONTENT ? JSON_CONTENT : OCTETS;
  const entry = (name: string, value: string): Buffer[] => message(6, text(1, name), text(2, value));
  return framed(
    message(
      1,
      message(
        1,
        message(1, text(2, event.eventId)),
        message(2, bytes(3, stream)),
        uint(3, revision),
        uint(4, position),
        uint(5, position),
        entry('type', event.type),
        entry('created', (BigInt(createdMs) * TICKS_PER_MS).toString()),
        entry('content-type', contentType),
        bytes(7, event.metadata),
        bytes(8, event.data),
      ),
      uint(3, position),
    ),
  );
}

const payloadOf = (frame: Buffer) =>
  streamsPb.ReadResp.deserializeBinary(frame.subarray(5)).getEvent()!.getEvent()!;
