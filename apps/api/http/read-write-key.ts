import { RapportError } from '@rapport/contracts';
import type { ApiRequest } from './api-request.js';

const PRINTABLE = /^[\x20-\x7e]{1,255}$/;
/** A structured list (`a, b`) or two headers of the name: one write has one key. */
const LIST = /,\s/;

/** The Idempotency-Key of a request; undefined when there is none. Throws BAD_IDEMPOTENCY_KEY. */
export function idempotencyKeyOf(request: ApiRequest): string | undefined {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return undefined;
  const text = Array.isArray(key) ? key.join(', ') : key;
  if (!PRINTABLE.test(text) || LIST.test(text) || text.trim() === '')
    throw new RapportError('BAD_IDEMPOTENCY_KEY', 'The Idempotency-Key must be one key of 1 to 255 printable characters.'); // prettier-ignore
  return text;
}

/** Revision that If-Match asks for; undefined when there is none. Throws STALE_PRECONDITION for anything but one ETag of ours. */
export function ifMatchOf(request: ApiRequest): bigint | undefined {
  const header = request.headers['if-match'];
  if (header === undefined || header === '*') return undefined;
  const match = /^"(\d{1,18})"$/.exec(header);
  if (!match) throw new RapportError('STALE_PRECONDITION', 'If-Match carries no ETag of this customer.');
  return BigInt(match[1]!);
}
