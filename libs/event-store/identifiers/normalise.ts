/** Kinds whose numbers mean something only within the system that gave them. */
const SCOPED = new Set(['customerNo', 'crm', 'cookie', 'device']);

/** Shortest and longest name-word prefix that finds a customer, in characters. */
export const MIN_PREFIX = 2;
export const MAX_PREFIX = 12;
/** Words of a name that are indexed; a longer "name" is no name. */
const MAX_WORDS = 12;

const FORMATTING = /[^\d+]/g;
const TRUNK_ZERO = /\(0\)/g;
const LEADING_PLUS = /^[^\d+]*\+/;

/**
 * One spelling for all spellings of an identifier: e-mail trimmed, NFC, lower case; phone as digits with a leading `+`
 * (`00` → `+`, `(0)` dropped after a country code); every other number trimmed, NFC, upper case.
 * Empty when nothing is left: such an identifier finds nobody.
 */
export function normaliseIdentifier(type: string, value: string): string {
  const text = value.trim().normalize('NFC');
  if (type === 'email') return text.toLowerCase();
  if (type !== 'phone') return text.toUpperCase();
  const digitsOf = (written: string): string => written.replace(FORMATTING, '').replaceAll('+', '');
  const hasPlus = LEADING_PLUS.test(text);
  if (!hasPlus && !digitsOf(text).startsWith('00')) return digitsOf(text);
  const digits = digitsOf(text.replace(TRUNK_ZERO, ''));
  const number = hasPlus ? digits : digits.slice(2);
  return number === '' ? '' : `+${number}`;
}

/** System an identifier belongs to; empty for kinds that are the same everywhere (e-mail, phone, tax id). */
export const identifierScope = (type: string, sourceSystem: string | undefined): string =>
  SCOPED.has(type) ? (sourceSystem ?? '') : '';

/** Letters that no decomposition takes apart. */
const PLAIN_LETTERS: Readonly<Record<string, string>> = {
  ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', ł: 'l', đ: 'd', ð: 'd', þ: 'th', ı: 'i',
}; // prettier-ignore
const FOREIGN_LETTERS = new RegExp(`[${Object.keys(PLAIN_LETTERS).join('')}]`, 'gu');

/** Words of a name: without diacritics, lower case, split at everything that is neither letter nor digit. */
export function nameWords(name: string): string[] {
  const plain = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(FOREIGN_LETTERS, (letter) => PLAIN_LETTERS[letter]!);
  return [...new Set(plain.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== ''))].slice(0, MAX_WORDS);
}

/** What a name word is found under: its prefixes of 2 to 12 characters; a one-character word under itself. */
export function prefixesOf(word: string): string[] {
  const characters = [...word];
  if (characters.length < MIN_PREFIX) return [word];
  const longest = Math.min(characters.length, MAX_PREFIX);
  return Array.from({ length: longest - MIN_PREFIX + 1 }, (_, i) =>
    characters.slice(0, MIN_PREFIX + i).join(''),
  );
}

/** What to look under for a word somebody typed: itself, cut at the longest prefix. */
export const searchPrefixOf = (word: string): string => [...word].slice(0, MAX_PREFIX).join('');

/** Words that tell nobody from anybody: forms of address, titles, legal forms. */
const NOT_TELLING = new Set([
  'mr', 'mrs', 'ms', 'miss', 'dr', 'prof', 'sir', 'herr', 'frau', 'dhr', 'mevr', 'mevrouw', 'mme', 'mlle', 'monsieur', 'madame',
  'sr', 'sra', 'bv', 'nv', 'gmbh', 'ag', 'ltd', 'limited', 'plc', 'inc', 'llc', 'corp', 'sa', 'sarl', 'srl', 'spa',
]); // prettier-ignore
const UMLAUT_SPELLED_OUT = /([aou])e/g;

/**
 * Words of a name as they are matched: those of `nameWords`, sorted, without forms of address, titles and legal forms,
 * umlauts and their spelling with e alike. Initials are among them.
 */
export const matchableWords = (name: string): string[] =>
  [...new Set(nameWords(name).filter((word) => !NOT_TELLING.has(word)).map((word) => word.replace(UMLAUT_SPELLED_OUT, '$1')))].sort(); // prettier-ignore

/** One spelling for all spellings of a name, whatever the order of its words; initials are left out. Empty: unusable. */
export const matchableName = (name: string): string =>
  matchableWords(name).filter((word) => [...word].length > 1).join(' '); // prettier-ignore

/** Letters and digits of a postal code, capitals. Empty: unusable. */
export const matchablePostalCode = (postalCode: string): string =>
  postalCode.normalize('NFKD').toUpperCase().replace(/[^\p{L}\p{N}]/gu, ''); // prettier-ignore

/** A birth date as YYYY-MM-DD; anything else is unusable: 03/04 is two days. */
export const matchableBirthDate = (birthDate: string): string =>
  /^\d{4}-\d{2}-\d{2}$/.test(birthDate.trim()) ? birthDate.trim() : '';
