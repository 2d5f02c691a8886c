import type { Command } from 'commander';
import type { CommandHost } from '../cli.js';
import type { ServerClient } from '../connection/server-client.js';
import type { CommandContext } from '../context.js';
import { CliError, EXIT, type ExitCode } from '../exit-codes.js';
import { formatCount, formatDuration } from '../terminal/format.js';
import { startProgress } from '../terminal/progress.js';
import { tableLines } from '../terminal/table.js';
import { nameArgument } from './arguments.js';

/** Row of `GET /v1/operations/projections`. */
export interface ProjectionRow {
  readonly projection: string;
  readonly version: number;
  readonly generation: number;
  readonly status: string;
  readonly position: string;
  readonly head: string;
  readonly lag: string;
  readonly documents?: number;
  readonly parked: number;
  readonly parkedSequences: number;
  readonly question?: string;
  readonly previous?: string | null;
}

/** A rebuild as `…/rebuilds/current` answers it. */
export interface RebuildState {
  readonly phase: string;
  readonly outcome?: string;
  readonly events?: number;
  readonly totalEvents?: number;
  readonly documents?: number;
  readonly eventsPerSecond?: number;
  readonly error?:
    { readonly code?: string; readonly detail?: string; readonly message?: string } | string | null;
  readonly comparison?: { readonly differing?: number; readonly equal?: boolean } | null;
}

/** Adds `rapport projections` and `rapport parked`. */
export function registerProjections(program: Command, host: CommandHost): void {
  const projections = program
    .command('projections')
    .description('read models: where they stand, rebuild, roll back');
  projections
    .command('list')
    .description('every read model with its generation, position and lag')
    .addHelpText('after', '\nExample:\n  rapport projections list --json')
    .action((_flags: object, command: Command) =>
      host.action(command, async (context) => {
        const rows = await host.withServer(context, listProjections);
        const { terminal, options } = context;
        if (options.json) return terminal.out(JSON.stringify({ projections: rows }));
        const lines = tableLines(
          [
            { title: 'read model' },
            { title: 'version', align: 'right' },
            { title: 'generation', align: 'right' },
            { title: 'status' },
            { title: 'position', align: 'right' },
            { title: 'behind', align: 'right' },
            { title: 'documents', align: 'right' },
            { title: 'parked', align: 'right' },
          ],
          rows.map((row) => [
            row.projection,
            String(row.version),
            String(row.generation),
            row.status,
            row.position,
            formatCount(BigInt(row.lag)),
            row.documents === undefined ? '' : formatCount(row.documents),
            formatCount(row.parked),
          ]),
        );
        for (const line of lines) terminal.out(line);
      }),
    );
  projections
    .command('rebuild')
    .description(
      'make read models anew from the log beside the running ones, compare, then swap; reads go on',
    )
    .argument('<name...>', 'projections, or "all"')
    .addHelpText(
      'after',
      '\nExamples:\n  rapport projections rebuild customer-360 churn-risk\n  rapport projections rebuild all\n\nCtrl-C cancels the rebuild; the running read model stays as it is.',
    )
    .action((names: string[], _flags: object, command: Command) =>
      host.action(command, (context) =>
        host.withServer(context, (client) => rebuildAll(context, client, names.map(nameArgument))),
      ),
    );
  projections
    .command('rollback')
    .description('make the generation before the last swap the active one again')
    .argument('<name>', 'projection', nameArgument)
    .addHelpText('after', '\nExample:\n  rapport projections rollback customer-360')
    .action((name: string, _flags: object, command: Command) =>
      host.action(command, async (context) => {
        const answer = await host.withServer(context, (client) =>
          client.post<Record<string, unknown>>(`/v1/operations/projections/${name}/rollbacks`, {}),
        );
        if (context.options.json) context.terminal.out(JSON.stringify(answer));
        else context.terminal.out(`${name}: the former generation is active again`);
      }),
    );

  const parked = program.command('parked').description('events that a projection could not take');
  parked
    .command('list')
    .description('customers whose events wait, with the reason')
    .addHelpText('after', '\nExample:\n  rapport parked list')
    .action((_flags: object, command: Command) =>
      host.action(command, async (context) => {
        const { data } = await host.withServer(context, (client) =>
          client.get<
            | readonly Readonly<Record<string, unknown>>[]
            | { rows: readonly Readonly<Record<string, unknown>>[] }
          >('/v1/operations/parked'),
        );
        const rows = Array.isArray(data)
          ? (data as readonly Readonly<Record<string, unknown>>[])
          : (data as { rows: readonly Readonly<Record<string, unknown>>[] }).rows;
        const { terminal, options } = context;
        if (options.json) return terminal.out(JSON.stringify({ parked: rows }));
        if (rows.length === 0) return terminal.out('nothing is parked');
        const lines = tableLines(
          [
            { title: 'read model' },
            { title: 'stream' },
            { title: 'events', align: 'right' },
            { title: 'reason' },
          ],
          rows.map((row) => [
            String(row.projection),
            String(row.streamId),
            String(row.events ?? ''),
            String(row.reason ?? ''),
          ]),
        );
        for (const line of lines) terminal.out(line);
      }),
    );
  parked
    .command('retry')
    .description('fold the parked events again, in order, after the cause was repaired')
    .argument('[projection]', 'only this projection', nameArgument)
    .addHelpText('after', '\nExample:\n  rapport parked retry customer-360')
    .action((projection: string | undefined, _flags: object, command: Command) =>
      host.action(command, async (context) => {
        const answer = await host.withServer(context, (client) =>
          client.post<Record<string, unknown>>(
            '/v1/operations/parked/retries',
            projection === undefined ? {} : { projection },
          ),
        );
        context.terminal.out(JSON.stringify('data' in answer ? answer.data : answer));
      }),
    );
}

