import { Kafka, logLevel, type KafkaConfig } from 'kafkajs';

/** Says what happens inside an adapter; the composition root gives it to the logger. */
export type KafkaLog = (
  level: 'debug' | 'warn',
  message: string,
  fields: Readonly<Record<string, unknown>>,
) => void;

export interface KafkaConnectionOptions {
  /** `host:port`, at least one. */
  readonly brokers: readonly string[];
  /** Name of this process in the broker's logs and quotas. */
  readonly clientId: string;
  readonly ssl?: KafkaConfig['ssl'];
  readonly sasl?: KafkaConfig['sasl'];
  readonly log?: KafkaLog;
}

const CONNECTION_TIMEOUT_MS = 3_000;
const REQUEST_TIMEOUT_MS = 15_000;

/**
 * A client with few retries of its own: it gives up early in an outage and late in a quiet one, so the adapters retry.
 * Its log is at most `debug` in ours: it calls an error what is normal at the first use of a group.
 */
export function connectKafka({ brokers, clientId, ssl, sasl, log }: KafkaConnectionOptions): Kafka {
  return new Kafka({
    brokers: [...brokers],
    clientId,
    ...(ssl === undefined ? {} : { ssl }),
    ...(sasl === undefined ? {} : { sasl }),
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
