/**
 * Lets customers live for three years through every command there is and ends with the line `N passed, N failed`.
 * `--full` is 5,000 customers; `--customers`, `--rounds` and `--seed` change one number; other arguments go to jest.
 */
import { runJest } from './run-jest.mjs';

const NUMBERS = ['customers', 'rounds', 'seed'];
const jestArguments = process.argv.slice(2);
const options = {};
for (let at = jestArguments.length - 1; at >= 0; at--) {
  const [, name, inline] = /^--([A-Za-z]+)(?:=(.*))?$/.exec(jestArguments[at]) ?? [];
  if (name === 'full') {
    options.full = true;
    jestArguments.splice(at, 1);
  } else if (NUMBERS.includes(name)) {
    const [, next] = jestArguments.splice(at, inline === undefined ? 2 : 1);
    const value = Number(inline ?? next);
    if (!Number.isInteger(value) || value < 0) {
      console.error(`--${name} takes a whole number`);
      process.exit(2);
    }
    options[name] = value;
  }
}
process.exitCode = await runJest('jest.life.config.cjs', jestArguments, {
  RAPPORT_LIFE_OPTIONS: JSON.stringify(options),
});
