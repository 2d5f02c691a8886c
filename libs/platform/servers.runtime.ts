import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { openMongoConnection } from '@rapport/connections';
import { murmur2Partitioning, openStoreEventFeed } from '@rapport/event-feed';
import {
  completeErasures, createEventCodec, createIdentifierHasher, IndexFeeder, openEventStoreDbEventStore,
  openMongoCommandIndex, openMongoIdentifierIndex, openMongoKeyStore, openMongoSnapshotStore,
} from '@rapport/event-store'; // prettier-ignore
import { asOnePartition } from '@rapport/projection-engine';
import { projectionsWith } from '@rapport/projections';
import { openMongoReadModels } from '@rapport/read-model';
import { systemClock, systemIds, systemRandom, systemScheduler } from '@rapport/runtime';
import type { Config, ServersConfig } from './config.js';
import { Metrics } from './observability/metrics.js';
import { StoredProgress } from './operations/stored-progress.js';
import { projectionDependencies, readRuleBook } from './rules/relationship-rules.js';
import { RuleBooks, warnOfUnusedFile } from './rules/rule-books.js';
import { assembleRuntime, type Runtime, type RuntimeOptions } from './runtime.js';
import { mongoOf } from './stores.js';

/** Pause before indexes that met an error of another kind than an outage are fed again. */
const FEEDER_PAUSE_MS = 5_000;
/**
 * An identifier taken from a customer by another process is forgotten when the log says so, which takes milliseconds, and
 * at the latest after this time, should the subscription be silent without an error.
 */
const STALE_IDENTIFIERS_MS = 30_000;
/** The indexes take what comes within this time together. */
const FEEDER_GATHERS_MS = 25;
/** A fit recorded by another process is used here after at most this long. */
const OTHERS_WRITE_EVERY_MS = 10_000;

/**
 * The product on EventStoreDB and MongoDB: this process decides, answers and keeps the indexes complete; relay and
 * projectors are processes of their own. Any number of such processes may run.
 * Throws ConfigError, MASTER_KEY_MISMATCH, INVALID_VALUE (an address that is none), UNAVAILABLE.
 */
export async function openServersRuntime(
  config: Config & { readonly servers: ServersConfig },
  options: RuntimeOptions,
): Promise<Runtime> {
  const { clock = systemClock, scheduler = systemScheduler, distDir, logger } = options;
  const { servers } = config;
  const folder = resolve(config.dataDir);
  const configured = readRuleBook(config.ruleBookFile);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  /** What to undo, newest first. */
  const opened: (() => Promise<void> | void)[] = [];
  const stop = async (): Promise<void> => {
    for (let undo = opened.pop(); undo; undo = opened.pop()) await undo();
  };
  try {
    const partitioning = murmur2Partitioning(servers.partitions);
    const connection = await openMongoConnection(mongoOf(servers));
    opened.push(() => connection.close());
    const own =
      servers.mongoDbApiDatabase === undefined
        ? connection
        : connection.inDatabase(servers.mongoDbApiDatabase);
    const identifiers = await openMongoIdentifierIndex(own);
    const commandIndex = openMongoCommandIndex(own);
    const events = await openEventStoreDbEventStore({
      connectionString: servers.eventStoreDbUrl,
      clock,
      identifiers,
      onNotice: (notice) => logger.info({ notice }, 'event store'),
    });
    opened.push(() => events.close());
    const books = await RuleBooks.open(configured, events);
    warnOfUnusedFile(config, books, logger);
    const projections = projectionsWith(projectionDependencies(() => books.rules));
    const keys = await openMongoKeyStore({
      connection: own,
      masterKeyFile: config.masterKeyFile,
      isLogEmpty: async () => (await events.head()).position === 0n,
    });
    opened.push(() => keys.close());
    const readModels = openMongoReadModels(connection);
    const erasures = await completeErasures(identifiers, keys);
    if (erasures > 0) logger.warn({ erasures }, 'erasures that a crash had interrupted were completed');

    let fatal: Error | undefined;
    let forgetIdentifiers: () => void = () => undefined;
    const feeder = new IndexFeeder({
      gatherMs: FEEDER_GATHERS_MS,
      onIdentifiersTaken: () => forgetIdentifiers(),
      store: events,
      commands: commandIndex,
      identifiers,
      codec: createEventCodec({ keys }),
      hasher: await createIdentifierHasher(keys),
      scheduler,
      random: systemRandom,
      onRetry: (error, attempt, delayMs) => logger.warn({ err: error, attempt, delayMs }, 'indexes wait for the servers'), // prettier-ignore
      onProgress: ({ state }) => {
        if (state === 'following') fatal = undefined;
      },
    });
    const feeding = new AbortController();
    const feed = async (): Promise<void> => {
      while (!feeding.signal.aborted) {
        try {
          await feeder.run(feeding.signal);
        } catch (error) {
          // Nothing is decided around it: this process is not ready until the feeder gets on, from where it stood.
          fatal = error as Error;
          logger.error({ err: error }, 'the indexes do not follow the log');
          await scheduler.sleep(FEEDER_PAUSE_MS, feeding.signal);
        }
      }
    };
    const fed = feed();
    opened.push(async () => {
      feeding.abort();
      await fed;
    });

    const progress = new StoredProgress({
      projections,
      readModels,
      history: events,
      newId: () => systemIds.uuid(),
      clock,
      scheduler,
      trouble: () => (fatal ? `the indexes no longer follow the log: ${fatal.name}` : undefined),
    });
    const metrics = new Metrics(
      () => progress.status(),
      () => progress.health().ready,
    );
    const runtime = await assembleRuntime(
      {
        config, folder, distDir, logger, clock, scheduler, books, projections, events, commandIndex, identifiers, keys,
        readModels, metrics,
        snapshots: openMongoSnapshotStore(own),
        wholeLog: asOnePartition(readModels, partitioning.partitions),
        projector: progress,
        feed: openStoreEventFeed(events, { scheduler }),
        partitionOf: (streamId) => partitioning.partitionOf(streamId),
        partitions: partitioning.partitions,
        storeSettings: { kind: 'servers', ...servers },
        staleIdentifiersMs: STALE_IDENTIFIERS_MS,
        identifiersTaken: { isHeard: () => feeder.status().state === 'following', listen: (forget) => (forgetIdentifiers = forget) },
        othersWriteEveryMs: OTHERS_WRITE_EVERY_MS,
      },
      opened,
      stop,
    ); // prettier-ignore
    await progress.start();
    opened.push(() => progress.stop());
    return runtime;
  } catch (error) {
    await stop();
    throw error;
  }
}
