import { createServer, type AddressInfo } from 'node:net';
import { GenericContainer, getContainerRuntimeClient, Wait, type StartedTestContainer } from 'testcontainers';
import type { RunningServer, ServerName } from './running-server.js';

/** Images as `docker-compose.yml` names them; a spec holds the two together. */
export const IMAGES: Readonly<Record<ServerName, string>> = {
  eventstoredb: 'eventstore/eventstore:24.10',
  kafka: 'apache/kafka:4.1.0',
  mongodb: 'mongo:8.0',
};

const ENGINE_ANSWERS_MS = 5_000;

/** True when a container engine answers on this machine. */
export async function hasContainerEngine(): Promise<boolean> {
  const late = new Promise<false>((resolve) => setTimeout(resolve, ENGINE_ANSWERS_MS, false).unref());
  return Promise.race([getContainerRuntimeClient().then(() => true, () => false), late]); // prettier-ignore
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });

/** Starts a server in a container on a fixed port, so that its address survives a restart. */
export async function dockerServer(server: ServerName): Promise<RunningServer> {
  const port = await freePort();
  const image = IMAGES[server];
  const { container, address } = SETUP[server](new GenericContainer(image), port);
  const started = await container.start();
  await AFTER_START[server]?.(started);
  const runtime = await getContainerRuntimeClient();
  const handle = runtime.container.getById(started.getId());
  const isRunning = async (): Promise<boolean> => (await handle.inspect()).State.Running;
  const stop = async (): Promise<void> => {
    if (await isRunning()) await handle.stop();
  };
  return {
    server,
    name: server,
    version: image.split(':')[1]!,
    mode: 'docker',
    address,
    stop,
    kill: async () => {
      if (await isRunning()) await handle.kill({ signal: 'SIGKILL' });
    },
    restart: async () => {
      await stop();
      // Waits for the same signs of life as the first start.
      await started.restart();
    },
    dispose: async () => void (await started.stop({ removeVolumes: true })),
  };
}

type Setup = (
  container: GenericContainer,
  port: number,
) => { readonly container: GenericContainer; readonly address: string };

const SETUP: Readonly<Record<ServerName, Setup>> = {
  eventstoredb: (container, port) => ({
    container: container
      .withExposedPorts({ container: 2113, host: port })
      .withCommand(['--insecure', '--run-projections=None'])
      .withWaitStrategy(Wait.forHttp('/health/live', 2113).forStatusCode(204)),
    address: `esdb://127.0.0.1:${port}?tls=false`,
  }),
  kafka: (container, port) => ({
    container: container
      .withExposedPorts({ container: port, host: port })
      .withEnvironment({
        KAFKA_NODE_ID: '1',
        KAFKA_PROCESS_ROLES: 'broker,controller',
        KAFKA_CONTROLLER_QUORUM_VOTERS: '1@127.0.0.1:9093',
        KAFKA_LISTENERS: `PLAINTEXT://0.0.0.0:${port},CONTROLLER://127.0.0.1:9093`,
        KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://127.0.0.1:${port}`,
        KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
        KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
        KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
        KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS: '1',
        KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: '1',
        KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: '1',
        KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
        KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
        KAFKA_BROKER_SESSION_TIMEOUT_MS: '2000',
        KAFKA_BROKER_HEARTBEAT_INTERVAL_MS: '500',
      })
      .withWaitStrategy(Wait.forLogMessage(/Kafka Server started/)),
    address: `127.0.0.1:${port}`,
  }),
  mongodb: (container, port) => ({
    container: container
      .withExposedPorts({ container: 27017, host: port })
      .withCommand(['--replSet', 'rs0', '--bind_ip_all'])
      .withWaitStrategy(Wait.forLogMessage(/Waiting for connections/)),
    address: `mongodb://127.0.0.1:${port}/?directConnection=true`,
  }),
};

/** A replica set has to be founded, and its first member elected, before it takes majority writes. */
const FOUND_REPLICA_SET = `
  try { rs.status() } catch { rs.initiate({ _id: 'rs0', members: [{ _id: 0, host: '127.0.0.1:27017' }] }) }
  while (!db.hello().isWritablePrimary) sleep(100)`;

const AFTER_START: Partial<Record<ServerName, (container: StartedTestContainer) => Promise<void>>> = {
  mongodb: async (container) => {
    const { exitCode, output } = await container.exec(['mongosh', '--quiet', '--eval', FOUND_REPLICA_SET]);
    if (exitCode !== 0) throw new Error(`the replica set could not be founded: ${output}`);
  },
};
