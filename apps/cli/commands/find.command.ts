import type { Command } from 'commander';
import type { CommandHost } from '../cli.js';
import { tableLines } from '../terminal/table.js';
import { wholeNumber } from './arguments.js';
import { shown } from '../pages/words.js';
import { readRows } from './read-options.js';

interface Found {
  readonly customerId: string;
  readonly displayName?: unknown;
  readonly stage?: string;
  readonly groupCode?: string | null;
  readonly [field: string]: unknown;
}

/** Adds `rapport find`. */
export function registerFind(program: Command, host: CommandHost): void {
  program
    .command('find')
    .description('find customers by an exact identifier or by words of their name')
    .argument('<text...>', 'email:ada@example.com, shop/customerNo:42, or words: ada exa')
    .option('--limit <n>', 'customers at most', wholeNumber(1, 1_000), 20)
    .addHelpText(
      'after',
      '\nExamples:\n  rapport find ada bakk\n  rapport find email:ada.bakker.12@example.com',
    )
    .action((words: string[], flags: { limit: number }, command: Command) =>
      host.action(command, async (context) => {
        const text = words.join(' ');
        const query =
          /^([A-Za-z0-9._:-]+\/)?[a-zA-Z]+:\S/.test(text) || text.includes('@')
            ? { identifier: text.includes(':') ? text : `email:${text}` }
            : { name: text };
        const { rows, meta, more } = await host.withServer(context, (client) =>
          readRows<Found>(client, '/v1/customers', query, flags.limit),
        );
        const { terminal, options } = context;
        if (options.json) return terminal.out(JSON.stringify({ rows, meta }));
        if (rows.length === 0) return terminal.out('no customer found');
        const lines = tableLines(
          [{ title: 'customer' }, { title: 'name' }, { title: 'stage' }, { title: 'group' }],
          rows.map((row) => [row.customerId, shown(row.displayName), shown(row.stage), shown(row.groupCode)]),
        );
        for (const line of lines) terminal.out(line);
        if (more && !options.quiet) terminal.err('more with --limit');
      }),
    );
}
