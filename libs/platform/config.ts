import { homedir } from 'node:os';
import { join } from 'node:path';
import { cleanEnv, makeValidator, str, type ValidatorSpec } from 'envalid';
import { DEFAULT_PARTITIONS, type KafkaSecurity } from '@rapport/event-feed';
import { ConfigError } from './config.error.js';
import { assertSafeLinks, isProduction, LINK_POLICIES, type LinkPolicy } from './link-safety.js';
import { readNamedFile, SECRET_VARIABLES, secretOf } from './secret-files.js';

/** Processes of the product; the embedded one is `api` alone. */
export const APPS = ['api', 'relay', 'projector'] as const;
export type App = (typeof APPS)[number];

export const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Where the real servers are. */
export interface ServersConfig {
  readonly eventStoreDbUrl: string;
  readonly mongoDbUrl: string;
  /** Absent: the one the URL names. */
  readonly mongoDbDatabase?: string;
  /** Absent: the same database. */
  readonly mongoDbApiDatabase?: string;
  /** Partitions of the topic: the same number everywhere, for ever. */
  readonly partitions: number;
}

/** Address of an app and what it logs. */
export interface ProcessConfig {
  readonly host: string;
  readonly port: number;
  readonly logLevel: LogLevel;
}

/** The API, embedded or on servers. */
export interface Config extends ProcessConfig {
  readonly dataDir: string;
  /** Absent: everything is embedded in this process. */
  readonly servers?: ServersConfig;
  readonly masterKeyFile: string;
  /** Absent: kept in the data folder. */
  readonly tokenSecretFile?: string;
  readonly valueHorizonDays: number;
  readonly valueAnnualDiscount: number;
  readonly valueMargin: number;
  /** Absent: the rule book that ships with the product. */
  readonly ruleBookFile?: string;
  readonly reviewIntervalMs: number;
  readonly scoringIntervalMs: number;
}

/** Where the topic is, and who one is there. */
export interface KafkaConfig {
  readonly kafkaBrokers: readonly string[];
  /** Empty: no encryption and no account. */
  readonly kafkaSecurity: KafkaSecurity;
}

export interface RelayConfig extends ProcessConfig, ServersConfig, KafkaConfig {
  readonly topicReplicas: number;
}

export interface ProjectorConfig extends ProcessConfig, ServersConfig, KafkaConfig {
  /** Empty: all of the registry. */
  readonly projections: readonly string[];
  readonly consumerGroup: string;
  readonly ruleBookFile?: string;
}

/** A variable as the reference shows it. */
export interface ConfigVariable {
  readonly name: string;
  readonly unit: string;
  readonly defaultValue: string;
  readonly description: string;
  readonly apps: readonly App[];
}

/** Kafka's own names for how clients of a listener talk and prove who they are. */
export const KAFKA_PROTOCOLS = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'] as const;
export const KAFKA_SASL_MECHANISMS = ['SCRAM-SHA-512', 'SCRAM-SHA-256', 'PLAIN'] as const;
type KafkaProtocol = (typeof KAFKA_PROTOCOLS)[number];
type KafkaSaslMechanism = (typeof KAFKA_SASL_MECHANISMS)[number];

const API: readonly App[] = ['api'];
const TOPIC: readonly App[] = ['relay', 'projector'];

/**
 * Every variable the product reads, with its unit, default and who reads it; the configuration reference is generated
 * from here. A wrong or missing value stops the start with one line that names the variable.
 */
