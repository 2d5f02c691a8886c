import { isoOf } from '@rapport/contracts';
import { moneyOf } from './expectation.js';

const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** `3 days ago`, `in 2 hours`, `today` as epoch ms; undefined when the text is none of these. */
export function timeOf(text: string, nowMs: number): number | undefined {
  if (text === 'today') return nowMs;
  const past = /^(\d+) (minute|hour|day)s? ago$/.exec(text);
  if (past) return nowMs - Number(past[1]) * UNIT_MS[past[2]!]!;
  const future = /^in (\d+) (minute|hour|day)s?$/.exec(text);
  return future ? nowMs + Number(future[1]) * UNIT_MS[future[2]!]! : undefined;
}

/** A cell as the value its field takes: numbers, money, lists, days before and after now; JSON where it begins with `{` or `[`. */
export function valueOf(cell: string, schema: Readonly<Record<string, unknown>> | undefined, nowMs: number): unknown {
  if (/^[[{]/.test(cell)) return withTimes(JSON.parse(cell) as unknown, nowMs);
  const type = schema?.['type'];
  if (type === 'integer' || type === 'number') return Number(cell);
  if (type === 'boolean') return cell === 'true' || cell === 'yes';
  if (type === 'array') return cell === '' ? [] : cell.split(', ');
  const atMs = timeOf(cell, nowMs);
  const isDate = schema?.['x-kind'] === 'date';
  if (atMs !== undefined && (isDate || schema?.['x-kind'] === 'instant'))
    return isDate ? isoOf(atMs).slice(0, 10) : isoOf(atMs);
  if (type !== 'string') {
    const money = moneyOf(cell);
    if (money) return money;
  }
  return cell;
} // prettier-ignore

/** Money inside JSON is written as everywhere: `"50.00 EUR"`; an instant as `"at 3 days ago"`, a date as `"on 3 days ago"`. */
function withTimes(value: unknown, nowMs: number): unknown {
  if (Array.isArray(value)) return value.map((each) => withTimes(each, nowMs));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, withTimes(each, nowMs)]));
  if (typeof value !== 'string') return value;
  const instant = /^at (.+)$/.exec(value);
  const date = /^on (.+)$/.exec(value);
  const atMs = timeOf((instant ?? date)?.[1] ?? '', nowMs);
  if (atMs !== undefined) return date ? isoOf(atMs).slice(0, 10) : isoOf(atMs);
  return moneyOf(value) ?? value;
}
