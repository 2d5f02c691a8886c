/**
 * Projections on this disk: the live projector and a rebuild of the whole registry over one log, beside the ceiling of
 * the same fold: one thread that scans, decodes, folds and writes every document once, without guard, checkpoint,
 * generations or comparison.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openSqliteEventStore, openSqliteEventStoreReader } from '@rapport/event-store';
import {
  compileProjection,
  FoldedDocuments,
  createProjectorThreads,
  rebuildInThread,
  verifyReadModels,
  type AnyProjection,
} from '@rapport/projection-engine';
import { loadDefaultRuleBook } from '@rapport/domain';
import { projectionDependencies } from '@rapport/platform';
import { projectionsWith } from '@rapport/projections';
import { openSqliteReadModels, READ_MODELS_FILE } from '@rapport/read-model';
import { systemClock, systemRandom, systemScheduler } from '@rapport/runtime';
import { threadGroups } from '../../apps/projector/thread-groups.js';
import { appendOf, dice } from './customer-log.js';
import { atLeast, observed, reaches, type Figure } from './figure.js';

const EVENTS = 300_000;
const CUSTOMERS = 10_000;
/** Appends under way at a time while the log is made. */
const CALLERS = 256;
const HEAD_PROBES = 200;
const DIST = new URL('../../', import.meta.url);

