/**
 * How a cell of a feature is compared with an answer: `none`, `some`, `at least 3`, `at most 3`, `about 0.5`,
 * `contains text`, `50.00 EUR` for money, else the value as text.
 */
export function meets(value: unknown, cell: string): boolean {
  if (cell === 'none') return value === null || value === undefined;
  if (cell === 'some') return value !== null && value !== undefined;
  if (value === null || value === undefined) return false;
  const least = /^at least (-?[\d.]+)$/.exec(cell);
  if (least) return Number(value) >= Number(least[1]);
  const most = /^at most (-?[\d.]+)$/.exec(cell);
  if (most) return Number(value) <= Number(most[1]);
  const about = /^about (-?[\d.]+)$/.exec(cell);
  if (about)
    return Math.abs(Number(value) - Number(about[1])) <= Math.max(0.01, Math.abs(Number(about[1])) * 0.02);
  const part = /^contains (.+)$/.exec(cell);
  if (part) return textOf(value).includes(part[1]!);
  const money = moneyOf(cell);
  if (money && typeof value === 'object') {
    const { amountMinor, currency } = value as { amountMinor?: unknown; currency?: unknown };
    return amountMinor === money.amountMinor && currency === money.currency;
  }
  return textOf(value) === cell;
}

const textOf = (value: unknown): string =>
  Array.isArray(value)
    ? value.map(textOf).join(', ')
    : typeof value === 'object' && value !== null
      ? JSON.stringify(value)
      : String(value);

/** `12.50 EUR` as money in the minor unit; features use currencies of two decimals. */
export function moneyOf(text: string): { amountMinor: number; currency: string } | undefined {
  const found = /^(-?\d+(?:\.\d\d)?) ([A-Z]{3})$/.exec(text);
  return found ? { amountMinor: Math.round(Number(found[1]) * 100), currency: found[2]! } : undefined;
}

/** The value at `a.b`, `list[0].c`, `list[caseId=c-1].status`, `list.length`; undefined when there is none. */
export function at(value: unknown, path: string): unknown {
  let current = value;
  for (const [, name, index] of path.matchAll(/([^.[\]]+)|\[([^\]]*)\]/g)) {
    if (current === null || current === undefined) return undefined;
    if (name !== undefined) {
      current = (current as Record<string, unknown>)[name];
      continue;
    }
    if (!Array.isArray(current)) return undefined;
    const [key, wanted] = index!.split('=');
    current =
      wanted === undefined
        ? (current as unknown[])[Number(key)]
        : (current as unknown[]).find((each) => meets(at(each, key!), wanted));
  }
  return current;
}

/** Rows of a table `path | expected` that an answer does not meet, each with what was there instead. */
export function unmet(answer: unknown, expected: readonly (readonly string[])[]): string[] {
  return expected.flatMap(([path = '', cell = '']) => {
    const value = at(answer, path);
    return meets(value, cell) ? [] : [`${path} is ${textOf(value)}, not ${cell}`];
  });
}

/** Rows of a table with a header of paths that no element of a list meets. */
export function missing(
  list: readonly unknown[],
  [header = [], ...rows]: readonly (readonly string[])[],
): string[] {
  return rows.flatMap((row) => (list.some((each) => fits(each, header, row)) ? [] : [row.join(' | ')]));
}

/** Rows of a table with a header of paths that some element of a list meets. */
export function present(
  list: readonly unknown[],
  [header = [], ...rows]: readonly (readonly string[])[],
): string[] {
  return rows.flatMap((row) => (list.some((each) => fits(each, header, row)) ? [row.join(' | ')] : []));
}

const fits = (each: unknown, header: readonly string[], row: readonly string[]): boolean =>
  header.every((path, i) => meets(at(each, path), row[i]!));
