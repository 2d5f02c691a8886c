import fc, { type Arbitrary } from 'fast-check';
import { contractOf, EVENT_CONTRACTS, isoOf, UUID_PATTERN, type RecordedEvent } from '@rapport/contracts';
import type { AnyProjection } from '@rapport/projection-engine';
import { eventBuilder } from './event.builder.js';

/** Part of JSON Schema that event contracts use. */
interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly minItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  readonly description?: string;
  readonly 'x-kind'?: string;
}

/** Few values, so that events of a history refer to each other. */
const CODES = ['o-1', 'c-1', 'p-1', 'x-2'];
const UUIDS = ['3f2b8a34-7c35-5c4e-9b52-2a43c9f0d111', '7d0f4c1e-53a8-5c0b-8f3e-9a55b6c4e222'];
const DAYS = ['2025-12-31', '2026-01-05', '2026-02-28'];
const MAX_INTEGER = 100_000;

/** Valid data of a schema; strings the schema says little about take the example's value. */
function arbitraryOf(schema: Schema, example: unknown): Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map((option) => arbitraryOf(option, example)));
  switch (schema.type) {
    case 'object': {
      const { properties = {}, required = [] } = schema;
      const values = (example ?? {}) as Record<string, unknown>;
      if (schema.patternProperties) return fc.constant(values);
      return fc.record(
        Object.fromEntries(
          Object.entries(properties).map(([name, p]) => [name, arbitraryOf(p, values[name])]),
        ),
        { requiredKeys: [...required] },
      );
    }
    case 'array':
      return fc.array(arbitraryOf(schema.items ?? {}, (example as unknown[] | undefined)?.[0]), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.max(schema.minItems ?? 0, 3),
      });
    case 'integer':
      return fc.integer({
        min: Math.max(schema.minimum ?? 0, -MAX_INTEGER),
        max: Math.min(schema.maximum ?? MAX_INTEGER, MAX_INTEGER),
      });
    case 'number':
      return fc.double({ min: schema.minimum ?? 0, max: schema.maximum ?? 1_000, noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return arbitraryTextOf(schema, example);
  }
}

function arbitraryTextOf(schema: Schema, example: unknown): Arbitrary<unknown> {
  if (schema.pattern === UUID_PATTERN) return fc.constantFrom(...UUIDS);
  if (schema['x-kind'] === 'date') return fc.constantFrom(...DAYS);
  if (schema['x-kind'] === 'instant' || schema.description?.includes('ISO-8601') === true)
    return fc.constantFrom(...DAYS.map((day) => `${day}T08:00:00.000Z`));
  if (schema.pattern?.startsWith('^[A-Za-z0-9]') === true)
    return fc.constantFrom(...CODES, ...(typeof example === 'string' ? [example] : []));
  return fc.constant(typeof example === 'string' ? example : 'text');
}

/** Valid data of an event type. */
export function arbitraryDataOf(type: string): Arbitrary<Readonly<Record<string, unknown>>> {
  const contract = contractOf(type);
  if (!contract) throw new Error(`${type} is not in the registry`);
  return arbitraryOf(contract.schema as Schema, contract.example) as Arbitrary<
    Readonly<Record<string, unknown>>
  >;
}

const CUSTOMERS = ['ada', 'bob', 'cyd'];
const START_MS = 1_767_603_600_000;

/**
 * Histories of a few customers made of the events a projection wants, with facts recorded late and several in the
 * same instant.
 */
export function arbitraryHistory(
  projection: Pick<AnyProjection, 'events'>,
  maxLength = 40,
): Arbitrary<RecordedEvent[]> {
  const wanted: string[] =
    projection.events === '*'
      ? [...EVENT_CONTRACTS.values()].filter((c) => c.category === 'customer').map((c) => c.type)
      : [...(projection.events as readonly string[])];
  // Merges name other streams and revisions: they are told as stories of their own.
  const types = wanted.filter(
    (type) => contractOf(type)?.area !== 'identity' || contractOf(type)?.category !== 'customer',
  );
  const step = fc.constantFrom(...types).chain((type) =>
    fc.record({
      type: fc.constant(type),
      customer: fc.constantFrom(...CUSTOMERS),
      data: arbitraryDataOf(type),
      hours: fc.oneof(fc.constant(0), fc.integer({ min: -48, max: 24 * 30 })),
    }),
  );
  return fc.array(step, { minLength: 1, maxLength }).map((steps) => {
    const builder = eventBuilder();
    let occurredMs = START_MS;
    for (const { type, customer, data, hours } of steps) {
      occurredMs += hours * 3_600_000;
      const category = contractOf(type)!.category;
      if (category === 'customer') builder.customer(customer);
      else builder.stream(`${category}-${customer}`);
      builder.at(isoOf(occurredMs)).raw(type, data);
    }
    return builder.build();
  });
}
