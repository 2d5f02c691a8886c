import 'reflect-metadata';
import { getMetadataStorage, validateSync, ValidationTypes, type ValidationError, type ValidatorConstraintInterface } from 'class-validator'; // prettier-ignore
import { plainToInstance } from 'class-transformer';
import type { ErrorDetail } from '@rapport/contracts';
import { nestedDtoAt, type DtoClass } from './dto-from-schema.js';

type Check = (object: Record<string, unknown>) => boolean;

const RULES = {
  whitelist: true,
  forbidNonWhitelisted: true,
  forbidUnknownValues: true,
  stopAtFirstError: true,
} as const;

/** At most this many places are named in one answer: a hostile body must not make a long one. */
const MOST_ERRORS = 50;

const compiled = new WeakMap<DtoClass, Check>();

/**
 * What is wrong with a body, by place; undefined when nothing is.
 * A body that is fine, the usual case, meets the DTO's own class-validator constraints in one flat pass; only a
 * refused one goes through class-validator's reporting, which costs twenty times as much.
 */
export function errorsIn(dto: DtoClass, body: unknown, pointer = ''): readonly ErrorDetail[] | undefined {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    return [{ pointer, code: 'IS_OBJECT', message: 'must be a JSON object' }];
  let check = compiled.get(dto);
  if (!check) compiled.set(dto, (check = compile(dto)));
  if (check(body as Record<string, unknown>)) return undefined;
  const errors: ErrorDetail[] = [];
  flatten(validateSync(plainToInstance(dto, body), RULES), pointer, errors);
  return errors.length > 0
    ? errors
    : [{ pointer, code: 'INVALID_VALUE', message: 'does not meet the schema' }];
}

function compile(dto: DtoClass): Check {
  const storage = getMetadataStorage();
  const byProperty = storage.groupByPropertyName(
    storage.getTargetValidationMetadatas(dto, dto.name, false, false),
  );
  const properties = new Map<string, Check>();
  for (const [property, rules] of Object.entries(byProperty)) {
    const conditions: Check[] = [];
    const checks: Check[] = [];
    for (const rule of rules) {
      if (rule.type === ValidationTypes.CONDITIONAL_VALIDATION) {
        const applies = rule.constraints![0] as (object: unknown, value: unknown) => boolean;
        conditions.push((object) => applies(object, object[property]));
      } else if (rule.type === ValidationTypes.NESTED_VALIDATION) {
        checks.push(nestedCheck(nestedDtoAt(dto, property), property));
      } else if (rule.type === ValidationTypes.CUSTOM_VALIDATION) {
        for (const { instance } of storage.getTargetValidatorConstraints(rule.constraintCls))
          checks.push(constraintCheck(instance, property, rule.constraints ?? [], rule.each === true));
      }
    }
    properties.set(property, allOf(conditions, checks));
  }
  const all = [...properties.values()];
  return (object) => {
    for (const name in object) if (!properties.has(name)) return false;
    for (let i = 0; i < all.length; i++) if (!all[i]!(object)) return false;
    return true;
  };
}

/** Every check holds, where every condition for checking does. Loops: closures for each value were a tenth of a batch's garbage. */
function allOf(conditions: readonly Check[], checks: readonly Check[]): Check {
  return (object) => {
    for (let i = 0; i < conditions.length; i++) if (!conditions[i]!(object)) return true;
    for (let i = 0; i < checks.length; i++) if (!checks[i]!(object)) return false;
    return true;
  };
}

function constraintCheck(
  constraint: ValidatorConstraintInterface,
  property: string,
  constraints: unknown[],
  each: boolean,
): Check {
  // One set of arguments for all calls: constraints are synchronous and keep nothing.
  const args: { value: unknown; object: object; constraints: unknown[]; property: string; targetName: string } =
    { value: undefined, object: constraint, constraints, property, targetName: '' }; // prettier-ignore
  const holds = (value: unknown, object: object): boolean => {
    args.value = value;
    args.object = object;
    return constraint.validate(value, args) === true;
  };
  if (!each) return (object) => holds(object[property], object);
  return (object) => {
    const values = object[property];
    if (!Array.isArray(values)) return false;
    for (let i = 0; i < values.length; i++) if (!holds(values[i], object)) return false;
    return true;
  };
}

function nestedCheck(dto: DtoClass | undefined, property: string): Check {
  if (!dto) return () => false;
  const isFine = (value: unknown): boolean =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    errorsIn(dto, value) === undefined;
  return (object) => {
    const value = object[property];
    return Array.isArray(value) ? value.every(isFine) : isFine(value);
  };
}

function flatten(found: readonly ValidationError[], pointer: string, errors: ErrorDetail[]): void {
  for (const error of found) {
    if (errors.length >= MOST_ERRORS) return;
    const place = `${pointer}/${error.property.slice(0, 100).replaceAll('~', '~0').replaceAll('/', '~1')}`;
    for (const [rule, message] of Object.entries(error.constraints ?? {})) {
      if (rule === 'whitelistValidation')
        errors.push({ pointer: place, code: 'UNKNOWN_PROPERTY', message: 'is not known' });
      else if (error.value === undefined)
        errors.push({ pointer: place, code: 'REQUIRED', message: 'is required' });
      else errors.push({ pointer: place, code: ruleCode(rule), message });
    }
    flatten(error.children ?? [], place, errors);
  }
}

/** `isWholeNumber` → `IS_WHOLE_NUMBER`. */
const ruleCode = (rule: string): string => rule.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
