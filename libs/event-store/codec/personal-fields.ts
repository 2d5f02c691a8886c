import type { PersonalField } from '@rapport/contracts';

type Values = Readonly<Record<string, unknown>>;

/** Called with a personal value and its JSON pointer; what it returns stands in the copy. */
export type Replace = (value: unknown, field: PersonalField, pointer: string) => unknown;

/** A copy of `data` in which every personal value that is there was replaced; what holds none is shared with the original. */
export function replacePersonal(data: Values, fields: readonly PersonalField[], replace: Replace): Values {
  let result = data;
  for (const field of fields) result = at(result, field.path.split('.'), 0, field, '', replace) as Values;
  return result;
}

function at(
  value: unknown,
  steps: readonly string[],
  index: number,
  field: PersonalField,
  pointer: string,
  replace: Replace,
): unknown {
  if (index === steps.length)
    return value === undefined || value === null ? value : replace(value, field, pointer);
  if (typeof value !== 'object' || value === null) return value;
  const step = steps[index]!;
  const isList = step.endsWith('[]');
  const name = isList ? step.slice(0, -2) : step;
  if (!Object.hasOwn(value, name)) return value;
  const inner = (value as Values)[name];
  const below = `${pointer}/${name}`;
  const replaced =
    isList && Array.isArray(inner)
      ? inner.map((item, i) => at(item, steps, index + 1, field, `${below}/${i}`, replace))
      : at(inner, steps, index + 1, field, below, replace);
  return replaced === inner ? value : { ...value, [name]: replaced };
}

/** True when `data` holds at least one of the fields. */
export function hasPersonal(data: Values, fields: readonly PersonalField[]): boolean {
  let found = false;
  for (const field of fields) {
    // The first step decides in nearly every case, without walking.
    const first = field.path.split('.', 1)[0]!.replace('[]', '');
    if (!Object.hasOwn(data, first)) continue;
    at(data, field.path.split('.'), 0, field, '', (value) => {
      found = true;
      return value;
    });
    if (found) return true;
  }
  return false;
}
