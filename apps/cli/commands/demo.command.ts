import type { Command } from 'commander';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { dayNumberOf, epochMsOf, isoDateOfDay, isoOf } from '@rapport/contracts';
import type { CommandHost } from '../cli.js';
import type { ServerClient } from '../connection/server-client.js';
import { findServer } from '../connection/server-process.adapter.js';
import type { CommandContext } from '../context.js';
import type { DemoItem } from '../demo/customer-life.js';
import { demoProducts } from '../demo/demo-catalogue.js';
import { closingReviews, demoStream, fingerprintOf } from '../demo/demo-stream.js';
import { CliError, EXIT } from '../exit-codes.js';
import { BatchSender } from '../import/batch-sender.js';
import { customerPageLines } from '../pages/customer-page.js';
import { funnelLines, type FunnelData } from '../pages/funnel-page.js';
import { atRiskLines, type AtRiskRow, type AtRiskRun } from '../pages/risk-page.js';
import { formatCount, formatDuration, formatRate, painter } from '../terminal/format.js';
import { startProgress } from '../terminal/progress.js';
import { wholeNumber } from './arguments.js';
import { fitModel, MODELS, scoreCustomers, type Fit } from './models.commands.js';
import { namesOf, readCustomer } from './overview.commands.js';
import { listProjections } from './projections.commands.js';
import { readRows } from './read-options.js';

/** Three years of business time that lie in the past wherever this runs, so that every run shows the same figures. */
const FROM = '2022-01-01T00:00:00.000Z';
const UNTIL = '2024-12-31T00:00:00.000Z';

interface DemoFlags {
  readonly customers: number;
  readonly seed: number;
  readonly keep?: true;
}

/** Adds `rapport demo`. */
export function registerDemo(program: Command, host: CommandHost): void {
  program
    .command('demo')
    .description(
      'a few thousand invented customers living through all stages; shows what an account manager sees',
    )
    .option(
      '--customers <n>',
      'how many customers; fewer than 300 are too few to estimate values from',
      wholeNumber(300, 200_000),
      3_000,
    )
    .option('--seed <n>', 'another seed is another world', wholeNumber(0, 4_294_967_295), 1)
    .option('--keep', 'go on with the data folder of an earlier run')
    .addHelpText(
      'after',
      '\nExample:\n  rapport demo --customers 3000 --seed 1\n\nData folder: --data, else ./data/demo (made anew unless --keep).',
    )
    .action((flags: DemoFlags, command: Command) =>
      host.action(command, (context) => {
        const explicit = command.optsWithGlobals<{ data?: string }>().data !== undefined;
        return runDemo(
          host,
          context,
          flags,
          explicit ? context.options.data : join(context.workingDir, 'data/demo'),
        );
      }),
    );
}

async function runDemo(
  host: CommandHost,
  context: CommandContext,
  flags: DemoFlags,
  dataDir: string,
): Promise<void> {
  if (context.options.url !== undefined)
    throw new CliError(EXIT.usage, 'demo makes its own data folder: leave out --url');
  prepareFolder(dataDir, flags.keep === true);
  const startedMs = context.clock.monotonicMs();
  const result = await host.withServer(context, (client) => playDemo(context, client, flags), {
    dataDir,
    beginsFolder: true,
    // Reviews run at the demo's own time, not at today's.
    env: { RAPPORT_REVIEW_INTERVAL_MS: '0', RAPPORT_SCORING_INTERVAL_MS: '0' },
  });
  const { terminal, options } = context;
  if (options.json) {
    terminal.out(JSON.stringify(result.figures));
    return;
  }
  for (const line of result.lines) terminal.out(line);
  const folder = relative(context.workingDir, dataDir) || '.';
  terminal.out('');
  terminal.out(
    `done in ${formatDuration(context.clock.monotonicMs() - startedMs)}; the data stays in ${folder}. Next:`,
  );
  terminal.out(
    `  npm run -s cli -- --data ${folder} customer ${result.firstCustomer ?? 'demo/customerNo:C00001'} --as-of ${result.before}    # the day before the last turn`,
  );
  terminal.out(`  npm run -s cli -- --data ${folder} find ${result.firstName ?? 'ada'}`);
  terminal.out(`  npm run -s cli -- --data ${folder} verify`);
  terminal.out(
    `  RAPPORT_DATA_DIR=${folder} RAPPORT_REVIEW_INTERVAL_MS=0 npm start    # the same data over HTTP, API at /docs`,
  );
}

