/**
 * Everything about the sources that needs no running product: types, lint, format, generated files. Two at a time;
 * one that fails does not hide the others. Ends with `N passed, N failed`.
 */
import { spawn } from 'node:child_process';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const CHECKS = ['types', 'lint', 'format', 'generated'];
const AT_ONCE = 2;

const run = (name) =>
  new Promise((done) => {
    const startedMs = Date.now();
    const child = spawn('npm', ['run', '-s', `check:${name}`], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => done({ name, ok: false, output: String(error), seconds: 0 }));
    child.on('close', (code) =>
      done({ name, ok: code === 0, output, seconds: Math.round((Date.now() - startedMs) / 1000) }),
    );
  });

const waiting = [...CHECKS];
const results = [];
const worker = async () => {
  for (let name = waiting.shift(); name; name = waiting.shift()) {
    const result = await run(name);
    results.push(result);
    if (!result.ok) console.log(`\n--- ${name}\n${result.output.trim()}`);
    console.log(`${result.ok ? 'ok    ' : 'FAILED'} ${name} (${result.seconds} s)`);
  }
};
await Promise.all(Array.from({ length: AT_ONCE }, worker));
const failed = results.filter((result) => !result.ok).length;
console.log(`\n${results.length - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
