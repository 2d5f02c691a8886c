import { Type } from '@sinclair/typebox';

/** One of these words. A pattern beside `enum`, so that both TypeBox and JSON Schema tools check it. */
export const oneOf = <const T extends readonly string[]>(values: T, description: string) =>
  Type.Unsafe<T[number]>(
    Type.String({ enum: [...values], pattern: `^(?:${values.join('|')})$`, description }),
  );
