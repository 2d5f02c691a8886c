import { openMongoConnection } from '@rapport/connections';
import { murmur2Partitioning, openKafkaEventPublisher } from '@rapport/event-feed';
import { openEventStoreDbEventStore } from '@rapport/event-store';
import { mongoOf, workUnderPage, type Logger, type RelayConfig, type RunningRole } from '@rapport/platform';
import { openMongoReadModels } from '@rapport/read-model';
import { openMongoRelayCheckpoint, Relay, RelayMetrics } from '@rapport/relay';
import { systemClock, systemIds, systemRandom, systemScheduler } from '@rapport/runtime';

export interface RunningRelay extends RunningRole {
  /** Where health and metrics are. */
  readonly url: string;
}

const ROLE = 'relay';

/** The relay with its servers and its own page for operators. Servers may come later: it waits and says so. */
export async function startRelay(config: RelayConfig, logger: Logger): Promise<RunningRelay> {
  const store = await openEventStoreDbEventStore({
    connectionString: config.eventStoreDbUrl,
    clock: systemClock,
    onNotice: (notice) => logger.info({ notice }, 'event store'),
  });
  const connection = await openMongoConnection(mongoOf(config));
  const publisher = await openKafkaEventPublisher({
    brokers: config.kafkaBrokers,
    security: config.kafkaSecurity,
    clientId: `rapport-${ROLE}`,
    partitioning: murmur2Partitioning(config.partitions),
    replicationFactor: config.topicReplicas,
    log: (level, message, fields) => logger[level](fields, message),
  });
  const relay = new Relay({
    store,
    publisher,
    checkpoints: openMongoRelayCheckpoint(connection),
    leases: openMongoReadModels(connection),
    clock: systemClock,
    scheduler: systemScheduler,
    random: systemRandom,
    holder: `${ROLE}-${systemIds.uuid()}`,
    onTrouble: ({ kind, error, delayMs }) => logger.warn({ kind, err: error, delayMs }, 'relay'),
  });
  const metrics = new RelayMetrics(() => relay.status());
  return workUnderPage({
    host: config.host,
    port: config.port,
    status: () => relay.status(),
    metrics: () => metrics.text(),
    run: (signal) => relay.run(signal),
    close: () => Promise.all([publisher.close(), store.close(), connection.close()]),
  });
}
