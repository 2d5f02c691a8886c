import { Type, type TObject, type TProperties } from '@sinclair/typebox';
import { UUID_PATTERN } from '../ids.js';
import { CHANNELS } from '../envelope.js';
import { Money } from '../money.js';

/**
 * Building blocks of event schemas: each says its unit, so that the generated reference does too.
 * `x-kind` tells the edge what a string stands for, where JSON Schema alone cannot: instant, date or text.
 */

export const object = <T extends TProperties>(properties: T): TObject<T> =>
  Type.Object(properties, { additionalProperties: false });

export const oneOf = <const T extends readonly string[]>(values: T, description?: string) =>
  Type.Unsafe<T[number]>({ type: 'string', enum: [...values], ...(description ? { description } : {}) });

export const text = (description: string, maxLength = 500) =>
  Type.String({ minLength: 1, maxLength, description, 'x-kind': 'text' });
/** Personal text: plain when decided, a token once recorded (therefore no upper length here but a generous one). */
export const personalText = (description: string) =>
  Type.String({ minLength: 1, maxLength: 20_000, description, 'x-kind': 'text' });
export const code = (description: string) =>
  Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$', description });
export const eventId = (description: string) => Type.String({ pattern: UUID_PATTERN, description });
export const customerRef = (description: string) => Type.String({ pattern: UUID_PATTERN, description });
export const instant = (description: string) =>
  Type.String({ maxLength: 40, description: `${description} (ISO-8601 UTC)`, 'x-kind': 'instant' });
export const isoDate = (description: string) =>
  Type.String({
    pattern: '^\\d{4}-\\d{2}-\\d{2}$',
    description: `${description} (yyyy-mm-dd)`,
    'x-kind': 'date',
  });
export const percent = (description: string) =>
  Type.Integer({ minimum: 0, maximum: 100, description: `${description} (0-100)` });
export const integer = (description: string, minimum: number, maximum: number) =>
  Type.Integer({ minimum, maximum, description });
/** An amount that says what it is the amount of. */
export const money = (description: string): typeof Money => ({ ...Money, description });
export const channel = oneOf(CHANNELS, 'channel of the touch');
export const evidence = Type.Array(eventId('event that is evidence'), {
  maxItems: 200,
  description: 'ids of the events this rests on',
});
