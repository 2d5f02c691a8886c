import { compileRuleBook, RuleBookError } from '@rapport/domain';
import {
  AccessTokens, openWholeLogStores, projectionDependencies, readConfig, readRuleBook, readTokenSecret, rulesOfLog, tokenSecretFile, type AccessRole,
  type Config, type WholeLogStores,
} from '@rapport/platform'; // prettier-ignore
import type { AnyProjection } from '@rapport/projection-engine';
import { projectionsWith } from '@rapport/projections';
import type { Clock } from '@rapport/runtime';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CliError, EXIT } from './exit-codes.js';

/*
 * What commands need of the product itself, beside its API. Loaded only by the commands that use it, so that the others
 * start quickly.
 */
type Environment = Readonly<Record<string, string | undefined>>;

/** Every projection of the product, under the rule books of the log. Throws ConfigError, UNAVAILABLE. */
export const openProjections = async (
  env: Environment,
  { history }: Pick<WholeLogStores, 'history'>,
): Promise<readonly AnyProjection[]> =>
  projectionsWith(
    projectionDependencies(await rulesOfLog(readRuleBook(readConfig(env).ruleBookFile), history)),
  );

/** A rule book that can be used. Throws exit 4 naming the place and the reason. */
export function checkRuleBook(json: unknown): { readonly version: string; readonly objective: string } {
  try {
    return compileRuleBook(json);
  } catch (error) {
    if (error instanceof RuleBookError) throw new CliError(EXIT.validation, error.message);
    throw error;
  }
}

/** The configuration that a server would have. Throws ConfigError. */
export const configurationOf = (env: Environment): Config => readConfig(env);

/**
 * An access token for the server of a data folder, or for all that share a secret file. Throws exit 2 when there is no
 * secret: no server has run there yet.
 */
export async function mintToken(
  dataDir: string,
  env: Environment,
  clock: Clock,
  request: { readonly subject: string; readonly role: AccessRole; readonly expiresInS: number },
): Promise<string> {
  const { tokenSecretFile: shared } = readConfig({
    RAPPORT_TOKEN_SECRET_FILE: env.RAPPORT_TOKEN_SECRET_FILE,
  });
  if (shared !== undefined && !existsSync(shared))
    throw new CliError(EXIT.usage, 'RAPPORT_TOKEN_SECRET_FILE names no file');
  if (shared === undefined && !existsSync(tokenSecretFile(dataDir)))
    throw new CliError(EXIT.usage, `${dataDir}: no server has run with this data folder yet`);
  const { subject, role, expiresInS } = request;
  return new AccessTokens(readTokenSecret(dataDir, shared), clock).mint({
    subject,
    roles: [role],
    expiresInS,
  });
}

/**
 * The log and the read models, for reading only: of the servers that the environment names, else of a data folder, beside
 * a running server and without one. Throws exit 2 when the folder holds no data, ConfigError.
 */
export async function openStores(env: Environment, dataDir: string): Promise<WholeLogStores> {
  const { servers } = readConfig(env);
  if (servers) return openWholeLogStores({ kind: 'servers', ...servers });
  for (const file of ['events.db', 'read-models.db'])
    if (!existsSync(join(dataDir, file)))
      throw new CliError(EXIT.usage, `${dataDir}: holds no data of Rapport (${file} is missing)`);
  return openWholeLogStores({ kind: 'embedded', folder: dataDir }, { readOnly: true });
}

/** True when the environment names servers. */
export const isOnServers = (env: Environment): boolean => readConfig(env).servers !== undefined;
