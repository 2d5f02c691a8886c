import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openStoreEventFeed } from '@rapport/event-feed';
import {
  businessClockMs, customerDecider, type CustomerRequest, type CustomerState, type RuleBook,
} from '@rapport/domain'; // prettier-ignore
import {
  completeErasures, createCommandHandler, createEventCodec, createIdentifierHasher, openSqliteEventStore,
  openSqliteEventStoreReader, openSqliteKeyStore, type EventCodec, type SqliteEventStore, type SqliteEventStoreReader,
} from '@rapport/event-store'; // prettier-ignore
import { createProjectorThread, type AnyProjection, type ValueTerms } from '@rapport/projection-engine';
import { projectionsWith } from '@rapport/projections';
import { openSqliteReadModels, type SqliteReadModelStore } from '@rapport/read-model';
import { systemClock, systemRandom, systemScheduler, type Clock, type Scheduler } from '@rapport/runtime';
import { AccessTokens, readTokenSecret } from './access/access-tokens.js';
import { AnalystThread } from './analyst/analyst-thread.adapter.js';
import type { Config } from './config.js';
import { CustomerCommands } from './customers/customer-commands.js';
import { CustomerReferences } from './customers/customer-references.js';
import { FindCustomers } from './customers/find-customers.js';
import { requestHashWith } from './customers/request-hash.js';
import { ModelRuns } from './models/model-runs.js';
import { Models } from './models/models.js';
import { prepareScores } from './models/score-customers.js';
import type { Logger } from './observability/logger.js';
import { Metrics } from './observability/metrics.js';
import { clearLeftRebuilds } from './operations/left-rebuilds.js';
import { Operations } from './operations/operations.js';
import { ReadSide } from './read-side/read-side.js';
import { projectionDependencies, readRuleBook } from './relationship-rules.js';
import { reviewDueRelationships } from './reviews/due-reviews.scheduler.js';
import { SignedCursors } from './signed-cursor.js';

export interface EmbeddedRuntimeOptions {
  /** Compiled root of the product, `dist`: threads start from there. */
  readonly distDir: string;
  readonly logger: Logger;
  readonly clock?: Clock;
  readonly scheduler?: Scheduler;
}

/** Whether the parts that keep answers fresh are alive. */
export interface RuntimeHealth {
  readonly ready: boolean;
  /** Why it is not. */
  readonly reason?: string;
  /** Times the projector was started again. */
  readonly restarts: number;
}

/** The product in one process over one data folder: what the API and in-process callers work with. */
export interface EmbeddedRuntime {
  /** Data folder, absolute. */
  readonly folder: string;
  readonly clock: Clock;
  readonly tokens: AccessTokens;
  readonly customers: CustomerCommands;
  readonly readSide: ReadSide;
  readonly find: FindCustomers;
  readonly models: Models;
  readonly operations: Operations;
  readonly metrics: Metrics;
  readonly projections: readonly AnyProjection[];
  readonly events: SqliteEventStore;
  readonly readModels: SqliteReadModelStore;
  readonly codec: EventCodec;
  health(): RuntimeHealth;
  /** Resolves when every read model holds every event of the log as it is now. Throws READ_YOUR_WRITES_TIMEOUT. */
  catchUp(timeoutMs: number): Promise<void>;
  /** Ends schedulers and threads, then gives the data folder back. */
  stop(): Promise<void>;
}

/** A start waits this long for the read models to be hosted; readiness tells the rest. */
const PROJECTOR_START_MS = 10_000;
/** Customers whose folded state stays in memory: some 3 KB each. */
const HOT_CUSTOMERS = 20_000;
/** A fit or a scoring run waits this long for the read model it is made from. */
const CATCH_UP_MS = 120_000;

/**
 * Opens the data folder as its one owner and starts everything that runs beside requests.
 * Throws ConfigError, STORE_LOCKED, MASTER_KEY_MISMATCH, CORRUPT_EVENT, UNAVAILABLE.
 */
