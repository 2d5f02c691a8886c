import { Option, type Command } from 'commander';
import type { CommandHost } from '../cli.js';
import { isoOf } from '@rapport/contracts';
import { systemIds } from '@rapport/runtime';
import { LONG_REQUEST_TIMEOUT_MS, type ServerClient } from '../connection/server-client.js';
import { formatCount, formatDuration } from '../terminal/format.js';
import { tableLines } from '../terminal/table.js';
import { instantArgument } from './arguments.js';
import { readQuery, withReadFlags, type ReadFlags } from './read-options.js';

export const MODELS = ['mbgNbd', 'bgNbd', 'gammaGamma'] as const;

/** A fit as recorded on its `model-<name>` stream. */
export interface Fit {
  readonly modelRunId: string;
  readonly model: string;
  readonly parameters: Readonly<Record<string, number>>;
  readonly timeUnit: string;
  readonly currency?: string;
  readonly cutoff: string;
  readonly customers: number;
  readonly repeatCustomers: number;
  readonly logLikelihood: number;
  readonly status: string;
}

/** Adds `rapport models` and `rapport score`. */
export function registerModels(program: Command, host: CommandHost): void {
  const models = program.command('models').description('fits of the value models');
  models
    .command('fit')
    .description('fit the value models on the purchases up to a day')
    .option('--cutoff <day>', 'last business day used (default: now)', instantArgument)
    .addOption(
      new Option('--unit <unit>', 'unit of time of the parameters').choices(['week', 'day']).default('week'),
    )
    .addOption(new Option('--model <name...>', 'only these').choices(MODELS).default([...MODELS]))
    .addHelpText('after', '\nExample:\n  rapport models fit --cutoff 1997-09-30 --unit week')
    .action((flags: { cutoff?: string; unit: string; model: string[] }, command: Command) =>
      host.action(command, async (context) => {
        const startedMs = context.clock.monotonicMs();
        const cutoff = flags.cutoff ?? isoOf(context.clock.nowMs());
        const fits = await host.withServer(context, async (client) => {
          const done: Fit[] = [];
          for (const model of flags.model) done.push(await fitModel(client, model, cutoff, flags.unit));
          return done;
        });
        const { terminal, options } = context;
        if (options.json) return terminal.out(JSON.stringify({ fits }));
        for (const line of fitLines(fits)) terminal.out(line);
        if (!options.quiet)
          terminal.err(`fitted in ${formatDuration(context.clock.monotonicMs() - startedMs)}`);
      }),
    );
  withReadFlags(models.command('show').description('the latest fits; with a day, those its figures rest on'))
    .addHelpText('after', '\nExample:\n  rapport models show --json')
    .action((flags: ReadFlags, command: Command) =>
      host.action(command, async (context) => {
        const fits = await host.withServer(context, async (client) => {
          return (await client.get<readonly Fit[]>('/v1/models', { ...readQuery(flags) })).data;
        });
        const { terminal, options } = context;
        if (options.json) return terminal.out(JSON.stringify({ fits }));
        if (fits.length === 0)
          return terminal.out(
            flags.asOf === undefined && flags.knownAt === undefined
              ? 'nothing was fitted yet: run `rapport models fit`'
              : 'nothing was fitted up to then',
          );
        for (const line of fitLines(fits)) terminal.out(line);
      }),
    );

  program
    .command('score')
    .description('score every customer for the risk list')
    .option('--as-of <day>', 'day the scores are for (default: now)', instantArgument)
    .addHelpText('after', '\nExample:\n  rapport models fit && rapport score && rapport at-risk')
    .action((flags: { asOf?: string }, command: Command) =>
      host.action(command, async (context) => {
        const startedMs = context.clock.monotonicMs();
        const run = await host.withServer(context, (client) => scoreCustomers(client, flags.asOf));
        const { terminal, options } = context;
        if (options.json) return terminal.out(JSON.stringify(run));
        terminal.out(
          `scored ${formatCount(run.customers ?? 0)} ${run.customers === 1 ? 'customer' : 'customers'} as of ${String(run.asOf).slice(0, 10)} in ${formatDuration(context.clock.monotonicMs() - startedMs)}`,
        );
      }),
    );
}

function fitLines(fits: readonly Fit[]): string[] {
  return tableLines(
    [
      { title: 'model' },
      { title: 'parameters' },
      { title: 'log-likelihood', align: 'right' },
      { title: 'customers', align: 'right' },
      { title: 'repeat', align: 'right' },
      { title: 'unit' },
      { title: 'cut-off' },
      { title: 'status' },
    ],
    fits.map((fit) => [
      fit.model,
      Object.entries(fit.parameters)
        .map(([name, value]) => `${name} ${value.toPrecision(6)}`)
        .join('  '),
      fit.logLikelihood.toFixed(4),
      formatCount(fit.customers),
      formatCount(fit.repeatCustomers),
      fit.currency === undefined ? fit.timeUnit : fit.currency,
      fit.cutoff.slice(0, 10),
      fit.status,
    ]),
  );
}

/** One fit through the API; the same key again answers the first run. Waits for the read model first. */
export async function fitModel(
  client: ServerClient,
  model: string,
  cutoff: string,
  timeUnit: string,
  idempotencyKey = `fit-${systemIds.uuid()}`,
): Promise<Fit> {
  const { data } = await client.post<{ data: Fit }>(
    `/v1/models/${model}/fits`,
    { cutoff, timeUnit },
    { timeoutMs: LONG_REQUEST_TIMEOUT_MS, idempotencyKey },
  );
  return data;
}

/** What a scoring run answers. */
export interface ScoringRun {
  readonly asOf: string;
  readonly modelRunId: string | null;
  readonly customers: number;
  readonly byBand: Readonly<Record<string, number>>;
}

/** One scoring run over all customers. */
export async function scoreCustomers(client: ServerClient, asOf?: string): Promise<ScoringRun> {
  const { data } = await client.post<{ data: ScoringRun }>(
    '/v1/scoring-runs',
    asOf === undefined ? {} : { asOf },
    { timeoutMs: LONG_REQUEST_TIMEOUT_MS, idempotencyKey: `score-${systemIds.uuid()}` },
  );
  return data;
}
