import { openMongoConnection } from '@rapport/connections';
import { RapportError } from '@rapport/contracts';
import { murmur2Partitioning, openKafkaEventFeed } from '@rapport/event-feed';
import { openEventStoreDbEventStore, upcastToLatest } from '@rapport/event-store';
import { mongoOf, workUnderPage, ProjectorMetrics, type Logger, type ProjectorConfig, type RunningRole } from '@rapport/platform'; // prettier-ignore
import { LiveRunner } from '@rapport/projection-engine';
import { openMongoReadModels } from '@rapport/read-model';
import { systemClock, systemRandom, systemScheduler } from '@rapport/runtime';
import { projectionsOf } from './thread-settings.js';

export interface RunningProjector extends RunningRole {
  /** Where health and metrics are. */
  readonly url: string;
}

const ROLE = 'projector';
/** How often an idle projector looks whether the document server still has what it acknowledged, ms. */
const VERIFY_MS = 5_000;
/** Progress without events is stored at this pace, ms: what readers of idle partitions wait for at most. */
const COMMIT_MS = 1_000;

/** A projector with its servers and its own page for operators. Servers may come later: it waits and says so. */
export async function startProjector(config: ProjectorConfig, logger: Logger): Promise<RunningProjector> {
  const projections = chosen(config);
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
  const runner = new LiveRunner({
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
    onRetry: (error, attempt, delayMs) => logger.warn({ err: error, attempt, delayMs }, 'projector in trouble'),
    onLoss: (loss) => logger.warn(loss, 'the document server lost writes it had acknowledged: they are folded again'),
  }); // prettier-ignore
  const metrics = new ProjectorMetrics(
    () => runner.status(),
    () => feed.health(),
  );
  return workUnderPage({
    host: config.host,
    port: config.port,
    status: () => {
      const health = feed.health();
      const trouble = runner.trouble();
      return {
        ...health,
        ready: health.ready && trouble === undefined,
        ...(trouble === undefined ? {} : { reason: trouble.message }),
        projections: runner.status(),
      };
    },
    metrics: () => metrics.text(),
    run: (signal) => runner.run(signal),
    close: async () => {
      await feed.close();
      await Promise.all([history.close(), connection.close()]);
    },
  });
}

/** Throws UNKNOWN_PROJECTION naming a projection that is none. */
function chosen({ projections: names, ruleBookFile }: ProjectorConfig) {
  const known = projectionsOf({ ruleBookFile });
  const unknown = names.find((name) => !known.some((projection) => projection.name === name));
  if (unknown !== undefined)
    throw new RapportError(
      'UNKNOWN_PROJECTION',
      `RAPPORT_PROJECTIONS names ${unknown}, which is no projection.`,
    );
  return names.length === 0 ? known : known.filter(({ name }) => names.includes(name));
}
