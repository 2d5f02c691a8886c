import type { Command } from 'commander';
import { verifyReadModels, type AnyProjection, type VerifyReport } from '@rapport/projection-engine';
import type { CommandHost } from '../cli.js';
import { findServer } from '../connection/server-process.adapter.js';
import type { CommandContext } from '../context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { formatCount, formatDuration } from '../terminal/format.js';
import { startProgress } from '../terminal/progress.js';
import { tableLines } from '../terminal/table.js';
import { checkLog, type LogReport } from '../verify/check-log.js';
import type { WholeLogStores } from '@rapport/platform';
import { wholeNumber } from './arguments.js';

/** Adds `rapport verify`. */
export function registerVerify(program: Command, host: CommandHost): void {
  program
    .command('verify')
    .description(
      'is every read model equal to a naive fold of the log? changes nothing; works beside a running server',
    )
    .option('--wait-s <n>', 'seconds to wait for read models that are behind', wholeNumber(0, 3_600), 30)
    .addHelpText(
      'after',
      `
Example:
  rapport verify --json | jq .clean

Checks that the log is whole, folds it event by event, and compares every stored document, its position and its
index values. Exit code 4 when anything differs or events are parked. Read models that are behind while no server
runs are compared up to where they are.`,
    )
    .action((flags: { waitS: number }, command: Command) =>
      host.action(command, (context) => runVerify(context, flags.waitS)),
    );
}

async function runVerify(context: CommandContext, waitS: number): Promise<ExitCode> {
  const { terminal, clock, options, signal } = context;
  const startedMs = clock.monotonicMs();
  const { isOnServers, openStores, openProjections } = await import('../product.js');
  const opened = await openStores(context.env, options.data);
  let log: LogReport;
  let models: VerifyReport;
  try {
    const projections = await openProjections(context.env, opened);
    if (isOnServers(context.env) || findServer(options.data))
      await waitUntilCaughtUp(context, opened, projections, waitS * 1_000);
    log = await withProgress(context, 'log', (update) => checkLog(opened.history, update, signal));
    models = await withProgress(context, 'read models', (update) =>
      verifyReadModels({
        projections,
        history: opened.history,
        store: opened.readModels,
        signal,
        onProgress: update,
      }),
    );
  } finally {
    await opened.close();
  }
  const parked = models.collections.reduce((sum, one) => sum + one.parkedSequences, 0);
  const skipped = models.collections.filter((one) => one.skipped !== undefined).length;
  const clean = log.findings.length === 0 && models.isClean && parked === 0 && skipped === 0;
  if (options.json)
    // Contents of documents stay out: they may be copied into tickets.
    terminal.out(
      JSON.stringify(
        {
          clean,
          log,
          readModels: models.collections,
          differingDocuments: models.differingDocuments,
          differences: models.differences.map(({ projection, key, path }) => ({ projection, key, path })),
        },
        (_name, value: unknown) => (typeof value === 'bigint' ? value.toString() : value),
      ),
    );
  else print(context, log, models, clean, clock.monotonicMs() - startedMs);
  return clean ? EXIT.ok : EXIT.validation;
}

async function withProgress<Result>(
  { terminal, clock, options }: CommandContext,
  label: string,
  work: (update: (done: number, total: number) => void) => Promise<Result>,
): Promise<Result> {
  const progress = startProgress(terminal, clock, { label, unit: 'events', quiet: options.quiet });
  try {
    return await work((done, total) => progress.update({ done, total }));
  } finally {
    progress.stop();
  }
}

const DIFFERENCES_SHOWN = 20;

function print(
  { terminal }: CommandContext,
  log: LogReport,
  models: VerifyReport,
  clean: boolean,
  elapsedMs: number,
): void {
  terminal.out(
    `log: ${formatCount(log.events)} events in ${formatCount(log.streams)} streams, ${log.findings.length === 0 ? 'in order, without gaps' : 'NOT whole'}`,
  );
  for (const finding of log.findings) terminal.out(`  ${finding}`);
  const lines = tableLines(
    [
      { title: 'read model' },
      { title: 'documents', align: 'right' },
      { title: 'differing', align: 'right' },
      { title: 'parked', align: 'right' },
      { title: 'complete to', align: 'right' },
      { title: '' },
    ],
    models.collections.map((one) => [
      one.projection,
      formatCount(one.documents),
      formatCount(
        new Set(
          models.differences.filter(({ projection }) => projection === one.projection).map(({ key }) => key),
        ).size,
      ),
      formatCount(one.parkedSequences),
      one.through.toString(),
      one.skipped ?? (one.through < log.head ? `behind the head ${log.head}` : ''),
    ]),
  );
  for (const line of lines) terminal.out(line);
  for (const { projection, key, path } of models.differences.slice(0, DIFFERENCES_SHOWN))
    terminal.out(`  ${projection} ${key} ${path === '' ? '(whole document)' : path}`);
  if (models.differences.length > DIFFERENCES_SHOWN)
    terminal.out(`  … ${models.differingDocuments} documents differ in all`);
  terminal.out(
    `${clean ? 'clean: every read model equals the fold of the log' : 'NOT clean'} (${formatDuration(elapsedMs)})`,
  );
}

/** Waits until every read model has seen what the log holds now; gives up silently: the report says who is behind. */
async function waitUntilCaughtUp(
  { clock, scheduler, signal }: CommandContext,
  { history, readModels }: WholeLogStores,
  projections: readonly AnyProjection[],
  timeoutMs: number,
): Promise<void> {
  const { position } = await history.head();
  const deadlineMs = clock.monotonicMs() + timeoutMs;
  while (!signal.aborted && clock.monotonicMs() < deadlineMs) {
    const states = await Promise.all(projections.map(({ name }) => readModels.activeCollection(name)));
    if (
      states.every(
        ({ checkpoints }) =>
          checkpoints.length > 0 && checkpoints.every(({ through }) => through >= position),
      )
    )
      return;
    await scheduler.sleep(50, signal);
  }
}
