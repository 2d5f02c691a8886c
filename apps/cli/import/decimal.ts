/**
 * Minor units of a decimal text, exactly: `11.77` with two places is 1177. No floating point in between.
 * Undefined when the text is no decimal, has more places than the currency, or leaves the safe integers.
 */
export function minorUnitsOf(
  text: string,
  places: number,
  signs: { readonly decimal: string; readonly thousands?: string | undefined } = { decimal: '.' },
): number | undefined {
  const plain = signs.thousands === undefined ? text : text.split(signs.thousands).join('');
  const match = /^([+-]?)(\d+)(?:D(\d+))?$/.exec(plain.replace(signs.decimal, 'D'));
  if (!match) return undefined;
  const fraction = match[3] ?? '';
  if (/[1-9]/.test(fraction.slice(places))) return undefined;
  const amount = Number(match[2] + fraction.slice(0, places).padEnd(places, '0'));
  if (!Number.isSafeInteger(amount)) return undefined;
  return match[1] === '-' && amount !== 0 ? -amount : amount;
}
