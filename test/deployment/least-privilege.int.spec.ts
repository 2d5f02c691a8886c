import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { EventStoreDBClient } from '@eventstore/db-client';
import { EVENTS_TOPIC, murmur2Partitioning, openKafkaEventPublisher, type FeedRecord, type KafkaSecurity } from '@rapport/event-feed'; // prettier-ignore
import { waitUntil } from '@rapport/testing';
import { Kafka, logLevel, type KafkaConfig } from 'kafkajs';
import { MongoClient } from 'mongodb';
import { ROOT } from '../architecture/source-files.js';
import type { RunningServer } from '../servers/running-server.js';
import { standInServer } from '../servers/stand-in-server.js';
import { guideAcls, guideEnvironment, guideMongoCommands } from './guide-commands.js';
import { startSecuredKafka, startSecuredMongoDb, textOf, type SecuredServer } from './secured-servers.js';

const DEADLINE_MS = 60_000;
const PASSWORD = 'p-0-w+/r:d@';
const ADMIN = 'admin';
const GROUP = 'rapport-projector';
const ACCOUNTS = [ADMIN, 'rapport-relay', 'rapport-projector', 'nobody'] as const;
type Account = (typeof ACCOUNTS)[number];
const PROGRESS: FeedRecord = { kind: 'progress', partition: 0, ordinal: 0n, previous: 0n, through: 1n, checkpoint: '1' }; // prettier-ignore

const until = <T>(what: string, ask: () => T | Promise<T>): Promise<NonNullable<T>> =>
  waitUntil(what, DEADLINE_MS, ask, 100);

/** A process of ours with its output. */
interface App {
  readonly child: ChildProcess;
  readonly output: () => string;
  end(): Promise<number | null>;
}

function startApp(name: string, environment: Readonly<Record<string, string>>): App {
  const child = spawn(process.execPath, [join(ROOT, `dist/apps/${name}/main.js`)], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, RAPPORT_PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  return {
    child,
    output: () => output,
    end: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = once(child, 'exit');
        child.kill('SIGTERM');
        await ended;
      }
      return child.exitCode;
    },
  };
}

