import { homedir } from 'node:os';
import { join } from 'node:path';
import { cleanEnv, makeValidator, str } from 'envalid';

/**
 * Every variable the product reads, with its unit and default; the configuration reference is generated from here.
 * A wrong value stops the start with one line that names the variable.
 */
export interface Config {
  readonly dataDir: string;
  readonly host: string;
  readonly port: number;
  readonly masterKeyFile: string;
  readonly logLevel: LogLevel;
  readonly valueHorizonDays: number;
  readonly valueAnnualDiscount: number;
  readonly valueMargin: number;
  /** Absent: the rule book that ships with the product. */
  readonly ruleBookFile?: string;
  readonly reviewIntervalMs: number;
  readonly scoringIntervalMs: number;
}

export const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** A variable as the reference shows it. */
export interface ConfigVariable {
  readonly name: string;
  readonly unit: string;
  readonly defaultValue: string;
  readonly description: string;
}

const range = (least: number, most: number) =>
  makeValidator<number>((input) => {
    const value = Number(input);
    if (input.trim() === '' || !Number.isFinite(value) || value < least || value > most)
      throw new Error(`must be a number from ${least} to ${most}`);
    return value;
  });

export const CONFIG_VARIABLES: readonly ConfigVariable[] = [
  { name: 'RAPPORT_DATA_DIR', unit: 'folder', defaultValue: './data', description: 'where the log, the keys and the read models are kept' },
  { name: 'RAPPORT_HOST', unit: 'address', defaultValue: '127.0.0.1', description: 'address to listen on; loopback unless you mean otherwise' },
  { name: 'RAPPORT_PORT', unit: 'TCP port', defaultValue: '4100', description: 'port to listen on; 0 picks a free one' },
  { name: 'RAPPORT_MASTER_KEY_FILE', unit: 'file', defaultValue: '~/.config/rapport/master.key', description: 'key that wraps the customers\' data keys; keep it outside the data folder and back it up apart' },
  { name: 'RAPPORT_LOG_LEVEL', unit: LOG_LEVELS.join(' | '), defaultValue: 'info', description: 'least level of log lines written to stderr' },
  { name: 'RAPPORT_VALUE_HORIZON_DAYS', unit: 'days', defaultValue: '365', description: 'how far ahead lifetime value looks' },
  { name: 'RAPPORT_VALUE_ANNUAL_DISCOUNT', unit: 'share a year', defaultValue: '0.10', description: 'discount rate of lifetime value' },
  { name: 'RAPPORT_VALUE_MARGIN', unit: 'share of revenue', defaultValue: '0.30', description: 'margin that turns revenue into value' },
  { name: 'RAPPORT_RULE_BOOK_FILE', unit: 'file', defaultValue: 'the one that ships', description: 'rule book of stages, offers and reviews (JSON)' },
  { name: 'RAPPORT_REVIEW_INTERVAL_MS', unit: 'ms', defaultValue: '60000', description: 'how often customers whose review fell due are looked for; 0 = never' },
  { name: 'RAPPORT_SCORING_INTERVAL_MS', unit: 'ms', defaultValue: '0', description: 'how often every customer is scored anew for the risk list; 0 = only when asked' },
]; // prettier-ignore

const describe = (name: string): string => CONFIG_VARIABLES.find((v) => v.name === name)!.description;

/** A variable has a value that cannot be used. The message is one line for a person. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Reads the configuration from environment variables. Throws ConfigError naming the variable that is wrong. */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const spec = <T extends object>(name: string, options: T): T & { desc: string } => ({
    desc: describe(name),
    ...options,
  });
  const env = cleanEnv(
    // An empty variable is an absent one: shells and compose files leave them behind.
    Object.fromEntries(
      Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
    ),
    {
      RAPPORT_DATA_DIR: str(spec('RAPPORT_DATA_DIR', { default: './data' })),
      RAPPORT_HOST: str(spec('RAPPORT_HOST', { default: '127.0.0.1' })),
      RAPPORT_PORT: makeValidator<number>((input) => {
        const value = Number(input);
        if (!/^\d{1,5}$/.test(input) || value > 65_535) throw new Error('must be a port from 0 to 65535');
        return value;
      })(spec('RAPPORT_PORT', { default: 4100 })),
      RAPPORT_MASTER_KEY_FILE: str(spec('RAPPORT_MASTER_KEY_FILE', { default: join(homedir(), '.config/rapport/master.key') })), // prettier-ignore
      RAPPORT_LOG_LEVEL: str<LogLevel>(spec('RAPPORT_LOG_LEVEL', { choices: [...LOG_LEVELS], default: 'info' as LogLevel })), // prettier-ignore
      RAPPORT_VALUE_HORIZON_DAYS: range(1, 36_500)(spec('RAPPORT_VALUE_HORIZON_DAYS', { default: 365 })),
      RAPPORT_VALUE_ANNUAL_DISCOUNT: range(0, 10)(spec('RAPPORT_VALUE_ANNUAL_DISCOUNT', { default: 0.1 })),
      RAPPORT_VALUE_MARGIN: range(0, 1)(spec('RAPPORT_VALUE_MARGIN', { default: 0.3 })),
      RAPPORT_RULE_BOOK_FILE: str(spec('RAPPORT_RULE_BOOK_FILE', { default: '' })),
      RAPPORT_REVIEW_INTERVAL_MS: range(0, 86_400_000)(spec('RAPPORT_REVIEW_INTERVAL_MS', { default: 60_000 })), // prettier-ignore
      RAPPORT_SCORING_INTERVAL_MS: range(0, 2_147_483_647)(spec('RAPPORT_SCORING_INTERVAL_MS', { default: 0 })), // prettier-ignore
    },
    {
      reporter: ({ errors }) => {
        const [first] = Object.entries(errors);
        if (first) throw new ConfigError(`${first[0]} ${(first[1] as Error).message}`);
      },
    },
  );
  return {
    dataDir: env.RAPPORT_DATA_DIR,
    host: env.RAPPORT_HOST,
    port: env.RAPPORT_PORT,
    masterKeyFile: env.RAPPORT_MASTER_KEY_FILE,
    logLevel: env.RAPPORT_LOG_LEVEL,
    valueHorizonDays: env.RAPPORT_VALUE_HORIZON_DAYS,
    valueAnnualDiscount: env.RAPPORT_VALUE_ANNUAL_DISCOUNT,
    valueMargin: env.RAPPORT_VALUE_MARGIN,
    ...(env.RAPPORT_RULE_BOOK_FILE === '' ? {} : { ruleBookFile: env.RAPPORT_RULE_BOOK_FILE }),
    reviewIntervalMs: env.RAPPORT_REVIEW_INTERVAL_MS,
    scoringIntervalMs: env.RAPPORT_SCORING_INTERVAL_MS,
  };
}
