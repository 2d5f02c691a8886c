/** The fields of a command that become its event's data. */
export function dataOf<C extends { readonly type: string }>(
  command: C,
): Omit<C, 'type' | 'registerFirst' | 'via'> {
  const {
    type: _type,
    registerFirst: _registerFirst,
    via: _via,
    ...data
  } = command as C & {
    readonly registerFirst?: unknown;
    readonly via?: unknown;
  };
  return data;
}
