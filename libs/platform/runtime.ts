import { hostname } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  businessClockMs, customerDecider, identityDecider, type ClusterState, type IdentityCommand, type CustomerRequest, type CustomerState, ruleBookAt, ruleBookDecider, type RulesInForce,
} from '@rapport/domain'; // prettier-ignore
import { customerStreamId } from '@rapport/contracts';
import type { EventFeed } from '@rapport/event-feed';
import {
  createCommandHandler, createEventCodec, createIdentifierHasher, type CommandIndex, type EventCodec, type EventStore,
  type IdentifierIndex, type KeyStore, type SnapshotStore,
} from '@rapport/event-store'; // prettier-ignore
import type { AnyProjection, ProjectionStatus, RetryOutcome, ValueTerms, WaitOptions } from '@rapport/projection-engine'; // prettier-ignore
import type { ProcessSwitchState } from '@rapport/processes';
import type { DeadLetterStore, LeaseStore, ReadModelStore } from '@rapport/read-model';
import { systemIds, systemRandom, type Clock, type Scheduler } from '@rapport/runtime';
import { AccessTokens, readTokenSecret } from './access/access-tokens.js';
import { AggregateCommands } from './aggregates/aggregate-commands.js';
import { AggregateReader } from './aggregates/aggregate-reader.js';
import { AGGREGATES } from './aggregates/aggregates.js';
import { AnalystThread } from './analyst/analyst-thread.adapter.js';
import type { Config } from './config.js';
import { CustomerCommands } from './customers/customer-commands.js';
import { CustomerReferences } from './customers/customer-references.js';
import { FindCustomers } from './customers/find-customers.js';
import { readReferencesFrom } from './customers/named-references.js';
import { requestHashWith } from './customers/request-hash.js';
import { continueHandOvers } from './hand-overs/portfolio-hand-overs.scheduler.js';
import { MatchCandidates } from './identity/match-candidates.js';
import { MergePreviews } from './identity/merge-preview.js';
import { Merges, survivorsOf } from './identity/merges.js';
import { resumeMerges } from './identity/resume-merges.js';
import { ModelRuns } from './models/model-runs.js';
import { Models } from './models/models.js';
import { prepareScores } from './models/score-customers.js';
import type { Logger } from './observability/logger.js';
import { Metrics } from './observability/metrics.js';
import { Operations } from './operations/operations.js';
import { Processes } from './processes/processes.js';
import { CustomerExports } from './privacy/customer-exports.js';
import { ReadSide } from './read-side/read-side.js';
import { reviewDueRelationships } from './reviews/due-reviews.scheduler.js';
import { startRounds } from './rounds/rounds.js';
import type { RuleBooks } from './rules/rule-books.js';
import { Rules } from './rules/rules.js';
import { SignedCursors } from './signed-cursor.js';
import type { StoreSettings } from './stores.js';

/** Whether the parts that keep answers fresh are alive. */
export interface RuntimeHealth {
  readonly ready: boolean;
  /** Why it is not. */
  readonly reason?: string;
  /** Times the projector was started again. */
  readonly restarts: number;
}

/** The product behind its edge: what the API and in-process callers work with, embedded or on servers. */
export interface Runtime {
  /** Data folder, absolute. */
  readonly folder: string;
  readonly clock: Clock;
  readonly tokens: AccessTokens;
  readonly customers: CustomerCommands;
  readonly merges: Merges;
  readonly mergePreviews: MergePreviews;
  readonly matchCandidates: MatchCandidates;
  /** Commands on products, campaigns, rule books …: every aggregate besides the customer. */
  readonly aggregates: AggregateCommands;
  /** Their states straight from their streams. */
  readonly aggregateReader: AggregateReader;
  readonly rules: Rules;
  readonly readSide: ReadSide;
  readonly find: FindCustomers;
  readonly exports: CustomerExports;
  readonly models: Models;
  readonly operations: Operations;
  readonly processes: Processes;
  readonly metrics: Metrics;
  readonly projections: readonly AnyProjection[];
  readonly events: EventStore;
  readonly readModels: ReadModelStore & DeadLetterStore & LeaseStore;
  readonly codec: EventCodec;
  health(): RuntimeHealth;
  /** Resolves when every read model holds every event of the log as it is now. Throws READ_YOUR_WRITES_TIMEOUT. */
  catchUp(timeoutMs: number): Promise<void>;
  /** Ends schedulers and threads, then gives the stores back. */
  stop(): Promise<void>;
}

