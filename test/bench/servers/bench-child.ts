import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { RoleSettings } from './role-settings.js';

/** A program of this folder as a process of its own, so that what it measures shares no thread with the bench. */
export interface BenchChild<Said> {
  readonly process: ChildProcess;
  /** The next thing it says; rejects when it ends instead. */
  says(): Promise<Said>;
  tell(word: string): void;
  end(): Promise<void>;
}

/** With RAPPORT_BENCH_PROFILE set to a folder, every such process leaves a processor profile there. */
export function startChild<Said>(
  program: string,
  order: object,
  { flags = [], environment = {} }: RoleSettings = {},
): BenchChild<Said> {
  const profiles = process.env['RAPPORT_BENCH_PROFILE'];
  const path = fileURLToPath(new URL(`./${program}.js`, import.meta.url));
  const execArgv = [...flags, ...(profiles ? ['--cpu-prof', `--cpu-prof-dir=${profiles}`] : [])];
  const child = fork(path, [JSON.stringify(order)], {
    execArgv,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const said: Said[] = [];
  let ended = false;
  let wake: () => void = () => undefined;
  child.on('message', (message) => {
    said.push(message as Said);
    wake();
  });
  child.on('exit', () => {
    ended = true;
    wake();
  });
  return {
    process: child,
    says: async () => {
      for (;;) {
        const next = said.shift();
        if (next !== undefined) return next;
        if (ended) throw new Error(`${program} ended before it had an answer`);
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
    tell: (word) => void child.send(word),
    end: async () => {
      if (ended) return;
      const exit = once(child, 'exit');
      child.kill('SIGTERM');
      await exit;
    },
  };
}
