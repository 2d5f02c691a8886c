/** The fields of a command that become its event's data. */
export function dataOf<C extends { readonly type: string }>(command: C): Omit<C, 'type' | 'registerFirst'> {
  const {
    type: _type,
    registerFirst: _registerFirst,
    ...data
  } = command as C & {
    readonly registerFirst?: unknown;
  };
  return data;
}
