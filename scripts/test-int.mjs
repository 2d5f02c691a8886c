/**
 * Runs the specs that need servers (`*.int.spec.ts`) and ends with the line `N passed, N failed`. Each server is as
 * given (EVENTSTOREDB_URL, KAFKA_BROKERS, MONGODB_URL), in a container, native or a stand-in; one line says which.
 * `--servers kafka,mongodb` starts only these; all other arguments go to jest: `npm run test:int -- libs/event-feed`.
 * A server that cannot be had is a failure, never a skipped spec.
 */
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runJest } from './run-jest.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const { launchServers } = await import(join(root, 'dist/test/servers/launch-servers.js'));
const { SERVERS } = await import(join(root, 'dist/test/servers/running-server.js'));

const jestArguments = process.argv.slice(2);
const flag = jestArguments.findIndex((argument) => /^--servers(=|$)/.test(argument));
let wanted = SERVERS;
if (flag >= 0) {
  const [, inline] = jestArguments[flag].split('=');
  const [, value] = jestArguments.splice(flag, inline === undefined ? 2 : 1);
  wanted = (inline ?? value ?? '').split(',').filter((name) => name !== '');
  const unknown = wanted.filter((name) => !SERVERS.includes(name));
  if (unknown.length > 0 || wanted.length === 0) {
    console.error(
      `--servers takes some of ${SERVERS.join(',')}${unknown.length > 0 ? `, not ${unknown}` : ''}`,
    );
    process.exit(2);
  }
}

let servers;
try {
  servers = await launchServers({ servers: wanted, print: (line) => console.log(line) });
} catch (error) {
  console.error(error.message);
  console.log('\n0 passed, 1 failed');
  process.exit(1);
}
try {
  process.exitCode = await runJest('jest.int.config.cjs', jestArguments, servers.environment);
} finally {
  await servers.dispose();
}
