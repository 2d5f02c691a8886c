import { openEventStoreDbEventStore, untilItSucceeds } from '@rapport/event-store';
import { systemClock, systemRandom, systemScheduler } from '@rapport/runtime';
import { ADDRESS_VARIABLE, type ServerName } from '../../servers/running-server.js';
import { launchServers, type Servers } from '../../servers/launch-servers.js';
import { appendOf, dice } from '../customer-log.js';

/** Servers of our own for one part of the bench; the document server does not sync at every commit. */
export interface ServerBed {
  readonly servers: Servers;
  readonly eventStoreDbUrl: string;
  readonly brokers: readonly string[];
  readonly mongoUrl: string;
  dispose(): Promise<void>;
}

export async function openServerBed(): Promise<ServerBed> {
  const servers = await launchServers({ own: true, print: (line) => process.stderr.write(`${line}\n`) });
  const address = (name: ServerName): string => servers.environment[ADDRESS_VARIABLE[name]]!;
  return {
    servers,
    eventStoreDbUrl: address('eventstoredb'),
    brokers: address('kafka').split(','),
    mongoUrl: address('mongodb'),
    dispose: () => servers.dispose(),
  };
}

export interface MadeLog {
  readonly events: number;
  /** Of the log on disk for each event, headers of the records included. */
  readonly bytesPerEvent: number;
  readonly eventsPerSecond: number;
}

/** Appends under way at a time while a log is made. */
const CALLERS = 64;

/** Fills the log: one event an append, customers in turn and then at random, the same in every run. */
export async function makeLog(
  connectionString: string,
  { events, customers }: { readonly events: number; readonly customers: number },
): Promise<MadeLog> {
  const store = await openEventStoreDbEventStore({ connectionString, clock: systemClock });
  const before = (await store.head()).position;
  const startedMs = performance.now();
  const append = appender(store, customers);
  let made = 0;
  await Promise.all(
    Array.from({ length: CALLERS }, async () => {
      while (made < events) await append(made++);
    }),
  );
  const seconds = (performance.now() - startedMs) / 1_000;
  const after = (await store.head()).position;
  await store.close();
  return { events, bytesPerEvent: Number(after - before) / events, eventsPerSecond: events / seconds };
}

/** Appends the nth event of the log; nobody else may append to these customers. */
export function appender(
  store: Pick<Awaited<ReturnType<typeof openEventStoreDbEventStore>>, 'append'>,
  customers: number,
): (nth: number) => Promise<void> {
  const next = dice();
  const revisions = new Map<number, bigint>();
  const busy = new Set<number>();
  return async (nth) => {
    let customer = nth < customers ? nth : next(customers);
    while (busy.has(customer)) customer = (customer + 1) % customers;
    busy.add(customer);
    const request = appendOf(customer, revisions.get(customer) ?? -1n, nth, next(100));
    // The same request again is safe: it says its revision and its ids.
    const result = await untilItSucceeds(() => store.append(request), {
      scheduler: systemScheduler,
      random: systemRandom,
      signal: new AbortController().signal,
    });
    if (result.kind !== 'appended') throw new Error(`append ${nth}: ${result.kind}`);
    revisions.set(customer, result.revision);
    busy.delete(customer);
  };
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

export const quantile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))]!;

/** Says on stderr what was just measured: a run takes minutes. */
export const progress = (line: string): void => void process.stderr.write(`${line}\n`);
