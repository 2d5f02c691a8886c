import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CONFIG_VARIABLES, ConfigError, readConfig, readProjectorConfig, readRelayConfig } from './config.js';

describe('Configuration', () => {
  it('has a default for everything', () => {
    expect(readConfig({})).toMatchObject({ dataDir: './data', host: '127.0.0.1', port: 4100, logLevel: 'info', valueHorizonDays: 365, valueAnnualDiscount: 0.1, valueMargin: 0.3, reviewIntervalMs: 60_000, scoringIntervalMs: 0 }); // prettier-ignore
    expect(readConfig({}).ruleBookFile).toBeUndefined();
  });

  it('takes an empty variable for an absent one', () => {
    expect(readConfig({ RAPPORT_PORT: '', RAPPORT_RULE_BOOK_FILE: '' })).toEqual(readConfig({}));
  });

  it.each([
    ['RAPPORT_PORT', 'http'],
    ['RAPPORT_PORT', '65536'],
    ['RAPPORT_PORT', '-1'],
    ['RAPPORT_LOG_LEVEL', 'loud'],
    ['RAPPORT_VALUE_HORIZON_DAYS', '0'],
    ['RAPPORT_VALUE_HORIZON_DAYS', 'a year'],
    ['RAPPORT_VALUE_ANNUAL_DISCOUNT', '-0.1'],
    ['RAPPORT_VALUE_MARGIN', '30'],
    ['RAPPORT_VALUE_MARGIN', ' '],
    ['RAPPORT_REVIEW_INTERVAL_MS', '-1'],
    ['RAPPORT_SCORING_INTERVAL_MS', 'often'],
  ])('refuses %s=%s in one line that names the variable', (name, value) => {
    const read = (): unknown => readConfig({ [name]: value });
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(new RegExp(`^${name} [^\n]+$`));
  });

  it('describes every variable it reads, each once', () => {
    const names = CONFIG_VARIABLES.map((variable) => variable.name);
    expect(new Set(names).size).toBe(names.length);
    for (const variable of CONFIG_VARIABLES)
      expect(Object.values(variable).every((text) => text.length > 0)).toBe(true);
  });
});

const SERVERS = {
  EVENTSTOREDB_URL: 'esdb://es:2113?tls=false',
  MONGODB_URL: 'mongodb://db/rapport',
  KAFKA_BROKERS: 'k-1:9092,k-2:9092',
};
const SASL = { KAFKA_SECURITY: 'SASL_SSL', KAFKA_SASL_USERNAME: 'rapport-relay', KAFKA_SASL_PASSWORD: 's3cret' }; // prettier-ignore

