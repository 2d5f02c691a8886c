import { RapportError } from '@rapport/contracts';
import {
  createProjectorThread,
  type ProjectorThread,
  type ProjectorThreadOptions,
} from './projector-thread.js';

export interface ProjectorThreadsOptions extends ProjectorThreadOptions {
  /** Projections of each thread, by name. Every projection has its own checkpoint, so any split is right. */
  readonly groups: readonly (readonly string[])[];
}

/**
 * Several live projectors that share the projections, seen as one: each thread decodes the log and folds its part, so a
 * registry that keeps one core busy is spread over more. Each thread is started with `workerData.projections`.
 */
export function createProjectorThreads(options: ProjectorThreadsOptions): ProjectorThread {
  const threads = options.groups.map((projections) => ({
    projections,
    thread: createProjectorThread({ ...options, workerData: { ...options.workerData, projections } }),
  }));
  const every = <T>(ask: (thread: ProjectorThread) => T): T[] => threads.map(({ thread }) => ask(thread));
  return {
    start: () => void every((thread) => thread.start()),
    stop: async () => void (await Promise.all(every((thread) => thread.stop()))),
    restart: () => void every((thread) => thread.restart()),
    wake: () => void every((thread) => thread.wake()),
    status: () =>
      every((thread) => thread.status())
        .flat()
        .sort((a, b) => (a.projection < b.projection ? -1 : 1)),
    health: () => {
      const healths = every((thread) => thread.health());
      const reason = healths.find((h) => h.reason !== undefined)?.reason;
      return {
        ready: reason === undefined,
        restarts: healths.reduce((sum, h) => sum + h.restarts, 0),
        reason,
        projections: healths.flatMap((h) => h.projections),
      };
    },
    waitFor: async (position, timeoutMs, waitOptions = {}) => {
      const { projections: wanted } = waitOptions;
      const waits = threads.flatMap(({ projections, thread }) => {
        const own = wanted ? projections.filter((name) => wanted.includes(name)) : projections;
        return own.length === 0
          ? []
          : [thread.waitFor(position, timeoutMs, { ...waitOptions, projections: own })];
      });
      await Promise.all(waits);
    },
    reload: async () => void (await Promise.all(every((thread) => thread.reload()))),
    retryParked: (projection, owner) => {
      const host = threads.find(({ projections }) => projections.includes(projection));
      return host
        ? host.thread.retryParked(projection, owner)
        : Promise.reject(new RapportError('UNKNOWN_PROJECTION', `there is no projection ${projection}`));
    },
  };
}

/**
 * Spreads projections over threads so that the sums of their costs are alike: the dearest first, each to the thread with
 * least so far. Costs only say which are heavier; 1 where not given.
 */
export function spreadOverThreads(
  names: readonly string[],
  threads: number,
  costs: Readonly<Record<string, number>> = {},
): string[][] {
  const costOf = (name: string): number => costs[name] ?? 1;
  const groups = Array.from({ length: Math.max(1, Math.min(threads, names.length)) }, () => ({
    cost: 0,
    names: [] as string[],
  }));
  for (const name of [...names].sort((a, b) => costOf(b) - costOf(a) || (a < b ? -1 : 1))) {
    const lightest = groups.reduce((least, group) => (group.cost < least.cost ? group : least));
    lightest.names.push(name);
    lightest.cost += costOf(name);
  }
  return groups.map((group) => group.names);
}
