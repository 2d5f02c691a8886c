import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../architecture/source-files.js';
import type { RunningServer } from './running-server.js';

const MAIN = join(ROOT, 'dist/test/servers/eventstoredb-stand-in/main.js');
const START_MS = 20_000;

/** The stand-in for EventStoreDB as a process of its own, keeping its log in a file. Needs a build. */
export async function standInServer(): Promise<RunningServer> {
  if (!existsSync(MAIN)) throw new Error(`the EventStoreDB stand-in is not built: ${MAIN} is missing`);
  const folder = mkdtempSync(join(tmpdir(), 'rapport-eventstoredb-'));

  const start = async (port: string): Promise<{ child: ChildProcess; address: string }> => {
    const args = [MAIN, '--port', port, '--data', join(folder, 'log')];
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const address = await new Promise<string>((resolve, reject) => {
      const tooLate = setTimeout(
        () => reject(new Error(`the EventStoreDB stand-in did not answer: ${output}`)),
        START_MS,
      );
      const read = (chunk: Buffer): void => {
        output = `${output}${chunk}`.slice(-4_000);
        const found = /listening on (esdb:\/\/\S+)/.exec(output)?.[1];
        if (!found) return;
        clearTimeout(tooLate);
        resolve(found);
      };
      child.stdout.on('data', read);
      child.stderr.on('data', read);
      child.once('exit', (code, signal) => {
        clearTimeout(tooLate);
        reject(new Error(`the EventStoreDB stand-in ended (${signal ?? code}): ${output}`));
      });
    });
    return { child, address };
  };

  const first = await start('0');
  let { child } = first;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  };
  return {
    server: 'eventstoredb',
    name: 'eventstoredb stand-in',
    version: '24.6.0',
    mode: 'stand-in',
    address: first.address,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    restart: async () => {
      await end('SIGTERM');
      ({ child } = await start(new URL(first.address).port));
    },
    dispose: async () => {
      await end('SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
