/** A property of a JSON Schema as one line of a reference table. */
export interface SchemaRow {
  /** `lines[].unitPrice.amountMinor` */
  readonly path: string;
  readonly type: string;
  readonly required: boolean;
  readonly description: string;
}

interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly patternProperties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly JsonSchema[];
  readonly 'x-kind'?: string;
}

const isMoney = (schema: JsonSchema): boolean =>
  schema.properties !== undefined && Object.keys(schema.properties).join() === 'amountMinor,currency';

const between = (least: number | undefined, most: number | undefined): string => {
  const large = (value: number | undefined): boolean =>
    value === undefined || Math.abs(value) >= Number.MAX_SAFE_INTEGER;
  if (large(least) && large(most)) return '';
  if (large(most)) return ` ≥ ${least}`;
  return ` ${least}…${most}`;
};

/** What a value looks like, in words. */
export function typeOf(schema: JsonSchema): string {
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(' or ');
  if (schema.enum) return schema.enum.map((value) => `\`${String(value)}\``).join(' ');
  if (schema.const !== undefined) return `\`${String(schema.const)}\``;
  if (isMoney(schema)) return 'money';
  if (schema['x-kind'] === 'instant' || schema['x-kind'] === 'date') return schema['x-kind'];
  switch (schema.type) {
    case 'array': {
      const item = schema.items ?? {};
      const count = between(schema.minItems, schema.maxItems);
      return item.properties && !isMoney(item) ? `list${count}` : `list${count} of ${typeOf(item)}`;
    }
    case 'integer':
    case 'number':
      return `${schema.type}${between(schema.minimum, schema.maximum)}`;
    case 'object':
      return schema.patternProperties
        ? `map to ${typeOf(Object.values(schema.patternProperties)[0] ?? {})}`
        : 'object';
    case 'string':
      if (schema.format === 'uuid') return 'uuid';
      if (schema.pattern?.startsWith('^[0-9a-f]{8}')) return 'uuid';
      if (schema.pattern?.startsWith('^[A-Za-z0-9]')) return 'code';
      if (schema.pattern) return `text ${schema.pattern.replaceAll('|', '\\|')}`;
      return schema.maxLength ? `text ≤ ${schema.maxLength}` : 'text';
    default:
      return schema.type ?? 'any';
  }
}

/** The properties of an object schema, nested ones after their parent. */
export function rowsOf(schema: JsonSchema, prefix = ''): SchemaRow[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const path = `${prefix}${name}`;
    const row: SchemaRow = {
      path,
      type: typeOf(property),
      required: schema.required?.includes(name) ?? false,
      description: property.description ?? (isMoney(property) ? 'amount in minor units with currency' : ''),
    };
    if (isMoney(property)) return [row];
    const nested = property.type === 'array' ? property.items : property;
    if (!nested?.properties || isMoney(nested)) return [row];
    return [row, ...rowsOf(nested, property.type === 'array' ? `${path}[].` : `${path}.`)];
  });
}

const cell = (text: string): string => text.replaceAll('\n', ' ').trim();

/** A Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
