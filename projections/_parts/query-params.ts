import { Type } from '@sinclair/typebox';
import { epochMsOf } from '@rapport/contracts';
import type { Condition } from '@rapport/projection-engine';

/** `customerId` of a question about one customer. */
export const customerParam = Type.String({ format: 'uuid', description: 'the customer' });

/** Parameters of a question about one customer and nothing else. */
export const CustomerParams = Type.Object({ customerId: customerParam }, { additionalProperties: false });

/** A code of the business, as events carry it. */
export const codeParam = (description: string) =>
  Type.Optional(Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$', description }));

/** One of a closed set of words. */
export const oneOfParam = <const T extends readonly string[]>(values: T, description: string) =>
  Type.Optional(Type.Unsafe<T[number]>({ type: 'string', enum: [...values], description }));

/** An instant, ISO-8601. */
export const instantParam = (description: string) =>
  Type.Optional(Type.String({ format: 'date-time', description: `${description} (ISO-8601)` }));

/** A month, yyyy-mm. */
export const monthParam = (description: string) =>
  Type.Optional(
    Type.String({ pattern: '^\\d{4}-(0[1-9]|1[0-2])$', description: `${description} (yyyy-mm)` }),
  );

/** An index compared with what was asked for; undefined = it was not. */
export type Asked = readonly [index: string, op: Condition['op'], value: string | number | null | undefined];

/** Conditions for what was asked: a parameter that was not given asks for nothing. */
export const asked = (...conditions: readonly Asked[]): Condition[] =>
  conditions.flatMap(([index, op, value]) => (value === undefined ? [] : [{ index, op, value }]));

/** Epoch ms of an instant that was given. */
export const msOf = (instant: string | undefined): number | undefined =>
  instant === undefined ? undefined : epochMsOf(instant);
