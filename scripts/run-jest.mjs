/** Runs jest with one of our configurations so that the last line printed is `N passed, N failed`. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** Resolves with the exit code: a failure when a test fails, a suite cannot be loaded, or nothing ran. */
export async function runJest(config, args, environment = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'rapport-test-'));
  const summaryFile = join(folder, 'summary.json');
  const child = spawn(
    process.execPath,
    [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      join(root, 'node_modules/jest/bin/jest.js'),
      '--config',
      join(root, config),
      ...args,
    ],
    {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, ...environment, RAPPORT_TEST_SUMMARY_FILE: summaryFile },
    },
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
  return code !== 0 || ranNothing || summary.failed > 0 ? code || 1 : 0;
}
