import { Type, type Static } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { CHANNELS } from '@rapport/contracts';
import { CliError, EXIT } from '../exit-codes.js';

/**
 * A mapping says how one row of a file becomes one command: JSON, kept beside the file it describes, so that an
 * import can be read, reviewed and repeated. Reference: `rapport import --help` and `apps/cli/mappings/`.
 */
const strict = { additionalProperties: false } as const;
const oneOf = <const T extends readonly string[]>(values: T) =>
  Type.Unsafe<T[number]>(Type.String({ pattern: `^(${values.join('|')})$` }));
const column = (description: string) => Type.String({ minLength: 1, maxLength: 200, description });

export const FORMAT_KINDS = ['csv', 'blankSeparated', 'fixedWidth'] as const;
export const VALUE_KINDS = ['text', 'integer', 'number', 'boolean', 'date', 'instant', 'money'] as const;

const Format = Type.Object(
  {
    kind: oneOf(FORMAT_KINDS),
    encoding: Type.Optional(oneOf(['utf-8', 'windows-1252'] as const)),
    delimiter: Type.Optional(Type.String({ minLength: 1, maxLength: 1, description: 'csv: default ,' })),
    header: Type.Optional(Type.Boolean({ description: 'the first line names the columns; default false' })),
    columns: Type.Optional(
      Type.Array(column('name'), {
        minItems: 1,
        maxItems: 500,
        description: 'names in order; default the header line',
      }),
    ),
    widths: Type.Optional(
      Type.Array(Type.Integer({ minimum: 1, maximum: 10_000 }), {
        minItems: 1,
        maxItems: 500,
        description: 'fixedWidth: characters of each column in order',
      }),
    ),
  },
  strict,
);

/** One value of a command. Exactly one of const, column, sourceKey, object and list says where it comes from. */
const Expression = Type.Recursive(
  (Self) =>
    Type.Object(
      {
        const: Type.Optional(Type.Unknown({ description: 'the same for every row' })),
        column: Type.Optional(column('column it is read from')),
        sourceKey: Type.Optional(Type.Literal(true, { description: 'the source key of the row' })),
        object: Type.Optional(Type.Record(Type.String(), Self)),
        list: Type.Optional(Type.Array(Self, { maxItems: 100 })),
        as: Type.Optional(oneOf(VALUE_KINDS)),
        format: Type.Optional(
          Type.String({
            minLength: 1,
            maxLength: 40,
            description: 'of a date: yyyy MM dd HH mm ss SSS; iso',
          }),
        ),
        time: Type.Optional(
          Type.String({
            pattern: '^([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d$',
            description: 'time of day where the column has none',
          }),
        ),
        zone: Type.Optional(
          Type.String({ minLength: 1, maxLength: 60, description: 'IANA time zone; default UTC' }),
        ),
        currency: Type.Optional(Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217' })),
        currencyColumn: Type.Optional(column('column with the currency')),
        decimal: Type.Optional(
          Type.String({ minLength: 1, maxLength: 1, description: 'decimal sign; default .' }),
        ),
        thousands: Type.Optional(
          Type.String({ minLength: 1, maxLength: 1, description: 'sign between thousands' }),
        ),
        strip: Type.Optional(Type.String({ maxLength: 20, description: 'characters to remove first' })),
        dividedBy: Type.Optional(
          column('money: whole-number column to divide by, rounded half up to the minor unit'),
        ),
        map: Type.Optional(
          Type.Record(Type.String(), Type.Unknown(), { description: 'text of the column → value' }),
        ),
        prefix: Type.Optional(Type.String({ maxLength: 60, description: 'put before the text' })),
        optional: Type.Optional(Type.Boolean({ description: 'left out when the column is empty' })),
      },
      strict,
    ),
  { $id: 'Expression' },
);
export type Expression = Static<typeof Expression>;

export const MappingSchema = Type.Object(
  {
    name: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,60}$' }),
    description: Type.Optional(Type.String({ maxLength: 2000 })),
    format: Format,
    command: Type.String({ pattern: '^[A-Z][A-Za-z]{2,60}$', description: 'command each row becomes' }),
    sourceSystem: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$' }),
    customer: Type.Optional(
      Type.Object(
        {
          identifier: Type.String({
            pattern: '^(customerId|email|phone|customerNo|taxId|cookie|device|crm)$',
          }),
          column: column('column with the identifier'),
        },
        strict,
      ),
    ),
    sourceEventId: Type.Object(
      {
        column: Type.Optional(column('column with an id of the row that is unique in the source system')),
        rowContent: Type.Optional(
          Type.Array(column('column'), {
            minItems: 1,
            maxItems: 100,
            description: 'for rows without an id: content of these columns plus the n-th occurrence of it',
          }),
        ),
        prefix: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9._:-]{0,60}$' })),
      },
      strict,
    ),
    occurredAt: Expression,
    channel: Type.Union([oneOf(CHANNELS), Expression], {
      description: 'channel name or expression',
    }),
    fields: Type.Record(Type.String({ pattern: '^[a-z][A-Za-z0-9]{0,60}$' }), Expression),
  },
  strict,
);
export type Mapping = Static<typeof MappingSchema>;

