import { createHmac, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AccessTokens, readTokenSecret, tokenSecretFile } from './access-tokens.js';

const NOW_MS = 1_767_225_600_000;
const NOW_S = NOW_MS / 1_000;
const clock = { nowMs: () => NOW_MS, monotonicMs: () => 0 };
const secret = randomBytes(32);
const tokens = new AccessTokens(secret, clock);

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const CLAIMS = { sub: 'shop', iss: 'rapport', aud: 'rapport', iat: NOW_S, exp: NOW_S + 60, roles: ['service'], scopes: ['customers:read'] }; // prettier-ignore
/** A token as anybody could make it by hand. */
function handmade(claims: object = {}, header: object = { alg: 'HS256' }, key: Uint8Array = secret, digest = 'sha256'): string {
  const signed = `${part(header)}.${part({ ...CLAIMS, ...claims })}`;
  return `${signed}.${createHmac(digest, key).update(signed).digest('base64url')}`;
} // prettier-ignore

describe('An access token', () => {
  it('stands for its subject', async () => {
    expect(await tokens.verify(handmade())).toEqual({ subject: 'shop', roles: ['service'], scopes: ['customers:read'] }); // prettier-ignore
  });

  it.each([
    ['without a signature', `${handmade({}, { alg: 'none' }).split('.').slice(0, 2).join('.')}.`],
    ['signed by another method', handmade({}, { alg: 'HS512' }, secret, 'sha512')],
    ['that lies about its method', handmade({}, { alg: 'RS256' })],
    ['of another data folder', handmade({}, { alg: 'HS256' }, randomBytes(32))],
    ['signed with nothing', handmade({}, { alg: 'HS256' }, new Uint8Array(0))],
    ['that brings its own key', handmade({}, { alg: 'HS256', jwk: { kty: 'oct', k: '' } }, new Uint8Array(0))],
    ['that names a file as its key', handmade({}, { alg: 'HS256', kid: '../../dev/null' }, new Uint8Array(0))],
    ['that demands what nobody knows', handmade({}, { alg: 'HS256', crit: ['x'], x: 1 })],
    ['of another issuer', handmade({ iss: 'other' })],
    ['for somebody else', handmade({ aud: 'other' })],
    ['that expired', handmade({ exp: NOW_S - 1 })],
    ['that never expires', handmade({ exp: undefined })],
    ['that is not valid yet', handmade({ nbf: NOW_S + 60 })],
    ['of nobody', handmade({ sub: undefined })],
    ['with a subject of two lines', handmade({ sub: 'a\nb' })],
    ['with roles that are no list', handmade({ roles: 'owner' })],
    ['that is no token', 'x'],
    ['that is far too long', `${handmade()}${'x'.repeat(5_000)}`],
  ])('%s is nobody’s', async (_, token) => {
    expect(await tokens.verify(token)).toBeUndefined();
  }); // prettier-ignore

  it('ends when it expires, also where it was verified before', async () => {
    let nowMs = NOW_MS;
    const later = new AccessTokens(secret, { nowMs: () => nowMs, monotonicMs: () => 0 });
    const token = handmade();
    expect(await later.verify(token)).toBeDefined();
    nowMs += 61_000;
    expect([later.known(token), await later.verify(token)]).toEqual([undefined, undefined]);
  });
});

describe('The secret of a data folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rapport-secret-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is made once, for its owner alone', () => {
    const first = readTokenSecret(folder);
    expect(first).toHaveLength(32);
    expect(readTokenSecret(folder)).toEqual(first);
    expect(statSync(tokenSecretFile(folder)).mode & 0o777).toBe(0o600);
  });

  it.each(['', 'c2hvcnQ'])('is made anew when a crash cut it short to %j', (left) => {
    writeFileSync(tokenSecretFile(folder), left);
    expect(readTokenSecret(folder)).toHaveLength(32);
  });
});
