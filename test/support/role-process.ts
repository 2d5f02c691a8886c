import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../architecture/source-files.js';

const LISTENS_WITHIN_MS = 60_000;
const KEPT_OUTPUT = 8_192;

/** A relay or a projector as a process of its own, listening on a free port of loopback. */
export interface RoleProcess {
  readonly child: ChildProcess;
  /** Where its health and metrics are. */
  readonly url: string;
  /** Sends a signal, waits for the end and answers with the exit code; null after a signal that was not handled. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

export interface RoleProcessOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** Sees what the process prints. */
  readonly onOutput?: (text: string) => void;
}

/** Resolves when the process listens, whether or not its servers answer. Rejects with what it printed when it ends first. */
export async function startRoleProcess(
  role: 'relay' | 'projector',
  { environment = {}, onOutput }: RoleProcessOptions = {},
): Promise<RoleProcess> {
  const entry = join(ROOT, `dist/apps/${role}/main.js`);
  if (!existsSync(entry)) throw new Error(`${entry} is missing: run \`npm run build\` first`);
  // Whatever ends the tests ends their processes.
  const preload = ['--import', join(ROOT, 'dist/apps/cli/connection/exit-with-parent.js')];
  const child = spawn(process.execPath, ['--enable-source-maps', ...preload, entry], {
    env: { ...process.env, RAPPORT_LOG_LEVEL: 'warn', ...environment, RAPPORT_PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  const url = await new Promise<string>((resolve, reject) => {
    const late = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`the ${role} did not listen within ${LISTENS_WITHIN_MS} ms: ${output}`));
    }, LISTENS_WITHIN_MS);
    const read = (chunk: Buffer): void => {
      const text = chunk.toString('utf8');
      onOutput?.(text);
      output = (output + text).slice(-KEPT_OUTPUT);
      const found = /health and metrics at (\S+)/.exec(output)?.[1];
      if (!found) return;
      clearTimeout(late);
      resolve(found);
    };
    child.stdout!.on('data', read);
    child.stderr!.on('data', read);
    child.once('exit', (code) => {
      clearTimeout(late);
      reject(new Error(`the ${role} ended (${code}): ${output}`));
    });
  });
  return {
    child,
    url,
    end: async (signal) => {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = once(child, 'exit');
        child.kill(signal);
        await ended;
      }
      return child.exitCode;
    },
  };
}
