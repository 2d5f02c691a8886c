import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock, systemScheduler } from '@rapport/runtime';
import { runCli } from './cli.js';
import { EXIT } from './exit-codes.js';
import { processTerminal } from './terminal/process-terminal.adapter.js';

const distDir = join(import.meta.dirname, '../..');
const { version } = JSON.parse(readFileSync(join(distDir, '../package.json'), 'utf8')) as { version: string };
const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    // The first asks to end in order, the second insists.
    if (interrupt.signal.aborted) process.exit(EXIT.interrupted);
    interrupt.abort();
  });

process.exitCode = await runCli(process.argv.slice(2), {
  terminal: processTerminal(),
  clock: systemClock,
  scheduler: systemScheduler,
  env: process.env,
  workingDir: process.cwd(),
  distDir,
  version,
  signal: interrupt.signal,
});
