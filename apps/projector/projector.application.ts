import { openMongoConnection } from '@rapport/connections';
import { RapportError } from '@rapport/contracts';
import { murmur2Partitioning, openKafkaEventFeed } from '@rapport/event-feed';
import { openEventStoreDbEventStore, untilItSucceeds, upcastToLatest } from '@rapport/event-store';
import type { RulesInForce } from '@rapport/domain';
import {
  mongoOf, projectionDependencies, readRuleBook, RuleBooks, rulesVersion, workUnderPage, ProjectorMetrics, type Logger,
  type ProjectorConfig, type RunningRole,
} from '@rapport/platform'; // prettier-ignore
import { LiveRunner, type AnyProjection } from '@rapport/projection-engine';
import { projectionsWith } from '@rapport/projections';
import { openMongoReadModels } from '@rapport/read-model';
import { systemClock, systemRandom, systemScheduler } from '@rapport/runtime';
import { isHosted, nameIn } from './hosted-names.js';

export interface RunningProjector extends RunningRole {
  /** Where health and metrics are. */
  readonly url: string;
}

const ROLE = 'projector';
/** How often an idle projector looks whether the document server still has what it acknowledged, ms. */
const VERIFY_MS = 5_000;
/** Progress without events is stored at this pace, ms: what readers of idle partitions wait for at most. */
const COMMIT_MS = 1_000;
/** A rule book published elsewhere is known here after at most this long, ms. */
const RULE_BOOKS_MS = 5_000;

/** A projector with its servers and its own page for operators. Servers may come later: it waits and says so. */
export async function startProjector(config: ProjectorConfig, logger: Logger): Promise<RunningProjector> {
  refuseUnknownProjections(config);
  const history = await openEventStoreDbEventStore({
    connectionString: config.eventStoreDbUrl,
    clock: systemClock,
    onNotice: (notice) => logger.info({ notice }, 'event store'),
  });
  const connection = await openMongoConnection(mongoOf(config));
  const feed = await openKafkaEventFeed({
    brokers: config.kafkaBrokers,
    security: config.kafkaSecurity,
    clientId: `rapport-${ROLE}`,
    group: config.consumerGroup,
    partitioning: murmur2Partitioning(config.partitions),
    history,
    upcast: upcastToLatest,
    log: (level, message, fields) => logger[level](fields, message),
  });
  const runnerOf = (projections: readonly AnyProjection[]): LiveRunner => new LiveRunner({
    projections,
    feed,
    history,
    store: openMongoReadModels(connection),
    clock: systemClock,
    scheduler: systemScheduler,
    random: systemRandom,
    verifyMs: VERIFY_MS,
    commitMs: COMMIT_MS,
    onParked: ({ projection, streamId, position, eventType, reason }) =>
      logger.error({ projection, streamId, position: String(position), eventType, reason }, 'an event could not be folded: its customer waits'), // prettier-ignore
    onRetry,
    onLoss: (loss) => logger.warn(loss, 'the document server lost writes it had acknowledged: they are folded again'),
  }); // prettier-ignore
  const onRetry = (error: unknown, attempt: number, delayMs: number): void =>
    logger.warn({ err: error, attempt, delayMs }, 'projector in trouble');
  let runner: LiveRunner | undefined;
  let trouble: Error | undefined;
  const untilTheyAnswer = <T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> =>
    untilItSucceeds(work, {
      scheduler: systemScheduler,
      random: systemRandom,
      signal,
      onRetry: (error, attempt, delayMs) => {
        trouble = error as Error;
        onRetry(error, attempt, delayMs);
      },
    });
  const run = async (signal: AbortSignal): Promise<void> => {
    const configured = readRuleBook(config.ruleBookFile);
    const books = await untilTheyAnswer(() => RuleBooks.open(configured, history), signal);
    trouble = undefined;
    while (!signal.aborted) {
      // Another rule book may mean other documents: the projections are then made anew.
      const version = rulesVersion(books.rules);
      const turn = new AbortController();
      const end = (): void => turn.abort();
      signal.addEventListener('abort', end, { once: true });
      const watch = systemScheduler.every(RULE_BOOKS_MS, async () => {
        await books
          .load()
          .catch((error: unknown) => logger.warn({ err: error }, 'rule books could not be read'));
        if (rulesVersion(books.rules) !== version) turn.abort();
      });
      try {
        runner = runnerOf(chosen(config, books.rules));
        await runner.run(turn.signal);
      } finally {
        watch.stop();
        signal.removeEventListener('abort', end);
      }
    }
  };
  const metrics = new ProjectorMetrics(
    () => runner?.status() ?? [],
    () => feed.health(),
  );
  return workUnderPage({
    host: config.host,
    port: config.port,
    status: () => {
      const health = feed.health();
      const inTheWay = trouble ?? runner?.trouble();
      return {
        ...health,
        ready: health.ready && runner !== undefined && inTheWay === undefined,
        ...(inTheWay === undefined ? {} : { reason: inTheWay.message }),
        projections: runner?.status() ?? [],
      };
    },
    metrics: () => metrics.text(),
    run,
    close: async () => {
      await feed.close();
      await Promise.all([history.close(), connection.close()]);
    },
  });
}

const known = (rules: RulesInForce): readonly AnyProjection[] =>
  projectionsWith(projectionDependencies(rules));

/** Throws UNKNOWN_PROJECTION naming a projection that is none, ConfigError for a rule book that cannot be used. */
function refuseUnknownProjections({ projections: names, ruleBookFile }: ProjectorConfig): void {
  const all = known(readRuleBook(ruleBookFile));
  const unknown = names.map(nameIn).find((name) => !all.some((projection) => projection.name === name));
  if (unknown !== undefined)
    throw new RapportError(
      'UNKNOWN_PROJECTION',
      `RAPPORT_PROJECTIONS names ${unknown}, which is no projection.`,
    );
}

const chosen = ({ projections: names }: ProjectorConfig, rules: RulesInForce): readonly AnyProjection[] =>
  known(rules).filter(({ name }) => isHosted(names, name));
