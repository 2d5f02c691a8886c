import type { ServerName } from '@rapport/testing';

export { ADDRESS_VARIABLE, type ServerName } from '@rapport/testing';

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

export type ServerMode = 'given' | 'docker' | 'native' | 'stand-in';

export const SERVERS: readonly ServerName[] = ['eventstoredb', 'kafka', 'mongodb'];

/** The line a test run prints of each server. */
export const lineOf = ({ name, version, address, mode }: RunningServer): string =>
  `${name} ${version} ${withoutPassword(address)} ${mode}`;

const withoutPassword = (address: string): string => address.replace(/(\/\/[^:@/]*):[^@/]*@/, '$1:***@');
