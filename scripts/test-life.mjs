/**
 * Lets customers live for three years through every command there is and ends with the line `N passed, N failed`.
 * `--full` is 5,000 customers; `--customers`, `--rounds` and `--seed` change one number; other arguments go to jest.
 */
import { runJest } from './run-jest.mjs';
import { takeSizeOptions } from './size-options.mjs';

const NUMBERS = ['customers', 'rounds', 'seed'];
const jestArguments = process.argv.slice(2);
const options = takeSizeOptions(jestArguments, NUMBERS);
process.exitCode = await runJest('jest.life.config.cjs', jestArguments, {
  RAPPORT_LIFE_OPTIONS: JSON.stringify(options),
});