/** The projector seen from the process that serves, wherever it runs. */
export interface ProjectorView {
  status(): readonly ProjectionStatus[];
  health(): RuntimeHealth;
  /** For read-your-writes. Throws READ_YOUR_WRITES_TIMEOUT. */
  waitFor(position: bigint, timeoutMs: number, options?: WaitOptions): Promise<void>;
  /** After a rebuild or rollback: follow the new active generations at once. */
  reload(): Promise<void>;
  /** Folds parked events again after a fix. Throws UNAVAILABLE. */
  retryParked(projection: string, owner?: string): Promise<readonly RetryOutcome[]>;
}

/** Opened stores and what differs between the ways to run. */
export interface RuntimeParts {
  readonly config: Config;
  readonly folder: string;
  /** Compiled root of the product, `dist`: threads start from there. */
  readonly distDir: string;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly books: RuleBooks;
  readonly projections: readonly AnyProjection[];
  readonly events: EventStore;
  readonly commandIndex: CommandIndex;
  readonly identifiers: IdentifierIndex;
  readonly snapshots: SnapshotStore;
  readonly keys: KeyStore;
  /** What readers ask. */
  readonly readModels: ReadModelStore & DeadLetterStore & LeaseStore;
  /** The same as one partition, whatever the feed's: rebuilds, rollbacks and scoring runs fold the whole log. */
  readonly wholeLog: ReadModelStore & DeadLetterStore & LeaseStore;
  readonly projector: ProjectorView;
  /** The log as one partition. */
  readonly feed: EventFeed;
  /** Partition that read-your-writes tokens of a stream name. */
  readonly partitionOf: (streamId: string) => number;
  readonly partitions: number;
  /** How threads open the same stores. */
  readonly storeSettings: StoreSettings;
  /** How long a remembered identifier may lead at most to a customer who lost it in another process, ms; 0: there is none. */
  readonly staleIdentifiersMs: number;
  /** Hears of what other processes take away, and whether it does; absent where there are none. */
  readonly identifiersTaken?: { isHeard(): boolean; listen(forget: () => void): void };
  /** How often what other processes may have recorded is looked for again (fits, products, campaigns …), ms; 0: there are none. */
  readonly othersWriteEveryMs: number;
  readonly metrics: Metrics;
}

/** Customers whose folded state stays in memory: some 3 KB each. */
const HOT_CUSTOMERS = 20_000;
/** How often hand-overs of portfolios that were begun are looked for. */
const HAND_OVER_INTERVAL_MS = 2_000;
/** A fit or a scoring run waits this long for the read model it is made from. */
const CATCH_UP_MS = 120_000;

/** A merge whose process died is taken up by another one after this long at most. */
const RESUME_MERGES_MS = 5_000;
/** Processes look for news this often; one that is switched off costs nothing. */
const PROCESS_ROUND_MS = 1_000;

