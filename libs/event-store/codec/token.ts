import { PERSONAL_TOKEN_PREFIX } from '@rapport/contracts';

export interface TokenParts {
  readonly keyId: string;
  readonly eventId: string;
  readonly fieldId: string;
  readonly iv: Buffer;
  /** Ciphertext followed by the tag. */
  readonly sealed: Buffer;
}

export const writeToken = (parts: TokenParts): string =>
  `${PERSONAL_TOKEN_PREFIX}${parts.keyId}.${parts.eventId}.${parts.fieldId}.${parts.iv.toString('base64url')}.${parts.sealed.toString('base64url')}`;

/** Parts of a token; undefined for text that only begins like one. */
export function readToken(token: string): TokenParts | undefined {
  const parts = token.slice(PERSONAL_TOKEN_PREFIX.length).split('.');
  if (parts.length < 5) return undefined;
  const [keyId, eventId] = parts;
  const iv = Buffer.from(parts.at(-2)!, 'base64url');
  const sealed = Buffer.from(parts.at(-1)!, 'base64url');
  if (iv.length !== 12 || sealed.length < 16) return undefined;
  return { keyId: keyId!, eventId: eventId!, fieldId: parts.slice(2, -2).join('.'), iv, sealed };
}
