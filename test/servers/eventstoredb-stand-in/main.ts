/**
 * The EventStoreDB stand-in as a process. Prints `listening on <connection string>` once it answers.
 * `--port <n>`: default a free one. `--data <file>`: keeps the log over restarts of the process; default memory only.
 */
import { parseArgs } from 'node:util';
import { EventStoreDbStandIn } from './stand-in.server.js';

const { values } = parseArgs({
  options: { port: { type: 'string', default: '0' }, data: { type: 'string' } },
});
const port = Number(values.port);
if (!Number.isInteger(port) || port < 0 || port > 65_535) {
  console.error(`--port takes a number from 0 to 65535, not ${values.port}`);
  process.exit(2);
}
const server = new EventStoreDbStandIn({ file: values.data });
await server.start(port);
console.log(`listening on ${server.connectionString}`);
for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => void server.close().then(() => process.exit(0)));
