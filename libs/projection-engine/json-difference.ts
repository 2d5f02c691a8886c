/** One place where two documents differ. Absent values are undefined. */
export interface FieldDifference {
  /** JSON pointer. */
  readonly path: string;
  readonly stored: unknown;
  readonly expected: unknown;
}

/** The first places, at most `limit`, where two JSON values differ; the order of object members does not count. */
export function differencesOf(stored: unknown, expected: unknown, limit: number): FieldDifference[] {
  const found: FieldDifference[] = [];
  compare(stored, expected, '', found, limit);
  return found;
}

function compare(a: unknown, b: unknown, path: string, found: FieldDifference[], limit: number): void {
  if (a === b || found.length >= limit) return;
  if (isContainer(a) && isContainer(b) && Array.isArray(a) === Array.isArray(b)) {
    const left = a as Record<string, unknown>;
    const right = b as Record<string, unknown>;
    for (const name of new Set([...Object.keys(left), ...Object.keys(right)]))
      compare(left[name], right[name], `${path}/${escaped(name)}`, found, limit);
    return;
  }
  found.push({ path, stored: a, expected: b });
}

const isContainer = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** RFC 6901: `~` and `/` in a name. */
const escaped = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');
