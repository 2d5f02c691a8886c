import type { Condition, IndexValue } from '../read-model.port.js';

const NEEDS_BYTES = /[\ud800-\uffff]/;

/** Order of texts by their UTF-8 bytes, as SQLite and MongoDB compare them; JavaScript's own differs above U+D7FF. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  if (NEEDS_BYTES.test(a) || NEEDS_BYTES.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : 1;
}

/** null before numbers before texts. */
export function compareValues(a: IndexValue, b: IndexValue): number {
  if (a === b) return 0;
  if (a === null) return -1;
  if (b === null) return 1;
  if (typeof a === 'number') return typeof b === 'number' ? (a < b ? -1 : 1) : -1;
  return typeof b === 'number' ? 1 : compareText(a, b);
}

/** A null value matches only `=` null and `!=` something. */
export function matches(value: IndexValue, { op, value: wanted }: Condition): boolean {
  if (op === '=') return value === wanted;
  if (op === '!=') return value !== wanted;
  if (value === null || wanted === null) return false;
  const by = compareValues(value, wanted);
  if (op === '<') return by < 0;
  if (op === '<=') return by <= 0;
  return op === '>' ? by > 0 : by >= 0;
}
