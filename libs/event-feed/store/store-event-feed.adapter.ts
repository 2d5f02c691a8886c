import { START, type EventStore, type LogPage } from '@rapport/event-store';
import type { Scheduler } from '@rapport/runtime';
import {
  ONLY_ASSIGNMENT,
  type ConsumeOptions,
  type EventFeed,
  type FeedBatch,
  type FeedProgress,
  type ReplayOptions,
} from '../event-feed.port.js';

export interface StoreEventFeedOptions {
  readonly scheduler: Scheduler;
  /** Events per batch at most. Default 4,000: decoding and folding one takes some 50 ms, so control stays prompt. */
  readonly batchSize?: number;
  /** How often an idle consumer looks by itself, in ms. Default 50: the bound on lag when no `wake` comes. */
  readonly pollMs?: number;
}

const PARTITION = 0;

/** The embedded feed: the log of an event store read directly, as one partition. */
export function openStoreEventFeed(
  store: Pick<EventStore, 'readAll' | 'head' | 'checkpointAt'>,
  options: StoreEventFeedOptions,
): EventFeed {
  const pageSize = options.batchSize ?? 4_000;
  const pollMs = options.pollMs ?? 50;
  let wakeUps = 0;
  let awaken: (() => void) | undefined;

  const waitForMore = async (seenWakeUps: number, signal: AbortSignal): Promise<void> => {
    if (wakeUps !== seenWakeUps || signal.aborted) return;
    const sleep = new AbortController();
    const stop = (): void => sleep.abort();
    signal.addEventListener('abort', stop, { once: true });
    awaken = stop;
    await options.scheduler.sleep(pollMs, sleep.signal);
    awaken = undefined;
    signal.removeEventListener('abort', stop);
  };

  return {
    start: { checkpoint: START, through: 0n },
    partitions: async () => ONLY_ASSIGNMENT.partitions,
    partitionOf: () => PARTITION,
    assigned: async (signal) => (signal.aborted ? undefined : ONLY_ASSIGNMENT),
    health: () => ({
      ready: true,
      assigned: ONLY_ASSIGNMENT.partitions,
      restarts: 0,
      duplicates: 0,
      gaps: 0,
      skipped: 0,
    }),
    close: async () => undefined,
    head: async () => {
      const { position } = await store.head();
      return { checkpoint: store.checkpointAt(position), through: position };
    },
    commit: async () => undefined,
    wake: () => {
      wakeUps++;
      awaken?.();
    },
    async *consume({ from, signal }: ConsumeOptions) {
      let progress: FeedProgress = from(PARTITION);
      while (!signal.aborted) {
        const seenWakeUps = wakeUps;
        for await (const batch of batches(
          store.readAll({ after: progress.checkpoint, pageSize }),
          progress,
        )) {
          if (signal.aborted) return;
          yield batch;
          progress = batch;
        }
        await waitForMore(seenWakeUps, signal);
      }
    },
    replay: (_partition, { after, through }: ReplayOptions) =>
      batches(store.readAll({ after: after.checkpoint, pageSize, throughPosition: through }), after),
  };
}

/** Pages as batches, each knowing what stood before it and whether another follows. */
async function* batches(pages: AsyncIterable<LogPage>, from: FeedProgress): AsyncIterable<FeedBatch> {
  let previous = from.through;
  let held: LogPage | undefined;
  const batchOf = (page: LogPage, more: boolean): FeedBatch => {
    const { events, checkpoint, through } = page;
    const batch = { partition: PARTITION, events, checkpoint, through, previous, more };
    previous = through;
    return batch;
  };
  for await (const page of pages) {
    if (held) yield batchOf(held, true);
    held = page;
  }
  if (held && (held.events.length > 0 || held.through > previous)) yield batchOf(held, false);
}