export const CONFIG_VARIABLES: readonly ConfigVariable[] = [
  { name: 'RAPPORT_STORE', unit: 'embedded | servers', defaultValue: 'embedded', apps: API, description: 'embedded: everything in this process, in the data folder; servers: EventStoreDB and MongoDB, with relay and projectors as processes of their own' },
  { name: 'RAPPORT_DATA_DIR', unit: 'folder', defaultValue: './data', apps: API, description: 'where the log, the keys and the read models are kept; with servers only tokens' },
  { name: 'RAPPORT_HOST', unit: 'address', defaultValue: '127.0.0.1', apps: APPS, description: 'address to listen on; loopback unless you mean otherwise' },
  { name: 'RAPPORT_PORT', unit: 'TCP port', defaultValue: '4100, relay 4101, projector 4102', apps: APPS, description: 'port to listen on (relay and projector: health and metrics); 0 picks a free one' },
  { name: 'RAPPORT_LOG_LEVEL', unit: LOG_LEVELS.join(' | '), defaultValue: 'info', apps: APPS, description: 'least level of log lines written to stderr' },
  { name: 'EVENTSTOREDB_URL', unit: 'esdb:// URL', defaultValue: 'required with servers', apps: APPS, description: 'the log, with credentials and TLS settings' },
  { name: 'MONGODB_URL', unit: 'mongodb:// URL', defaultValue: 'required with servers', apps: APPS, description: 'read models, keys, indexes and checkpoints, with credentials and TLS settings' },
  { name: 'MONGODB_DATABASE', unit: 'name', defaultValue: 'the one in MONGODB_URL', apps: APPS, description: 'database of the read models, keys, indexes and checkpoints' },
  { name: 'MONGODB_API_DATABASE', unit: 'name', defaultValue: 'the same database', apps: API, description: 'database of what only the API keeps (data keys, identifiers, commands, snapshots), so that relay and projectors need no access to it; choose it before the first start' },
  { name: 'EVENTSTOREDB_URL_FILE', unit: 'file', defaultValue: 'none', apps: APPS, description: 'file that holds EVENTSTOREDB_URL, instead of the variable' },
  { name: 'MONGODB_URL_FILE', unit: 'file', defaultValue: 'none', apps: APPS, description: 'file that holds MONGODB_URL, instead of the variable' },
  { name: 'RAPPORT_INSECURE_LINKS', unit: LINK_POLICIES.join(' | '), defaultValue: 'refused with NODE_ENV=production, else allowed', apps: APPS, description: 'whether links to servers may be without TLS, with certificates unchecked or without an account; accounts that servers are born with (admin, changeit) are refused in production all the same' },
  { name: 'KAFKA_BROKERS', unit: 'host:port, …', defaultValue: 'required', apps: TOPIC, description: 'brokers of the topic' },
  { name: 'KAFKA_SECURITY', unit: KAFKA_PROTOCOLS.join(' | '), defaultValue: 'PLAINTEXT', apps: TOPIC, description: 'protocol of the brokers\' listener' },
  { name: 'KAFKA_CA_FILE', unit: 'PEM file', defaultValue: 'the authorities Node knows', apps: TOPIC, description: 'authority that signed the brokers\' certificates' },
  { name: 'KAFKA_CERT_FILE', unit: 'PEM file', defaultValue: 'none', apps: TOPIC, description: 'client certificate, where brokers ask for one' },
  { name: 'KAFKA_KEY_FILE', unit: 'PEM file', defaultValue: 'none', apps: TOPIC, description: 'private key of KAFKA_CERT_FILE' },
  { name: 'KAFKA_SASL_MECHANISM', unit: KAFKA_SASL_MECHANISMS.join(' | '), defaultValue: 'SCRAM-SHA-512', apps: TOPIC, description: 'how the password is proved' },
  { name: 'KAFKA_SASL_USERNAME', unit: 'name', defaultValue: 'required with SASL', apps: TOPIC, description: 'account at the brokers' },
  { name: 'KAFKA_SASL_PASSWORD', unit: 'text', defaultValue: 'required with SASL', apps: TOPIC, description: 'its password; better in a file' },
  { name: 'KAFKA_SASL_PASSWORD_FILE', unit: 'file', defaultValue: 'none', apps: TOPIC, description: 'file that holds KAFKA_SASL_PASSWORD, instead of the variable' },
  { name: 'RAPPORT_PARTITIONS', unit: 'partitions', defaultValue: String(DEFAULT_PARTITIONS), apps: APPS, description: 'partitions of the topic, the same for every process; never to be changed for a topic that exists' },
  { name: 'RAPPORT_TOPIC_REPLICAS', unit: 'copies', defaultValue: '-1: what the brokers are set to', apps: ['relay'], description: 'copies of the topic where it is made; three in production' },
  { name: 'RAPPORT_PROJECTIONS', unit: 'names, …', defaultValue: 'all', apps: ['projector'], description: 'projections this process hosts; `-customer-360` hosts all but this one; each set of them needs a consumer group of its own' },
  { name: 'RAPPORT_CONSUMER_GROUP', unit: 'name', defaultValue: 'rapport-projector', apps: ['projector'], description: 'consumer group: its processes share the partitions' },
  { name: 'RAPPORT_MASTER_KEY_FILE', unit: 'file', defaultValue: '~/.config/rapport/master.key', apps: API, description: 'key that wraps the customers\' data keys; keep it outside the data folder and back it up apart' },
  { name: 'RAPPORT_TOKEN_SECRET_FILE', unit: 'file', defaultValue: '<data folder>/token.secret', apps: API, description: 'secret that signs access tokens, made where it is missing; several API processes need the same' },
  { name: 'RAPPORT_RULE_BOOK_FILE', unit: 'file', defaultValue: 'the one that ships', apps: ['api', 'projector'], description: 'rule book that decides until the first one is published (JSON); the same for API and projectors' },
  { name: 'RAPPORT_VALUE_HORIZON_DAYS', unit: 'days', defaultValue: '365', apps: API, description: 'how far ahead lifetime value looks' },
  { name: 'RAPPORT_VALUE_ANNUAL_DISCOUNT', unit: 'share a year', defaultValue: '0.10', apps: API, description: 'discount rate of lifetime value' },
  { name: 'RAPPORT_VALUE_MARGIN', unit: 'share of revenue', defaultValue: '0.30', apps: API, description: 'margin that turns revenue into value' },
  { name: 'RAPPORT_REVIEW_INTERVAL_MS', unit: 'ms', defaultValue: '60000', apps: API, description: 'how often customers whose review fell due are looked for; 0 = never' },
  { name: 'RAPPORT_SCORING_INTERVAL_MS', unit: 'ms', defaultValue: '0', apps: API, description: 'how often every customer is scored anew for the risk list; 0 = only when asked' },
]; // prettier-ignore

