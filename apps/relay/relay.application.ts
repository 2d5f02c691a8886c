import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openMongoConnection } from '@rapport/connections';
import { murmur2Partitioning, openKafkaEventPublisher } from '@rapport/event-feed';
import { openEventStoreDbEventStore } from '@rapport/event-store';
import type { Logger } from '@rapport/platform';
import { openMongoReadModels } from '@rapport/read-model';
import { openMongoRelayCheckpoint, Relay, RelayMetrics, type RelayStatus } from '@rapport/relay';
import { systemClock, systemIds, systemRandom, systemScheduler } from '@rapport/runtime';
import type { RelayConfig } from './relay.config.js';

export interface RunningRelay {
  /** Where health and metrics are. */
  readonly url: string;
  /** Settles when the relay ends: rejects when it met something that does not go away. */
  readonly done: Promise<void>;
  /** Finishes the batch in flight, stores the checkpoint, gives the lease back and closes every connection. */
  stop(): Promise<void>;
}

const ROLE = 'relay';

/** The relay with its servers and its own page for operators. Servers may come later: it waits and says so. */
export async function startRelay(config: RelayConfig, logger: Logger): Promise<RunningRelay> {
  const store = await openEventStoreDbEventStore({
    connectionString: config.eventStoreDbUrl,
    clock: systemClock,
    onNotice: (notice) => logger.info({ notice }, 'event store'),
  });
  const connection = await openMongoConnection({
    url: config.mongoDbUrl,
    ...(config.mongoDbDatabase === undefined ? {} : { database: config.mongoDbDatabase }),
  });
  const publisher = await openKafkaEventPublisher({
    brokers: config.kafkaBrokers,
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
  const server = createServer((request, response) => {
    const send = (code: number, type: string, body: string): void => {
      response.writeHead(code, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
    };
    const path = request.url?.split('?')[0];
    if (request.method !== 'GET') return send(405, 'text/plain', 'GET only\n');
    if (path === '/health/live') return send(200, 'application/json', '{"status":"alive"}');
    if (path === '/health/ready') {
      const status = relay.status();
      return send(status.ready ? 200 : 503, 'application/json', asJson(status));
    }
    if (path === '/metrics')
      return void metrics.text().then(
        (text) => send(200, metrics.contentType, text),
        () => send(500, 'text/plain', 'no metrics\n'),
      );
    send(404, 'text/plain', 'see /health/live, /health/ready and /metrics\n');
  });

  const abort = new AbortController();
  server.listen(config.port, config.host);
  await once(server, 'listening');
  const { address, family, port } = server.address() as AddressInfo;
  const done = relay.run(abort.signal);
  done.catch(() => undefined);
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    done,
    stop: async () => {
      abort.abort();
      server.close();
      server.closeAllConnections();
      await done.catch(() => undefined);
      await Promise.all([publisher.close(), store.close(), connection.close()]);
    },
  };
}

const asJson = (status: RelayStatus): string =>
  JSON.stringify(status, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
