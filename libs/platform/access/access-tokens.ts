import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jwtVerify, SignJWT } from 'jose';
import { LRUCache } from 'lru-cache';
import type { Clock } from '@rapport/runtime';
import { ACCESS_ROLES, SCOPES_OF_ROLE, type AccessRole, type AccessScope, type Principal } from './principal.js'; // prettier-ignore

const ISSUER = 'rapport';
const AUDIENCE = 'rapport';
/** The only algorithm accepted: naming it closes `none` and key-confusion tricks. */
const ALGORITHM = 'HS256';
/** Life of the token that the embedded server prints; it is renewed at each start. */
const LOCAL_TOKEN_DAYS = 30;

/** Path of the secret that signs the tokens of a data folder. */
export const tokenSecretFile = (dataDir: string): string => join(dataDir, 'token.secret');
/** Path of the owner's token of an embedded server. */
export const localTokenFile = (dataDir: string): string => join(dataDir, 'local-token');

const SECRET_BYTES = 32;

/**
 * Reads the signing secret, creating it (mode 0600) the first time. One that a crash cut short is replaced: it would sign
 * with a key that can be guessed, or with none; tokens signed before are then void.
 */
export function readTokenSecret(dataDir: string, file: string = tokenSecretFile(dataDir)): Uint8Array {
  const known = existsSync(file) ? Buffer.from(readFileSync(file, 'utf8').trim(), 'base64url') : undefined;
  if (known && known.length >= SECRET_BYTES) return known;
  const secret = randomBytes(SECRET_BYTES);
  // Written aside first: the file is there whole or not at all.
  writeFileSync(`${file}.new`, secret.toString('base64url'), { mode: 0o600, flush: true });
  renameSync(`${file}.new`, file);
  return secret;
}

/** Writes the owner's token where only the owner of the machine account can read it. */
export function writeLocalToken(dataDir: string, token: string): void {
  writeFileSync(localTokenFile(dataDir), `${token}\n`, { mode: 0o600 });
  chmodSync(localTokenFile(dataDir), 0o600);
}

export interface TokenRequest {
  readonly subject: string;
  readonly roles: readonly AccessRole[];
  /** Default: the scopes of the roles. */
  readonly scopes?: readonly (AccessScope | '*')[];
  readonly expiresInS: number;
}

/** Mints and verifies access tokens (JWT, HS256, issuer and audience `rapport`). */
export class AccessTokens {
  /** Verified tokens until they expire: a signature is checked once, not per request. */
  private readonly verified = new LRUCache<string, { principal: Principal; expiresAtS: number }>({
    max: 1_000,
  });

  constructor(
    private readonly secret: Uint8Array,
    private readonly clock: Clock,
  ) {}

  async mint(request: TokenRequest): Promise<string> {
    const nowS = Math.floor(this.clock.nowMs() / 1_000);
    const scopes = request.scopes ?? [...new Set(request.roles.flatMap((role) => SCOPES_OF_ROLE[role]))];
    return new SignJWT({ roles: request.roles, scopes })
      .setProtectedHeader({ alg: ALGORITHM })
      .setSubject(request.subject)
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setIssuedAt(nowS)
      .setExpirationTime(nowS + request.expiresInS)
      .sign(this.secret);
  }

  /** Token of the machine's owner. */
  mintLocal(): Promise<string> {
    return this.mint({ subject: 'local', roles: ['owner'], expiresInS: LOCAL_TOKEN_DAYS * 86_400 });
  }

  /** Who a token stands for, when this process has verified it before and it has not expired. */
  known(token: string): Principal | undefined {
    const hit = this.verified.get(token);
    return hit && hit.expiresAtS * 1_000 > this.clock.nowMs() ? hit.principal : undefined;
  }

  /** Who a token stands for; undefined when it is not valid now. */
  async verify(token: string): Promise<Principal | undefined> {
    const known = this.known(token);
    if (known) return known;
    if (token.length > 4_096) return undefined;
    try {
      const { payload } = await jwtVerify(token, this.secret, {
        algorithms: [ALGORITHM],
        issuer: ISSUER,
        audience: AUDIENCE,
        requiredClaims: ['sub', 'exp'],
        currentDate: new Date(this.clock.nowMs()),
      });
      const principal = principalOf(payload);
      if (principal) this.verified.set(token, { principal, expiresAtS: payload.exp! });
      return principal;
    } catch {
      return undefined;
    }
  }
}

function principalOf(payload: Record<string, unknown>): Principal | undefined {
  const { sub, roles, scopes } = payload;
  if (typeof sub !== 'string' || !/^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$/.test(sub)) return undefined;
  if (!Array.isArray(roles) || !Array.isArray(scopes)) return undefined;
  return {
    subject: sub,
    roles: roles.filter((role): role is AccessRole => (ACCESS_ROLES as readonly unknown[]).includes(role)),
    scopes: scopes.filter((scope): scope is AccessScope => typeof scope === 'string'),
  };
}
