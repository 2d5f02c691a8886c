import { dockerServer, hasContainerEngine } from './docker-server.js';
import { givenServer } from './given-server.js';
import { nativeServer, type NativeOptions } from './native-server.js';
import {
  ADDRESS_VARIABLE,
  lineOf,
  SERVERS,
  type RunningServer,
  type ServerMode,
  type ServerName,
} from './running-server.js';
import { standInServer } from './stand-in-server.js';

export interface LaunchOptions {
  /** Which servers; default all three. */
  readonly servers?: readonly ServerName[];
  /** Where addresses are looked for; default the environment. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** For servers started by `infra/native`. */
  readonly native?: Readonly<Partial<Record<'kafka' | 'mongodb', NativeOptions>>>;
  /** Only servers of our own, whatever addresses are given: for tests that kill them. */
  readonly own?: boolean;
  /** Takes the line that says what each server is. */
  readonly print?: (line: string) => void;
}

/** Set to `native`, no container engine is asked for; to `docker`, there must be one. */
export const MODE_VARIABLE = 'RAPPORT_TEST_SERVERS';

/** Version of a native broker, when not the pinned one: many companies run an older one. */
export const KAFKA_VERSION_VARIABLE = 'RAPPORT_TEST_KAFKA_VERSION';

export type Servers = Readonly<Partial<Record<ServerName, RunningServer>>> & {
  /** The variables by which specs and apps find the servers. */
  readonly environment: Readonly<Record<string, string>>;
  /** Stops what was started here and removes its data. */
  dispose(): Promise<void>;
};

/** How a server that is not given is had here. Rejects when there is no way: nothing is skipped silently. */
async function modeFor(
  server: ServerName,
  wanted: string | undefined,
): Promise<Exclude<ServerMode, 'given'>> {
  if (wanted !== undefined && wanted !== 'native' && wanted !== 'docker')
    throw new Error(`${MODE_VARIABLE} is native or docker, not ${wanted}`);
  if (wanted !== 'native' && (await hasContainerEngine())) return 'docker';
  if (wanted === 'docker') throw new Error(`${MODE_VARIABLE}=docker, and no container engine answers`);
  return server === 'eventstoredb' ? 'stand-in' : 'native';
}

/**
 * Each server as given (its address is in the environment), in a container, native on loopback or, for EventStoreDB,
 * a stand-in: the first that can be had. Rejects, naming the server, when one cannot; what was started is stopped then.
 */
export async function launchServers(options: LaunchOptions = {}): Promise<Servers> {
  const environment = options.environment ?? process.env;
  const startOne = async (server: ServerName): Promise<RunningServer> => {
    const given = environment[ADDRESS_VARIABLE[server]];
    if (given && !options.own) return givenServer(server, given);
    const mode = await modeFor(server, environment[MODE_VARIABLE]);
    if (mode === 'docker') return dockerServer(server);
    if (server === 'eventstoredb') return standInServer();
    const version = server === 'kafka' ? environment[KAFKA_VERSION_VARIABLE] : undefined;
    return nativeServer(server, { ...(version ? { version } : {}), ...options.native?.[server] });
  };
  const names = options.servers ?? SERVERS;
  const starts = await Promise.allSettled(names.map(startOne));
  const started = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
  const dispose = async (): Promise<void> => {
    await Promise.all(started.map((server) => server.dispose()));
  };
  const missing = starts.flatMap((start, i) =>
    start.status === 'rejected' ? [`${names[i]} is not there: ${(start.reason as Error).message}`] : [],
  );
  if (missing.length > 0) {
    await dispose();
    throw new Error(missing.join('\n'));
  }
  for (const server of started) options.print?.(lineOf(server));
  return {
    ...Object.fromEntries(started.map((server) => [server.server, server])),
    environment: Object.fromEntries(started.map((s) => [ADDRESS_VARIABLE[s.server], s.address])),
    dispose,
  };
}
