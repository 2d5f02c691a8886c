import { createLogger, readProjectorConfig, readRelayConfig } from '@rapport/platform';
import { ApiUnderTest } from '../../apps/api/specs/api-under-test.js';
import { startProjector } from '../../apps/projector/projector.application.js';
import { startRelay } from '../../apps/relay/relay.application.js';
import { launchServers } from '../servers/launch-servers.js';

/** `servers` runs the features against EventStoreDB, Kafka and MongoDB; anything else against the embedded default. */
export const ACCEPTANCE_ON = 'RAPPORT_ACCEPTANCE_ON';

export interface StartedProduct {
  readonly api: ApiUnderTest;
  stop(): Promise<void>;
}

/** The product the features speak to, started for them alone. */
export function startProduct(on = process.env[ACCEPTANCE_ON]): Promise<StartedProduct> {
  return on === 'servers' ? startOnServers() : startEmbedded();
}

async function startEmbedded(): Promise<StartedProduct> {
  const api = await ApiUnderTest.start();
  return { api, stop: () => api.stop() };
}

async function startOnServers(): Promise<StartedProduct> {
  const servers = await launchServers({ own: true, print: (line) => console.log(line) });
  const environment = {
    ...servers.environment,
    MONGODB_DATABASE: 'rapport_acceptance',
    RAPPORT_STORE: 'servers',
    RAPPORT_PARTITIONS: '4',
    RAPPORT_TOPIC_REPLICAS: '1',
    RAPPORT_PORT: '0',
  };
  const logger = createLogger('silent');
  const relay = await startRelay(readRelayConfig(environment), logger);
  const projector = await startProjector(readProjectorConfig(environment), logger);
  const api = await ApiUnderTest.start(environment);
  await untilReadable(api);
  return {
    api,
    stop: async () => {
      await api.stop();
      await projector.stop();
      await relay.stop();
      await servers.dispose();
    },
  };
}

/** Projectors join their groups while the API answers already; on a busy machine that takes longer than a story waits. */
const READABLE_WITHIN_MS = 120_000;

/** Resolves once a write can be read: somebody no story knows is registered and asked about. */
async function untilReadable(api: ApiUnderTest): Promise<void> {
  const { body, headers } = await api.record('/v1/customers', {
    roles: ['customer'],
    identifiers: [{ type: 'customerNo', value: 'FIRST', sourceSystem: 'acceptance' }],
    channel: 'web',
  });
  const question = `/v1/customers/${(body as { customerId: string }).customerId}?after=${encodeURIComponent(headers['rapport-token']!)}`;
  // Each question waits by itself for what it asks about.
  for (const deadlineMs = Date.now() + READABLE_WITHIN_MS; ;) {
    const { status, body: answer } = await api.get(question);
    if (status === 200) return;
    if (Date.now() > deadlineMs) throw new Error(`nothing can be read: ${JSON.stringify(answer)}`);
  }
} // prettier-ignore
