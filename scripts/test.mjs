/**
 * Runs the specs of the embedded default (unit, contract, architecture) and ends with the line
 * `N passed, N failed`. Arguments go to jest: `npm test -- libs/domain`. Exits with a failure when a test
 * fails, a suite cannot be loaded, or nothing ran.
 */
import { runJest } from './run-jest.mjs';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 24 || (major === 24 && minor < 9)) {
  console.error(`Node 24.9 or newer is needed (this is ${process.versions.node}); run it as \`npm test\`.`);
  process.exit(2);
}
process.exitCode = await runJest('jest.config.cjs', process.argv.slice(2));
