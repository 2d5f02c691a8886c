import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../architecture/source-files.js';

/** A server with TLS and accounts, on loopback. */
export interface SecuredServer {
  readonly address: string;
  readonly caFile: string;
  dispose(): Promise<void>;
}

/** A first start on a machine may have to build the server. */
const LONGEST_INSTALL_MS = 40 * 60_000;

async function start(script: string, args: (folder: string) => readonly string[]): Promise<SecuredServer> {
  const folder = mkdtempSync(join(tmpdir(), 'rapport-secured-'));
  const call = (verb: string, more: readonly string[]) =>
    promisify(execFile)(
      process.execPath,
      [join(ROOT, 'infra/native', script), verb, '--folder', folder, '--json', ...more],
      { cwd: ROOT, timeout: LONGEST_INSTALL_MS },
    );
  const { stdout } = await call('start', args(folder));
  const { address, caFile } = JSON.parse(stdout.trim().split('\n').at(-1)!) as SecuredServer;
  return {
    address,
    caFile,
    dispose: async () => {
      await call('stop', []);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Kafka with passwords, certificates and no access without a list; the first account may do everything. */
export const startSecuredKafka = (accounts: Readonly<Record<string, string>>): Promise<SecuredServer> =>
  start('kafka.mjs', (folder) => {
    const file = join(folder, 'accounts.json');
    writeFileSync(file, JSON.stringify(accounts), { mode: 0o600 });
    return ['--accounts', file];
  });

/** A MongoDB-protocol server with TLS; whoever connects first makes the first account. */
export const startSecuredMongoDb = (): Promise<SecuredServer> => start('secantusdb.mjs', () => ['--secured']);

export const textOf = (file: string): string => readFileSync(file, 'utf8');
