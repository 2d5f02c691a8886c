import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isoOf, RapportError } from '@rapport/contracts';
import { systemScheduler } from '@rapport/runtime';
import {
  ConfigError, createLogger, localTokenFile, openEmbeddedRuntime, openServersRuntime, readConfig, removeServerFile, writeLocalToken, writeServerFile,
  type Config,
} from '@rapport/platform'; // prettier-ignore
import { createApi } from './api.application.js';
import { serverNotice, welcome } from './welcome.js';

const EXIT_USAGE = 2;
const EXIT_BUSY = 3;
const EXIT_DEPENDENCY = 5;
/** In-flight requests get this long before the process ends without them. */
const SHUTDOWN_MS = 10_000;

const distDir = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

function version(): string {
  const file = join(distDir, '../package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

async function start(config: Config): Promise<void> {
  const logger = createLogger(config.logLevel);
  const { servers } = config;
  const runtime = servers
    ? await openServersRuntime({ ...config, servers }, { distDir, logger })
    : await openEmbeddedRuntime(config, { distDir, logger });
  try {
    const { app } = await createApi(runtime, logger, version(), join(distDir, '..'));
    const token = await runtime.tokens.mintLocal();
    writeLocalToken(runtime.folder, token);
    await app.listen(config.port, config.host);
    const url = (await app.getUrl()).replace('[::1]', 'localhost');
    writeServerFile(runtime.folder, { url, pid: process.pid, startedAt: isoOf(runtime.clock.nowMs()) });
    const tokenFile = localTokenFile(runtime.folder);
    process.stdout.write(
      servers
        ? serverNotice(url, tokenFile)
        : welcome({ url, dataDir: runtime.folder, tokenFile, token, masterKeyFile: config.masterKeyFile }),
    );

    let stopping = false;
    const stop = (signal: string): void => {
      if (stopping) return;
      stopping = true;
      logger.info({ signal }, 'stopping');
      void systemScheduler.sleep(SHUTDOWN_MS).then(() => {
        logger.warn('requests were still running after 10 s');
        process.exit(0);
      });
      removeServerFile(runtime.folder, process.pid);
      app
        .close()
        .then(() => runtime.stop())
        .then(
          () => process.exit(0),
          (error: unknown) => {
            logger.error({ err: error }, 'stopping failed');
            process.exit(1);
          },
        );
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
  } catch (error) {
    await runtime.stop();
    throw error;
  }
}

/** One line for a person, and a code for a script. */
function fail(error: unknown): never {
  const [line, code] = reasonOf(error);
  process.stderr.write(`rapport: ${line}\n`);
  process.exit(code);
}

function reasonOf(error: unknown): [string, number] {
  if (error instanceof ConfigError) return [error.message, EXIT_USAGE];
  if (error instanceof RapportError)
    return error.code === 'STORE_LOCKED'
      ? [`${error.detail.replace(/\.$/, '')}: stop it, or name another folder with RAPPORT_DATA_DIR`, EXIT_BUSY]
      : [error.detail, EXIT_DEPENDENCY];
  const { code, message, stack, syscall, port } = error as NodeJS.ErrnoException & { port?: number };
  if (code === 'EADDRINUSE') return [`port ${port ?? ''} is taken: name another one with RAPPORT_PORT`, EXIT_BUSY];
  if (code !== undefined && syscall !== undefined) return [message, EXIT_DEPENDENCY];
  return [stack ?? String(error), 1];
} // prettier-ignore

try {
  await start(readConfig(process.env));
} catch (error) {
  fail(error);
}
