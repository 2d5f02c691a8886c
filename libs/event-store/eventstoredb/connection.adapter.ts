import {
  DeadlineExceededError,
  EventStoreDBClient,
  type AllStreamResolvedEvent,
  type ResolvedEvent,
  type StreamingRead,
} from '@eventstore/db-client';
import { RapportError } from '@rapport/contracts';
import { isDeadline } from './errors.adapter.js';
import type { StoredEvent } from './event-envelope.js';

/** Deadline errors in a row after which the client is made anew: it does not reconnect by itself then. */
const DEADLINES_BEFORE_RENEWAL = 3;

/** The client, made anew when it is stuck; every call has a deadline of its own. */
export class Connection {
  private current: EventStoreDBClient;
  private deadlinesInARow = 0;
  private renewal = new AbortController();
  private isClosed = false;

  constructor(
    private readonly connectionString: string,
    private readonly onRenewed: () => void,
  ) {
    this.current = clientOf(connectionString);
  }

  get client(): EventStoreDBClient {
    this.assertOpen();
    return this.current;
  }

  get closed(): boolean {
    return this.isClosed;
  }

  /** Aborts when the present client is given up: what was begun with it says nothing more. */
  get signal(): AbortSignal {
    return this.renewal.signal;
  }

  assertOpen(): void {
    if (this.isClosed) throw new RapportError('UNAVAILABLE', 'The store is closed.');
  }

  async run<T>(call: (client: EventStoreDBClient) => Promise<T>): Promise<T> {
    const { client } = this;
    try {
      const result = await call(client);
      this.deadlinesInARow = 0;
      return result;
    } catch (error) {
      if (!isDeadline(error)) this.deadlinesInARow = 0;
      else if (++this.deadlinesInARow >= DEADLINES_BEFORE_RENEWAL && client === this.current) this.renew();
      throw error;
    }
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    this.renewal.abort();
    await disposed(this.current);
  }

  private renew(): void {
    if (this.isClosed) return;
    const given = { client: this.current, signal: this.renewal };
    this.current = clientOf(this.connectionString);
    this.renewal = new AbortController();
    this.deadlinesInARow = 0;
    given.signal.abort();
    void disposed(given.client);
    this.onRenewed();
  }
}

/**
 * Appends go one call each (`Append`), never through the client's shared `BatchAppend` call: version 6.2.1 keeps the
 * waiting appends of all clients of a process in one table and clears it when any of those calls breaks, after which an
 * answer that still comes is an uncaught TypeError (docs/adr, "Appends to EventStoreDB go one call each"). The client asks `supports` to choose between them.
 */
function clientOf(connectionString: string): EventStoreDBClient {
  try {
    const client = EventStoreDBClient.connectionString(connectionString);
    return Object.assign(client, { supports: async () => false });
  } catch {
    // The client's own message repeats the string, password included.
    throw new RapportError('INTERNAL', 'The connection string of EventStoreDB is not valid.');
  }
}

/** `dispose` ends the calls and leaves the channel open. */
async function disposed(client: EventStoreDBClient): Promise<void> {
  await client.dispose();
  const { getChannel } = client as unknown as { getChannel(): Promise<{ close(): void }> };
  await getChannel().then(
    (channel) => channel.close(),
    () => undefined,
  );
}

/** Everything a read answers, within a deadline; the client itself sets none on reads. */
export function drained(
  read: StreamingRead<ResolvedEvent> | StreamingRead<AllStreamResolvedEvent>,
  deadlineMs: number,
): Promise<StoredEvent[]> {
  return new Promise((resolve, reject) => {
    const events: StoredEvent[] = [];
    const settle = (finish: () => void): void => {
      clearTimeout(timer);
      finish();
    };
    const timer = setTimeout(() => {
      settle(() => reject(new DeadlineExceededError()));
      read.cancel().catch(() => undefined);
      read.destroy();
    }, deadlineMs);
    // Stays attached: an error that comes late must not end the process.
    read.on('error', (error: unknown) => settle(() => reject(error as Error)));
    read.on('data', (resolved: unknown) => {
      const { event } = resolved as ResolvedEvent;
      if (event !== undefined) events.push(event);
    });
    read.on('end', () => settle(() => resolve(events)));
    // Without an end, what came may not be all.
    read.on('close', () => settle(() => reject(new Error('The read broke off.'))));
  });
}
