/**
 * One Apache Kafka broker (KRaft) on loopback, from its published Java artifacts: needs Java 17 and Maven, no Docker.
 * `node infra/native/kafka.mjs start --folder <data folder>`; a restart in the same folder takes the same port.
 * `--accounts <file>` secures it: TLS, passwords (SCRAM-SHA-512) of the accounts in that JSON file `{"name": "password"}`,
 * and nobody may do anything without an ACL, except the first account, which may do all.
 * For tests and trials: one broker does not fsync each record, so a power cut may lose acknowledged ones.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeCertificates } from './certificates.mjs';
import {
  cacheFolder,
  commandLine,
  freePort,
  has,
  installOnce,
  launch,
  recordOf,
  run,
} from './native-server.mjs';

export const KAFKA_VERSION = '4.1.0';
/** The topic a started broker proves itself on: a port that is open does not lead its partitions yet. */
const READY_TOPIC = 'rapport.native.ready';

/** Name in the certificate of a secured broker: its account among brokers and controllers. */
const CERTIFICATE_NAME = 'rapport-kafka';

const libsOf = (version) => cacheFolder('kafka', version, 'libs');

/** Fetches the broker's jars once per machine. Answers with their folder. */
export async function installKafka({ version = KAFKA_VERSION } = {}) {
  const libs = libsOf(version);
  await installOnce(
    `kafka-${version}`,
    () => existsSync(libs),
    async () => {
      for (const command of [
        ['java', '-version'],
        ['mvn', '--version'],
      ])
        if (!(await has(...command))) throw new Error(`Kafka needs ${command[0]}, and it is not there`);
      console.error(`fetching Apache Kafka ${version} (once per machine, about 45 MB)`);
      const folder = cacheFolder('kafka', `${version}.${process.pid}`);
      mkdirSync(folder, { recursive: true });
      writeFileSync(
        join(folder, 'pom.xml'),
        `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>rapport</groupId><artifactId>kafka</artifactId><version>1</version>
  <dependencies><dependency>
    <groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${version}</version>
  </dependency></dependencies>
</project>
`,
      );
      const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', '-DoutputDirectory=libs'];
      await run('mvn', ['-q', '-B', ...goal], { cwd: folder });
      // Whole or not at all: a run that was stopped half way leaves no folder under the final name.
      rmSync(cacheFolder('kafka', version), { recursive: true, force: true });
      renameSync(folder, cacheFolder('kafka', version));
    },
  );
  return libs;
}

/** Clients prove a password, brokers and controllers a certificate; whoever is not named by an ACL may do nothing. */
const securedProperties = ({ admin, pemFile, caFile }) => `
listener.security.protocol.map=CLIENT:SASL_SSL,BROKER:SSL,CONTROLLER:SSL
inter.broker.listener.name=BROKER
sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.client.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
ssl.keystore.type=PEM
ssl.keystore.location=${pemFile}
ssl.truststore.type=PEM
ssl.truststore.location=${caFile}
listener.name.broker.ssl.client.auth=required
listener.name.controller.ssl.client.auth=required
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
allow.everyone.if.no.acl.found=false
super.users=User:${admin};User:CN=${CERTIFICATE_NAME}
`;

const openProperties = `
listener.security.protocol.map=CONTROLLER:PLAINTEXT,CLIENT:PLAINTEXT
inter.broker.listener.name=CLIENT
`;

