/**
 * Runs the features of `test/acceptance` through the HTTP interface and ends with the line `N passed, N failed`: on the
 * embedded default, or with `--servers` on EventStoreDB, Kafka and MongoDB. Other arguments go to jest.
 */
import { runJest } from './run-jest.mjs';

const jestArguments = process.argv.slice(2).filter((argument) => argument !== '--servers');
const onServers = jestArguments.length < process.argv.length - 2;
process.exitCode = await runJest(
  'jest.config.cjs',
  ['test/acceptance/acceptance.spec.ts', ...jestArguments],
  onServers ? { RAPPORT_ACCEPTANCE_ON: 'servers' } : {},
);
