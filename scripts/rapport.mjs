#!/usr/bin/env node
/** Runs the compiled command line with the project's own Node, whichever Node started this. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const entry = join(root, 'dist/apps/cli/main.js');
if (!existsSync(entry)) {
  console.error('rapport: not built yet: run `npm run build`');
  process.exit(5);
}
const ownNode = join(root, 'node_modules/.bin/node');
const child = spawn(existsSync(ownNode) ? ownNode : process.execPath, [entry, ...process.argv.slice(2)], {
  stdio: 'inherit',
});
// The child decides how to end; a terminal sends Ctrl-C to both.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(signal ? 130 : (code ?? 1)));
