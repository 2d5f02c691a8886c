import { Option, type Command } from 'commander';
import type { CommandHost } from '../cli.js';
import { requireDataFolder } from '../connection/with-server.js';
import { CliError, EXIT } from '../exit-codes.js';
import { wholeNumber } from './arguments.js';

const ROLES = ['service', 'rep', 'analyst', 'operations', 'steward', 'owner'] as const;

/** Adds `rapport token`. */
export function registerToken(program: Command, host: CommandHost): void {
  program
    .command('token')
    .description('make an access token for the server of the data folder, or of RAPPORT_TOKEN_SECRET_FILE')
    .addOption(new Option('--role <role>', 'what its holder may do').choices(ROLES).makeOptionMandatory())
    .option('--subject <name>', 'who it is for; also the source system of what it records', 'cli')
    .option('--days <n>', 'days until it expires', wholeNumber(1, 365), 1)
    .addHelpText(
      'after',
      '\nExample:\n  curl -H "Authorization: Bearer $(rapport token --role analyst)" http://127.0.0.1:4100/v1/funnel',
    )
    .action((flags: { role: (typeof ROLES)[number]; subject: string; days: number }, command: Command) =>
      host.action(command, async ({ terminal, clock, env, options }) => {
        if (!/^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$/.test(flags.subject))
          throw new CliError(EXIT.usage, '--subject: letters, digits, . _ : - only');
        if (!env.RAPPORT_TOKEN_SECRET_FILE) requireDataFolder(options.data);
        const { mintToken } = await import('../product.js');
        const token = await mintToken(options.data, env, clock, {
          subject: flags.subject,
          role: flags.role,
          expiresInS: flags.days * 86_400,
        });
        terminal.out(
          options.json
            ? JSON.stringify({
                token,
                role: flags.role,
                subject: flags.subject,
                expiresInS: flags.days * 86_400,
              })
            : token,
        );
      }),
    );
}
