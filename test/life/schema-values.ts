import { isoDateOfDay, dayNumberOf, isoOf, MS_PER_DAY, UUID_PATTERN } from '@rapport/contracts';
import type { SeededRandom } from '../../apps/cli/demo/seeded-random.js';

/** Part of JSON Schema that commands use. */
export interface FieldSchema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly FieldSchema[];
  readonly pattern?: string;
  readonly properties?: Readonly<Record<string, FieldSchema>>;
  readonly patternProperties?: Readonly<Record<string, FieldSchema>>;
  readonly required?: readonly string[];
  readonly items?: FieldSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly 'x-kind'?: string;
}

export interface ValueContext {
  readonly random: SeededRandom;
  /** Business time of the command, epoch ms. */
  readonly atMs: number;
  /** An id or another value that the story knows for a field; undefined = any valid value. */
  readonly known: (name: string, schema: FieldSchema) => unknown;
}

/** What lies ahead when a command is given; every other day or instant lies just behind. */
const AHEAD = /due|end|until|expire|expected|effective|to(?:date)?$|validTo|close/i;
const OPTIONAL_CHANCE = 0.35;
const WORDS = ['as agreed', 'asked by phone', 'seen on the fair', 'says the shop'];

/** A valid value of a field of this name (`caseIds[]`: an element of the list); the same chance gives the same value. */
export function valueOfField(name: string, schema: FieldSchema, context: ValueContext): unknown {
  const known = context.known(name, schema);
  if (known !== undefined) return known;
  const { random, atMs } = context;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return random.pick(schema.enum);
  if (schema.anyOf) return valueOfField(name, random.pick(schema.anyOf), context);
  switch (schema.type) {
    case 'object':
      return objectOf(schema, context);
    case 'array': {
      const least = schema.minItems ?? 0;
      const length = random.integer(least, Math.max(least, Math.min(least + 2, schema.maxItems ?? 3)));
      const values = Array.from({ length }, () => valueOfField(`${name}[]`, schema.items ?? {}, context));
      return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
    }
    case 'integer':
      return random.integer(schema.minimum ?? 0, Math.min(schema.maximum ?? 1_000, (schema.minimum ?? 0) + 1_000));
    case 'number':
      return (schema.minimum ?? 0) + random.uniform() * ((schema.maximum ?? 1) - (schema.minimum ?? 0));
    case 'boolean':
      return random.chance(0.5);
    case 'null':
      return null;
    default:
      return textOf(name, schema, random, atMs);
  }
} // prettier-ignore

/** An object of a schema: what is required, and some of the rest. */
export function objectOf(schema: FieldSchema, context: ValueContext): Record<string, unknown> {
  const { properties = {}, required = [] } = schema;
  if ('amountMinor' in properties && 'currency' in properties)
    return { amountMinor: context.random.integer(5, 400) * 100, currency: 'EUR' };
  const names = Object.keys(properties).filter((name) => required.includes(name) || context.random.chance(OPTIONAL_CHANCE));
  // An object that may hold several things holds one of them.
  if (names.length === 0 && required.length === 0) names.push(...Object.keys(properties).slice(0, 1));
  return Object.fromEntries(names.map((name) => [name, valueOfField(name, properties[name]!, context)]));
} // prettier-ignore

function textOf(name: string, schema: FieldSchema, random: SeededRandom, atMs: number): string {
  const inMs = atMs + (AHEAD.test(name) ? random.integer(3, 200) : 0) * MS_PER_DAY;
  if (schema['x-kind'] === 'instant') return isoOf(inMs);
  if (schema['x-kind'] === 'date') return isoDateOfDay(dayNumberOf(inMs));
  if (schema.pattern === UUID_PATTERN) throw new Error(`${name}: no id is known`);
  if (schema.pattern === '^[A-Z]{2}$') return random.pick(['NL', 'DE', 'FR']);
  if (schema.pattern === '^[A-Z]{3}$') return 'EUR';
  if (schema.pattern) return `${name.replace(/(Id|Code|s)?(\[\])?$/, '')}-${random.integer(1, 4)}`;
  return random.pick(WORDS);
}
