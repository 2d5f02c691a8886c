import { InvalidArgumentError } from 'commander';
import { isInstant, isoOf, dayNumberOfIsoDate, epochMsOf, MS_PER_DAY } from '@rapport/contracts';

/** Parser of a whole number within a range; a wrong one is a usage error. */
export const wholeNumber =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most)
      throw new InvalidArgumentError(`must be a whole number from ${least} to ${most}`);
    return value;
  };

/** Parser of a day or an instant; a day means its last millisecond (UTC), so that `--as-of` includes it. */
export function instantArgument(text: string): string {
  const day = dayNumberOfIsoDate(text);
  if (!Number.isNaN(day)) return isoOf((day + 1) * MS_PER_DAY - 1);
  if (!isInstant(text))
    throw new InvalidArgumentError('must be a day (2026-03-01) or an instant (2026-03-01T09:30:00Z)');
  return isoOf(epochMsOf(text));
}

/** Parser of a name that becomes part of a path: letters, digits and dashes only. */
export function nameArgument(text: string): string {
  if (!/^[A-Za-z][A-Za-z0-9-]{0,60}$/.test(text)) throw new InvalidArgumentError('is not a name');
  return text;
}

/** Parser of a day or an instant from which something begins: a day means its first instant (UTC). */
export const startArgument = (text: string): string =>
  /^\d{4}-\d{2}-\d{2}$/.test(text)
    ? `${instantArgument(text).slice(0, 10)}T00:00:00.000Z`
    : instantArgument(text);
