import type { Command } from 'commander';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { CommandHost } from '../cli.js';
import type { CommandContext } from '../context.js';
import { CliError, EXIT, type ExitCode } from '../exit-codes.js';
import { importFile, type ImportSummary } from '../import/import-file.js';
import { parseMapping, type Mapping } from '../import/mapping.schema.js';
import { compileRowMapper } from '../import/row-mapper.js';
import { readRows } from '../import/row-reader.js';
import { formatCount, formatDuration, formatRate } from '../terminal/format.js';
import { startProgress } from '../terminal/progress.js';
import { wholeNumber } from './arguments.js';

interface ImportFlags {
  readonly mapping: string;
  readonly rejects?: string;
  readonly check?: true;
  readonly lanes: number;
  readonly batchSize: number;
  readonly retryForS: number;
}

/** Adds `rapport import`. */
export function registerImport(program: Command, host: CommandHost): void {
  program
    .command('import')
    .description(
      'record every row of a CSV or fixed-format file as a command; the same file twice adds nothing',
    )
    .argument('<file>', 'file to import')
    .requiredOption('--mapping <name>', 'mapping that ships (cdnow-master, cdnow-sample) or a JSON file')
    .option('--rejects <file>', 'where bad rows go (default: <file>.rejects.csv)')
    .option('--check', 'only map and report, send nothing')
    .option('--lanes <n>', 'batches in flight at the same time', wholeNumber(1, 64), 4)
    .option('--batch-size <n>', 'rows in a batch', wholeNumber(1, 1_000), 500)
    .option(
      '--retry-for-s <n>',
      'seconds to go on when the service does not answer',
      wholeNumber(0, 86_400),
      60,
    )
    .addHelpText(
      'after',
      `
Examples:
  rapport import CDNOW_master.txt --mapping cdnow-master
  rapport import orders.csv --mapping orders.mapping.json --check

A row without an id of its own gets a key from its content and which occurrence of that content it is, so
two equal rows are two facts and importing the file again, even reordered or longer, adds only what is new.
Exit code 4 when a row was rejected; the others are recorded.`,
    )
    .action((file: string, flags: ImportFlags, command: Command) =>
      host.action(command, (context) => runImport(host, context, file, flags)),
    );
}

async function runImport(
  host: CommandHost,
  context: CommandContext,
  file: string,
  flags: ImportFlags,
): Promise<ExitCode> {
  const mapping = loadMapping(flags.mapping, context);
  if (!statSync(file).isFile()) throw new CliError(EXIT.usage, `${file}: is not a file`);
  if (flags.check) return checkFile(context, file, mapping);
  const summary = await host.withServer(
    context,
    (client) =>
      importFile({
        file,
        mapping,
        rejectsPath: flags.rejects ?? `${file}.rejects.csv`,
        target: client,
        clock: context.clock,
        scheduler: context.scheduler,
        progress: startProgress(context.terminal, context.clock, {
          label: 'import',
          unit: 'rows',
          quiet: context.options.quiet,
        }),
        lanes: flags.lanes,
        batchSize: flags.batchSize,
        retryForMs: flags.retryForS * 1_000,
        signal: context.signal,
      }),
    { beginsFolder: true },
  );
  report(context, summary);
  if (summary.interrupted) return EXIT.interrupted;
  return summary.rejected > 0 ? EXIT.validation : EXIT.ok;
}

function report(context: CommandContext, summary: ImportSummary): void {
  const { terminal, options } = context;
  if (options.json) {
    terminal.out(JSON.stringify({ ...summary, elapsedMs: Math.round(summary.elapsedMs) }));
    return;
  }
  const head = summary.interrupted ? 'interrupted after' : 'imported';
  terminal.out(
    `${head} ${formatCount(summary.rows)} rows of ${basename(summary.file)}: ` +
      `${formatCount(summary.accepted)} accepted, ${formatCount(summary.replayed)} replayed, ` +
      `${formatCount(summary.rejected)} rejected, ${formatCount(summary.customers)} customers, ` +
      `${formatCount(summary.events)} new events in ${formatDuration(summary.elapsedMs)} ` +
      `(${formatRate(summary.accepted + summary.replayed, summary.elapsedMs)})`,
  );
  if (summary.rejectsFile !== undefined)
    terminal.out(`rejected rows with line and reason: ${summary.rejectsFile}`);
  if (summary.interrupted)
    terminal.out(
      'run the same import again: rows that were recorded without an answer count as replayed, none is recorded twice',
    );
}

/** A mapping that ships by its name, or any JSON file. */
export function loadMapping(nameOrFile: string, context: Pick<CommandContext, 'distDir'>): Mapping {
  const shippedDir = join(context.distDir, 'apps/cli/mappings');
  const isName = /^[a-z0-9-]+$/.test(nameOrFile);
  const path = isName ? join(shippedDir, `${nameOrFile}.json`) : nameOrFile;
  if (isName && !existsSync(path)) {
    const shipped = readdirSync(shippedDir).map((file) => file.replace(/\.json$/, ''));
    throw new CliError(
      EXIT.usage,
      `no mapping "${nameOrFile}"; these ship: ${shipped.join(', ')}; or name a .json file`,
    );
  }
  const text = readFileSync(path, 'utf8');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new CliError(EXIT.validation, `mapping ${nameOrFile}: is not JSON (${(error as Error).message})`);
  }
  return parseMapping(json, nameOrFile);
}

/** How many problems `--check` prints; the rest is counted. */
const SHOWN_PROBLEMS = 20;

async function checkFile(context: CommandContext, file: string, mapping: Mapping): Promise<ExitCode> {
  const mapRow = compileRowMapper(mapping);
  const problems: { line: number; code: string; reason: string }[] = [];
  const customers = new Set<string>();
  let [rows, bad] = [0, 0];
  let example: unknown;
  for await (const row of readRows(file, mapping)) {
    if (context.signal.aborted) return EXIT.interrupted;
    rows++;
    const mapped =
      'problem' in row ? ({ kind: 'reject', code: 'BAD_ROW', reason: row.problem } as const) : mapRow(row);
    if (mapped.kind === 'item') {
      example ??= mapped.item;
      customers.add(mapped.orderKey);
      continue;
    }
    bad++;
    if (problems.length < SHOWN_PROBLEMS)
      problems.push({ line: row.line, code: mapped.code, reason: mapped.reason });
  }
  const { terminal, options } = context;
  if (options.json)
    terminal.out(
      JSON.stringify({
        file,
        mapping: mapping.name,
        rows,
        bad,
        customers: customers.size,
        problems,
        example,
      }),
    );
  else {
    for (const { line, code, reason } of problems) terminal.out(`line ${line}: ${code}: ${reason}`);
    if (bad > problems.length) terminal.out(`… and ${formatCount(bad - problems.length)} more`);
    terminal.out(
      `${formatCount(rows)} rows, ${formatCount(rows - bad)} good, ${formatCount(bad)} bad, ${formatCount(customers.size)} customers; nothing was sent`,
    );
    if (example !== undefined) terminal.out(`first command: ${JSON.stringify(example)}`);
  }
  return bad > 0 ? EXIT.validation : EXIT.ok;
}
