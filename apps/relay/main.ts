/** EventStoreDB → Kafka, as a process of its own. */
import { RapportError } from '@rapport/contracts';
import { ConfigError, createLogger } from '@rapport/platform';
import { systemScheduler } from '@rapport/runtime';
import { startRelay } from './relay.application.js';
import { readRelayConfig, type RelayConfig } from './relay.config.js';

const EXIT_USAGE = 2;
const EXIT_BUSY = 3;
const EXIT_DEPENDENCY = 5;
/** The batch in flight gets this long before the process ends without it; it is written again then, or skipped. */
const SHUTDOWN_MS = 10_000;

async function start(config: RelayConfig): Promise<void> {
  const logger = createLogger(config.logLevel);
  const relay = await startRelay(config, logger);
  process.stdout.write(`relay: health and metrics at ${relay.url}\n`);

  let stopping = false;
  const end = (exitCode: number): void => {
    if (stopping) return;
    stopping = true;
    void systemScheduler.sleep(SHUTDOWN_MS).then(() => {
      logger.warn('a batch was still in flight after 10 s');
      process.exit(exitCode);
    });
    relay.stop().then(
      () => process.exit(exitCode),
      (error: unknown) => {
        logger.error({ err: error }, 'stopping failed');
        process.exit(exitCode || 1);
      },
    );
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => {
      logger.info({ signal }, 'stopping');
      end(0);
    });
  relay.done.catch((error: unknown) => {
    logger.fatal({ err: error }, 'the relay cannot go on');
    process.stderr.write(`relay: ${lineOf(error)}\n`);
    end(EXIT_DEPENDENCY);
  });
}

const lineOf = (error: unknown): string =>
  error instanceof RapportError ? error.detail : ((error as Error).stack ?? String(error));

try {
  await start(readRelayConfig(process.env));
} catch (error) {
  const isUsage = error instanceof ConfigError;
  const isBusy = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
  process.stderr.write(`relay: ${isUsage ? error.message : isBusy ? 'the port is taken: name another one with RAPPORT_PORT' : lineOf(error)}\n`); // prettier-ignore
  process.exit(isUsage ? EXIT_USAGE : isBusy ? EXIT_BUSY : EXIT_DEPENDENCY);
}