describe('Configuration of servers', () => {
  let folder: string;
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'rapport-config-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is open to all brokers unless it says more', () => {
    expect(readRelayConfig(SERVERS)).toMatchObject({ kafkaBrokers: ['k-1:9092', 'k-2:9092'], kafkaSecurity: {} });
    expect(readConfig({ RAPPORT_STORE: 'servers', ...SERVERS, MONGODB_API_DATABASE: 'keys' }).servers).toMatchObject({ mongoDbApiDatabase: 'keys' });
  }); // prettier-ignore

  it('takes account, authority and client certificate of the brokers', () => {
    const config = readProjectorConfig({
      ...SERVERS, ...SASL,
      KAFKA_SASL_MECHANISM: 'SCRAM-SHA-256',
      KAFKA_CA_FILE: file('ca.pem', 'authority'), KAFKA_CERT_FILE: file('c.pem', 'certificate'), KAFKA_KEY_FILE: file('k.pem', 'key'),
    }); // prettier-ignore
    expect(config.kafkaSecurity).toEqual({
      tls: { ca: 'authority', cert: 'certificate', key: 'key' },
      account: { mechanism: 'SCRAM-SHA-256', username: 'rapport-relay', password: 's3cret' },
    });
    expect(readRelayConfig({ ...SERVERS, KAFKA_SECURITY: 'SSL' }).kafkaSecurity).toEqual({ tls: {} });
  });

  it('takes secrets from files, without the line end of the editor', () => {
    const { KAFKA_SASL_PASSWORD: _, ...account } = SASL;
    const { EVENTSTOREDB_URL, MONGODB_URL, ...others } = SERVERS;
    const config = readRelayConfig({
      ...others, ...account,
      EVENTSTOREDB_URL_FILE: file('es', `${EVENTSTOREDB_URL}\n`), MONGODB_URL_FILE: file('db', `${MONGODB_URL}\r\n`),
      KAFKA_SASL_PASSWORD_FILE: file('password', ' with space \n'),
    }); // prettier-ignore
    expect(config).toMatchObject({ eventStoreDbUrl: EVENTSTOREDB_URL, mongoDbUrl: MONGODB_URL });
    expect(config.kafkaSecurity.account?.password).toBe(' with space ');
  });

  it.each<[string, Record<string, string>]>([
    ['EVENTSTOREDB_URL is not set', { EVENTSTOREDB_URL: '' }],
    ['KAFKA_SECURITY', { KAFKA_SECURITY: 'TLS' }],
    ['KAFKA_SASL_MECHANISM', { ...SASL, KAFKA_SASL_MECHANISM: 'GSSAPI' }],
    ['KAFKA_SASL_USERNAME is not set', { ...SASL, KAFKA_SASL_USERNAME: '' }],
    ['KAFKA_SASL_PASSWORD is not set', { ...SASL, KAFKA_SASL_PASSWORD: '' }],
    ['KAFKA_SASL_PASSWORD is set, but KAFKA_SECURITY is SSL', { KAFKA_SECURITY: 'SSL', KAFKA_SASL_PASSWORD: 's3cret' }],
    ['KAFKA_CA_FILE is set, but KAFKA_SECURITY is PLAINTEXT', { KAFKA_CA_FILE: '/ca' }],
    ['KAFKA_CA_FILE cannot be read (ENOENT)', { ...SASL, KAFKA_CA_FILE: '/nowhere/ca' }],
    ['KAFKA_KEY_FILE is not set', { ...SASL, KAFKA_CERT_FILE: '/c' }],
    ['KAFKA_CERT_FILE is not set', { ...SASL, KAFKA_KEY_FILE: '/k' }],
    ['MONGODB_URL and MONGODB_URL_FILE are both set', { MONGODB_URL_FILE: '/s3cret' }],
    ['EVENTSTOREDB_URL_FILE cannot be read (ENOENT)', { EVENTSTOREDB_URL: '', EVENTSTOREDB_URL_FILE: '/nowhere' }],
    ['EVENTSTOREDB_URL_FILE names an empty file', { EVENTSTOREDB_URL: '', EVENTSTOREDB_URL_FILE: '/dev/null' }],
    ['RAPPORT_INSECURE_LINKS', { RAPPORT_INSECURE_LINKS: 'yes' }],
    ['EVENTSTOREDB_URL turns TLS off', { NODE_ENV: 'production' }],
    ['EVENTSTOREDB_URL turns TLS off', { RAPPORT_INSECURE_LINKS: 'refused' }],
  ])('stops with "%s"', (message, more) => {
    const read = (): unknown => readRelayConfig({ ...SERVERS, ...more });
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(message);
    expect(read).not.toThrow(/s3cret|\n/);
  }); // prettier-ignore

  it('in production is refused when a link is open, unless the operator allows it; embedded has no links', () => {
    const production = { NODE_ENV: 'production', ...SERVERS };
    for (const read of [readRelayConfig, readProjectorConfig]) {
      expect(() => read(production)).toThrow(ConfigError);
      expect(() => read({ ...production, RAPPORT_INSECURE_LINKS: 'allowed' })).not.toThrow();
    }
    expect(() => readConfig({ ...production, RAPPORT_STORE: 'servers' })).toThrow(ConfigError);
    expect(() => readConfig(production)).not.toThrow();
  });
});
