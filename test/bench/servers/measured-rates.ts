import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../architecture/source-files.js';
import { load, machine } from '../run-parts.js';

/** A measured number that plans are computed from. */
interface MeasuredRate {
  readonly value: number;
  readonly unit: string;
  /** Load of the machine (1, 5, 15 minutes) when it was measured. */
  readonly load: string;
}

const FILE = join(ROOT, 'docs/explanation/measured-rates.json');
const measured = new Map<string, MeasuredRate>();

/** Remembers a number for `--record`. */
export const noteRate = (name: string, value: number, unit: string): void =>
  void measured.set(name, { value: Number(value.toPrecision(3)), unit, load: load() });

/** Writes the numbers of this run for the documentation; those of parts that did not run stay as they were. */
export function recordRates(): void {
  const known = existsSync(FILE)
    ? (JSON.parse(readFileSync(FILE, 'utf8')) as { rates: Record<string, MeasuredRate> }).rates
    : {};
  const rates = Object.fromEntries(
    Object.entries({ ...known, ...Object.fromEntries(measured) }).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  const command = 'npm run bench:servers -- --record';
  writeFileSync(FILE, `${JSON.stringify({ command, machine: machine(), rates }, null, 2)}\n`);
}
