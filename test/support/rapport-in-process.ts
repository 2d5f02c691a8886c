import { resolve } from 'node:path';
import { systemClock, systemScheduler } from '@rapport/runtime';
import { runCli } from '../../apps/cli/cli.js';
import type { ServerFolder } from './server-folder.js';

export const DIST = resolve(process.cwd(), 'dist');

/** Runs one command line in this process and records what it says. */
export async function rapport(folder: ServerFolder, ...args: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const exitCode = await runCli(args, {
    terminal: {
      out: (line) => out.push(line),
      err: (line) => err.push(line),
      barStream: undefined,
      columns: 100,
      colours: false,
    },
    clock: systemClock,
    scheduler: systemScheduler,
    env: { ...process.env, ...folder.env },
    workingDir: folder.root,
    distDir: DIST,
    version: '0.0.0-test',
    signal: new AbortController().signal,
  });
  return { exitCode, out: out.join('\n'), err: err.join('\n') };
}
