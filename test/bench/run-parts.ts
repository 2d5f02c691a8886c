import { cpus, loadavg } from 'node:os';
import Table from 'cli-table3';
import type { Figure } from './figure.js';

/** Parts of a bench by name, each loaded only when it runs. */
export type Parts = Readonly<Record<string, () => Promise<() => Promise<readonly Figure[]>>>>;

/** Average load of the machine over 1, 5 and 15 minutes. */
export const load = (): string => loadavg().map((value) => value.toFixed(2)).join(' '); // prettier-ignore

export const machine = (): string =>
  `${cpus().length} × ${cpus()[0]?.model ?? 'cpu'}, Node ${process.versions.node}`;

const shown = (value: number): string =>
  Math.abs(value) >= 1000 ? Math.round(value).toLocaleString('en') : value.toPrecision(4);

/**
 * Runs the parts one after the other and prints one line per figure; with `--json` one JSON object per line. `--only
 * <part>` runs one of them; an unknown one ends the process with 2. Answers how many goals were missed.
 */
export async function runParts(parts: Parts, args: readonly string[]): Promise<number> {
  const asJson = args.includes('--json');
  const onlyAt = args.indexOf('--only');
  const only = onlyAt < 0 ? undefined : args[onlyAt + 1];
  if (onlyAt >= 0 && !(only !== undefined && only in parts)) {
    process.stderr.write(`no such part: ${only}; parts: ${Object.keys(parts).join(', ')}\n`);
    process.exit(2);
  }
  if (!asJson) process.stdout.write(`${machine()}, load ${load()}\n`);

  let missed = 0;
  for (const [part, importBench] of Object.entries(parts)) {
    if (only !== undefined && part !== only) continue;
    const loadBefore = load();
    const figures = await (await importBench())();
    missed += figures.filter((figure) => !figure.holds).length;
    if (asJson)
      for (const figure of figures)
        process.stdout.write(`${JSON.stringify({ ...figure, load: loadBefore })}\n`);
    else process.stdout.write(`${tableOf(part, loadBefore, figures)}\n`);
  }
  if (!asJson) process.stdout.write(missed === 0 ? 'every goal holds\n' : `${missed} goals missed\n`);
  return missed;
}

function tableOf(part: string, loadBefore: string, figures: readonly Figure[]): string {
  const table = new Table({
    head: [`${part} (load ${loadBefore})`, 'measured', 'unit', 'beside', 'ratio', 'goal', ''],
    colAligns: ['left', 'right', 'left', 'left', 'right', 'left', 'left'],
    style: { head: [], border: [] },
  });
  for (const figure of figures)
    table.push([
      figure.name,
      shown(figure.value),
      figure.unit,
      figure.reference === null ? '' : `${figure.reference.name}: ${shown(figure.reference.value)}`,
      figure.ratio === null ? '' : figure.ratio.toFixed(2),
      figure.goal,
      figure.holds ? 'holds' : 'MISSED',
    ]);
  return table.toString();
}
