import { readFileSync } from 'node:fs';
import { ConfigError } from './config.error.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** Variables that hold a secret; each may stand in a file instead, named by the variable with `_FILE` behind it. */
export const SECRET_VARIABLES = ['EVENTSTOREDB_URL', 'MONGODB_URL', 'KAFKA_SASL_PASSWORD'] as const;

/** Text of a file that a variable names. Throws ConfigError naming the variable, never the text. */
export function readNamedFile(variable: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(`${variable} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'})`);
  }
}

/**
 * A secret from its variable or from its file, without the line end that editors add; undefined where there is neither.
 * Throws ConfigError when both are set or the file is empty or cannot be read.
 */
export function secretOf(
  environment: Environment,
  name: (typeof SECRET_VARIABLES)[number],
): string | undefined {
  const variable = `${name}_FILE`;
  const file = environment[variable];
  if (!file) return environment[name];
  if (environment[name]) throw new ConfigError(`${name} and ${variable} are both set: keep one`);
  const text = readNamedFile(variable, file).replace(/\r?\n$/, '');
  if (text === '') throw new ConfigError(`${variable} names an empty file`);
  return text;
}