/** Measures live projection, rebuild and their ceiling in a folder of its own below `parent` (the disk that counts). */
export async function projectionBench(parent = '.rapport-bench'): Promise<readonly Figure[]> {
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, 'projection-'));
  try {
    await makeLog(folder);
    const projections = projectionsWith(projectionDependencies(loadDefaultRuleBook()));
    const figures = await figuresOf(folder, projections);
    return figures;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function figuresOf(folder: string, projections: readonly AnyProjection[]): Promise<Figure[]> {
  const alone: { readonly name: string; readonly rate: number }[] = [];
  for (const projection of projections)
    alone.push({ name: projection.name, rate: await liveRate(folder, [projection]) });
  for (const end of ['', '-wal', '-shm']) rmSync(join(folder, READ_MODELS_FILE + end), { force: true });
  const together = await liveRate(folder, projections);
  const ceiling = await ceilingOf(folder, projections);
  const one = await rebuildRate(folder, projections, 1);
  const several = await rebuildRate(folder, projections, availableParallelism());
  const lag = await lagAtTheHead(folder, projections);
  const isClean = await verified(folder, projections);
  const reference = { name: 'ceiling, one thread', value: ceiling.eventsPerSecond };
  return [
    ...alone.map(({ name, rate }) => reaches(`live projection of ${name}`, rate, 'events/s', 40_000)),
    atLeast(`live projection of all ${projections.length} together, ${availableParallelism()} threads`, together, 'events/s', reference, 0.8),
    atLeast('rebuild, 1 thread', one.fold, 'events/s', reference, 0.8),
    atLeast(`rebuild, ${availableParallelism()} threads`, several.fold, 'events/s', reference, 0.8),
    observed('rebuild with comparison and swap', several.whole, 'events/s'),
    observed('documents written by a rebuild', ceiling.documents, 'documents'),
    observed('projection lag at the head, p50', lag.p50, 'ms'),
    observed('projection lag at the head, p99', lag.p99, 'ms'),
    reaches('read models equal to a naive fold afterwards', isClean ? 1 : 0, 'yes', 1),
  ]; // prettier-ignore
}

async function makeLog(folder: string): Promise<void> {
  const store = openSqliteEventStore({ folder, clock: systemClock });
  const revisions = new Map<number, bigint>();
  let made = 0;
  const next = dice();
  const busy = new Set<number>();
  const one = async (): Promise<void> => {
    while (made < EVENTS) {
      const nth = made++;
      let customer = nth < CUSTOMERS ? nth : next(CUSTOMERS);
      while (busy.has(customer)) customer = (customer + 1) % CUSTOMERS;
      busy.add(customer);
      const revision = revisions.get(customer) ?? -1n;
      const result = await store.append(appendOf(customer, revision, nth, next(100)));
      if (result.kind !== 'appended') throw new Error(`append ${nth}: ${result.kind}`);
      revisions.set(customer, result.revision);
      busy.delete(customer);
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, one));
  await store.close();
}

/** The live projector from nothing to the head; the time its threads take to load the product is left out. */
async function liveRate(folder: string, projections: readonly AnyProjection[]): Promise<number> {
  const projector = projectorOf(folder, projections);
  const history = openSqliteEventStoreReader(folder);
  const { position } = await history.head();
  await history.close();
  projector.start();
  await projector.waitFor(0n, 60_000);
  const done = projector.status()[0]!.position;
  const startedMs = performance.now();
  await projector.waitFor(position, 600_000);
  const elapsedMs = performance.now() - startedMs;
  await projector.stop();
  return (Number(position - done) / elapsedMs) * 1_000;
}

const projectorOf = (folder: string, projections: readonly AnyProjection[]) =>
  createProjectorThreads({
    workerUrl: new URL('apps/projector/live.worker.js', DIST),
    workerData: { folder },
    groups: threadGroups(
      projections.map((p) => p.name),
      availableParallelism(),
    ),
    clock: systemClock,
    scheduler: systemScheduler,
    random: systemRandom,
  });

async function ceilingOf(folder: string, projections: readonly AnyProjection[]) {
  const file = join(folder, 'ceiling.db');
  const database = new DatabaseSync(file);
  database.exec('PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
  const history = openSqliteEventStoreReader(folder);
  const startedMs = performance.now();
  const folds = projections.map((projection) => new FoldedDocuments(compileProjection(projection)));
  for await (const { events } of history.readAll({ pageSize: 4_000 }))
    for (const event of events)
      for (const fold of folds) if (fold.projection.wants(event.streamId, event.type)) fold.fold(event);
  let documents = 0;
  database.exec('BEGIN');
  for (const [i, fold] of folds.entries()) {
    const { indexNames } = fold.projection;
    database.exec(
      `CREATE TABLE t${i} (key TEXT PRIMARY KEY, position INTEGER, document TEXT${indexNames.map((n) => `, ix_${n}`).join('')})`,
    );
    const insert = database.prepare(`INSERT INTO t${i} VALUES (?, ?, ?${', ?'.repeat(indexNames.length)})`);
    for (const { key, position, document, indexes } of fold.writes()) {
      insert.run(key, position, JSON.stringify(document), ...indexNames.map((n) => indexes[n] ?? null));
      documents++;
    }
  }
  database.exec('COMMIT');
  const elapsedMs = performance.now() - startedMs;
  database.close();
  await history.close();
  return { eventsPerSecond: (EVENTS / elapsedMs) * 1_000, documents };
}

async function rebuildRate(folder: string, projections: readonly AnyProjection[], threads: number) {
  const report = await rebuildInThread({
    workerUrl: new URL('apps/projector/rebuild.worker.js', DIST),
    workerData: {
      stores: { kind: 'embedded', folder },
      projections: projections.map((p) => p.name),
      threads,
      holder: 'bench',
    },
  });
  if (report.outcome !== 'activated') throw new Error(`rebuild: ${report.outcome}`);
  for (const { projection, comparison } of report.projections)
    if (comparison && comparison.equal !== comparison.greenDocuments)
      throw new Error(`${projection}: rebuilt documents differ`);
  return { fold: report.eventsPerSecond, whole: (EVENTS / report.totalMs) * 1_000 };
}

/** From an acknowledged append to the moment every read model has it, one append at a time. */
async function lagAtTheHead(
  folder: string,
  projections: readonly AnyProjection[],
): Promise<{ p50: number; p99: number }> {
  const projector = projectorOf(folder, projections);
  const store = openSqliteEventStore({ folder, clock: systemClock, onCommitted: () => projector.wake() });
  projector.start();
  await projector.waitFor((await store.head()).position, 60_000);
  const lags: number[] = [];
  for (let nth = EVENTS; nth < EVENTS + HEAD_PROBES; nth++) {
    // A customer nobody has seen: revision -1 is known without asking.
    const result = await store.append(appendOf(nth, -1n, nth, 0));
    if (result.kind !== 'appended') throw new Error(`append ${nth}: ${result.kind}`);
    const startedMs = performance.now();
    await projector.waitFor(result.position, 60_000);
    lags.push(performance.now() - startedMs);
  }
  await projector.stop();
  await store.close();
  lags.sort((a, b) => a - b);
  return { p50: lags[Math.floor(lags.length * 0.5)]!, p99: lags[Math.floor(lags.length * 0.99)]! };
}

async function verified(folder: string, projections: readonly AnyProjection[]): Promise<boolean> {
  const history = openSqliteEventStoreReader(folder);
  const store = openSqliteReadModels(folder, { readOnly: true });
  const report = await verifyReadModels({ projections, history, store });
  await store.close();
  await history.close();
  return report.isClean;
}
