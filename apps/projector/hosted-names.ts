/** Names of `RAPPORT_PROJECTIONS`: those to host, and with a minus those to leave to other processes. */

/** `customer-360` of `-customer-360`. */
export const nameIn = (entry: string): string => entry.replace(/^-/, '');

/** Is a projection hosted by a process that was given these names? Without any, or with minuses alone, all others are. */
export function isHosted(entries: readonly string[], name: string): boolean {
  const wanted = entries.filter((entry) => !entry.startsWith('-'));
  return (wanted.length === 0 || wanted.includes(name)) && !entries.includes(`-${name}`);
}
