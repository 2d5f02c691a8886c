import { formatAmount } from '../terminal/format.js';

/** `PurchaseRecorded` → `purchase recorded`. */
export const wordsOf = (type: string): string =>
  type
    .replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    .replace(/^[A-Z]/, (letter) => letter.toLowerCase());

/** A value of an answer as a person reads it. */
export function shown(value: unknown): string {
  if (value === null || value === undefined) return '–';
  if (typeof value !== 'object') return String(value);
  if ('amountMinor' in value && 'currency' in value)
    return formatAmount(value as { amountMinor: number; currency: string });
  if ('erased' in value) return 'erased';
  return Array.isArray(value) ? value.map(shown).join(', ') : JSON.stringify(value);
}

/** ← the customer came to us, → we went to them; nothing for what the rules did. */
export const arrowOf = (direction: string): string =>
  direction === 'out' ? '→' : direction === 'in' ? '←' : ' ';
