import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { systemIds } from '@rapport/runtime';
import type { CommandHost } from '../cli.js';
import type { CommandContext } from '../context.js';
import { CliError, EXIT } from '../exit-codes.js';
import { tableLines } from '../terminal/table.js';
import { instantArgument, startArgument } from './arguments.js';

/** A version of the rules in a list. */
interface ShownRuleBook {
  readonly version: string;
  readonly author: string;
  readonly objective: string;
  readonly effectiveFrom: string;
  readonly publishedAt: string | null;
  readonly inForce: boolean;
}

interface PublishFlags {
  readonly from?: string;
  readonly decidedOn?: string;
  readonly dryRun: boolean;
}

/** Adds `rapport rules`: check a rule book, publish it, list those that were. */
export function registerRules(program: Command, host: CommandHost): void {
  const rules = program
    .command('rules')
    .description('the rule books that decide stages, offers and service')
    .addHelpText('after', '\nExample:\n  rapport rules check my.rule-book.json && rapport rules publish my.rule-book.json'); // prettier-ignore
  rules
    .command('check <file>')
    .description('say what is wrong with a rule book, without a server')
    .addHelpText('after', '\nExample:\n  rapport rules check my.rule-book.json')
    .action((file: string, _flags: object, command: Command) =>
      host.action(command, async ({ terminal, options, workingDir }) => {
        const { checkRuleBook } = await import('../product.js');
        const { version, objective } = checkRuleBook(readRules(workingDir, file));
        if (options.json) terminal.out(JSON.stringify({ version, objective }));
        else terminal.out(`${version} can be used: ${objective}`);
      }),
    );
  rules
    .command('publish <file>')
    .description('publish a rule book; it decides from its date on')
    .option(
      '--from <day>',
      'first business time it decides (default: now); a day begins at 00:00 UTC',
      startArgument,
    )
    .option(
      '--decided-on <day>',
      'day the rules were decided on, for history that is recorded later (default: now)',
      startArgument,
    )
    .option('--dry-run', 'only ask whether it could be published', false)
    .addHelpText(
      'after',
      '\nExamples:\n  rapport rules publish my.rule-book.json\n  rapport rules publish my.rule-book.json --from 2027-03-01\n  rapport rules publish as-of-old.json --from 2024-01-01 --decided-on 2024-01-01',
    ) // prettier-ignore
    .action((file: string, flags: PublishFlags, command: Command) =>
      host.action(command, (context) => publish(context, file, flags)),
    );
  rules
    .command('list')
    .description('every rule book, and which one decides')
    .option('--as-of <day>', 'which one decides then (default: now)', instantArgument)
    .addHelpText('after', '\nExample:\n  rapport rules list --as-of 2026-01-31')
    .action((flags: { asOf?: string }, command: Command) =>
      host.action(command, async (context) => {
        const books = await host.withServer(context, async (client) => {
          return (await client.get<readonly ShownRuleBook[]>('/v1/rule-books', { asOf: flags.asOf })).data;
        });
        const { terminal, options } = context;
        if (options.json) return terminal.out(JSON.stringify({ ruleBooks: books }));
        for (const line of bookLines(books)) terminal.out(line);
      }),
    );

  async function publish(context: CommandContext, file: string, flags: PublishFlags): Promise<void> {
    const { terminal, options, workingDir } = context;
    const book = readRules(workingDir, file);
    const answer = await host.withServer(context, (client) =>
      client.post<Record<string, unknown>>(
        '/v1/rule-books',
        {
          rules: book,
          ...(flags.from === undefined ? {} : { effectiveFrom: flags.from }),
          ...(flags.decidedOn === undefined ? {} : { occurredAt: flags.decidedOn }),
          ...(flags.dryRun ? { dryRun: true } : {}),
        },
        { idempotencyKey: `rules-${systemIds.uuid()}` },
      ),
    );
    if (options.json) return terminal.out(JSON.stringify(answer));
    const version = String((book as { version?: unknown }).version);
    const when = flags.from === undefined ? 'from now on' : `from ${flags.from} on`;
    terminal.out(flags.dryRun ? `${version} could be published` : `${version} decides ${when}`);
  } // prettier-ignore
}

/** Throws exit 4 for a file that is no JSON, exit 2 for one that is not there. */
function readRules(workingDir: string, file: string): unknown {
  const path = resolve(workingDir, file);
  const text = readFileSync(path, 'utf8');
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CliError(EXIT.validation, `${path}: is not JSON (${(error as Error).message})`);
  }
}

const bookLines = (books: readonly ShownRuleBook[]): string[] =>
  tableLines(
    [{ title: '' }, { title: 'version' }, { title: 'decides from' }, { title: 'published' }, { title: 'by' }, { title: 'objective' }],
    books.map(({ version, effectiveFrom, publishedAt, author, objective, inForce }) => [
      inForce ? '*' : '',
      version,
      effectiveFrom.startsWith('0001') ? 'the beginning' : effectiveFrom,
      publishedAt ?? 'with the product',
      author,
      objective,
    ]),
  ); // prettier-ignore
