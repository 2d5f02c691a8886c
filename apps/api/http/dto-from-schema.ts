import {
  ArrayMaxSize, ArrayMinSize, ArrayUnique, IsArray, IsBoolean, IsIn, IsNotEmptyObject, IsNumber, IsObject, IsString,
  Matches, Max, MaxLength, Min, MinLength, ValidateBy, ValidateIf, ValidateNested, type ValidationOptions,
} from 'class-validator'; // prettier-ignore
import { Type as Transformed } from 'class-transformer';
import { Money, UUID_PATTERN } from '@rapport/contracts';
import type { Static, TObject, TProperties, TSchema } from '@sinclair/typebox';
import { isCurrency, isEdgeDate, isEdgeInstant, isPlainText, isWholeNumber } from './edge-rules.js';

/**
 * DTO classes made from JSON Schemas: one declaration gives the type, the class-validator rules and the OpenAPI schema,
 * so that a body cannot drift from the event it becomes. `class PurchaseBody extends dtoFrom(object({...})) {}`.
 */
export type DtoClass<T extends object = object> = new () => T;

/** Longest free text accepted: encrypted, it still fits the 20,000 characters a personal value may take in an event. */
const LONGEST_TEXT = 4_000;

const schemas = new WeakMap<DtoClass, TObject>();
const nested = new WeakMap<TSchema, DtoClass>();
const nestedAt = new WeakMap<DtoClass, Map<string, DtoClass>>();

/** Schema a DTO class was made from. */
export const schemaOf = (dto: DtoClass): TObject => schemas.get(madeClassOf(dto))!;

function madeClassOf(dto: DtoClass): DtoClass {
  for (let c: unknown = dto; typeof c === 'function'; c = Object.getPrototypeOf(c))
    if (schemas.has(c as DtoClass)) return c as DtoClass;
  throw new Error(`${dto.name} was not made by dtoFrom`);
}

/** Class of the object (or of the objects of the array) at a property; undefined for plain values. */
export const nestedDtoAt = (dto: DtoClass, property: string): DtoClass | undefined =>
  nestedAt.get(madeClassOf(dto))?.get(property);

/** A class with one class-validator rule set for each property of the schema. */
export function dtoFrom<T extends TProperties>(schema: TObject<T>): DtoClass<Static<TObject<T>>> {
  const dto = class {};
  schemas.set(dto, schema as TObject);
  nestedAt.set(dto, new Map());
  const required = new Set(schema.required ?? []);
  for (const [name, property] of Object.entries(schema.properties as TProperties)) {
    if (!required.has(name)) decorate(dto, name, ValidateIf((o: Record<string, unknown>) => o[name] !== undefined)); // prettier-ignore
    const inner = objectSchemaOf(property);
    const innerDto =
      inner &&
      (isMoney(inner) ? (MAY_BE_NEGATIVE.has(name) ? SignedMoney : UnsignedMoney) : nestedDto(inner));
    if (innerDto) nestedAt.get(dto)!.set(name, innerDto);
    rulesOf(property, innerDto).forEach((rule) => decorate(dto, name, rule));
  }
  return dto as DtoClass<Static<TObject<T>>>;
}

/** Class for an object within a DTO; the same schema gives the same class. */
export function nestedDto(schema: TObject): DtoClass {
  const known = nested.get(schema);
  if (known) return known;
  const dto = dtoFrom(schema);
  nested.set(schema, dto);
  return dto;
}

const decorate = (dto: DtoClass, name: string, rule: PropertyDecorator): void => rule(dto.prototype, name);

/** Amounts that may be a loss; all others say with their name which way the money goes. */
const MAY_BE_NEGATIVE: ReadonlySet<string> = new Set(['margin']);
const isMoney = (schema: TObject): boolean => Object.keys(schema.properties).join() === Object.keys(Money.properties).join(); // prettier-ignore

const objectSchemaOf = (schema: TSchema): TObject | undefined =>
  schema['type'] === 'object' ? (schema['properties'] === undefined ? undefined : (schema as TObject))
  : schema['type'] === 'array' ? objectSchemaOf(schema['items'] as TSchema)
  : undefined; // prettier-ignore

