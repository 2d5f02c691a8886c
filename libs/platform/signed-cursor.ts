import { createHmac, createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto';
import { RapportError } from '@rapport/contracts';

/**
 * Where a page ended, as text a client carries but cannot make: JSON and a keyed signature.
 * A cursor belongs to one list with one set of filters (`scope`); elsewhere it is refused.
 */
export class SignedCursors {
  private readonly key: KeyObject;

  constructor(key: Uint8Array) {
    this.key = createSecretKey(key);
  }

  sign(scope: string, value: unknown): string {
    const body = Buffer.from(JSON.stringify(value)).toString('base64url');
    return `${body}.${this.signature(scope, body)}`;
  }

  /** The value signed for this scope. Throws BAD_CURSOR. */
  open<T>(scope: string, cursor: string): T {
    const [body, signature, more] = cursor.split('.');
    const expected = Buffer.from(body ? this.signature(scope, body) : '');
    const given = Buffer.from(signature ?? '');
    if (!body || more !== undefined || expected.length !== given.length || !timingSafeEqual(expected, given))
      throw new RapportError('BAD_CURSOR', 'The cursor was not made by this service for this list.');
    return JSON.parse(Buffer.from(body, 'base64url').toString('utf8')) as T;
  }

  private signature(scope: string, body: string): string {
    return createHmac('sha256', this.key).update(scope).update('\0').update(body).digest('base64url').slice(0, 22); // prettier-ignore
  }
}
