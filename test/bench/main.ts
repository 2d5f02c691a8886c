/**
 * `npm run bench [-- --json] [-- --only <part>]`: measures the product beside a limit or a peer in the same run.
 * One line per figure; with `--json` one JSON object per line. Parts: event-store, projection, http, analytics.
 */
import { cpus, loadavg } from 'node:os';
import Table from 'cli-table3';
import type { Figure } from './figure.js';

const PARTS: Readonly<Record<string, () => Promise<() => Promise<readonly Figure[]>>>> = {
  'event-store': async () => (await import('./event-store.bench.js')).eventStoreBench,
  projection: async () => (await import('./projection.bench.js')).projectionBench,
  http: async () => (await import('./http.bench.js')).httpBench,
  analytics: async () => (await import('./analytics.bench.js')).analyticsBench,
};

const asJson = process.argv.includes('--json');
const onlyAt = process.argv.indexOf('--only');
const only = onlyAt < 0 ? undefined : process.argv[onlyAt + 1];
if (only !== undefined && !(only in PARTS)) {
  process.stderr.write(`no such part: ${only}; parts: ${Object.keys(PARTS).join(', ')}\n`);
  process.exit(2);
}

const load = (): string => loadavg().map((value) => value.toFixed(2)).join(' '); // prettier-ignore
const shown = (value: number): string =>
  Math.abs(value) >= 1000 ? Math.round(value).toLocaleString('en') : value.toPrecision(4);

if (!asJson)
  process.stdout.write(
    `${cpus().length} × ${cpus()[0]?.model ?? 'cpu'}, Node ${process.versions.node}, load ${load()}\n`,
  );

let missed = 0;
for (const [part, importBench] of Object.entries(PARTS)) {
  if (only !== undefined && part !== only) continue;
  const loadBefore = load();
  const figures = await (await importBench())();
  missed += figures.filter((figure) => !figure.holds).length;
  if (asJson) {
    for (const figure of figures)
      process.stdout.write(`${JSON.stringify({ ...figure, load: loadBefore })}\n`);
    continue;
  }
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
  process.stdout.write(`${table.toString()}\n`);
}
if (!asJson) process.stdout.write(missed === 0 ? 'every goal holds\n' : `${missed} goals missed\n`);
process.exit(0);