function ruleBy(
  name: string,
  validate: (value: unknown) => boolean,
  message: string,
  options?: ValidationOptions,
) {
  return ValidateBy(
    { name, validator: { validate, defaultMessage: () => (options?.each ? `each must ${message.slice(5)}` : message) } },
    options,
  ); // prettier-ignore
}

/** class-validator rules for one property (or for each item of an array). */
function rulesOf(
  schema: TSchema,
  inner: DtoClass | undefined,
  each?: ValidationOptions,
): PropertyDecorator[] {
  if (Array.isArray(schema['anyOf'])) {
    const [value] = (schema['anyOf'] as TSchema[]).filter((s) => s['type'] !== 'null');
    return [ValidateIf((_, v) => v !== null), ...rulesOf(value!, inner, each)];
  }
  if (schema['enum']) return [IsIn(schema['enum'] as string[], each)];
  switch (schema['type']) {
    case 'string':
      return textRules(schema, each);
    case 'integer':
      return [
        ruleBy('isWholeNumber', isWholeNumber, 'must be a whole number', each),
        ...bounds(schema, each),
      ];
    case 'number':
      return [IsNumber({ allowNaN: false, allowInfinity: false }, each), ...bounds(schema, each)];
    case 'boolean':
      return [IsBoolean(each)];
    case 'array': {
      const items = schema['items'] as TSchema;
      return [
        IsArray(),
        ...(schema['minItems'] === undefined ? [] : [ArrayMinSize(schema['minItems'] as number)]),
        ...(schema['maxItems'] === undefined ? [] : [ArrayMaxSize(schema['maxItems'] as number)]),
        ...(schema['uniqueItems'] ? [ArrayUnique()] : []),
        ...rulesOf(items, inner, { each: true }),
      ];
    }
    case 'object': {
      // Any object: who receives it checks what is in it.
      if (inner === undefined) return [IsObject(each)];
      return [
        ...(each ? [IsObject({ each: true })] : [IsObject()]),
        ...(schema['minProperties'] ? [IsNotEmptyObject()] : []),
        ValidateNested(each ?? {}),
        Transformed(() => inner!),
      ];
    }
    default:
      throw new Error(`no rules for schema ${JSON.stringify(schema)}`);
  }
}

function textRules(schema: TSchema, each?: ValidationOptions): PropertyDecorator[] {
  if (schema['x-kind'] === 'instant' || schema['format'] === 'date-time')
    return [ruleBy('isInstant', isEdgeInstant, 'must be an ISO-8601 instant with a zone, in the years 1900 to 2100', each)]; // prettier-ignore
  if (schema['x-kind'] === 'date' || schema['format'] === 'date')
    return [
      ruleBy('isDate', isEdgeDate, 'must be a calendar date yyyy-mm-dd, in the years 1900 to 2100', each),
    ];
  if (schema['pattern'] !== undefined || schema['format'] === 'uuid')
    return [
      IsString(each),
      ...patternRules((schema['pattern'] as string | undefined) ?? UUID_PATTERN, schema.description, each),
    ];
  return [
    IsString(each),
    MinLength((schema['minLength'] as number | undefined) ?? 1, each),
    MaxLength(Math.min((schema['maxLength'] as number | undefined) ?? 500, LONGEST_TEXT), each),
    ruleBy('isPlainText', isPlainText, 'must not contain hidden characters', each),
  ];
}

const patternRules = (
  pattern: string,
  description: string | undefined,
  each?: ValidationOptions,
): PropertyDecorator[] => [
  Matches(new RegExp(pattern), {
    ...each,
    message: `must match ${pattern}${description === undefined ? '' : ` (${description})`}`,
  }),
];

function bounds(schema: TSchema, each?: ValidationOptions): PropertyDecorator[] {
  return [
    ...(schema['minimum'] === undefined ? [] : [Min(schema['minimum'] as number, each)]),
    ...(schema['maximum'] === undefined ? [] : [Max(schema['maximum'] as number, each)]),
  ];
}

const UnsignedMoney = dtoFrom(Money);
const SignedMoney = dtoFrom(Money);
Min(0)(UnsignedMoney.prototype, 'amountMinor');
for (const money of [UnsignedMoney, SignedMoney])
  ruleBy('isCurrency', isCurrency, 'must be an ISO 4217 currency code')(money.prototype, 'currency');
