import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { systemScheduler } from '@rapport/runtime';
import { ServerClient } from '../../apps/cli/connection/server-client.js';
import { ServerProcess } from '../../apps/cli/connection/server-process.adapter.js';

const DIST = resolve(process.cwd(), 'dist');

/**
 * A real server, as a child process, on a fresh data folder with a master key of its own beside it. Everything is
 * removed at the end.
 */
export class ServerFolder {
  readonly root: string;
  readonly dataDir: string;
  readonly masterKeyFile: string;
  /** What the server processes printed, all of them. */
  output = '';
  /** Sees what they print as it comes. */
  onOutput: (text: string) => void = () => undefined;
  private process: ServerProcess | undefined;

  constructor(name: string, root = mkdtempSync(join(tmpdir(), `rapport-${name}-`))) {
    this.root = root;
    this.dataDir = join(root, 'data');
    this.masterKeyFile = join(root, 'keys', 'master.key');
  }

  /** Variables that point every process of the test at this folder. Reviews by the wall clock are off. */
  get env(): Record<string, string> {
    return {
      RAPPORT_DATA_DIR: this.dataDir,
      RAPPORT_MASTER_KEY_FILE: this.masterKeyFile,
      RAPPORT_REVIEW_INTERVAL_MS: '0',
    };
  }

  async start(env: Readonly<Record<string, string>> = {}): Promise<ServerProcess> {
    const entry = join(DIST, 'apps/api/main.js');
    if (!existsSync(entry)) throw new Error(`${entry} is missing: run \`npm run build\` first`);
    this.process = await ServerProcess.start({
      entry,
      exitWithParent: join(DIST, 'apps/cli/connection/exit-with-parent.js'),
      dataDir: this.dataDir,
      env: { ...this.env, ...env },
      onOutput: (text) => {
        this.output += text;
        this.onOutput(text);
      },
    });
    return this.process;
  }

  get server(): ServerProcess {
    if (!this.process) throw new Error('the server was not started');
    return this.process;
  }

  client(): ServerClient {
    return new ServerClient(async () => this.server.address);
  }

  async stop(): Promise<void> {
    await this.process?.stop();
    this.process = undefined;
  }

  /** Stops the server and removes the folder. */
  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** Waits until `check` answers something, and says what was missing when it does not in time. */
export async function eventually<T>(
  what: string,
  check: () => Promise<T | undefined>,
  timeoutMs = 30_000,
): Promise<T> {
  const deadlineMs = Date.now() + timeoutMs;
  for (;;) {
    const answer = await check();
    if (answer !== undefined) return answer;
    if (Date.now() > deadlineMs) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await systemScheduler.sleep(20);
  }
}
