import { Option, type Command } from 'commander';
import { STAGES } from '@rapport/contracts';
import type { CommandHost } from '../cli.js';
import type { ServerClient } from '../connection/server-client.js';
import { ProblemAnswer } from '../connection/server-client.js';
import { customerPageLines, type CustomerPageData } from '../pages/customer-page.js';
import { funnelLines, type FunnelData } from '../pages/funnel-page.js';
import { atRiskLines, type AtRiskRow, type AtRiskRun } from '../pages/risk-page.js';
import { painter } from '../terminal/format.js';
import { tableLines } from '../terminal/table.js';
import { formatCount } from '../terminal/format.js';
import { wholeNumber } from './arguments.js';
import { shown } from '../pages/words.js';
import {
  customerPath,
  freshness,
  readQuery,
  readRows,
  withReadFlags,
  type ReadFlags,
} from './read-options.js';

/** Adds `rapport customer`, `funnel`, `stage` and `at-risk`. */
export function registerOverviews(program: Command, host: CommandHost): void {
  withReadFlags(
    program
      .command('customer')
      .description('one customer whole: stage, value, risk, what is open, what was said')
      .argument('<customer>', 'customer id or identifier'),
  )
    .addHelpText(
      'after',
      '\nExamples:\n  rapport customer email:ada.bakker.12@example.com\n  rapport customer cdnow/customerNo:00004 --as-of 1997-09-30',
    )
    .action((customer: string, flags: ReadFlags, command: Command) =>
      host.action(command, async (context) => {
        const page = await host.withServer(context, (client) => readCustomer(client, customer, flags));
        const { terminal, options } = context;
        if (options.json) return terminal.out(JSON.stringify(page));
        for (const line of customerPageLines(page, painter(terminal.colours))) terminal.out(line);
        if (!options.quiet) terminal.err(freshness(page.meta));
      }),
    );

  withReadFlags(program.command('funnel').description('how many customers stand in which stage'))
    .addOption(
      new Option('--group <code>', 'only this customer group').choices([
        'consumer',
        'smallBusiness',
        'corporation',
      ]),
    )
    .addHelpText('after', '\nExample:\n  rapport funnel --as-of 2026-03-01')
    .action((flags: ReadFlags & { group?: string }, command: Command) =>
      host.action(command, async (context) => {
        const answer = await host.withServer(context, (client) =>
          client.get<FunnelData>('/v1/funnel', { ...readQuery(flags), groupCode: flags.group }),
        );
        const { terminal, options } = context;
        if (options.json) return terminal.out(JSON.stringify(answer));
        for (const line of funnelLines(answer.data, painter(terminal.colours))) terminal.out(line);
        if (!options.quiet) terminal.err(freshness(answer.meta));
      }),
    );

  withReadFlags(
    program
      .command('stage')
      .description('who stands in a stage, longest first')
      .argument('<stage>', STAGES.join(', '))
      .option('--limit <n>', 'customers at most', wholeNumber(1, 100_000), 50),
  )
    .addHelpText('after', '\nExample:\n  rapport stage deterioration --limit 20')
    .action((stage: string, flags: ReadFlags & { limit: number }, command: Command) =>
      host.action(command, async (context) => {
        if (!(STAGES as readonly string[]).includes(stage))
          command.error(`error: "${stage}" is not a stage; these are: ${STAGES.join(', ')}`);
        const { rows, meta, more } = await host.withServer(context, (client) =>
          readRows<{
            customerId: string;
            displayName?: unknown;
            since: string;
            daysInStage: number;
            groupCode: string | null;
          }>(client, '/v1/lists/by-stage', { stage, ...readQuery(flags) }, flags.limit),
        );
        const { terminal, options } = context;
        if (options.json) return terminal.out(JSON.stringify({ rows, meta }));
        const lines = tableLines(
          [{ title: 'customer' }, { title: 'since' }, { title: 'days', align: 'right' }, { title: 'group' }],
          rows.map((row) => [
            row.customerId,
            row.since.slice(0, 10),
            formatCount(row.daysInStage),
            shown(row.groupCode),
          ]),
        );
        for (const line of lines) terminal.out(line);
        if (!options.quiet) terminal.err(`${more ? 'more with --limit · ' : ''}${freshness(meta)}`);
      }),
    );

  withReadFlags(
    program
      .command('at-risk')
      .description(
        'who has most value at risk and why, from the latest scoring run; with a day, everybody is scored for it',
      ),
  )
    .option('--limit <n>', 'customers at most', wholeNumber(1, 100_000), 10)
    .addOption(new Option('--band <band>', 'only this band').choices(['low', 'medium', 'high']))
    .addHelpText('after', '\nExample:\n  rapport score && rapport at-risk --limit 20 --band high')
    .action((flags: ReadFlags & { limit: number; band?: string }, command: Command) =>
      host.action(command, async (context) => {
        const { rows, meta, more, names, data } = await host.withServer(context, async (client) => {
          const list = await readRows<AtRiskRow>(
            client,
            '/v1/lists/by-risk',
            { band: flags.band, ...readQuery(flags) },
            flags.limit,
          );
          return { ...list, names: await namesOf(client, list.rows.slice(0, MOST_NAMES)) };
        });
        const { terminal, options } = context;
        const answered = data as AtRiskRun;
        const isOfDay = flags.asOf !== undefined || flags.knownAt !== undefined;
        const run = { ...answered, asOf: answered.asOf ?? (isOfDay ? String(meta.asOf) : null) };
        if (options.json)
          return terminal.out(
            JSON.stringify({ rows, run: { asOf: run.asOf, modelRun: run.modelRun, terms: run.terms }, meta }),
          );
        for (const line of atRiskLines(rows, run, names, painter(terminal.colours))) terminal.out(line);
        if (!options.quiet) terminal.err(`${more ? 'more with --limit · ' : ''}${freshness(meta)}`);
      }),
    );
}

/** A long list shows ids instead of asking for every name. */
const MOST_NAMES = 100;

/** Display names by customer id, for the rows of a list. */
export async function namesOf(
  client: ServerClient,
  rows: readonly { readonly customerId: string }[],
): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  for (const { customerId } of rows) {
    const { data } = await client.get<{ displayName?: unknown }>(customerPath(customerId));
    if (data.displayName !== undefined && data.displayName !== null)
      names.set(customerId, shown(data.displayName));
  }
  return names;
}

/** Everything the page of one customer shows. */
export async function readCustomer(
  client: ServerClient,
  ref: string,
  flags: ReadFlags,
): Promise<CustomerPageData> {
  const query = readQuery(flags);
  const [overview, value, risk, history] = await Promise.all([
    client.get<Record<string, unknown>>(customerPath(ref), query),
    optional(client.get<CustomerPageData['value']>(customerPath(ref, '/value'), query)),
    optional(client.get<CustomerPageData['risk']>(customerPath(ref, '/risk'), query)),
    client.get<{ rows: CustomerPageData['history'] }>(customerPath(ref, '/history'), { ...query, limit: 12 }),
  ]);
  return {
    overview: overview.data,
    value: value?.data ?? null,
    risk: risk?.data ?? null,
    history: history.data.rows,
    meta: overview.meta,
  };
}

/** A role that may not see figures still sees the customer. */
async function optional<Answer>(read: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await read;
  } catch (error) {
    if (error instanceof ProblemAnswer && error.status === 403) return undefined;
    throw error;
  }
}
