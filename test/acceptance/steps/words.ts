import type { FeatureStep } from '../feature-files.js';

/** `open an opportunity` → `OpenOpportunity`. */
export const commandOf = (words: string): string =>
  words
    .split(/[ -]/)
    .filter((word) => !['a', 'an', 'the'].includes(word))
    .map((word) => `${word[0]!.toUpperCase()}${word.slice(1)}`)
    .join('');

/** A table of two columns as fields. */
export function cellsOf(table: FeatureStep['table']): Readonly<Record<string, string>> {
  const wrong = table.find((row) => row.length !== 2);
  if (wrong) throw new Error(`a table of fields has two columns: ${wrong.join(' | ')}`);
  return Object.fromEntries(table.map(([field, cell]) => [field!, cell!]));
}