export { ConfigError };

const range = (least: number, most: number) =>
  makeValidator<number>((input) => {
    const value = Number(input);
    if (input.trim() === '' || !Number.isFinite(value) || value < least || value > most)
      throw new Error(`must be a number from ${least} to ${most}`);
    return value;
  });
const integer = (least: number, most: number) =>
  makeValidator<number>((input) => {
    const value = Number(input);
    if (!/^-?\d+$/.test(input) || value < least || value > most)
      throw new Error(`must be a whole number from ${least} to ${most}`);
    return value;
  });
const port = makeValidator<number>((input) => {
  const value = Number(input);
  if (!/^\d{1,5}$/.test(input) || value > 65_535) throw new Error('must be a port from 0 to 65535');
  return value;
});
const url = (...schemes: readonly string[]) =>
  makeValidator<string>((input) => {
    if (!schemes.some((scheme) => input.startsWith(`${scheme}://`)))
      throw new Error(`must begin with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`);
    return input;
  });
const addresses = makeValidator<readonly string[]>((input) => {
  const found = input.split(',').map((address) => address.trim());
  if (found.some((address) => !/^[^\s:]+:\d{1,5}$/.test(address)))
    throw new Error('must be host:port, several with a comma between them');
  return found;
});
const names = makeValidator<readonly string[]>((input) => {
  const found = input.split(',').map((name) => name.trim());
  if (found.some((name) => !/^-?[a-z][a-z0-9-]*$/.test(name)))
    throw new Error('must be names of projections, with commas between them');
  return found;
});
const groupName = makeValidator<string>((input) => {
  if (!/^[A-Za-z0-9._-]{1,200}$/.test(input))
    throw new Error('must be letters, digits, dots, dashes and underscores');
  return input;
});

type Environment = Readonly<Record<string, string | undefined>>;

function read<Specs extends Record<string, ValidatorSpec<unknown>>>(environment: Environment, specs: Specs) {
  const secrets = SECRET_VARIABLES.filter((name) => name in specs).map(
    (name) => [name, secretOf(environment, name)] as const,
  );
  // An empty variable is an absent one: shells and compose files leave them behind.
  const given = Object.fromEntries(
    [...Object.entries(environment), ...secrets].filter(([, value]) => value !== undefined && value !== ''),
  );
  return cleanEnv(given, specs, {
    reporter: ({ errors }) => {
      const [first] = Object.entries(errors);
      if (!first) return;
      const [name, error] = first as [string, Error];
      throw new ConfigError(given[name] === undefined ? `${name} is not set` : `${name} ${error.message}`);
    },
  });
}

