/**
 * The product on servers in one terminal: `npm run start:servers [-- --folder <data folder>] [--port <n>]`.
 * Each server is the one its variable names (EVENTSTOREDB_URL, KAFKA_BROKERS, MONGODB_URL); else Kafka and SecantusDB are
 * started by infra/native, and EventStoreDB by Docker or, without it, a stand-in. Everything listens on loopback; data stay
 * in the folder. Then api, relay and projector, at `--port` and the two ports above it. Ctrl-C stops all in order.
 */
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startKafka } from '../infra/native/kafka.mjs';
import { freePort, has, launch, recordOf, run, runningIn, stopIn } from '../infra/native/native-server.mjs';
import { startSecantusDb } from '../infra/native/secantusdb.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const USAGE = 'usage: npm run start:servers [-- --folder <data folder>] [--port <n>]';
const DEFAULT_FOLDER = '.rapport-servers';
const DEFAULT_PORT = 4100;
const ROLES = ['api', 'relay', 'projector'];

let options;
try {
  options = parseArgs({ options: { folder: { type: 'string' }, port: { type: 'string' } } }).values;
} catch (error) {
  console.error(`${error.message}\n${USAGE}`);
  process.exit(2);
}
const port = Number(options.port ?? (process.env.RAPPORT_PORT || DEFAULT_PORT));
if (!Number.isInteger(port) || port < 1 || port > 65_533) {
  console.error(`the port must be a whole number from 1 to 65533\n${USAGE}`);
  process.exit(2);
}
const folder = resolve(options.folder ?? DEFAULT_FOLDER);

const STAND_IN_WARNING = `
  ************************************************************************************
  *  There is no EventStoreDB here: EVENTSTOREDB_URL is not set and no Docker answers.
  *  The log is kept by a STAND-IN that is made for trying and for tests.
  *  NEVER use it in production: docs/guides/deploy.md says how to get the real server.
  ************************************************************************************
`;

/** Folders of the servers that this run started; stopped again at the end. */
const started = [];
async function own(name, start) {
  const place = join(folder, name);
  mkdirSync(place, { recursive: true });
  const running = await runningIn(place);
  const record = running ?? (await start(place));
  if (!running) started.push(place);
  console.log(`${record.name} ${record.version} ${record.address}${running ? ' (was running)' : ''}`);
  return record.address;
}

function given(name) {
  const address = process.env[name];
  if (address) console.log(`${name} is given`);
  return address || undefined;
}

async function eventStoreDb() {
  if (await has('docker', 'info')) {
    await run('docker', ['compose', 'up', '--detach', '--wait', 'eventstoredb'], { cwd: root });
    console.log('EventStoreDB runs in Docker; `docker compose stop eventstoredb` stops it');
    return 'esdb://127.0.0.1:2113?tls=false';
  }
  console.log(STAND_IN_WARNING);
  return own('eventstoredb-stand-in', async (place) => {
    const chosen = recordOf(place)?.port ?? (await freePort());
    const main = join(root, 'dist/test/servers/eventstoredb-stand-in/main.js');
    return launch({
      folder: place,
      command: process.execPath,
      args: [main, '--port', String(chosen), '--data', join(place, 'log')],
      record: { name: 'EventStoreDB STAND-IN', version: '(not for production)', port: chosen },
      ready: (written) => {
        const [, address] = /listening on (esdb:\/\/\S+)/.exec(written()) ?? [];
        return address && { address };
      },
    });
  });
}

/** Apps by role while they run. */
const apps = new Map();
let isStopping = false;

async function stop(exitCode) {
  if (isStopping) return;
  isStopping = true;
  console.log('stopping …');
  // First who writes, then who copies, then who folds.
  for (const role of ROLES) {
    const app = apps.get(role);
    if (!app || app.exitCode !== null || app.signalCode !== null) continue;
    const ended = new Promise((done) => app.once('exit', done));
    app.kill('SIGTERM');
    await ended;
  }
  for (const place of started) await stopIn(place);
  process.exit(exitCode);
}

const firstRequest = (at) => `
Record a first touch point, then read the customer after it (paste into another terminal; Ctrl-C here stops all):

  TOKEN=$(cat '${join(folder, 'api', 'local-token')}')
  AFTER=$(curl -s http://127.0.0.1:${at}/v1/customers/email:ada@example.com/touch-points \\
    -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' -H 'idempotency-key: first-call' \\
    -d '{"direction":"in","kind":"call","channel":"callCentre"}' | sed 's/.*"token":"\\([^"]*\\)".*/\\1/')
  curl -s "http://127.0.0.1:${at}/v1/customers/email:ada@example.com?after=$AFTER" -H "authorization: Bearer $TOKEN"
`;

function startApp(role, at, environment) {
  // The Kafka client sets a timer into the past when it starts; Node warns of it, and it means nothing.
  const args = ['--disable-warning=TimeoutNegativeWarning', join(root, `dist/apps/${role}/main.js`)];
  const app = spawn(process.execPath, args, {
    env: { ...process.env, ...environment, RAPPORT_PORT: String(at) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  apps.set(role, app);
  for (const stream of [app.stdout, app.stderr])
    createInterface({ input: stream }).on('line', (line) => {
      console.log(`[${role}] ${line}`);
      if (role === 'api' && stream === app.stdout && line.includes('listens on'))
        console.log(firstRequest(at));
    });
  app.on('exit', (code, signal) => {
    if (isStopping) return;
    console.error(`${role} ended (${signal ?? code})`);
    void stop(5);
  });
}

for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => void stop(0));
try {
  const EVENTSTOREDB_URL = given('EVENTSTOREDB_URL') ?? (await eventStoreDb());
  const KAFKA_BROKERS =
    given('KAFKA_BROKERS') ?? (await own('kafka', (place) => startKafka({ folder: place })));
  const MONGODB_URL =
    given('MONGODB_URL') ??
    (await own('secantusdb', (place) => startSecantusDb({ folder: place, 'sync-on-commit': true })));
  if (!isStopping) {
    const environment = {
      EVENTSTOREDB_URL,
      KAFKA_BROKERS,
      MONGODB_URL,
      MONGODB_DATABASE: process.env.MONGODB_DATABASE || 'rapport',
      RAPPORT_STORE: 'servers',
      RAPPORT_HOST: process.env.RAPPORT_HOST || '127.0.0.1',
      RAPPORT_DATA_DIR: join(folder, 'api'),
      // A start is full of warnings: every role waits for what the others make.
      RAPPORT_LOG_LEVEL: process.env.RAPPORT_LOG_LEVEL || 'error',
      // One broker has room for one copy.
      RAPPORT_TOPIC_REPLICAS: process.env.RAPPORT_TOPIC_REPLICAS || (given('KAFKA_BROKERS') ? '-1' : '1'),
    };
    const { RAPPORT_HOST: _host, RAPPORT_LOG_LEVEL: _level, ...shared } = environment;
    const settings = Object.entries(shared).map(([name, value]) => `${name}='${value}'`);
    console.log(
      `for other terminals, npm run -s cli -- verify among others:\n  export ${settings.join(' ')}`,
    );
    ROLES.forEach((role, i) => startApp(role, port + i, environment));
  }
} catch (error) {
  console.error(error.message);
  await stop(1);
}
