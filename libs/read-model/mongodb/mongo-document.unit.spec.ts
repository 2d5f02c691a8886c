import fc from 'fast-check';
import { BSON } from 'mongodb';
import { documentOf, storedBodyOf } from './mongo-document.js';

/** What BSON makes of a body, with the options of our connections. */
const throughBson = (body: object): object =>
  BSON.deserialize(BSON.serialize(body, { ignoreUndefined: true }), { useBigInt64: true });

describe('A document stored in MongoDB', () => {
  it('comes back as its JSON says, whatever it holds', () => {
    fc.assert(
      fc.property(
        fc.object({
          key: fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('$a', 'a.b', '__proto__', '_bsontype', 'toBSON')),
          withDate: true,
          withNullPrototype: true,
          maxDepth: 3,
          values: [
            fc.string({ unit: 'binary' }), fc.constantFrom('\ud800', 'a\u0000b'), fc.double(), fc.integer(), fc.maxSafeInteger(),
            fc.boolean(), fc.constant(null), fc.constant(undefined),
          ],
        }),
        (document) => {
          const text = JSON.stringify(document);
          for (const body of [storedBodyOf(document), storedBodyOf(document, text)])
            expect(JSON.stringify(documentOf(throughBson(body)))).toBe(JSON.stringify(JSON.parse(text)));
        },
      ),
      { numRuns: 500 },
    );
  }); // prettier-ignore

  it.each([
    ['plain values', { a: 1, b: ['x', null, true], c: { d: 0.5 } }, true],
    ['a value that is not there', { a: undefined }, true],
    ['-0, which JSON makes 0', { a: -0 }, true],
    ['a date, which JSON makes text', { a: new Date(0) }, true],
    ['a name like an operator', { a: { $set: 1 } }, false],
    ['a name like a path', { 'a.b': 1 }, false],
    ['a name that ends a C string', { 'a\u0000': 1 }, false],
    ['half a character', { a: '\ud800' }, false],
  ])('is native or text: %s', (_, document, isNative) => {
    expect('document' in storedBodyOf(document)).toBe(isNative);
  });

  it('is text when it is nested deeper than servers allow', () => {
    let deep: object = {};
    for (let i = 0; i < 95; i++) deep = [deep];
    expect(storedBodyOf({ deep })).toEqual({ json: JSON.stringify({ deep }) });
  });
});
