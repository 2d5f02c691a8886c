/** Kafka → MongoDB, as a process of its own: keeps read models up to date together with others of its group. */
import { createLogger, endInOrder, failToStart, readProjectorConfig } from '@rapport/platform';
import { startProjector } from './projector.application.js';

try {
  const config = readProjectorConfig(process.env);
  const logger = createLogger(config.logLevel);
  const projector = await startProjector(config, logger);
  process.stdout.write(`projector: health and metrics at ${projector.url}\n`);
  endInOrder('projector', projector, logger);
} catch (error) {
  failToStart('projector', error);
}
