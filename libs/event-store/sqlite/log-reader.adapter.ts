import { hash as digest } from 'node:crypto';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { customerIdOfStream, RapportError, type RecordedEvent } from '@rapport/contracts';
import type { IndexedCommand, ReadAllOptions, ReadStreamOptions } from '../event-store.port.js';
import type { Upcast } from '../codec/upcast.js';
import { asRapportError } from './connection.adapter.js';
import {
  commandKeyOfBody,
  commandOfBody,
  eventIdOfBody,
  readBody,
  recordedAtOfBody,
  typeOfBody,
} from './event-body.js';

/** A stream as rows name it. */
export interface StreamName {
  readonly id: number;
  readonly name: string;
  readonly customerId: string | undefined;
  /** Checksum of the name: where the checksum of each of its events starts from. */
  readonly seed: number;
}

export const streamName = (id: number, name: string): StreamName => ({
  id,
  name,
  customerId: customerIdOfStream(name),
  seed: crc32(name),
});

/** Fibonacci hashing constant: spreads neighbouring revisions over all 32 bits of the seed. */
const SPREAD = 0x9e3779b1;

/** CRC-32 over stream, revision and body (type, metadata and data): what a flipped bit or a misplaced row changes. */
export const checksumOf = (stream: StreamName, revision: number, body: string): number =>
  crc32(body, (stream.seed + Math.imul(revision + 1, SPREAD)) >>> 0);

/** Entry of a command key in `stream_index`: below zero, 52 bits of its hash; equal hashes take the next free entry below. */
export const commandEntryOf = (commandKey: string): number =>
  -1 - Number.parseInt(digest('sha1', commandKey).slice(0, 13), 16);

/** Names kept in memory: about 40 MB when full. */
const MAX_STREAM_NAMES = 200_000;

type EventRow = [position: number, stream: number, revision: number, checksum: number, body: string];

const arrays = (statement: StatementSync): StatementSync => {
  statement.setReturnArrays(true);
  return statement;
};

/** Reads events by position and by stream, every one against its checksum. Synchronous: one connection, one thread. */
export class SqliteLogReader {
  private readonly names = new Map<number, StreamName>();
  private readonly pageStatement: StatementSync;
  private readonly forwardStatement: StatementSync;
  private readonly backwardStatement: StatementSync;
  private readonly entryStatement: StatementSync;
  private readonly eventStatement: StatementSync;
  private readonly nameStatement: StatementSync;
  private readonly streamStatement: StatementSync;
  private readonly lastRevisionStatement: StatementSync;
  private readonly headStatement: StatementSync;

  constructor(
    database: DatabaseSync,
    private readonly upcast: Upcast,
  ) {
    const prepare = (sql: string): StatementSync => arrays(database.prepare(sql));
    const columns = 'e.position, e.stream, e.revision, e.checksum, e.body';
    this.pageStatement = prepare(
      `SELECT ${columns} FROM events e WHERE e.position > ? AND e.position <= ? ORDER BY e.position LIMIT ?`,
    );
    const ofStream = `SELECT ${columns} FROM stream_index i JOIN events e ON e.position = i.position
      WHERE i.stream = ? AND i.entry BETWEEN ? AND ? ORDER BY i.entry`;
    this.forwardStatement = prepare(`${ofStream} LIMIT ?`);
    this.backwardStatement = prepare(`${ofStream} DESC LIMIT ?`);
    this.entryStatement = prepare('SELECT position FROM stream_index WHERE stream = ? AND entry = ?');
    this.eventStatement = prepare(`SELECT ${columns} FROM events e WHERE e.position = ?`);
    this.nameStatement = prepare('SELECT name FROM streams WHERE id = ?');
    this.streamStatement = prepare('SELECT id FROM streams WHERE name = ?');
    this.lastRevisionStatement = prepare(
      'SELECT max(entry) FROM stream_index WHERE stream = ? AND entry >= 0',
    );
    this.headStatement = prepare('SELECT max(position) FROM events');
  }

  headPosition(): number {
    return guarded(() => (this.headStatement.get() as unknown as [number | null])[0] ?? 0);
  }

  streamNamed(name: string): StreamName | undefined {
    const row = this.streamStatement.get(name) as unknown as [number] | undefined;
    return row && streamName(row[0], name);
  }

  /** -1 for a stream without events. */
  lastRevisionOf(stream: StreamName): number {
    return (this.lastRevisionStatement.get(stream.id) as unknown as [number | null])[0] ?? -1;
  }

