/**
 * Runs the product as processes on servers of its own while everything breaks (`*.e2e.spec.ts`) and ends with the line
 * `N passed, N failed`. `--full` is the size a release is held to; `--seed`, `--customers`, `--commandsPerCustomer`,
 * `--projectors`, `--killsPerRole`, `--outagesOfEachKind` and `--zombieMs` change one number; other arguments go to jest.
 */
import { runJest } from './run-jest.mjs';
import { takeSizeOptions } from './size-options.mjs';

const NUMBERS = [
  'seed',
  'customers',
  'commandsPerCustomer',
  'projectors',
  'killsPerRole',
  'outagesOfEachKind',
  'zombieMs',
];
const jestArguments = process.argv.slice(2);
const options = takeSizeOptions(jestArguments, NUMBERS);
process.exitCode = await runJest('jest.e2e.config.cjs', jestArguments, {
  RAPPORT_E2E_OPTIONS: JSON.stringify(options),
  // Servers that can be killed, and one that can be let forget what it acknowledged: none of somebody else's.
  RAPPORT_TEST_SERVERS: process.env.RAPPORT_TEST_SERVERS ?? 'native',
});
