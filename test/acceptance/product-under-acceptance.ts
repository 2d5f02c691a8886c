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