export async function listProjections(client: ServerClient): Promise<readonly ProjectionRow[]> {
  const { data } = await client.get<readonly ProjectionRow[] | { rows: readonly ProjectionRow[] }>(
    '/v1/operations/projections',
  );
  return 'rows' in data ? data.rows : data;
}

const POLL_MS = 100;
const WORDS: Readonly<Record<string, string>> = {
  plan: 'planning',
  fold: 'folding',
  catchUp: 'catching up',
  compare: 'comparing',
  activate: 'swapping',
  done: 'done',
};

async function rebuildAll(
  context: CommandContext,
  client: ServerClient,
  names: readonly string[],
): Promise<ExitCode> {
  const known = (await listProjections(client)).map(({ projection }) => projection);
  const wanted = names.includes('all') ? [...new Set(known)] : names;
  for (const name of wanted)
    if (!known.includes(name))
      throw new CliError(EXIT.usage, `no projection "${name}"; there are: ${[...new Set(known)].join(', ')}`);
  const done: { projection: string; state: RebuildState; elapsedMs: number }[] = [];
  for (const name of wanted) {
    const startedMs = context.clock.monotonicMs();
    const state = await rebuildOne(context, client, name);
    done.push({ projection: name, state, elapsedMs: context.clock.monotonicMs() - startedMs });
    if (!context.options.json)
      context.terminal.out(
        `${name}: rebuilt from ${formatCount(state.totalEvents ?? 0)} events into ${formatCount(state.documents ?? 0)} documents in ${formatDuration(done.at(-1)!.elapsedMs)}`,
      );
  }
  if (context.options.json) context.terminal.out(JSON.stringify({ rebuilt: done }));
  return EXIT.ok;
}

/** Starts one rebuild and follows it to its end. Ctrl-C cancels it. */
export async function rebuildOne(
  context: CommandContext,
  client: ServerClient,
  name: string,
): Promise<RebuildState> {
  const { terminal, clock, scheduler, options, signal } = context;
  const path = `/v1/operations/projections/${name}/rebuilds`;
  const progress = startProgress(terminal, clock, { label: name, unit: 'events', quiet: options.quiet });
  try {
    await client.post(path, {});
    for (;;) {
      const { data: state } = await client.get<RebuildState>(`${path}/current`);
      const total = state.totalEvents ?? 0;
      progress.update({
        done: Math.min(state.events ?? 0, total),
        total,
        note: WORDS[state.phase] ?? state.phase,
      });
      if (state.error)
        throw new CliError(EXIT.validation, `${name}: the rebuild stopped: ${reasonOf(state.error)}`);
      if (state.outcome !== undefined && state.outcome !== 'activated')
        throw new CliError(EXIT.validation, `${name}: the rebuild was ${state.outcome}`);
      if (state.phase === 'done' || state.outcome === 'activated') return state;
      if (signal.aborted) {
        await client.delete(`${path}/current`);
        throw new CliError(EXIT.interrupted, `${name}: cancelled; the running read model stays`);
      }
      await scheduler.sleep(POLL_MS, signal);
    }
  } finally {
    progress.stop();
  }
}

const reasonOf = (error: NonNullable<RebuildState['error']>): string =>
  typeof error === 'string' ? error : (error.detail ?? error.message ?? error.code ?? 'unknown');
