import { createHmac } from 'node:crypto';
import * as fc from 'fast-check';
import { MemoryKeyStore } from '../memory/memory-key-store.adapter.js';
import { createIdentifierHasher, identifierChangesOf, type IdentifierHasher } from './identifier-changes.js';
import { keyedHash } from './keyed-hash.adapter.js';
import { matchKeysOf } from './match-keys.js';
import { matchableBirthDate, matchableName, matchablePostalCode, nameWords, normaliseIdentifier, prefixesOf } from './normalise.js'; // prettier-ignore

const CUSTOMER = '3f2b8a34-7c35-5c4e-9b52-2a43c9f0d111';

describe('Identifiers', () => {
  describe('when normalised', () => {
    it.each([
      ['email', ' Ada@Example.COM ', 'ada@example.com'],
      ['email', 'u\u0308nsal@example.com', '\u00fcnsal@example.com'],
      ['phone', '+31 (0)20 123-4567', '+31201234567'],
      ['phone', '0031 20 1234567', '+31201234567'],
      ['phone', '020 123 4567', '0201234567'],
      ['customerNo', ' ab-12 ', 'AB-12'],
      ['taxId', 'nl001b01', 'NL001B01'],
    ])('spells %s %j as %j', (type, value, expected) => {
      expect(normaliseIdentifier(type, value)).toBe(expected);
    });

    it('are the same after a second time', () => {
      fc.assert(
        fc.property(fc.constantFrom('email', 'phone', 'customerNo'), fc.string(), (type, value) => {
          const once = normaliseIdentifier(type, value);
          expect(normaliseIdentifier(type, once)).toBe(once);
        }),
      );
    });
  });

  it('finds words of a name without diacritics, case or punctuation', () => {
    expect(nameWords("Zoë  O'Brien-Müller, B.V.")).toEqual(['zoe', 'o', 'brien', 'muller', 'b', 'v']);
    expect(nameWords('王 小明')).toEqual(['王', '小明']);
    expect(nameWords(' ,. ')).toEqual([]);
    expect(prefixesOf('ada')).toEqual(['ad', 'ada']);
    expect(prefixesOf('o')).toEqual(['o']);
    expect(prefixesOf('supercalifragilistic')).toHaveLength(11);
  });

  it('match names whatever their case, accents, punctuation, spaces, order, initials, titles and legal forms', () => {
    for (const name of ['Ada Müller', 'müller,  ADA', 'Dr. Ada M. Mueller', 'Mrs Ada Müller'])
      expect(matchableName(name)).toBe('ada muller');
    expect(matchableName('Strauß & Øster B.V.')).toBe(matchableName('Oster Strauss'));
    expect(matchableName('Bakery Jansen BV')).toBe(matchableName('Jansen, Bakery'));
    expect(matchableName('Ada Jansen')).not.toBe(matchableName('Ben Jansen'));
    expect(matchableName('A. B.')).toBe('');
    expect(matchablePostalCode('1012 ab')).toBe(matchablePostalCode('1012-AB'));
    expect(matchableBirthDate(' 1990-12-01 ')).toBe('1990-12-01');
    expect(matchableBirthDate('1/12/90')).toBe('');
  });

  it('hashes with HMAC-SHA-256', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 100 }), fc.string(), (key, text) => {
        expect(keyedHash(key)(text)).toBe(createHmac('sha256', key).update(text).digest('hex').slice(0, 32));
      }),
    );
  });

  describe('of new events', () => {
    let hasher: IdentifierHasher;
    beforeAll(async () => {
      hasher = await createIdentifierHasher(new MemoryKeyStore());
    });
    const changes = (...events: { type: string; data: unknown }[]) =>
      identifierChangesOf(events, CUSTOMER, hasher);
    const email = (value: string) => ({
      hash: hasher.identifier('email', value),
      kind: 'identifier',
      customerId: CUSTOMER,
    });

    it('are found under each identifier and each prefix of each name word', () => {
      const result = changes({
        type: 'CustomerRegistered',
        data: { displayName: 'Ada Byron', identifiers: [{ type: 'email', value: 'ADA@example.com' }] },
      });
      expect(result?.add).toContainEqual(email('ada@example.com'));
      for (const query of ['ada', 'by byron', 'AD']) {
        const hashes = hasher.nameQuery(query);
        expect(hashes.length).toBeGreaterThan(0);
        for (const hash of hashes)
          expect(result?.add).toContainEqual({ hash, kind: 'nameWord', customerId: CUSTOMER });
      }
      expect(result?.add).toHaveLength(1 + 2 + 4);
    });

    it('tell numbers of different systems apart, but not e-mail addresses', () => {
      expect(hasher.identifier('customerNo', '42', 'shop')).not.toBe(
        hasher.identifier('customerNo', '42', 'crm'),
      );
      expect(hasher.identifier('email', 'a@b.c', 'shop')).toBe(hasher.identifier('email', 'a@b.c', 'crm'));
      expect(hasher.identifier('phone', '()')).toBeUndefined();
    });

    it('replace the name words when the name is corrected or removed', () => {
      const corrected = (value: string | null) =>
        changes({ type: 'CustomerDetailsCorrected', data: { changes: [{ field: 'displayName', value }] } });
      expect(corrected('Bob')).toMatchObject({ removeNameWordsOf: CUSTOMER });
      expect(corrected('Bob')?.add).toHaveLength(2);
      expect(corrected(null)).toEqual({ removeNameWordsOf: CUSTOMER, details: [{ customerId: CUSTOMER, detail: 'name', hash: null }] }); // prettier-ignore
      expect(
        changes({ type: 'CustomerDetailsCorrected', data: { changes: [{ field: 'note', value: 'x' }] } }),
      ).toBeUndefined();
    });

    it('follow the last word on an identifier', () => {
      const data = { identifierId: 'e-1', type: 'email', value: 'a@b.c' };
      const [added, removed] = [
        { type: 'IdentifierAdded', data },
        { type: 'IdentifierRemoved', data },
      ];
      expect(changes(added)).toEqual({ add: [email('a@b.c')] });
      expect(changes(removed)).toEqual({ remove: [email('a@b.c')] });
      expect(changes(removed, added)).toEqual({ add: [email('a@b.c')] });
      expect(changes(added, removed)).toEqual({ remove: [email('a@b.c')] });
    });

    it('say by which details the customer is matched, the last word on each', () => {
      const correct = (...details: (readonly [string, string | null])[]) => ({
        type: 'CustomerDetailsCorrected',
        data: { changes: details.map(([field, value]) => ({ field, value })) },
      });
      const detailsOf = (...events: { type: string; data: unknown }[]) => changes(...events)?.details ?? [];
      const hash = hasher.detail('postalCode', '1012AB');
      expect(hash).toMatch(/^[0-9a-f]{32}$/);
      expect(detailsOf(correct(['postalCode', '1012 ab']))).toEqual([{ customerId: CUSTOMER, detail: 'postalCode', hash }]); // prettier-ignore
      expect(detailsOf(correct(['postalCode', '1012 ab']), correct(['postalCode', null], ['birthDate', 'unclear'], ['note', 'x']))).toEqual([
        { customerId: CUSTOMER, detail: 'postalCode', hash: null },
        { customerId: CUSTOMER, detail: 'birthDate', hash: null },
      ]); // prettier-ignore
      const [named] = detailsOf({ type: 'CustomerRegistered', data: { displayName: 'Byron, Ada', identifiers: [] } }); // prettier-ignore
      expect(named).toEqual({
        customerId: CUSTOMER,
        detail: 'name',
        hash: hasher.detail('name', 'ADA BYRON'),
      });
      expect(matchKeysOf({ name: named!.hash! })).toEqual([]);
      expect(matchKeysOf({ postalCode: hash!, birthDate: hash! })).toEqual([]);
      expect(matchKeysOf({ name: named!.hash!, postalCode: hash!, birthDate: hash! })).toHaveLength(2);
    });

    it('go altogether with an erasure', () => {
      expect(changes({ type: 'CustomerErased', data: { basis: 'request', keptForLaw: [] } })).toEqual({
        removeAllOf: CUSTOMER,
      });
    });

    it('are not concerned by other events', () => {
      expect(changes({ type: 'TouchPointRecorded', data: {} })).toBeUndefined();
    });
  });
});
