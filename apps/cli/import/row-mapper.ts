import { createHash } from 'node:crypto';
import { minorUnitExponent } from '@rapport/contracts';
import { minorUnitsOf } from './decimal.js';
import { compileDateFormat, instantInZone, timeOfDayMs } from './local-time.js';
import type { Expression, Mapping } from './mapping.schema.js';
import { OccurrenceCounter } from './occurrence-counter.js';

/** One row of a file, cells by column name. */
export interface Row {
  /** Line of the file it ends on, 1 = first. */
  readonly line: number;
  readonly cells: Readonly<Record<string, string>>;
  /** The row as it stands in the file, for the rejects. */
  readonly raw: readonly string[];
}

/** An item of `POST /v1/batch`. */
export interface BatchItem {
  readonly command: string;
  readonly customer?: string;
  readonly sourceSystem: string;
  readonly sourceEventId: string;
  readonly [field: string]: unknown;
}

export type MappedRow =
  | {
      readonly kind: 'item';
      readonly item: BatchItem;
      /** Rows of one customer share it: they are sent in order. */ readonly orderKey: string;
    }
  | { readonly kind: 'reject'; readonly code: string; readonly reason: string };

/** Thrown inside an expression; becomes the row's reject. */
class RowProblem extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

type Evaluate = (row: Row, sourceKey: string) => unknown;

/**
 * Rows → batch items. A row without an id of its own gets the key `row-<hash>-<n>`: a hash of its content (without the
 * customer, whose stream the key belongs to) and which occurrence of that content it is for the customer. So two equal
 * rows of a file are two facts, the same file again gives the same keys in any order of its rows, and a longer file
 * adds only what is new.
 */
export function compileRowMapper(mapping: Mapping): (row: Row) => MappedRow {
  const occurrences = new OccurrenceCounter();
  const occurredAt = compileExpression(mapping.occurredAt, 'occurredAt');
  const channel =
    typeof mapping.channel === 'string'
      ? (): unknown => mapping.channel
      : compileExpression(mapping.channel, 'channel');
  const fields = Object.entries(mapping.fields).map(
    ([name, expression]) => [name, compileExpression(expression, name)] as const,
  );
  const { column: idColumn, rowContent = [], prefix = '' } = mapping.sourceEventId;

  const customerOf = (row: Row): string | undefined => {
    if (!mapping.customer) return undefined;
    const value = cellOf(row, mapping.customer.column);
    if (value === '') throw new RowProblem('EMPTY_VALUE', `${mapping.customer.column} is empty`);
    return mapping.customer.identifier === 'customerId' ? value : `${mapping.customer.identifier}:${value}`;
  };
  const sourceKeyOf = (row: Row, customer: string | undefined): string => {
    if (idColumn !== undefined) {
      const value = cellOf(row, idColumn);
      if (value === '') throw new RowProblem('EMPTY_VALUE', `${idColumn} is empty`);
      return prefix + value;
    }
    const content = JSON.stringify([mapping.command, ...rowContent.map((name) => cellOf(row, name))]);
    const hash = createHash('sha256').update(content).digest('hex').slice(0, 24);
    const whose = createHash('sha256')
      .update(`${customer ?? ''}\n${content}`)
      .digest();
    const nth = occurrences.next({ high: whose.readUInt32LE(0), low: whose.readUInt32LE(4) });
    return `${prefix}row-${hash}-${nth}`;
  };

  return (row) => {
    try {
      const customer = customerOf(row);
      const sourceEventId = sourceKeyOf(row, customer);
      const item: Record<string, unknown> = {
        command: mapping.command,
        ...(customer === undefined ? {} : { customer }),
        sourceSystem: mapping.sourceSystem,
        sourceEventId,
        occurredAt: occurredAt(row, sourceEventId),
        channel: channel(row, sourceEventId),
      };
      for (const [name, evaluate] of fields) {
        const value = evaluate(row, sourceEventId);
        if (value !== undefined) item[name] = value;
      }
      return {
        kind: 'item',
        item: item as unknown as BatchItem,
        orderKey: customer ?? JSON.stringify(item.identifiers ?? sourceEventId),
      };
    } catch (error) {
      if (error instanceof RowProblem) return { kind: 'reject', code: error.code, reason: error.message };
      throw error;
    }
  };
}

function cellOf(row: Row, column: string): string {
  const cell = row.cells[column];
  if (cell === undefined) throw new RowProblem('MISSING_COLUMN', `has no column ${column}`);
  return cell.trim();
}

