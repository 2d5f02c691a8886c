import type { Command } from 'commander';
import { systemIds } from '@rapport/runtime';
import type { CommandHost } from '../cli.js';
import type { ServerClient } from '../connection/server-client.js';
import type { CommandContext } from '../context.js';
import { formatCount } from '../terminal/format.js';
import { startProgress } from '../terminal/progress.js';
import { tableLines } from '../terminal/table.js';
import { wholeNumber } from './arguments.js';

interface Candidate {
  readonly customerIds: readonly [string, string];
  readonly rules: readonly string[];
  readonly names: string;
  readonly scorePct: number;
  readonly proposed: boolean;
}

interface LeftOut {
  readonly households: number;
  readonly sharedByMany: number;
  readonly weaker: number;
}

interface Decided {
  readonly customerId: string;
  readonly memberIds: readonly string[];
  readonly mergeId?: string;
  readonly dryRun?: boolean;
}

/** Things in common looked at in one request. */
const PAGE_LIMIT = 200;

/** Pages of candidates until there are enough of them; the same two may be on several pages. */
async function candidatesOf(client: ServerClient, limit: number, atLeastPct: number) {
  const found = new Map<string, Candidate>();
  const leftOut = { households: 0, sharedByMany: 0, weaker: 0 };
  for (let cursor: string | undefined; ;) {
    const { data, meta } = await client.get<{ rows: readonly Candidate[]; leftOut: LeftOut }>(
      '/v1/identity/candidates',
      { limit: PAGE_LIMIT, cursor },
    );
    for (const row of data.rows) if (row.scorePct >= atLeastPct) found.set(row.customerIds.join(' '), row);
    for (const reason of ['households', 'sharedByMany', 'weaker'] as const)
      leftOut[reason] += data.leftOut[reason];
    cursor = typeof meta.next === 'string' ? meta.next : undefined;
    if (cursor !== undefined && found.size < limit) continue;
    const rows = [...found.values()].sort((a, b) => b.scorePct - a.scorePct);
    return { rows: rows.slice(0, limit), leftOut, more: cursor !== undefined || rows.length > limit };
  }
}

async function propose(
  client: ServerClient,
  rows: readonly Candidate[],
  { terminal, clock, options }: CommandContext,
): Promise<void> {
  const progress = startProgress(terminal, clock, { label: 'propose', unit: 'pairs', quiet: options.quiet });
  try {
    for (const [done, { customerIds, rules, scorePct }] of rows.entries()) {
      const idempotencyKey = `propose ${customerIds.join(' ')} ${rules.join(' ')}`;
      await client.post('/v1/identity/match-proposals', { customers: customerIds, rules, scorePct }, { idempotencyKey }); // prettier-ignore
      progress.update({ done: done + 1, total: rows.length });
    }
  } finally {
    progress.stop();
  }
}

function leftOutLines({ households, sharedByMany, weaker }: LeftOut): string[] {
  return [
    households > 0 ? `${formatCount(households)} pairs under one address or telephone with different names: households` : '',
    sharedByMany > 0 ? `${formatCount(sharedByMany)} identifiers or names that more than ten customers share` : '',
    weaker > 0 ? `${formatCount(weaker)} pairs beyond the ten strongest of what they share` : '',
  ].filter((line) => line !== ''); // prettier-ignore
}

/** Adds `rapport identity candidates`, `reject`, `merge` and `unmerge`. */
export function registerIdentity(program: Command, host: CommandHost): void {
  const identity = program.command('identity').description('customers that are one and the same');
  identity
    .command('candidates')
    .description('customers that may be one, why and how strongly; nobody has decided on them')
    .option('--limit <n>', 'pairs at most', wholeNumber(1, 10_000), 50)
    .option('--at-least <pct>', 'only as strong as this', wholeNumber(0, 99), 0)
    .option('--propose', 'put them into the queue of matches', false)
    .addHelpText('after', '\nExample:\n  rapport identity candidates --at-least 70 --propose')
    .action((flags: { limit: number; atLeast: number; propose: boolean }, command: Command) =>
      host.action(command, async (context) => {
        const { terminal, options } = context;
        const { rows, leftOut, more } = await host.withServer(context, async (client) => {
          const found = await candidatesOf(client, flags.limit, flags.atLeast);
          const news = found.rows.filter(({ proposed }) => !proposed);
          if (flags.propose && news.length > 0) await propose(client, news, context);
          return found;
        });
        if (options.json) return terminal.out(JSON.stringify({ rows, leftOut, more }));
        if (rows.length === 0) terminal.out('nobody seems to be there twice');
        else
          for (const line of tableLines(
            [
              { title: 'customer' },
              { title: 'and' },
              { title: 'in common' },
              { title: 'names' },
              { title: 'strength %', align: 'right' },
              { title: 'queue' },
            ],
            rows.map(({ customerIds: [one, other], rules, names, scorePct, proposed }) => [
              one,
              other,
              rules.join(', '),
              names,
              String(scorePct),
              proposed || flags.propose ? 'proposed' : '',
            ]),
          ))
            terminal.out(line);
        if (options.quiet) return;
        for (const line of leftOutLines(leftOut)) terminal.err(`not shown: ${line}`);
        if (more) terminal.err('more with --limit');
      }),
    );
  identity
    .command('reject')
    .description('say that two customers are two; they are not shown again for the same reasons')
    .argument('<customer>', 'id or identifier')
    .argument('<other>', 'id or identifier')
    .requiredOption('--reason <code>', 'why: siblings, sameOffice …')
    .addHelpText(
      'after',
      '\nExample:\n  rapport identity reject shop/customerNo:42 shop/customerNo:43 --reason siblings',
    )
    .action((one: string, other: string, flags: { reason: string }, command: Command) =>
      host.action(command, async (context) => {
        const body = { customers: [one, other], reasonCode: flags.reason };
        const decided = await host.withServer(context, (client) =>
          client.post<Decided>('/v1/identity/match-rejections', body, { idempotencyKey: systemIds.uuid() }),
        );
        if (context.options.json) return context.terminal.out(JSON.stringify(decided));
        context.terminal.out(`${decided.customerId} and ${decided.memberIds.join(', ')} are two`);
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
