/** EventStoreDB → Kafka, as a process of its own. */
import { createLogger, endInOrder, failToStart, readRelayConfig } from '@rapport/platform';
import { startRelay } from './relay.application.js';

try {
  const config = readRelayConfig(process.env);
  const logger = createLogger(config.logLevel);
  const relay = await startRelay(config, logger);
  process.stdout.write(`relay: health and metrics at ${relay.url}\n`);
  endInOrder('relay', relay, logger);
} catch (error) {
  failToStart('relay', error);
}
