import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openStoreEventFeed } from '@rapport/event-feed';
import { completeErasures, openSqliteEventStore, openSqliteKeyStore } from '@rapport/event-store';
import { createProjectorThread } from '@rapport/projection-engine';
import { projectionsWith } from '@rapport/projections';
import { openSqliteReadModels } from '@rapport/read-model';
import { systemClock, systemRandom, systemScheduler } from '@rapport/runtime';
import type { Config } from './config.js';
import { Metrics } from './observability/metrics.js';
import { clearLeftRebuilds } from './operations/left-rebuilds.js';
import { projectionDependencies, readRuleBook, rulesVersion } from './rules/relationship-rules.js';
import { RuleBooks, warnOfUnusedFile } from './rules/rule-books.js';
import {
  assembleRuntime,
  untilReady,
  type ProjectorView,
  type Runtime,
  type RuntimeOptions,
} from './runtime.js';

/**
 * The product in one process: opens the data folder as its one owner and starts everything that runs beside requests.
 * Throws ConfigError, STORE_LOCKED, MASTER_KEY_MISMATCH, CORRUPT_EVENT, UNAVAILABLE.
 */
export async function openEmbeddedRuntime(config: Config, options: RuntimeOptions): Promise<Runtime> {
  const { clock = systemClock, scheduler = systemScheduler, distDir, logger } = options;
  const folder = resolve(config.dataDir);
  const configured = readRuleBook(config.ruleBookFile);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  /** What to undo, newest first. */
  const opened: (() => Promise<void> | void)[] = [];
  const stop = async (): Promise<void> => {
    for (let undo = opened.pop(); undo; undo = opened.pop()) await undo();
  };
  const opening = <T extends { close(): Promise<void> }>(store: T): T => {
    opened.push(() => store.close());
    return store;
  };
  try {
    let onCommitted = (_position: bigint): void => undefined;
    const events = opening(
      openSqliteEventStore({
        folder,
        clock,
        onCommitted: (position) => onCommitted(position),
        copyBack: {
          entry: join(distDir, 'libs/event-store/sqlite/copy-back.worker.js'),
          onTrouble: ({ message }) =>
            logger.warn({ reason: message }, 'the thread that copies the write-ahead log back ended'),
        },
      }),
    );
    const keys = opening(openSqliteKeyStore({ folder, masterKeyFile: config.masterKeyFile }));
    const readModels = opening(openSqliteReadModels(folder));
    const books = await RuleBooks.open(configured, events);
    warnOfUnusedFile(config, books, logger);
    const projections = projectionsWith(projectionDependencies(() => books.rules));
    const left = await clearLeftRebuilds(readModels, projections, clock.nowMs());
    if (left.length > 0)
      logger.warn({ projections: left }, 'rebuilds that ended with their process were cleared away');
    const erasures = await completeErasures(events, keys);
    if (erasures > 0) logger.warn({ erasures }, 'erasures that a crash had interrupted were completed');

    const projector = createProjectorThread({
      workerUrl: pathToFileURL(join(distDir, 'apps/projector/live.worker.js')),
      workerData: {
        folder,
        durable: events.durable,
        ...(config.ruleBookFile === undefined ? {} : { ruleBookFile: config.ruleBookFile }),
      },
      clock,
      scheduler,
      random: systemRandom,
      onParked: ({ projection, streamId, position, eventType, reason }) =>
        logger.error({ projection, streamId, position: String(position), eventType, reason }, 'an event could not be folded: its customer waits'), // prettier-ignore
      onTrouble: ({ kind, error, attempt, delayMs }) =>
        logger.warn({ kind, reason: error.message, attempt, delayMs }, 'projector in trouble'),
    });
    projector.start();
    opened.push(() => projector.stop());
    let version = rulesVersion(books.rules);
    books.onChange(() => {
      if (rulesVersion(books.rules) === version) return;
      version = rulesVersion(books.rules);
      projector.restart();
    });
    const metrics = new Metrics(
      () => projector.status(),
      () => projector.health().ready,
    );
    metrics.onCommitted((await events.head()).position);
    // The projector looks for news by itself every 50 ms and at once when a reader waits for a write. Waking it at every
    // commit would make it save the same documents many times over while commands compete for the cores.
    onCommitted = (position) => metrics.onCommitted(position);
    const view: ProjectorView = {
      status: () => projector.status(),
      health: () => {
        const { restarts, reason = events.trouble?.message } = projector.health();
        return { ready: reason === undefined, restarts, ...(reason === undefined ? {} : { reason }) };
      },
      waitFor: (position, timeoutMs, waiting) => projector.waitFor(position, timeoutMs, waiting),
      reload: () => projector.reload(),
      retryParked: (projection, owner) => projector.retryParked(projection, owner),
    };
    const runtime = await assembleRuntime(
      {
        config, folder, distDir, logger, clock, scheduler, books, projections, events, keys, readModels, metrics,
        commandIndex: events,
        identifiers: events,
        snapshots: events,
        wholeLog: readModels,
        projector: view,
        feed: openStoreEventFeed(events, { scheduler }),
        partitionOf: () => 0,
        partitions: 1,
        storeSettings: { kind: 'embedded', folder, durable: events.durable },
        staleIdentifiersMs: 0,
        othersWriteEveryMs: 0,
      },
      opened,
      stop,
    ); // prettier-ignore
    await untilReady(() => view.health(), scheduler, clock);
    return runtime;
  } catch (error) {
    await stop();
    throw error;
  }
}
