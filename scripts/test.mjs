/**
 * Runs the specs of the embedded default (unit, contract, architecture) and ends with the line
 * `N passed, N failed`. Arguments go to jest: `npm test -- libs/domain`. Exits with a failure when a test
 * fails, a suite cannot be loaded, or nothing ran.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 24 || (major === 24 && minor < 9)) {
  console.error(`Node 24.9 or newer is needed (this is ${process.versions.node}); run it as \`npm test\`.`);
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'rapport-test-'));
const summaryFile = join(folder, 'summary.json');
const child = spawn(
  process.execPath,
  [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    join(root, 'node_modules/jest/bin/jest.js'),
    '--config',
    join(root, 'jest.config.cjs'),
    ...process.argv.slice(2),
  ],
  { cwd: root, stdio: 'inherit', env: { ...process.env, RAPPORT_TEST_SUMMARY_FILE: summaryFile } },
);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
const code = await new Promise((done) => child.on('exit', (exitCode) => done(exitCode ?? 1)));

const summary = existsSync(summaryFile) ? JSON.parse(readFileSync(summaryFile, 'utf8')) : undefined;
rmSync(folder, { recursive: true, force: true });
const ranNothing = !summary || summary.passed + summary.failed === 0;
if (ranNothing) console.error('No test ran.');
// Both streams end up in the same place; jest writes to stderr, so let it settle before the last line.
await new Promise((done) => process.stderr.write('', done));
console.log(`\n${summary?.line ?? '0 passed, 1 failed'}`);
process.exitCode = code !== 0 || ranNothing || summary.failed > 0 ? code || 1 : 0;
