/** A rule book that cannot be used: where and why. */
export class RuleBookError extends Error {
  override readonly name = 'RuleBookError';
  constructor(
    /** JSON path: `$.roleSets[0].guards.G1`. */
    readonly path: string,
    readonly reason: string,
  ) {
    super(`${path}: ${reason}`);
  }

  /** The same place as a JSON pointer within the rule book: `/roleSets/0/guards/G1`. */
  get pointer(): string {
    return segmentsOf(this.path).map(escaped).join('');
  }
}

/** A place within another one; a name that is no word stands in brackets. */
export const placeIn = (path: string, name: string): string =>
  /^\w+$/.test(name) ? `${path}.${name}` : `${path}[${JSON.stringify(name)}]`;

/** JSON pointer within a document → JSON path: what is counted stands in brackets. */
export function pathOfPointer(pointer: string, document: unknown): string {
  let path = '$';
  let here = document;
  for (const escapedName of pointer.split('/').slice(1)) {
    const name = escapedName.replaceAll('~1', '/').replaceAll('~0', '~');
    path = Array.isArray(here) ? `${path}[${name}]` : placeIn(path, name);
    here = (here as Record<string, unknown> | undefined)?.[name];
  }
  return path;
}

const segmentsOf = (path: string): string[] =>
  [...path.matchAll(/\.(\w+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/g)].map(
    ([, word, index, quoted]) => word ?? index ?? (JSON.parse(quoted!) as string),
  );

const escaped = (name: string): string => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