/** With the access lists, roles and settings of docs/guides/deploy.md, against servers that refuse everything else. */
describe('Accounts of the deploy guide', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rapport-accounts-'));
  // A log of its own: the API makes its master key only beside an empty one.
  let eventStoreDb: RunningServer;
  let kafka: SecuredServer;
  let mongo: SecuredServer;
  let passwords: Readonly<Record<Account, string>>;
  const apps: App[] = [];

  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o400 });
    return join(folder, name);
  };
  const mongoUrl = (user: string, password = PASSWORD, database = 'rapport'): string =>
    `${mongo.address.replace('//', `//${user}:${encodeURIComponent(password)}@`)}${database}?authSource=admin&tls=true&tlsCAFile=${mongo.caFile}`;
  const clientOf = (config: Partial<KafkaConfig>): Kafka =>
    new Kafka({ brokers: [kafka.address], logLevel: logLevel.NOTHING, connectionTimeout: 1_500, retry: { retries: 1 }, ...config }); // prettier-ignore
  const kafkaAs = (username: Account, password = passwords[username]): Kafka =>
    clientOf({ ssl: { ca: textOf(kafka.caFile) }, sasl: { mechanism: 'scram-sha-512', username, password } });
  const securityOf = (username: Account): KafkaSecurity => ({
    tls: { ca: textOf(kafka.caFile) },
    account: { mechanism: 'SCRAM-SHA-512', username, password: passwords[username] },
  });
  const asAdmin = async <T>(
    client: Kafka,
    work: (admin: ReturnType<Kafka['admin']>) => Promise<T>,
  ): Promise<T> => {
    const admin = client.admin();
    try {
      await admin.connect();
      return await work(admin);
    } finally {
      await admin.disconnect();
    }
  };
  const asUser = async <T>(url: string, work: (client: MongoClient) => Promise<T>): Promise<T> => {
    const client = new MongoClient(url, { serverSelectionTimeoutMS: 2_000 });
    try {
      return await work(client);
    } finally {
      await client.close();
    }
  };

  beforeAll(async () => {
    passwords = Object.fromEntries(ACCOUNTS.map((name) => [name, randomUUID()])) as Record<Account, string>;
    [eventStoreDb, kafka, mongo] = await Promise.all([
      standInServer(),
      startSecuredKafka(passwords),
      startSecuredMongoDb(),
    ]);
    await asAdmin(kafkaAs(ADMIN), (admin) => admin.createAcls({ acl: [...guideAcls()] }));
    const open = `${mongo.address}?tls=true&tlsCAFile=${mongo.caFile}`;
    await asUser(open, (client) =>
      client.db('admin').command({ createUser: ADMIN, pwd: PASSWORD, roles: ['root'] }),
    );
    await asUser(mongoUrl(ADMIN), async (client) => {
      for (const command of guideMongoCommands(PASSWORD)) await client.db('admin').command(command);
    });
  }, 45 * 60_000);

  afterAll(async () => {
    await Promise.all(apps.map((app) => app.end()));
    await Promise.all([eventStoreDb?.dispose(), kafka?.dispose(), mongo?.dispose()]);
    rmSync(folder, { recursive: true, force: true });
  }, 120_000);

  /** The settings of the guide with the addresses, files and secrets of this run in place of its examples. */
  const settingsOf = (app: 'api' | 'relay' | 'projector'): Record<string, string> => {
    const { RAPPORT_TOPIC_REPLICAS: replicas, ...settings } = guideEnvironment(app === 'api' ? app : 'relay');
    const account: Account = app === 'relay' ? 'rapport-relay' : 'rapport-projector';
    return {
      ...settings,
      EVENTSTOREDB_URL_FILE: file(`${app}.eventstoredb`, `${eventStoreDb.address}\n`),
      MONGODB_URL_FILE: file(`${app}.mongodb`, `${mongoUrl(`rapport-${app}`)}\n`),
      // No server for EventStoreDB here speaks TLS.
      RAPPORT_INSECURE_LINKS: 'allowed',
      RAPPORT_LOG_LEVEL: 'info',
      ...(app === 'api'
        ? {
            RAPPORT_DATA_DIR: join(folder, 'data'),
            RAPPORT_MASTER_KEY_FILE: join(folder, 'master.key'),
            RAPPORT_TOKEN_SECRET_FILE: file('token.secret', 'c2VjcmV0LW9mLWEtdGVzdC10aGF0LWlzLWxvbmctZW5vdWdo\n'),
          }
        : {
            KAFKA_BROKERS: kafka.address,
            KAFKA_CA_FILE: kafka.caFile,
            KAFKA_SASL_USERNAME: account,
            KAFKA_SASL_PASSWORD_FILE: file(`${app}.password`, `${passwords[account]}\n`),
            ...(app === 'relay' && replicas !== undefined ? { RAPPORT_TOPIC_REPLICAS: '1' } : {}),
          }),
    }; // prettier-ignore
  };

  it('suffice: a touch point goes through all roles and comes back, and a rebuild too', async () => {
    mkdirSync(join(folder, 'data'));
    const [relay, projector, api] = (['relay', 'projector', 'api'] as const).map((name) => startApp(name, settingsOf(name))); // prettier-ignore
    apps.push(relay!, projector!, api!);
    const url = await until('the API to listen', () => {
      if (api!.child.exitCode !== null) throw new Error(`the API ended: ${api!.output()}`);
      return /listens on ([^\s,]+)/.exec(api!.output())?.[1];
    });
    const token = readFileSync(join(folder, 'data/local-token'), 'utf8').trim();
    const ask = (path: string, body?: object): Promise<Response> =>
      fetch(`${url}/v1${path}`, {
        ...(body ? { method: 'POST', body: JSON.stringify(body) } : {}),
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': randomUUID() }, // prettier-ignore
      });
    const customer = `/customers/email:${randomUUID()}@example.com`;
    const written = await ask(`${customer}/touch-points`, { direction: 'in', kind: 'call', channel: 'callCentre' }); // prettier-ignore
    expect(written.status).toBe(201);
    const { token: after } = (await written.json()) as { token: string };
    const seen = await until('the touch point in the read model', async () => {
      const answer = await ask(`${customer}?after=${after}`);
      return answer.status === 503 ? undefined : answer;
    }).catch((error: unknown) => {
      throw new Error(`${String(error)}\nrelay: ${relay!.output()}\nprojector: ${projector!.output()}`);
    });
    expect(seen.status).toBe(200);
    expect(JSON.stringify(await seen.json())).toContain('callCentre');

    const rebuild = await ask('/operations/projections/customer-360/rebuilds', {});
    expect(rebuild.status).toBe(202);
    const state = await until('the rebuild to end', async () => {
      const { data } = (await (await ask('/operations/projections/customer-360/rebuilds/current')).json()) as { data: { status: string } }; // prettier-ignore
      return data.status === 'running' ? undefined : data;
    });
    expect(state).toMatchObject({ status: 'activated' });
    for (const app of apps) for (const secret of [...Object.values(passwords), PASSWORD, encodeURIComponent(PASSWORD)])
      expect(app.output()).not.toContain(secret); // prettier-ignore
    expect(await Promise.all(apps.map((app) => app.end()))).toEqual([0, 0, 0]);
  }, 180_000);

  it('are refused what is not theirs at Kafka', async () => {
    const group = (account: Account) => asAdmin(kafkaAs(account), (admin) => admin.fetchOffsets({ groupId: GROUP, topics: [EVENTS_TOPIC] })); // prettier-ignore
    await expect(group('rapport-projector')).resolves.toBeDefined();
    // The client says no more of a coordinator it was refused.
    for (const account of ['rapport-relay', 'nobody'] as const)
      await expect(group(account)).rejects.toThrow(/authorized|group coordinator/i);

    const publisherOf = (account: Account) => openKafkaEventPublisher({ brokers: [kafka.address], clientId: 'test', partitioning: murmur2Partitioning(24), security: securityOf(account) }); // prettier-ignore
    const publish = async (account: Account): Promise<void> => {
      const publisher = await publisherOf(account);
      await publisher.publish([PROGRESS]).finally(() => publisher.close());
    };
    await expect(publish('rapport-relay')).resolves.toBeUndefined();
    for (const account of ['rapport-projector', 'nobody'] as const)
      await expect(publish(account)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    for (const account of ['rapport-relay', 'rapport-projector', 'nobody'] as const) {
      await expect(asAdmin(kafkaAs(account), (admin) => admin.createTopics({ topics: [{ topic: 'other' }] }))).rejects.toThrow(); // prettier-ignore
      await expect(asAdmin(kafkaAs(account), (admin) => admin.deleteTopics({ topics: [EVENTS_TOPIC] }))).rejects.toThrow(/authorized/i); // prettier-ignore
    }
  }, 120_000);

  it('prove nothing to Kafka with a wrong password, and the brokers nothing without their authority', async () => {
    const list = (client: Kafka) => asAdmin(client, (admin) => admin.listTopics());
    await expect(list(kafkaAs('rapport-relay'))).resolves.toContain(EVENTS_TOPIC);
    await expect(list(kafkaAs('rapport-relay', 'wrong'))).rejects.toThrow(/authentication/i);
    const sasl = { mechanism: 'scram-sha-512', username: ADMIN, password: passwords.admin } as const;
    await expect(list(clientOf({ ssl: true, sasl }))).rejects.toThrow(/certificate/i);
    await expect(list(clientOf({ sasl }))).rejects.toThrow();
  }, 120_000);

  it('are refused what is not theirs at MongoDB', async () => {
    const find = (user: string, database: string, collection: string) => asUser(mongoUrl(user), (client) => client.db(database).collection(collection).findOne({})); // prettier-ignore
    const write = (user: string, database: string, collection: string) => asUser(mongoUrl(user), (client) => client.db(database).collection(collection).updateOne({}, { $set: { wrapped: null } })); // prettier-ignore
    await expect(find('rapport-api', 'rapport_api', '_rapport_keys')).resolves.not.toBeNull();
    for (const user of ['rapport-relay', 'rapport-projector'])
      for (const attempt of [find, write])
        await expect(attempt(user, 'rapport_api', '_rapport_keys')).rejects.toThrow(/not authorized/);
    await expect(find('rapport-projector', 'rapport', '_rapport_checkpoints')).resolves.toBeDefined();
    await expect(write('rapport-relay', 'rapport', '_rapport_checkpoints')).rejects.toThrow(/not authorized/);
    for (const user of ['rapport-api', 'rapport-relay', 'rapport-projector'])
      await expect(asUser(mongoUrl(user), (client) => client.db('admin').command({ createUser: 'more', pwd: 'x', roles: ['root'] }))).rejects.toThrow(/not authorized/); // prettier-ignore
    await expect(asUser(mongoUrl('rapport-api', 'wrong'), (client) => client.db('rapport').command({ ping: 1 }))).rejects.toThrow(/[Aa]uthentication/); // prettier-ignore
    const unverified = mongoUrl('rapport-api').replace(/&tlsCAFile=.*/, '');
    await expect(asUser(unverified, (client) => client.db('rapport').command({ ping: 1 }))).rejects.toThrow(/certificate/); // prettier-ignore
  }, 120_000);

  it('are told to EventStoreDB by a script: who may read the log and who may append', async () => {
    const script = join(ROOT, 'infra/eventstoredb/grant-access.mjs');
    const run = (environment: NodeJS.ProcessEnv) => promisify(execFile)(process.execPath, [script], { env: environment }); // prettier-ignore
    const { PATH } = process.env;
    await run({ PATH, EVENTSTOREDB_URL: eventStoreDb.address });
    await run({ PATH, EVENTSTOREDB_URL: eventStoreDb.address });
    const client = EventStoreDBClient.connectionString(eventStoreDb.address);
    try {
      const newest = async (stream: string): Promise<unknown> => {
        let data: unknown;
        // To its end: a read that is left early keeps the client from being disposed of.
        for await (const { event } of client.readStream(stream)) data = event?.data;
        if (data !== undefined) return data;
        throw new Error(`${stream} is empty`);
      }; // prettier-ignore
      expect(await newest('$$$all')).toEqual({ $acl: { $r: ['$admins', 'rapport-readers'] } });
      expect(await newest('$settings')).toMatchObject({
        $userStreamAcl: {
          $r: ['$admins', 'rapport-readers'],
          $w: ['$admins', 'rapport-writers'],
          $d: '$admins',
          $mw: '$admins',
        },
        $systemStreamAcl: { $r: '$admins', $w: '$admins' },
      });
    } finally {
      await client.dispose();
    }
    await expect(run({ PATH })).rejects.toMatchObject({ code: 2 });
  }, 60_000);

  it.each(['api', 'relay', 'projector'] as const)('in production stop the %s when the link is open', async (name) => {
    const { RAPPORT_INSECURE_LINKS: _, ...settings } = settingsOf(name);
    const app = startApp(name, settings);
    const code = app.child.exitCode ?? ((await once(app.child, 'exit')) as [number])[0];
    expect(code).toBe(2);
    expect(app.output()).toMatch(/EVENTSTOREDB_URL (turns TLS off|names no account)/);
  }); // prettier-ignore
});
