/** A server that tests run against, however it came to be there. */
export interface RunningServer {
  readonly server: ServerName;
  /** What it is, for people: `kafka`, `secantusdb`, `eventstoredb stand-in` … */
  readonly name: string;
  readonly version: string;
  readonly mode: ServerMode;
  /** Value of the server's variable; stays the same over `restart`. */
  readonly address: string;
  /** Asks it to end and waits until it has; its data stays. */
  stop(): Promise<void>;
  /** Ends it without a chance to finish anything (SIGKILL); its data stays as it was on disk. */
  kill(): Promise<void>;
  /** Starts it again on the same address and data, resolving when it answers. */
  restart(options?: RestartOptions): Promise<void>;
  /** Stops it and removes its data. */
  dispose(): Promise<void>;
}

export interface RestartOptions {
  /** Document server: whether acknowledged writes survive a kill. Default: as it was started. */
  readonly syncOnCommit?: boolean;
}

export type ServerName = 'eventstoredb' | 'kafka' | 'mongodb';
export type ServerMode = 'given' | 'docker' | 'native' | 'stand-in';

export const SERVERS: readonly ServerName[] = ['eventstoredb', 'kafka', 'mongodb'];

/** Where specs and apps read the address of each server. */
export const ADDRESS_VARIABLE: Readonly<Record<ServerName, string>> = {
  eventstoredb: 'EVENTSTOREDB_URL',
  kafka: 'KAFKA_BROKERS',
  mongodb: 'MONGODB_URL',
};

/** The line a test run prints of each server. */
export const lineOf = ({ name, version, address, mode }: RunningServer): string =>
  `${name} ${version} ${withoutPassword(address)} ${mode}`;

const withoutPassword = (address: string): string => address.replace(/(\/\/[^:@/]*):[^@/]*@/, '$1:***@');

/** The address of a server a spec needs. Throws, naming the variable: a spec without its server fails, it never skips. */
export function addressOf(
  server: ServerName,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string {
  const address = environment[ADDRESS_VARIABLE[server]];
  if (!address)
    throw new Error(
      `${ADDRESS_VARIABLE[server]} is not set: run the spec with npm run test:int, or name a ${server} there`,
    );
  return address;
}
