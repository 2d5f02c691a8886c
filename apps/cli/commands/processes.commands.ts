import { InvalidArgumentError, type Command } from 'commander';
import { systemIds } from '@rapport/runtime';
import type { CommandHost } from '../cli.js';
import { formatCount } from '../terminal/format.js';
import { tableLines } from '../terminal/table.js';
import { nameArgument, startArgument, wholeNumber } from './arguments.js';

/** Row of `GET /v1/operations/processes`. */
interface ProcessRow {
  readonly name: string;
  readonly running: boolean;
  readonly startedAt: string | null;
  readonly ownerId: string | null;
  readonly position: string | null;
  readonly lag: string | null;
  readonly acted: number;
  readonly refused: number;
  readonly passedOver: number;
  readonly waiting: number;
  readonly failed: number;
  readonly lastError: { readonly reason: string; readonly at: string } | null;
}

interface ProcessPage extends ProcessRow {
  readonly purpose: string;
  readonly metric: { readonly name: string; readonly meaning: string };
  readonly failures: readonly {
    readonly customerId: string;
    readonly eventType: string;
    readonly attempts: number;
    readonly reason: string;
  }[];
}

interface StartFlags {
  readonly owner: string;
  readonly maxAgeDays?: number;
  readonly from?: string;
  readonly afterPosition?: string;
}

function positionArgument(text: string): string {
  if (!/^\d{1,18}$/.test(text)) throw new InvalidArgumentError('must be a position of the log');
  return text;
}

/** Adds `rapport processes`. */
export function registerProcesses(program: Command, host: CommandHost): void {
  const processes = program
    .command('processes')
    .description('what happens by itself: where each process stands, start, stop, retry');
  processes
    .command('list')
    .description('every process: whether it acts, how far it has come, what it did, its last error')
    .addHelpText('after', '\nExample:\n  rapport processes list')
    .action((_flags: object, command: Command) =>
      host.action(command, async (context) => {
        const { data: rows } = await host.withServer(context, (client) =>
          client.get<readonly ProcessRow[]>('/v1/operations/processes'),
        );
        const { terminal, options } = context;
        if (options.json) return terminal.out(JSON.stringify({ processes: rows }));
        const lines = tableLines(
          [
            { title: 'process' },
            { title: 'state' },
            { title: 'position', align: 'right' },
            { title: 'behind', align: 'right' },
            { title: 'acted', align: 'right' },
            { title: 'refused', align: 'right' },
            { title: 'waiting', align: 'right' },
            { title: 'failed', align: 'right' },
            { title: 'last error' },
          ],
          rows.map((row) => [
            row.name,
            row.running ? 'on' : row.startedAt === null ? 'never started' : 'off',
            row.position ?? '–',
            row.lag === null ? '–' : formatCount(BigInt(row.lag)),
            formatCount(row.acted),
            formatCount(row.refused),
            formatCount(row.waiting),
            formatCount(row.failed),
            row.lastError === null ? '' : `${row.lastError.at} ${row.lastError.reason}`,
          ]),
        );
        for (const line of lines) terminal.out(line);
      }),
    );
  processes
    .command('show')
    .description('one process, and the customers it gave up on')
    .argument('<name>', 'process', nameArgument)
    .addHelpText('after', '\nExample:\n  rapport processes show welcome')
    .action((name: string, _flags: object, command: Command) =>
      host.action(command, async (context) => {
        const { data: page } = await host.withServer(context, (client) =>
          client.get<ProcessPage>(`/v1/operations/processes/${name}`),
        );
        const { terminal, options } = context;
        if (options.json) return terminal.out(JSON.stringify(page));
        terminal.out(page.purpose);
        terminal.out(`judged by ${page.metric.name}: ${page.metric.meaning}`);
        terminal.out(
          page.running
            ? `on since ${page.startedAt ?? '?'}, for ${page.ownerId ?? '?'}; acted ${page.acted}, waiting ${page.waiting}, passed over ${page.passedOver}`
            : 'off',
        );
        for (const { customerId, eventType, attempts, reason } of page.failures)
          terminal.out(`gave up on ${customerId} after ${attempts} tries at ${eventType}: ${reason}`);
      }),
    );
  processes
    .command('start')
    .description('let a process act on what is recorded from now on, or from an earlier point on')
    .argument('<name>', 'process', nameArgument)
    .requiredOption('--owner <id>', 'who is given what concerns customers without an account manager')
    .option(
      '--max-age-days <days>',
      'what happened longer ago is passed over (default 7, or back to --from)',
      wholeNumber(1, 3_650),
    )
    .option('--from <day>', 'also what was recorded from that day (00:00 UTC) or instant on', startArgument)
    .option(
      '--after-position <position>',
      'also what stands behind this position of the log',
      positionArgument,
    )
    .addHelpText(
      'after',
      '\nExamples:\n  rapport processes start welcome --owner service-desk\n  rapport processes start welcome --owner service-desk --from 2026-03-01',
    )
    .action((name: string, flags: StartFlags, command: Command) =>
      host.action(command, async (context) => {
        await host.withServer(context, (client) =>
          client.post(
            `/v1/processes/${name}/starts`,
            {
              ownerId: flags.owner,
              ...(flags.maxAgeDays === undefined ? {} : { maxAgeDays: flags.maxAgeDays }),
              ...(flags.from === undefined ? {} : { recordedFrom: flags.from }),
              ...(flags.afterPosition === undefined ? {} : { afterPosition: flags.afterPosition }),
            },
            { idempotencyKey: `processes-${systemIds.uuid()}` },
          ),
        );
        if (context.options.json) context.terminal.out(JSON.stringify({ started: name }));
        else context.terminal.out(`${name} is on`);
      }),
    );
  processes
    .command('stop')
    .description('stop a process; what it was waiting to do is dropped')
    .argument('<name>', 'process', nameArgument)
    .requiredOption('--reason <code>', 'why')
    .addHelpText('after', '\nExample:\n  rapport processes stop welcome --reason seasonOver')
    .action((name: string, flags: { reason: string }, command: Command) =>
      host.action(command, async (context) => {
        await host.withServer(context, (client) =>
          client.post(
            `/v1/processes/${name}/stops`,
            { reasonCode: flags.reason },
            { idempotencyKey: `processes-${systemIds.uuid()}` },
          ),
        );
        if (context.options.json) context.terminal.out(JSON.stringify({ stopped: name }));
        else context.terminal.out(`${name} is off`);
      }),
    );
  processes
    .command('retry')
    .description('let a process try again what it gave up on, after the cause was repaired')
    .argument('<name>', 'process', nameArgument)
    .addHelpText('after', '\nExample:\n  rapport processes retry welcome')
    .action((name: string, _flags: object, command: Command) =>
      host.action(command, async (context) => {
        const { data } = await host.withServer(context, (client) =>
          client.post<{ data: { readonly retried: number } }>(
            `/v1/operations/processes/${name}/retries`,
            undefined,
          ),
        );
        if (context.options.json) context.terminal.out(JSON.stringify(data));
        else context.terminal.out(`${formatCount(data.retried)} will be looked at again`);
      }),
    );
}
