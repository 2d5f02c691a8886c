import { Command, CommanderError, Option } from 'commander';
import { isAbsolute, join } from 'node:path';
import type { Clock, Scheduler } from '@rapport/runtime';
import { withServer } from './connection/with-server.js';
import type { CommandContext, GlobalOptions, WithServer } from './context.js';
import { registerDecisions } from './commands/decisions.command.js';
import { registerDemo } from './commands/demo.command.js';
import { registerDoctor } from './commands/doctor.command.js';
import { registerFind } from './commands/find.command.js';
import { registerIdentity } from './commands/identity.commands.js';
import { registerHistory } from './commands/history.command.js';
import { registerImport } from './commands/import.command.js';
import { registerModels } from './commands/models.commands.js';
import { registerOverviews } from './commands/overview.commands.js';
import { registerProcesses } from './commands/processes.commands.js';
import { registerProjections } from './commands/projections.commands.js';
import { registerRules } from './commands/rules.command.js';
import { registerToken } from './commands/token.command.js';
import { registerVerify } from './commands/verify.command.js';
import { CliError, EXIT, explainFailure, type ExitCode } from './exit-codes.js';
import type { Terminal } from './terminal/terminal.port.js';

/** Everything outside the program; specs hand in their own. */
export interface World {
  readonly terminal: Terminal;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly workingDir: string;
  /** Compiled root of the product, `dist`. */
  readonly distDir: string;
  readonly version: string;
  /** Aborts on Ctrl-C. */
  readonly signal: AbortSignal;
}

/** How a command registers what it does: failures become exit codes in one place. */
export interface CommandHost {
  readonly withServer: WithServer;
  /** Runs the action of `command` with its context; what it returns is the exit code (default 0). */
  action(command: Command, run: (context: CommandContext) => Promise<ExitCode | void>): Promise<void>;
}

const REGISTER: readonly ((program: Command, host: CommandHost) => void)[] = [
  registerImport,
  registerDemo,
  registerFind,
  registerIdentity,
  registerOverviews,
  registerHistory,
  registerDecisions,
  registerModels,
  registerRules,
  registerProjections,
  registerProcesses,
  registerVerify,
  registerDoctor,
  registerToken,
];

/** Runs one command line and answers its exit code. Never throws, never ends the process. */
export async function runCli(args: readonly string[], world: World): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.ok;
  const host: CommandHost = {
    withServer,
    action: async (command, run) => {
      const result = await run(contextOf(command, world));
      exitCode = result ?? EXIT.ok;
    },
  };
  const program = new Command('rapport')
    .description('Rapport from the command line: import, read, fit, rebuild, verify.')
    .version(world.version)
    .option('--data <folder>', 'data folder (default: RAPPORT_DATA_DIR or ./data)')
    .option('--url <url>', 'address of a server to use instead of the one of the data folder')
    .addOption(new Option('--token <token>', 'access token for it').env('RAPPORT_TOKEN'))
    .option('--json', 'one JSON document on standard output, for programs; of a failure too', false)
    .option('--quiet', 'no progress, no remarks', false)
    .showSuggestionAfterError()
    .showHelpAfterError('(rapport <command> --help shows what is possible)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => world.terminal.out(text.trimEnd()),
      writeErr: (text) => world.terminal.err(text.trimEnd()),
    })
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 2 usage, 3 busy or locked, 4 not valid or refused, 5 a dependency is down, 130 interrupted.' +
        '\nEach command explains itself with an example: rapport <command> --help',
    );
  for (const register of REGISTER) register(program, host);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok;
    const failure =
      error instanceof CommanderError
        ? { exitCode: EXIT.usage, reason: error.message.replace(/^error: /, '') }
        : world.signal.aborted
          ? { exitCode: EXIT.interrupted, reason: interruptedWith(error) }
          : explainFailure(error);
    // Commander has told the person already.
    if (!(error instanceof CommanderError)) world.terminal.err(`rapport: ${failure.reason}`);
    if (wantsJson(args)) world.terminal.out(JSON.stringify({ error: failure }));
    return failure.exitCode;
  }
}

/** A command that was stopped may say what it leaves behind. */
const interruptedWith = (error: unknown): string =>
  error instanceof CliError && error.exitCode === EXIT.interrupted ? error.message : 'interrupted';

/** Also where the command line could not be understood: a program still reads one document. */
const wantsJson = (args: readonly string[]): boolean => {
  const end = args.indexOf('--');
  return (end < 0 ? args : args.slice(0, end)).includes('--json');
};

function contextOf(command: Command, world: World): CommandContext {
  const given = command.optsWithGlobals<{
    data?: string;
    url?: string;
    token?: string;
    json: boolean;
    quiet: boolean;
  }>();
  const folder = given.data ?? (world.env.RAPPORT_DATA_DIR || './data');
  const options: GlobalOptions = {
    json: given.json,
    quiet: given.quiet,
    data: isAbsolute(folder) ? folder : join(world.workingDir, folder),
    ...(given.url === undefined ? {} : { url: given.url.replace(/\/+$/, '') }),
    ...(given.token === undefined ? {} : { token: given.token }),
  };
  return {
    terminal: world.terminal,
    clock: world.clock,
    scheduler: world.scheduler,
    options,
    signal: world.signal,
    env: world.env,
    workingDir: world.workingDir,
    distDir: world.distDir,
  };
}