/** Wires the product over opened stores. What it starts is undone by `opened`, newest first. */
export async function assembleRuntime(
  parts: RuntimeParts,
  opened: (() => Promise<void> | void)[],
  stop: () => Promise<void>,
): Promise<Runtime> {
  const { config, folder, distDir, logger, clock, scheduler, books, projections } = parts;
  const { events, keys, readModels, wholeLog, projector, partitionOf, partitions, metrics } = parts;
  await prepareScores(wholeLog, { partition: 0, checkpoint: events.checkpointAt(0n), through: 0n });

  const settings = config.ruleBookFile === undefined ? {} : { ruleBookFile: config.ruleBookFile };
  const workerIn = (path: string): string => join(distDir, path);
  const catchUpAll = async (names: readonly string[], timeoutMs: number): Promise<void> => {
    const { position } = await events.head();
    await Promise.all(
      Array.from({ length: partitions }, (_, partition) =>
        projector.waitFor(position, timeoutMs, { projections: names, partition }),
      ),
    );
  };

  const codec = createEventCodec({ keys });
  const hasher = await createIdentifierHasher(keys);
  const taken = parts.identifiersTaken;
  const references = new CustomerReferences(parts.identifiers, hasher, parts.staleIdentifiersMs, () => taken?.isHeard() ?? true); // prettier-ignore
  taken?.listen(() => references.forget());
  const requestHash = requestHashWith(await keys.hashingKey('request'));
  const cursors = new SignedCursors(await keys.hashingKey('cursor'));
  /** What every command handler works with, whatever it decides about. */
  const handling = { store: events, commandIndex: parts.commandIndex, snapshots: parts.snapshots, keys, codec, hasher, clock, scheduler, hearsOthers: () => taken?.isHeard() ?? true }; // prettier-ignore
  const handler = createCommandHandler<CustomerState, CustomerRequest, RulesInForce>({
    ...handling,
    decider: customerDecider,
    ruleBookFor: () => books.rules,
    maxHotStates: HOT_CUSTOMERS,
    businessClockMs,
  });
  const onOutcome = metrics.onOutcome.bind(metrics);
  const isKnown = async (customerId: string): Promise<boolean> =>
    (await events.readStream(customerStreamId(customerId), { maxCount: 1 })).length > 0;
  const hasCarriedOut = async (streamId: string, commandKey: string): Promise<boolean> =>
    (await parts.commandIndex.find(streamId, commandKey)) !== undefined;
  const aggregateReader = new AggregateReader(AGGREGATES, events, clock, parts.othersWriteEveryMs);
  const customers = new CustomerCommands({
    handler,
    references,
    clock,
    requestHash,
    partitionOf,
    onOutcome,
    isKnown,
    readReferences: readReferencesFrom(aggregateReader, events),
    isErased: (customerId) => keys.isDestroyed(customerId),
    hasCarriedOut,
  });

  const merges = new Merges({
    customers: handler,
    identity: createCommandHandler<ClusterState, IdentityCommand>({
      ...handling,
      decider: identityDecider,
      ruleBookFor: () => undefined,
      businessClockMs: (state) => state.businessClockMs,
    }),
    events,
    references,
    clock,
    requestHash,
    hasCarriedOut,
    partitionOf,
  });

  const aggregates = new AggregateCommands({
    aggregates: AGGREGATES,
    reader: aggregateReader,
    ...handling,
    ruleBookFor: () => ruleBookAt(books.rules, clock.nowMs()),
    requestHash,
    partitionOf,
    onOutcome,
    // The answer to a publication says that it decides from now on, here.
    onRecorded: async (category) => void (category === ruleBookDecider.category && (await books.load())),
  });

  const analyst = new AnalystThread(workerIn('libs/platform/analyst/analyst.worker.js'), { stores: parts.storeSettings, ...settings }); // prettier-ignore
  opened.push(() => analyst.stop());
  const valueTerms: ValueTerms = {
    horizonDays: config.valueHorizonDays,
    annualDiscountRate: config.valueAnnualDiscount,
    margin: config.valueMargin,
  };
  const runs = new ModelRuns(events, parts.commandIndex);
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
    dataQualityLimitsAt: (atMs) => {
      const { document, version } = ruleBookAt(books.rules, atMs);
      return { ...document.dataQuality, ruleBookVersion: version };
    },
    partitionOf,
    partitions,
    waitFor: (projection, position, timeoutMs, partition) =>
      projector.waitFor(position, timeoutMs, { projections: [projection], partition }),
    askAllAsOf: (question) => analyst.do({ kind: 'ask', question }),
  });
  const find = new FindCustomers({
    references,
    readModels,
    readSide,
    cursors,
    clock,
    isKnown,
    survivorOf: async (customerId) => (await survivorsOf(events, customerId)).at(-1),
  });
  const models = new Models({
    runs,
    clock,
    valueTerms,
    requestHash,
    doJob: (job) => analyst.do(job),
    catchUp: (projection) => catchUpAll([projection], CATCH_UP_MS),
  });
  const operations = new Operations({
    projections,
    projector,
    readModels: wholeLog,
    history: events,
    feed: parts.feed,
    clock,
    scheduler,
    random: systemRandom,
    rebuildWorker: pathToFileURL(workerIn('apps/projector/rebuild.worker.js')),
    rebuildSettings: { stores: parts.storeSettings, ...settings },
  });
  opened.push(() => operations.stop());

  const processes = new Processes({
    events,
    store: readModels,
    customers,
    switchOf: (process) => aggregateReader.stateOf<ProcessSwitchState>('process', process),
    clock,
    logger,
    ...(parts.othersWriteEveryMs > 0 ? { holder: `api-${systemIds.uuid()}` } : {}),
  });
  opened.push(() => processes.stop());
  metrics.showProcesses(() => processes.list());

  const holder = `${hostname()} ${process.pid} ${systemIds.uuid()}`;
  const catchUp = catchUpAll;
  opened.push(
    startRounds(
      [
        { name: 'processes', everyMs: PROCESS_ROUND_MS, run: () => processes.round() },
        {
          name: 'merges left half done',
          everyMs: RESUME_MERGES_MS,
          run: () => resumeMerges({ merges, readModels, clock, logger, holder }),
        },
        {
          name: 'due reviews',
          everyMs: config.reviewIntervalMs,
          run: () =>
            reviewDueRelationships({ readModels, projections, customers, clock, valueTerms, logger, holder }),
        },
        {
          name: 'hand-overs',
          everyMs: HAND_OVER_INTERVAL_MS,
          run: () => continueHandOvers({ readModels, customers, aggregates, catchUp, clock, logger, holder }),
        },
        { name: 'scoring', everyMs: config.scoringIntervalMs, run: () => models.score() },
        {
          name: 'reading of fits and rule books',
          everyMs: parts.othersWriteEveryMs,
          run: () => Promise.all([runs.load(), books.load()]),
        },
      ],
      { scheduler, logger },
    ),
  );
  return {
    folder,
    clock,
    tokens: new AccessTokens(readTokenSecret(folder, config.tokenSecretFile), clock),
    customers,
    merges,
    matchCandidates: new MatchCandidates({ index: parts.identifiers, hasher, codec, events, cursors }),
    mergePreviews: new MergePreviews({ events, projections, merges, readSide }),
    aggregates,
    aggregateReader,
    rules: new Rules({ books, events, references, readSide, clock }),
    readSide,
    find,
    exports: new CustomerExports({ events, readSide, clock }),
    models,
    operations,
    processes,
    metrics,
    projections,
    events,
    readModels,
    codec,
    health: () => projector.health(),
    catchUp: (timeoutMs) =>
      catchUpAll(
        projections.map(({ name }) => name),
        timeoutMs,
      ),
    stop,
  };
}

/** A start waits this long for the read models to be hosted; readiness tells the rest. */
const PROJECTOR_START_MS = 10_000;

/** Resolves when the projector is ready, or after ten seconds. */
export async function untilReady(
  health: () => RuntimeHealth,
  scheduler: Scheduler,
  clock: Clock,
): Promise<void> {
  const deadlineMs = clock.monotonicMs() + PROJECTOR_START_MS;
  while (!health().ready && clock.monotonicMs() < deadlineMs) await scheduler.sleep(10);
}

export interface RuntimeOptions {
  /** Compiled root of the product, `dist`: threads start from there. */
  readonly distDir: string;
  readonly logger: Logger;
  readonly clock?: Clock;
  readonly scheduler?: Scheduler;
}
