import { dayNumberOfIsoDate, epochMsOf, isInstant, PERSONAL_TOKEN_PREFIX } from '@rapport/contracts';

/** Rules every value from outside meets, whatever it is for. Each answers true when the value is allowed. */

const EARLIEST_MS = epochMsOf('1900-01-01T00:00:00.000Z');
const LATEST_MS = epochMsOf('2101-01-01T00:00:00.000Z');
const EARLIEST_DAY = dayNumberOfIsoDate('1900-01-01');
const LATEST_DAY = dayNumberOfIsoDate('2100-12-31');

/** Characters nobody types but attackers do: controls, direction overrides and isolates, zero width space, byte order mark. */
// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const HIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200b\u202a-\u202e\u2060-\u2069\ufeff]/;

/** Free text: no hidden characters, and nothing that could be mistaken for an encrypted value. Line breaks and emoji are fine. */
export const isPlainText = (value: unknown): boolean =>
  typeof value === 'string' && !HIDDEN.test(value) && !value.startsWith(PERSONAL_TOKEN_PREFIX);

/** ISO-8601 instant with a zone, on a day that exists, in the years 1900 to 2100. */
export const isEdgeInstant = (value: unknown): boolean => {
  if (typeof value !== 'string' || value.length > 40 || !isInstant(value)) return false;
  const epochMs = epochMsOf(value);
  return epochMs >= EARLIEST_MS && epochMs < LATEST_MS;
};

/** `yyyy-mm-dd`, a day that exists, in the years 1900 to 2100. */
export const isEdgeDate = (value: unknown): boolean => {
  if (typeof value !== 'string') return false;
  const day = dayNumberOfIsoDate(value);
  return day >= EARLIEST_DAY && day <= LATEST_DAY;
};

/** A whole number that JSON carries without loss; minus zero is not one. */
export const isWholeNumber = (value: unknown): boolean =>
  Number.isSafeInteger(value) && !Object.is(value, -0);

const CURRENCIES: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));

/** ISO 4217 code, past ones included (imports reach back to 1900). */
export const isCurrency = (value: unknown): boolean => typeof value === 'string' && CURRENCIES.has(value);