  /**
   * Events after a position in order, without holes (CORRUPT_EVENT otherwise), and the position they are complete to. Those
   * that `accept` turns down are neither decoded nor checked: whoever takes them does.
   */
  page(
    after: number,
    through: number,
    limit: number,
    accept?: ReadAllOptions['accept'],
  ): { readonly events: RecordedEvent[]; readonly complete: number } {
    return guarded(() => {
      const rows = this.pageStatement.all(after, through, limit) as unknown as EventRow[];
      const events: RecordedEvent[] = [];
      for (let i = 0; i < rows.length; i++) {
        const row = rows[i]!;
        if (row[0] !== after + 1 + i)
          throw new RapportError('CORRUPT_EVENT', `The event at position ${after + 1 + i} is missing.`);
        if (accept && !accept(this.nameOf(row[1], row[0]).name, typeOfBody(row[4]))) continue;
        events.push(this.eventOf(row));
      }
      return { events, complete: after + rows.length };
    });
  }

  stream(name: string, options: ReadStreamOptions): RecordedEvent[] {
    return guarded(() => {
      const stream = this.streamNamed(name);
      if (stream === undefined) return [];
      const limit = options.maxCount ?? -1;
      const backward = options.direction === 'backward';
      const from = options.fromRevision === undefined ? undefined : Number(options.fromRevision);
      const rows = (backward
        ? this.backwardStatement.all(stream.id, 0, from ?? Number.MAX_SAFE_INTEGER, limit)
        : this.forwardStatement.all(
            stream.id,
            Math.max(0, from ?? 0),
            Number.MAX_SAFE_INTEGER,
            limit,
          )) as unknown as EventRow[];
      const step = backward ? -1 : 1;
      const first = backward ? rows[0]?.[2] : Math.max(0, from ?? 0);
      return rows.map((row, i) => {
        if (row[1] !== stream.id || row[2] !== first! + i * step) throw damaged(name, first! + i * step);
        return this.eventOf(row, stream);
      });
    });
  }

  /** Ids, position and time of events at these revisions, or undefined where one is missing. */
  written(stream: StreamName, fromRevision: number, count: number) {
    const rows = this.forwardStatement.all(
      stream.id,
      fromRevision,
      fromRevision + count - 1,
      count,
    ) as unknown as EventRow[];
    if (rows.length !== count) return undefined;
    return rows.map((row) => {
      this.verify(row, stream);
      return { eventId: eventIdOfBody(row[4]), position: row[0], recordedAt: recordedAtOfBody(row[4]) };
    });
  }

  /** What the stream remembers of a command key. */
  command(stream: StreamName, commandKey: string): IndexedCommand | undefined {
    for (let entry = commandEntryOf(commandKey); ; entry--) {
      const found = this.entryStatement.get(stream.id, entry) as unknown as [number] | undefined;
      if (found === undefined) return undefined;
      const row = this.eventStatement.get(found[0]) as unknown as EventRow | undefined;
      if (row === undefined)
        throw new RapportError('CORRUPT_EVENT', `The event at position ${found[0]} is missing.`);
      this.verify(row, stream);
      if (commandKeyOfBody(row[4]) !== commandKey) continue;
      const stored = commandOfBody(row[4]);
      return {
        streamId: stream.name,
        commandKey,
        requestHash: stored.requestHash,
        firstRevision: BigInt(row[2]),
        lastRevision: BigInt(row[2] + stored.events - 1),
        position: BigInt(row[0] + stored.events - 1),
        ...(stored.refusal ? { refusal: stored.refusal } : {}),
      };
    }
  }

  private eventOf(row: EventRow, known?: StreamName): RecordedEvent {
    const stream = known ?? this.nameOf(row[1], row[0]);
    this.verify(row, stream);
    try {
      return readBody(row[4], stream.name, stream.customerId, row[2], row[0], this.upcast);
    } catch (error) {
      if (error instanceof SyntaxError) throw damaged(stream.name, row[2]);
      throw error;
    }
  }

  private verify(row: EventRow, stream: StreamName): void {
    if (row[1] !== stream.id || checksumOf(stream, row[2], row[4]) !== row[3])
      throw damaged(stream.name, row[2]);
  }

  private nameOf(id: number, position: number): StreamName {
    const known = this.names.get(id);
    if (known !== undefined) return known;
    const row = this.nameStatement.get(id) as unknown as [string] | undefined;
    if (row === undefined)
      throw new RapportError('CORRUPT_EVENT', `The event at position ${position} belongs to no stream.`);
    if (this.names.size >= MAX_STREAM_NAMES) this.names.clear();
    const name = streamName(id, row[0]);
    this.names.set(id, name);
    return name;
  }
}

const damaged = (streamId: string, revision: number): RapportError =>
  new RapportError('CORRUPT_EVENT', `Revision ${revision} of stream ${streamId} fails its checksum.`, {
    members: { streamId, revision: String(revision) },
  });

/** Errors of the driver leave as errors of ours. */
export function guarded<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw asRapportError(error);
  }
}
