import type { Clock } from '@rapport/runtime';
import type { Upcast } from '../codec/upcast.js';
import type { IdentifierIndexMaintenance } from '../identifier-index.port.js';
import type { EventStoreDbEventStore } from './eventstoredb-event-store.adapter.js';

export type { EventStoreDbEventStore };

/** Something operations may want to see counted or logged; none of it is an error of a caller. */
export type EventStoreDbNotice =
  /** A subscription is begun again from its checkpoint; `reason` is error (`detail`: which), end, close, silence, renewed or slow consumer. */
  | { readonly kind: 'resubscribed'; readonly reason: string; readonly detail?: string }
  /** The client did not answer in time three times in a row and was made anew. */
  | { readonly kind: 'clientRenewed' }
  /** An event whose content was redacted on the server was read as `EventRedacted`. */
  | { readonly kind: 'redacted'; readonly streamId: string; readonly revision: bigint }
  /** An event of the server's own in a stream of ours was left out: a tombstone, a link. */
  | { readonly kind: 'systemEventSkipped'; readonly streamId: string; readonly type: string }
  /** Events were recorded and the identifier index could not be written; whoever follows the log does it. */
  | { readonly kind: 'identifiersBehind'; readonly streamId: string };

export interface EventStoreDbOptions {
  /** `esdb://host:2113?tls=true&tlsCAFile=…`, `esdb+discover://user:password@cluster:2113`: address, credentials and TLS. */
  readonly connectionString: string;
  /** Gives `recordedAt`. */
  readonly clock: Clock;
  readonly upcast?: Upcast;
  /** Streams of ours start with one of these; others are neither read nor written. Default: every category of the product. */
  readonly streamPrefixes?: readonly string[];
  /** Gets the identifier changes of an append before it is answered; without it they follow from the log alone. */
  readonly identifiers?: Pick<IdentifierIndexMaintenance, 'applyIdentifierChanges'>;
  /** Time for one attempt of an append, ms. Default 1,000: two fit into the two seconds a command waits. */
  readonly appendDeadlineMs?: number;
  /** Appends under way at the same time; others wait for up to two seconds, then UNAVAILABLE. Default 64: more are no faster. */
  readonly maxAppendsInFlight?: number;
  /** Time for one read of a stream or of a page, ms. Default 10,000. */
  readonly readDeadlineMs?: number;
  /** A subscription that says nothing for so long is compared with the head of the log, ms. Default 5,000. */
  readonly silenceMs?: number;
  /** A consumer that takes longer for a page loses its subscription and gets another when it comes back, ms. Default 10,000. */
  readonly slowConsumerMs?: number;
  readonly onNotice?: (notice: EventStoreDbNotice) => void;
}

/** First words of the stream names of the product, up to and with the dash. */
export const STREAM_PREFIXES = [
  'customer-', 'campaign-', 'product-', 'ruleBook-', 'crmGoals-', 'accountManager-', 'identity-', 'model-', 'process-',
] as const; // prettier-ignore

/**
 * Opens the log on an EventStoreDB; the first call to it connects. The driver is loaded only now: the embedded product
 * starts without it. Throws INTERNAL for a connection string that is none.
 */
export async function openEventStoreDbEventStore(
  options: EventStoreDbOptions,
): Promise<EventStoreDbEventStore> {
  const adapter = await import('./eventstoredb-event-store.adapter.js');
  return new adapter.EventStoreDbEventStore(options);
}
