import { Kafka, logLevel, type KafkaConfig, type SASLOptions } from 'kafkajs';

/** Says what happens inside an adapter; the composition root gives it to the logger. */
export type KafkaLog = (
  level: 'debug' | 'warn',
  message: string,
  fields: Readonly<Record<string, unknown>>,
) => void;

/** How the brokers are made sure of, and what they know this process by. Empty: neither. */
export interface KafkaSecurity {
  /** Encrypted, and the brokers' certificates verified. All in PEM. */
  readonly tls?: {
    /** Authority that signed the brokers' certificates; default those that Node knows. */
    readonly ca?: string;
    /** Client certificate and its key, where brokers ask for them. */
    readonly cert?: string;
    readonly key?: string;
  };
  readonly account?: {
    readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512';
    readonly username: string;
    readonly password: string;
  };
}

export interface KafkaConnectionOptions {
  /** `host:port`, at least one. */
  readonly brokers: readonly string[];
  /** Name of this process in the broker's logs and quotas. */
  readonly clientId: string;
  readonly security?: KafkaSecurity;
  readonly log?: KafkaLog;
}

const CONNECTION_TIMEOUT_MS = 3_000;
const REQUEST_TIMEOUT_MS = 15_000;

/**
 * A client with few retries of its own: it gives up early in an outage and late in a quiet one, so the adapters retry.
 * Its log is at most `debug` in ours: it calls an error what is normal at the first use of a group.
 */
export function connectKafka({ brokers, clientId, security = {}, log }: KafkaConnectionOptions): Kafka {
  return new Kafka({
    brokers: [...brokers],
    clientId,
    ...securityOf(security),
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 3 },
    logLevel: log ? logLevel.WARN : logLevel.NOTHING,
    logCreator:
      () =>
      ({ namespace, log: { message, timestamp: _timestamp, ...fields } }) =>
        log?.('debug', message, { namespace, ...fields }),
  });
}

function securityOf({ tls, account }: KafkaSecurity): Pick<KafkaConfig, 'ssl' | 'sasl'> {
  return {
    ...(tls ? { ssl: { ...tls } } : {}),
    ...(account
      ? {
          sasl: {
            mechanism: account.mechanism.toLowerCase(),
            username: account.username,
            password: account.password,
          } as SASLOptions,
        }
      : {}),
  };
}
