import type { Command } from 'commander';
import { systemIds } from '@rapport/runtime';
import type { CommandHost } from '../cli.js';
import { tableLines } from '../terminal/table.js';
import { wholeNumber } from './arguments.js';
import { readRows } from './read-options.js';

interface Candidate {
  readonly customerIds: readonly [string, string];
  readonly rules: readonly string[];
  readonly scorePct: number;
  readonly proposed: boolean;
  readonly [field: string]: unknown;
}

interface Decided {
  readonly customerId: string;
  readonly memberIds: readonly string[];
  readonly mergeId?: string;
  readonly dryRun?: boolean;
}

/** Adds `rapport identity candidates`, `merge` and `unmerge`. */
export function registerIdentity(program: Command, host: CommandHost): void {
  const identity = program.command('identity').description('customers that are one and the same');
  identity
    .command('candidates')
    .description('customers that have an identifier in common and were not decided on')
    .option('--limit <n>', 'pairs at most', wholeNumber(1, 10_000), 50)
    .option('--propose', 'put them into the queue of matches', false)
    .addHelpText('after', '\nExample:\n  rapport identity candidates --propose')
    .action((flags: { limit: number; propose: boolean }, command: Command) =>
      host.action(command, async (context) => {
        const { rows, more } = await host.withServer(context, async (client) => {
          const found = await readRows<Candidate>(client, '/v1/identity/candidates', {}, flags.limit);
          if (flags.propose)
            for (const { customerIds, rules, scorePct, proposed } of found.rows)
              if (!proposed)
                await client.post(
                  '/v1/identity/match-proposals',
                  { customers: customerIds, rules, scorePct },
                  { idempotencyKey: `propose ${customerIds.join(' ')} ${rules.join(' ')}` },
                );
          return found;
        });
        const { terminal, options } = context;
        if (options.json) return terminal.out(JSON.stringify({ rows }));
        if (rows.length === 0) return terminal.out('nobody seems to be there twice');
        const lines = tableLines(
          [{ title: 'customer' }, { title: 'and' }, { title: 'in common' }, { title: 'sure %' }],
          rows.map(({ customerIds: [one, other], rules, scorePct }) => [
            one,
            other,
            rules.join(', '),
            String(scorePct),
          ]),
        );
        for (const line of lines) terminal.out(line);
        if (more && !options.quiet) terminal.err('more with --limit');
      }),
    );
  identity
    .command('merge')
    .description('merge customers into the first one, which goes on for all of them')
    .argument('<survivor>', 'customer that goes on: id or identifier')
    .argument('<members...>', 'customers it takes in')
    .option('--dry-run', 'say whether it is possible, record nothing', false)
    .addHelpText(
      'after',
      '\nExample:\n  rapport identity merge shop/customerNo:42 email:ada@example.com --dry-run',
    )
    .action((survivor: string, members: string[], flags: { dryRun: boolean }, command: Command) =>
      host.action(command, async (context) => {
        const body = { survivor, members, ...(flags.dryRun ? { dryRun: true } : {}) };
        const decided = await host.withServer(context, (client) =>
          client.post<Decided>('/v1/identity/merges', body, { idempotencyKey: systemIds.uuid() }),
        );
        if (context.options.json) return context.terminal.out(JSON.stringify(decided));
        const verb = decided.dryRun ? 'would take in' : 'took in';
        context.terminal.out(`${decided.customerId} ${verb} ${decided.memberIds.join(', ')}`);
        if (decided.mergeId) context.terminal.out(`merge ${decided.mergeId}`);
      }),
    );
  identity
    .command('unmerge')
    .description('take the latest merge of a customer back')
    .argument('<survivor>', 'customer that went on: id or identifier')
    .requiredOption('--reason <code>', 'why: twoPersons, wrongFile …')
    .option('--dry-run', 'say whether it is possible, record nothing', false)
    .addHelpText('after', '\nExample:\n  rapport identity unmerge shop/customerNo:42 --reason twoPersons')
    .action((survivor: string, flags: { reason: string; dryRun: boolean }, command: Command) =>
      host.action(command, async (context) => {
        const body = { survivor, reasonCode: flags.reason, ...(flags.dryRun ? { dryRun: true } : {}) };
        const decided = await host.withServer(context, (client) =>
          client.post<Decided>('/v1/identity/unmerges', body, { idempotencyKey: systemIds.uuid() }),
        );
        if (context.options.json) return context.terminal.out(JSON.stringify(decided));
        const verb = decided.dryRun ? 'would let go of' : 'let go of';
        context.terminal.out(`${decided.customerId} ${verb} ${decided.memberIds.join(', ')}`);
      }),
    );
}
