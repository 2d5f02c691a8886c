import { AnalyticsInputError } from './analytics-input.error.js';
import { assertFigures } from './purchase-summary.js';
import type { PurchaseSummary } from './purchase-summary.js';
import type { TimeUnit } from './time-unit.js';
import { assertSameTimeUnit } from './time-unit.js';

/** Many purchase summaries as columns: row i is customer i. Twenty-four bytes a customer, so millions fit. */
export interface SummaryTable<U extends TimeUnit> {
  readonly timeUnit: U;
  readonly x: Float64Array;
  readonly tX: Float64Array;
  readonly T: Float64Array;
}

/** Turns summaries into columns. Throws `ANALYTICS_BAD_SUMMARY` or `ANALYTICS_TIME_UNIT_MISMATCH`. */
export function tabulateSummaries<U extends TimeUnit>(
  timeUnit: U,
  summaries: Iterable<PurchaseSummary<NoInfer<U>>>,
): SummaryTable<U> {
  let x = new Float64Array(1024);
  let tX = new Float64Array(1024);
  let T = new Float64Array(1024);
  let count = 0;
  for (const summary of summaries) {
    assertSameTimeUnit(timeUnit, summary.timeUnit);
    if (count === x.length) {
      x = grown(x);
      tX = grown(tX);
      T = grown(T);
    }
    x[count] = summary.x;
    tX[count] = summary.tX;
    T[count] = summary.T;
    count += 1;
  }
  const table = { timeUnit, x: x.slice(0, count), tX: tX.slice(0, count), T: T.slice(0, count) };
  assertTable(table);
  return table;
}

/** Throws `ANALYTICS_BAD_SUMMARY` unless the columns are equally long and every row is possible. */
export function assertTable(table: SummaryTable<TimeUnit>): void {
  const { x, tX, T } = table;
  if (x.length !== tX.length || x.length !== T.length)
    throw new AnalyticsInputError(
      'ANALYTICS_BAD_SUMMARY',
      `columns differ in length: x ${x.length}, tX ${tX.length}, T ${T.length}`,
    );
  for (let row = 0; row < x.length; row += 1) assertFigures(x[row]!, tX[row]!, T[row]!);
}

/**
 * A table in which equal (x, tX, T) rows are one row with a weight and times are indices into a list of distinct
 * times: a likelihood then takes each logarithm once a distinct time, and each row once however many share it.
 */
export interface GroupedSummaries {
  readonly customers: number;
  readonly rows: number;
  readonly weight: Float64Array;
  readonly x: Int32Array;
  readonly lastIndex: Int32Array;
  readonly ageIndex: Int32Array;
  readonly times: Float64Array;
  readonly maxX: number;
  /** Customers by x, for terms that depend on x alone. */
  readonly customersByX: Float64Array;
}

/** Groups equal rows. Throws `ANALYTICS_NO_CUSTOMERS` on an empty table and `ANALYTICS_BAD_SUMMARY` on a bad one. */
export function groupSummaries(table: SummaryTable<TimeUnit>): GroupedSummaries {
  assertTable(table);
  const customers = table.x.length;
  if (customers === 0) throw new AnalyticsInputError('ANALYTICS_NO_CUSTOMERS', 'there is no customer to fit');
  const time = distinctNumbers(table.tX, table.T);
  const slots = slotCount(customers);
  const rowAt = new Int32Array(slots).fill(-1);
  const weight = new Float64Array(customers);
  const x = new Int32Array(customers);
  const lastIndex = new Int32Array(customers);
  const ageIndex = new Int32Array(customers);
  let rows = 0;
  let maxX = 0;
  for (let customer = 0; customer < customers; customer += 1) {
    const count = table.x[customer]!;
    const last = time.index[customer]!;
    const age = time.index[customers + customer]!;
    let slot = mix(mix(mix(0, count), last), age) & (slots - 1);
    for (;;) {
      const row = rowAt[slot]!;
      if (row < 0) {
        rowAt[slot] = rows;
        x[rows] = count;
        lastIndex[rows] = last;
        ageIndex[rows] = age;
        weight[rows] = 1;
        rows += 1;
        break;
      }
      if (x[row] === count && lastIndex[row] === last && ageIndex[row] === age) {
        weight[row]! += 1;
        break;
      }
      slot = (slot + 1) & (slots - 1);
    }
    if (count > maxX) maxX = count;
  }
  const customersByX = new Float64Array(maxX + 1);
  for (let customer = 0; customer < customers; customer += 1) customersByX[table.x[customer]!]! += 1;
  return {
    customers,
    rows,
    weight: weight.slice(0, rows),
    x: x.slice(0, rows),
    lastIndex: lastIndex.slice(0, rows),
    ageIndex: ageIndex.slice(0, rows),
    times: time.values,
    maxX,
    customersByX,
  };
}

/** Open addressing over the bits of the numbers: a Map would box millions of them. */
function distinctNumbers(
  first: Float64Array,
  second: Float64Array,
): { values: Float64Array; index: Int32Array } {
  const total = first.length + second.length;
  const slots = slotCount(total);
  const valueAt = new Int32Array(slots).fill(-1);
  const values = new Float64Array(total);
  const index = new Int32Array(total);
  const number = new Float64Array(1);
  const bits = new Int32Array(number.buffer);
  let count = 0;
  for (let i = 0; i < total; i += 1) {
    // Adding zero turns -0 into 0, which has other bits.
    const value = (i < first.length ? first[i]! : second[i - first.length]!) + 0;
    number[0] = value;
    let slot = mix(mix(0, bits[0]!), bits[1]!) & (slots - 1);
    for (;;) {
      const known = valueAt[slot]!;
      if (known < 0) {
        valueAt[slot] = count;
        values[count] = value;
        index[i] = count;
        count += 1;
        break;
      }
      if (values[known] === value) {
        index[i] = known;
        break;
      }
      slot = (slot + 1) & (slots - 1);
    }
  }
  return { values: values.slice(0, count), index };
}

function slotCount(entries: number): number {
  let slots = 16;
  while (slots < entries * 2) slots *= 2;
  return slots;
}

function mix(hash: number, value: number): number {
  let mixed = Math.imul(hash ^ value, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

function grown(column: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(column.length * 2);
  larger.set(column);
  return larger;
}
