import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CliError, EXIT } from '../exit-codes.js';
import type { WithServer } from '../context.js';
import { ServerClient } from './server-client.js';
import { findServer, ServerProcess } from './server-process.adapter.js';

/**
 * `--url` names a server; else the one that owns the data folder is used; else one is started on a free loopback port
 * for as long as `work` takes, with the folder's lock, and stopped in order afterwards.
 */
export const withServer: WithServer = async (context, work, options = {}) => {
  const { url, token } = context.options;
  const dataDir = options.dataDir ?? context.options.data;
  if (url !== undefined) {
    const remoteToken = token ?? context.env.RAPPORT_TOKEN ?? findServer(dataDir)?.token;
    if (remoteToken === undefined) throw new CliError(EXIT.usage, '--url needs --token (or RAPPORT_TOKEN)');
    return use(new ServerClient(async () => ({ url, token: remoteToken })), work);
  }
  const withToken = (server: { url: string; token: string }): { url: string; token: string } => ({
    url: server.url,
    token: token ?? context.env.RAPPORT_TOKEN ?? server.token,
  });
  if (findServer(dataDir) === undefined) {
    if (options.beginsFolder !== true) requireDataFolder(dataDir);
    const entry = join(context.distDir, 'apps/api/main.js');
    if (!existsSync(entry)) throw new CliError(EXIT.dependencyDown, `${entry} is missing: run npm run build`);
    const server = await ServerProcess.start({
      entry,
      exitWithParent: join(context.distDir, 'apps/cli/connection/exit-with-parent.js'),
      dataDir,
      ...(options.env ? { env: options.env } : {}),
    });
    try {
      return await use(new ServerClient(async () => withToken(server.address)), work);
    } finally {
      await server.stop();
    }
  }
  return use(
    new ServerClient(async () => {
      const server = findServer(dataDir);
      return server && withToken(server);
    }),
    work,
  );
};

/** A mistyped folder is an error, not an empty company. Throws exit 2. */
export function requireDataFolder(dataDir: string): void {
  if (!existsSync(dataDir))
    throw new CliError(
      EXIT.usage,
      `${dataDir}: no data folder; npm start, rapport import and rapport demo make one, --data names another`,
    );
}

async function use<Result>(
  client: ServerClient,
  work: (client: ServerClient) => Promise<Result>,
): Promise<Result> {
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}
