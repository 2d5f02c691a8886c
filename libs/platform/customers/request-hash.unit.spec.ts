import * as fc from 'fast-check';
import { canonicalJson, requestHashWith } from './request-hash.js';

describe('The hash of a request', () => {
  it('does not depend on the order of names', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const turned = Object.fromEntries(Object.entries(value).reverse());
        expect(canonicalJson(turned)).toBe(canonicalJson(value));
      }),
    );
  });

  it('keeps the value: what is equal as JSON is equal as text, and nothing else', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        expect(JSON.parse(canonicalJson(a))).toEqual(JSON.parse(JSON.stringify(a)));
        const isSame = canonicalJson(a) === canonicalJson(b);
        if (isSame) expect(a).toEqual(b);
      }),
    );
  });

  it('cannot be made without the key', () => {
    const request = { command: 'RecordPurchase', amountMinor: 1 };
    expect(requestHashWith(Buffer.alloc(32, 1))(request)).not.toBe(
      requestHashWith(Buffer.alloc(32, 2))(request),
    );
    expect(requestHashWith(Buffer.alloc(32, 1))(request)).toMatch(/^[0-9a-f]{32}$/);
  });
});