const processSpecs = (defaultPort: number) => ({
  RAPPORT_HOST: str({ default: '127.0.0.1' }),
  RAPPORT_PORT: port({ default: defaultPort }),
  RAPPORT_LOG_LEVEL: str<LogLevel>({ choices: [...LOG_LEVELS], default: 'info' }),
});
const serverSpecs = {
  EVENTSTOREDB_URL: url('esdb', 'esdb+discover')(),
  MONGODB_URL: url('mongodb', 'mongodb+srv')(),
  MONGODB_DATABASE: str({ default: '' }),
  MONGODB_API_DATABASE: str({ default: '' }),
  RAPPORT_PARTITIONS: integer(1, 10_000)({ default: DEFAULT_PARTITIONS }),
};
const linkSpecs = (environment: Environment) => ({
  RAPPORT_INSECURE_LINKS: str<LinkPolicy>({
    choices: [...LINK_POLICIES],
    default: isProduction(environment) ? 'refused' : 'allowed',
  }),
});
const kafkaSpecs = {
  KAFKA_BROKERS: addresses(),
  KAFKA_SECURITY: str<KafkaProtocol>({ choices: [...KAFKA_PROTOCOLS], default: 'PLAINTEXT' }),
  KAFKA_CA_FILE: str({ default: '' }),
  KAFKA_CERT_FILE: str({ default: '' }),
  KAFKA_KEY_FILE: str({ default: '' }),
  KAFKA_SASL_MECHANISM: str<KafkaSaslMechanism>({
    choices: [...KAFKA_SASL_MECHANISMS],
    default: 'SCRAM-SHA-512',
  }),
  KAFKA_SASL_USERNAME: str({ default: '' }),
  KAFKA_SASL_PASSWORD: str({ default: '' }),
};

const processOf = (env: { readonly RAPPORT_HOST: string; readonly RAPPORT_PORT: number; readonly RAPPORT_LOG_LEVEL: LogLevel }): ProcessConfig => ({
  host: env.RAPPORT_HOST,
  port: env.RAPPORT_PORT,
  logLevel: env.RAPPORT_LOG_LEVEL,
}); // prettier-ignore
const serversOf = (env: { readonly EVENTSTOREDB_URL: string; readonly MONGODB_URL: string; readonly MONGODB_DATABASE: string; readonly MONGODB_API_DATABASE: string; readonly RAPPORT_PARTITIONS: number }): ServersConfig => ({
  eventStoreDbUrl: env.EVENTSTOREDB_URL,
  mongoDbUrl: env.MONGODB_URL,
  ...(env.MONGODB_DATABASE === '' ? {} : { mongoDbDatabase: env.MONGODB_DATABASE }),
  ...(env.MONGODB_API_DATABASE === '' ? {} : { mongoDbApiDatabase: env.MONGODB_API_DATABASE }),
  partitions: env.RAPPORT_PARTITIONS,
}); // prettier-ignore

/** The API's servers. Throws ConfigError naming the variable that is wrong, missing or unsafe. */
function readServers(environment: Environment): ServersConfig {
  const env = read(environment, { ...serverSpecs, ...linkSpecs(environment) });
  const servers = serversOf(env);
  assertSafeLinks(servers, env.RAPPORT_INSECURE_LINKS, environment);
  return servers;
}

/** The servers of a process that uses the topic. Throws ConfigError naming the variable that is wrong, missing or unsafe. */
function readTopicServers(environment: Environment): ServersConfig & KafkaConfig {
  const env = read(environment, { ...serverSpecs, ...linkSpecs(environment), ...kafkaSpecs });
  const servers = serversOf(env);
  const protocol = env.KAFKA_SECURITY;
  const hasClientCertificate = env.KAFKA_CERT_FILE !== '';
  const hasTls = protocol.endsWith('SSL');
  const hasSasl = protocol.startsWith('SASL');
  // A setting that would go unused is a link that is not what its owner thinks it is.
  for (const name of ['KAFKA_CA_FILE', 'KAFKA_CERT_FILE', 'KAFKA_KEY_FILE'] as const)
    if (!hasTls && env[name] !== '')
      throw new ConfigError(`${name} is set, but KAFKA_SECURITY is ${protocol}`);
  for (const name of ['KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD'] as const)
    if (hasSasl !== (env[name] !== ''))
      throw new ConfigError(
        hasSasl ? `${name} is not set` : `${name} is set, but KAFKA_SECURITY is ${protocol}`,
      );
  if (hasClientCertificate !== (env.KAFKA_KEY_FILE !== ''))
    throw new ConfigError(
      `${hasClientCertificate ? 'KAFKA_KEY_FILE' : 'KAFKA_CERT_FILE'} is not set: a certificate and its key go together`,
    );
  assertSafeLinks(
    { ...servers, kafka: { protocol, hasClientCertificate } },
    env.RAPPORT_INSECURE_LINKS,
    environment,
  );
  const kafkaSecurity: KafkaSecurity = {
    ...(hasTls
      ? {
          tls: {
            ...(env.KAFKA_CA_FILE === '' ? {} : { ca: readNamedFile('KAFKA_CA_FILE', env.KAFKA_CA_FILE) }),
            ...(hasClientCertificate
              ? {
                  cert: readNamedFile('KAFKA_CERT_FILE', env.KAFKA_CERT_FILE),
                  key: readNamedFile('KAFKA_KEY_FILE', env.KAFKA_KEY_FILE),
                }
              : {}),
          },
        }
      : {}),
    ...(hasSasl
      ? {
          account: {
            mechanism: env.KAFKA_SASL_MECHANISM,
            username: env.KAFKA_SASL_USERNAME,
            password: env.KAFKA_SASL_PASSWORD,
          },
        }
      : {}),
  };
  return { ...servers, kafkaBrokers: env.KAFKA_BROKERS, kafkaSecurity };
}

