import type { Command } from 'commander';
import type { CommandHost } from '../cli.js';
import { ProblemAnswer, type ServerClient } from '../connection/server-client.js';
import type { CommandContext } from '../context.js';
import { CliError, EXIT, exitCodeOfProblem } from '../exit-codes.js';
import { formatCount, formatDuration } from '../terminal/format.js';
import { startProgress } from '../terminal/progress.js';
import { tableLines } from '../terminal/table.js';
import { nameArgument } from './arguments.js';

/** Row of `GET /v1/operations/projections`. */
export interface ProjectionRow {
  readonly name: string;
  readonly question: string;
  readonly version: number;
  readonly generation?: number;
  readonly position: string;
  readonly head: string;
  /** Events behind the log. */
  readonly lag: string;
  readonly parked: number;
  readonly rebuilding: boolean;
  readonly generations: readonly {
    readonly generation: number;
    readonly version: number;
    readonly status: string;
    readonly documents?: number;
  }[];
}

/** Answer of `…/rebuilds/current`. */
export interface RebuildState {
  readonly projection: string;
  readonly status: 'running' | 'activated' | 'declined' | 'cancelled' | 'failed';
  readonly progress?: {
    readonly phase: string;
    readonly events: number;
    readonly totalEvents: number;
    readonly documents: number;
  };
  readonly report?: Readonly<Record<string, unknown>>;
  readonly failure?: { readonly code: string; readonly detail: string };
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
        const rows = await host.withServer(context, countedProjections);
        const { terminal, options } = context;
        if (options.json) return terminal.out(JSON.stringify({ projections: rows }));
        const lines = tableLines(
          [
            { title: 'read model' },
            { title: 'version', align: 'right' },
            { title: 'generation', align: 'right' },
            { title: 'position', align: 'right' },
            { title: 'behind', align: 'right' },
            { title: 'documents', align: 'right' },
            { title: 'parked', align: 'right' },
            { title: '' },
          ],
          rows.map((row) => [
            row.name,
            String(row.version),
            row.generation === undefined ? '–' : String(row.generation),
            row.position,
            formatCount(BigInt(row.lag)),
            formatCount(row.generations.find(({ status }) => status === 'active')?.documents ?? 0),
            formatCount(row.parked),
            [
              ...(row.rebuilding ? ['is being rebuilt'] : []),
              ...(canRollBack(row) ? ['can be rolled back'] : []),
            ].join(', '),
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
    .argument('<name...>', 'projections, or "all"', (name: string, before: string[] | undefined) => [
      ...(before ?? []),
      nameArgument(name),
    ])
    .addHelpText(
      'after',
      '\nExamples:\n  rapport projections rebuild customer-360 churn-risk\n  rapport projections rebuild all\n\nCtrl-C cancels the rebuild; the running read model stays as it is.',
    )
    .action((names: string[], _flags: object, command: Command) =>
      host.action(command, (context) =>
        host.withServer(context, (client) => rebuildAll(context, client, names)),
      ),
    );
  projections
    .command('rollback')
    .description('make the generation before the last swap the active one again')
    .argument('<name>', 'projection', nameArgument)
    .addHelpText('after', '\nExample:\n  rapport projections rollback customer-360')
    .action((name: string, _flags: object, command: Command) =>
      host.action(command, async (context) => {
        const { data } = await host.withServer(context, async (client) => {
          await requireProjections(client, [name]);
          return client.post<{ data: ProjectionRow }>(
            `/v1/operations/projections/${name}/rollbacks`,
            undefined,
          );
        });
        const active = data.generations.find(({ status }) => status === 'active');
        if (context.options.json) context.terminal.out(JSON.stringify(data));
        else context.terminal.out(`${name}: generation ${active?.generation ?? '?'} is active again`);
      }),
    );
  projections
    .command('drop-previous')
    .description('remove the generations kept for a rollback: frees their space, and there is no way back')
    .argument('<name>', 'projection', nameArgument)
    .addHelpText('after', '\nExample:\n  rapport projections drop-previous customer-360')
    .action((name: string, _flags: object, command: Command) =>
      host.action(command, async (context) => {
        const { data } = await host.withServer(context, async (client) => {
          await requireProjections(client, [name]);
          return client.delete<{ data: ProjectionRow }>(
            `/v1/operations/projections/${name}/generations/previous`,
          );
        });
        const active = data.generations.find(({ status }) => status === 'active');
        if (context.options.json) context.terminal.out(JSON.stringify(data));
        else
          context.terminal.out(
            `${name}: generation ${active?.generation ?? '?'} is active, no other is kept`,
          );
      }),
    );
  registerParked(program, host);
}

/** Only what the running code folds can become active again. */
const canRollBack = ({ generations, version }: ProjectionRow): boolean =>
  generations.filter(({ status }) => status === 'previous').at(-1)?.version === version;

interface ParkedRow {
  readonly projection: string;
  readonly streamId: string;
  readonly events: number;
  readonly eventType: string;
  readonly reason: string;
  readonly attempts: number;
}

function registerParked(program: Command, host: CommandHost): void {
  const parked = program.command('parked').description('events that a projection could not take');
  parked
    .command('list')
    .description('customers whose events wait, with the reason')
    .addHelpText('after', '\nExample:\n  rapport parked list')
    .action((_flags: object, command: Command) =>
      host.action(command, async (context) => {
        const { data: rows } = await host.withServer(context, (client) =>
          client.get<readonly ParkedRow[]>('/v1/operations/parked'),
        );
        const { terminal, options } = context;
        if (options.json) return terminal.out(JSON.stringify({ parked: rows }));
        if (rows.length === 0) return terminal.out('nothing is parked');
        const lines = tableLines(
          [
            { title: 'read model' },
            { title: 'stream' },
            { title: 'events', align: 'right' },
            { title: 'first of them' },
            { title: 'tries', align: 'right' },
            { title: 'reason' },
          ],
          rows.map((row) => [
            row.projection,
            row.streamId,
            formatCount(row.events),
            row.eventType,
            String(row.attempts),
            row.reason,
          ]),
        );
        for (const line of lines) terminal.out(line);
      }),
    );
  parked
    .command('retry')
    .description('fold the parked events again, in order, after the cause was repaired')
    .argument('<projection>', 'projection', nameArgument)
    .option('--customer <id>', 'only of this customer id')
    .addHelpText('after', '\nExample:\n  rapport parked retry customer-360')
    .action((projection: string, flags: { customer?: string }, command: Command) =>
      host.action(command, async (context) => {
        const { data } = await host.withServer(context, async (client) => {
          await requireProjections(client, [projection]);
          return client.post<{ data: readonly { owner: string; drained: boolean; stuckAt?: unknown }[] }>(
            '/v1/operations/parked/retries',
            { projection, ...(flags.customer === undefined ? {} : { owner: flags.customer }) },
          );
        });
        const { terminal, options } = context;
        if (options.json) terminal.out(JSON.stringify({ retried: data }));
        else if (data.length === 0) terminal.out('nothing was parked');
        else
          for (const { owner, stuckAt } of data)
            terminal.out(
              `${owner}: ${stuckAt === undefined ? 'folded' : `still stuck: ${JSON.stringify(stuckAt)}`}`,
            );
        return data.some(({ stuckAt }) => stuckAt !== undefined) ? EXIT.validation : EXIT.ok;
      }),
    );
}

/** Where every read model stands. */
export async function listProjections(client: ServerClient): Promise<readonly ProjectionRow[]> {
  return (await client.get<readonly ProjectionRow[]>('/v1/operations/projections')).data;
}

/** The same with the numbers of their documents, which are counted for it, one read model after the other. */
async function countedProjections(client: ServerClient): Promise<readonly ProjectionRow[]> {
  const counted: ProjectionRow[] = [];
  for (const { name } of await listProjections(client))
    counted.push((await client.get<ProjectionRow>(`/v1/operations/projections/${name}`)).data);
  return counted;
}

/** Names of all projections. Throws exit 2, with the names, when one of `wanted` is not among them. */
async function requireProjections(
  client: ServerClient,
  wanted: readonly string[],
): Promise<readonly string[]> {
  const known = (await listProjections(client)).map(({ name }) => name);
  for (const name of wanted)
    if (!known.includes(name))
      throw new CliError(EXIT.usage, `no projection "${name}"; there are: ${known.join(', ')}`);
  return known;
}

const POLL_MS = 100;
const PHASES: Readonly<Record<string, string>> = {
  plan: 'planning', fold: 'folding', catchUp: 'catching up', compare: 'comparing', activate: 'swapping', done: 'done',
}; // prettier-ignore

async function rebuildAll(
  context: CommandContext,
  client: ServerClient,
  names: readonly string[],
): Promise<void> {
  const known = await requireProjections(client, names.includes('all') ? [] : names);
  const wanted = names.includes('all') ? known : names;
  const done: (RebuildState & { readonly elapsedMs: number })[] = [];
  for (const name of wanted) {
    const startedMs = context.clock.monotonicMs();
    const state = await rebuildProjection(context, client, name);
    const elapsedMs = context.clock.monotonicMs() - startedMs;
    done.push({ ...state, elapsedMs: Math.round(elapsedMs) });
    if (!context.options.json)
      context.terminal.out(
        `${name}: ${formatCount(state.progress?.totalEvents ?? 0)} events folded into ${formatCount(state.progress?.documents ?? 0)} documents, compared and swapped in ${formatDuration(elapsedMs)}`,
      );
  }
  if (context.options.json) context.terminal.out(JSON.stringify({ rebuilt: done }));
}

/**
 * Starts one rebuild and follows it to its end. Ctrl-C cancels it. Throws exit 3 when another runs, exit 4 when it
 * stopped or was cancelled elsewhere.
 */
export async function rebuildProjection(
  context: Pick<CommandContext, 'terminal' | 'clock' | 'scheduler' | 'options' | 'signal'>,
  client: ServerClient,
  name: string,
): Promise<RebuildState> {
  const { terminal, clock, scheduler, options, signal } = context;
  const path = `/v1/operations/projections/${name}/rebuilds`;
  const progress = startProgress(terminal, clock, { label: name, unit: 'events', quiet: options.quiet });
  try {
    await client.post(path, undefined);
    for (;;) {
      const { data: state } = await client.get<RebuildState>(`${path}/current`);
      if (state.progress) {
        const { events, totalEvents, phase } = state.progress;
        progress.update({ done: events, total: totalEvents, note: PHASES[phase] ?? phase });
      }
      if (state.status === 'activated') return state;
      if (state.status === 'failed') {
        const { code, detail } = state.failure ?? { code: 'INTERNAL', detail: 'no reason was given' };
        throw new CliError(exitCodeOfProblem(code, 409), `${name}: the rebuild stopped: ${code}: ${detail}`);
      }
      if (state.status !== 'running')
        throw new CliError(EXIT.validation, `${name}: the rebuild was ${state.status}`);
      if (signal.aborted) {
        await client.delete(`${path}/current`).catch(ignoreEnded);
        throw new CliError(EXIT.interrupted, `${name}: cancelled; the running read model stays`);
      }
      await scheduler.sleep(POLL_MS, signal);
    }
  } finally {
    progress.stop();
  }
}

/** It may have ended in the meantime. */
function ignoreEnded(error: unknown): void {
  if (!(error instanceof ProblemAnswer && error.status === 404)) throw error;
}