/** Reads a mapping from parsed JSON. Throws exit 4 with the path of the first thing that is wrong. */
export function parseMapping(json: unknown, source: string): Mapping {
  if (!Value.Check(MappingSchema, json)) {
    const error = deepest([...Value.Errors(MappingSchema, json)]);
    throw invalid(source, error?.path ?? '', error?.message ?? 'is not a mapping');
  }
  checkMeaning(json, source);
  return json;
}

type PathedError = { readonly path: string; readonly message: string };
/** A union reports its own path first; the longest path says where the mistake is. */
const deepest = (errors: readonly PathedError[]): PathedError | undefined =>
  errors.reduce<PathedError | undefined>(
    (best, error) => (!best || error.path.length > best.path.length ? error : best),
    undefined,
  );

const invalid = (source: string, path: string, message: string): CliError =>
  new CliError(EXIT.validation, `mapping ${source}: ${path === '' ? '/' : path}: ${message}`);

function checkMeaning(mapping: Mapping, source: string): void {
  const { format } = mapping;
  if (!format.columns && !format.header)
    throw invalid(source, '/format/columns', 'is needed where the file has no header line');
  if (format.kind === 'fixedWidth' && format.widths?.length !== format.columns?.length)
    throw invalid(source, '/format/widths', 'needs one width for each of /format/columns');
  if (format.kind !== 'fixedWidth' && format.widths)
    throw invalid(source, '/format/widths', 'is only for kind fixedWidth');
  if (format.kind !== 'csv' && format.delimiter)
    throw invalid(source, '/format/delimiter', 'is only for kind csv');
  const { column, rowContent } = mapping.sourceEventId;
  if ((column === undefined) === (rowContent === undefined))
    throw invalid(source, '/sourceEventId', 'needs exactly one of column and rowContent');
  if (!mapping.customer && mapping.command !== 'RegisterCustomer')
    throw invalid(source, '/customer', `is needed for ${mapping.command}`);
  if (mapping.occurredAt.as !== 'instant') throw invalid(source, '/occurredAt/as', 'must be "instant"');
  checkExpression(mapping.occurredAt, '/occurredAt', source);
  if (typeof mapping.channel !== 'string') checkExpression(mapping.channel, '/channel', source);
  for (const [name, expression] of Object.entries(mapping.fields))
    checkExpression(expression, `/fields/${name}`, source);
  if (format.columns)
    for (const name of columnsOf(mapping))
      if (!format.columns.includes(name))
        throw invalid(source, '/format/columns', `has no column "${name}", which is used`);
}

function checkExpression(expression: Expression, path: string, source: string): void {
  const origins = (['const', 'column', 'sourceKey', 'object', 'list'] as const).filter(
    (key) => expression[key] !== undefined,
  );
  if (origins.length !== 1)
    throw invalid(source, path, 'needs exactly one of const, column, sourceKey, object and list');
  if ((expression.as === 'date' || expression.as === 'instant') && !expression.format)
    throw invalid(source, `${path}/format`, `is needed for as "${expression.as}"`);
  if (
    expression.as === 'money' &&
    (expression.currency === undefined) === (expression.currencyColumn === undefined)
  )
    throw invalid(source, path, 'money needs exactly one of currency and currencyColumn');
  if (expression.zone !== undefined && !isTimeZone(expression.zone))
    throw invalid(source, `${path}/zone`, `"${expression.zone}" is not a time zone`);
  for (const [name, inner] of Object.entries(expression.object ?? {}))
    checkExpression(inner, `${path}/object/${name}`, source);
  (expression.list ?? []).forEach((inner, index) => checkExpression(inner, `${path}/list/${index}`, source));
}

const isTimeZone = (zone: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
};

/** Every column a mapping reads. */
export function columnsOf(mapping: Mapping): readonly string[] {
  const found = new Set<string>();
  const add = (name: string | undefined): void => void (name !== undefined && found.add(name));
  const visit = (expression: Expression): void => {
    add(expression.column);
    add(expression.currencyColumn);
    add(expression.dividedBy);
    Object.values(expression.object ?? {}).forEach(visit);
    (expression.list ?? []).forEach(visit);
  };
  add(mapping.customer?.column);
  add(mapping.sourceEventId.column);
  (mapping.sourceEventId.rowContent ?? []).forEach(add);
  visit(mapping.occurredAt);
  if (typeof mapping.channel !== 'string') visit(mapping.channel);
  Object.values(mapping.fields).forEach(visit);
  return [...found];
}