export async function openEmbeddedRuntime(
  config: Config,
  options: EmbeddedRuntimeOptions,
): Promise<EmbeddedRuntime> {
  const { clock = systemClock, scheduler = systemScheduler, distDir, logger } = options;
  const folder = resolve(config.dataDir);
  const ruleBook = readRuleBook(config.ruleBookFile);
  const settings = config.ruleBookFile === undefined ? {} : { ruleBookFile: config.ruleBookFile };
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
    const projections = projectionsWith(projectionDependencies(ruleBook));
    let onCommitted = (_position: bigint): void => undefined;
    const events = opening(openSqliteEventStore({ folder, clock, onCommitted: (position) => onCommitted(position) })); // prettier-ignore
    const keys = opening(openSqliteKeyStore({ folder, masterKeyFile: config.masterKeyFile }));
    const readModels = opening(openSqliteReadModels(folder));
    await prepareScores(readModels, { partition: 0, checkpoint: events.checkpointAt(0n), through: 0n });
    const left = await clearLeftRebuilds(readModels, projections, clock.nowMs());
    if (left.length > 0)
      logger.warn({ projections: left }, 'rebuilds that ended with their process were cleared away');
    const erasures = await completeErasures(events, keys);
    if (erasures > 0) logger.warn({ erasures }, 'erasures that a crash had interrupted were completed');

    const workerIn = (path: string): string => join(distDir, path);
    const projector = createProjectorThread({
      workerUrl: pathToFileURL(workerIn('apps/projector/live.worker.js')),
      workerData: { folder, ...settings },
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
    const metrics = new Metrics(
      () => projector.status(),
      () => projector.health().ready,
    );
    metrics.onCommitted((await events.head()).position);
    // The projector looks for news by itself every 50 ms and at once when a reader waits for a write. Waking it at every
    // commit would make it save the same documents many times over while commands compete for the cores.
    onCommitted = (position) => metrics.onCommitted(position);
    const waitFor = (projection: string, position: bigint, timeoutMs: number): Promise<void> =>
      projector.waitFor(position, timeoutMs, { projections: [projection] });
    const catchUpOne = async (projection: string): Promise<void> =>
      waitFor(projection, (await events.head()).position, CATCH_UP_MS);

    const codec = createEventCodec({ keys });
    const hasher = await createIdentifierHasher(keys);
    const references = new CustomerReferences(events, hasher);
    const requestHash = requestHashWith(await keys.hashingKey('request'));
    const cursors = new SignedCursors(await keys.hashingKey('cursor'));
    const handler = createCommandHandler<CustomerState, CustomerRequest, RuleBook>({
      store: events,
      commandIndex: events,
      snapshots: events,
      keys,
      codec,
      hasher,
      clock,
      scheduler,
      decider: customerDecider,
      ruleBookFor: () => ruleBook,
      maxHotStates: HOT_CUSTOMERS,
      businessClockMs,
    });
    const onOutcome = metrics.onOutcome.bind(metrics);
    const customers = new CustomerCommands({ handler, references, clock, requestHash, onOutcome });

    const analyst = new AnalystThread(workerIn('libs/platform/analyst/analyst.worker.js'), { dataDir: folder, ...settings }); // prettier-ignore
    opened.push(() => analyst.stop());
    const valueTerms: ValueTerms = {
      horizonDays: config.valueHorizonDays,
      annualDiscountRate: config.valueAnnualDiscount,
      margin: config.valueMargin,
    };
    const runs = new ModelRuns(events, events);
    await runs.load();
    const readSide = new ReadSide({
      projections,
      readModels,
      events,
      codec,
      references,
      models: runs,
      cursors,
      clock,
      valueTerms,
      waitFor,
      askAllAsOf: (question) => analyst.do({ kind: 'ask', question }),
    });
    const find = new FindCustomers({ references, readModels, readSide, cursors, clock });
    const models = new Models({ runs, clock, valueTerms, requestHash, doJob: (job) => analyst.do(job), catchUp: catchUpOne }); // prettier-ignore
    const operations = new Operations({
      projections,
      projector,
      readModels,
      history: events,
      feed: openStoreEventFeed(events, { scheduler }),
      clock,
      scheduler,
      random: systemRandom,
      rebuildWorker: pathToFileURL(workerIn('apps/projector/rebuild.worker.js')),
      rebuildSettings: { folder, ...settings },
    });
    opened.push(() => operations.stop());

    if (config.reviewIntervalMs > 0) {
      const reviews = scheduler.every(config.reviewIntervalMs, () =>
        reviewDueRelationships({ readModels, projections, customers, clock, valueTerms, logger }),
      );
      opened.push(() => reviews.stop());
    }
    if (config.scoringIntervalMs > 0) {
      const scoring = scheduler.every(config.scoringIntervalMs, () =>
        models.score().then(
          () => undefined,
          (error: unknown) => logger.warn({ err: error }, 'scoring failed'),
        ),
      );
      opened.push(() => scoring.stop());
    }

    const health = (): RuntimeHealth => {
      const { ready, restarts, reason } = projector.health();
      return { ready, restarts, ...(reason === undefined ? {} : { reason }) };
    };
    await untilReady(health, scheduler, clock);
    return {
      folder,
      clock,
      tokens: new AccessTokens(readTokenSecret(folder), clock),
      customers,
      readSide,
      find,
      models,
      operations,
      metrics,
      projections,
      events,
      readModels,
      codec,
      health,
      catchUp: async (timeoutMs) => projector.waitFor((await events.head()).position, timeoutMs),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function untilReady(health: () => RuntimeHealth, scheduler: Scheduler, clock: Clock): Promise<void> {
  const deadlineMs = clock.monotonicMs() + PROJECTOR_START_MS;
  while (!health().ready && clock.monotonicMs() < deadlineMs) await scheduler.sleep(10);
}

/** A data folder opened to look only, beside its server or without one. */
export interface DataFolderReader {
  readonly events: SqliteEventStoreReader;
  readonly readModels: SqliteReadModelStore;
  readonly projections: readonly AnyProjection[];
  close(): Promise<void>;
}

/** Throws UNAVAILABLE when the folder holds nothing yet, ConfigError. */
export function openDataFolderReader(config: Pick<Config, 'dataDir' | 'ruleBookFile'>): DataFolderReader {
  const folder = resolve(config.dataDir);
  const events = openSqliteEventStoreReader(folder);
  const readModels = openSqliteReadModels(folder, { readOnly: true });
  return {
    events,
    readModels,
    projections: projectionsWith(projectionDependencies(readRuleBook(config.ruleBookFile))),
    close: async () => {
      await events.close();
      await readModels.close();
    },
  };
}
