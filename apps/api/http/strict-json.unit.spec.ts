import { RapportError } from '@rapport/contracts';
import * as fc from 'fast-check';
import { parseStrictJson } from './strict-json.js';

const parse = (text: string | Buffer): unknown => parseStrictJson(Buffer.from(text as string));
const codeOf = (text: string | Buffer): string => {
  try {
    parse(text);
    return 'accepted';
  } catch (error) {
    return (error as RapportError).code;
  }
};

describe('Strict JSON', () => {
  it.each([
    ['nothing', ''],
    ['half an object', '{"a":'],
    ['a byte order mark', '\ufeff{}'],
    ['NaN', '{"a":NaN}'],
    ['a number beyond double range', '{"a":1e400}'],
    ['a number beyond double range in a list', '[1e400]'],
    ['half a character', '{"a":"\\ud800"}'],
    ['half a character in a list', '{"a":["\\ud800"]}'],
    ['half a character in a name', '{"\\ud800":1}'],
    ['NUL', '{"a":"\\u0000"}'],
    ['a raw control character', '{"a":"\n"}'],
    ['a name twice', '{"a":1,"a":2}'],
    ['a name twice, once escaped', '{"a":1,"\\u0061":2}'],
    ['a name twice deep inside', '{"x":[{"b":{"a":1,"a":2}}]}'],
    ['33 levels', '['.repeat(33) + ']'.repeat(33)],
    ['ten thousand levels', '['.repeat(10_000) + ']'.repeat(10_000)],
    ['ten thousand levels that never close', '{"a":'.repeat(10_000)],
    ['a comment', '{/* */}'],
    ['single quotes', "{'a':1}"],
  ])('refuses %s', (_, text) => {
    expect(codeOf(text)).toBe('MALFORMED_JSON');
  });

  it('refuses bytes that are not UTF-8', () => {
    expect(codeOf(Buffer.from([0x22, 0xff, 0x22]))).toBe('MALFORMED_JSON');
  });

  it.each([
    '{"__proto__":{"polluted":1}}',
    '{"a":{"constructor":{"prototype":{"polluted":1}}}}',
    '[{"\\u005f_proto__":1}]',
  ])('refuses names that reach into prototypes: %s', (text) => {
    expect(codeOf(text)).toBe('UNKNOWN_PROPERTY');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('reads whatever JSON.stringify wrote', () => {
    const names = fc.string().filter((name) => !['__proto__', 'constructor', 'prototype'].includes(name) && !name.includes('\0')); // prettier-ignore
    const value = fc.jsonValue({ maxDepth: 6 }).map((v) => JSON.stringify(v));
    fc.assert(
      fc.property(value, names, (text, name) => {
        fc.pre(!/\\u0000|__proto__|constructor|prototype|\\ud[89a-f]/i.test(text));
        const whole = `{${JSON.stringify(name)}:${text}}`;
        fc.pre(whole.isWellFormed());
        expect(parse(whole)).toEqual(JSON.parse(whole));
      }),
    );
  });

  it('reads strings with quotes, colons and backslashes', () => {
    const value = { 'a:"b\\': 'x":y\\"{', c: '\\\\' };
    expect(parse(JSON.stringify(value))).toEqual(value);
  });
});
