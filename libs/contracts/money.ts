import { Type, type Static } from '@sinclair/typebox';

/** An amount in the currency's minor unit: `{ amountMinor: 1177, currency: 'USD' }` is 11.77 dollars. */
export const Money = Type.Object(
  {
    amountMinor: Type.Integer({ minimum: -Number.MAX_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER }),
    currency: Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217 code' }),
  },
  { additionalProperties: false },
);
export type Money = Static<typeof Money>;

/** ISO 4217 minor-unit exponents that differ from 2. */
const EXPONENTS: Readonly<Record<string, number>> = {
  BHD: 3, IQD: 3, JOD: 3, KWD: 3, LYD: 3, OMR: 3, TND: 3, CLF: 4, UYW: 4,
  BIF: 0, CLP: 0, DJF: 0, GNF: 0, ISK: 0, JPY: 0, KMF: 0, KRW: 0, PYG: 0, RWF: 0, UGX: 0, UYI: 0, VND: 0, VUV: 0, XAF: 0, XOF: 0, XPF: 0,
}; // prettier-ignore

/** Decimal places of a currency's minor unit: EUR 2, JPY 0, KWD 3. */
export function minorUnitExponent(currency: string): number {
  return EXPONENTS[currency] ?? 2;
}

/** `11.77 USD`. */
export function formatMoney(money: Money): string {
  const exponent = minorUnitExponent(money.currency);
  return `${(money.amountMinor / 10 ** exponent).toFixed(exponent)} ${money.currency}`;
}
