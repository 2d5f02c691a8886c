import {
  LiveRunner,
  type AnyProjection,
  type LiveRunnerOptions,
  type ProjectionStatus,
} from '@rapport/projection-engine';
import { openMemoryReadModels, type MemoryReadModelStore } from '@rapport/read-model';
import { systemClock, systemScheduler } from '@rapport/runtime';

/** Longest time a test waits for a runner: reached only when something is wrong. */
const DEADLINE_MS = 5_000;

export interface LiveRun {
  readonly runner: LiveRunner;
  readonly store: MemoryReadModelStore;
  /** Settles when the runner ends. */
  readonly done: Promise<void>;
  /** Aborts the runner and waits for its last commit. */
  stop(): Promise<void>;
}

/** A live runner on memory read models, running. */
export function startLive(
  options: Pick<LiveRunnerOptions, 'projections' | 'feed' | 'history'> & Partial<LiveRunnerOptions>,
): LiveRun {
  const store = (options.store as MemoryReadModelStore | undefined) ?? openMemoryReadModels();
  const runner = new LiveRunner({
    clock: systemClock,
    scheduler: systemScheduler,
    random: () => 0,
    ...options,
    store,
  });
  const abort = new AbortController();
  const running = runner.run(abort.signal);
  running.catch(() => undefined);
  return {
    runner,
    store,
    done: running,
    stop: () => {
      abort.abort();
      return running;
    },
  };
}

/** Documents by key after the runner has come to a position, and the counters it got there with. */
export async function liveDocuments(
  projection: AnyProjection,
  options: Pick<LiveRunnerOptions, 'feed' | 'history'> & Partial<LiveRunnerOptions>,
  position: bigint,
): Promise<{ documents: Record<string, object>; status: ProjectionStatus }> {
  const run = startLive({ ...options, projections: [projection] });
  await run.runner.waitFor(position, DEADLINE_MS);
  await run.stop();
  const { collection } = await run.store.activeCollection(projection.name);
  const documents: Record<string, object> = {};
  for await (const page of run.store.scan(collection))
    for (const { key, document } of page) documents[key] = document;
  return { documents, status: run.runner.status()[0]! };
}
