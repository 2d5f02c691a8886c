import * as fc from 'fast-check';
import { SignedCursors } from './signed-cursor.js';

const cursors = new SignedCursors(Buffer.alloc(32, 7));

describe('Signed cursors', () => {
  it('open to what was signed', () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), (scope, value) => {
        expect(cursors.open(scope, cursors.sign(scope, value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('do not open for another list, under another key, or with any character changed', () => {
    const cursor = cursors.sign('list', { key: 'a' });
    expect(() => cursors.open('other', cursor)).toThrow('BAD_CURSOR');
    expect(() => new SignedCursors(Buffer.alloc(32, 8)).open('list', cursor)).toThrow('BAD_CURSOR');
    fc.assert(
      fc.property(fc.nat(cursor.length - 1), fc.constantFrom('A', 'b', '.', '-'), (at, letter) => {
        const changed = cursor.slice(0, at) + letter + cursor.slice(at + 1);
        fc.pre(changed !== cursor);
        expect(() => cursors.open('list', changed)).toThrow('BAD_CURSOR');
      }),
    );
  });

  it('are told from any text a client makes up', () => {
    fc.assert(
      fc.property(fc.string(), (text) => expect(() => cursors.open('list', text)).toThrow('BAD_CURSOR')),
    );
  });
});
