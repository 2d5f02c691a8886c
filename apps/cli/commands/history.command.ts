import type { Command } from 'commander';
import type { CommandHost } from '../cli.js';
import { tableLines } from '../terminal/table.js';
import { arrowOf, shown, wordsOf } from '../pages/words.js';
import { instantArgument, wholeNumber } from './arguments.js';
import {
  customerPath,
  freshness,
  readQuery,
  readRows,
  withReadFlags,
  type ReadFlags,
} from './read-options.js';

interface Entry {
  readonly occurredAt: string;
  readonly type: string;
  readonly channel: string;
  readonly direction: string;
  readonly actor: { readonly kind: string; readonly id: string };
  readonly late: boolean;
  readonly details: Readonly<Record<string, unknown>>;
  readonly corrections: readonly unknown[];
}

/** Adds `rapport history`. */
export function registerHistory(program: Command, host: CommandHost): void {
  withReadFlags(
    program
      .command('history')
      .description('what happened between a customer and us, newest first')
      .argument('<customer>', 'customer id or identifier: email:ada@example.com, shop/customerNo:42')
      .option('--limit <n>', 'lines at most', wholeNumber(1, 100_000), 50)
      .option('--from <day>', 'only from this business day on', instantArgument)
      .option('--to <day>', 'only up to this business day', instantArgument),
  )
    .addHelpText(
      'after',
      '\nExample:\n  rapport history cdnow/customerNo:00004 --as-of 1997-09-30 --limit 20',
    )
    .action(
      (
        customer: string,
        flags: ReadFlags & { limit: number; from?: string; to?: string },
        command: Command,
      ) =>
        host.action(command, async (context) => {
          if (flags.from !== undefined && flags.to !== undefined && flags.from > flags.to)
            command.error('error: --from lies after --to');
          const { rows, meta, more } = await host.withServer(context, (client) =>
            readRows<Entry>(
              client,
              customerPath(customer, '/history'),
              { ...readQuery(flags), from: flags.from, to: flags.to },
              flags.limit,
            ),
          );
          const { terminal, options } = context;
          if (options.json) return terminal.out(JSON.stringify({ rows, meta }));
          const lines = tableLines(
            [
              { title: 'when' },
              { title: 'what' },
              { title: 'channel' },
              { title: 'who' },
              { title: 'details' },
            ],
            rows.map((entry) => [
              entry.occurredAt.slice(0, 16).replace('T', ' ') + (entry.late ? ' late' : ''),
              wordsOf(entry.type),
              `${arrowOf(entry.direction)} ${entry.channel}`,
              `${entry.actor.kind} ${entry.actor.id}`,
              detailsOf(entry),
            ]),
          );
          for (const line of lines) terminal.out(line);
          if (rows.length === 0) terminal.out('nothing happened in this period');
          if (!options.quiet) terminal.err(`${more ? 'more with --limit · ' : ''}${freshness(meta)}`);
        }),
    );
}

function detailsOf({ details, corrections }: Entry): string {
  const parts = Object.entries(details)
    .filter(([name]) => name !== 'direction' && name !== 'lines')
    .map(([name, value]) => `${name} ${shown(value)}`);
  if (corrections.length > 0) parts.push(`${corrections.length} × corrected`);
  const text = parts.join(' · ');
  return text.length > 90 ? `${text.slice(0, 89)}…` : text;
}
