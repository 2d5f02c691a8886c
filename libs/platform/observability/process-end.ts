import { RapportError } from '@rapport/contracts';
import { systemScheduler } from '@rapport/runtime';
import { ConfigError } from '../config.js';
import type { Logger } from './logger.js';

const EXIT_USAGE = 2;
const EXIT_BUSY = 3;
const EXIT_DEPENDENCY = 5;
/** What is in flight gets this long before the process ends without it. */
const SHUTDOWN_MS = 10_000;

/** A process that works until it is told to stop or cannot go on. */
export interface RunningRole {
  /** Settles when the work ends: rejects when it met something that does not go away. */
  readonly done: Promise<void>;
  /** Finishes what is in flight and closes every connection. */
  stop(): Promise<void>;
}

/** Ends the process in order: on SIGTERM and SIGINT with 0, when the role cannot go on with 5; ten seconds at most. */
export function endInOrder(role: string, running: RunningRole, logger: Logger): void {
  let stopping = false;
  const end = (exitCode: number): void => {
    if (stopping) return;
    stopping = true;
    void systemScheduler.sleep(SHUTDOWN_MS).then(() => {
      logger.warn('work was still in flight after 10 s');
      process.exit(exitCode);
    });
    running.stop().then(
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
  running.done.catch((error: unknown) => {
    logger.fatal({ err: error }, `the ${role} cannot go on`);
    process.stderr.write(`${role}: ${lineOf(error)}\n`);
    end(EXIT_DEPENDENCY);
  });
}

/** One line for a person, and a code for a script: a start that failed. */
export function failToStart(role: string, error: unknown): never {
  const isUsage = error instanceof ConfigError;
  const isBusy = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
  process.stderr.write(`${role}: ${isUsage ? error.message : isBusy ? 'the port is taken: name another one with RAPPORT_PORT' : lineOf(error)}\n`); // prettier-ignore
  process.exit(isUsage ? EXIT_USAGE : isBusy ? EXIT_BUSY : EXIT_DEPENDENCY);
}

const lineOf = (error: unknown): string =>
  error instanceof RapportError ? error.detail : ((error as Error).stack ?? String(error));
