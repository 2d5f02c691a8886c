import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../architecture/source-files.js';
import { killAndWait } from './process-end.js';
import type { RestartOptions, RunningServer } from './running-server.js';

/** What a script of `infra/native` says of a server it started. */
interface NativeRecord {
  readonly name: string;
  readonly version: string;
  readonly address: string;
  readonly pid: number;
}

export interface NativeOptions {
  /** Version of the broker, when not the pinned one. */
  readonly version?: string;
  /** Document server: whether acknowledged writes survive a kill. Default false: what benches and most tests want. */
  readonly syncOnCommit?: boolean;
}

/** A first start on a machine may have to build the server. */
const LONGEST_INSTALL_MS = 40 * 60_000;

/** Starts a server by its script of `infra/native`, in a folder of its own. */
export async function nativeServer(
  server: 'kafka' | 'mongodb',
  options: NativeOptions = {},
): Promise<RunningServer> {
  const script = join(ROOT, 'infra/native', server === 'kafka' ? 'kafka.mjs' : 'secantusdb.mjs');
  const folder = mkdtempSync(join(tmpdir(), `rapport-${server}-`));
  let syncOnCommit = options.syncOnCommit ?? false;

  const call = async (verb: 'start' | 'stop'): Promise<string> => {
    const args = [script, verb, '--folder', folder, '--json'];
    if (verb === 'start' && options.version) args.push('--version', options.version);
    if (verb === 'start' && syncOnCommit) args.push('--sync-on-commit');
    const { stdout } = await promisify(execFile)(process.execPath, args, {
      cwd: ROOT,
      timeout: LONGEST_INSTALL_MS,
    });
    return stdout.trim().split('\n').at(-1)!;
  };
  let record = JSON.parse(await call('start')) as NativeRecord;
  const stop = async (): Promise<void> => void (await call('stop'));

  return {
    server,
    name: record.name,
    version: record.version,
    mode: 'native',
    address: record.address,
    stop,
    kill: () => killAndWait(record.pid),
    restart: async (changed: RestartOptions = {}) => {
      syncOnCommit = changed.syncOnCommit ?? syncOnCommit;
      await stop();
      record = JSON.parse(await call('start')) as NativeRecord;
    },
    dispose: async () => {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