/** Only a folder that Rapport made is removed. */
function prepareFolder(dataDir: string, keep: boolean): void {
  if (keep || !existsSync(dataDir)) return;
  if (findServer(dataDir))
    throw new CliError(EXIT.busy, `${dataDir}: a server runs on this folder; stop it first, or use --keep`);
  const content = readdirSync(dataDir);
  if (content.length > 0 && !content.includes('events.db'))
    throw new CliError(EXIT.usage, `${dataDir}: is not a data folder of Rapport; it is left alone`);
  rmSync(dataDir, { recursive: true, force: true });
}

interface DemoResult {
  readonly figures: Readonly<Record<string, unknown>>;
  readonly lines: readonly string[];
  readonly firstCustomer: string | undefined;
  readonly firstName: string | undefined;
  /** Day before the first customer's last move: worth looking at. */
  readonly before: string;
}

async function playDemo(
  context: CommandContext,
  client: ServerClient,
  flags: DemoFlags,
): Promise<DemoResult> {
  const frame = { seed: flags.seed, fromMs: epochMsOf(FROM), untilMs: epochMsOf(UNTIL) };
  const items = demoStream(flags.customers, frame);
  for (const product of demoProducts(frame.fromMs))
    await client.post('/v1/products', product, { idempotencyKey: `demo-${product.productId}` });
  const sent = await sendItems(context, client, items, 'living');
  await sendItems(context, client, closingReviews(flags.customers, frame), 'reviewing');
  await waitForReadModels(context, client);

  const asOf = isoOf(frame.untilMs);
  const fits: Fit[] = [];
  for (const model of MODELS) fits.push(await fitModel(client, model, asOf, 'week'));
  const run = await scoreCustomers(client, asOf);
  const funnel = await client.get<FunnelData>('/v1/funnel', { asOf });
  const atRisk = await readRows<AtRiskRow>(client, '/v1/lists/by-risk', {}, 10);
  const names = await namesOf(client, atRisk.rows);
  const first = atRisk.rows[0]?.customerId;
  const page = first === undefined ? undefined : await readCustomer(client, first, { asOf });

  const paint = painter(context.terminal.colours);
  const heading = (text: string): string[] => ['', paint.bold(paint.underline(text)), ''];
  const lines = [
    `${formatCount(sent.total)} commands of ${formatCount(flags.customers)} customers over three years (seed ${flags.seed}, fingerprint ${fingerprintOf(items)}) ` +
      `in ${formatDuration(sent.elapsedMs)} (${formatRate(sent.total, sent.elapsedMs)}): ${formatCount(sent.accepted)} accepted, ` +
      `${formatCount(sent.replayed)} replayed, ${formatCount(sent.refused)} refused by the rules`,
    ...refusalLines(sent.refusedByCode),
    ...heading('Who stands where'),
    ...funnelLines(funnel.data, paint),
    ...heading('Ten customers with most value at risk'),
    ...atRiskLines(atRisk.rows, atRisk.data as AtRiskRun, names, paint),
    ...(page ? [...heading('The first of them, whole'), ...customerPageLines(page, paint)] : []),
  ];
  return {
    lines,
    firstCustomer: first,
    firstName: first === undefined ? undefined : names.get(first)?.split(' ')[0],
    before: dayBefore((page?.overview.relationship as { since?: string } | undefined)?.since ?? asOf),
    figures: {
      fingerprint: fingerprintOf(items),
      commands: sent.total,
      accepted: sent.accepted,
      replayed: sent.replayed,
      refused: sent.refused,
      refusedByCode: Object.fromEntries(sent.refusedByCode),
      fits: fits.map(({ model, parameters, logLikelihood, status, customers }) => ({
        model,
        parameters,
        logLikelihood,
        status,
        customers,
      })),
      scored: run,
      funnel: funnel.data,
      atRisk: atRisk.rows,
      customer: page && { overview: page.overview, value: page.value, risk: page.risk },
      elapsedMs: Math.round(sent.elapsedMs),
    },
  };
}