/** Configuration of the API. Throws ConfigError naming the variable that is wrong or missing. */
export function readConfig(environment: Environment): Config {
  const env = read(environment, {
    ...processSpecs(4100),
    RAPPORT_STORE: str({ choices: ['embedded', 'servers'], default: 'embedded' }),
    RAPPORT_DATA_DIR: str({ default: './data' }),
    RAPPORT_MASTER_KEY_FILE: str({ default: join(homedir(), '.config/rapport/master.key') }),
    RAPPORT_TOKEN_SECRET_FILE: str({ default: '' }),
    RAPPORT_VALUE_HORIZON_DAYS: range(1, 36_500)({ default: 365 }),
    RAPPORT_VALUE_ANNUAL_DISCOUNT: range(0, 10)({ default: 0.1 }),
    RAPPORT_VALUE_MARGIN: range(0, 1)({ default: 0.3 }),
    RAPPORT_RULE_BOOK_FILE: str({ default: '' }),
    RAPPORT_REVIEW_INTERVAL_MS: range(0, 86_400_000)({ default: 60_000 }),
    RAPPORT_SCORING_INTERVAL_MS: range(0, 2_147_483_647)({ default: 0 }),
  });
  return {
    ...processOf(env),
    dataDir: env.RAPPORT_DATA_DIR,
    // The servers' addresses are asked for only where they are used: tests set them for other purposes.
    ...(env.RAPPORT_STORE === 'servers' ? { servers: readServers(environment) } : {}),
    masterKeyFile: env.RAPPORT_MASTER_KEY_FILE,
    ...(env.RAPPORT_TOKEN_SECRET_FILE === '' ? {} : { tokenSecretFile: env.RAPPORT_TOKEN_SECRET_FILE }),
    valueHorizonDays: env.RAPPORT_VALUE_HORIZON_DAYS,
    valueAnnualDiscount: env.RAPPORT_VALUE_ANNUAL_DISCOUNT,
    valueMargin: env.RAPPORT_VALUE_MARGIN,
    ...(env.RAPPORT_RULE_BOOK_FILE === '' ? {} : { ruleBookFile: env.RAPPORT_RULE_BOOK_FILE }),
    reviewIntervalMs: env.RAPPORT_REVIEW_INTERVAL_MS,
    scoringIntervalMs: env.RAPPORT_SCORING_INTERVAL_MS,
  };
}

/** Configuration of the relay. Throws ConfigError naming the variable that is wrong or missing. */
export function readRelayConfig(environment: Environment): RelayConfig {
  const env = read(environment, {
    ...processSpecs(4101),
    RAPPORT_TOPIC_REPLICAS: integer(-1, 100)({ default: -1 }),
  });
  return {
    ...processOf(env),
    ...readTopicServers(environment),
    topicReplicas: env.RAPPORT_TOPIC_REPLICAS,
  };
}

/** Configuration of a projector. Throws ConfigError naming the variable that is wrong or missing. */
export function readProjectorConfig(environment: Environment): ProjectorConfig {
  const env = read(environment, {
    ...processSpecs(4102),
    RAPPORT_PROJECTIONS: names({ default: [] as readonly string[] }),
    RAPPORT_CONSUMER_GROUP: groupName({ default: 'rapport-projector' }),
    RAPPORT_RULE_BOOK_FILE: str({ default: '' }),
  });
  return {
    ...processOf(env),
    ...readTopicServers(environment),
    projections: env.RAPPORT_PROJECTIONS,
    consumerGroup: env.RAPPORT_CONSUMER_GROUP,
    ...(env.RAPPORT_RULE_BOOK_FILE === '' ? {} : { ruleBookFile: env.RAPPORT_RULE_BOOK_FILE }),
  };
}