const properties = ({ port, brokerPort, controllerPort, folder }) => `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controllerPort}
listeners=CLIENT://127.0.0.1:${port}${brokerPort ? `,BROKER://127.0.0.1:${brokerPort}` : ''},CONTROLLER://127.0.0.1:${controllerPort}
advertised.listeners=CLIENT://127.0.0.1:${port}${brokerPort ? `,BROKER://127.0.0.1:${brokerPort}` : ''}
controller.listener.names=CONTROLLER
log.dirs=${join(folder, 'log')}
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=2000
`;

/** Starts a broker and resolves when a record was acknowledged and every partition of every topic has a leader. */
export async function startKafka({ folder, port, version = KAFKA_VERSION, accounts: accountsFile }) {
  const classPath = join(await installKafka({ version }), '*');
  mkdirSync(folder, { recursive: true });
  const before = recordOf(folder);
  const ports = {
    port: port || before?.port || (await freePort()),
    controllerPort: before?.controllerPort || (await freePort()),
    ...(accountsFile ? { brokerPort: before?.brokerPort || (await freePort()) } : {}),
  };
  const settings = join(folder, 'server.properties');
  const secured = accountsFile ? await secure(folder, accountsFile) : undefined;
  writeFileSync(
    settings,
    properties({ ...ports, folder }) + (secured ? securedProperties(secured) : openProperties),
  );
  if (!existsSync(join(folder, 'log', 'meta.properties'))) {
    const tool = ['-XX:TieredStopAtLevel=1', '-cp', classPath, 'kafka.tools.StorageTool'];
    const clusterId = (await run('java', [...tool, 'random-uuid'])).trim().split('\n').at(-1);
    await run('java', [
      ...tool,
      'format',
      '-t',
      clusterId,
      '-c',
      settings,
      ...(secured?.formatArguments ?? []),
    ]);
  }
  const address = `127.0.0.1:${ports.port}`;
  // The client sets a timer into the past when it starts; Node warns of it, and it means nothing.
  process.removeAllListeners('warning');
  const { Kafka, logLevel } = await import('kafkajs');
  const kafka = new Kafka({
    clientId: 'rapport-native',
    brokers: [address],
    ...secured?.client,
    logLevel: logLevel.NOTHING,
    connectionTimeout: 1_000,
    retry: { retries: 0 },
  });
  return launch({
    folder,
    command: 'java',
    args: [
      '-Xmx512m',
      '-XX:TieredStopAtLevel=1',
      '-XX:+UseSerialGC',
      '-cp',
      classPath,
      'kafka.Kafka',
      settings,
    ],
    record: { name: 'kafka', version, address, ...ports, ...(secured ? { caFile: secured.caFile } : {}) },
    timeoutMs: 90_000,
    ready: () => answers(kafka),
  });
}

/** Certificates and the accounts a secured broker is born with. */
async function secure(folder, accountsFile) {
  const accounts = Object.entries(JSON.parse(readFileSync(accountsFile, 'utf8')));
  const { caFile, certificateFile, keyFile } = await makeCertificates(join(folder, 'tls'), CERTIFICATE_NAME);
  const pemFile = join(folder, 'tls', 'keystore.pem');
  const pem = readFileSync(keyFile, 'utf8') + readFileSync(certificateFile, 'utf8');
  writeFileSync(pemFile, pem, { mode: 0o600 });
  const [admin, password] = accounts[0];
  return {
    admin,
    pemFile,
    caFile,
    formatArguments: accounts.flatMap(([name, secret]) => [
      '--add-scram',
      `SCRAM-SHA-512=[name=${name},password=${secret}]`,
    ]),
    client: {
      ssl: { ca: readFileSync(caFile, 'utf8') },
      sasl: { mechanism: 'scram-sha-512', username: admin, password },
    },
  };
}

async function answers(kafka) {
  const admin = kafka.admin();
  const producer = kafka.producer({ allowAutoTopicCreation: false, retry: { retries: 0 } });
  try {
    await admin.connect();
    const topics = await admin.listTopics();
    if (!topics.includes(READY_TOPIC))
      await admin.createTopics({ topics: [{ topic: READY_TOPIC, numPartitions: 1 }], waitForLeaders: true });
    const metadata = await admin.fetchTopicMetadata();
    const leaderless = metadata.topics.filter((topic) => topic.partitions.some(({ leader }) => leader < 0));
    if (leaderless.length > 0)
      throw new Error(`no leader for ${leaderless.map((topic) => topic.name).join(', ')}`);
    await producer.connect();
    await producer.send({ topic: READY_TOPIC, acks: -1, messages: [{ value: 'ready' }] });
    return {};
  } finally {
    await Promise.allSettled([admin.disconnect(), producer.disconnect()]);
  }
}

await commandLine(import.meta.url, {
  name: 'kafka',
  defaultVersion: KAFKA_VERSION,
  install: installKafka,
  start: startKafka,
  options: { accounts: { type: 'string' } },
});
