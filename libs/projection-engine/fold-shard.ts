import type { RecordedEvent } from '@rapport/contracts';
import type { EventStore } from '@rapport/event-store';
import type { ReadModelStore } from '@rapport/read-model';
import { compileProjection, reasonOf } from './compiled-projection.js';
import type { AnyProjection } from './definition.js';
import { FoldedDocuments, UnfoldableOwner } from './folded-documents.js';
import { shardOf } from './shard.js';

/** One part of a rebuild: the streams of one shard folded into new generations. */
export interface ShardTask {
  readonly targets: readonly { readonly projection: string; readonly collection: string }[];
  readonly shard: number;
  readonly of: number;
  /** The fence: events at or below it. */
  readonly throughPosition: bigint;
}

export interface ShardProgress {
  readonly shard: number;
  /** The log is folded to here. */
  readonly through: bigint;
  /** Documents written so far. */
  readonly documents: number;
}

export interface ShardContext {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: ShardProgress) => void;
}

/** Who folds shards: this thread, or several worker threads. */
export interface ShardFolder {
  /** Shards folded at the same time. */
  readonly concurrency: number;
  /** Documents written. Rejects with RebuildStopped at the first event that cannot be folded. */
  fold(task: ShardTask, context: ShardContext): Promise<number>;
  close(): Promise<void>;
}

/** The event a rebuild stopped at. */
export interface FoldStop {
  readonly projection: string;
  readonly streamId: string;
  readonly revision: bigint;
  readonly position: bigint;
  readonly eventId: string;
  readonly eventType: string;
  readonly reason: string;
}

/** A rebuild never skips: it stops at the first event that its projection cannot fold. */
export class RebuildStopped extends Error {
  override readonly name = 'RebuildStopped';
  constructor(readonly at: FoldStop) {
    super(
      `${at.projection} cannot fold ${at.eventType} ${at.eventId} (stream ${at.streamId}, revision ${at.revision}, position ${at.position}): ${at.reason}`,
    );
  }
}

export const stopAt = (projection: string, event: RecordedEvent, reason: string): FoldStop => ({
  projection,
  streamId: event.streamId,
  revision: event.revision,
  position: event.position,
  eventId: event.eventId,
  eventType: event.type,
  reason,
});

export interface FoldShardOptions {
  readonly projections: readonly AnyProjection[];
  readonly history: Pick<EventStore, 'readAll' | 'readStream'>;
  readonly store: ReadModelStore;
}

const EVENTS_PER_PAGE = 4_000;
/** A write transaction of some 50 ms: the live projector commits in between. */
const DOCUMENTS_PER_WRITE = 4_000;

/** Folds one shard in memory and writes each document once. */
export async function foldShard(
  task: ShardTask,
  options: FoldShardOptions,
  { signal, onProgress }: ShardContext,
): Promise<number> {
  const targets = task.targets.map(({ projection: name, collection }) => {
    const projection = options.projections.find((candidate) => candidate.name === name);
    if (!projection) throw new Error(`${name} is not in the registry`);
    return { collection, folded: new FoldedDocuments(compileProjection(projection)) };
  });
  const accept = (streamId: string, type: string): boolean =>
    targets.some(({ folded }) => folded.projection.wants(streamId, type)) &&
    (task.of === 1 || shardOf(streamId, task.of) === task.shard);
  const pages = options.history.readAll({
    pageSize: EVENTS_PER_PAGE,
    throughPosition: task.throughPosition,
    accept,
  });
  let documents = 0;
  for await (const { events, through } of pages) {
    signal.throwIfAborted();
    for (const event of events)
      for (const { folded } of targets) {
        if (!folded.projection.wants(event.streamId, event.type)) continue;
        try {
          folded.fold(event);
        } catch (error) {
          throw new RebuildStopped(stopAt(folded.projection.name, event, reasonOf(error)));
        }
      }
    onProgress({ shard: task.shard, through, documents });
  }
  for (const { collection, folded } of targets) {
    try {
      await folded.settle(options.history, ({ position }) => position <= task.throughPosition);
    } catch (error) {
      if (!(error instanceof UnfoldableOwner)) throw error;
      throw new RebuildStopped(stopAt(folded.projection.name, error.turn, error.message));
    }
    const writes = folded.writes();
    folded.clear();
    for (let from = 0; from < writes.length; from += DOCUMENTS_PER_WRITE) {
      signal.throwIfAborted();
      const some = writes.slice(from, from + DOCUMENTS_PER_WRITE);
      await options.store.insertMany(collection, some);
      documents += some.length;
      onProgress({ shard: task.shard, through: task.throughPosition, documents });
    }
  }
  return documents;
}

/** Folds shards one after the other in this thread. */
export const foldShardsHere = (options: FoldShardOptions): ShardFolder => ({
  concurrency: 1,
  fold: (task, context) => foldShard(task, options, context),
  close: async () => undefined,
});
