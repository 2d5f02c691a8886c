import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock, systemScheduler } from '@rapport/runtime';
import { CliError, EXIT } from '../exit-codes.js';
import type { ServerAddress } from './server-client.js';

/**
 * Of V8, as `npm start` has them. One helper thread: with the usual four, collecting garbage takes the cores from those who
 * make it (a batch gained 8 % on two cores), and with none the thread that serves does it all (another 8 %). A young generation of three times 64 MiB,
 * as the threads that fold have it: what a batch makes is then dead when it is collected (a batch gained 11 %).
 */
export const V8_FLAGS = ['--v8-pool-size=1', '--max-semi-space-size=64'];

/** Files that a running server keeps in its data folder. */
const SERVER_FILE = 'server.json';
const TOKEN_FILE = 'local-token';

export interface RunningServer extends ServerAddress {
  readonly pid: number;
}

/** The server that owns the data folder, if one is running. */
export function findServer(dataDir: string): RunningServer | undefined {
  const file = join(dataDir, SERVER_FILE);
  const tokenFile = join(dataDir, TOKEN_FILE);
  if (!existsSync(file) || !existsSync(tokenFile)) return undefined;
  let entry: { url?: unknown; pid?: unknown };
  try {
    entry = JSON.parse(readFileSync(file, 'utf8')) as typeof entry;
  } catch {
    return undefined;
  }
  if (typeof entry.url !== 'string' || typeof entry.pid !== 'number' || !isAlive(entry.pid)) return undefined;
  return { url: entry.url, pid: entry.pid, token: readFileSync(tokenFile, 'utf8').trim() };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code === 'EPERM';
  }
}

export interface StartServerOptions {
  /** Compiled entry of the API, `dist/apps/api/main.js`. */
  readonly entry: string;
  /** Compiled module that ends the server with its parent; absent: it outlives the parent. */
  readonly exitWithParent?: string;
  readonly dataDir: string;
  /** Further RAPPORT_… variables. */
  readonly env?: Readonly<Record<string, string>>;
  /** Sees what the server prints. */
  readonly onOutput?: (text: string) => void;
  readonly timeoutMs?: number;
}

/** A server of our own, as a child process on a free loopback port. */
export class ServerProcess {
  private constructor(
    readonly child: ChildProcess,
    readonly address: RunningServer,
  ) {}

  /** Resolves when it is ready. Throws exit 3 when the data folder is taken, exit 5 when it does not come up. */
  static async start(options: StartServerOptions): Promise<ServerProcess> {
    const { dataDir, timeoutMs = 60_000 } = options;
    const preload = options.exitWithParent === undefined ? [] : ['--import', options.exitWithParent];
    const child = spawn(process.execPath, [...V8_FLAGS, '--enable-source-maps', ...preload, options.entry], {
      env: {
        ...process.env,
        RAPPORT_LOG_LEVEL: 'warn',
        ...options.env,
        RAPPORT_DATA_DIR: dataDir,
        RAPPORT_HOST: '127.0.0.1',
        RAPPORT_PORT: '0',
      },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // Ctrl-C reaches only the command, which then stops its server in order.
      detached: true,
    });
    let output = '';
    const listen = (chunk: Buffer): void => {
      const text = chunk.toString('utf8');
      output = (output + text).slice(-8_192);
      options.onOutput?.(text);
    };
    child.stdout!.on('data', listen);
    child.stderr!.on('data', listen);

    const deadlineMs = systemClock.monotonicMs() + timeoutMs;
    while (systemClock.monotonicMs() < deadlineMs) {
      if (child.exitCode !== null || child.signalCode !== null)
        throw startFailure(child.exitCode, output, dataDir);
      const found = findServer(dataDir);
      if (found && found.pid === child.pid && (await isReady(found))) return new ServerProcess(child, found);
      await systemScheduler.sleep(25);
    }
    child.kill('SIGKILL');
    throw new CliError(EXIT.dependencyDown, `the server did not become ready within ${timeoutMs / 1_000} s`);
  }

  /** Ends it in order; it has given the data folder back when this resolves. */
  async stop(): Promise<void> {
    await this.end('SIGTERM');
  }

  /** `kill -9`: what a crash or a power cut of the process looks like. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  private async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exited = once(this.child, 'exit');
    this.child.kill(signal);
    const patience = new AbortController();
    const late = systemScheduler.sleep(20_000, patience.signal).then(() => {
      if (!patience.signal.aborted) this.child.kill('SIGKILL');
    });
    await exited;
    patience.abort();
    await late;
  }
}

async function isReady(server: RunningServer): Promise<boolean> {
  try {
    return (await fetch(`${server.url}/health/ready`, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}

function startFailure(exitCode: number | null, output: string, dataDir: string): CliError {
  const lines = output.trim().split('\n');
  const last = lines.findLast((line) => line.startsWith('rapport: ')) ?? lines.at(-1) ?? '';
  const reason = last.replace(/^rapport: /, '').slice(0, 300);
  if (exitCode === EXIT.busy) return new CliError(EXIT.busy, `${dataDir}: ${reason}`);
  return new CliError(
    exitCode === EXIT.usage ? EXIT.usage : EXIT.dependencyDown,
    reason === '' ? `the server did not start (exit ${exitCode})` : `the server did not start: ${reason}`,
  );
}