function compileExpression(expression: Expression, path: string): Evaluate {
  if (expression.const !== undefined) return () => expression.const;
  if (expression.sourceKey) return (_row, sourceKey) => (expression.prefix ?? '') + sourceKey;
  if (expression.object) {
    const parts = Object.entries(expression.object).map(
      ([name, inner]) => [name, compileExpression(inner, `${path}.${name}`)] as const,
    );
    return (row, sourceKey) =>
      Object.fromEntries(
        parts
          .map(([name, evaluate]) => [name, evaluate(row, sourceKey)] as const)
          .filter(([, value]) => value !== undefined),
      );
  }
  if (expression.list) {
    const parts = expression.list.map((inner, index) => compileExpression(inner, `${path}[${index}]`));
    return (row, sourceKey) =>
      parts.map((evaluate) => evaluate(row, sourceKey)).filter((value) => value !== undefined);
  }
  const column = expression.column!;
  const convert = compileConversion(expression, column);
  return (row) => {
    const cell = cellOf(row, column);
    const text = expression.strip
      ? [...cell].filter((sign) => !expression.strip!.includes(sign)).join('')
      : cell;
    if (text === '') {
      if (expression.optional) return undefined;
      throw new RowProblem('EMPTY_VALUE', `${column} is empty`);
    }
    if (expression.map) {
      if (Object.hasOwn(expression.map, text)) return expression.map[text];
      if (expression.as === undefined)
        throw new RowProblem('UNKNOWN_VALUE', `${column} has a value that the mapping does not name`);
    }
    return convert(text, row);
  };
}

function compileConversion(expression: Expression, column: string): (text: string, row: Row) => unknown {
  const signs = { decimal: expression.decimal ?? '.', thousands: expression.thousands };
  switch (expression.as ?? 'text') {
    case 'text':
      return (text) => (expression.prefix ?? '') + text;
    case 'integer':
      return (text) => {
        const value = minorUnitsOf(text, 0, signs);
        if (value === undefined) throw new RowProblem('BAD_NUMBER', `${column} is not a whole number`);
        return value;
      };
    case 'number':
      return (text) => {
        const plain = (signs.thousands === undefined ? text : text.split(signs.thousands).join('')).replace(
          signs.decimal,
          '.',
        );
        if (!/^[+-]?\d+(\.\d+)?$/.test(plain))
          throw new RowProblem('BAD_NUMBER', `${column} is not a number`);
        return Number(plain);
      };
    case 'boolean':
      return (text) => {
        const value = BOOLEANS.get(text.toLowerCase());
        if (value === undefined) throw new RowProblem('BAD_BOOLEAN', `${column} is neither true nor false`);
        return value;
      };
    case 'date': {
      const read = dateReader(expression, column);
      return (text) => read(text).date;
    }
    case 'instant':
      return instantConversion(expression, column);
    case 'money':
      return moneyConversion(expression, column, signs);
  }
}

const BOOLEANS = new Map([
  ['true', true], ['yes', true], ['y', true], ['1', true],
  ['false', false], ['no', false], ['n', false], ['0', false],
]); // prettier-ignore

function dateReader(
  expression: Expression,
  column: string,
): (text: string) => { date: string; timeMs?: number } {
  const read = compileDateFormat(expression.format === 'iso' ? 'yyyy-MM-dd' : expression.format!);
  return (text) => {
    const local = read(text);
    if (!local) throw new RowProblem('BAD_DATE', `${column} is not a date of the form ${expression.format}`);
    return local;
  };
}

function instantConversion(expression: Expression, column: string): (text: string) => string {
  const zone = expression.zone ?? 'UTC';
  // A day without a time is noon, so that it is the same day in every zone from -12 to +11.
  const defaultTimeMs = timeOfDayMs(expression.time ?? '12:00:00');
  const readDate = dateReader(expression, column);
  if (expression.format !== 'iso')
    return (text) => {
      const { date, timeMs = defaultTimeMs } = readDate(text);
      return instantInZone({ date, timeMs }, zone);
    };
  const readTime = compileDateFormat('yyyy-MM-ddTHH:mm:ss');
  return (text) => {
    if (ISO_WITH_ZONE.test(text)) return text;
    const local = readTime(text.replace(' ', 'T')) ?? readDate(text);
    return instantInZone({ date: local.date, timeMs: local.timeMs ?? defaultTimeMs }, zone);
  };
}

const ISO_WITH_ZONE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;

function moneyConversion(
  expression: Expression,
  column: string,
  signs: { readonly decimal: string; readonly thousands?: string | undefined },
): (text: string, row: Row) => unknown {
  return (text, row) => {
    const currency = expression.currency ?? cellOf(row, expression.currencyColumn!).toUpperCase();
    if (!/^[A-Z]{3}$/.test(currency))
      throw new RowProblem('BAD_CURRENCY', `${expression.currencyColumn} is not an ISO 4217 code`);
    const amountMinor = minorUnitsOf(text, minorUnitExponent(currency), signs);
    if (amountMinor === undefined)
      throw new RowProblem(
        'BAD_AMOUNT',
        `${column} is not an amount in ${currency} (at most ${minorUnitExponent(currency)} decimals)`,
      );
    if (expression.dividedBy === undefined) return { amountMinor, currency };
    const divisor = minorUnitsOf(cellOf(row, expression.dividedBy), 0);
    if (divisor === undefined || divisor <= 0)
      throw new RowProblem('BAD_NUMBER', `${expression.dividedBy} is not a whole number above 0`);
    return { amountMinor: Math.floor(amountMinor / divisor + 0.5), currency };
  };
}