/** Read models follow the log by themselves; figures are shown when they have seen all of it. */
async function waitForReadModels(
  { terminal, clock, scheduler, options, signal }: CommandContext,
  client: ServerClient,
): Promise<void> {
  const progress = startProgress(terminal, clock, {
    label: 'read models',
    unit: 'events',
    quiet: options.quiet,
  });
  try {
    for (;;) {
      const rows = await listProjections(client);
      const head = Math.max(...rows.map((row) => Number(row.head)));
      const least = Math.min(...rows.map((row) => Number(row.position)));
      progress.update({ done: least, total: head });
      if (least >= head) return;
      if (signal.aborted) throw new CliError(EXIT.interrupted, 'interrupted');
      await scheduler.sleep(100, signal);
    }
  } finally {
    progress.stop();
  }
}

const dayBefore = (instant: string): string => isoDateOfDay(dayNumberOf(epochMsOf(instant)) - 1);

/** Refusals are the point of the rules: each code, how often. */
function refusalLines(byCode: ReadonlyMap<string, number>): string[] {
  const codes = [...byCode].sort((a, b) => b[1] - a[1]);
  return codes.length === 0
    ? []
    : [`  ${codes.map(([code, count]) => `${code} ${formatCount(count)}`).join(' · ')}`];
}

interface SentSummary {
  readonly total: number;
  readonly accepted: number;
  readonly replayed: number;
  readonly refused: number;
  readonly refusedByCode: ReadonlyMap<string, number>;
  readonly elapsedMs: number;
}

async function sendItems(
  context: CommandContext,
  client: ServerClient,
  items: readonly DemoItem[],
  label: string,
): Promise<SentSummary> {
  const { terminal, clock, scheduler, options, signal } = context;
  const startedMs = clock.monotonicMs();
  const progress = startProgress(terminal, clock, { label, unit: 'commands', quiet: options.quiet });
  const sum = { accepted: 0, replayed: 0, refused: 0 };
  const refusedByCode = new Map<string, number>();
  const sender = new BatchSender<DemoItem>({
    target: client,
    scheduler,
    lanes: 4,
    batchSize: 500,
    retryForMs: 60_000,
    nowMs: () => clock.monotonicMs(),
    signal,
    onSent: (sent) => {
      for (const { origin, result } of sent) {
        if (result.status === 'accepted' || result.status === 'replayed') sum[result.status]++;
        else if (result.status === 'invalid')
          throw new CliError(
            EXIT.internal,
            `the service does not understand ${origin.item.command}: ${JSON.stringify(result.problem)}`,
          );
        else {
          const code = result.problem?.code ?? 'refused';
          sum.refused++;
          refusedByCode.set(code, (refusedByCode.get(code) ?? 0) + 1);
        }
      }
      progress.update({ done: sum.accepted + sum.replayed + sum.refused, total: items.length });
    },
  });
  try {
    for (const item of items) {
      if (signal.aborted) throw new CliError(EXIT.interrupted, 'interrupted');
      await sender.add(item.customer, item.item, item);
    }
    await sender.flush();
  } finally {
    progress.stop();
  }
  return { total: items.length, ...sum, refusedByCode, elapsedMs: clock.monotonicMs() - startedMs };
}
