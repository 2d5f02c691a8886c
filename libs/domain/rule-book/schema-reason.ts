import { ValueErrorType } from '@sinclair/typebox/errors';
import type { ValueError } from '@sinclair/typebox/errors';

/** What is wrong with a value in the words of somebody who writes a rule book, with what the field means. */
export function reasonOf({ type, schema, message }: ValueError): string {
  const description = schema.description as string | undefined;
  return `${demandOf(type, schema, message)}${description === undefined ? '' : ` (${description})`}`;
}

function demandOf(type: ValueErrorType, schema: ValueError['schema'], message: string): string {
  const words = schema['enum'] as readonly string[] | undefined;
  switch (type) {
    case ValueErrorType.ObjectRequiredProperty:
      return 'is required';
    case ValueErrorType.ObjectAdditionalProperties:
      return 'is not known here';
    case ValueErrorType.Integer:
      return 'must be a whole number';
    case ValueErrorType.Number:
      return 'must be a number';
    case ValueErrorType.Boolean:
      return 'must be true or false';
    case ValueErrorType.Array:
      return 'must be a list';
    case ValueErrorType.Object:
      return 'must be an object';
    case ValueErrorType.IntegerMinimum:
    case ValueErrorType.NumberMinimum:
      return `must be at least ${schema['minimum']}`;
    case ValueErrorType.IntegerMaximum:
    case ValueErrorType.NumberMaximum:
      return `must be at most ${schema['maximum']}`;
    case ValueErrorType.String:
    case ValueErrorType.StringPattern:
      if (words !== undefined) return `must be one of ${words.join(', ')}`;
      return type === ValueErrorType.String ? 'must be a text' : `must match ${schema['pattern']}`;
    case ValueErrorType.StringMinLength:
      return 'must not be empty';
    case ValueErrorType.StringMaxLength:
      return `must have at most ${schema['maxLength']} characters`;
    case ValueErrorType.ArrayMinItems:
      return `must have at least ${schema['minItems']} entries`;
    case ValueErrorType.ArrayMaxItems:
      return `must have at most ${schema['maxItems']} entries`;
    case ValueErrorType.ArrayUniqueItems:
      return 'must not name anything twice';
    default:
      return message.charAt(0).toLowerCase() + message.slice(1);
  }
}
