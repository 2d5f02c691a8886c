import { RapportError } from '@rapport/contracts';
import type { Collection, CommandStartedEvent, Db, Document, MongoClient } from 'mongodb';

export interface MongoConnectionOptions {
  /** `mongodb://` or `mongodb+srv://`, with credentials and TLS settings where the server wants them. */
  readonly url: string;
  /** Database to use; default the one named in the URL. */
  readonly database?: string;
  /** How long an operation waits for a usable server before it fails as UNAVAILABLE, ms. Default 5,000. */
  readonly serverSelectionTimeoutMs?: number;
  /** How long a write waits for the majority before it fails as UNAVAILABLE, ms. Default 10,000. */
  readonly majorityTimeoutMs?: number;
  /** Connections held at most; default 20. */
  readonly maxConnections?: number;
  /** Told of every command before it is sent: for tests and traces. */
  readonly onCommand?: (command: Pick<CommandStartedEvent, 'commandName' | 'command'>) => void;
}

/** A dead peer that keeps the connection open is noticed after this and one connect timeout, ms. */
const HEARTBEAT_MS = 5_000;
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * A pool of connections to one MongoDB deployment.
 *
 * Every collection writes with `majority`, because an acknowledged write that a new primary does not know would be
 * undone behind a checkpoint; it reads from the primary what a majority has, so that nothing read is undone later.
 * These are set per collection and win over what the URL says. There are no socket timeouts: an index build may take
 * an hour, and a peer that is gone fails its heartbeat, which interrupts what is under way.
 */
export class MongoConnection {
  readonly writeConcern: { readonly w: 'majority'; readonly wtimeoutMS: number };

  constructor(
    private readonly client: MongoClient,
    readonly db: Db,
    majorityTimeoutMs: number,
    private readonly closing: AbortController,
  ) {
    this.writeConcern = { w: 'majority', wtimeoutMS: majorityTimeoutMs };
  }

  collection<T extends Document>(name: string): Collection<T> {
    return this.db.collection<T>(name, {
      writeConcern: this.writeConcern,
      readConcern: { level: 'majority' },
      readPreference: 'primary',
    });
  }

  /** The same connection, another database; closing either closes both. */
  inDatabase(name: string): MongoConnection {
    return new MongoConnection(this.client, this.client.db(name), this.writeConcern.wtimeoutMS, this.closing);
  }

  close(): Promise<void> {
    this.closing.abort();
    return this.client.close();
  }
}

/** Prepares a connection; nothing is sent before its first use. Throws INVALID_VALUE for a URL that is none. */
export async function openMongoConnection(options: MongoConnectionOptions): Promise<MongoConnection> {
  const { MongoClient } = await import('mongodb');
  let client: MongoClient;
  try {
    client = new MongoClient(options.url, {
      appName: 'rapport',
      // Positions are 64-bit: as numbers they would lose bits above 2^53.
      useBigInt64: true,
      ignoreUndefined: true,
      promoteBuffers: true,
      maxPoolSize: options.maxConnections ?? 20,
      serverSelectionTimeoutMS: options.serverSelectionTimeoutMs ?? 5_000,
      connectTimeoutMS: CONNECT_TIMEOUT_MS,
      heartbeatFrequencyMS: HEARTBEAT_MS,
      monitorCommands: options.onCommand !== undefined,
    });
  } catch {
    // The driver's message may repeat parts of the URL, credentials included.
    throw new RapportError('INVALID_VALUE', 'The address of the document server is not a MongoDB URL.');
  }
  const database = options.database ?? client.options.dbName;
  if (
    !database ||
    (options.database === undefined && !/\/[^/?]+(\?|$)/.test(options.url.split('//')[1] ?? ''))
  )
    throw new RapportError('INVALID_VALUE', 'The MongoDB URL names no database.');
  if (options.onCommand) client.on('commandStarted', options.onCommand);
  // An error of the pool itself reaches whoever uses it; without a listener it would end the process.
  client.on('error', () => undefined);
  const closing = new AbortController();
  connectAgain(client, closing.signal);
  return new MongoConnection(client, client.db(database), options.majorityTimeoutMs ?? 10_000, closing);
}

/**
 * The driver connects by itself at the first use; when no server is there then, it closes its topology and answers
 * every later use with "Topology is closed", for ever. Asked to connect, it makes a new one.
 */
function connectAgain(client: MongoClient, closing: AbortSignal): void {
  client.on('topologyClosed', () => {
    // The failed attempt is under way until this turn is over. The next one fails in its own time, and comes here again.
    setImmediate(() => {
      if (!closing.aborted) client.connect().catch(() => undefined);
    });
  });
}
