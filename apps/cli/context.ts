import type { Clock, Scheduler } from '@rapport/runtime';
import type { ServerClient } from './connection/server-client.js';
import type { Terminal } from './terminal/terminal.port.js';

/** Flags every command takes. */
export interface GlobalOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  /** Data folder, absolute. */
  readonly data: string;
  readonly url?: string;
  readonly token?: string;
}

/** What a command works with. */
export interface CommandContext {
  readonly terminal: Terminal;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly options: GlobalOptions;
  /** Aborts on Ctrl-C. */
  readonly signal: AbortSignal;
  /** Environment variables (RAPPORT_…). */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly workingDir: string;
  /** Compiled root of the product, `dist`. */
  readonly distDir: string;
}

/** Runs `work` against the server of the data folder; starts one for as long as it takes when none is running. */
export type WithServer = <Result>(
  context: CommandContext,
  work: (client: ServerClient) => Promise<Result>,
  options?: {
    readonly env?: Readonly<Record<string, string>>;
    readonly dataDir?: string;
    /** The command may begin a data folder; others refuse one that is not there instead of answering from nothing. */
    readonly beginsFolder?: boolean;
  },
) => Promise<Result>;
