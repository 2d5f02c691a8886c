import { cleanEnv, makeValidator, str } from 'envalid';
import { DEFAULT_PARTITIONS } from '@rapport/event-feed';
import { ConfigError, LOG_LEVELS, type ConfigVariable, type LogLevel } from '@rapport/platform';

export interface RelayConfig {
  readonly eventStoreDbUrl: string;
  readonly kafkaBrokers: readonly string[];
  readonly mongoDbUrl: string;
  /** Absent: the one the URL names. */
  readonly mongoDbDatabase?: string;
  readonly partitions: number;
  readonly topicReplicas: number;
  readonly host: string;
  readonly port: number;
  readonly logLevel: LogLevel;
}

/** Every variable the relay reads, with its unit and default. */
export const RELAY_VARIABLES: readonly ConfigVariable[] = [
  { name: 'EVENTSTOREDB_URL', unit: 'esdb:// URL', defaultValue: 'required', description: 'the log that is copied' },
  { name: 'KAFKA_BROKERS', unit: 'host:port, …', defaultValue: 'required', description: 'brokers of the topic' },
  { name: 'MONGODB_URL', unit: 'mongodb:// URL', defaultValue: 'required', description: 'where the checkpoint and the lease are kept' },
  { name: 'MONGODB_DATABASE', unit: 'name', defaultValue: 'the one in MONGODB_URL', description: 'database of the checkpoint and the lease' },
  { name: 'RAPPORT_PARTITIONS', unit: 'partitions', defaultValue: String(DEFAULT_PARTITIONS), description: 'partitions of the topic; never to be changed for a topic that exists' },
  { name: 'RAPPORT_TOPIC_REPLICAS', unit: 'copies', defaultValue: '-1: what the brokers are set to', description: 'copies of the topic where it is made; three in production' },
  { name: 'RAPPORT_HOST', unit: 'address', defaultValue: '127.0.0.1', description: 'address of health and metrics' },
  { name: 'RAPPORT_PORT', unit: 'TCP port', defaultValue: '4101', description: 'port of health and metrics; 0 picks a free one' },
  { name: 'RAPPORT_LOG_LEVEL', unit: LOG_LEVELS.join(' | '), defaultValue: 'info', description: 'least level of log lines written to stderr' },
]; // prettier-ignore

const integer = (least: number, most: number) =>
  makeValidator<number>((input) => {
    const value = Number(input);
    if (!/^-?\d+$/.test(input) || value < least || value > most)
      throw new Error(`must be a whole number from ${least} to ${most}`);
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

/** Reads the configuration from environment variables. Throws ConfigError naming the variable that is wrong or missing. */
export function readRelayConfig(environment: Readonly<Record<string, string | undefined>>): RelayConfig {
  const env = cleanEnv(
    Object.fromEntries(
      Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
    ),
    {
      EVENTSTOREDB_URL: url('esdb', 'esdb+discover')(),
      KAFKA_BROKERS: addresses(),
      MONGODB_URL: url('mongodb', 'mongodb+srv')(),
      MONGODB_DATABASE: str({ default: '' }),
      RAPPORT_PARTITIONS: integer(1, 10_000)({ default: DEFAULT_PARTITIONS }),
      RAPPORT_TOPIC_REPLICAS: integer(-1, 100)({ default: -1 }),
      RAPPORT_HOST: str({ default: '127.0.0.1' }),
      RAPPORT_PORT: integer(0, 65_535)({ default: 4101 }),
      RAPPORT_LOG_LEVEL: str<LogLevel>({ choices: [...LOG_LEVELS], default: 'info' }),
    },
    {
      reporter: ({ errors }) => {
        const [first] = Object.entries(errors);
        if (!first) return;
        const message = (first[1] as Error).message;
        throw new ConfigError(environment[first[0]] ? `${first[0]} ${message}` : `${first[0]} is not set`);
      },
    },
  );
  return {
    eventStoreDbUrl: env.EVENTSTOREDB_URL,
    kafkaBrokers: env.KAFKA_BROKERS,
    mongoDbUrl: env.MONGODB_URL,
    ...(env.MONGODB_DATABASE === '' ? {} : { mongoDbDatabase: env.MONGODB_DATABASE }),
    partitions: env.RAPPORT_PARTITIONS,
    topicReplicas: env.RAPPORT_TOPIC_REPLICAS,
    host: env.RAPPORT_HOST,
    port: env.RAPPORT_PORT,
    logLevel: env.RAPPORT_LOG_LEVEL,
  };
}
